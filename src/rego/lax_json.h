#pragma once

// A member of a JSON object as fastjson finds it, with which OPA's library reads the header of a
// token that it signs. It looks at brackets, quotes and separators and judges neither escapes nor
// control characters nor numbers, so that it takes texts that are no JSON; what it says of the
// others, policies see.
//
// Standard: RFC 8259, as github.com/valyala/fastjson 1.6 reads it. Thread-safe: no state. Cost: one
// pass; depth is bounded.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::rego {

struct LaxMember {
    std::string_view kind;  // "string", "number", "true", "false", "null", "object" or "array"
    std::string text;       // of a string, without its escapes
};

// Nothing where the text is no object or has no such member; of several the first. `name` is no
// number.
Result<std::optional<LaxMember>> lax_json_member(std::string_view json, std::string_view name);

}  // namespace merlon::rego
