#pragma once

// Deals the strings of a packed search into buckets, so that few places of ordinary text get
// through; see teddy.h.
//
// The idea: the window of a string is the up to four bytes that text has least often; windows whose
// nibbles agree share a bucket, because what a bucket lets through is every combination of its
// windows' nibbles.
//
// Pure functions. Cost: the square of the number of windows at worst, for some thousand.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "match/teddy.h"

namespace merlon::match {

struct Window {
    std::uint32_t offset = 0;
    std::string_view bytes;
};

// The window of up to four bytes that ordinary text has least often; empty for an empty string.
Window rarest_window(std::string_view string, bool folds);

// How often a byte stands in a text: an ordinary one, or one in the script of the strings, where
// letters outside ASCII begin with one of two bytes, or one of some ten of three.
enum class TextKind : std::uint8_t { kOrdinary, kOfTheirScript };

// What a bucket lets through: by place in the window the low and the high nibbles, 16 bits each.
struct Nibbles {
    std::array<std::uint16_t, kTeddyMaxWindow> low{};
    std::array<std::uint16_t, kTeddyMaxWindow> high{};

    void add(const Nibbles& other) {
        for (std::size_t i = 0; i < kTeddyMaxWindow; ++i) {
            low[i] |= other.low[i];
            high[i] |= other.high[i];
        }
    }
    // How often a place of a text gets through.
    double passes(std::size_t window, TextKind kind = TextKind::kOrdinary) const;
};

// The windows of one bit.
struct Bucket {
    Nibbles nibbles;
    double passes = 0;
    std::vector<std::size_t> members;  // places in the list of windows
};

// How often a place of ordinary text gets through some bucket.
double all_pass(const std::vector<Bucket>& buckets);

// The fewest groups of eight buckets that let little through, else the most.
std::vector<Bucket> best_buckets(const std::vector<Window>& windows, std::size_t window,
                                 bool folds);

}  // namespace merlon::match
