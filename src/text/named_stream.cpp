#include "text/named_stream.h"

#include <brotli/decode.h>
#include <snappy.h>
#include <zlib.h>

#include <memory>
#include <string>
#include <vector>

#include "text/archive_meter.h"

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kReadBytes = std::size_t{64} << 10;

// Appends a piece of a named stream under the limits; says in `gap` why it cannot.
bool append_piece(std::string_view piece, const ArchiveBudget& budget, Meter& meter,
                  std::string& bytes, ArchiveGap& gap) {
    std::string why;
    if (meter.take(piece.size(), why) && bytes.size() + piece.size() <= budget.max_member_bytes) {
        bytes += piece;
        return true;
    }
    gap.failure = ArchiveFailure::kLimit;
    gap.detail = why.empty() ? "is larger than the limit for one member" : std::move(why);
    return false;
}

// A brotli stream (RFC 7932), piece by piece.
bool read_brotli(std::string_view packed, const ArchiveBudget& budget, Meter& meter,
                 std::string& bytes, ArchiveGap& gap) {
    const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state(
        BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
    const auto* next = reinterpret_cast<const std::uint8_t*>(packed.data());
    std::size_t left = packed.size();
    while (true) {
        std::size_t no_room = 0;
        const BrotliDecoderResult result =
            BrotliDecoderDecompressStream(state.get(), &left, &next, &no_room, nullptr, nullptr);
        std::size_t size = 0;
        const std::uint8_t* piece = BrotliDecoderTakeOutput(state.get(), &size);
        const std::string_view view(reinterpret_cast<const char*>(piece), size);
        if (!append_piece(view, budget, meter, bytes, gap)) return false;
        if (result == BROTLI_DECODER_RESULT_SUCCESS) {
            gap.detail = left == 0 ? "" : "bytes follow the brotli stream and were not read";
            return left == 0;
        }
        if (result != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
            gap.detail = "the brotli stream is damaged or cut off";
            return false;
        }
    }
}

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
bool read_snappy(std::string_view packed, const ArchiveBudget& budget, Meter& meter,
                 std::string& bytes, ArchiveGap& gap) {
    gap.detail = "the snappy stream is damaged or cut off";
    if (!packed.starts_with("\xFF\x06\0\0sNaPpY"sv)) return false;
    while (!packed.empty()) {
        if (packed.size() < 4) return false;
        const auto byte = [packed](std::size_t i) { return static_cast<unsigned char>(packed[i]); };
        const unsigned type = byte(0);
        const std::size_t length =
            byte(1) + std::size_t{256} * byte(2) + std::size_t{65536} * byte(3);
        if (packed.size() - 4 < length) return false;
        std::string_view content = packed.substr(4, length);
        packed.remove_prefix(4 + length);
        if (type >= 0x80) continue;  // skippable, padding or the identifier
        if (type > 1 || content.size() < 4) return false;
        std::uint32_t checksum = 0;
        for (std::size_t i = 4; i-- > 0;) {
            checksum = checksum << 8 | static_cast<unsigned char>(content[i]);
        }
        content.remove_prefix(4);
        std::string piece(content);
        std::size_t size = 0;
        if (type == 0 &&
            (!snappy::GetUncompressedLength(content.data(), content.size(), &size) ||
             size > 65536 || !snappy::Uncompress(content.data(), content.size(), &piece))) {
            return false;
        }
        if (snappy_checksum(piece) != checksum) return false;
        if (!append_piece(piece, budget, meter, bytes, gap)) return false;
    }
    return true;
}

// A zlib stream (RFC 1950).
bool read_zlib(std::string_view packed, const ArchiveBudget& budget, Meter& meter,
               std::string& bytes, ArchiveGap& gap) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) return false;
    const std::unique_ptr<z_stream, decltype(&inflateEnd)> owner(&stream, inflateEnd);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    std::vector<char> piece(kReadBytes);
    int status = Z_OK;
    while (status == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = static_cast<uInt>(piece.size());
        status = inflate(&stream, Z_NO_FLUSH);
        const std::string_view view(piece.data(), piece.size() - stream.avail_out);
        if (!append_piece(view, budget, meter, bytes, gap)) return false;
    }
    if (status == Z_STREAM_END && stream.avail_in == 0) return true;
    gap.detail = status == Z_STREAM_END ? "bytes follow the zlib stream and were not read"
                                        : "the zlib stream is damaged or cut off";
    return false;
}

}  // namespace

NamedStream named_stream(std::string_view name) {
    if (name.ends_with(".br")) return NamedStream::kBrotli;
    if (name.ends_with(".sz") || name.ends_with(".snappy")) return NamedStream::kSnappy;
    if (name.ends_with(".zz") || name.ends_with(".zlib")) return NamedStream::kZlib;
    return NamedStream::kNone;
}

std::string_view stem_of(std::string_view name) {
    const std::string_view base = name.substr(name.find_last_of('/') + 1);
    return base.substr(0, base.find_last_of('.'));
}

void walk_named_stream(NamedStream kind, std::string_view bytes, std::string_view name,
                       ArchiveBudget& budget, const ArchiveVisitor& visitor) {
    Meter meter(budget, bytes.size());
    ArchiveGap gap;
    std::string unpacked;
    bool read = false;
    if (kind == NamedStream::kBrotli) {
        read = read_brotli(bytes, budget, meter, unpacked, gap);
    } else if (kind == NamedStream::kSnappy) {
        read = read_snappy(bytes, budget, meter, unpacked, gap);
    } else {
        read = read_zlib(bytes, budget, meter, unpacked, gap);
    }
    // What stands before the damage is content all the same.
    if (!unpacked.empty() || read) visitor.on_member({std::string(stem_of(name)), unpacked});
    if (!read) visitor.on_gap(std::move(gap));
}

}  // namespace merlon::text
