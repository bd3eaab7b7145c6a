#include "connect/git/inflate.h"

#include <libdeflate.h>
#include <zlib.h>

#include <cstring>
#include <new>
#include <utility>

namespace merlon::connect::git {
namespace {

// RFC 1951: a symbol of one bit gives at most 258 bytes; with its distance code, 1032 to 1.
constexpr std::uint64_t kMaxDeflateRatio = 1032;
constexpr std::uint64_t kRatioSlackBytes = 1024;

struct DecompressorDeleter {
    void operator()(libdeflate_decompressor* decompressor) const {
        libdeflate_free_decompressor(decompressor);
    }
};

libdeflate_decompressor* thread_decompressor() {
    thread_local const std::unique_ptr<libdeflate_decompressor, DecompressorDeleter> mine(
        libdeflate_alloc_decompressor());
    return mine.get();
}

}  // namespace

Result<ContentBuffer> ContentBuffer::allocate(std::uint64_t size) {
    ContentBuffer buffer;
    if (size > SIZE_MAX - kReadPadding) return Error{"is larger than this machine's memory"};
    buffer.size_ = static_cast<std::size_t>(size);
    buffer.bytes_.reset(new (std::nothrow) char[buffer.size_ + kReadPadding]);
    if (buffer.bytes_ == nullptr) {
        return Error{"needs " + std::to_string(size) + " bytes of memory, which are not there"};
    }
    std::memset(buffer.bytes_.get() + buffer.size_, 0, kReadPadding);
    return buffer;
}

FileBytes ContentBuffer::share() && {
    const std::string_view bytes = view();
    return {std::shared_ptr<const char[]>(std::move(bytes_)), bytes};
}

Status can_inflate(std::string_view compressed, std::uint64_t size) {
    if (size / kMaxDeflateRatio > compressed.size() + kRatioSlackBytes) {
        return Error{"its header says " + std::to_string(size) + " bytes, more than its " +
                     std::to_string(compressed.size()) + " compressed bytes can give"};
    }
    return {};
}

Result<std::size_t> inflate_exactly(std::string_view compressed, char* out, std::size_t out_size) {
    libdeflate_decompressor* decompressor = thread_decompressor();
    if (decompressor == nullptr) return Error{"no memory for a decompressor"};
    std::size_t taken = 0;
    std::size_t given = 0;
    switch (libdeflate_zlib_decompress_ex(decompressor, compressed.data(), compressed.size(), out,
                                          out_size, &taken, &given)) {
        case LIBDEFLATE_SUCCESS:
            break;
        case LIBDEFLATE_INSUFFICIENT_SPACE:
            return Error{"its compressed bytes give more than the " + std::to_string(out_size) +
                         " bytes that its header says"};
        default:
            return Error{"its compressed bytes are damaged"};
    }
    if (given != out_size) {
        return Error{"its compressed bytes give " + std::to_string(given) + " bytes instead of " +
                     std::to_string(out_size)};
    }
    return taken;
}

Result<ContentBuffer> inflate_exactly(std::string_view compressed, std::uint64_t size) {
    MERLON_TRY(can_inflate(compressed, size));
    ContentBuffer buffer = MERLON_TRY(ContentBuffer::allocate(size));
    MERLON_TRY(inflate_exactly(compressed, buffer.data(), buffer.size()));
    return buffer;
}

Result<std::string> deflate(std::string_view bytes) {
    constexpr int kLevel = 6;  // zlib's own
    struct Free {
        void operator()(libdeflate_compressor* compressor) const {
            libdeflate_free_compressor(compressor);
        }
    };
    const std::unique_ptr<libdeflate_compressor, Free> compressor(
        libdeflate_alloc_compressor(kLevel));
    if (compressor == nullptr) return Error{"no memory for a compressor"};
    std::string out(libdeflate_zlib_compress_bound(compressor.get(), bytes.size()), '\0');
    out.resize(libdeflate_zlib_compress(compressor.get(), bytes.data(), bytes.size(), out.data(),
                                        out.size()));
    return out;
}

Result<std::size_t> inflate_prefix(std::string_view compressed, char* out, std::size_t out_size) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) return Error{"no memory for a decompressor"};
    constexpr std::size_t kMost = std::size_t{1} << 30;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream.avail_in = static_cast<uInt>(std::min(compressed.size(), kMost));
    stream.next_out = reinterpret_cast<Bytef*>(out);
    stream.avail_out = static_cast<uInt>(std::min(out_size, kMost));
    const int code = inflate(&stream, Z_SYNC_FLUSH);
    const std::size_t given = stream.total_out;
    inflateEnd(&stream);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        return Error{"its compressed bytes are damaged"};
    }
    return given;
}

}  // namespace merlon::connect::git
