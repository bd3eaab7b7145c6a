#pragma once

// Tables for text/normal_form.cpp, made by tools/unicode/make_normal_form.py. Each is sorted by
// what it is searched for.

#include <cstdint>
#include <span>

namespace merlon::text::normal_form_data {

// Of code points low to high, both inside; of all others it is 0.
struct CombiningClass {
    char32_t low;
    char32_t high;
    std::uint8_t value;
};

// One step of a canonical decomposition; `second` is 0 where there is one part only.
struct Decomposition {
    char32_t from;
    char32_t first;
    char32_t second;
};

// What two code points become together.
struct Composition {
    char32_t first;
    char32_t second;
    char32_t whole;
};

extern const std::span<const CombiningClass> kClasses;
extern const std::span<const Decomposition> kDecompositions;
extern const std::span<const Composition> kCompositions;

}  // namespace merlon::text::normal_form_data
