#pragma once

// git log's --author: the commits whose author a pattern fits.
//
// The idea: git searches "Name <mail>", as the mailmap says it, for a basic regular expression
// (POSIX 1003.1, 9.3). The parts of it that people write are translated: letters, '.', '*', '^',
// '$' and backslashes before these; classes and GNU's extensions are refused by name.
//
// Immutable, thread-safe. Cost: one commit's header and one search.

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "connect/git/mailmap.h"
#include "match/regex.h"

namespace merlon::connect::git {

class AuthorFilter {
  public:
    // A commit of any of them is meant.
    static Result<AuthorFilter> make(std::span<const std::string> patterns);

    bool empty() const { return patterns_.empty(); }
    // `author` is the raw line of the commit.
    bool accepts(std::string_view author, const Mailmap& mailmap) const;

  private:
    std::vector<match::Regex> patterns_;
};

}  // namespace merlon::connect::git
