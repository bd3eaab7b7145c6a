#pragma once

// A Value as YAML, as OPA 1.22 writes it (go-yaml 3's block style, two spaces): for yaml.marshal.
//
// The idea: strings are plain where they read back as themselves, in double quotes where they would
// be something else, in single quotes where a character has a meaning, and blocks where they have
// several lines.
//
// Not as there: U+0085, U+2028 and U+2029 are always escaped, a multi-line key is one by "\n"
// alone, and U+007F is written where OPA fails.
//
// Thread-safe: no state. Cost: linear.

#include <string>

#include "value/value.h"

namespace merlon::rego {

// Of a value as JSON has them: no sets, keys are strings.
std::string yaml_text(const value::Value& value);

}  // namespace merlon::rego
