#pragma once

// UTF-8 (RFC 3629; Unicode, section 3.9, table 3-7), with Go's reading of broken text: each byte
// that does not begin a valid sequence stands for U+FFFD and is one byte wide.
//
// Thread-safe: no state. Cost: one pass; whether bytes are ASCII or valid is looked
// at in vectors (text/utf8_scan.h).

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace merlon::text {

inline constexpr char32_t kReplacement = 0xFFFD;

struct CodePoint {
    char32_t value;
    std::uint8_t width;  // bytes, 1 to 4; 1 for an invalid byte
    bool valid;
};

// The code point at the start of `text`, which must not be empty.
CodePoint decode_utf8(std::string_view text);

// Appends the 1 to 4 bytes of `value`; what is no scalar value is written as U+FFFD.
void append_utf8(std::string& out, char32_t value);

// The offset of the first invalid byte, or text.size().
std::size_t find_invalid_utf8(std::string_view text);
inline bool is_valid_utf8(std::string_view text) { return find_invalid_utf8(text) == text.size(); }
bool is_ascii(std::string_view text);

// Code points in `text`, an invalid byte counting as one.
std::size_t count_code_points(std::string_view text);

// `text` with each invalid byte replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);

// A byte that is in no valid UTF-8.
inline constexpr char kInvalidMark = '\xFF';

// A copy of the same length in which each byte that stands for U+FFFD is kInvalidMark, so that a
// matcher over bytes knows them and offsets stay what they are. What stands before `from`, a
// boundary of code points, is known to be valid.
std::string mark_invalid_utf8(std::string_view text, std::size_t from = 0);

// One line that is safe to show: tabs and line breaks become spaces; invalid bytes, other control
// characters and what turns the reading direction (Unicode 15, section 23.2) become U+FFFD, because
// a hostile file name must not move a terminal's cursor or dress up as another.
std::string to_printable(std::string_view text);

}  // namespace merlon::text
