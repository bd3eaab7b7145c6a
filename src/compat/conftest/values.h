#pragma once

// Values as Go's libraries hand them to a policy.
//
// The idea: conftest decodes nearly every format into Go's float64, and OPA writes such a number as
// strconv does with 'g': a policy sees 1e+06 where the file says 1000000. A Value keeps a number's
// text, so it is given that one. When data is printed, the same number is what encoding/json makes
// of it.
//
// Not thread-safe: a Reading belongs to one file. Cost: linear.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/flags.h"
#include "base/interner.h"
#include "base/result.h"
#include "text/json.h"
#include "value/value.h"

namespace merlon::compat::conftest {

// ASCII's white space, as most of Go's libraries trim it.
inline constexpr std::string_view kGoSpaces = " \t\n\v\f\r";
std::string_view trim_go_start(std::string_view text);
std::string_view trim_go(std::string_view text);

class ProtoDefinitions;

// What a parser makes its values with.
struct Reading {
    Reading(Arena& arena_used, Interner& interner_used)
        : arena(arena_used), interner(interner_used), values(arena_used, interner_used) {}

    Arena& arena;
    Interner& interner;
    value::Builder values;
    EnvironmentLookup variable = {};                // of the process; empty: none is set
    const ProtoDefinitions* definitions = nullptr;  // of textproto; null: none
};

// A float64 as a policy sees it.
value::Value go_number(value::Builder& values, double number);
// strconv.ParseFloat(text, 64): also "0x1p-2", "1_000" and "inf"; nothing where it is none or too
// large.
std::optional<double> parse_go_float(std::string_view text);
// strconv.ParseBool.
std::optional<bool> parse_go_bool(std::string_view text);
// The value with its numbers as float64.
value::Value with_go_numbers(const value::Value& value, value::Builder& values);

// The value with its floats as encoding/json writes them, where Go would decode it once more.
value::Value as_round_trip(const value::Value& value, value::Builder& values);
// The value with nothing of the arenas it came from.
value::Value copied(const value::Value& value, value::Builder& values);

// An object or array that still grows, in a map's order. In its names, as in all texts that
// encoding/json has written, U+FFFD stands for what is no UTF-8.
struct Growing {
    enum class Kind : unsigned char { kValue, kObject, kArray };
    Kind kind = Kind::kValue;
    value::Value value = {};
    std::map<std::string, Growing, std::less<>> members = {};
    std::vector<Growing> items = {};

    static Growing object() { return {.kind = Kind::kObject}; }
    static Growing array() { return {.kind = Kind::kArray}; }
    static Growing of(const value::Value& made) { return {.value = made}; }
    value::Value finish(value::Builder& values) const;
};

// An object of texts.
value::Value text_object(const std::map<std::string, std::string, std::less<>>& texts,
                         value::Builder& values);

}  // namespace merlon::compat::conftest
