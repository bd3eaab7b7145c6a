#pragma once

// "Did you mean …?": the candidate that a mistyped word is nearest to.
//
// Distance is the optimal string alignment: insertions, deletions, replacements and swaps of
// neighbours. Thread-safe: no state. Cost: O(word × candidate) for each candidate.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace merlon {

std::size_t edit_distance(std::string_view left, std::string_view right);

// The nearest candidate within a third of the word's length (at least 1, at most 3 edits), the
// first of equals; empty where none is near enough to be what was meant.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "; did you mean 'x'?", or nothing. Where no candidate is near as a whole, it names up to three of
// those that share the most parts with the word: for "gihub-access" what begins with "github-".
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace merlon
