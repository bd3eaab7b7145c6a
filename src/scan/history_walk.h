#pragma once

// Which content each commit of a repository brought in, and where: the part of a history scan that
// knows commits and paths and looks into no file.
//
// The idea: every commit is compared with its parents by tree (connect/git/history_changes.h), in
// parallel; what is kept of it are numbers: of paths, and of objects in the catalog. So a blob's
// paths are known before it is read, and who brought a secret in is known without comparing a text.
// What no commit holds (dangling trees, the index) stands behind the commits as if it were one.
//
// One call at a time; immutable afterwards. Memory: 16 bytes for each change of each commit, each
// path once, a byte an object.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "connect/git/bulk_read.h"
#include "connect/git/commit_history.h"
#include "connect/git/history_changes.h"
#include "connect/git/repository.h"
#include "connect/git/revision_walk.h"

namespace merlon::scan {

inline constexpr std::uint32_t kNoNumber = UINT32_MAX;

// Which kind of name leads to a commit, the most public first.
enum class Reach : std::uint8_t { kReferences, kNotes, kStash, kReflog, kUnreachable, kIndex };

// "references", "notes", "stash", "reflog", "unreachable", "index".
std::string_view name(Reach reach);

struct HistoryChange {
    std::uint32_t path = 0;
    std::uint32_t after = kNoNumber;  // number of a blob; kNoNumber: gone, or not a file
    std::uint32_t before_begin = 0;   // in HistoryStep::before: the blobs that parents have there
    std::uint32_t before_count = 0;
};

// A commit; or what stands in the index, or below a tree that no commit has.
struct HistoryStep {
    connect::git::CommitNumber commit = kNoNumber;  // kNoNumber: no commit
    Reach reach = Reach::kReferences;
    bool is_merge = false;
    std::vector<HistoryChange> changes;
    std::vector<std::uint32_t> before;
};

// An object that a commit needs and that is not there, or cannot be read.
struct LostObject {
    connect::git::ObjectFailure failure = connect::git::ObjectFailure::kMissing;
    std::string message;
    std::string path;     // empty: a commit, or a root tree
    bool needed = false;  // by more than unreachable commits
};

struct HistoryWalkOptions {
    // The commits to look at; nothing: everything that is in the object database.
    std::optional<connect::git::WalkRequest> range;
    unsigned threads = 1;
    const CancelToken* cancel = nullptr;
};

// The walk of an earlier run, in the numbers that objects have now. Paths have its own numbers.
struct PastWalk {
    struct Changes {
        std::vector<HistoryChange> changes;
        std::vector<std::uint32_t> before;
    };
    std::vector<Changes> commits;
    std::vector<std::string> paths;
    std::vector<std::uint32_t> seen_trees;
    std::vector<connect::git::ObjectId> submodules;
    // Trees that those commits do not have, as far as is known: new ones may be among them.
    std::vector<std::uint32_t> other_trees;
};

class HistoryWalk {
  public:
    HistoryWalk(const connect::git::Repository& repository,
                const connect::git::ObjectCatalog& catalog, const HistoryWalkOptions& options);

    // A commit of the database, with what it says where that could be read.
    struct KnownCommit {
        connect::git::ObjectId id;
        std::optional<connect::git::GraphCommit> facts;
        std::uint32_t past = kNoNumber;  // its place among those whose changes an earlier run found
    };
    // `commits`: all of the database, by id, for a walk without a range. `past` may be null.
    void run(std::span<const KnownCommit> commits, PastWalk* past = nullptr);

    // Oldest first, a parent before its children.
    const std::vector<HistoryStep>& steps() const { return steps_; }
    const std::vector<std::string>& paths() const { return paths_; }
    const connect::git::CommitHistory& history() const { return history_; }
    // References (HEAD where it is detached) with their commits, by name.
    const std::vector<std::pair<std::string, connect::git::CommitNumber>>& tips() const {
        return tips_;
    }
    bool is_seen(std::uint32_t object) const { return seen_[object] != 0; }
    const std::map<connect::git::ObjectId, LostObject>& lost() const { return lost_; }
    std::uint64_t submodule_links() const { return submodules_.size(); }
    // Entries of reflogs whose commit is not there.
    std::uint64_t absent_of_reflogs() const { return absent_of_reflogs_; }
    std::uint64_t trees_read() const { return trees_read_; }
    // The numbers here of the past walk's paths; kNoNumber: of no step.
    const std::vector<std::uint32_t>& past_paths() const { return past_paths_; }
    const std::vector<connect::git::ObjectId>& submodules() const { return submodules_; }
    // Whether this is a tree; whether some commit has it.
    bool is_tree(std::uint32_t object) const { return seen_[object] >= kSeenTree; }
    bool is_seen_tree(std::uint32_t object) const { return seen_[object] == kSeenTree; }
    // Gaps of what was read beside objects: the index, reflogs.
    const std::vector<model::Gap>& gaps() const { return gaps_; }
    // The files of HEAD, as (path, blob); those whose path no step has are left out.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> head_files() const;

  private:
    struct Worker;
    static constexpr std::uint8_t kSeen = 1;
    static constexpr std::uint8_t kSeenTree = 2;      // of a commit
    static constexpr std::uint8_t kDanglingTree = 3;  // of none

    bool is_needed(const HistoryStep& step) const {
        return options_.range.has_value() || step.reach != Reach::kUnreachable;
    }
    void add_lost_commits();
    void choose_commits(std::span<const KnownCommit> commits);
    void mark_reach();
    void read_commits();
    void read_step(HistoryStep& step, Worker& worker);
    void join(std::vector<Worker>& workers, std::span<const unsigned> worker_of_step);
    void recall_step(HistoryStep& step, PastWalk::Changes& changes);
    void name_past_paths();
    std::vector<connect::git::ObjectId> find_dangling_trees();
    void read_dangling_trees();
    void read_indexes();
    void read_index(const std::string& git_folder, const std::string& name);

    const connect::git::Repository& repository_;
    const connect::git::ObjectCatalog& catalog_;
    const HistoryWalkOptions& options_;
    connect::git::CommitHistory history_;
    std::vector<HistoryStep> steps_;
    std::vector<std::string> paths_;
    std::vector<std::pair<std::string, connect::git::CommitNumber>> tips_;
    std::vector<std::uint8_t> seen_;  // by object: kSeen, kSeenTree
    std::map<connect::git::ObjectId, LostObject> lost_;
    std::vector<connect::git::ObjectId> submodules_;  // sorted
    PastWalk* past_ = nullptr;
    std::vector<std::uint32_t> past_of_;     // by commit number
    std::vector<std::uint32_t> past_paths_;  // by number of the past walk
    std::uint64_t absent_of_reflogs_ = 0;
    std::uint64_t trees_read_ = 0;  // each once
    std::vector<model::Gap> gaps_;
};

// What a commit says, as far as it can be read.
HistoryWalk::KnownCommit known_commit(const connect::git::ObjectId& id, std::string_view bytes,
                                      connect::git::HashAlgorithm algorithm);

void sort_by_id(std::vector<HistoryWalk::KnownCommit>& commits);

}  // namespace merlon::scan
