#include "text/archive_end.h"

#include <algorithm>
#include <cstdint>

#include "text/packing.h"

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kSevenZipHeaderBytes = 32;
constexpr std::size_t kRar5MagicBytes = 8;
constexpr std::uint64_t kRar5FileBlock = 2;
constexpr std::uint64_t kRar5EndBlock = 5;

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

std::optional<std::size_t> in_memory(std::optional<std::uint64_t> end) {
    if (!end) return std::nullopt;
    return static_cast<std::size_t>(*end);
}

BytesAt bytes_of(std::string_view bytes) {
    return [bytes](std::uint64_t offset, std::size_t most) {
        return bytes.substr(static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes.size())),
                            most);
    };
}

struct Rar5Block {
    std::uint64_t type = 0;
    std::uint64_t flags = 0;
    std::uint64_t extra_bytes = 0;  // of records at the header's end
    std::uint64_t fields = 0;       // of this type
    std::uint64_t fields_end = 0;   // of the header
    std::uint64_t end = 0;          // of the data behind it
};

// Nothing where it is cut off or makes no sense.
std::optional<Rar5Block> rar5_block(const BytesAt& bytes_at, std::uint64_t size, std::uint64_t at) {
    constexpr std::size_t kNumbersBytes = 64;  // checksum, and at most five numbers
    if (size <= at || size - at <= 4) return std::nullopt;
    const std::string_view bytes = bytes_at(at, kNumbersBytes);
    std::size_t place = 4;  // past the checksum
    const auto header_size = take_number(bytes, place);
    if (!header_size || *header_size == 0 || *header_size > size - at - place) {
        return std::nullopt;
    }
    Rar5Block block;
    block.fields_end = at + place + *header_size;
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
        if (!data || *data > size - block.end) return std::nullopt;
        block.end += *data;
    }
    block.fields = at + place;
    return block;
}

// Neither encrypted (its checksum is one of something else then) nor a link.
bool is_plain_file(std::string_view bytes, const Rar5Block& block) {
    constexpr std::uint64_t kEncryption = 1;
    constexpr std::uint64_t kRedirection = 5;
    const auto end = static_cast<std::size_t>(block.fields_end);
    std::size_t at = end - static_cast<std::size_t>(block.extra_bytes);
    while (at < end) {
        const auto size = take_number(bytes, at);
        if (!size || *size == 0 || *size > end - std::min(at, end)) return false;
        std::size_t place = at;
        const auto type = take_number(bytes, place);
        if (!type || *type == kEncryption || *type == kRedirection) return false;
        at += static_cast<std::size_t>(*size);
    }
    return true;
}

// "RAR 5.0 archive format", file header: flags 1 folder, 2 time, 4 CRC-32. Of one that begins at 0.
std::optional<std::uint32_t> rar5_checksum(std::string_view header, const Rar5Block& block) {
    constexpr std::uint64_t kInManyVolumes = 0x08 | 0x10;
    auto place = static_cast<std::size_t>(block.fields);
    const auto flags = take_number(header, place);
    const bool has_sizes = take_number(header, place) && take_number(header, place);
    if (!flags || !has_sizes) return std::nullopt;
    if ((*flags & 2) != 0) place += 4;
    const bool counts = (*flags & 5) == 4 && (block.flags & kInManyVolumes) == 0;
    if (!counts || place + 4 > block.fields_end || !is_plain_file(header, block)) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(little_endian(header, place, 4));
}

// Of one lz4 frame at `at`: magic, descriptor, blocks up to a size of zero, checksums.
std::optional<std::uint64_t> lz4_frame_end(const BytesAt& bytes_at, std::uint64_t size,
                                           std::uint64_t at) {
    if (size - at < 7) return std::nullopt;
    const std::string_view descriptor = bytes_at(at + 4, 1);
    if (descriptor.empty()) return std::nullopt;
    const auto flags = static_cast<unsigned char>(descriptor.front());
    at += 7 + ((flags & 0x08) != 0 ? 8 : 0) + ((flags & 0x01) != 0 ? 4 : 0);
    while (at <= size && size - at >= 4) {
        const std::string_view header = bytes_at(at, 4);
        if (header.size() < 4) return std::nullopt;
        const std::uint64_t block = little_endian(header, 0, 4) & 0x7FFFFFFF;
        at += 4;
        const std::uint64_t checksum = (flags & (block == 0 ? 0x04 : 0x10)) != 0 ? 4 : 0;
        if (block + checksum > size - at) return std::nullopt;
        at += block + checksum;
        if (block == 0) return at;
    }
    return std::nullopt;
}

}  // namespace

std::string_view without_leading_zeros(std::string_view bytes) {
    return bytes.substr(std::min(bytes.find_first_not_of('\0'), bytes.size()));
}

bool is_skippable_frame(std::string_view magic) {
    return magic.size() >= 4 && (magic[0] & 0xF0) == 0x50 &&
           magic.substr(1).starts_with("\x2A\x4D\x18"sv);
}

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t width) {
    std::uint64_t number = 0;
    for (std::size_t i = width; i-- > 0;) {
        number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
    }
    return number;
}

std::optional<ZipSurroundings> zip_surroundings(std::string_view bytes,
                                                std::uint64_t bytes_in_front) {
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
    if (!is_zip64 && size + offset < bytes_in_front + end) {
        found.before_bytes = bytes_in_front + end - size - offset;
        if (bytes_in_front == 0) {
            found.before = bytes.substr(0, static_cast<std::size_t>(found.before_bytes));
        }
    }
    return found;
}

std::optional<std::size_t> seven_zip_end(std::string_view bytes) {
    return in_memory(seven_zip_end(bytes, bytes.size()));
}

std::optional<std::uint64_t> seven_zip_end(std::string_view first_bytes, std::uint64_t size) {
    if (first_bytes.size() < kSevenZipHeaderBytes || size < kSevenZipHeaderBytes) {
        return std::nullopt;
    }
    const std::uint64_t room = size - kSevenZipHeaderBytes;
    const std::uint64_t offset = little_endian(first_bytes, 12, 8);
    const std::uint64_t header = little_endian(first_bytes, 20, 8);
    if (offset > room || header > room - offset) return std::nullopt;
    return kSevenZipHeaderBytes + offset + header;
}

std::optional<std::size_t> rar5_end(std::string_view bytes) {
    return in_memory(rar5_end(bytes_of(bytes), bytes.size()));
}

std::optional<std::uint64_t> rar5_end(const BytesAt& bytes_at, std::uint64_t size) {
    std::uint64_t at = kRar5MagicBytes;
    while (const auto block = rar5_block(bytes_at, size, at)) {
        if (block->type == kRar5EndBlock) return block->fields_end;
        at = block->end;
    }
    return std::nullopt;
}

void Rar5Checksums::add(std::uint64_t offset, std::string_view bytes) {
    if (offset < taken_) {
        bytes.remove_prefix(
            static_cast<std::size_t>(std::min<std::uint64_t>(taken_ - offset, bytes.size())));
    } else if (offset > taken_) {
        if (offset - taken_ > content_bytes_) return;
        content_bytes_ -= offset - taken_;
        taken_ = offset;
    }
    while (!bytes.empty() && !has_ended_) {
        std::size_t count = 0;
        if (content_bytes_ > 0) {
            count = static_cast<std::size_t>(std::min<std::uint64_t>(content_bytes_, bytes.size()));
            content_bytes_ -= count;
        } else {
            const std::size_t wanted = header_bytes();
            count = std::min(wanted - header_.size(), bytes.size());
            header_ += bytes.substr(0, count);
            if (header_.size() == wanted) take_header();
        }
        bytes.remove_prefix(count);
        taken_ += count;
    }
}

std::size_t Rar5Checksums::header_bytes() const {
    constexpr std::size_t kLeastBytes = 7;  // checksum, size, type, flags
    if (!has_magic_) return kRar5MagicBytes;
    if (header_.size() < kLeastBytes) return kLeastBytes;
    std::size_t at = 4;
    const auto size = take_number(header_, at);
    return at + static_cast<std::size_t>(size.value_or(0));
}

void Rar5Checksums::take_header() {
    constexpr std::uint64_t kMostBytes = std::uint64_t{2} << 20;
    if (!has_magic_) {
        has_magic_ = header_ == "Rar!\x1A\7\1\0"sv;
        has_ended_ = !has_magic_;
        return header_.clear();
    }
    std::size_t at = 4;
    const auto size = take_number(header_, at);
    const bool makes_sense = size && *size > 0 && *size <= kMostBytes;
    if (makes_sense && header_.size() < at + *size) return;  // the least is here, the rest comes
    const auto block = makes_sense ? rar5_block(bytes_of(header_), UINT64_MAX, 0) : std::nullopt;
    has_ended_ = !block || block->type == kRar5EndBlock || block->fields_end != header_.size();
    if (has_ended_) return;
    content_bytes_ = block->end - block->fields_end;
    if (block->type == kRar5FileBlock) checksums_.push_back(rar5_checksum(header_, *block));
    header_.clear();
}

bool has_directory(std::string_view first_bytes) {
    switch (container_of(first_bytes)) {
        case Container::kZip:
        case Container::kSevenZip:
        case Container::kRar4:
        case Container::kRar5:
            return true;
        case Container::kAr:
        case Container::kCpio:
        case Container::kLz4:
        case Container::kOther:
            return false;
    }
    return false;
}

Container container_of(std::string_view first_bytes) {
    if (first_bytes.starts_with("PK\3\4") || first_bytes.starts_with("PK\5\6")) {
        return Container::kZip;
    }
    if (first_bytes.starts_with("7z\xBC\xAF\x27\x1C")) return Container::kSevenZip;
    if (first_bytes.starts_with("Rar!\x1A\7\1")) return Container::kRar5;
    if (first_bytes.starts_with("Rar!\x1A\7"sv)) return Container::kRar4;
    if (first_bytes.starts_with(kArMagic)) return Container::kAr;
    if (first_bytes.starts_with("\x04\x22\x4D\x18"sv)) return Container::kLz4;
    return first_bytes.starts_with("0707") ? Container::kCpio : Container::kOther;
}

std::optional<std::size_t> lz4_end(std::string_view bytes) {
    return in_memory(lz4_end(bytes_of(bytes), bytes.size()));
}

std::optional<std::uint64_t> lz4_end(const BytesAt& bytes_at, std::uint64_t size) {
    constexpr std::uint64_t kMagic = 0x184D2204;
    std::uint64_t at = 0;
    while (size - at >= 8) {
        const std::string_view header = bytes_at(at, 8);
        if (header.size() < 8) return std::nullopt;
        const std::uint64_t magic = little_endian(header, 0, 4);
        if (magic == kMagic) {
            const auto end = lz4_frame_end(bytes_at, size, at);
            if (!end) return std::nullopt;
            at = *end;
        } else if (is_skippable_frame(header)) {
            const std::uint64_t frame = little_endian(header, 4, 4);
            if (frame > size - at - 8) return std::nullopt;
            at += 8 + frame;
        } else {
            break;
        }
    }
    return at;
}

}  // namespace merlon::text
