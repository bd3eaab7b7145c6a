#include "compat/opa/run.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/stack.h"
#include "compat/opa/commands.h"
#include "compat/opa/flag_makers.h"
#include "compat/opa/policy_host.h"
#include "compat/opa/refusals.h"

namespace merlon::compat::opa {
namespace {

// OPA's commands that are not there.
constexpr std::string_view kNotServed[] = {"capabilities", "exec", "refactor", "run", "sign"};
// OPA's exit code for a command line that it does not understand.
constexpr int kWrongCommand = 1;

constexpr Flag kNewRego = {.name = "v1-compatible",
                           .help = "read Rego v1, as without it",
                           .visibility = Visibility::kHidden};
constexpr Flag kExplain = {.name = "explain",
                           .kind = ValueKind::kChoice,
                           .value_name = "WHAT",
                           .default_text = "off",
                           .choices = "off|notes|fails|full|debug",
                           .help = "print how the query was evaluated (--format pretty)"};
constexpr Flag kVarValues =
    switch_flag("var-values", "show what variables stand for in traces and failures");
constexpr Flag kCoverageRuns = list_flag(
    "coverage-runs", "say of what is not covered whether index_excluded or early_exit left it out");
constexpr Flag kCapabilities = text_flag("capabilities", "a file of capabilities");
constexpr Flag kSchema = text_flag("schema", "a file or a folder of JSON schemas", 's');
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
     .short_name = 't',
     .kind = ValueKind::kChoice,
     .value_name = "TARGET",
     .default_text = "rego",
     .choices = "rego|plan|wasm",
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
    format_flag("json|pretty|raw|bindings|values|source|discard", "json"),
    switch_flag("fail", "exit with 1 where the result is undefined or empty"),
    switch_flag("fail-defined", "exit with 1 where the result is defined and not empty"),
    switch_flag("strict-builtin-errors", "the first error of a built-in ends the evaluation"),
    switch_flag("show-builtin-errors", "show all errors of built-ins"),
    text_flag("package", "the package that the names of the query are looked for in"),
    list_flag("import", "what the query imports"),
    kExplain,
    kVarValues,
    switch_flag("coverage", "report which lines were evaluated"),
    kCoverageRuns,
    switch_flag("metrics", "report how long each step took"),
    switch_flag("instrument", "report what evaluation consists of"),
    switch_flag("profile", "report how often each line was evaluated"),
    number_flag("profile-limit", "10", "so many lines; 0: all"),
    list_flag("profile-sort",
              "their order: total_time_ns, num_eval, num_redo, num_gen_expr, file, line"),
    number_flag("count", "1", "so many times"),
    number_flag("pretty-limit", "80", "changes nothing, as in OPA"),
    text_flag("timeout", "end the evaluation after this time (5s, 1m30s)"),
    switch_flag("disable-indexing", "without the rule index, in traces, profiles and coverage"),
    switch_flag("disable-early-exit", "without early exits, in traces, profiles and coverage"),
    switch_flag("optimize-store-for-read-speed", "changes nothing here"),
    number_flag("optimize", "0", "the level of optimisation; only 0", 'O'),
    list_flag("entrypoint", "where optimisation begins; nothing without --optimize", 'e'),
    switch_flag("partial", "evaluate partially", 'p'),
    list_flag("unknowns", "what --partial does not know", 'u'),
    list_flag("disable-inlining", "what --partial does not write into a query"),
    switch_flag("shallow-inlining", "with --partial, write no rule into another"),
    switch_flag("nondeterminstic-builtins",
                "with --partial, call what asks the clock, the network or chance"),
    switch_flag("strict", "compile strictly", 'S'),
    kSchema,
    kCapabilities,
    kNewRego,
    kOldRego,
};
constexpr Flag kFmtFlags[] = {
    switch_flag("list", "name the files that would change", 'l'),
    switch_flag("write", "overwrite the files", 'w'),
    switch_flag("diff", "show the lines that would change", 'd'),
    switch_flag("fail", "exit with 2 where something would change"),
    truth_flag("check-result", "what was formatted must be a policy as well"),
    kCapabilities,
    kNewRego,
    switch_flag("drop-v0-imports", "drop imports that v1 does not need"),
    switch_flag("v0-v1", "read v0 and write what is both"),
    kOldRego,
};
constexpr Flag kCheckFlags[] = {
    format_flag("pretty|json", "pretty"),
    number_flag("max-errors", "10", "so many errors are shown; 0: all", 'm'),
    switch_flag("strict", "what is not used, hides a document or will be taken away is wrong", 'S'),
    text_flag("schema", "JSON Schemas: a file for input, or a folder for schema.…", 's'),
    text_flag("capabilities", "a file that lists the built-ins that policies may call"),
    switch_flag("reach",
                "list the built-ins that reach the network, the clock, the environment or chance"),
    kAsBundles,
    kIgnored,
    kKey,
    kKeyId,
    kKeyAlgorithm,
    kKeyScope,
    kKeyExcluded,
    kNotVerified,
    switch_flag("v0-v1", "what is not both v0 and v1 is wrong"),
    kOldRego,
    switch_flag("v1-compatible", "read Rego v1, as without it"),
};
constexpr Flag kParseFlags[] = {
    format_flag("pretty|json", "pretty"),
    text_flag("json-include", "locations, comments, -comments: what stands in format json"),
    kNewRego,
    kOldRego,
};
constexpr Flag kInspectFlags[] = {
    switch_flag("annotations", "list annotations", 'a'),
    format_flag("pretty|json", "pretty"),
    kNewRego,
    kOldRego,
};
constexpr Flag kDepsFlags[] = {
    list_flag("data", "policies: files, folders or bundles (.tar.gz)", 'd'),
    list_flag("bundle", "bundles: folders or .tar.gz files", 'b'),
    kIgnored,
    kKey,
    kKeyId,
    kKeyAlgorithm,
    kKeyScope,
    kKeyExcluded,
    kNotVerified,
    format_flag("pretty|json", "pretty"),
    kNewRego,
    kOldRego,
};

constexpr Flag kTestFlags[] = {
    switch_flag("coverage", "report which lines the tests have evaluated", 'c'),
    kCoverageRuns,
    {.name = "threshold",
     .kind = ValueKind::kText,
     .value_name = "PERCENT",
     .default_text = "0",
     .help = "exit with 2 where the tests evaluate less of the lines"},
    {.name = "explain",
     .kind = ValueKind::kChoice,
     .value_name = "WHAT",
     .choices = "fails|full|notes|debug",
     .help = "print how failed tests were evaluated"},
    kVarValues,
    {.name = "sort",
     .kind = ValueKind::kChoice,
     .value_name = "ORDER",
     .default_text = "none",
     .choices = "none|duration",
     .help = "the order of format json"},
    text_flag("timeout", "end a test after this time (default 5s)"),
    number_flag("max-errors", "10", "so many errors are shown; 0: all", 'm'),
    {.name = "target",
     .short_name = 't',
     .kind = ValueKind::kChoice,
     .value_name = "TARGET",
     .default_text = "rego",
     .choices = "rego|wasm",
     .help = "what answers; only rego"},
    switch_flag("bench", "measure the tests"),
    switch_flag("benchmem", "report allocations of --bench"),
    switch_flag("watch", "run again when files change", 'w'),
    kSchema,
    kCapabilities,
    kNewRego,
    switch_flag("verbose", "show the tests that pass, too", 'v'),
    text_flag("run", "only tests whose path matches this expression", 'r'),
    format_flag("pretty|json|gobench", "pretty"),
    kAllowNet,
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

constexpr Flag kBenchFlags[] = {
    list_flag("data", "policies and data: files, folders or bundles (.tar.gz)", 'd'),
    list_flag("bundle", "bundles: folders or .tar.gz files", 'b'),
    kIgnored,
    kKey,
    kKeyId,
    kKeyAlgorithm,
    kKeyScope,
    kKeyExcluded,
    kNotVerified,
    text_flag("input", "the file of the input document", 'i'),
    switch_flag("stdin-input", "read the input document from standard input", 'I'),
    switch_flag("stdin", "read the query from standard input"),
    format_flag("pretty|json|gobench", "pretty"),
    text_flag("package", "the package that the names of the query are looked for in"),
    list_flag("import", "what the query imports"),
    number_flag("count", "1", "measure so many times"),
    truth_flag("fail", "exit with 1 where the result is undefined"),
    truth_flag("metrics", "report how the times are spread"),
    truth_flag("benchmem", "changes nothing here: allocations are not counted"),
    switch_flag("optimize-store-for-read-speed", "changes nothing here"),
    switch_flag("partial", "evaluate partially", 'p'),
    list_flag("unknowns", "what --partial does not know", 'u'),
    {.name = "target",
     .short_name = 't',
     .kind = ValueKind::kChoice,
     .value_name = "TARGET",
     .default_text = "rego",
     .choices = "rego|wasm",
     .help = "what answers; only rego"},
    switch_flag("e2e", "measure a server"),
    text_flag("config-file", "of the server of --e2e", 'c'),
    number_flag("shutdown-grace-period", "10", "of the server of --e2e"),
    number_flag("shutdown-wait-period", "0", "of the server of --e2e"),
    kSchema,
    kNewRego,
    kOldRego,
};
constexpr Flag kBuildFlags[] = {
    kAsBundles,
    kIgnored,
    kKey,
    kKeyId,
    kKeyAlgorithm,
    kKeyScope,
    kKeyExcluded,
    kNotVerified,
    {.name = "output",
     .short_name = 'o',
     .kind = ValueKind::kText,
     .value_name = "FILE",
     .default_text = "bundle.tar.gz",
     .help = "the bundle that is written"},
    text_flag("revision", "its revision", 'r'),
    {.name = "target",
     .short_name = 't',
     .kind = ValueKind::kChoice,
     .value_name = "TARGET",
     .default_text = "rego",
     .choices = "rego|plan|wasm",
     .help = "what it has in it; only rego"},
    list_flag("entrypoint", "nothing without --optimize", 'e'),
    number_flag("optimize", "0", "the level of optimisation; only 0", 'O'),
    switch_flag("prune-unused", "leave out what entry points do not need"),
    text_flag("partial-namespace", "nothing without --optimize"),
    switch_flag("debug", "changes nothing here"),
    switch_flag("follow-symlinks", "follow links out of the folders"),
    {.name = "format",
     .kind = ValueKind::kChoice,
     .value_name = "FORMAT",
     .default_text = "json",
     .choices = "json|proto",
     .help = "of a plan"},
    list_flag("plan-addons", "of a plan"),
    switch_flag("wasm-include-print", "of WebAssembly"),
    text_flag("signing-key", "sign the bundle with this key"),
    text_flag("claims-file", "claims of the signature"),
    text_flag("signing-plugin", "who signs"),
    kCapabilities,
    kNewRego,
    kOldRego,
};
constexpr Flag kReplFlags[] = {
    list_flag("data", "policies and data: files, folders or bundles (.tar.gz)", 'd'),
    list_flag("bundle", "bundles: folders or .tar.gz files", 'b'),
    kIgnored,
    kKey,
    kKeyId,
    kKeyAlgorithm,
    kKeyScope,
    kKeyExcluded,
    kNotVerified,
    text_flag("input", "the file of the input document", 'i'),
    kNewRego,
    kOldRego,
};
constexpr Flag kVersionFlags[] = {
    switch_flag("check", "ask for the latest version", 'c'),
};
constexpr Flag kExplainFlags[] = {
    list_flag("data", "policies and data: files, folders or bundles (.tar.gz)", 'd'),
    list_flag("bundle", "bundles: folders or .tar.gz files", 'b'),
    kIgnored,
    kKey,
    kKeyId,
    kKeyAlgorithm,
    kKeyScope,
    kKeyExcluded,
    kNotVerified,
    text_flag("input", "the file of the input document", 'i'),
    switch_flag("stdin-input", "read the input document from standard input", 'I'),
    format_flag("pretty|json", "pretty"),
    text_flag("package", "the package that the names of the query are looked for in"),
    list_flag("import", "what the query imports"),
    text_flag("timeout", "end after this time (5s, 1m30s)"),
    kNewRego,
    kOldRego,
};

constexpr Verb kVerbs[] = {
    {.path = "explain",
     .summary = "say in plain words why a query has its answer: which expression failed, on what",
     .arguments = "QUERY",
     .max_arguments = 1,
     .flags = kExplainFlags},
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
    {.path = "bench",
     .summary = "measure how long the evaluation of a query takes",
     .arguments = "QUERY",
     .max_arguments = 1,
     .flags = kBenchFlags},
    {.path = "repl",
     .summary = "read queries and rules line by line and answer each; help lists its commands",
     .flags = kReplFlags},
    {.path = "build",
     .summary = "write policies and data as a bundle",
     .arguments = "PATH…",
     .max_arguments = kAnyNumber,
     .flags = kBuildFlags},
    {.path = "inspect",
     .summary = "say what a bundle, a folder that is one, or a policy has in it",
     .arguments = "PATH",
     .max_arguments = kAnyNumber,
     .flags = kInspectFlags},
    {.path = "deps",
     .summary = "list the documents that a query depends on",
     .arguments = "QUERY",
     .max_arguments = kAnyNumber,
     .flags = kDepsFlags},
    {.path = "version", .summary = "print the version", .flags = kVersionFlags},
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
    world.opa_version = kTable.version;
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
    const auto parsed = parse_command(
        kTable, words, [](const std::string&) { return std::optional<std::string>(); });
    if (!parsed.ok()) {
        outside.write_error("merlon: " + parsed.error().to_string() + "\n");
        const bool is_not_served =
            !words.empty() && std::ranges::find(kNotServed, words[0]) != std::end(kNotServed);
        return is_not_served ? kFailed : kWrongCommand;
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
    const std::string refused = refusal_of(command);
    if (refused.empty() &&
        (command.request == ParsedCommand::Request::kVersion || verb == "version")) {
        return print(outside, "Version: 1.22.2 (Rego of Merlon)\nRego Version: v1\n", 0);
    }
    if (!refused.empty()) {
        outside.write_error("merlon: " + refused + "\n");
        return kFailed;
    }
    if (verb == "eval") return run_eval(command, outside);
    if (verb == "build") return run_build(command, outside);
    if (verb == "repl") return run_repl(command, outside);
    if (verb == "bench") return run_bench(command, outside);
    if (verb == "inspect") return run_inspect(command, outside);
    if (verb == "deps") return run_deps(command, outside);
    if (verb == "explain") return run_explain(command, outside);
    if (verb == "fmt") return run_fmt(command, outside);
    if (verb == "check") return run_check(command, outside);
    if (verb == "test") return run_test(command, outside);
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
