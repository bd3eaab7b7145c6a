#pragma once

// The multi-pack-index (gitformat-pack, "multi-pack-index (MIDX) files"): one sorted table of the
// ids of many packs.
//
// Every table is checked against the file's length at opening, so that a search cannot leave it; a
// pack's number is checked with each answer.
//
// Immutable, thread-safe. Cost: opening looks at the chunk table and the names of the packs.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "connect/git/fan_out.h"
#include "connect/git/object_id.h"

namespace merlon::connect::git {

class MultiPackIndex {
  public:
    struct Entry {
        std::uint32_t pack = 0;  // number in pack_names()
        std::uint64_t offset = 0;
    };

    static Result<MultiPackIndex> open(const std::string& path, HashAlgorithm algorithm);

    std::uint32_t count() const { return fan_out_.count(); }
    // "pack-….idx", in the order of their numbers.
    const std::vector<std::string>& pack_names() const { return pack_names_; }
    Result<std::optional<Entry>> find(const ObjectId& id) const;
    Result<ObjectId> id_at(std::uint32_t position) const;

  private:
    MultiPackIndex(MappedFile file, HashAlgorithm algorithm, std::string path);
    Status read_layout(std::string_view bytes);
    Status read_names(std::string_view names, std::uint32_t packs);
    Result<Entry> entry_in(std::string_view bytes, std::uint32_t position) const;
    Error damaged(std::string message) const;

    MappedFile file_;
    HashAlgorithm algorithm_;
    std::string path_;
    std::vector<std::string> pack_names_;
    FanOut fan_out_;
    struct Chunk {
        std::size_t at = 0;
        std::size_t size = 0;
    };
    Chunk names_, ids_, offsets_, large_offsets_;
};

}  // namespace merlon::connect::git
