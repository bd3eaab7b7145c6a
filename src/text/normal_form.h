#pragma once

// Unicode's normal form C: characters that can be written in several ways, "é" as one code point or
// as "e" and an accent, written in one.
//
// The idea: what is below U+0300 stands for itself, and most texts hold nothing else. All others
// are taken apart, marks are put in the order of their classes, and what belongs together is
// composed again; the tables are sorted and searched.
//
// Standard: UAX #15 of Unicode 15.0.0, the version of Go 1.21 to 1.26; its NormalizationTest.txt
// holds. Unlike Go nothing is put between more than 30 marks in a row (stream-safe text). A byte
// that is no UTF-8 stays as it is. Thread-safe: constants. Cost: linear, but for marks in a row,
// which are sorted.

#include <string>
#include <string_view>

namespace merlon::text {

std::string to_normal_form_c(std::string_view text);

}  // namespace merlon::text
