#include "compat/opa/run.h"

#include <array>

#include "compat/opa/commands.h"
#include "compat/opa/policy_host.h"

namespace merlon::compat::opa {
namespace {

constexpr Flag list_flag(std::string_view name, std::string_view help, char short_name = 0) {
    return {.name = name,
            .short_name = short_name,
            .kind = ValueKind::kText,
            .value_name = "TEXT",
            .help = help,
            .repeat = Repeat::kMany};
}
constexpr Flag text_flag(std::string_view name, std::string_view help, char short_name = 0) {
    return {.name = name,
            .short_name = short_name,
            .kind = ValueKind::kText,
            .value_name = "TEXT",
            .help = help};
}
constexpr Flag switch_flag(std::string_view name, std::string_view help, char short_name = 0) {
    return {.name = name, .short_name = short_name, .help = help};
}
constexpr Flag format_flag(std::string_view choices, std::string_view default_text) {
    return {.name = "format",
            .short_name = 'f',
            .kind = ValueKind::kChoice,
            .value_name = "FORMAT",
            .default_text = default_text,
            .choices = choices,
            .help = "the output's format"};
}
constexpr Flag kOldRego = switch_flag("v0-compatible", "read Rego v0");

// Ours: OPA reaches every host unless its capabilities say otherwise.
constexpr Flag kAllowNet = list_flag(
    "allow-net", "let http.send and net.lookup_ip_addr reach this host ('*': any); none else");
constexpr Flag kIgnored = list_flag("ignore", "leave out files and folders of this name (a glob)");
// Of bundles.
constexpr Flag kKey = text_flag(
    "verification-key", "verify bundles with this key: a PEM file, or the secret of an HMAC");
constexpr Flag kKeyId = {.name = "verification-key-id",
                         .kind = ValueKind::kText,
                         .value_name = "TEXT",
                         .default_text = "default",
                         .help = "the name of the verification key"};
constexpr Flag kKeyAlgorithm = {.name = "signing-alg",
                                .kind = ValueKind::kText,
                                .value_name = "TEXT",
                                .default_text = "RS256",
                                .help = "the algorithm of the bundles' signatures"};
constexpr Flag kKeyScope = text_flag("scope", "the scope that a bundle's signature must have");
constexpr Flag kKeyExcluded =
    list_flag("exclude-files-verify", "files of a bundle that need not be signed (a glob)");
constexpr Flag kNotVerified = switch_flag("skip-verify", "do not verify bundles");
constexpr Flag kAsBundles = switch_flag("bundle", "the arguments are bundles", 'b');

// OPA 1.22's.
constexpr Flag kEvalFlags[] = {
    list_flag("data", "policies and data: files, folders or bundles (.tar.gz)", 'd'),
    list_flag("bundle", "bundles: folders or .tar.gz files", 'b'),
    kIgnored,
    {.name = "target",
     .kind = ValueKind::kChoice,
     .value_name = "TARGET",
     .default_text = "rego",
     .choices = "rego|plan",
     .help = "what answers: the policies, or the plan of a bundle, whose entry point is the query"},
    kKey,
    kKeyId,
    kKeyAlgorithm,
    kKeyScope,
    kKeyExcluded,
    kNotVerified,
    kAllowNet,
    text_flag("input", "the file of the input document", 'i'),
    switch_flag("stdin-input", "read the input document from standard input", 'I'),
    switch_flag("stdin", "read the query from standard input"),
    format_flag("json|pretty|raw|bindings|values|discard", "json"),
    switch_flag("fail", "exit with 1 where the result is undefined or empty"),
    switch_flag("fail-defined", "exit with 1 where the result is defined and not empty"),
    switch_flag("strict-builtin-errors", "the first error of a built-in ends the evaluation"),
    kOldRego,
};
constexpr Flag kFmtFlags[] = {
    switch_flag("list", "name the files that would change", 'l'),
    switch_flag("write", "overwrite the files", 'w'),
    switch_flag("fail", "exit with 2 where something would change"),
    switch_flag("drop-v0-imports", "drop imports that v1 does not need"),
    switch_flag("v0-v1", "read v0 and write what is both"),
    kOldRego,
};
constexpr Flag number_flag(std::string_view name, std::string_view default_text,
                           std::string_view help, char short_name = 0) {
    return {.name = name,
            .short_name = short_name,
            .kind = ValueKind::kInteger,
            .value_name = "N",
            .default_text = default_text,
            .help = help};
}
constexpr Flag kCheckFlags[] = {
    format_flag("pretty|json", "pretty"),
    number_flag("max-errors", "10", "so many errors are shown; 0: all", 'm'),
    kAsBundles,
    kIgnored,
    kKey,
    kKeyId,
    kKeyAlgorithm,
    kKeyScope,
    kKeyExcluded,
    kNotVerified,
    kOldRego,
};
constexpr Flag kParseFlags[] = {
    format_flag("json", "json"),
    kOldRego,
};

constexpr Flag kTestFlags[] = {
    switch_flag("verbose", "show the tests that pass, too", 'v'),
    text_flag("run", "only tests whose path matches this expression", 'r'),
    kAllowNet,
    format_flag("pretty|json", "pretty"),
    kAsBundles,
    kIgnored,
    kKey,
    kKeyId,
    kKeyAlgorithm,
    kKeyScope,
    kKeyExcluded,
    kNotVerified,
    number_flag("parallel", "0", "so many tests at once; 0: one for each core", 'p'),
    number_flag("count", "1", "run the tests so many times"),
    switch_flag("exit-zero-on-skipped", "skipped tests do not make the exit code 2", 'z'),
    switch_flag("fail-on-empty", "exit with 1 where there is no test"),
    switch_flag("trivy", "with the built-ins that Trivy adds for its checks"),
    kOldRego,
};

constexpr Verb kVerbs[] = {
    {.path = "eval",
     .summary = "evaluate a query over policies and data",
     .arguments = "QUERY",
     .max_arguments = 1,
     .flags = kEvalFlags},
    {.path = "check",
     .summary = "parse and compile policies and say what is wrong",
     .arguments = "PATH…",
     .max_arguments = kAnyNumber,
     .flags = kCheckFlags},
    {.path = "fmt",
     .summary = "format policies",
     .arguments = "[PATH…]",
     .max_arguments = kAnyNumber,
     .flags = kFmtFlags},
    {.path = "parse",
     .summary = "print a policy's syntax tree",
     .arguments = "PATH",
     .max_arguments = 1,
     .flags = kParseFlags},
    {.path = "test",
     .summary = "run the tests of policies: rules whose names begin with test_",
     .arguments = "PATH…",
     .max_arguments = kAnyNumber,
     .flags = kTestFlags},
    {.path = "version", .summary = "print the version"},
};

constexpr CommandTable kTable{.program = "opa",
                              .version = "1.22.2",
                              .summary = "Takes OPA's command line for policies.",
                              .exit_codes =
                                  "0 done\n"
                                  "1 with --fail or --fail-defined: what they ask about; check and "
                                  "parse: something is wrong; test: "
                                  "the tests could not be run\n"
                                  "2 the run failed, or a test has",
                              .verbs = kVerbs,
                              .global_flags = {}};

}  // namespace

const CommandTable& command_table() { return kTable; }

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
    return world;
}

int print(const Outside& outside, std::string_view text, int code) {
    const Status written = outside.write_output(text);
    if (written.ok()) return code;
    outside.write_error("merlon: cannot write to standard output\n");
    return kFailed;
}

int run(const std::vector<std::string>& words, const Outside& given) {
    Outside outside = given;
    const auto parsed = parse_command(
        kTable, words, [](const std::string&) { return std::optional<std::string>(); });
    if (!parsed.ok()) {
        outside.write_error("merlon: " + parsed.error().to_string() + "\n");
        return kFailed;
    }
    const ParsedCommand& command = parsed.value();
    if (command.request == ParsedCommand::Request::kHelp || command.verb == nullptr) {
        return print(outside, help_text(kTable, command.verb, 100), 0);
    }
    PolicyHost host(
        given, FileAccess::kRefused,
        command.takes("allow-net") ? command.list("allow-net") : std::vector<std::string>());
    if (outside.host == nullptr) outside.host = &host;
    const std::string_view verb = command.verb->path;
    if (command.request == ParsedCommand::Request::kVersion || verb == "version") {
        return print(outside, "Version: 1.22.2 (Rego of Merlon)\nRego Version: v1\n", 0);
    }
    if (verb == "eval") return run_eval(command, outside);
    if (verb == "fmt") return run_fmt(command, outside);
    if (verb == "check") return run_check(command, outside);
    if (verb == "test") return run_test(command, outside);
    return run_parse(command, outside);
}

}  // namespace merlon::compat::opa
