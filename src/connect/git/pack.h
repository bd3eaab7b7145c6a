#pragma once

// A pack (gitformat-pack, "pack-*.pack files", version 2) with its index.
//
// The idea: the pack is mapped and entries are read where they stand. What reads one works inside
// guarded(), on a view of the whole file, and asks entry_at() for what stands at an offset: a
// whole object, or a delta and its base. Resolving deltas is up to the caller, because a single
// read wants a cache and a read of everything wants another order (object_database.h, bulk_read.h).
//
// Immutable, thread-safe. Cost: opening looks at the ends of both files.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "connect/git/object.h"
#include "connect/git/pack_index.h"

namespace merlon::connect::git {

struct PackEntry {
    enum class Kind : std::uint8_t { kWhole, kOffsetDelta, kReferenceDelta };
    Kind kind = Kind::kWhole;
    ObjectType type = ObjectType::kBlob;  // of a whole object
    std::uint64_t size = 0;               // of what the compressed bytes give
    std::uint64_t data_at = 0;            // where the compressed bytes begin
    std::uint64_t base_at = 0;            // of an offset delta
    ObjectId base_id;                     // of a reference delta
};

inline constexpr std::size_t kPackHeaderBytes = 12;  // "PACK", version, count

// The entry at `offset` of a whole pack, whose trailer ends `bytes`. Those have at least the bytes
// of header and trailer.
Result<PackEntry> parse_pack_entry(std::string_view bytes, std::uint64_t offset,
                                   HashAlgorithm algorithm);

class Pack {
  public:
    // `path` ends in ".pack"; its index stands beside it. Fails when either is no such file, or
    // when they do not belong together.
    static Result<Pack> open(const std::string& path, HashAlgorithm algorithm);

    const std::string& path() const { return path_; }
    const PackIndex& index() const { return index_; }
    HashAlgorithm algorithm() const { return algorithm_; }
    // Where the entries end and the trailer begins.
    std::uint64_t entries_end() const { return file_.size() - hash_bytes_of(algorithm_); }

    // MappedFile::guarded over the whole pack.
    template <typename Read>
    Status guarded(Read& read) const {
        return file_.guarded(std::ref(read));
    }
    // The entry at `offset` of the pack's `bytes`.
    Result<PackEntry> entry_at(std::string_view bytes, std::uint64_t offset) const;
    // The bytes from `offset` to where the entries end.
    std::string_view from(std::string_view bytes, std::uint64_t offset) const {
        return bytes.substr(offset, entries_end() - offset);
    }
    // The index's positions in the order of their offsets: from the reverse index beside the pack
    // where there is a sound one, else sorted. `offsets` are those of the index.
    std::vector<std::uint32_t> positions_by_offset(const std::vector<std::uint64_t>& offsets) const;
    // Hashes the whole pack and compares its trailer; for checks, as a scan does not need it.
    Status verify_trailer() const;

  private:
    Pack(MappedFile file, PackIndex index, HashAlgorithm algorithm, std::string path);
    Status check_ends() const;
    Error damaged(std::string message) const;

    MappedFile file_;
    PackIndex index_;
    HashAlgorithm algorithm_;
    std::string path_;
};

}  // namespace merlon::connect::git
