#pragma once

// The index of a pack (gitformat-pack, "pack-*.idx files", versions 1 and 2).
//
// The idea: what is sorted on disk is searched there: the file is mapped, the fan-out table is
// checked once at opening, so that a search can not leave the file. Positions are the places in the
// sorted table of ids, from 0.
//
// Immutable, thread-safe. Cost: opening looks at 1 KiB; a search halves one 256th of the table.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "connect/git/fan_out.h"
#include "connect/git/object_id.h"

namespace merlon::connect::git {

// In an offset of 32 bits: the others are a place in the table of 64-bit offsets.
inline constexpr std::uint32_t kLargeOffset = 0x8000'0000;

class PackIndex {
  public:
    static Result<PackIndex> open(const std::string& path, HashAlgorithm algorithm);

    std::uint32_t count() const { return fan_out_.count(); }
    const std::string& path() const { return path_; }
    // The position of `id`; empty where it is not there.
    Result<std::optional<std::uint32_t>> find(const ObjectId& id) const;
    Result<ObjectId> id_at(std::uint32_t position) const;
    Result<std::uint64_t> offset_at(std::uint32_t position) const;
    // The offsets of all positions, and the CRC-32 of each entry (empty for version 1).
    Result<std::vector<std::uint64_t>> offsets() const;
    Result<std::vector<std::uint32_t>> checksums() const;
    Result<std::vector<ObjectId>> ids() const;
    // What the index says the pack's last bytes are.
    Result<std::string> pack_trailer() const;
    // The positions of ids that begin with the digits `prefix`, at most `most`.
    Result<std::vector<std::uint32_t>> with_prefix(std::string_view prefix, std::size_t most) const;

  private:
    PackIndex(MappedFile file, HashAlgorithm algorithm, std::string path);
    Status read_layout(std::string_view bytes);
    const char* id_bytes(std::string_view bytes, std::uint32_t position) const;
    Result<std::uint64_t> offset_in(std::string_view bytes, std::uint32_t position) const;
    Error damaged(std::string message) const;

    MappedFile file_;
    HashAlgorithm algorithm_;
    std::string path_;
    std::uint32_t version_ = 2;
    FanOut fan_out_;
    std::size_t ids_at_ = 0;
    std::size_t id_stride_ = 0;
    std::size_t checksums_at_ = 0;
    std::size_t offsets_at_ = 0;
    std::size_t large_offsets_at_ = 0;
    std::size_t large_offset_count_ = 0;
};

// Whether the id at `raw` begins with the hexadecimal digits `prefix`.
bool begins_with_digits(const char* raw, std::string_view prefix);

}  // namespace merlon::connect::git
