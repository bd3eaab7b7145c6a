#pragma once

// The strings that the elements of an expression can begin with, as the search for the literals of
// a pattern set reads a text (literal_text.h): lower case, U+0130, U+017F and U+212A as i, s and k.
//
// The idea: an expression is a sequence of elements; what the sequence from some element on can
// begin with is the product of what its elements can be, until one of them can be too much.
//
// Thread-safe: no state. Cost: bounded by the limits on the strings.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "match/syntax.h"

namespace merlon::match {

inline constexpr std::size_t kMaxLiterals = 96;
inline constexpr std::size_t kMaxClassMembers = 16;
// Of what has so many strings, only strings that are shorter than this are made longer with it: two
// letters stand everywhere, three with a digit do not.
inline constexpr std::size_t kManyStrings = 8;
inline constexpr std::size_t kSelectiveLength = 3;

// What an element can be at its start.
struct Starts {
    std::vector<std::string> strings;  // none where it can be too many things
    bool exact = false;                // these are all that it can be
    bool is_full = false;              // one more element would make more than kMaxLiterals
};

Starts starts_of(const Node& node);
// What a sequence of elements can begin with.
Starts starts_of_sequence(std::span<const Node> elements);

std::size_t shortest(const std::vector<std::string>& strings);

// The sequence that an expression is: groups opened, concatenations joined, literals cut around
// what has many forms.
std::vector<Node> sequence_of(const Node& root);

// ASCII in lower case, of what a text is read as ASCII.
char lower(char32_t c);
bool is_literal_ascii(char32_t c);
// Whether a character of a literal is more than one string: U+FFFD is any invalid byte too, and a
// letter outside ASCII may match in either case.
bool has_many_forms(const Node& literal, char32_t c);

void sort_once(std::vector<std::string>& strings);

}  // namespace merlon::match
