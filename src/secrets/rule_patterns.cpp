#include "secrets/rule_patterns.h"

namespace merlon::secrets {

std::vector<RulePattern> rule_patterns(const Config& config,
                                       std::span<const std::uint8_t> enabled) {
    const std::vector<Rule>& rules = config.rules;
    std::vector<std::uint8_t> required(rules.size(), 0);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (enabled[i] == 0) continue;
        for (const Required& other : rules[i].required) {
            // One that is not enabled is never found, and the rule that asks for it neither.
            const Rule* rule = config.find(other.rule_id);
            if (rule == nullptr) continue;
            const auto at = static_cast<std::size_t>(rule - rules.data());
            required[at] = enabled[at];
        }
    }
    std::vector<RulePattern> patterns;
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
        if (enabled[i] != 0) patterns.push_back({i, false});
        // A required rule is run for the rule that asks for it whether or not its keywords are
        // there.
        if (required[i] != 0 && rules[i].regex) patterns.push_back({i, true});
    }
    return patterns;
}

std::vector<match::PatternSet::Pattern> expressions_of(const Config& config,
                                                       std::span<const RulePattern> patterns) {
    const match::Regex nothing = match::Regex::compile("").value();
    std::vector<match::PatternSet::Pattern> expressions;
    expressions.reserve(patterns.size());
    for (const RulePattern& pattern : patterns) {
        const Rule& rule = config.rules[pattern.rule];
        expressions.push_back({rule.regex.value_or(nothing),
                               pattern.companion ? std::vector<std::string>{} : rule.keywords});
    }
    return expressions;
}

void compile_patterns(Config& config) {
    const std::vector<std::uint8_t> all(config.rules.size(), 1);
    config.patterns = std::make_shared<const match::PatternSet>(
        expressions_of(config, rule_patterns(config, all)));
}

}  // namespace merlon::secrets
