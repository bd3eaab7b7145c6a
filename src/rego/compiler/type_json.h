#pragma once

// Types as JSON, as they stand in the details of errors.
//
// Standard: what OPA 1.22.2's v1/types writes; OPA's descriptions of operands are left out.
// Thread-safe: no state. Cost: linear in the type.

#include <string_view>

#include "rego/compiler/types.h"
#include "text/json.h"

namespace merlon::rego::compiler {

// {"type": "array", "static": …}; null for a type that is not known. `name`: of an operand, or
// empty.
void write_type(text::JsonWriter& json, const Type* type, std::string_view name = {});

}  // namespace merlon::rego::compiler
