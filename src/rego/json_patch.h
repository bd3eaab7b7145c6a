#pragma once

// json.patch (RFC 6902) over Rego's values, and the paths that it shares with json.remove and
// json.filter: a JSON pointer (RFC 6901) or an array of steps. Elements of sets are steps too.
//
// Thread-safe: no state beside the Context. Cost: what lies along the path is built anew for each
// operation; the rest is shared.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "rego/builtins.h"

namespace merlon::rego {

// The steps of a path; false after an error of the second operand.
bool read_path(Context& context, const value::Value& written, std::vector<value::Value>& steps);

// A step of a path as an index: OPA takes "1", "+1", "1.0" and even ".", and not "1e0".
std::optional<std::int64_t> index_of_step(std::string_view text);

Outcome json_patch(Context& context, Operands operands);

}  // namespace merlon::rego
