#pragma once

// Sets of code points as ranges: what a character class is made of while it is parsed.
//
// The idea: a class grows by appending ranges in any order; clean() sorts and joins them once at
// the end. Case folding adds whole orbits, of which only those that lie in a range are walked.
//
// Thread-safe: no state. Cost: linear in the ranges, clean() sorts.

#include <string_view>
#include <vector>

#include "match/unicode_tables.h"

namespace merlon::match {

using CodePointRanges = std::vector<CodePointRange>;

void append_range(CodePointRanges& ranges, char32_t low, char32_t high);
// Also everything that a member is the same as under (?i).
void append_folded_range(CodePointRanges& ranges, char32_t low, char32_t high);
// Ascending, none touching another.
void clean(CodePointRanges& ranges);
// What is not in `ranges`, which must be clean.
CodePointRanges negated(const CodePointRanges& ranges);
bool contains(const CodePointRanges& clean_ranges, char32_t point);
// The smallest code point of the orbit of `point`.
char32_t smallest_fold(char32_t point);

// \d, \s, \w: the members for the letter in lower case; empty for any other.
CodePointRanges perl_class(char letter);
// The members of [:name:], which are ASCII; empty where Go knows no such name.
CodePointRanges posix_class(std::string_view name);

}  // namespace merlon::match
