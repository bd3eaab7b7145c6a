#pragma once

// A Value as YAML, as sigs.k8s.io/yaml writes it (go-yaml's block style): for yaml.marshal.
//
// The idea: strings are plain where they read back as themselves, in double quotes where they would
// be something else, in single quotes where a character has a meaning, and blocks where they have
// several lines.
//
// Thread-safe: no state. Cost: linear.

#include <string>

#include "value/value.h"

namespace merlon::rego {

// Of a value as JSON has them: no sets, keys are strings.
std::string yaml_text(const value::Value& value);

}  // namespace merlon::rego
