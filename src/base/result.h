#pragma once

// Result<T>: a value, or an Error that says what went wrong, where, and what to do.
//
// The idea: errors are values that travel up by hand. Each floor may add one line of context with
// Error::within, so that the person at the top reads the whole way down without a stack trace.
// There are no exceptions of our own; adapters catch what libraries throw.
//
// Thread-safe as any value type. Cost: an Error allocates, a value does not.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.h"

namespace merlon {

inline constexpr std::size_t kNoOffset = static_cast<std::size_t>(-1);

// What failed. `message` names what was found, what was expected and what to do.
struct Error {
    std::string message;
    std::size_t offset = kNoOffset;         // byte in the text that was read
    std::string file = {};                  // path as the user knows it; empty: not about a file
    std::uint32_t line = 0;                 // 1-based; 0: unknown
    std::uint32_t column = 0;               // 1-based code points; 0: unknown
    std::vector<std::string> context = {};  // what was being done, innermost first

    // Returns this error with one more line of context: `within("reading the baseline")`.
    [[nodiscard]] Error within(std::string doing) &&;
    // Returns this error with its place filled in; a place that is already known is kept.
    [[nodiscard]] Error at(std::string_view path, std::uint32_t at_line,
                           std::uint32_t at_column) &&;
    // "file:line:column: message (while reading the baseline)"
    std::string to_string() const;
};

template <typename T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    const T& value() const& {
        MERLON_ASSERT(ok());
        return *std::get_if<0>(&state_);
    }
    T& value() & {
        MERLON_ASSERT(ok());
        return *std::get_if<0>(&state_);
    }
    T&& value() && {
        MERLON_ASSERT(ok());
        return std::move(*std::get_if<0>(&state_));
    }
    const Error& error() const& {
        MERLON_ASSERT(!ok());
        return *std::get_if<1>(&state_);
    }
    Error&& error() && {
        MERLON_ASSERT(!ok());
        return std::move(*std::get_if<1>(&state_));
    }
    T value_or(T fallback) && { return ok() ? std::move(*this).value() : std::move(fallback); }

  private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    void value() const { MERLON_ASSERT(ok()); }
    const Error& error() const& {
        MERLON_ASSERT(!ok());
        return *error_;
    }
    Error&& error() && {
        MERLON_ASSERT(!ok());
        return std::move(*error_);
    }

  private:
    std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace merlon

// auto x = MERLON_TRY(f()); returns f's error from the enclosing function, or goes on with its
// value. A statement expression, which GCC and Clang both take.
#define MERLON_TRY(expression)                           \
    __extension__({                                      \
        auto merlon_try_result = (expression);           \
        if (!merlon_try_result.ok()) [[unlikely]]        \
            return std::move(merlon_try_result).error(); \
        std::move(merlon_try_result).value();            \
    })
