#pragma once

// Scans staged or unstaged changes as `gitleaks git --staged`, `git --pre-commit` and `protect` do.
//
// The idea: gitleaks reads what `git diff -U0 --no-ext-diff [--staged] .` prints; we read index,
// objects and working tree ourselves (connect/git/open_changes.h), in the repository that git's
// variables name. Findings have no commit, no author and the date of Go's zero time.
//
// One thread: a commit is small. Memory: what differs.

#include <string>

#include "compat/gitleaks/scanner.h"
#include "connect/git/open_changes.h"

namespace merlon::compat::gitleaks {

struct OpenChangesOptions {
    std::string place = ".";  // changes below this folder
    connect::git::ChangeSide side = connect::git::ChangeSide::kStaged;
    connect::git::OpenOptions open;
    connect::git::Variables variables;
};

// Fails where the repository or its index cannot be read.
Result<FileFindings> scan_open_changes(const secrets::Program& program, const ScanOptions& scan,
                                       const OpenChangesOptions& options);

}  // namespace merlon::compat::gitleaks
