#pragma once

// The entries of one tree object (gitformat-pack; git-ls-tree(1)): mode, name, object id.
//
// The bytes are outside input: an entry that breaks the format ends the reading with an error that
// says where; what was read before it stays good. Modes are normalised as git does when it reads
// them: old repositories hold 100664 and the like.
//
// A cursor belongs to one thread and views bytes that the caller keeps. Cost: one pass, no
// allocation.

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "connect/git/object_id.h"

namespace merlon::connect::git {

enum class FileMode : std::uint32_t {
    kNone = 0,  // there is no such file
    kTree = 0040000,
    kRegular = 0100644,
    kExecutable = 0100755,
    kSymlink = 0120000,
    kSubmodule = 0160000,
};

constexpr bool is_regular(FileMode mode) {
    return mode == FileMode::kRegular || mode == FileMode::kExecutable;
}

struct TreeEntry {
    FileMode mode = FileMode::kNone;
    std::string_view name;
    ObjectId id;
};

class TreeCursor {
  public:
    TreeCursor(std::string_view bytes, HashAlgorithm algorithm)
        : bytes_(bytes), algorithm_(algorithm) {}

    // Moves to the next entry; false behind the last.
    Result<bool> next();
    const TreeEntry& entry() const { return entry_; }

    // Where the next entry begins, and a jump to where one does.
    std::size_t position() const { return at_; }
    void jump(std::size_t position) { at_ = position; }

  private:
    Error malformed(std::string_view what) const;

    std::string_view bytes_;
    std::size_t at_ = 0;
    HashAlgorithm algorithm_;
    TreeEntry entry_;
};

// The entries at the begin of `bytes`.
struct EntryRun {
    std::size_t bytes = 0;  // of all of them
    std::size_t last = 0;   // where the last one begins
};
// Those that are whole and have a mode as git writes it: quicker than a cursor, and no more is
// looked at.
EntryRun whole_entries(std::string_view bytes, HashAlgorithm algorithm);

// The order of entries in a tree: by bytes, a folder as if its name ended in '/'.
int compare_entries(const TreeEntry& left, const TreeEntry& right);

// What git fsck would say of two entries that follow one another: names that are there twice
// (duplicateEntries), or not in order (treeNotSorted). Empty: nothing.
std::string_view order_defect(const TreeEntry& entry, const TreeEntry& next);

// Names that no checkout would write: "", ".", "..", ".git" in any case, or with a '/' inside. A
// tree that holds one was made to deceive.
bool is_unsafe_name(std::string_view name);

}  // namespace merlon::connect::git
