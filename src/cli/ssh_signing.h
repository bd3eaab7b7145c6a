#pragma once

// Signs what a person decides with that person's SSH key, by OpenSSH's own program: keys stay with
// it, its agent and its tokens.
//
// Not thread-safe. Cost: a child process, which may ask a person for a password.

#include <string>

#include "base/result.h"
#include "cli/environment.h"

namespace merlon::cli {

// The armoured signature over `statement` under gate::kDecisionNamespace, by the key in the file
// `key` (or its public half, where an agent has the key).
Result<std::string> sign_decision(const std::string& statement, const std::string& key,
                                  const Environment& environment);

}  // namespace merlon::cli
