#pragma once

// json.patch (RFC 6902) over Rego's values, and the paths that it shares with json.remove and
// json.filter: a JSON pointer (RFC 6901) or an array of steps. Elements of sets are steps too.
//
// Thread-safe: no state beside the Context. Cost: what lies along the path is built anew for each
// operation; the rest is shared.

#include <vector>

#include "rego/builtins.h"

namespace merlon::rego {

// The steps of a path; false after an error of the second operand.
bool read_path(Context& context, const value::Value& written, std::vector<value::Value>& steps);

Outcome json_patch(Context& context, Operands operands);

}  // namespace merlon::rego
