// `merlon doctor rules FILE`: which rules are slow, and why.

#include <fmt/core.h>

#include <string>

#include "cli/command_table.h"
#include "cli/doctor_command.h"
#include "cli/outputs.h"
#include "cli/rule_source.h"
#include "secrets/rule_patterns.h"
#include "text/json.h"

namespace merlon::cli {
namespace {

struct SlowRule {
    std::string id;
    std::string reason;
    bool has_keywords = false;  // it then runs only on files with one of them
    bool has_literals = false;  // the same with strings of its expression
};

std::vector<SlowRule> slow_rules(const secrets::Config& config) {
    const std::vector<std::uint8_t> all(config.rules.size(), 1);
    const std::vector<secrets::RulePattern> patterns = secrets::rule_patterns(config, all);
    const match::PatternSet set(secrets::expressions_of(config, patterns));
    std::vector<SlowRule> slow;
    for (std::uint32_t i = 0; i < patterns.size(); ++i) {
        const secrets::Rule& rule = config.rules[patterns[i].rule];
        if (patterns[i].companion || !rule.regex) continue;
        if (std::string reason = set.slow_because(i); !reason.empty()) {
            slow.push_back(
                {rule.id, std::move(reason), !rule.keywords.empty(), set.has_literals(i)});
        }
    }
    return slow;
}

std::string_view where_it_runs(const SlowRule& rule) {
    if (rule.has_keywords) return ". Its keywords keep it from files that have none of them";
    if (rule.has_literals) return ". It runs over files in which a string of its expression stands";
    return ". It has no keywords either: it runs over every file";
}

}  // namespace

int run_doctor_rules(const ParsedCommand& command, const Environment& environment) {
    const std::optional<bool> json_asked = wants_json(command, environment);
    if (!json_asked.has_value()) return kIncomplete;
    const std::string path = command.arguments.empty() ? "" : command.arguments.front();
    const Result<RuleSource> source = read_rules(path);
    if (!source.ok()) {
        fail(environment, source.error().to_string());
        return kIncomplete;
    }
    model::Diagnostics diagnostics;
    const Result<secrets::Config> config = load_rules(source.value(), diagnostics);
    for (const model::Diagnostic& item : diagnostics.items()) {
        fail(environment,
             (item.rule_id.empty() ? "" : item.rule_id + ": ") + item.error.to_string());
    }
    if (!config.ok()) {
        fail(environment, config.error().to_string());
        return kIncomplete;
    }
    const std::vector<SlowRule> slow = slow_rules(config.value());
    std::string out;
    if (*json_asked) {
        text::JsonWriter json(out, "  ");
        json.begin_object().key("rules").integer(
            static_cast<std::int64_t>(config.value().rules.size()));
        json.key("slow").begin_array();
        for (const SlowRule& rule : slow) {
            json.begin_object().member("id", rule.id).member("reason", rule.reason);
            json.key("has_keywords").boolean(rule.has_keywords);
            json.key("has_literals").boolean(rule.has_literals).end_object();
        }
        json.end_array().end_object();
        out += '\n';
    } else {
        for (const SlowRule& rule : slow) {
            out += fmt::format("{}: {}{}\n", rule.id, rule.reason, where_it_runs(rule));
        }
        out += fmt::format("{} rules, {} slow\n", config.value().rules.size(), slow.size());
    }
    const int code = print(environment, out);
    return diagnostics.has_errors() ? kIncomplete : code;
}

}  // namespace merlon::cli
