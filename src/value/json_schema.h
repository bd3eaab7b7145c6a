#pragma once

// JSON Schema: draft-04, -06, -07, 2019-09 and 2020-12, for Rego, configurations, reports and
// tests.
//
// The idea: a schema is read where it stands, keyword by keyword; nothing is compiled, because our
// schemas are small and run once. Where references lead is value/schema_index.h's matter. Numbers
// are compared exactly. `format` and `content…` are annotations, as 2020-12 has them.
//
// Specification: json-schema.org, Core and Validation. Thread-safe: no state. Cost: linear for
// ordinary schemas; a schema may ask for more (alternatives inside alternatives, uniqueItems), so
// steps are counted and limited.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "value/schema_index.h"
#include "value/value.h"

namespace merlon::value {

struct SchemaViolation {
    std::string pointer;  // RFC 6901, into the instance
    std::string message;  // "expected string, found number"
};

// Whether `text` contains a match of the expression; an Error where that does not compile. Regular
// expressions live a room higher, so they come in from outside.
using PatternMatcher = std::function<Result<bool>(std::string_view pattern, std::string_view text)>;

struct SchemaOptions {
    SchemaDraft draft = SchemaDraft::k2020;          // for a schema that does not say
    std::string_view address = {};                   // where the schema stands; may be empty
    std::span<const SchemaDocument> documents = {};  // what its references may lead to
    std::uint64_t max_steps = 50'000'000;            // a second or two
};

// Everything in `instance` that the schema does not allow; nothing where it fits. Fails where the
// schema itself is wrong (an unknown reference, an expression that does not compile, a `$schema`
// that is not known) and where judging takes more than the steps allowed.
Result<std::vector<SchemaViolation>> validate(const Value& schema, const Value& instance,
                                              const PatternMatcher& matches,
                                              const SchemaOptions& options = {});

}  // namespace merlon::value
