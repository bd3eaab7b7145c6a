#pragma once

// An index as it lies in its file, for those who look for what differs in it: mapped, walked by a
// cursor, with the trees that git has noted of its folders (gitformat-index, "Cache tree").
//
// The idea: a commit of ten lines in a repository of a hundred thousand files must not cost a
// hundred thousand values. One pass finds the extensions and the .gitattributes files; the noted
// trees then say which folders are those of HEAD, so that nobody compares them file by file. A
// split index is joined in memory first.
//
// As in git, the digest at the end is not computed here: what is committed is what these bytes say.
//
// Immutable after opening, thread-safe; each walk has its own cursor, inside of guarded(). Cost of
// opening: one pass.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "connect/git/index_cursor.h"
#include "connect/git/object_id.h"

namespace merlon::connect::git {

// A folder's tree as git noted it; the folders below stand right behind, each before its own.
struct CachedTree {
    std::string_view name;                 // of the last folder; the root has none
    std::optional<std::uint32_t> entries;  // below it; nothing: not known any more
    ObjectId id;                           // where `entries` is known
    std::size_t end = 0;                   // number of the first one not below it
};

class IndexView {
  public:
    // An index that is not there yet has no entries. Errors name the file.
    static Result<IndexView> open(const std::string& path, HashAlgorithm algorithm);

    // The same from bytes in memory; a split index needs its file.
    static Result<IndexView> of(std::string bytes, HashAlgorithm algorithm);

    // Calls `read`, in which the entries may be walked; fails where the file could not be read
    // whole meanwhile, and then what it gave is worthless (base/mapped_file.h).
    Status guarded(const std::function<Status()>& read) const;
    // A cursor before the first entry.
    IndexCursor entries() const;
    // Moves a cursor over the next `count` entries, the last of which it then stands on.
    bool move(IndexCursor& cursor, std::uint32_t count) const;
    // The root first; empty where git has noted none.
    const std::vector<CachedTree>& trees() const { return trees_; }
    // The staged .gitattributes by their folder, "" or "a/b/".
    const std::map<std::string, ObjectId, std::less<>>& attribute_files() const {
        return attribute_files_;
    }
    // When the file was written; 0 where there is none.
    std::int64_t modified_ns() const { return modified_ns_; }

  private:
    explicit IndexView(HashAlgorithm algorithm) : algorithm_(algorithm) {}
    std::string_view bytes() const {
        return mapped_ && joined_.empty() ? mapped_->bytes() : std::string_view(joined_);
    }
    Status read(const std::string& path);
    Status read_extensions(std::size_t offset, bool& is_split);

    HashAlgorithm algorithm_;
    std::optional<MappedFile> mapped_;
    std::string joined_;  // of a split index, or an empty one
    // Of every sixteenth entry, where one can jump: few enough pages to be had at once.
    static constexpr std::size_t kStride = 16;
    std::vector<std::uint32_t> offsets_;
    std::vector<CachedTree> trees_;
    std::map<std::string, ObjectId, std::less<>> attribute_files_;
    std::int64_t modified_ns_ = 0;
};

// The trees of a TREE extension. Fails where it is malformed.
Result<std::vector<CachedTree>> parse_cached_trees(std::string_view bytes, HashAlgorithm algorithm);

}  // namespace merlon::connect::git
