#pragma once

// What conftest says of files: results of rules, their counts and exit codes.
//
// Thread-safe: values.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "value/value.h"

namespace merlon::compat::conftest {

struct ResultPlace {
    std::string file;
    std::string line;  // a number as it was written; empty: none
};

// One answer of a rule.
struct RuleResult {
    std::string message;  // empty: the rule had nothing to say
    std::optional<ResultPlace> place = {};
    // What else the rule says, by name in ascending order.
    std::vector<std::pair<std::string, value::Value>> metadata = {};
    std::string query = {};  // stands among the metadata; empty: there are none

    bool has_passed() const { return message.empty(); }
};

struct Totals {
    std::size_t successes = 0;
    std::size_t failures = 0;
    std::size_t warnings = 0;
    std::size_t exceptions = 0;
    std::size_t skipped = 0;

    std::size_t tests() const { return successes + failures + warnings + exceptions + skipped; }
    // "2 tests, 1 passed, 0 warnings, 1 failure, 0 exceptions"
    std::string to_string() const;
};

// A question with the trace of its evaluation, one line for each event.
struct TracedQuery {
    std::string query;
    bool has_passed = true;
    std::string trace;
};

// What one file is told by the rules of one namespace.
struct CheckResult {
    std::string file;
    std::string name_space = {};
    std::size_t successes = 0;
    std::vector<RuleResult> skipped = {};
    std::vector<RuleResult> warnings = {};
    std::vector<RuleResult> failures = {};
    std::vector<RuleResult> exceptions = {};
    std::vector<std::string> prints = {};  // "policy.rego:3: text\n"
    std::vector<TracedQuery> traced = {};  // with --trace

    Totals totals() const {
        return {successes, failures.size(), warnings.size(), exceptions.size(), skipped.size()};
    }
};

Totals totals(std::span<const CheckResult> results);

}  // namespace merlon::compat::conftest
