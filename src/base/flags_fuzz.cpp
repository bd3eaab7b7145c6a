// Any words and variables: a command or a reason. What was understood is within the table, and
// saying it again in the one canonical spelling is understood the same way.

#include <algorithm>
#include <cstdlib>

#include "base/flags.h"

namespace {

using namespace merlon;

constexpr Flag kGlobal[] = {
    {.name = "format",
     .short_name = 'f',
     .kind = ValueKind::kChoice,
     .value_name = "FORMAT",
     .default_text = "table",
     .choices = "table|json|sarif",
     .help = "how to print"},
    {.name = "quiet", .short_name = 'q', .help = "print less"},
    {.name = "threads",
     .short_name = 'j',
     .kind = ValueKind::kInteger,
     .help = "workers",
     .only_for = "scan"},
};
constexpr Flag kScanFlags[] = {
    {.name = "exclude",
     .short_name = 'e',
     .kind = ValueKind::kText,
     .help = "leave out",
     .repeat = Repeat::kMany},
    {.name = "baseline", .kind = ValueKind::kPath, .help = "what is known"},
};
constexpr Verb kVerbs[] = {
    {.path = "scan", .summary = "Scan", .max_arguments = kAnyNumber, .flags = kScanFlags},
    {.path = "scan secrets", .summary = "Find", .max_arguments = 2, .flags = kScanFlags},
    {.path = "rules list", .summary = "List"},
    {.path = "as other", .summary = "As another", .rest = Verb::Rest::kForeign},
};
constexpr CommandTable kTable{.program = "tool",
                              .version = "1",
                              .summary = "A tool.",
                              .exit_codes = "0 clean",
                              .verbs = kVerbs,
                              .global_flags = kGlobal};

template <typename Visit>
void for_each_flag(const ParsedCommand& command, Visit visit) {
    for (const Flag& flag : kTable.global_flags) {
        if (takes(*command.verb, flag)) visit(flag);
    }
    for (const Flag& flag : command.verb->flags) visit(flag);
}

void check_values(const ParsedCommand& command) {
    for_each_flag(command, [&](const Flag& flag) {
        const std::vector<std::string>& values = command.list(flag.name);
        if (flag.repeat == Repeat::kOnce && values.size() > 1) std::abort();
        for (const std::string& value : values) {
            if (flag.kind == ValueKind::kPath && value.empty()) std::abort();
            if (flag.kind == ValueKind::kNone && value != "true") std::abort();
            if (flag.kind == ValueKind::kChoice && value != "table" && value != "json" &&
                value != "sarif")
                std::abort();
        }
        if (flag.kind == ValueKind::kInteger && !values.empty() &&
            command.integer(flag.name).value_or(-1) < 0)
            std::abort();
    });
    const Verb& verb = *command.verb;
    if (verb.rest == Verb::Rest::kOurs && command.arguments.size() > verb.max_arguments)
        std::abort();
}

std::vector<std::string> canonical_words(const ParsedCommand& command) {
    std::vector<std::string> words;
    for (std::string_view path = command.verb->path; !path.empty();) {
        const std::size_t end = std::min(path.find(' '), path.size());
        words.emplace_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    if (command.verb->rest == Verb::Rest::kOurs) {
        for_each_flag(command, [&](const Flag& flag) {
            for (const std::string& value : command.list(flag.name)) {
                words.push_back("--" + std::string(flag.name));
                if (flag.kind != ValueKind::kNone) words.back() += "=" + value;
            }
        });
        words.emplace_back("--");
    }
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    return words;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 2048) return 0;
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::vector<std::string> words;
    std::optional<std::string> variable;  // behind two NULs: what every variable holds
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find('\0'), bytes.size());
        words.emplace_back(bytes.substr(0, end));
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
        if (bytes.starts_with('\0')) {
            variable = std::string(bytes.substr(1));
            break;
        }
    }
    const auto parsed = parse_command(kTable, words, [&](const std::string&) { return variable; });
    if (!parsed.ok()) {
        if (parsed.error().message.empty()) std::abort();
        return 0;
    }
    const ParsedCommand& command = parsed.value();
    if (command.request != ParsedCommand::Request::kRun) return 0;
    check_values(command);
    if (command.verb->rest == Verb::Rest::kForeign) return 0;

    const auto again = parse_command(kTable, canonical_words(command), nullptr);
    if (!again.ok() || again.value().verb != command.verb ||
        again.value().arguments != command.arguments)
        std::abort();
    for_each_flag(command, [&](const Flag& flag) {
        if (again.value().list(flag.name) != command.list(flag.name)) std::abort();
    });
    return 0;
}
