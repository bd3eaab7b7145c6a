#pragma once

// References: loose files, packed-refs and reftables, symbolic ones, those of worktrees, reflogs
// (gitrepository-layout, "refs", "packed-refs", "logs"; git-check-ref-format).
//
// The idea: all references are read at once and sorted by name, as `git for-each-ref` lists them;
// a loose file wins over a packed line. What is broken is a gap: commits that only it reaches would
// be left out of a scan otherwise.
//
// Immutable after reading, thread-safe. Memory: all names. Cost: one file each where they are
// loose.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connect/git/object_id.h"
#include "model/coverage.h"

namespace merlon::connect::git {

struct Reference {
    std::string name;                // "refs/heads/main", "HEAD"
    ObjectId id;                     // what it comes to, through symbolic ones
    std::string target;              // of a symbolic reference: the name it stands for; empty else
    std::optional<ObjectId> peeled;  // the commit behind a tag, where packed-refs knows it
    bool operator==(const Reference&) const = default;
};

// Where references stand: the repository's own folder, the one shared by its worktrees.
struct ReferencePlaces {
    std::string git_folder;
    std::string common_folder;
    HashAlgorithm algorithm = HashAlgorithm::kSha1;
    enum class Storage : std::uint8_t { kFiles, kReftable } storage = Storage::kFiles;
};

struct ReflogEntry {
    ObjectId before;
    ObjectId after;
    std::string who;      // "Name <address> seconds zone"
    std::string message;  // without its line feed
    bool operator==(const ReflogEntry&) const = default;
};

class References {
  public:
    static References read(const ReferencePlaces& places);

    // All below "refs/", by name. Symbolic ones that lead nowhere are left out, as git does.
    const std::vector<Reference>& all() const { return all_; }
    // HEAD and the other lone names (ORIG_HEAD, FETCH_HEAD's first line, …).
    std::optional<Reference> find(std::string_view name) const;
    // What HEAD says: a branch's name, though it may have no commit yet. Empty: detached.
    const std::string& head_branch() const { return head_branch_; }
    // HEAD of every other worktree, in the order of their folders' names.
    const std::vector<Reference>& other_heads() const { return other_heads_; }
    const std::vector<model::Gap>& gaps() const { return gaps_; }

    // The reflog of a reference, the oldest entry first; nothing where it has none.
    Result<std::vector<ReflogEntry>> reflog(std::string_view name) const;
    // The names of all references that have one, "HEAD" among them.
    std::vector<std::string> reflog_names() const;

  private:
    friend class ReferenceReader;
    ReferencePlaces places_;
    std::vector<Reference> all_;
    std::vector<Reference> other_heads_;
    std::vector<Reference> lone_;
    std::string head_branch_;
    std::vector<model::Gap> gaps_;
    struct Log {
        std::string name;
        std::vector<ReflogEntry> entries;
    };
    std::vector<Log> stored_logs_;  // of reftables
};

// The name of a reference as git allows it (git-check-ref-format, rules 1 to 10).
bool is_reference_name(std::string_view name);

// packed-refs, for tests and fuzzing: "# pack-refs with: …", "<id> <name>", "^<peeled>".
struct PackedReferences {
    std::vector<Reference> references;  // as they stand
    std::vector<std::string> problems;
};
PackedReferences parse_packed_references(std::string_view text, HashAlgorithm algorithm);

// The lines of a reflog. Lines that are none are told of in `problems`.
std::vector<ReflogEntry> parse_reflog(std::string_view text, HashAlgorithm algorithm,
                                      std::vector<std::string>& problems);

}  // namespace merlon::connect::git
