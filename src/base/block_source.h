#pragma once

// Bytes that are taken piece by piece, when they are first needed: from an entry of the file cache,
// or from memory.
//
// The idea: a stored thing is a StoredBlock, a place in a source, until somebody needs its bytes.
// What is read comes back checked by its source and kept alive by its owner, so that the reader
// need not know whether it was copied from a file or lies in the program itself.
//
// Immutable, thread-safe. Cost: a copy for each read of a file, none in memory.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace merlon {

// Bytes aligned as base/blob.h asks, there as long as `owner` is.
struct SharedBytes {
    std::shared_ptr<const void> owner;
    std::span<const std::byte> bytes;
};

class BlockSource {
  public:
    BlockSource() = default;
    BlockSource(const BlockSource&) = delete;
    BlockSource& operator=(const BlockSource&) = delete;
    virtual ~BlockSource() = default;

    virtual std::uint64_t size_bytes() const = 0;
    // Nothing where they do not lie in the source, cannot be read, or are not as they were written.
    // `offset` is a multiple of kBlobAlignment.
    virtual std::optional<SharedBytes> read(std::uint64_t offset, std::uint64_t size) const = 0;
};

class MemorySource final : public BlockSource {
  public:
    MemorySource(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);
    // Of bytes that this source owns.
    static std::shared_ptr<const BlockSource> of(std::vector<std::uint32_t> words);

    std::uint64_t size_bytes() const override;
    std::optional<SharedBytes> read(std::uint64_t offset, std::uint64_t size) const override;

  private:
    std::span<const std::byte> bytes_;
    std::shared_ptr<const void> owner_;
};

// A part of a source.
struct StoredBlock {
    std::shared_ptr<const BlockSource> source;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;

    static StoredBlock whole(std::shared_ptr<const BlockSource> source);
    static StoredBlock of(std::vector<std::uint32_t> words);

    bool empty() const { return size == 0; }
    std::optional<SharedBytes> read() const;
    // [begin, begin + count) of it; nothing where that does not lie inside.
    std::optional<StoredBlock> part(std::uint64_t begin, std::uint64_t count) const;
};

}  // namespace merlon
