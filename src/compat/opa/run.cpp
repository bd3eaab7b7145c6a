#include "compat/opa/run.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/nearest.h"
#include "base/stack.h"
#include "compat/opa/commands.h"
#include "compat/opa/go_flags.h"
#include "compat/opa/policy_host.h"
#include "compat/opa/refusals.h"

namespace merlon::compat::opa {
namespace {

// OPA's commands that are not there.
constexpr std::string_view kNotServed[] = {"completion", "refactor", "run"};
constexpr std::string_view kVersionText = "Version: 1.22.2 (Rego of Merlon)\nRego Version: v1\n";
constexpr unsigned kHelpWidth = 100;

// With the name that the user calls this front by.
CommandTable table_of(const Outside& outside) {
    CommandTable table = command_table();
    if (!outside.program.empty()) table.program = outside.program;
    return table;
}

}  // namespace

rego::syntax::RegoVersion version_of(const ParsedCommand& command) {
    return command.is_set("v0-compatible") ? rego::syntax::RegoVersion::kV0
                                           : rego::syntax::RegoVersion::kV1;
}

rego::World world_of(const Outside& outside) {
    rego::World world;
    world.now_nanoseconds = outside.clock->now().nanoseconds;
    world.random_seed = static_cast<std::uint64_t>(*world.now_nanoseconds);
    world.zone_directory = "/usr/share/zoneinfo";
    world.host = outside.host;
    world.opa_version = command_table().version;
    return world;
}

int print(const Outside& outside, std::string_view text, int code) {
    const Status written = outside.write_output(text);
    if (written.ok()) return code;
    outside.write_error("merlon: cannot write to standard output\n");
    return kFailed;
}

namespace {

// The flag that a word was meant to be; empty where none is near.
std::string meant_flag(const Verb& verb, std::string_view message) {
    constexpr std::string_view kUnknown = "unknown flag: --";
    if (!message.starts_with(kUnknown)) return {};
    std::vector<std::string_view> names;
    for (const Flag& flag : verb.flags) {
        if (flag.visibility == Visibility::kShown) names.push_back(flag.name);
    }
    return std::string(nearest(message.substr(kUnknown.size()), names));
}

int refuse_usage(const CommandTable& table, const Verb& verb, std::string_view text,
                 const Outside& outside) {
    const std::string called = std::string(table.program) + " " + std::string(verb.path);
    std::string shown = "Error: " + std::string(text) + "\n";
    const std::string meant = meant_flag(verb, text);
    if (!meant.empty()) shown += "Did you mean '--" + meant + "'?\n";
    shown += "Usage:\n  " + called + " [FLAGS]";
    if (!verb.arguments.empty()) shown += " " + std::string(verb.arguments);
    outside.write_error(shown + "\n\nRun '" + called + " --help' for the flags.\n");
    return kWronglyAsked;
}

std::string variable_of(const CommandTable& table, const Verb& verb, std::string_view flag) {
    return environment_name(table, std::string(verb.path) + "_" + std::string(flag));
}

// The flag table names variables of a program; OPA's belong to a command.
std::string overview_of(const CommandTable& table) {
    const std::string text = help_text(table, nullptr, kHelpWidth);
    return text.substr(0, text.rfind("\n\n") + 2) +
           "Every flag is also an environment variable: --format of eval is " +
           variable_of(table, *find_verb(table, "eval"), "format") + ".\n";
}

// What the environment says of a verb's flags, where no word does: OPA_EVAL_FORMAT.
class VerbVariables {
  public:
    VerbVariables(const CommandTable& table, const Verb& verb, std::vector<std::string> turned_off,
                  const EnvironmentLookup& environment)
        : table_(table),
          verb_(verb),
          turned_off_(std::move(turned_off)),
          environment_(environment),
          prefix_(variable_of(table, verb, "")) {}

    // By the name that the flag table gives it. Hardly a variable is ever set: whose it is gets
    // looked up only then.
    std::optional<std::string> find(const std::string& name) {
        if (!environment_) return std::nullopt;
        const auto text = environment_(prefix_ + name.substr(table_.program.size() + 1));
        if (!text || text->empty()) return std::nullopt;
        const auto flag = std::ranges::find_if(verb_.flags, [&](const Flag& one) {
            return environment_name(table_, one.name) == name;
        });
        if (flag == verb_.flags.end() ||
            std::ranges::find(turned_off_, flag->name) != turned_off_.end()) {
            return std::nullopt;
        }
        auto value = variable_of_go(*flag, *text);
        if (value.ok()) return std::move(value).value();
        wrong_ += (wrong_.empty() ? "" : "; ") + value.error().message;
        return std::nullopt;
    }

    // Empty: nothing is.
    const std::string& wrong() const { return wrong_; }

  private:
    const CommandTable& table_;
    const Verb& verb_;
    std::vector<std::string> turned_off_;
    const EnvironmentLookup& environment_;
    const std::string prefix_;
    std::string wrong_;
};

int run_here(const std::vector<std::string>& words, const Outside& given) {
    Outside outside = given;
    const CommandTable table = table_of(given);
    const std::size_t at = verb_index(table, words);
    const Verb* verb = at == words.size() ? nullptr : find_verb(table, words[at]);
    if (at < words.size() && verb == nullptr) {
        if (words[at] == "help") {
            verb = at + 1 == words.size() ? nullptr : find_verb(table, words[at + 1]);
            return print(outside,
                         verb == nullptr ? overview_of(table) : help_text(table, verb, kHelpWidth),
                         0);
        }
        if (std::ranges::find(kNotServed, words[at]) == std::end(kNotServed)) {
            outside.write_error(unknown_command(table, words[at]));
            return kWronglyAsked;
        }
        outside.write_error("merlon: OPA's command '" + words[at] + "' is not served\n");
        return kFailed;
    }
    if (verb == nullptr) {
        const bool asks_version = std::ranges::find(words, "--version") != words.end();
        return print(outside, asks_version ? std::string(kVersionText) : overview_of(table), 0);
    }
    const auto rewritten = words_of_go(table, words);
    if (!rewritten.ok()) return refuse_usage(table, *verb, rewritten.error().message, outside);
    VerbVariables variables(table, *verb, flags_turned_off(table, words), given.variable);
    const auto parsed =
        parse_command(table, rewritten.value(),
                      [&variables](const std::string& name) { return variables.find(name); });
    if (!parsed.ok()) return refuse_usage(table, *verb, parsed.error().message, outside);
    const ParsedCommand& command = parsed.value();
    if (command.request == ParsedCommand::Request::kHelp) {
        return print(outside, help_text(table, verb, kHelpWidth), 0);
    }
    if (!variables.wrong().empty()) {
        return refuse_usage(
            table, *verb,
            "error mapping environment variables to command flags: " + variables.wrong(), outside);
    }
    PolicyHost host(given, FileAccess::kRefused, allowed_hosts(command));
    outside.host = &host;
    const std::string_view path = verb->path;
    const std::string refused = refusal_of(command);
    const bool asks_version = command.request == ParsedCommand::Request::kVersion;
    if (refused.empty() && (asks_version || path == "version")) {
        return print(outside, kVersionText, 0);
    }
    if (!refused.empty()) {
        outside.write_error("merlon: " + refused + "\n");
        return kFailed;
    }
    if (path == "eval") return run_eval(command, outside);
    if (path == "build") return run_build(command, outside);
    if (path == "capabilities") return run_capabilities(command, outside);
    if (path == "exec") return run_exec(command, outside);
    if (path == "sign") return run_sign(command, outside);
    if (path == "repl") return run_repl(command, outside);
    if (path == "bench") return run_bench(command, outside);
    if (path == "inspect") return run_inspect(command, outside);
    if (path == "deps") return run_deps(command, outside);
    if (path == "explain") return run_explain(command, outside);
    if (path == "fmt") return run_fmt(command, outside);
    if (path == "check") return run_check(command, outside);
    if (path == "test") {
        return command.is_set("watch") ? watch_tests(command, outside) : run_test(command, outside);
    }
    return run_parse(command, outside);
}

}  // namespace

int wrongly_asked(const ParsedCommand& command, const Outside& outside, std::string_view text) {
    return refuse_usage(table_of(outside), *command.verb, text, outside);
}

int run(const std::vector<std::string>& words, const Outside& outside) {
    // For policies that are nested as deeply as OPA reads them.
    constexpr std::size_t kStackBytes = std::size_t{64} << 20;
    int code = kFailed;
    const auto work = [&] { code = run_here(words, outside); };
    if (!run_with_stack(kStackBytes, work)) work();
    return code;
}

}  // namespace merlon::compat::opa
