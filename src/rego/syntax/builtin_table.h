#pragma once

// What the grammar must know of built-in functions: which names are taken, which are written infix.
//
// A rule cannot have a built-in's name where it is written as a call; the formatter writes
// `plus(a, b)` as `a + b`; a call without a result is no operand of `and`.
//
// Facts of OPA 1.22.2 (its capabilities.json). Thread-safe: constants. Cost: a binary search.

#include <cstdint>
#include <span>
#include <string_view>

namespace merlon::rego::syntax {

struct Infix {
    std::string_view name;
    std::string_view symbol;
    std::uint8_t arity;
    std::string_view operand;  // type of each operand, in OPA's words
};
// The row of the infix operator behind this built-in, or null.
const Infix* find_infix(std::string_view name);

bool is_builtin(std::string_view name);
bool is_deprecated_builtin(std::string_view name);
// print and its like: they succeed and yield nothing.
bool is_void_builtin(std::string_view name);

}  // namespace merlon::rego::syntax
