#pragma once

// Rego's ground terms as text, both ways, and as JSON.
//
// term_text writes what OPA's Value.String() gives: `{"a": [1, {2, "x"}]}`, `set()`. read_term
// reads such terms: JSON with sets, keys of any kind, raw strings and trailing commas. to_json
// turns sets into arrays and keys into strings, as OPA's results are.
//
// Thread-safe: no state. Cost: linear.

#include <string>
#include <string_view>

#include "base/result.h"
#include "rego/syntax/literal.h"
#include "value/value.h"

namespace merlon::rego {

// A text that grows beyond this is cut somewhere; whoever makes values of texts asks before.
inline constexpr std::size_t kMaxTextBytes = std::size_t{256} << 20;
// Takes from `bytes_left` about what the value needs as text; false where that is not enough.
bool is_written_within(const value::Value& value, std::size_t& bytes_left);

std::string term_text(const value::Value& value);
void append_term_text(std::string& out, const value::Value& value);
using syntax::append_go_quoted;

Result<value::Value> read_term(std::string_view text, value::Builder& builder);

value::Value to_json(const value::Value& value, value::Builder& builder);
// json.Marshal of what to_json gives: one line, Go's escapes, numbers as they were written.
std::string json_text(const value::Value& value);
void append_json_text(std::string& out, const value::Value& value);

}  // namespace merlon::rego
