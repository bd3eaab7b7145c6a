#pragma once

// A history as go-gitdiff 0.9.1 reads it from `git log -p`, which is how gitleaks 8.30.1 sees it:
// the commit's facts that end in a finding, and the name of a file.
//
// The idea: the reader parses text that git has printed for people, and some of that does not
// survive. The title's lines are joined; runs of blank lines become one; a date beyond the year
// 9999 or in an odd zone, or a line of 64 KiB, costs the commit its whole header. Hunks need no
// view of their own: a fragment is the bytes [new_begin, new_end) of a LineChange, its line is
// new_line + 1, or new_line where nothing was added; a last line without its end included.
//
// Thread-safe: no state.

#include <optional>
#include <string>
#include <string_view>

#include "connect/git/log_text.h"
#include "connect/git/patch.h"

namespace merlon::connect::git {

struct GitdiffCommit {
    std::string id;
    std::string author_name;
    std::string author_mail;
    std::string date;  // RFC 3339, UTC
    std::string message;
};

struct GitdiffHeader {
    std::optional<GitdiffCommit> commit;  // nothing: not understood, and findings name no commit
    bool is_recoded = true;               // of LogText
};

// Fails when the commit object is malformed.
Result<GitdiffHeader> gitdiff_header(const ObjectId& id, std::string_view commit_bytes,
                                     const Mailmap& mailmap, const std::optional<LogNote>& note);

// The new name of the file; nothing where the reader fails on the header and skips the file: old
// names in quotes that end in a backslash, and some with blanks whose two halves look alike.
std::optional<std::string> gitdiff_path(const FileChange& change, PatchKind kind);

}  // namespace merlon::connect::git
