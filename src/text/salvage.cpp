#include "text/salvage.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kPieceBytes = std::size_t{64} << 10;
constexpr std::uint64_t kLzmaMemoryBytes = std::uint64_t{256} << 20;

using Take = std::function<bool(std::string_view)>;

// zlib and bzip2 count their input in unsigned int.
unsigned chunk_of(std::size_t left) {
    return static_cast<unsigned>(std::min<std::size_t>(left, std::numeric_limits<int>::max()));
}

void salvage_gzip(std::string_view packed, const Take& take) {
    std::vector<char> piece(kPieceBytes);
    while (packed.starts_with("\x1F\x8B\x08"sv)) {
        z_stream stream{};
        if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return;
        const std::unique_ptr<z_stream, decltype(&inflateEnd)> owner(&stream, inflateEnd);
        int status = Z_OK;
        while (status == Z_OK) {
            const unsigned chunk = chunk_of(packed.size());
            stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
            stream.avail_in = chunk;
            stream.next_out = reinterpret_cast<Bytef*>(piece.data());
            stream.avail_out = static_cast<uInt>(piece.size());
            status = inflate(&stream, Z_NO_FLUSH);
            packed.remove_prefix(chunk - stream.avail_in);
            if (!take({piece.data(), piece.size() - stream.avail_out})) return;
        }
        if (status != Z_STREAM_END) return;
    }
}

void salvage_bzip2(std::string_view packed, const Take& take) {
    std::vector<char> piece(kPieceBytes);
    while (packed.starts_with("BZh")) {
        bz_stream stream{};
        if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) return;
        const std::unique_ptr<bz_stream, decltype(&BZ2_bzDecompressEnd)> owner(&stream,
                                                                               BZ2_bzDecompressEnd);
        int status = BZ_OK;
        while (status == BZ_OK) {
            const unsigned chunk = chunk_of(packed.size());
            stream.next_in = const_cast<char*>(packed.data());
            stream.avail_in = chunk;
            stream.next_out = piece.data();
            stream.avail_out = static_cast<unsigned>(piece.size());
            status = BZ2_bzDecompress(&stream);
            packed.remove_prefix(chunk - stream.avail_in);
            const std::size_t size = piece.size() - stream.avail_out;
            if (!take({piece.data(), size})) return;
            if (size == 0 && packed.empty()) return;
        }
        if (status != BZ_STREAM_END) return;
    }
}

// xz, lzma and lzip.
void salvage_lzma(std::string_view packed, const Take& take) {
    std::vector<char> piece(kPieceBytes);
    lzma_stream stream = LZMA_STREAM_INIT;
    const std::unique_ptr<lzma_stream, decltype(&lzma_end)> owner(&stream, lzma_end);
    if (lzma_auto_decoder(&stream, kLzmaMemoryBytes, LZMA_CONCATENATED) != LZMA_OK) return;
    stream.next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
    stream.avail_in = packed.size();
    lzma_ret status = LZMA_OK;
    while (status == LZMA_OK) {
        stream.next_out = reinterpret_cast<std::uint8_t*>(piece.data());
        stream.avail_out = piece.size();
        status = lzma_code(&stream, LZMA_RUN);
        const std::size_t size = piece.size() - stream.avail_out;
        if (!take({piece.data(), size})) return;
        if (size == 0 && stream.avail_in == 0) return;
    }
}

void salvage_zstd(std::string_view packed, const Take& take) {
    std::vector<char> piece(kPieceBytes);
    const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(),
                                                                            ZSTD_freeDStream);
    if (stream == nullptr) return;
    ZSTD_inBuffer input{packed.data(), packed.size(), 0};
    while (true) {
        ZSTD_outBuffer output{piece.data(), piece.size(), 0};
        const std::size_t before = input.pos;
        const std::size_t status = ZSTD_decompressStream(stream.get(), &output, &input);
        if (!take({piece.data(), output.pos})) return;
        if (ZSTD_isError(status) != 0) return;
        if (output.pos == 0 && input.pos == before) return;
    }
}

void salvage_lz4(std::string_view packed, const Take& take) {
    std::vector<char> piece(kPieceBytes);
    LZ4F_dctx* context = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) != 0) return;
    const std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> owner(
        context, LZ4F_freeDecompressionContext);
    while (true) {
        std::size_t size = piece.size();
        std::size_t used = packed.size();
        const std::size_t status =
            LZ4F_decompress(context, piece.data(), &size, packed.data(), &used, nullptr);
        if (LZ4F_isError(status) != 0) return;
        packed.remove_prefix(used);
        if (!take({piece.data(), size})) return;
        if (size == 0 && used == 0) return;
    }
}

}  // namespace

bool is_compressed_stream(std::string_view first_bytes) {
    constexpr std::string_view kMagics[] = {"\x1F\x8B\x08"sv,
                                            "BZh"sv,
                                            "\xFD"
                                            "7zXZ\0"sv,
                                            "LZIP"sv,
                                            "\x28\xB5\x2F\xFD"sv,
                                            "\x04\x22\x4D\x18"sv};
    return std::ranges::any_of(
        kMagics, [&](std::string_view magic) { return first_bytes.starts_with(magic); });
}

void salvage_stream(std::string_view packed, const Take& take) {
    if (packed.starts_with("\x1F\x8B\x08"sv)) return salvage_gzip(packed, take);
    if (packed.starts_with("BZh")) return salvage_bzip2(packed, take);
    if (packed.starts_with("\x28\xB5\x2F\xFD"sv)) return salvage_zstd(packed, take);
    if (packed.starts_with("\x04\x22\x4D\x18"sv)) return salvage_lz4(packed, take);
    salvage_lzma(packed, take);
}

}  // namespace merlon::text
