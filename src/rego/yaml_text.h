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
#include <string_view>

#include "value/value.h"

namespace merlon::rego {

// go-yaml's words for why OPA does not write the value; empty: it does. OPA reads its JSON as YAML
// first, in which some characters may not stand that JSON leaves as they are.
std::string_view why_not_yaml(const value::Value& value);

// Of a value as JSON has them: no sets, keys are strings.
std::string yaml_text(const value::Value& value);

}  // namespace merlon::rego
