#pragma once

// TOML 1.0 (toml.io/en/v1.0.0) to a Value, with the line and column of every key.
//
// Dates and times become strings in RFC 3339's form, inf and nan strings of that name, and `kinds`
// tells them from texts; `TomlTypes::kTagged` instead gives each scalar
// as
// {"type": …, "value": …}, the form of the public toml-test suite.
//
// Thread-safe: no shared state. Cost: one pass of toml++ and one over its tree.

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/arena.h"
#include "base/interner.h"
#include "base/result.h"
#include "text/position.h"
#include "value/value.h"

namespace merlon::text {

// What is a string in the Value and was none in the text.
enum class TomlKind : std::uint8_t { kText, kDate, kNotFinite };

enum class TomlTypes : std::uint8_t { kPlain, kTagged };

struct TomlDocument {
    const value::Value* root = nullptr;
    // Where the value of an element of a table or array begins; found by the element's address.
    std::unordered_map<const value::Value*, Position> positions;
    // The dates, times, infinities and NaNs among them, by the same address.
    std::unordered_map<const value::Value*, TomlKind> kinds;
    // The arrays written as `[[name]]`, by the same address.
    std::unordered_set<const value::Value*> arrays_of_tables;

    TomlKind kind(const value::Value* value) const {
        const auto found = kinds.find(value);
        return found == kinds.end() ? TomlKind::kText : found->second;
    }
};

// Reads one document, built in `arena`. Fails with line, column and toml++'s reason.
Result<TomlDocument> read_toml(std::string_view bytes, Arena& arena, Interner& interner,
                               TomlTypes types = TomlTypes::kPlain);

}  // namespace merlon::text
