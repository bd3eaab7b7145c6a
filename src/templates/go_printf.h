#pragma once

// Go's fmt.Sprintf (golang.org/pkg/fmt, Go 1.26): verbs, flags, widths, precisions, argument
// indexes, and the marks that Go writes where a verb does not fit ("%!d(string=a)").
//
// The idea: whoever has values of its own (report templates, Rego's sprintf) says what each is to
// Go, as a GoArgument, so that the rules of formatting stand in one place.
//
// Thread-safe: no state. Cost: linear in the text; widths and precisions beyond 1,000,000 are
// errors in Go's text too.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace merlon::templates {

// A value as Go's formatting sees it.
struct GoArgument {
    struct Nil {};
    // A *big.Int.
    struct BigInteger {
        bool is_negative = false;
        // Of its magnitude, lower case; bases are 2, 8, 10, 16.
        std::function<std::string(int base)> digits;
    };
    struct Real {
        double number = 0;
        bool is_narrow = false;  // a float32
    };
    struct List {
        std::vector<GoArgument> items;
    };
    struct Map {
        std::vector<std::string> keys;
        std::vector<GoArgument> values;
    };

    std::string_view type;  // Go's name: "int64", "[]interface {}"
    std::variant<Nil, bool, std::int64_t, BigInteger, Real, std::string, List, Map> data;
};

// Fails where the text would be larger than `max_bytes`, and for what changes from run to run in Go
// (the address that %p shows).
Result<std::string> go_printf(std::string_view format, std::span<const GoArgument> arguments,
                              std::size_t max_bytes);

// strconv.FormatFloat(number, format, precision, 64) for b, e, E, f, g, G, x and X; -1: the fewest
// digits. `is_narrow`: of a float32.
std::string go_float_text(const GoArgument::Real& real, char format, int precision);

}  // namespace merlon::templates
