#pragma once

// Where an evaluation stood when something went wrong: the queries and rules that were being
// evaluated, the innermost first.
//
// Standard: OPA 1.22.2, topdown's StackTrace. Thread-safe: values. Cost: a text for each frame.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::rego::watch {

struct StackFrame {
    std::uint64_t query = 0;  // the number that traces have
    std::string file = {};    // empty: the query itself
    std::uint32_t row = 0;    // 0: nowhere
    std::uint32_t column = 0;
    std::string text = {};  // the expression with what its variables stood for, on one line

    // "p.rego:3: f(1)"
    std::string to_string() const;
};
using Stack = std::vector<StackFrame>;

// On one line, and cut where it is long.
std::string frame_text(std::string_view text);

}  // namespace merlon::rego::watch
