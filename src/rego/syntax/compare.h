#pragma once

// The order of syntax trees, which decides what elements of sets and keys of objects are equal, and
// in which order they are written.
//
// The idea: kinds first (null < boolean < number < string < template < variable < reference <
// array < object < set < comprehensions < call), then content, as OPA's ast.Compare has it. Places
// do not count.
//
// Thread-safe: no state. Cost: linear in the smaller tree, but sets and objects are sorted first.

#include <vector>

#include "rego/syntax/tree.h"

namespace merlon::rego::syntax {

// Negative, zero or positive.
int compare(const Term& left, const Term& right);
int compare(Terms left, Terms right);
int compare(Body left, Body right);
int compare(const Expression& left, const Expression& right);
int compare(const Import& left, const Import& right);

// The elements of a set, or the keys and values of an object in turn, ascending.
std::vector<Term*> sorted_elements(const Term& term);

// Takes out later elements that equal an earlier one.
void drop_equal_elements(std::vector<Term*>& elements);

}  // namespace merlon::rego::syntax
