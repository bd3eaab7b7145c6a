#include "text/zstd.h"

#include <zstd.h>

#include "base/assert.h"

namespace merlon::text {
namespace {

std::string frame_with_room(std::string_view bytes) {
    return std::string(ZSTD_compressBound(bytes.size()), '\0');
}

void end_frame(std::string& frame, std::size_t size) {
    MERLON_ASSERT(ZSTD_isError(size) == 0);  // the room is enough, and nothing else can fail
    frame.resize(size);
}

// As long as the frame says that it unpacks to.
Result<std::string> room_for(std::string_view frame, std::size_t max_bytes) {
    const unsigned long long stated = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (stated == ZSTD_CONTENTSIZE_ERROR || stated == ZSTD_CONTENTSIZE_UNKNOWN) {
        return Error{"zstd: no frame that states its size"};
    }
    if (stated > max_bytes) return Error{"zstd: the frame holds more than is allowed"};
    return std::string(static_cast<std::size_t>(stated), '\0');
}

Status check_unpacked(std::size_t size, const std::string& bytes) {
    if (ZSTD_isError(size) == 0 && size == bytes.size()) return {};
    return Error{"zstd: the frame is damaged"};
}

}  // namespace

std::string pack_zstd(std::string_view bytes, int level) {
    std::string frame = frame_with_room(bytes);
    end_frame(frame, ZSTD_compress(frame.data(), frame.size(), bytes.data(), bytes.size(), level));
    return frame;
}

Result<std::string> unpack_zstd(std::string_view frame, std::size_t max_bytes) {
    std::string bytes = MERLON_TRY(room_for(frame, max_bytes));
    MERLON_TRY(check_unpacked(
        ZSTD_decompress(bytes.data(), bytes.size(), frame.data(), frame.size()), bytes));
    return bytes;
}

// Each direction is made when it is first asked for.
struct ZstdDictionary::Contexts {
    struct Free {
        void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
        void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
        void operator()(ZSTD_CDict* dictionary) const { ZSTD_freeCDict(dictionary); }
        void operator()(ZSTD_DDict* dictionary) const { ZSTD_freeDDict(dictionary); }
    };
    std::string_view content;
    int level;
    std::unique_ptr<ZSTD_CCtx, Free> packing;
    std::unique_ptr<ZSTD_CDict, Free> packed_with;
    std::unique_ptr<ZSTD_DCtx, Free> unpacking;
    std::unique_ptr<ZSTD_DDict, Free> unpacked_with;
};

ZstdDictionary::ZstdDictionary(std::string_view content, int level)
    : contexts_(new Contexts{content, level, nullptr, nullptr, nullptr, nullptr}) {}
ZstdDictionary::~ZstdDictionary() = default;

std::string ZstdDictionary::pack(std::string_view bytes) {
    Contexts& with = *contexts_;
    if (with.packing == nullptr) {
        with.packing.reset(ZSTD_createCCtx());
        with.packed_with.reset(
            ZSTD_createCDict(with.content.data(), with.content.size(), with.level));
        MERLON_ASSERT(with.packing != nullptr && with.packed_with != nullptr);
    }
    std::string frame = frame_with_room(bytes);
    end_frame(frame, ZSTD_compress_usingCDict(with.packing.get(), frame.data(), frame.size(),
                                              bytes.data(), bytes.size(), with.packed_with.get()));
    return frame;
}

Result<std::string> ZstdDictionary::unpack(std::string_view frame, std::size_t max_bytes) {
    Contexts& with = *contexts_;
    if (with.unpacking == nullptr) {
        with.unpacking.reset(ZSTD_createDCtx());
        with.unpacked_with.reset(ZSTD_createDDict(with.content.data(), with.content.size()));
        MERLON_ASSERT(with.unpacking != nullptr && with.unpacked_with != nullptr);
    }
    std::string bytes = MERLON_TRY(room_for(frame, max_bytes));
    MERLON_TRY(check_unpacked(
        ZSTD_decompress_usingDDict(with.unpacking.get(), bytes.data(), bytes.size(), frame.data(),
                                   frame.size(), with.unpacked_with.get()),
        bytes));
    return bytes;
}

}  // namespace merlon::text
