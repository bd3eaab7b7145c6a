#pragma once

// A class of code points as an automaton over the bytes of UTF-8.
//
// The idea: a range of code points is a few sequences of byte ranges (Ken Thompson's utf8 split, as
// in RE2); all sequences of a class, read forward or backward, become one deterministic, minimal
// acyclic automaton, because equal rests are built once. U+FFFD also stands for an invalid byte,
// which reaches the engines as the byte 0xFF; surrogates have no encoding.
//
// Thread-safe: no state. Cost: sequences times the depth of at most four.

#include <cstdint>
#include <vector>

#include "match/char_class.h"

namespace merlon::match {

enum class Direction : std::uint8_t { kForward, kReverse };

struct Utf8Trie {
    static constexpr std::uint32_t kFinal = 0xFFFF'FFFF;

    struct Edge {
        std::uint8_t low = 0;
        std::uint8_t high = 0;
        std::uint32_t child = kFinal;

        bool operator==(const Edge&) const = default;
    };
    // Children stand before their parents; the last one is the root. None where the class is empty.
    std::vector<std::vector<Edge>> nodes;
};

Utf8Trie make_utf8_trie(const CodePointRanges& clean_ranges, Direction direction);

}  // namespace merlon::match
