#include "compat/conftest/run.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include "base/ascii.h"
#include "base/file.h"
#include "compat/conftest/commands.h"
#include "compat/conftest/parsers.h"
#include "compat/opa/go_flags.h"
#include "compat/opa/load.h"
#include "compat/opa/refusals.h"
#include "text/json.h"
#include "text/toml.h"
#include "text/yaml.h"

namespace merlon::compat::conftest {
namespace {

constexpr Flag text_flag(std::string_view name, std::string_view help, char short_name = 0,
                         std::string_view default_text = {}) {
    return {.name = name,
            .short_name = short_name,
            .kind = ValueKind::kText,
            .value_name = "TEXT",
            .default_text = default_text,
            .help = help};
}
constexpr Flag list_flag(std::string_view name, std::string_view help, char short_name = 0) {
    return {.name = name,
            .short_name = short_name,
            .kind = ValueKind::kText,
            .value_name = "TEXT",
            .help = help,
            .repeat = Repeat::kMany};
}
constexpr Flag switch_flag(std::string_view name, std::string_view help) {
    return {.name = name, .help = help};
}

constexpr Flag kPolicy = list_flag("policy", "policies: files and folders; 'policy' else", 'p');
constexpr Flag kData = list_flag("data", "data: JSON and YAML files, and folders of them", 'd');
constexpr Flag kNoColor = switch_flag("no-color", "no colours");
constexpr Flag kQuiet = switch_flag("quiet", "say nothing where nothing is wrong");
constexpr Flag kTrace =
    switch_flag("trace", "show how rules were evaluated, on standard error too");
constexpr Flag kStrict =
    switch_flag("strict", "what is not used, hides a document or will be taken away is wrong");
constexpr Flag kBuiltinErrors =
    switch_flag("show-builtin-errors", "an error of a built-in ends the run");
constexpr Flag kOutput =
    text_flag("output", "the format: stdout, json, tap, table, junit, github, azuredevops, sarif",
              'o', "stdout");
constexpr Flag kJunit =
    switch_flag("junit-hide-message", "no messages in the names of JUnit tests");
constexpr Flag kGithub = switch_flag("github-hide-passed", "leave out files that passed");
constexpr Flag kCapabilities =
    text_flag("capabilities", "a JSON file of the built-ins that policies may call");
constexpr Flag kRegoVersion = text_flag("rego-version", "v0 or v1", 0, "v1");
constexpr Flag kProtoFolders =
    list_flag("proto-file-dirs", "folders of .proto files, which textproto files need");
// Ours: conftest reaches every host.
constexpr Flag kAllowNet = list_flag(
    "allow-net", "let http.send and net.lookup_ip_addr reach this host ('*': any); none else");
constexpr Flag kCombine = switch_flag("combine", "all files are one input");
constexpr Flag kParser = text_flag("parser", "the parser of all files");

constexpr Flag kTestFlags[] = {
    kPolicy,
    kData,
    list_flag("namespace", "packages whose rules are asked, with * and ?; 'main' else", 'n'),
    switch_flag("all-namespaces", "rules of all packages are asked"),
    kCombine,
    kParser,
    text_flag("ignore", "leave out paths that match this expression"),
    text_flag("stdin-filename", "what standard input is called in the output"),
    switch_flag("fail-on-warn", "exit with 1 for warnings and 2 for failures"),
    switch_flag("no-fail", "exit with 0 though a policy fails"),
    switch_flag("suppress-exceptions", "leave exceptions out of the output"),
    kBuiltinErrors,
    kOutput,
    kJunit,
    kGithub,
    kNoColor,
    kQuiet,
    kTrace,
    kStrict,
    kCapabilities,
    kRegoVersion,
    kAllowNet,
    kProtoFolders,
    list_flag("update", "download policies first (not served)", 'u'),
    switch_flag("tls", "of downloads"),
};
constexpr Flag kVerifyFlags[] = {
    kPolicy,
    kData,
    list_flag("namespace", "packages whose tests are run, with * and ?; all else", 'n'),
    text_flag("report", "the tests as `opa test` shows them: full, notes or fails"),
    switch_flag("var-values", "show values in tests that fail"),
    kBuiltinErrors,
    kOutput,
    kJunit,
    kGithub,
    kNoColor,
    kQuiet,
    kTrace,
    kStrict,
    kCapabilities,
    kRegoVersion,
    kAllowNet,
    kProtoFolders,
};
// conftest's parse has the definitions from the environment and the configuration alone.
constexpr Flag kParseFlags[] = {kCombine, kParser, kProtoFolders};
constexpr Flag kFmtFlags[] = {
    switch_flag("check", "exit with 1 where a file is not formatted, and change none"),
    kRegoVersion,
};
constexpr Flag kGlobalFlags[] = {
    text_flag("config-file", "the configuration; conftest.toml, .yaml or .json else", 'c')};

constexpr Verb kVerbs[] = {
    {.path = "test",
     .summary = "test configuration files with policies",
     .arguments = "PATH…",
     .max_arguments = kAnyNumber,
     .flags = kTestFlags},
    {.path = "verify",
     .summary = "run the tests of policies",
     .arguments = "[PATH…]",
     .max_arguments = kAnyNumber,
     .flags = kVerifyFlags},
    {.path = "parse",
     .summary = "print what policies see of files",
     .arguments = "PATH…",
     .max_arguments = kAnyNumber,
     .flags = kParseFlags},
    {.path = "fmt",
     .summary = "format policies",
     .arguments = "PATH…",
     .max_arguments = kAnyNumber,
     .flags = kFmtFlags},
};

constexpr CommandTable kTable{
    .program = "conftest",
    .version = "0.71.1",
    .summary = "Takes conftest's command line.",
    .exit_codes =
        "0 no policy fails\n"
        "1 a policy fails, or the run did; with --fail-on-warn: warnings\n"
        "2 something is not served; with --fail-on-warn: a policy fails",
    .verbs = kVerbs,
    .global_flags = kGlobalFlags};

constexpr std::string_view kNotServedCommands[] = {"pull", "push", "plugin", "doc", "reformat"};

// A configuration's value as the words that a flag would have.
std::vector<std::string> flag_words(const value::Value& value) {
    std::vector<std::string> words;
    const auto add = [&words](const value::Value& one) {
        if (one.is_string()) words.emplace_back(one.as_string());
        if (one.is_boolean()) words.emplace_back(one.as_boolean() ? "true" : "false");
        if (one.is_number()) words.push_back(one.number_text());
    };
    if (value.is_array()) {
        for (const value::Value& one : value.items()) add(one);
    } else {
        add(value);
    }
    return words;
}

// One word is called as the field is, which has a capital.
std::string field_name(const Flag& flag) {
    std::string name(flag.name);
    if (!name.contains('-')) name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
}

// Go's name of what is no word.
std::string_view list_or_table(const value::Value& value) {
    return value.is_array() ? "[]interface {}" : "map[string]interface {}";
}

// The fields that conftest decodes, in its order; of other things it takes what it finds.
constexpr std::string_view kTestFields[] = {"trace",
                                            "strict",
                                            "capabilities",
                                            "rego-version",
                                            "policy",
                                            "data",
                                            "update",
                                            "ignore",
                                            "parser",
                                            "namespace",
                                            "all-namespaces",
                                            "fail-on-warn",
                                            "no-color",
                                            "no-fail",
                                            "suppress-exceptions",
                                            "show-builtin-errors",
                                            "combine",
                                            "quiet",
                                            "output"};
constexpr std::string_view kVerifyFields[] = {"capabilities",
                                              "rego-version",
                                              "policy",
                                              "data",
                                              "output",
                                              "no-color",
                                              "trace",
                                              "strict",
                                              "report",
                                              "quiet",
                                              "show-builtin-errors",
                                              "namespace"};

std::span<const std::string_view> decoded_fields(std::string_view verb) {
    if (verb == "test") return kTestFields;
    if (verb == "verify") return kVerifyFields;
    return {};
}

// What stands where words belong and is none, in Go's words.
std::vector<std::string> wrong_words(const Flag& flag, const value::Value& value) {
    std::vector<std::string> wrong;
    const auto check = [&](const value::Value& one, const std::string& name) {
        if (!one.is_array() && !one.is_object()) return;
        wrong.push_back("'" + name + "' expected type 'string', got unconvertible type '" +
                        std::string(list_or_table(one)) + "'");
    };
    if (flag.repeat == Repeat::kOnce) {
        check(value, field_name(flag));
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            check(value.items()[i], field_name(flag) + "[" + std::to_string(i) + "]");
        }
    } else if (!value.is_object() || value.size() != 0) {
        check(value, field_name(flag) + "[0]");
    }
    return wrong;
}

// Whether a switch of a configuration is on, by Go's names of truth. What says neither yes nor no
// is wrong for conftest but in the switches that it asks for later, where it is no.
Result<bool> is_on(std::string_view verb, const Flag& flag, const value::Value& value) {
    if (value.is_null()) return false;
    if (value.is_boolean()) return value.as_boolean();
    if (value.is_number()) return value.as_double() != 0;
    std::string wrong = "cannot parse value as 'bool': strconv.ParseBool: invalid syntax";
    if (value.is_string()) {
        constexpr std::string_view kYes[] = {"1", "t", "T", "true", "TRUE", "True"};
        constexpr std::string_view kNo[] = {"", "0", "f", "F", "false", "FALSE", "False"};
        if (std::ranges::find(kYes, value.as_string()) != std::end(kYes)) return true;
        if (std::ranges::find(kNo, value.as_string()) != std::end(kNo)) return false;
    } else {
        wrong = "expected type 'bool', got unconvertible type '" +
                std::string(list_or_table(value)) + "'";
    }
    const bool is_asked_later = verb == "parse" || verb == "fmt" ||
                                flag.name == "github-hide-passed" ||
                                flag.name == "junit-hide-message";
    if (is_asked_later) return false;
    return Error{"'" + field_name(flag) + "' " + wrong};
}

Result<value::Value> read_configuration(const std::string& path, Arena& arena, Interner& interner) {
    constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 20;
    constexpr std::string_view kKnown[] = {".json", ".toml", ".yaml", ".yml"};
    const std::string extension = std::filesystem::path(path).extension().string();
    if (std::ranges::find(kKnown, extension) == std::end(kKnown)) {
        const std::string_view kind = std::string_view(extension).substr(extension.empty() ? 0 : 1);
        return Error{"Unsupported Config Type \"" + std::string(kind) + "\""};
    }
    const std::string text = MERLON_TRY(opa::read_as_go(path, kMaxBytes));
    const std::string_view kept = arena.copy(text);
    if (extension == ".json") return *MERLON_TRY(text::read_json(kept, arena, interner)).root;
    if (extension == ".toml") return *MERLON_TRY(text::read_toml(kept, arena, interner)).root;
    const auto documents = MERLON_TRY(text::read_yaml(kept, arena, interner));
    if (documents.empty() || documents[0].root == nullptr) return value::Value();
    return *documents[0].root;
}

// The configuration is below the flags and the environment; what it says of other things is no
// error, as for conftest. `off` are the flags that the command line turns off.
Status apply_configuration(ParsedCommand& command, std::span<const std::string> off) {
    std::string path = command.text("config-file");
    std::error_code code;
    for (const char* name : {"conftest.json", "conftest.toml", "conftest.yaml", "conftest.yml"}) {
        if (path.empty() && std::filesystem::is_regular_file(name, code)) path = name;
    }
    if (path.empty()) return {};
    Arena arena;
    Interner interner;
    const auto read = read_configuration(path, arena, interner);
    if (!read.ok()) {
        return Error{"read in config: error reading config: " + read.error().to_string()};
    }
    if (!read.value().is_object()) return {};
    const auto fields = decoded_fields(command.verb->path);
    std::map<std::ptrdiff_t, std::vector<std::string>> wrong;  // by the place of the field
    for (std::size_t i = 0; i < read.value().size(); ++i) {
        const std::string_view name = read.value().keys()[i].as_string();
        const auto flag = std::ranges::find_if(command.verb->flags, [name](const Flag& one) {
            return equal_without_case(one.name, name);
        });
        if (flag == command.verb->flags.end()) continue;
        if (std::ranges::find(off, flag->name) != off.end()) continue;
        const value::Value& value = read.value().values()[i];
        const auto field = std::ranges::find(fields, flag->name) - fields.begin();
        if (flag->kind == ValueKind::kNone) {
            const auto on = is_on(command.verb->path, *flag, value);
            if (!on.ok()) wrong[field].push_back(on.error().message);
            if (!on.ok() || !on.value()) continue;
        } else if (std::cmp_less(field, fields.size())) {
            auto refused = wrong_words(*flag, value);
            if (!refused.empty()) {
                wrong[field] = std::move(refused);
                continue;
            }
        }
        MERLON_TRY(command.apply_configuration(flag->name, flag_words(value)));
    }
    if (wrong.empty()) return {};
    std::string text = "unmarshal parameters: decoding failed due to the following error(s):\n";
    for (const auto& [field, lines] : wrong) {
        for (const std::string& line : lines) text += "\n" + line;
    }
    return Error{text};
}

// Flags whose work is not done here.
std::string_view unserved_flag(const ParsedCommand& command) {
    constexpr std::string_view kUpdate = "update";
    return command.takes(kUpdate) && command.is_set(kUpdate) ? kUpdate : std::string_view();
}

}  // namespace

const CommandTable& command_table() { return kTable; }

std::vector<std::string> list_of(const ParsedCommand& command, std::string_view flag) {
    std::vector<std::string> values;
    for (std::string_view text : command.list(flag)) {
        while (true) {
            const std::size_t end = text.find(',');
            values.emplace_back(text.substr(0, end));
            if (end == std::string_view::npos) break;
            text.remove_prefix(end + 1);
        }
    }
    return values;
}

OutputOptions output_options(const ParsedCommand& command) {
    OutputOptions options;
    if (command.is_set("no-color")) options.colors = Colors::kNone;
    if (command.takes("suppress-exceptions") && command.is_set("suppress-exceptions")) {
        options.exceptions = Exceptions::kHidden;
    }
    if (command.is_set("junit-hide-message")) options.junit_messages = JunitMessages::kHidden;
    if (command.is_set("github-hide-passed")) options.github_passed = PassedFiles::kHidden;
    std::error_code code;
    options.folder = std::filesystem::current_path(code).string();
    return options;
}

int print_results(const ParsedCommand& command, const Outside& outside,
                  std::span<const CheckResult> results, const OutputOptions& options, int code) {
    const std::string& format = command.text("output");
    if (!command.is_set("trace")) {
        return print(outside, output_text(format, results, options), code);
    }
    const std::string trace = trace_text(results, options);
    outside.write_error(trace);
    // conftest's own format has the trace in place of the results.
    return print(outside, format == "stdout" ? trace : output_text(format, results, options), code);
}

int print(const Outside& outside, std::string_view text, int code) {
    const Status written = outside.write_output(text);
    if (written.ok()) return code;
    return refuse(outside, "cannot write to standard output");
}

int fail(const Outside& outside, std::string_view text) {
    if (is_not_served(text)) return refuse(outside, text);
    outside.write_error("Error: " + std::string(text) + "\n");
    return kFailed;
}

int refuse(const Outside& outside, std::string_view text) {
    outside.write_error("merlon: " + std::string(text) + "\n");
    return kNotServed;
}

int run(const std::vector<std::string>& words, const Outside& outside) {
    for (const std::string_view name : kNotServedCommands) {
        if (!words.empty() && words[0] == name) {
            return refuse(outside, "conftest's command '" + words[0] + "' is not served by Merlon");
        }
    }
    if (const std::size_t at = opa::verb_index(kTable, words);
        at < words.size() && words[at] != "help" && find_verb(kTable, words[at]) == nullptr) {
        outside.write_error(opa::unknown_command(kTable, words[at]));
        return kFailed;
    }
    if (!words.empty() && words[0] == "help") {
        const Verb* const verb = words.size() > 1 ? find_verb(kTable, words[1]) : nullptr;
        return print(outside, help_text(kTable, verb, 100), 0);
    }
    const auto rewritten = opa::words_of_go(kTable, words);
    if (!rewritten.ok()) return fail(outside, rewritten.error().to_string());
    const std::vector<std::string> off = opa::flags_turned_off(kTable, words);
    const auto variable = [&](const std::string& name) -> std::optional<std::string> {
        const bool is_off = std::ranges::any_of(off, [&name](const std::string& flag) {
            return environment_name(kTable, flag) == name;
        });
        return is_off || !outside.variable ? std::nullopt : outside.variable(name);
    };
    auto parsed = parse_command(kTable, rewritten.value(), variable);
    if (!parsed.ok()) return fail(outside, parsed.error().to_string());
    ParsedCommand& command = parsed.value();
    if (command.request == ParsedCommand::Request::kVersion) {
        return print(outside, "Conftest: 0.71.1 (Rego of Merlon)\nOPA: 1.22.2\n", 0);
    }
    if (command.request == ParsedCommand::Request::kHelp || command.verb == nullptr) {
        return print(outside, help_text(kTable, command.verb, 100), 0);
    }
    const Status configured = apply_configuration(command, off);
    if (!configured.ok()) return fail(outside, configured.error().to_string());
    if (const std::string_view flag = unserved_flag(command); !flag.empty()) {
        return refuse(outside,
                      "conftest's flag --" + std::string(flag) + " is not served by Merlon");
    }
    if (command.takes("allow-net")) {
        const std::string refusal = opa::host_refusal(list_of(command, "allow-net"));
        if (!refusal.empty()) return refuse(outside, refusal);
    }
    const std::string_view verb = command.verb->path;
    if (verb == "test") return run_test(command, outside);
    if (verb == "verify") return run_verify(command, outside);
    if (verb == "fmt") return run_fmt(command, outside);
    return run_parse(command, outside);
}

}  // namespace merlon::compat::conftest
