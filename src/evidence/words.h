#pragma once

// The words by which a finding is found: those of its title, its rule and its path.
//
// The idea: both databases have an index of words, but each its own notion of one. So what a word
// is is settled here, and the drivers get words that they have no choice but to take as they are:
// runs of letters and digits in lower case (of ASCII; any other character is a letter), and in
// "hardcodedPassword" its parts, too. A search takes the beginnings of words: "pass" finds it.
//
// Thread-safe: no state. Cost: linear in the text, of which kMaxWordedBytes count.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::evidence {

// Of each text; of longer ones the rest is not found by its words.
inline constexpr std::size_t kMaxWordedBytes = 32'768;
// Words are cut off behind so many bytes, where they are kept and where they are looked for.
inline constexpr std::size_t kMaxWordBytes = 64;

// What the index keeps, with a space between each two.
std::string words_of(std::string_view title, std::string_view rule, std::string_view path);

// The words that are looked for, without the parts of one. Empty: there are only signs in the text.
std::vector<std::string> searched_words(std::string_view text);

// Whether each of `searched`, with a space between each two, begins one of the words.
bool has_words(std::string_view words, std::string_view searched);

}  // namespace merlon::evidence
