#pragma once

// Go's fmt.Sprintf over Rego values, as OPA's sprintf hands them to it: numbers as int64, *big.Int
// or float64, strings as strings, everything else as its term's text (golang.org/pkg/fmt, Go 1.25).
//
// Thread-safe: no state. Cost: linear in the text; widths and precisions beyond 1,000,000 are
// errors in Go's text too.

#include <span>
#include <string>
#include <string_view>

#include "base/recycled.h"
#include "base/result.h"
#include "rego/term.h"
#include "value/value.h"

namespace merlon::rego {

// Fails where the text would be larger than kMaxTextBytes: widths multiply.
Result<std::string> go_sprintf(std::string_view format, std::span<const value::Value> arguments);

// Appends what go_sprintf gives where that is plain: %v, %s, %d and %% without flags, with an
// argument that fits for each. False where it is not; what has been appended then means nothing.
bool format_plainly(std::string_view format, std::span<const value::Value> arguments,
                    std::string& out);

// strconv.FormatFloat(number, format, precision, 64); -1: the fewest digits.
std::string go_float_text(double number, char format, int precision);

// strings.ToLower and ToUpper.
RecycledString go_lower(std::string_view text);
RecycledString go_upper(std::string_view text);
// unicode.IsSpace.
bool is_go_space(char32_t point);

}  // namespace merlon::rego
