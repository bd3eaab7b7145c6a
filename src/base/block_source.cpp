#include "base/block_source.h"

#include <utility>

namespace merlon {

MemorySource::MemorySource(std::span<const std::byte> bytes, std::shared_ptr<const void> owner)
    : bytes_(bytes), owner_(std::move(owner)) {}

std::shared_ptr<const BlockSource> MemorySource::of(std::vector<std::uint32_t> words) {
    const auto owner = std::make_shared<const std::vector<std::uint32_t>>(std::move(words));
    return std::make_shared<const MemorySource>(std::as_bytes(std::span(*owner)), owner);
}

std::uint64_t MemorySource::size_bytes() const { return bytes_.size(); }

std::optional<SharedBytes> MemorySource::read(std::uint64_t offset, std::uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) return std::nullopt;
    return SharedBytes{owner_, bytes_.subspan(offset, size)};
}

StoredBlock StoredBlock::whole(std::shared_ptr<const BlockSource> source) {
    const std::uint64_t size = source->size_bytes();
    return {std::move(source), 0, size};
}

StoredBlock StoredBlock::of(std::vector<std::uint32_t> words) {
    return whole(MemorySource::of(std::move(words)));
}

std::optional<SharedBytes> StoredBlock::read() const {
    return source == nullptr ? std::nullopt : source->read(offset, size);
}

std::optional<StoredBlock> StoredBlock::part(std::uint64_t begin, std::uint64_t count) const {
    if (begin > size || count > size - begin) return std::nullopt;
    return StoredBlock{source, offset + begin, count};
}

}  // namespace merlon
