#pragma once

// What stands below a type error: which types were found and which were wanted, as lines and as
// JSON.
//
// The idea: types are written in full where the lines are short. Where they are not, both are gone
// through side by side: what is equal is left out or cut to its outermost word, with "..." in its
// place, so that what differs can be seen.
//
// Standard: OPA 1.22.2's details of errors. Thread-safe: no state. Cost: linear in the types.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rego/compiler/errors.h"
#include "rego/compiler/types.h"

namespace merlon::rego::compiler {

// What a function takes, with the names that its declaration has.
struct Wanted {
    struct Operand {
        std::string_view name;  // may be empty
        const Type* type = nullptr;
    };
    std::vector<Operand> operands;
    bool is_variadic = false;  // and any others
};
enum class WantedResult : std::uint8_t { kNo, kYes };
Wanted wanted_by(const Type& function, WantedResult result);

// "have: (string)", "want: (x: number)".
ErrorDetails operand_details(std::span<const Type* const> have, const Wanted& want);
// "left  : string", "right : number".
ErrorDetails match_details(const Type* left, const Type* right);

}  // namespace merlon::rego::compiler
