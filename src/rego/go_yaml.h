#pragma once

// YAML as OPA 1.22 reads it, by way of go-yaml 3 and encoding/json: the first document of a stream
// that is well-formed as a whole; of equal keys the last; keys are texts; numbers are written anew
// as Go's int, uint64 and float64.
//
// Thread-safe: no state. Cost: linear; text::YamlOptions bounds depth and nodes.

#include <string_view>

#include "base/result.h"
#include "value/value.h"

namespace merlon::rego {

// The errors have OPA's texts where go-yaml and encoding/json have some.
Result<value::Value> read_go_yaml(std::string_view text, value::Builder& values);

}  // namespace merlon::rego
