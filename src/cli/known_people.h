#pragma once

// Who signs with which key, for the verbs that take or show signed decisions.
//
// The idea: those of the branch that a change goes to hold, as a gate has them; where no branch is
// named or known here, the file of the working copy; --people names another, and --config the one
// beside that configuration. Where nobody says it,
// signatures are shown as what nobody vouches for.
//
// Not thread-safe. Cost: some objects of Git.

#include <optional>
#include <string>

#include "base/flags.h"
#include "base/result.h"
#include "cli/environment.h"
#include "crypto/allowed_signers.h"

namespace merlon::cli {

inline constexpr std::string_view kPeopleFile = ".merlon/people";

struct KnownPeople {
    std::optional<crypto::AllowedSigners> signers;  // nothing: nobody says it
    std::string from;                               // "origin/main:.merlon/people", or a file
};

// By --people, --target and the pipeline's variables; `target` is a branch that holds where none of
// them says one, if it is known here. A line that is not understood is told on standard error.
Result<KnownPeople> find_people(const ParsedCommand& command, const Environment& environment,
                                const std::string& target = {});

// The same warning for a file that was read elsewhere.
void warn_of_lines(const crypto::AllowedSigners& signers, const std::string& from,
                   const Environment& environment);

}  // namespace merlon::cli
