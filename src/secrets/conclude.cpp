// What depends on path and commit: allowlists, rules that need another one nearby, and the
// preference of specific rules over generic ones.

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "secrets/program.h"

namespace merlon::secrets {
namespace {

// How many companions for each requirement our own dialect names: enough to see why.
constexpr std::size_t kMaxCompanions = 16;
// How many findings on one line our own dialect compares a generic one with: a line can be the
// whole file. What overlaps is told apart by the scan in any case.
constexpr std::size_t kMaxSpecific = 256;

bool contains_generic(std::string_view id) {
    std::string lowered(id);
    for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return lowered.find("generic") != std::string::npos;
}

std::int64_t distance(std::int64_t left, std::int64_t right) {
    return left < right ? right - left : left - right;
}

// gitleaks's first look at a fragment, before its content: lists of condition AND count only where
// they check nothing but path and commit.
bool place_allows(const Allowlist& list, std::string_view path, std::string_view commit) {
    if (list.condition == Allowlist::Condition::kOr) {
        return list.allows_commit(commit) || list.allows_path(path);
    }
    if (list.has_content_checks()) return false;
    return (list.commits.empty() || list.allows_commit(commit)) &&
           (!list.paths || list.allows_path(path));
}

bool any_place_allows(const std::vector<Allowlist>& lists, std::string_view path,
                      std::string_view commit) {
    if (path.empty() && commit.empty()) return false;
    return std::any_of(lists.begin(), lists.end(),
                       [&](const Allowlist& list) { return place_allows(list, path, commit); });
}

// What is_allowed left open: content holds, now path and commit.
bool held_allows(const std::vector<Allowlist>& lists, const std::vector<std::uint32_t>& held,
                 const Inputs& inputs) {
    return std::any_of(held.begin(), held.end(), [&](std::uint32_t i) {
        return (lists[i].commits.empty() || lists[i].allows_commit(inputs.commit)) &&
               (!lists[i].paths || lists[i].allows_path(inputs.path));
    });
}

// A generic rule gives way to a specific one that has its secret on the same line and does not
// doubt it, of which at most `max_specific` are looked at.
std::vector<std::uint8_t> generic_that_give_way(const std::vector<SecretFinding>& findings,
                                                std::size_t max_specific) {
    std::vector<std::uint8_t> drops(findings.size(), 0);
    std::unordered_map<std::int64_t, std::vector<std::string_view>> specific;  // by line
    std::vector<std::size_t> generic;
    for (std::size_t i = 0; i < findings.size(); ++i) {
        const bool is_doubted =
            findings[i].fact != nullptr && findings[i].fact->doubt != Doubt::kNone;
        if (contains_generic(findings[i].rule->id)) {
            generic.push_back(i);
        } else if (!is_doubted) {
            specific[findings[i].start_line].push_back(findings[i].secret);
        }
    }
    for (const std::size_t i : generic) {
        const auto line = specific.find(findings[i].start_line);
        if (line == specific.end()) continue;
        const std::span secrets(line->second.data(), std::min(line->second.size(), max_specific));
        drops[i] = std::any_of(secrets.begin(), secrets.end(), [&](std::string_view secret) {
            return secret.find(findings[i].secret) != std::string_view::npos;
        });
    }
    return drops;
}

}  // namespace

bool Program::allows(std::string_view path, std::string_view commit) const {
    return any_place_allows(config_->allowlists, path, commit);
}

bool Program::rule_applies(const Rule& rule, const Inputs& inputs) const {
    return !any_place_allows(rule.allowlists, inputs.path, inputs.commit) &&
           (!rule.path || path_fits(rule, inputs.path));
}

Program::Results Program::conclude(std::span<const Facts> all_facts, const Inputs& inputs,
                                   model::Host&) const {
    Results findings;
    if (allows(inputs.path, inputs.commit)) return findings;
    const std::vector<Rule>& rules = config_->rules;
    std::unordered_map<std::uint32_t, bool> applies;
    const auto rule_fits = [&](std::uint32_t index) {
        const auto [at, added] = applies.emplace(index, false);
        if (added) at->second = rule_applies(rules[index], inputs);
        return at->second;
    };
    for (const Facts& facts : all_facts) {
        Results ours;
        ours.reserve(facts.path_rules.size() + facts.matches.size());
        for (const std::uint32_t index : facts.path_rules) {
            if (!rule_fits(index)) continue;
            SecretFinding finding;
            finding.rule = &rules[index];
            finding.match = "file detected: " + inputs.path;
            finding.tags = rules[index].tags;
            ours.push_back(std::move(finding));
        }
        for (const Fact& fact : facts.matches) {
            const Rule& rule = rules[fact.rule];
            if (fact.companion || !rule_fits(fact.rule) ||
                held_allows(config_->allowlists, fact.held_global_lists, inputs) ||
                held_allows(rule.allowlists, fact.held_rule_lists, inputs)) {
                continue;
            }
            SecretFinding finding;
            finding.rule = &rule;
            finding.fact = &fact;
            finding.start_line = inputs.first_line + fact.start_line;
            finding.end_line = inputs.first_line + fact.end_line;
            finding.start_column = fact.start_column;
            finding.end_column = fact.end_column;
            finding.match = fact.match;
            finding.secret = fact.secret;
            finding.tags = rule.tags;
            finding.tags.insert(finding.tags.end(), fact.tags.begin(), fact.tags.end());
            ours.push_back(std::move(finding));
        }
        keep_required(facts, inputs, ours);
        const std::vector<std::uint8_t> drops = generic_that_give_way(
            ours, options_.dialect == Dialect::kMerlon ? kMaxSpecific : SIZE_MAX);
        std::size_t at = 0;
        std::erase_if(ours, [&](const SecretFinding&) { return drops[at++] != 0; });
        if (findings.empty()) {
            findings = std::move(ours);
        } else {
            std::move(ours.begin(), ours.end(), std::back_inserter(findings));
        }
    }
    return findings;
}

// The findings of the rule that `required` names, each a companion of those of its own pass.
std::vector<Program::Candidate> Program::candidates(const Facts& facts, const Inputs& inputs,
                                                    const Required& required) const {
    std::vector<Candidate> found;
    const Rule* rule = config_->find(required.rule_id);
    if (rule == nullptr) return found;
    const auto index = static_cast<std::size_t>(rule - config_->rules.data());
    if (enabled_[index] == 0 || !rule_applies(*rule, inputs)) return found;
    // A path alone is a finding on line 0, and only before anything is decoded.
    if (!rule->regex) found.push_back({0, 0, 0, {}});
    for (const Fact& fact : facts.matches) {
        if (!fact.companion || fact.rule != index ||
            held_allows(config_->allowlists, fact.held_global_lists, inputs) ||
            held_allows(rule->allowlists, fact.held_rule_lists, inputs)) {
            continue;
        }
        found.push_back(
            {fact.pass, inputs.first_line + fact.start_line, fact.start_column, fact.secret});
    }
    return found;
}

void Program::keep_required(const Facts& facts, const Inputs& inputs,
                            std::vector<SecretFinding>& findings) const {
    std::unordered_map<const Required*, std::vector<Candidate>> known;
    const auto add_companions = [&](SecretFinding& finding, const Required& required) {
        const auto [at, added] = known.try_emplace(&required);
        if (added) at->second = candidates(facts, inputs, required);
        std::size_t left = options_.dialect == Dialect::kMerlon ? kMaxCompanions : SIZE_MAX;
        for (const Candidate& other : at->second) {
            const bool is_near =
                (!required.within_lines ||
                 distance(finding.start_line, other.line) <= *required.within_lines) &&
                (!required.within_columns ||
                 distance(finding.start_column, other.column) <= *required.within_columns);
            if (other.pass != finding.fact->pass || !is_near) continue;
            finding.companions.push_back(
                {config_->find(required.rule_id), other.line, std::string(other.secret)});
            if (--left == 0) return;
        }
    };
    std::erase_if(findings, [&](SecretFinding& finding) {
        if (finding.rule->required.empty() || finding.fact == nullptr) return false;
        for (const Required& required : finding.rule->required) add_companions(finding, required);
        // A rule that is required twice is satisfied by either distance.
        return !std::all_of(finding.rule->required.begin(), finding.rule->required.end(),
                            [&](const Required& required) {
                                return std::any_of(
                                    finding.companions.begin(), finding.companions.end(),
                                    [&](const Companion& companion) {
                                        return companion.rule->id == required.rule_id;
                                    });
                            });
    });
}

}  // namespace merlon::secrets
