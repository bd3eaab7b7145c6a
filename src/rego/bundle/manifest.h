#pragma once

// How Go's JSON reader finds what a manifest says of a bundle.
//
// Standard: encoding/json's Unmarshal, of struct fields. Thread-safe: no state. Cost: linear in the
// object's members.

#include <string_view>

#include "value/value.h"

namespace merlon::rego::bundle {

// The member that is taken for a field: letters' case does not count, and null is nothing. Of
// several that of the exact name, else the first. Null: there is none.
const value::Value* member_without_case(const value::Value& object, std::string_view name);

}  // namespace merlon::rego::bundle
