#pragma once

// Texts and characters in quotes, as Go's strconv.Quote writes them: what cannot be printed is
// escaped. It stands beside the Unicode tables, which say what can be printed.
//
// Thread-safe: no state. Cost: linear.

#include <cstdint>
#include <string>
#include <string_view>

namespace merlon::match {

// strconv.IsPrint: letters, marks, numbers, punctuation, symbols and the space.
bool is_go_printable(char32_t point);

enum class GoCharacters : std::uint8_t {
    kPrintable,  // strconv.Quote
    kAscii,      // strconv.QuoteToASCII
};

void append_go_quoted(std::string& out, std::string_view text,
                      GoCharacters kept = GoCharacters::kPrintable);
// strconv.QuoteRune and QuoteRuneToASCII; what is no character is U+FFFD.
std::string go_quoted_rune(char32_t point, GoCharacters kept);
// strconv.CanBackquote: one line without control characters, backquotes or wrong bytes.
bool can_backquote(std::string_view text);

}  // namespace merlon::match
