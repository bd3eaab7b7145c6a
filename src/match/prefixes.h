#pragma once

// The strings one of which begins every match of an expression.
//
// The idea: walk the tree from its begin and keep the set of what may have been read, as exact
// bytes, until it grows too large or the next piece can be too much; so (?:foo|ba[rz])\d begins
// with foo, bar or baz. Each is as long as it can be told. Where the expression reads letters in
// either case, so do the strings for ASCII letters, and what else folds is written out.
//
// Thread-safe: no state. Cost: bounded by the limits on the set.

#include <string>
#include <vector>

#include "match/literals.h"
#include "match/program.h"
#include "match/syntax.h"

namespace merlon::match {

struct PrefixLimits {
    std::size_t max_strings = 64;
    std::size_t max_length = 64;
};

struct Prefixes {
    // None twice, in the order in which the expression prefers them; empty where nothing can be
    // told.
    std::vector<std::string> strings;
    LiteralFold fold = LiteralFold::kExact;  // or kAscii
    bool are_whole = false;  // assertions aside, they are exactly what the expression matches
};

Prefixes required_prefixes(const Node& root, const PrefixLimits& limits = {});

// The rarest byte of those in ASCII that every match has somewhere, where it is rare in ordinary
// text; else kNoRequiredByte. A text without it needs no other look.
std::uint32_t required_byte(const Node& root);

}  // namespace merlon::match
