#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "compat/opa/commands.h"
#include "compat/opa/load.h"
#include "rego/syntax/format.h"

namespace merlon::compat::opa {
namespace {

constexpr std::uint64_t kMaxPolicyBytes = std::uint64_t{64} << 20;

rego::syntax::RegoVersion version_to_format(const ParsedCommand& command) {
    if (command.is_set("v0-v1")) return rego::syntax::RegoVersion::kV0CompatibleV1;
    return version_of(command);
}

// The policies of files and folders in their order. Fails for what is not there.
Result<std::vector<std::string>> policies_of(std::span<const std::string> arguments) {
    std::vector<std::string> files;
    for (const std::string& argument : arguments) {
        std::error_code code;
        if (!std::filesystem::is_directory(argument, code)) {
            // What is there and is no policy by its name is passed over: `fmt *` is common.
            const bool is_other = std::filesystem::exists(argument, code) &&
                                  std::filesystem::path(argument).extension() != ".rego";
            if (!is_other) files.push_back(argument);
            continue;
        }
        std::vector<std::string> found;
        for (auto at = std::filesystem::recursive_directory_iterator(argument, code);
             !code && at != std::filesystem::recursive_directory_iterator(); at.increment(code)) {
            if (at->path().extension() == ".rego" && at->is_regular_file()) {
                found.push_back(at->path().string());
            }
        }
        if (code) return Error{"cannot walk the folder: " + code.message(), kNoOffset, argument};
        std::ranges::sort(found);
        files.insert(files.end(), found.begin(), found.end());
    }
    return files;
}

rego::syntax::Formatted format(const ParsedCommand& command, std::string_view text) {
    rego::syntax::FormatOptions options;
    options.version = version_to_format(command);
    if (command.is_set("drop-v0-imports")) {
        options.redundant_imports = rego::syntax::RedundantImports::kDrop;
    }
    return rego::syntax::format_source(text, options);
}

constexpr std::string_view kStandardInput = "stdin";

// As OPA: what fails after parsing has the file's name once more, and "empty module" is no list.
int fail(const Outside& outside, const rego::syntax::Formatted& formatted,
         const std::string& file) {
    std::vector<ShownError> errors;
    for (const rego::syntax::SyntaxError& error : formatted.errors) {
        errors.push_back(opa::shown(error, file));
    }
    std::string text = file == kStandardInput ? "" : "failed to format Rego source file: ";
    if (errors[0].code == "rego_type_error") text += file + ": ";
    const bool is_empty = errors.size() == 1 && errors[0].message == "empty module";
    outside.write_error(text + (is_empty ? errors[0].to_string() : to_string(errors)) + "\n");
    return kFailed;
}

// The lines that go and those that come, with what both texts have in common left out.
std::string difference(std::string_view before, std::string_view after) {
    const auto lines_of = [](std::string_view text) {
        std::vector<std::string_view> lines;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
            lines.push_back(text.substr(0, end));
            text.remove_prefix(end);
        }
        return lines;
    };
    std::vector<std::string_view> old_lines = lines_of(before);
    std::vector<std::string_view> new_lines = lines_of(after);
    std::size_t first = 0;
    while (first < old_lines.size() && first < new_lines.size() &&
           old_lines[first] == new_lines[first]) {
        ++first;
    }
    std::size_t last = 0;
    while (last < old_lines.size() - first && last < new_lines.size() - first &&
           old_lines[old_lines.size() - 1 - last] == new_lines[new_lines.size() - 1 - last]) {
        ++last;
    }
    std::string text = "@@ line " + std::to_string(first + 1) + " @@\n";
    const auto append = [&text, first, last](char sign, std::span<const std::string_view> lines) {
        for (const std::string_view line : lines.subspan(first, lines.size() - first - last)) {
            text += sign;
            text += line;
            if (!line.ends_with('\n')) text += '\n';
        }
    };
    append('-', old_lines);
    append('+', new_lines);
    return text;
}

// What was written must be a policy as well; empty: it is.
std::string wrong_result(const ParsedCommand& command, const std::string& file,
                         std::string_view formatted) {
    if (command.text("check-result") == "false") return {};
    Arena arena;
    Interner interner;
    rego::syntax::ParseOptions options;
    options.version = version_to_format(command);
    const auto parsed = rego::syntax::parse_module(formatted, arena, interner, options);
    if (parsed.errors.empty()) return {};
    std::vector<ShownError> errors;
    for (const auto& error : parsed.errors) errors.push_back(opa::shown(error, "formatted"));
    return file + " was successfully formatted, but the result is invalid: " + to_string(errors) +
           "\n\nTo inspect the formatted Rego, you can turn off this check with "
           "--check-result=false. (2)\n";
}

// What --list, --diff, --write and --fail ask for of one file; what is left is printed.
int format_file(const ParsedCommand& command, const Outside& outside, const std::string& file,
                bool& has_changed) {
    const auto text = read_text_file(file, kMaxPolicyBytes);
    if (!text.ok()) {
        outside.write_error("failed to open file: " + text.error().to_string() + "\n");
        return kFailed;
    }
    const rego::syntax::Formatted formatted = format(command, text.value());
    if (!formatted.errors.empty()) return fail(outside, formatted, file);
    const std::string wrong = wrong_result(command, file, formatted.text);
    if (!wrong.empty()) {
        outside.write_error(wrong);
        return kFailed;
    }
    const bool changes = formatted.text != text.value();
    has_changed = has_changed || changes;
    if (command.is_set("list")) return changes ? print(outside, file + "\n", 0) : 0;
    if (command.is_set("diff")) {
        return changes ? print(outside, file + "\n" + difference(text.value(), formatted.text), 0)
                       : 0;
    }
    if (command.is_set("fail") && changes) return 0;
    if (command.is_set("write")) {
        if (!changes) return 0;
        const Status written = write_file_atomically(file, formatted.text);
        if (written.ok()) return 0;
        outside.write_error("merlon: " + written.error().to_string() + "\n");
        return kFailed;
    }
    return print(outside, formatted.text, 0);
}

}  // namespace

int run_fmt(const ParsedCommand& command, const Outside& outside) {
    bool has_changed = false;
    if (command.arguments.empty()) {
        const auto text = outside.read_input();
        if (!text.ok()) {
            outside.write_error("merlon: " + text.error().to_string() + "\n");
            return kFailed;
        }
        const rego::syntax::Formatted formatted = format(command, text.value());
        if (!formatted.errors.empty()) return fail(outside, formatted, std::string(kStandardInput));
        has_changed = formatted.text != text.value();
        if (const int code = print(outside, formatted.text, 0); code != 0) return code;
    } else {
        const auto files = policies_of(command.arguments);
        if (!files.ok()) {
            outside.write_error("merlon: " + files.error().to_string() + "\n");
            return kFailed;
        }
        for (const std::string& file : files.value()) {
            if (const int code = format_file(command, outside, file, has_changed); code != 0) {
                return code;
            }
        }
    }
    if (!command.is_set("fail") || !has_changed) return 0;
    outside.write_error("unexpected diff\n");
    return kFailed;
}

}  // namespace merlon::compat::opa
