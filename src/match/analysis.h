#pragma once

// What every match of an expression must contain: the literals that make a search fast.
//
// The idea ("inner literal"): in the sequence that an expression is, some element can only begin
// with one of a few strings. A match then needs one of these strings, and what stands before it
// inside the match is known: how long it can be at most, and of which bytes it is. Everything is an
// over-approximation: literals are lower case and match either case, U+0130, U+017F and U+212A
// count as i, s and k (literal_text.h); the exact matcher has the last word.
//
// Thread-safe: no state. Cost: linear in the tree, with bounded sets.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "match/program.h"
#include "match/syntax.h"

namespace merlon::match {

// Of a prefix that can be of any length.
inline constexpr std::size_t kUnboundedPrefix = static_cast<std::size_t>(-1);
// Longer ones count as such.
inline constexpr std::size_t kMaxPrefixBytes = 4096;
inline constexpr std::size_t kMinLiteralLength = 2;

struct Core {
    std::vector<std::string>
        literals;  // lower case, none a prefix of another's duplicate; not empty
    std::size_t max_prefix_bytes = 0;  // what may stand before the literal inside a match
    ByteSet prefix_bytes{};            // that it may consist of
    Node prefix;                       // what stands before the literal, without captures
    Node suffix;                       // the expression from the literal on, as well
};

// The best core of an expression, one with a bounded prefix where there is one, or nothing where
// there is none worth searching for.
std::optional<Core> find_core(const Node& root);

// For an expression without a core: lower-case strings of which every match contains one, anywhere;
// empty where there are none.
std::vector<std::string> find_required(const Node& root);

// Bytes of the longest match, or nothing where there is no bound.
std::optional<std::size_t> max_length_bytes(const Node& node);

}  // namespace merlon::match
