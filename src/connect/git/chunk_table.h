#pragma once

// The chunk table that multi-pack-index and commit-graph files share (gitformat-chunk): names and
// offsets of the parts of a file, ended by a null name.
//
// Thread-safe: no state. Cost: one pass over the table; nothing else of the file is looked at.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::connect::git {

struct FileChunk {
    std::uint32_t name = 0;  // four characters, the first in the highest byte
    std::size_t at = 0;
    std::size_t size = 0;
};

constexpr std::uint32_t chunk_name(const char (&text)[5]) {
    return static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[0])) << 24 |
           static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[1])) << 16 |
           static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[2])) << 8 |
           static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[3]));
}

// The `count` chunks of the table at `table_at`. Each chunk lies behind the table and before the
// `trailer_bytes` at the end of `bytes`, and none has a negative length.
Result<std::vector<FileChunk>> read_chunk_table(std::string_view bytes, std::size_t table_at,
                                                std::uint32_t count, std::size_t trailer_bytes);

}  // namespace merlon::connect::git
