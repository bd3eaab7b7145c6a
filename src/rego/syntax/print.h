#pragma once

// Parts of a syntax tree as one line of Rego, as messages quote them: OPA's String().
//
// It is not the formatter (rego/syntax/format.h): places and comments do not count, elements of
// sets and objects stand in their order, infix operators as calls.
//
// Thread-safe: no state. Cost: linear, but sets and objects are sorted.

#include <string>

#include "rego/syntax/tree.h"

namespace merlon::rego::syntax {

std::string to_text(const Term& term);
// A reference's head and path.
std::string to_text(Terms reference);
std::string to_text(const Expression& expression);
std::string to_text(const Import& import);

// Whether that text begins with a brace.
bool is_brace_led(const Term& term);

}  // namespace merlon::rego::syntax
