#include "text/zstd.h"

#include <zstd.h>

#include "base/assert.h"

namespace merlon::text {

std::string pack_zstd(std::string_view bytes, int level) {
    std::string frame(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size =
        ZSTD_compress(frame.data(), frame.size(), bytes.data(), bytes.size(), level);
    MERLON_ASSERT(ZSTD_isError(size) == 0);  // the room is enough, and nothing else can fail
    frame.resize(size);
    return frame;
}

Result<std::string> unpack_zstd(std::string_view frame, std::size_t max_bytes) {
    const unsigned long long stated = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (stated == ZSTD_CONTENTSIZE_ERROR || stated == ZSTD_CONTENTSIZE_UNKNOWN) {
        return Error{"zstd: no frame that states its size"};
    }
    if (stated > max_bytes) return Error{"zstd: the frame holds more than is allowed"};
    std::string bytes(static_cast<std::size_t>(stated), '\0');
    const std::size_t size =
        ZSTD_decompress(bytes.data(), bytes.size(), frame.data(), frame.size());
    if (ZSTD_isError(size) != 0 || size != bytes.size()) {
        return Error{"zstd: the frame is damaged"};
    }
    return bytes;
}

}  // namespace merlon::text
