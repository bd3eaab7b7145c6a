#include "compat/opa/run.h"

#include <algorithm>
#include <iterator>

#include "base/stack.h"
#include "compat/opa/commands.h"
#include "compat/opa/go_flags.h"
#include "compat/opa/policy_host.h"
#include "compat/opa/refusals.h"

namespace merlon::compat::opa {
namespace {

// OPA's commands that are not there.
constexpr std::string_view kNotServed[] = {"refactor", "run"};
// OPA's exit code for a command line that it does not understand.
constexpr int kWrongCommand = 1;

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

int run_here(const std::vector<std::string>& words, const Outside& given) {
    Outside outside = given;
    CommandTable table = command_table();
    if (!given.program.empty()) table.program = given.program;
    const auto rewritten = words_of_go(table, words);
    const auto parsed =
        rewritten.ok()
            ? parse_command(table, rewritten.value(),
                            [](const std::string&) { return std::optional<std::string>(); })
            : Result<ParsedCommand>(rewritten.error());
    if (!parsed.ok()) {
        outside.write_error("merlon: " + parsed.error().to_string() + "\n");
        const bool is_not_served =
            !words.empty() && std::ranges::find(kNotServed, words[0]) != std::end(kNotServed);
        return is_not_served ? kFailed : kWrongCommand;
    }
    const ParsedCommand& command = parsed.value();
    if (command.request == ParsedCommand::Request::kHelp || command.verb == nullptr) {
        return print(outside, help_text(table, command.verb, 100), 0);
    }
    PolicyHost host(given, FileAccess::kRefused, allowed_hosts(command));
    outside.host = &host;
    const std::string_view verb = command.verb->path;
    const std::string refused = refusal_of(command);
    const bool asks_version = command.request == ParsedCommand::Request::kVersion;
    if (refused.empty() && (asks_version || verb == "version")) {
        return print(outside, "Version: 1.22.2 (Rego of Merlon)\nRego Version: v1\n", 0);
    }
    if (!refused.empty()) {
        outside.write_error("merlon: " + refused + "\n");
        return kFailed;
    }
    if (verb == "eval") return run_eval(command, outside);
    if (verb == "build") return run_build(command, outside);
    if (verb == "capabilities") return run_capabilities(command, outside);
    if (verb == "exec") return run_exec(command, outside);
    if (verb == "sign") return run_sign(command, outside);
    if (verb == "repl") return run_repl(command, outside);
    if (verb == "bench") return run_bench(command, outside);
    if (verb == "inspect") return run_inspect(command, outside);
    if (verb == "deps") return run_deps(command, outside);
    if (verb == "explain") return run_explain(command, outside);
    if (verb == "fmt") return run_fmt(command, outside);
    if (verb == "check") return run_check(command, outside);
    if (verb == "test") {
        return command.is_set("watch") ? watch_tests(command, outside) : run_test(command, outside);
    }
    return run_parse(command, outside);
}

}  // namespace

int run(const std::vector<std::string>& words, const Outside& outside) {
    // For policies that are nested as deeply as OPA reads them.
    constexpr std::size_t kStackBytes = std::size_t{64} << 20;
    int code = kFailed;
    const auto work = [&] { code = run_here(words, outside); };
    if (!run_with_stack(kStackBytes, work)) work();
    return code;
}

}  // namespace merlon::compat::opa
