#pragma once

// The strings one of which begins every match of an expression.
//
// The idea: walk the tree from its begin and keep the set of what may have been read, as exact
// bytes, until it grows too large or the next piece can be too much; so (?:foo|ba[rz])\d begins
// with foo, bar or baz. Each is as long as it can be told.
//
// Thread-safe: no state. Cost: bounded by the limits on the set.

#include <string>
#include <vector>

#include "match/syntax.h"

namespace merlon::match {

struct PrefixLimits {
    std::size_t max_strings = 64;
    std::size_t max_length = 24;
};

struct Prefixes {
    std::vector<std::string> strings;  // sorted, none twice; empty where nothing can be told
    bool are_whole = false;            // assertions aside, they are all that the expression matches
};

Prefixes required_prefixes(const Node& root, const PrefixLimits& limits = {});

}  // namespace merlon::match
