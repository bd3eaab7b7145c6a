#pragma once

// The results of a query in OPA's formats: json, pretty, raw, bindings, values, discard.
//
// Thread-safe: no state. Cost: linear in the results.

#include <span>
#include <string>
#include <string_view>

#include "rego/syntax/tree.h"
#include "value/value.h"

namespace merlon::compat::opa {

// Each result is [an object of bindings, [the value of each expression of the query]].
std::string results_text(std::string_view format, rego::syntax::Body query,
                         std::span<const value::Value> results, value::Builder& values);

}  // namespace merlon::compat::opa
