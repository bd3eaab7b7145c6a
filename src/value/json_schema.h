#pragma once

// JSON Schema: draft-04, draft-07 and 2020-12, for Rego, configurations, reports and tests.
//
// The idea: a schema is read where it stands, keyword by keyword; nothing is compiled, because our
// schemas are small and run once. `$ref` goes to the same document, by JSON pointer or by `$id` or
// `$anchor`; a reference elsewhere is an error of the schema. `format` is an annotation, as 2020-12
// has it.
//
// Specification: json-schema.org, Core and Validation. Thread-safe: no state. Cost: linear for
// ordinary schemas; references are followed at most kMaxDepth deep.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "value/value.h"

namespace merlon::value {

struct SchemaViolation {
    std::string pointer;  // RFC 6901, into the instance
    std::string message;  // "expected string, found number"
};

// Whether `text` contains a match of the expression; an Error where that does not compile. Regular
// expressions live a room higher, so they come in from outside.
using PatternMatcher = std::function<Result<bool>(std::string_view pattern, std::string_view text)>;

// Everything in `instance` that the schema does not allow; nothing where it fits. Fails where the
// schema itself is wrong: an unknown reference, an expression that does not compile.
Result<std::vector<SchemaViolation>> validate(const Value& schema, const Value& instance,
                                              const PatternMatcher& matches);

}  // namespace merlon::value
