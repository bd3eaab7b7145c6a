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

struct Rar5Block {
    std::uint64_t type = 0;
    std::uint64_t flags = 0;
    std::uint64_t extra_bytes = 0;  // of records at the header's end
    std::size_t fields = 0;         // of this type
    std::size_t fields_end = 0;     // of the header
    std::size_t end = 0;            // of the data behind it
};

// Nothing where it is cut off or makes no sense.
std::optional<Rar5Block> rar5_block(std::string_view bytes, std::size_t at) {
    if (bytes.size() <= at || bytes.size() - at <= 4) return std::nullopt;
    std::size_t place = at + 4;  // past the checksum
    const auto header_size = take_number(bytes, place);
    if (!header_size || *header_size == 0 || *header_size > bytes.size() - place) {
        return std::nullopt;
    }
    Rar5Block block;
    block.fields_end = place + static_cast<std::size_t>(*header_size);
    block.end = block.fields_end;
    const auto type = take_number(bytes, place);
    const auto flags = take_number(bytes, place);
    if (!type || !flags) return std::nullopt;
    block.type = *type;
    block.flags = *flags;
    if (block.type == kRar5EndBlock) return block;
    if ((*flags & 1) != 0) {
        const auto extra = take_number(bytes, place);
        if (!extra || *extra > *header_size) return std::nullopt;
        block.extra_bytes = *extra;
    }
    if ((*flags & 2) != 0) {
        const auto data = take_number(bytes, place);
        if (!data || *data > bytes.size() - block.end) return std::nullopt;
        block.end += static_cast<std::size_t>(*data);
    }
    block.fields = place;
    return block;
}

// Neither encrypted (its checksum is one of something else then) nor a link.
bool is_plain_file(std::string_view bytes, const Rar5Block& block) {
    constexpr std::uint64_t kEncryption = 1;
    constexpr std::uint64_t kRedirection = 5;
    std::size_t at = block.fields_end - static_cast<std::size_t>(block.extra_bytes);
    while (at < block.fields_end) {
        const auto size = take_number(bytes, at);
        if (!size || *size == 0 || *size > block.fields_end - at) return false;
        std::size_t place = at;
        const auto type = take_number(bytes, place);
        if (!type || *type == kEncryption || *type == kRedirection) return false;
        at += static_cast<std::size_t>(*size);
    }
    return true;
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
    found.comment_bytes = static_cast<std::size_t>(little_endian(bytes, end + 20, 2));
    const std::uint64_t size = little_endian(bytes, end + 12, 4);
    const std::uint64_t offset = little_endian(bytes, end + 16, 4);
    // Zip64 has records between the directory and its end, and its numbers there.
    const bool is_zip64 = end >= 20 && bytes.substr(end - 20, 4) == "PK\6\7";
    if (!is_zip64 && size + offset < end) {
        found.before = bytes.substr(0, end - static_cast<std::size_t>(size + offset));
    }
    return found;
}

// APPNOTE 4.3.12: each entry's lengths of name, extra field and comment stand at 28, 30 and 32.
std::vector<std::string_view> zip_names(std::string_view bytes) {
    constexpr std::size_t kEntryBytes = 46;
    std::vector<std::string_view> names;
    if (bytes.size() < kZipEndBytes) return names;
    const std::size_t end = bytes.rfind("PK\5\6", bytes.size() - kZipEndBytes);
    if (end == std::string_view::npos) return names;
    std::uint64_t size = little_endian(bytes, end + 12, 4);
    std::size_t directory_end = end;
    // Zip64 (4.3.14): its end record stands in front of the locator and says the size too.
    if (end >= 20 && bytes.substr(end - 20, 4) == "PK\6\7") {
        const std::size_t record = bytes.rfind("PK\6\6", end - 20);
        if (record == std::string_view::npos || bytes.size() - record < 48) return names;
        size = little_endian(bytes, record + 40, 8);
        directory_end = record;
    }
    if (size > directory_end) return names;
    std::size_t at = directory_end - static_cast<std::size_t>(size);
    while (directory_end - at >= kEntryBytes && bytes.substr(at, 4) == "PK\1\2") {
        const auto name_bytes = static_cast<std::size_t>(little_endian(bytes, at + 28, 2));
        const auto other_bytes = static_cast<std::size_t>(little_endian(bytes, at + 30, 2) +
                                                          little_endian(bytes, at + 32, 2));
        if (directory_end - at - kEntryBytes < name_bytes + other_bytes) break;
        names.push_back(bytes.substr(at + kEntryBytes, name_bytes));
        at += kEntryBytes + name_bytes + other_bytes;
    }
    return names;
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
    while (const auto block = rar5_block(bytes, at)) {
        if (block->type == kRar5EndBlock) return block->fields_end;
        at = block->end;
    }
    return std::nullopt;
}

// "RAR 5.0 archive format", file header: flags 1 folder, 2 time, 4 CRC-32.
std::vector<std::optional<std::uint32_t>> rar5_checksums(std::string_view bytes) {
    constexpr std::uint64_t kFileBlock = 2;
    constexpr std::uint64_t kInManyVolumes = 0x08 | 0x10;
    std::vector<std::optional<std::uint32_t>> checksums;
    std::size_t at = kRar5MagicBytes;
    while (const auto block = rar5_block(bytes, at)) {
        at = block->end;
        if (block->type == kRar5EndBlock) break;
        if (block->type != kFileBlock) continue;
        std::size_t place = block->fields;
        const auto flags = take_number(bytes, place);
        const bool has_sizes = take_number(bytes, place) && take_number(bytes, place);
        if (flags && (*flags & 2) != 0) place += 4;
        const bool fits = has_sizes && place + 4 <= block->fields_end;
        const bool counts =
            flags && (*flags & 5) == 4 && (block->flags & kInManyVolumes) == 0 && is_plain_file(bytes, *block);
        checksums.emplace_back();
        if (fits && counts) {
            checksums.back() = static_cast<std::uint32_t>(little_endian(bytes, place, 4));
        }
    }
    return checksums;
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
