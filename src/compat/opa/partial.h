#pragma once

// What `eval --partial` answers: the queries and modules that are left when everything that is
// known has been evaluated.
//
// Standard: the output of OPA 1.22.2. Not thread-safe. Cost: the Watcher's.

#include <string>
#include <vector>

#include "base/cancel.h"
#include "compat/opa/compile_flags.h"
#include "compat/opa/question.h"
#include "rego/machine.h"

namespace merlon::compat::opa {

struct PartialAnswer {
    std::string text;
    bool is_defined = false;
    std::vector<ShownError> errors;
};
PartialAnswer answer_partially(const ParsedCommand& command, Question& question,
                               const CompileFlags& flags, const rego::World& world,
                               const CancelToken* cancel);

}  // namespace merlon::compat::opa
