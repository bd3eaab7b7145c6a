#include "connect/git/chunk_table.h"

#include "connect/git/byte_order.h"

namespace merlon::connect::git {

Result<std::vector<FileChunk>> read_chunk_table(std::string_view bytes, std::size_t table_at,
                                                std::uint32_t count, std::size_t trailer_bytes) {
    constexpr std::size_t kRowBytes = 12;  // a name of four bytes, an offset of eight
    const std::size_t table_bytes = (std::size_t{count} + 1) * kRowBytes;
    if (bytes.size() < table_at + trailer_bytes ||
        bytes.size() - table_at - trailer_bytes < table_bytes) {
        return Error{"is cut short: its table of chunks is not whole"};
    }
    const std::size_t end = bytes.size() - trailer_bytes;
    std::size_t least = table_at + table_bytes;
    std::vector<FileChunk> chunks(count);
    for (std::uint32_t i = 0; i <= count; ++i) {
        const char* row = bytes.data() + table_at + std::size_t{i} * kRowBytes;
        const std::uint64_t at = load_be64(row + 4);
        if (at < least || at > end) return Error{"has a chunk outside of its bytes"};
        least = static_cast<std::size_t>(at);
        if (i > 0) chunks[i - 1].size = least - chunks[i - 1].at;
        if (i < count) chunks[i] = {load_be32(row), least, 0};
    }
    return chunks;
}

}  // namespace merlon::connect::git
