#include "text/stream_decoder.h"

#include <brotli/decode.h>
#include <bzlib.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "text/archive_end.h"

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kPieceBytes = std::size_t{64} << 10;
constexpr std::size_t kWindowBytes = std::size_t{32} << 10;  // of inflate
constexpr std::size_t kBrotliInputBytes = std::size_t{32} << 10;
constexpr std::size_t kZstdHeaderBytes = 5;  // the least
constexpr std::size_t kLz4HeaderBytes = 7;   // the least
constexpr std::size_t kLz4MagicBytes = 4;
constexpr std::size_t kLz4SizeBytes = 4;
constexpr std::uint64_t kLzmaMemoryBytes = std::uint64_t{256} << 20;

// zlib and bzip2 count their input in unsigned int.
unsigned chunk_of(std::size_t left) {
    return static_cast<unsigned>(std::min<std::size_t>(left, std::numeric_limits<int>::max()));
}

// What a stream that has ended well leaves behind.
StreamState end_state(PackedBytes& rest) {
    return rest.is_at_end() ? StreamState::kEnd : StreamState::kTrailing;
}

// gzip, with all members in a row, zlib, and deflate as it is.
class Inflater final : public StreamDecoder {
  public:
    Inflater(StreamKind kind, PackedBytes packed) : StreamDecoder(std::move(packed)), kind_(kind) {}
    ~Inflater() override { close(); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    StreamState next(std::string& piece) override {
        piece.clear();
        if (!is_open_) {
            constexpr int kGzipOnly = 16;
            int window_bits = MAX_WBITS;  // zlib.h says what these mean
            if (kind_ == StreamKind::kGzip) window_bits += kGzipOnly;
            if (kind_ == StreamKind::kDeflate) window_bits = -window_bits;
            stream_ = z_stream{};
            if (inflateInit2(&stream_, window_bits) != Z_OK) {
                return StreamState::kDamaged;
            }
            is_open_ = true;
        }
        piece.resize(kWindowBytes);
        const std::string_view given = packed_.peek(1);
        const unsigned chunk = chunk_of(given.size());
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(given.data()));
        stream_.avail_in = chunk;
        stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream_.avail_out = static_cast<uInt>(piece.size());
        const int status = inflate(&stream_, Z_NO_FLUSH);
        packed_.take(chunk - stream_.avail_in);
        piece.resize(piece.size() - stream_.avail_out);
        if (status == Z_OK) return StreamState::kMore;
        if (status == Z_BUF_ERROR && packed_.is_at_end()) return StreamState::kCut;
        if (status != Z_STREAM_END) return StreamState::kDamaged;
        if (kind_ != StreamKind::kGzip || !packed_.peek(2).starts_with("\x1F\x8B"sv))
            return end_state(packed_);
        close();
        return StreamState::kMember;
    }

  private:
    void close() {
        if (std::exchange(is_open_, false)) inflateEnd(&stream_);
    }

    StreamKind kind_;
    z_stream stream_{};
    bool is_open_ = false;
};

class Bzip2Decoder final : public StreamDecoder {
  public:
    explicit Bzip2Decoder(PackedBytes packed) : StreamDecoder(std::move(packed)) {}
    ~Bzip2Decoder() override { close(); }
    Bzip2Decoder(const Bzip2Decoder&) = delete;
    Bzip2Decoder& operator=(const Bzip2Decoder&) = delete;

    StreamState next(std::string& piece) override {
        piece.clear();
        if (!is_open_) {
            stream_ = bz_stream{};
            if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) return StreamState::kDamaged;
            is_open_ = true;
        }
        piece.resize(kPieceBytes);
        const std::string_view given = packed_.peek(1);
        const unsigned chunk = chunk_of(given.size());
        stream_.next_in = const_cast<char*>(given.data());
        stream_.avail_in = chunk;
        stream_.next_out = piece.data();
        stream_.avail_out = static_cast<unsigned>(piece.size());
        const int status = BZ2_bzDecompress(&stream_);
        packed_.take(chunk - stream_.avail_in);
        piece.resize(piece.size() - stream_.avail_out);
        if (status == BZ_STREAM_END) {
            if (!packed_.peek(3).starts_with("BZh")) return end_state(packed_);
            close();
            return StreamState::kMember;
        }
        const bool is_cut = piece.empty() && packed_.is_at_end();
        if (status != BZ_OK) return StreamState::kDamaged;
        return is_cut ? StreamState::kCut : StreamState::kMore;
    }

  private:
    void close() {
        if (std::exchange(is_open_, false)) BZ2_bzDecompressEnd(&stream_);
    }

    bz_stream stream_{};
    bool is_open_ = false;
};

// xz and lzip with all members in a row, and the old lzma.
class LzmaDecoder final : public StreamDecoder {
  public:
    LzmaDecoder(StreamKind kind, PackedBytes packed)
        : StreamDecoder(std::move(packed)), kind_(kind) {
        restart();
    }
    ~LzmaDecoder() override { lzma_end(&stream_); }
    LzmaDecoder(const LzmaDecoder&) = delete;
    LzmaDecoder& operator=(const LzmaDecoder&) = delete;

    StreamState next(std::string& piece) override {
        piece.clear();
        if (status_ != LZMA_OK) return StreamState::kDamaged;
        piece.resize(kPieceBytes);
        stream_.next_out = reinterpret_cast<std::uint8_t*>(piece.data());
        stream_.avail_out = piece.size();
        const std::string_view given = packed_.peek(1);
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(given.data());
        stream_.avail_in = given.size();
        status_ = lzma_code(&stream_, packed_.is_last() ? LZMA_FINISH : LZMA_RUN);
        packed_.take(given.size() - stream_.avail_in);
        piece.resize(piece.size() - stream_.avail_out);
        if (status_ == LZMA_OK) return StreamState::kMore;
        if (status_ == LZMA_BUF_ERROR) return StreamState::kCut;
        if (status_ != LZMA_STREAM_END) return StreamState::kDamaged;
        if (kind_ == StreamKind::kXz) return behind_xz();
        if (kind_ != StreamKind::kLzip || !packed_.peek(4).starts_with("LZIP")) {
            return end_state(packed_);
        }
        restart();
        return StreamState::kMember;
    }

  private:
    // Zeros by four fill up (.xz file format, 2.2), and another stream may come.
    StreamState behind_xz() {
        while (packed_.peek(4).starts_with("\0\0\0\0"sv)) packed_.take(4);
        if (!packed_.peek(6).starts_with("\xFD"
                                         "7zXZ\0"sv)) {
            return end_state(packed_);
        }
        restart();
        return StreamState::kMore;
    }

    void restart() {
        if (kind_ == StreamKind::kXz) {
            status_ = lzma_stream_decoder(&stream_, kLzmaMemoryBytes, 0);
        } else if (kind_ == StreamKind::kLzip) {
            status_ = lzma_lzip_decoder(&stream_, kLzmaMemoryBytes, 0);
        } else {
            status_ = lzma_alone_decoder(&stream_, kLzmaMemoryBytes);
        }
    }

    StreamKind kind_;
    lzma_stream stream_ = LZMA_STREAM_INIT;
    lzma_ret status_ = LZMA_OK;
};

class ZstdDecoder final : public StreamDecoder {
  public:
    explicit ZstdDecoder(PackedBytes packed) : StreamDecoder(std::move(packed)) {}

    StreamState next(std::string& piece) override {
        piece.clear();
        if (stream_ == nullptr) return StreamState::kDamaged;
        if (at_frame_ && !packed_.is_at_end() && !is_frame()) {
            return is_first_ ? StreamState::kDamaged : end_state(packed_);
        }
        if (at_frame_ && !is_first_ && packed_.is_at_end()) return StreamState::kEnd;
        piece.resize(kPieceBytes);
        ZSTD_outBuffer output{piece.data(), piece.size(), 0};
        // No more than it asks for: of a block that comes with a wrong checksum it would hand out
        // nothing.
        const std::string_view given = packed_.peek(wanted_);
        ZSTD_inBuffer input{given.data(), std::min(given.size(), wanted_), 0};
        const std::size_t status = ZSTD_decompressStream(stream_.get(), &output, &input);
        packed_.take(input.pos);
        piece.resize(output.pos);
        is_first_ = false;
        at_frame_ = status == 0;
        if (ZSTD_isError(status) != 0) return StreamState::kDamaged;
        wanted_ = at_frame_ ? kZstdHeaderBytes : std::max<std::size_t>(status, 1);
        const bool is_stuck = !at_frame_ && output.pos == 0 && input.pos == 0;
        if (!is_stuck) return StreamState::kMore;
        return packed_.is_at_end() ? StreamState::kCut : StreamState::kDamaged;
    }

  private:
    bool is_frame() {
        const std::string_view magic = packed_.peek(4);
        return magic.starts_with("\x28\xB5\x2F\xFD"sv) || is_skippable_frame(magic);
    }

    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_{ZSTD_createDStream(),
                                                                       ZSTD_freeDStream};
    std::size_t wanted_ = kZstdHeaderBytes;
    bool at_frame_ = true;
    bool is_first_ = true;
};

// Frames of both kinds in a row. Those of the old kind are blocks up to the end of the file, or up
// to what is no size of a block ("LZ4 Frame format", "Legacy frame").
class Lz4Decoder final : public StreamDecoder {
  public:
    explicit Lz4Decoder(PackedBytes packed) : StreamDecoder(std::move(packed)) {
        if (LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)) != 0) {
            context_ = nullptr;
        }
    }
    ~Lz4Decoder() override { LZ4F_freeDecompressionContext(context_); }
    Lz4Decoder(const Lz4Decoder&) = delete;
    Lz4Decoder& operator=(const Lz4Decoder&) = delete;

    StreamState next(std::string& piece) override {
        piece.clear();
        if (context_ == nullptr) return StreamState::kDamaged;
        if (std::exchange(is_at_begin_, false)) {
            is_legacy_ = packed_.peek(kLz4MagicBytes).starts_with(kLegacyMagic);
            if (is_legacy_) packed_.take(kLz4MagicBytes);
        }
        return is_legacy_ ? next_legacy(piece) : next_frame(piece);
    }

  private:
    static constexpr std::string_view kLegacyMagic = "\x02\x21\x4C\x18"sv;
    static constexpr int kLegacyBlockBytes = 8 << 20;

    StreamState next_frame(std::string& piece) {
        piece.resize(kPieceBytes);
        std::size_t size = piece.size();
        // Less than it asks for, which is a block and the size of the next: of a block that comes
        // with a wrong size or checksum it would hand out nothing.
        const std::size_t given = wanted_ > kLz4SizeBytes ? wanted_ - kLz4SizeBytes : wanted_;
        const std::string_view bytes = packed_.peek(given);
        std::size_t used = std::min(bytes.size(), given);
        const std::size_t status =
            LZ4F_decompress(context_, piece.data(), &size, bytes.data(), &used, nullptr);
        if (LZ4F_isError(status) != 0) {
            piece.clear();
            return StreamState::kDamaged;
        }
        packed_.take(used);
        piece.resize(size);
        wanted_ = status == 0 ? kLz4HeaderBytes : status;
        if (status == 0) return end_of_frame();
        if (size > 0 || used > 0) return StreamState::kMore;
        return packed_.is_at_end() ? StreamState::kCut : StreamState::kDamaged;
    }

    StreamState next_legacy(std::string& piece) {
        const std::string_view header = packed_.peek(kLz4SizeBytes);
        if (header.empty()) return StreamState::kEnd;
        if (header.size() < kLz4SizeBytes) return StreamState::kCut;
        const std::uint64_t size = little_endian(header, 0, kLz4SizeBytes);
        // Linux puts the size of the content behind the last block.
        if (size == legacy_bytes_ && packed_.peek(kLz4SizeBytes + 1).size() == kLz4SizeBytes) {
            packed_.take(kLz4SizeBytes);
            return StreamState::kEnd;
        }
        if (size > std::uint64_t{LZ4_COMPRESSBOUND(kLegacyBlockBytes)}) {
            return legacy_bytes_ > 0 ? end_of_frame() : StreamState::kDamaged;
        }
        const auto end = kLz4SizeBytes + static_cast<std::size_t>(size);
        const std::string_view block = packed_.peek(end);
        if (block.size() < end) return StreamState::kCut;
        piece.resize(kLegacyBlockBytes);
        const int count = LZ4_decompress_safe(block.data() + kLz4SizeBytes, piece.data(),
                                              static_cast<int>(size), kLegacyBlockBytes);
        piece.resize(static_cast<std::size_t>(std::max(count, 0)));
        if (count < 0) return StreamState::kDamaged;
        packed_.take(end);
        legacy_bytes_ += piece.size();
        return StreamState::kMore;
    }

    StreamState end_of_frame() {
        if (packed_.is_at_end()) return StreamState::kEnd;
        const std::string_view magic = packed_.peek(kLz4MagicBytes);
        is_at_begin_ = magic.starts_with("\x04\x22\x4D\x18"sv) || magic.starts_with(kLegacyMagic) ||
                       is_skippable_frame(magic);
        return is_at_begin_ ? StreamState::kMember : StreamState::kTrailing;
    }

    LZ4F_dctx* context_ = nullptr;
    std::size_t wanted_ = kLz4HeaderBytes;
    bool is_at_begin_ = true;  // of a frame
    bool is_legacy_ = false;
    std::uint64_t legacy_bytes_ = 0;
};

class BrotliDecoder final : public StreamDecoder {
  public:
    explicit BrotliDecoder(PackedBytes packed) : StreamDecoder(std::move(packed)) {}

    StreamState next(std::string& piece) override {
        piece.clear();
        if (state_ == nullptr) return StreamState::kDamaged;
        const std::string_view input = packed_.peek(kBrotliInputBytes);
        const std::size_t given = std::min(input.size(), kBrotliInputBytes);
        const auto* next_in = reinterpret_cast<const std::uint8_t*>(input.data());
        std::size_t left = given;
        auto result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
        std::size_t taken = 1;
        while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && taken > 0 &&
               piece.size() < kLargestPiece) {
            std::size_t no_room = 0;
            result = BrotliDecoderDecompressStream(state_.get(), &left, &next_in, &no_room, nullptr,
                                                   nullptr);
            // What it holds may lie in two parts, around the end of its window.
            do {
                taken = 0;
                const std::uint8_t* bytes = BrotliDecoderTakeOutput(state_.get(), &taken);
                piece.append(reinterpret_cast<const char*>(bytes), taken);
            } while (taken > 0 && piece.size() < kLargestPiece);
            taken = piece.size();
        }
        packed_.take(given - left);
        switch (result) {
            case BROTLI_DECODER_RESULT_SUCCESS:
                return end_state(packed_);
            case BROTLI_DECODER_RESULT_ERROR:
                return StreamState::kDamaged;
            case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
                return packed_.is_at_end() ? StreamState::kCut : StreamState::kMore;
            case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
                break;
        }
        return StreamState::kMore;
    }

  private:
    // A bomb is handed out in parts, so that the limits can end it.
    static constexpr std::size_t kLargestPiece = std::size_t{4} << 20;

    std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state_{
        BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance};
};

// CRC-32C (Castagnoli), masked as Snappy's framing format asks for in section 3.
std::uint32_t snappy_checksum(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
    }
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xA282EAD8;
}

// Snappy's framing format: chunks of type and 24-bit length; each holds at most 64 KiB.
class SnappyDecoder final : public StreamDecoder {
  public:
    explicit SnappyDecoder(PackedBytes packed) : StreamDecoder(std::move(packed)) {}

    StreamState next(std::string& piece) override {
        piece.clear();
        constexpr std::string_view kIdentifier = "\xFF\x06\0\0sNaPpY"sv;
        if (!std::exchange(has_begun_, true)) {
            const std::string_view first = packed_.peek(kIdentifier.size());
            if (!first.starts_with(kIdentifier)) {
                return kIdentifier.starts_with(first) ? StreamState::kCut : StreamState::kDamaged;
            }
        }
        if (packed_.is_at_end()) return StreamState::kEnd;
        const std::string_view header = packed_.peek(kHeaderBytes);
        if (header.size() < kHeaderBytes) return StreamState::kCut;
        const auto byte = [header](std::size_t i) { return static_cast<unsigned char>(header[i]); };
        const unsigned type = byte(0);
        const std::size_t length =
            byte(1) + std::size_t{256} * byte(2) + std::size_t{65536} * byte(3);
        const std::string_view chunk = packed_.peek(kHeaderBytes + length);
        if (chunk.size() - kHeaderBytes < length) return StreamState::kCut;
        const std::string_view content = chunk.substr(kHeaderBytes, length);
        packed_.take(kHeaderBytes + length);
        if (type >= 0x80) return StreamState::kMore;  // skippable, padding or the identifier
        if (type > 1 || !read_chunk(content, type == 0, piece)) {
            piece.clear();
            return StreamState::kDamaged;
        }
        return StreamState::kMore;
    }

  private:
    static constexpr std::size_t kHeaderBytes = 4;

    static bool read_chunk(std::string_view content, bool is_compressed, std::string& piece) {
        if (content.size() < 4) return false;
        std::uint32_t checksum = 0;
        for (std::size_t i = 4; i-- > 0;) {
            checksum = checksum << 8 | static_cast<unsigned char>(content[i]);
        }
        content.remove_prefix(4);
        if (!is_compressed) {
            piece = content;
        } else {
            std::size_t size = 0;
            if (!snappy::GetUncompressedLength(content.data(), content.size(), &size) ||
                size > 65536 || !snappy::Uncompress(content.data(), content.size(), &piece)) {
                return false;
            }
        }
        return snappy_checksum(piece) == checksum;
    }

    bool has_begun_ = false;
};

}  // namespace

std::string_view name(StreamKind kind) {
    switch (kind) {
        case StreamKind::kGzip:
            return "gzip";
        case StreamKind::kZlib:
            return "zlib";
        case StreamKind::kDeflate:
            return "deflate";
        case StreamKind::kBzip2:
            return "bzip2";
        case StreamKind::kXz:
            return "xz";
        case StreamKind::kLzma:
            return "lzma";
        case StreamKind::kLzip:
            return "lzip";
        case StreamKind::kZstd:
            return "zstd";
        case StreamKind::kLz4:
            return "lz4";
        case StreamKind::kBrotli:
            return "brotli";
        case StreamKind::kSnappy:
            break;
    }
    return "snappy";
}

std::unique_ptr<StreamDecoder> open_stream(StreamKind kind, PackedBytes packed) {
    switch (kind) {
        case StreamKind::kGzip:
        case StreamKind::kZlib:
        case StreamKind::kDeflate:
            return std::make_unique<Inflater>(kind, std::move(packed));
        case StreamKind::kBzip2:
            return std::make_unique<Bzip2Decoder>(std::move(packed));
        case StreamKind::kXz:
        case StreamKind::kLzma:
        case StreamKind::kLzip:
            return std::make_unique<LzmaDecoder>(kind, std::move(packed));
        case StreamKind::kZstd:
            return std::make_unique<ZstdDecoder>(std::move(packed));
        case StreamKind::kLz4:
            return std::make_unique<Lz4Decoder>(std::move(packed));
        case StreamKind::kBrotli:
            return std::make_unique<BrotliDecoder>(std::move(packed));
        case StreamKind::kSnappy:
            break;
    }
    return std::make_unique<SnappyDecoder>(std::move(packed));
}

}  // namespace merlon::text
