// The commands that look at configuration files: test and parse.

#include <algorithm>

#include "compat/conftest/commands.h"
#include "compat/conftest/configurations.h"
#include "compat/conftest/engine.h"
#include "compat/opa/policy_host.h"
#include "match/regex.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

bool has_wildcard(const std::vector<std::string>& patterns) {
    return std::ranges::any_of(patterns, [](const std::string& pattern) {
        return pattern.find_first_of("*?[") != std::string::npos;
    });
}

// path.Match as an expression: '*' and '?' stop at '/', which no namespace has.
Result<match::Regex> pattern_regex(const std::string& pattern) {
    const Error wrong{"match pattern \"" + pattern + "\": syntax error in pattern"};
    std::string expression = R"(\A(?s:)";
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '*') {
            expression += "[^/]*";
        } else if (c == '?') {
            expression += "[^/]";
        } else if (c == '[') {
            const std::size_t end = pattern.find(']', i + 2);
            if (end == std::string::npos) return wrong;
            expression += pattern.substr(i, end - i + 1);
            i = end;
        } else {
            if (c == '\\' && ++i == pattern.size()) return wrong;
            const char plain = pattern[i];
            if (std::string_view("\\.+*?()|[]{}^$").find(plain) != std::string_view::npos) {
                expression += '\\';
            }
            expression += plain;
        }
    }
    auto compiled = match::Regex::compile(expression + R"()\z)");
    if (!compiled.ok()) return wrong;
    return compiled;
}

Result<std::vector<std::string>> asked_namespaces(const ParsedCommand& command,
                                                  const Policies& policies) {
    if (command.is_set("all-namespaces")) return policies.namespaces();
    std::vector<std::string> named = list_of(command, "namespace");
    if (named.empty()) named = {"main"};
    if (!has_wildcard(named)) return named;
    auto matching = matching_namespaces(policies.namespaces(), named);
    if (!matching.ok()) return Error{"filter namespaces: " + matching.error().message};
    return matching;
}

// One result for each file, whatever it holds.
Result<std::vector<CheckResult>> check_files(NamespaceRules& rules,
                                             const Configurations& configurations) {
    std::vector<CheckResult> results;
    for (const auto& [path, value] : configurations) {
        if (!value.is_array()) {
            results.push_back(MERLON_TRY(rules.check(path, value)));
            continue;
        }
        CheckResult sum{.file = path, .name_space = rules.name_space()};
        for (const Value& one : value.items()) {
            CheckResult result = MERLON_TRY(rules.check(path, one));
            sum.successes += result.successes;
            std::ranges::move(result.failures, std::back_inserter(sum.failures));
            std::ranges::move(result.warnings, std::back_inserter(sum.warnings));
            std::ranges::move(result.exceptions, std::back_inserter(sum.exceptions));
            std::ranges::move(result.prints, std::back_inserter(sum.prints));
            std::ranges::move(result.traced, std::back_inserter(sum.traced));
        }
        results.push_back(std::move(sum));
    }
    return results;
}

Result<std::vector<CheckResult>> run_rules(const ParsedCommand& command, Policies& policies,
                                           const Configurations& configurations) {
    const bool is_combined = command.is_set("combine");
    const auto shown =
        command.is_set("show-builtin-errors") ? BuiltinErrorsShown::kYes : BuiltinErrorsShown::kNo;
    const auto tracing = command.is_set("trace") ? Tracing::kOn : Tracing::kOff;
    std::vector<CheckResult> results;
    for (const std::string& name : MERLON_TRY(asked_namespaces(command, policies))) {
        const std::string doing = is_combined ? "check combined: check: " : "query rule: check: ";
        auto rules = NamespaceRules::compile(policies, name, shown, tracing);
        if (!rules.ok()) return Error{doing + rules.error().message};
        if (is_combined) {
            auto result =
                rules.value().check("Combined", combined(configurations, policies.values()));
            if (!result.ok()) return Error{doing + result.error().message};
            results.push_back(std::move(result).value());
            continue;
        }
        auto found = check_files(rules.value(), configurations);
        if (!found.ok()) return Error{doing + found.error().message};
        std::ranges::move(found.value(), std::back_inserter(results));
    }
    return results;
}

int exit_code(const ParsedCommand& command, const Totals& sum) {
    if (!command.is_set("fail-on-warn")) return sum.failures > 0 ? 1 : 0;
    if (sum.failures > 0) return 2;
    return sum.warnings > 0 ? 1 : 0;
}

}  // namespace

PolicyPaths policy_paths(const ParsedCommand& command) {
    PolicyPaths paths{list_of(command, "policy"), list_of(command, "data"),
                      command.text("rego-version")};
    if (paths.policies.empty()) paths.policies = {"policy"};
    if (command.is_set("strict")) paths.strictness = rego::compiler::Strictness::kStrict;
    return paths;
}

Result<std::vector<std::string>> matching_namespaces(const std::vector<std::string>& known,
                                                     const std::vector<std::string>& patterns) {
    std::vector<match::Regex> expressions;
    for (const std::string& pattern : patterns) {
        expressions.push_back(MERLON_TRY(pattern_regex(pattern)));
    }
    std::vector<std::string> matching;
    for (const std::string& name : known) {
        const bool matches = std::ranges::any_of(
            expressions, [&name](const match::Regex& one) { return one.is_match(name); });
        if (matches) matching.push_back(name);
    }
    return matching;
}

Parsing parsing_of(const ParsedCommand& command) {
    return {command.text("parser"), list_of(command, "proto-file-dirs")};
}

int run_test(const ParsedCommand& command, const Outside& outside) {
    if (command.arguments.empty()) {
        outside.write_error(help_text(command_table(), command.verb, 100));
        return fail(outside, "missing required arguments");
    }
    const auto files = list_files(command.arguments, command.text("ignore"));
    if (!files.ok()) return fail(outside, "running test: parse files: " + files.error().message);
    opa::PolicyHost host(
        outside, opa::FileAccess::kAllowed,
        opa::narrowed_hosts(list_of(command, "allow-net"), command.text("capabilities")));
    Policies policies(outside, host);
    Reading reading(policies.arena(), policies.interner());
    reading.variable = outside.variable;
    auto configurations = read_configurations(files.value(), parsing_of(command), outside, reading);
    if (!configurations.ok()) {
        return fail(outside,
                    "running test: parse configurations: " + configurations.error().message);
    }
    if (const std::string& name = command.text("stdin-filename"); !name.empty()) {
        auto input = configurations.value().extract("-");
        if (!input.empty()) configurations.value()[name] = input.mapped();
    }
    if (command.is_set("capabilities")) {
        const Status restricted = policies.restrict_to(command.text("capabilities"));
        if (!restricted.ok()) return fail(outside, "running test: " + restricted.error().message);
    }
    const Status loaded = policies.load(policy_paths(command));
    if (!loaded.ok()) return fail(outside, "running test: load: " + loaded.error().message);
    const auto results = run_rules(command, policies, configurations.value());
    if (!results.ok()) return fail(outside, "running test: " + results.error().message);
    const int code = exit_code(command, totals(results.value()));
    if (command.is_set("quiet") && code == 0) return 0;
    return print_results(command, outside, results.value(), output_options(command),
                         command.is_set("no-fail") ? 0 : code);
}

int run_parse(const ParsedCommand& command, const Outside& outside) {
    if (command.arguments.empty()) return fail(outside, "must supply path to at least one file");
    Arena arena;
    Interner interner;
    Reading reading(arena, interner);
    reading.variable = outside.variable;
    const auto read = read_configurations(command.arguments, parsing_of(command), outside, reading);
    if (!read.ok()) return fail(outside, "parse configurations: " + read.error().message);
    const bool is_combined = command.is_set("combine");
    std::string out;
    text::JsonWriter json(out, is_combined ? "\t" : "  ", text::JsonEscapes::kGo);
    if (is_combined) {
        // In the order of the fields, which is not that of their names.
        json.begin_array();
        const Value all = combined(read.value(), reading.values);
        for (const Value& one : all.items()) {
            json.begin_object().member("path", one.find("path")->as_string()).key("contents");
            json.value(as_round_trip(*one.find("contents"), reading.values));
            json.end_object();
        }
        json.end_array();
        out += "\n";
    } else if (read.value().size() == 1) {
        json.value(as_round_trip(read.value().begin()->second, reading.values));
    } else {
        json.begin_object();
        for (const auto& [path, value] : read.value()) {
            json.key(path);
            json.value(as_round_trip(value, reading.values));
        }
        json.end_object();
    }
    return print(outside, out + "\n", 0);
}

}  // namespace merlon::compat::conftest
