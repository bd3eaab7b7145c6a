#include "cli/rule_examples.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/file.h"
#include "secrets/examples.h"

namespace merlon::cli {
namespace {

// What stands between the members of a list, in files and in logs.
struct Separator {
    std::string_view text;
    std::string_view name;
};
constexpr Separator kSeparators[] = {
    {"\n", "a line feed"}, {" ", "a blank"}, {",", "a comma"}, {"\",\"", "quotes and a comma"}};

// Stands for any other text beside an example.
constexpr std::string_view kOtherText = "other";

// What a scan of a text says of one rule.
struct Shown {
    std::vector<std::string> secrets;  // sorted
    std::vector<std::string> matches;
    std::vector<std::string> by_sure_rules;  // secrets of rules as sure as it, and its own; sorted
    bool passed_check = false;               // of one of its findings at least
};

Shown scan_text(const scan::SecretsScan& request, const secrets::Rule& rule, std::string text) {
    text += '\n';
    const FileBytes bytes = padded_copy(text);
    model::Document document;
    document.bytes = bytes.bytes;
    document.owner = bytes.owner;
    document.origin.emplace_back().name = example_path(rule);
    Shown shown;
    for (model::Finding& finding : scan::find_secrets(request, document)) {
        // What the rules say of themselves: a path that looks like tests lowers every finding.
        const secrets::Rule* by = request.program->config().find(finding.rule_id);
        if (by != nullptr && by->extras.confidence >= rule.extras.confidence) {
            shown.by_sure_rules.push_back(finding.secret);
        }
        if (finding.rule_id != rule.id) continue;
        const auto check = finding.properties.find("check");
        shown.passed_check |= check == finding.properties.end() || check->second == "valid";
        shown.secrets.push_back(std::move(finding.secret));
        shown.matches.push_back(std::move(finding.match));
    }
    std::ranges::sort(shown.secrets);
    std::ranges::sort(shown.by_sure_rules);
    return shown;
}

// Whether a text gives the same secrets with other text beside it, which is no part of a match.
bool keeps_apart(const Shown& alone, const Shown& beside) {
    return alone.secrets == beside.secrets &&
           std::ranges::none_of(beside.matches, [](std::string_view match) {
               return match.starts_with(kOtherText) || match.ends_with(kOtherText);
           });
}

// The separators between which one of the two is lost. A separator counts where it is an edge to
// both: where each gives the same beside other text as it gives alone. So a password that may hold
// a comma, or what has to begin a line, is not asked for more than it can give. Where a rule that
// is as sure shows the secret in this one's place, it is not lost either.
std::string lost_beside(const scan::SecretsScan& request, const secrets::Rule& rule,
                        const std::string& first, const std::string& second) {
    const Shown alone_first = scan_text(request, rule, first);
    const Shown alone_second = scan_text(request, rule, second);
    std::vector<std::string> expected = alone_first.secrets;
    expected.insert(expected.end(), alone_second.secrets.begin(), alone_second.secrets.end());
    std::ranges::sort(expected);
    std::string lost;
    for (const Separator& separator : kSeparators) {
        const auto scan_both = [&](std::string_view left, std::string_view right) {
            return scan_text(request, rule, fmt::format("{}{}{}", left, separator.text, right));
        };
        if (std::ranges::includes(scan_both(first, second).by_sure_rules, expected)) continue;
        if (!keeps_apart(alone_first, scan_both(first, kOtherText)) ||
            !keeps_apart(alone_second, scan_both(kOtherText, second))) {
            continue;
        }
        lost += (lost.empty() ? "" : ", ") + std::string(separator.name);
    }
    return lost;
}

std::string without_quotes(std::string text) {
    std::erase_if(text, [](char c) { return c == '"' || c == '\''; });
    return text;
}

std::string bare_secret(const scan::SecretsScan& request, const secrets::Rule& rule,
                        const std::string& text) {
    const Shown shown = scan_text(request, rule, text);
    return shown.secrets.empty() ? std::string() : shown.secrets.front();
}

// An example beside one of its own kind, as it is, without the quotes that keep two apart, and
// nothing but its secret; and beside the rule's next example: other text, other lengths.
Result<std::string> problem_in_lists(const scan::SecretsScan& request, const secrets::Rule& rule,
                                     const std::string& text, std::size_t index) {
    if (!rule.regex.has_value()) return std::string();  // a rule of paths sees no list
    const std::vector<std::string>& examples = rule.extras.true_examples;
    const std::string seed = rule.id + "/second";
    const auto alike = secrets::expand_example(examples[index], seed);
    const auto next = secrets::expand_example(examples[(index + 1) % examples.size()], seed);
    if (!alike.ok()) return alike.error();
    if (!next.ok()) return next.error();
    const std::pair<std::string, std::string> pairs[] = {
        {text, alike.value()},
        {text, next.value()},
        {without_quotes(text), without_quotes(alike.value())},
        {bare_secret(request, rule, text), bare_secret(request, rule, alike.value())},
    };
    for (const auto& [first, second] : pairs) {
        const std::string lost = lost_beside(request, rule, first, second);
        if (!lost.empty()) return "one of two was not found with " + lost + " between them";
    }
    return std::string();
}

TriedExample try_true(const scan::SecretsScan& request, const secrets::Rule& rule,
                      std::size_t index) {
    const std::string& example = rule.extras.true_examples[index];
    TriedExample tried{
        .rule = &rule, .expected = "true", .example = example, .text = {}, .problem = {}};
    Result<std::string> text = secrets::expand_example(example, rule.id);
    if (!text.ok()) {
        tried.problem = text.error().to_string();
        return tried;
    }
    tried.text = std::move(text).value();
    const Shown shown = scan_text(request, rule, tried.text);
    if (shown.secrets.empty()) {
        tried.problem = "was not found";
    } else if (!shown.passed_check) {
        tried.problem = "did not pass its check";
    } else {
        Result<std::string> problem = problem_in_lists(request, rule, tried.text, index);
        tried.problem = problem.ok() ? std::move(problem).value() : problem.error().to_string();
    }
    return tried;
}

TriedExample try_false(const scan::SecretsScan& request, const secrets::Rule& rule,
                       const std::string& example) {
    TriedExample tried{
        .rule = &rule, .expected = "false", .example = example, .text = {}, .problem = {}};
    Result<std::string> text = secrets::expand_example(example, rule.id);
    if (!text.ok()) {
        tried.problem = text.error().to_string();
        return tried;
    }
    tried.text = std::move(text).value();
    if (scan_text(request, rule, tried.text).passed_check) tried.problem = "was found";
    return tried;
}

}  // namespace

std::string example_path(const secrets::Rule& rule) {
    if (!rule.path.has_value()) return "example.txt";
    for (const char* name : {"example.txt", "x.tfstate", "x.tf", ".pypirc", ".pgpass", "master.key",
                             "sftp.json", ".env", "config.json", "settings.xml", "x.yaml", "x.sh",
                             "Dockerfile", "README.md", "store.p12"}) {
        if (rule.path->is_match(name)) return name;
    }
    return "example.txt";
}

std::vector<TriedExample> try_examples(const scan::SecretsScan& request,
                                       const secrets::Config& config) {
    std::vector<TriedExample> tried;
    for (const secrets::Rule& rule : config.rules) {
        if (request.cancel != nullptr && request.cancel->cancelled()) break;
        for (std::size_t i = 0; i < rule.extras.true_examples.size(); ++i) {
            tried.push_back(try_true(request, rule, i));
        }
        for (const std::string& example : rule.extras.false_examples) {
            tried.push_back(try_false(request, rule, example));
        }
    }
    return tried;
}

}  // namespace merlon::cli
