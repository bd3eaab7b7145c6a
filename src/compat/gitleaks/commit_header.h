#pragma once

// What gitleaks knows of a commit: git log's header and message as its patch reader takes them
// apart.
//
// Author and address are those before and between "<" and ">"; the date is the author's in UTC; the
// message is the title's lines joined by blanks, then the body without its indentation, where runs
// of empty lines are one.
//
// Thread-safe: no state.

#include <string>

#include "connect/git/commit.h"

namespace merlon::compat::gitleaks {

struct CommitHeader {
    std::string author;
    std::string email;
    std::string date;  // RFC 3339, UTC
    std::string message;
};

CommitHeader read_commit_header(const connect::git::Commit& commit);

}  // namespace merlon::compat::gitleaks
