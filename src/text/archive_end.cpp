#include "text/archive_end.h"

#include <cstdint>

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kZipEndBytes = 22;
constexpr std::size_t kSevenZipHeaderBytes = 32;
constexpr std::size_t kRar5MagicBytes = 8;
constexpr std::uint64_t kRar5EndBlock = 5;

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t width) {
    std::uint64_t number = 0;
    for (std::size_t i = width; i-- > 0;) {
        number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
    }
    return number;
}

// RAR 5's numbers: seven bits a byte, the low ones first.
std::optional<std::uint64_t> take_number(std::string_view bytes, std::size_t& at) {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 63 && at < bytes.size(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes[at++]);
        number |= std::uint64_t{byte & 0x7Fu} << shift;
        if ((byte & 0x80) == 0) return number;
    }
    return std::nullopt;
}

// Of one lz4 frame at `at`: magic, descriptor, blocks up to a size of zero, checksums.
std::optional<std::size_t> lz4_frame_end(std::string_view bytes, std::size_t at) {
    if (bytes.size() - at < 7) return std::nullopt;
    const auto flags = static_cast<unsigned char>(bytes[at + 4]);
    at += 7 + ((flags & 0x08) != 0 ? 8 : 0) + ((flags & 0x01) != 0 ? 4 : 0);
    while (at <= bytes.size() && bytes.size() - at >= 4) {
        const std::uint64_t size = little_endian(bytes, at, 4) & 0x7FFFFFFF;
        at += 4;
        const std::uint64_t checksum = (flags & (size == 0 ? 0x04 : 0x10)) != 0 ? 4 : 0;
        if (size + checksum > bytes.size() - at) return std::nullopt;
        at += static_cast<std::size_t>(size + checksum);
        if (size == 0) return at;
    }
    return std::nullopt;
}

}  // namespace

std::optional<ZipSurroundings> zip_surroundings(std::string_view bytes) {
    if (bytes.size() < kZipEndBytes) return std::nullopt;
    const std::size_t end = bytes.rfind("PK\5\6", bytes.size() - kZipEndBytes);
    if (end == std::string_view::npos) return std::nullopt;
    ZipSurroundings found;
    found.after = bytes.substr(end + kZipEndBytes);
    const std::uint64_t size = little_endian(bytes, end + 12, 4);
    const std::uint64_t offset = little_endian(bytes, end + 16, 4);
    // Zip64 has records between the directory and its end, and its numbers there.
    const bool is_zip64 = end >= 20 && bytes.substr(end - 20, 4) == "PK\6\7";
    if (!is_zip64 && size + offset < end) {
        found.before = bytes.substr(0, end - static_cast<std::size_t>(size + offset));
    }
    return found;
}

std::optional<std::size_t> seven_zip_end(std::string_view bytes) {
    if (bytes.size() < kSevenZipHeaderBytes) return std::nullopt;
    const std::uint64_t room = bytes.size() - kSevenZipHeaderBytes;
    const std::uint64_t offset = little_endian(bytes, 12, 8);
    const std::uint64_t size = little_endian(bytes, 20, 8);
    if (offset > room || size > room - offset) return std::nullopt;
    return kSevenZipHeaderBytes + static_cast<std::size_t>(offset + size);
}

std::optional<std::size_t> rar5_end(std::string_view bytes) {
    std::size_t at = kRar5MagicBytes;
    while (bytes.size() > at && bytes.size() - at > 4) {
        std::size_t place = at + 4;  // past the checksum
        const auto header_size = take_number(bytes, place);
        if (!header_size || *header_size == 0 || *header_size > bytes.size() - place) break;
        std::size_t next = place + static_cast<std::size_t>(*header_size);
        const auto type = take_number(bytes, place);
        const auto flags = take_number(bytes, place);
        if (!type || !flags) break;
        if (*type == kRar5EndBlock) return next;
        if ((*flags & 1) != 0 && !take_number(bytes, place)) break;
        if ((*flags & 2) != 0) {
            const auto data = take_number(bytes, place);
            if (!data || *data > bytes.size() - next) break;
            next += static_cast<std::size_t>(*data);
        }
        at = next;
    }
    return std::nullopt;
}

std::optional<std::size_t> lz4_end(std::string_view bytes) {
    constexpr std::uint64_t kMagic = 0x184D2204;
    constexpr std::uint64_t kSkippable = 0x184D2A50;
    std::size_t at = 0;
    while (bytes.size() - at >= 8) {
        const std::uint64_t magic = little_endian(bytes, at, 4);
        if (magic == kMagic) {
            const auto end = lz4_frame_end(bytes, at);
            if (!end) return std::nullopt;
            at = *end;
        } else if ((magic & 0xFFFFFFF0) == kSkippable) {
            const std::uint64_t size = little_endian(bytes, at + 4, 4);
            if (size > bytes.size() - at - 8) return std::nullopt;
            at += 8 + static_cast<std::size_t>(size);
        } else {
            break;
        }
    }
    return at;
}

}  // namespace merlon::text
