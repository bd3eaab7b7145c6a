#pragma once

// A Value as YAML, as OPA 1.22 writes it (go-yaml 3's block style, two spaces): for yaml.marshal.
//
// The idea: strings are plain where they read back as themselves, in double quotes where they would
// be something else, in single quotes where a character has a meaning, and blocks where they have
// several lines.
//
// Not as there: U+0085, U+2028 and U+2029 are always escaped, and a multi-line key is one by "\n"
// alone.
//
// Thread-safe: no state. Cost: linear.

#include <string>

#include "value/value.h"

namespace merlon::rego {

// Whether OPA writes the value: it reads its JSON as YAML first, which no control characters may be
// in that JSON leaves as they are.
bool is_yaml_writable(const value::Value& value);

// Of a value as JSON has them: no sets, keys are strings.
std::string yaml_text(const value::Value& value);

}  // namespace merlon::rego
