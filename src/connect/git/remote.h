#pragma once

// Where a repository comes from: the address that `git ls-remote --get-url` prints.
//
// The idea: the remote of the branch that is checked out, else the only one, else "origin"; its
// first url, with url.*.insteadOf of the repository's own config file applied. The user's and the
// machine's settings are not read.
//
// Thread-safe: no state. Cost: one small file.

#include <optional>
#include <string>

#include "connect/git/repository.h"

namespace merlon::connect::git {

// Nothing where no remote is set up.
Result<std::optional<std::string>> remote_address(const Repository& repository);

}  // namespace merlon::connect::git
