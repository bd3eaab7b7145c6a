#pragma once

// What `git log` reads beside the commits: the mailmap and the notes (gitmailmap(5), git-notes(1)).
//
// The idea: both end in the text that tools see of a commit, so a scan that stands for `git log`
// needs them; they are read once, when the scan begins. The mailmap is the working tree's, in a
// bare repository that of HEAD. Notes are those of refs/notes/commits, or of the reference that
// GIT_NOTES_REF names: a tree whose paths are the commits' ids, cut into folders or not.
//
// Immutable after read(), thread-safe. Memory: the mailmap and an entry for each note.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/git/log_text.h"
#include "connect/git/mailmap.h"
#include "connect/git/repository.h"
#include "model/coverage.h"

namespace merlon::connect::git {

class LogContext {
  public:
    // What cannot be read is left out and named in gaps().
    static LogContext read(const Repository& repository,
                           std::string notes_reference = std::string(kNotesReference));

    static constexpr std::string_view kNotesReference = "refs/notes/commits";

    const Mailmap& mailmap() const { return mailmap_; }
    // The text of the commit's note. Fails where it stands in the tree and cannot be read.
    Result<std::optional<LogNote>> note(const ObjectId& commit) const;
    const std::vector<model::Gap>& gaps() const { return gaps_; }

  private:
    struct Note {
        ObjectId commit;
        ObjectId text;
    };

    void read_mailmap(const Repository& repository);
    void read_notes(const Repository& repository);
    // Notes below `tree`, whose path is `digits`.
    void add_notes(const ObjectId& tree, const std::string& digits);
    void add_gap(std::string path, std::string detail);

    std::string notes_reference_;
    const ObjectReader* objects_ = nullptr;
    HashAlgorithm algorithm_ = HashAlgorithm::kSha1;
    Mailmap mailmap_;
    std::vector<Note> notes_;  // by commit
    std::vector<model::Gap> gaps_;
};

}  // namespace merlon::connect::git
