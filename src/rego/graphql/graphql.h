#pragma once

// GraphQL documents for Rego's graphql built-ins: parsed to trees of Values, and checked.
//
// The idea: a document is a Value of the form that OPA gives policies (the fields of gqlparser's
// tree, without what is empty), and each node has its place beside them in a member that policies
// never see. Whether a policy hands in text or such a tree, the checks look at the same Values.
//
// Standard: GraphQL October 2021, with the errors of gqlparser 2.5, which OPA 1.22 uses.
// Thread-safe: no state. Cost: linear to parse; the checks have a bound of steps.
// Bounds: the depth of a document, and its bytes.

#include <string_view>

#include "base/result.h"
#include "value/value.h"

namespace merlon::rego::graphql {

// The member that says where a node stood: [line, column].
inline constexpr std::string_view kPlace = "Position";

// Errors have their line and column.
Result<value::Value> parse_query(std::string_view text, value::Builder& values);
Result<value::Value> parse_schema(std::string_view text, value::Builder& values);

// Without places and empty members: as policies see it.
value::Value without_places(const value::Value& node, value::Builder& values);

// Whether the schema is one; the first thing that is wrong.
Status check_schema(const value::Value& schema, value::Builder& values);

}  // namespace merlon::rego::graphql
