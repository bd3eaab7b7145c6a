#pragma once

// Why an expression of a pattern set is slow, what the engine does with it, and what would help:
// words for a person (`merlon doctor rules`).
//
// The idea: the same facts that the engine goes by, told. Each element of the expression is asked
// for the strings that it gives (starts.h) and held to what find_core() asks of them; how places
// are found without them is what Regex::search_way() says.
//
// Thread-safe: no state. Cost: as of find_core().

#include <span>
#include <string>

#include "match/regex.h"

namespace merlon::match {

// Of an expression without core literals. `required`: find_required() of it, which the set asks for
// before it runs the expression.
std::string explain_no_core(const Node& root, std::span<const std::string> required,
                            const SearchWay& way);

// The count that makes the expression's automaton large, and how to write it; empty where there is
// none.
std::string explain_dear_count(const Node& root);

}  // namespace merlon::match
