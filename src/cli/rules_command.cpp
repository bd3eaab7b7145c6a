#include "cli/rules_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <optional>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/nearest.h"
#include "base/terminal.h"
#include "cli/outputs.h"
#include "cli/rule_examples.h"
#include "cli/rule_source.h"
#include "scan/secrets_scan.h"
#include "secrets/checks.h"
#include "secrets/program.h"
#include "text/json.h"

namespace merlon::cli {
namespace {

namespace fs = std::filesystem;

struct LoadedRules {
    RuleSource source;
    secrets::Config config;
    bool has_errors = false;
};

// Reads the rules that the command names; says what is wrong with them on standard error.
std::optional<LoadedRules> load(const ParsedCommand& command, const Environment& environment) {
    Result<RuleSource> source = read_rules(command.text("rules"));
    if (!source.ok()) {
        fail(environment, source.error().to_string());
        return std::nullopt;
    }
    model::Diagnostics diagnostics;
    Result<secrets::Config> config = load_rules(source.value(), diagnostics);
    for (const model::Diagnostic& item : diagnostics.items()) {
        fail(environment,
             (item.rule_id.empty() ? "" : item.rule_id + ": ") + item.error.to_string());
    }
    if (!config.ok()) {
        fail(environment, config.error().to_string());
        return std::nullopt;
    }
    return LoadedRules{std::move(source).value(), std::move(config).value(),
                       diagnostics.has_errors()};
}

std::string title_of(const secrets::Rule& rule) {
    return rule.extras.title.empty() ? rule.description : rule.extras.title;
}

void write_rule(text::JsonWriter& json, const secrets::Rule& rule, const std::string& pack) {
    json.begin_object();
    json.member("id", rule.id).member("engine", "secrets").member("pack", pack);
    json.member("severity", model::name(rule.extras.severity));
    json.member("confidence", model::name(rule.extras.confidence));
    json.member("description", rule.description);
    json.member("fix", rule.extras.fix).member("url", rule.extras.url);
    json.member("source", rule.extras.source).member("check", rule.extras.check);
    json.member("regex", rule.regex.has_value() ? rule.regex->pattern() : "");
    json.member("path", rule.path.has_value() ? rule.path->pattern() : "");
    json.key("keywords").begin_array();
    for (const std::string& keyword : rule.keywords) json.string(keyword);
    json.end_array().end_object();
}

std::string tried_examples_json(const std::vector<TriedExample>& tried, std::ptrdiff_t failed) {
    std::string out;
    text::JsonWriter writer(out, "  ");
    writer.begin_object();
    writer.key("passed").integer(std::ssize(tried) - failed).key("failed").integer(failed);
    writer.key("examples").begin_array();
    for (const TriedExample& example : tried) {
        writer.begin_object().member("rule", example.rule->id);
        writer.member("path", example_path(*example.rule)).member("expected", example.expected);
        writer.member("text", example.text).member("problem", example.problem).end_object();
    }
    writer.end_array().end_object();
    return out + '\n';
}

}  // namespace

int run_rules_list(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json = wants_json(command, environment);
    if (!json.has_value()) return kIncomplete;
    const std::optional<LoadedRules> rules = load(command, environment);
    if (!rules.has_value()) return kIncomplete;
    std::string out;
    if (*json) {
        text::JsonWriter writer(out, "  ");
        writer.begin_object().member("pack", rules->source.pack_id).key("rules").begin_array();
        for (const secrets::Rule& rule : rules->config.rules) {
            write_rule(writer, rule, rules->source.pack_id);
        }
        writer.end_array().end_object();
        out += '\n';
    } else {
        std::size_t widest = 0;
        for (const auto& rule : rules->config.rules) widest = std::max(widest, rule.id.size());
        const unsigned width = terminal_width(environment.output_descriptor, 1000);
        for (const secrets::Rule& rule : rules->config.rules) {
            const std::string line = fmt::format("{:<{}}  {:<8}  {}", rule.id, widest,
                                                 model::name(rule.extras.severity), title_of(rule));
            out += cut_to_width(line, width) + '\n';
        }
        if (!command.is_set("quiet")) {
            out += fmt::format("{} rules of {}\n", rules->config.rules.size(), rules->source.name);
        }
    }
    const int printed = print(environment, out);
    return rules->has_errors ? kIncomplete : printed;
}

int run_rules_show(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.empty()) {
        return fail(environment, "which rule? 'merlon rules list' names them");
    }
    const std::optional<bool> json = wants_json(command, environment);
    if (!json.has_value()) return kIncomplete;
    const std::optional<LoadedRules> rules = load(command, environment);
    if (!rules.has_value()) return kIncomplete;
    const std::string& id = command.arguments[0];
    const auto known_rules = std::span(rules->config.rules);
    const auto rule = std::ranges::find_if(
        known_rules, [&id](const secrets::Rule& known) { return model::names_rule(id, known.id); });
    if (rule == known_rules.end()) {
        std::vector<std::string_view> ids;
        for (const secrets::Rule& known : rules->config.rules) ids.push_back(known.id);
        const std::string near = suggestion(id, ids);
        return fail(environment, "no rule '" + id + "' in " + rules->source.name +
                                     (near.empty() ? "; 'merlon rules list' names them" : near));
    }
    std::string out;
    if (*json) {
        text::JsonWriter writer(out, "  ");
        write_rule(writer, *rule, rules->source.pack_id);
        return print(environment, out + '\n');
    }
    const auto line = [&out](std::string_view name, std::string_view text) {
        if (!text.empty()) out += fmt::format("{:<12} {}\n", name, text);
    };
    line("rule", "secrets/" + rules->source.pack_id + '/' + rule->id);
    line("severity", model::name(rule->extras.severity));
    line("confidence", model::name(rule->extras.confidence));
    line("finds", rule->description);
    line("fix", rule->extras.fix);
    line("more", rule->extras.url);
    line("format", rule->extras.source);
    line("check", rule->extras.check);
    if (rule->regex.has_value()) line("expression", rule->regex->pattern());
    if (rule->path.has_value()) line("path", rule->path->pattern());
    std::string keywords;
    for (const auto& keyword : rule->keywords) keywords += (keywords.empty() ? "" : ", ") + keyword;
    line("keywords", keywords);
    return print(environment, out);
}

int run_rules_checks(const ParsedCommand& command, const Environment& environment) {
    if (command.text("format") == "markdown") return print(environment, secrets::checks_table());
    const std::optional<bool> json = wants_json(command, environment);
    if (!json.has_value()) return kIncomplete;
    std::string out;
    if (!*json) {
        for (const secrets::Check& check : secrets::checks()) {
            out += fmt::format("{:<18}  {}\n", check.name, check.looks_at);
        }
        return print(environment, out);
    }
    text::JsonWriter writer(out, "  ");
    writer.begin_object().key("checks").begin_array();
    for (const secrets::Check& check : secrets::checks()) {
        writer.begin_object().member("name", check.name).member("looksAt", check.looks_at);
        writer.member("source", check.source).end_object();
    }
    writer.end_array().end_object();
    return print(environment, out + '\n');
}

int run_rules_test(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json = wants_json(command, environment);
    if (!json.has_value()) return kIncomplete;
    const std::optional<LoadedRules> rules = load(command, environment);
    if (!rules.has_value()) return kIncomplete;
    model::Diagnostics diagnostics;
    const Result<secrets::Program> program =
        secrets::Program::compile(rules->config, secrets::ProgramOptions{}, diagnostics);
    if (!program.ok()) return fail(environment, program.error().to_string());
    for (const model::Diagnostic& item : diagnostics.items()) {
        fail(environment, item.rule_id + ": " + item.error.to_string());
    }
    scan::SecretsScan request;
    request.program = &program.value();
    request.clock = environment.clock;
    request.show_secrets = scan::ShowSecrets::kShown;
    request.cancel = environment.cancel;
    const std::vector<TriedExample> tried = try_examples(request, rules->config);
    std::ptrdiff_t failed = 0;
    for (const TriedExample& example : tried) {
        if (example.problem.empty()) continue;
        ++failed;
        environment.write_error(fmt::format("{}: {} example {}: {}\n", example.rule->id,
                                            example.expected, example.problem, example.example));
    }
    const int printed = print(environment, *json ? tried_examples_json(tried, failed)
                                                 : fmt::format("{} passed, {} failed\n",
                                                               std::ssize(tried) - failed, failed));
    if (environment.cancel->cancelled()) {
        return fail(environment, "stopped before all examples were tried");
    }
    if (rules->has_errors || diagnostics.has_errors() || printed != kClean) return kIncomplete;
    return failed == 0 ? kClean : kFindings;
}

int run_rules_add(const ParsedCommand& command, const Environment& environment) {
    if (command.arguments.size() != 2) {
        return fail(environment, "the command is 'merlon rules add gitleaks FILE'");
    }
    if (command.arguments[0] != "gitleaks") {
        return fail(environment,
                    "'" + command.arguments[0] +
                        "' is no tool whose rules can be registered; only gitleaks is");
    }
    const std::string state = state_directory(environment);
    if (state.empty()) {
        return fail(environment, "no state directory: set HOME or XDG_DATA_HOME");
    }
    const Result<std::string> text = read_text_file(command.arguments[1]);
    if (!text.ok()) return fail(environment, text.error().to_string());
    // What gitleaks would refuse later is refused now.
    model::Diagnostics diagnostics;
    const secrets::ConfigSources sources{
        .read_file = [](const std::string& path) { return read_text_file(path); },
        .read_default = [] { return Result<std::string>(std::string(embedded_rules())); }};
    const secrets::LoadedConfig loaded = secrets::load_config(
        text.value(), command.arguments[1], sources, secrets::BadRules::kRefuse, diagnostics);
    if (!loaded.config.ok()) return fail(environment, loaded.config.error().to_string());
    std::error_code code;
    fs::create_directories(state, code);
    const std::string target = state + "/gitleaks.toml";
    if (const Status written = write_file_atomically(target, text.value()); !written.ok()) {
        return fail(environment, written.error().to_string());
    }
    return print(environment,
                 fmt::format("registered {} rules of {} as {}\n",
                             loaded.config.value().rules.size(), command.arguments[1], target));
}

}  // namespace merlon::cli
