#pragma once

// From the tree of an expression to its program (program.h).
//
// The idea: each piece is compiled knowing what comes next, from the end to the begin, so that
// there are no holes to fill but those of loops. Counted repetition is written out, and nested, as
// Go does it: x{2,4} is xx(?:x(?:x)?)?. A loop over something that may be empty is (?:x+)?, which
// keeps the order of priorities (golang.org/issue/46123).
//
// Thread-safe: no state. Cost: linear in the written-out expression; too large a one is an error.

#include "base/result.h"
#include "match/program.h"
#include "match/syntax.h"

namespace merlon::match {

enum class MatchKind : std::uint8_t {
    kLeftmostFirst,    // as Perl chooses
    kLeftmostLongest,  // as POSIX does
};

struct ProgramLimits {
    std::size_t max_bytes = std::size_t{256} << 20;
};

// A code that is not wanted is one that fails.
Result<Program> compile_program(const Node& root, std::vector<std::string> capture_names,
                                std::string_view pattern, MatchKind kind,
                                const ProgramLimits& limits = {},
                                Program::Codes codes = Program::Codes::kBoth);

}  // namespace merlon::match
