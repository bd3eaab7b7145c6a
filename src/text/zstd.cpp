#include "text/zstd.h"

#include <zstd.h>

#include "base/assert.h"

namespace merlon::text {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{4} << 20;

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

// In pieces: the room for the worst case of a large text would be as large as the text.
std::string pack_large(std::string_view bytes, int level, const CancelToken* cancel) {
    const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                          ZSTD_freeCCtx);
    MERLON_ASSERT(context != nullptr);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setPledgedSrcSize(context.get(), bytes.size());  // stated in the frame
    std::string frame;
    std::string room(ZSTD_CStreamOutSize(), '\0');
    std::size_t left = 1;  // bytes of the frame that are not written yet
    for (std::size_t at = 0; left != 0;) {
        if (cancel != nullptr && cancel->cancelled()) return {};
        const std::string_view piece = bytes.substr(at, kPieceBytes);
        const bool is_last = at + piece.size() == bytes.size();
        ZSTD_inBuffer input{piece.data(), piece.size(), 0};
        ZSTD_outBuffer output{room.data(), room.size(), 0};
        left = ZSTD_compressStream2(context.get(), &output, &input,
                                    is_last ? ZSTD_e_end : ZSTD_e_continue);
        MERLON_ASSERT(ZSTD_isError(left) == 0);
        if (!is_last) left = 1;
        at += input.pos;
        frame.append(room.data(), output.pos);
    }
    frame.shrink_to_fit();
    return frame;
}

}  // namespace

std::string pack_zstd(std::string_view bytes, int level, const CancelToken* cancel) {
    if (bytes.size() > kPieceBytes) return pack_large(bytes, level, cancel);
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
