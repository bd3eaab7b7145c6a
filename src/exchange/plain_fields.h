#pragma once

// Whole numbers and truth values beside the texts that a FieldReader takes.
//
// Thread-safe: no state.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "exchange/field_reader.h"

namespace merlon::exchange {

// What stands at `key`; nothing where there is none, and a problem where it is something else.
inline std::optional<std::int64_t> integer_in(const value::Value& object, std::string_view key,
                                              FieldReader& fields) {
    const value::Value* const found = object.find(key);
    if (found == nullptr || found->is_null()) return std::nullopt;
    const std::optional<std::int64_t> number =
        found->is_number() ? found->as_integer() : std::nullopt;
    if (!number) fields.fail("expected a whole number as " + std::string(key), found);
    return number;
}

inline std::optional<bool> boolean_in(const value::Value& object, std::string_view key,
                                      FieldReader& fields) {
    const value::Value* const found = object.find(key);
    if (found == nullptr || found->is_null()) return std::nullopt;
    if (found->is_boolean()) return found->as_boolean();
    fields.fail("expected true or false as " + std::string(key), found);
    return std::nullopt;
}

}  // namespace merlon::exchange
