#pragma once

// Patterns in ECMA-262's syntax (JSON Schema, OpenAPI) for an engine with Go's.
//
// The idea: most patterns are written alike in both. What Go spells differently (\cX, \p{Letter})
// or means differently (\d is the same, \s is ASCII in Go and Unicode in ECMA-262) is rewritten;
// what Go does not have (look-around, back-references) stays as it is and is the compiler's error.
//
// Standard: ECMA-262, 22.2 (regular expressions, with the u flag). Thread-safe: no state. Cost:
// linear.

#include <string>
#include <string_view>

namespace merlon::match {

// `pattern` so that Regex::compile reads it as ECMA-262 does.
std::string from_ecma(std::string_view pattern);

}  // namespace merlon::match
