#pragma once

// What `eval --partial` answers: the queries and modules that are left when everything that is
// known has been evaluated.
//
// Standard: the output of OPA 1.22.2. Not thread-safe. Cost: the Watcher's.

#include <string>
#include <vector>

#include "compat/opa/compile_flags.h"
#include "compat/opa/question.h"
#include "compat/opa/run.h"
#include "rego/machine.h"
#include "rego/watch/watcher.h"

namespace merlon::compat::opa {

struct PartialAnswer {
    std::string text;
    std::vector<ShownError> errors;
};
// What is left, in one of the formats pretty, source and json; errors where it has no text.
PartialAnswer residue_text(std::string_view format, const rego::watch::Residue& residue,
                           rego::syntax::RegoVersion version, Arena& arena, Interner& interner);
// `==` in a query becomes `=`: nobody asks for its value, and more can be left out.
void unify_equalities(rego::syntax::Body query, Arena& arena, Interner& interner);

PartialAnswer answer_partially(const ParsedCommand& command, Question& question,
                               const CompileFlags& flags, const rego::World& world,
                               const Outside& outside);

}  // namespace merlon::compat::opa
