#pragma once

// The expressions of a configuration's rules in the order in which a program runs them.
//
// The idea: which rules are run, and which besides as companions of others, is told in one place,
// so that the set that was stored with a configuration is the one that a program would make.
//
// Thread-safe: no state. Cost: linear in the rules.

#include <cstdint>
#include <span>
#include <vector>

#include "match/pattern_set.h"
#include "secrets/config.h"

namespace merlon::secrets {

struct RulePattern {
    std::uint32_t rule = 0;  // place in Config::rules
    bool companion = false;  // run for another rule that requires it, whatever its keywords
};

// By ascending rule; `enabled` has a number for each, not 0 where the rule counts.
std::vector<RulePattern> rule_patterns(const Config& config, std::span<const std::uint8_t> enabled);

// The expressions and keywords of these.
std::vector<match::PatternSet::Pattern> expressions_of(const Config& config,
                                                       std::span<const RulePattern> patterns);

// Compiles the expressions of all rules into config.patterns.
void compile_patterns(Config& config);

}  // namespace merlon::secrets
