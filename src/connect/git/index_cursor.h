#pragma once

// The entries of an index one after the other, as they stand in its bytes (gitformat-index,
// "Index entry", versions 2 to 4).
//
// The idea: an index of a hundred thousand files is ten megabytes, and most who look into it want a
// few entries. A cursor goes over the bytes without copying them: a step costs the length of a
// name, and what stands in an entry is decoded when it is asked for.
//
// Views bytes that the caller keeps. One thread. Cost: one pass, no allocation but the shared names
// of version 4.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "connect/git/object_id.h"

namespace merlon::connect::git {

// What a file was when its id was computed, to tell quickly whether it has changed since.
struct IndexStat {
    std::int64_t changed_ns = 0;  // of the file's status
    std::int64_t modified_ns = 0;
    std::uint32_t device = 0;
    std::uint32_t inode = 0;  // the low 32 bits
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    std::uint32_t size = 0;  // the low 32 bits; 0: look at the content
};

class IndexCursor {
  public:
    // Fails where `bytes` are no index of a known version, or cannot hold what they announce.
    static Result<IndexCursor> open(std::string_view bytes, HashAlgorithm algorithm);

    // Moves to the next entry; false behind the last, and where an entry is malformed: then error()
    // says how. No Result, because this is what a hundred thousand steps cost.
    bool next();
    // Moves over `count` entries, of which it is known where the next one begins.
    void jump(std::size_t offset, std::uint32_t count) {
        at_ = offset;
        passed_ += count;
    }
    const std::optional<Error>& error() const { return error_; }

    // Of the entry that it stands on.
    std::string_view path() const { return path_; }  // until the next step
    // Whether git would read the whole path: it stops at a zero.
    bool is_path_whole() const { return path_.find('\0') == std::string_view::npos; }
    ObjectId id() const;
    std::uint32_t mode() const;
    IndexStat stat() const;
    std::uint32_t stage() const { return flags_ >> 12 & 3; }
    bool assume_unchanged() const { return (flags_ & 0x8000) != 0; }
    bool skip_work_tree() const { return (extended_ & 0x4000) != 0; }
    bool intent_to_add() const { return (extended_ & 0x2000) != 0; }

    std::uint32_t count() const { return count_; }
    // How many entries have been passed, the one that it stands on among them.
    std::uint32_t passed() const { return passed_; }
    // Whether names build on those before them, so that nobody can jump.
    bool has_shared_names() const { return version_ == 4; }
    // Where the next entry begins; the first extension, once the last has been passed.
    std::size_t offset() const { return at_; }

  private:
    IndexCursor() = default;
    bool fail(std::string_view message, std::size_t offset);
    bool read_name(std::size_t begin, std::size_t length);
    bool read_shared_name();

    std::string_view bytes_;  // without the digest at their end
    HashAlgorithm algorithm_ = HashAlgorithm::kSha1;
    std::uint32_t version_ = 2;
    std::uint32_t count_ = 0;
    std::uint32_t passed_ = 0;
    std::size_t at_ = 0;
    std::size_t entry_ = 0;
    std::uint16_t flags_ = 0;
    std::uint16_t extended_ = 0;
    std::string_view path_;
    std::string shared_;  // version 4: the name before
    std::optional<Error> error_;
};

}  // namespace merlon::connect::git
