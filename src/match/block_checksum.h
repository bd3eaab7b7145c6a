#pragma once

// The checksum in the header of a stored block: tells a block that came to harm from what was
// written. It keeps nobody out: whoever makes a block can make its checksum.
//
// Thread-safe: no state. Cost: one pass over the block (base/hash.h).

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/hash.h"

namespace merlon::match {

using BlockChecksum = std::array<std::uint32_t, 2>;

// Of a block that a Header leads, whose own `checksum` counts as zero.
template <typename Header>
BlockChecksum checksum_of(std::span<const std::byte> block) {
    Header header;
    std::memcpy(&header, block.data(), sizeof header);
    header.checksum = {};
    const std::uint64_t of_header =
        hash_bytes({reinterpret_cast<const char*>(&header), sizeof header});
    const std::string_view bytes(reinterpret_cast<const char*>(block.data()), block.size());
    const std::uint64_t hash = hash_bytes(bytes.substr(sizeof header), of_header);
    return {static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(hash >> 32)};
}

}  // namespace merlon::match
