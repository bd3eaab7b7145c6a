#pragma once

// What string and number literals mean, and strings as Go quotes them.
//
// Standard: encoding/json's unquoting, strconv.Quote and big.Float's bounds, which OPA goes by.
// Thread-safe: no state. Cost: one pass.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "match/go_quote.h"

namespace merlon::rego::syntax {

// The content of a JSON string literal with its quotes, or nothing where it is none: a control
// character, a wrong escape. A lone surrogate is U+FFFD.
std::optional<std::string> unquote_json(std::string_view literal);

// `text` with quotes, as strconv.Quote writes it: what cannot be printed is escaped.
inline void append_go_quoted(std::string& out, std::string_view text) {
    match::append_go_quoted(out, text);
}
inline std::string go_quoted(std::string_view text) {
    std::string out;
    append_go_quoted(out, text);
    return out;
}

// The first code point of `text`, as fmt's %+q has it: in single quotes, ASCII only.
std::string go_quoted_rune(std::string_view text);

enum class NumberState : std::uint8_t { kFine, kInvalid, kTooBig };
// Whether `text` is a number that OPA evaluates: its binary exponent is at most 100,000.
NumberState check_number(std::string_view text);
// The same number in JSON's syntax: ".5" is "0.5".
std::string json_number(std::string_view text);

// Whether a reference can say `.text`.
bool is_variable_like(std::string_view text);

// A template string's constant part: `{` has a backslash before it.
std::string escape_braces(std::string_view text);

}  // namespace merlon::rego::syntax
