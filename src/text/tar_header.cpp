#include "text/tar_header.h"

#include <algorithm>

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

struct Field {
    std::size_t at;
    std::size_t bytes;
    std::string_view of(std::string_view block) const { return block.substr(at, bytes); }
};

constexpr Field kName{0, 100};
constexpr Field kMode{100, 8};
constexpr Field kSize{124, 12};
constexpr Field kChecksum{148, 8};
constexpr std::size_t kTypeAt = 156;
constexpr Field kMagic{257, 6};
constexpr Field kMagicAndVersion{257, 8};
constexpr Field kUstarPrefix{345, 155};
constexpr Field kStarPrefix{345, 131};
constexpr Field kStarTrailer{508, 4};

// Of all formats: mode, owner, group, size, time of change.
constexpr Field kNumbers[] = {kMode, {108, 8}, {116, 8}, kSize, {136, 12}};
// Of those with a magic: the device.
constexpr Field kDeviceNumbers[] = {{329, 8}, {337, 8}};
constexpr Field kStarTimes[] = {{476, 12}, {488, 12}};
constexpr Field kGnuTimes[] = {{345, 12}, {357, 12}};

bool is_filling(char c) { return c == ' ' || c == '\0'; }

std::string_view trimmed(std::string_view field) {
    while (!field.empty() && is_filling(field.front())) field.remove_prefix(1);
    while (!field.empty() && is_filling(field.back())) field.remove_suffix(1);
    return field;
}

TarNumber parse_octal(std::string_view field) {
    TarNumber number;
    const std::string_view digits = tar_text(trimmed(field));
    std::uint64_t value = 0;
    for (const char c : digits) {
        number.is_sound = c >= '0' && c <= '7' && value >> 61 == 0;
        if (!number.is_sound) break;
        value = value << 3 | static_cast<std::uint64_t>(c - '0');
    }
    number.value = static_cast<std::int64_t>(value);
    return number;
}

// Two's complement, the first bit aside.
TarNumber parse_binary(std::string_view field) {
    const bool is_negative = (field.front() & 0x40) != 0;
    const unsigned flip = is_negative ? 0xFF : 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < field.size(); ++i) {
        unsigned byte = static_cast<unsigned char>(field[i]) ^ flip;
        if (i == 0) byte &= 0x7F;
        if (value >> 56 != 0) return {0, false};
        value = value << 8 | byte;
    }
    if (value >> 63 != 0) return {0, false};
    return {static_cast<std::int64_t>(is_negative ? ~value : value), true};
}

bool has_right_checksum(std::string_view block) {
    const TarNumber expected = parse_octal(kChecksum.of(block));
    std::int64_t sum = 0;
    std::int64_t signed_sum = 0;
    for (std::size_t i = 0; i < kTarBlockBytes; ++i) {
        const bool is_of_checksum = i - kChecksum.at < kChecksum.bytes;
        const char byte = is_of_checksum ? ' ' : block[i];
        sum += static_cast<unsigned char>(byte);
        signed_sum += static_cast<signed char>(byte);
    }
    return expected.is_sound && (expected.value == sum || expected.value == signed_sum);
}

TarFormat format_of(std::string_view block) {
    if (kMagic.of(block) == "ustar\0"sv) {
        return kStarTrailer.of(block) == "tar\0"sv ? TarFormat::kStar : TarFormat::kUstar;
    }
    return kMagicAndVersion.of(block) == "ustar  \0"sv ? TarFormat::kGnu : TarFormat::kV7;
}

template <typename Fields>
bool are_sound(std::string_view block, const Fields& fields) {
    return std::ranges::all_of(
        fields, [&](const Field& field) { return parse_tar_number(field.of(block)).is_sound; });
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Where times stand in GNU's format old writers in Go had a prefix: it is one where it is no time.
std::string_view gnu_prefix(std::string_view block) {
    const bool are_times = std::ranges::all_of(kGnuTimes, [&](const Field& field) {
        const std::string_view time = field.of(block);
        return time.front() == '\0' || parse_tar_number(time).is_sound;
    });
    const std::string_view prefix = tar_text(kUstarPrefix.of(block));
    return !are_times && is_ascii(prefix) ? prefix : std::string_view();
}

std::string_view prefix_of(std::string_view block, TarFormat format) {
    switch (format) {
        case TarFormat::kV7:
            break;
        case TarFormat::kUstar:
            return tar_text(kUstarPrefix.of(block));
        case TarFormat::kStar:
            return tar_text(kStarPrefix.of(block));
        case TarFormat::kGnu:
            return gnu_prefix(block);
    }
    return {};
}

}  // namespace

std::string_view tar_text(std::string_view field) { return field.substr(0, field.find('\0')); }

TarNumber parse_tar_number(std::string_view field) {
    const bool is_binary = !field.empty() && (field.front() & 0x80) != 0;
    return is_binary ? parse_binary(field) : parse_octal(field);
}

std::optional<TarHeader> parse_tar_header(std::string_view block) {
    if (block.size() < kTarBlockBytes || !has_right_checksum(block)) return std::nullopt;
    TarHeader header;
    header.format = format_of(block);
    header.type = block[kTypeAt];
    header.size = parse_tar_number(kSize.of(block));
    header.mode = static_cast<std::uint32_t>(parse_tar_number(kMode.of(block)).value);
    header.has_sound_numbers =
        are_sound(block, kNumbers) &&
        (header.format == TarFormat::kV7 || are_sound(block, kDeviceNumbers)) &&
        (header.format != TarFormat::kStar || are_sound(block, kStarTimes));
    const std::string_view prefix = prefix_of(block, header.format);
    if (!prefix.empty()) header.name.append(prefix).append("/");
    header.name += tar_text(kName.of(block));
    return header;
}

bool begins_as_tar(std::string_view first_bytes) {
    const auto header = parse_tar_header(first_bytes.substr(0, kTarBlockBytes));
    if (!header) return false;
    return header->format != TarFormat::kV7 || header->has_sound_numbers;
}

bool looks_like_tar(std::string_view first_bytes) {
    const bool has_magic =
        first_bytes.size() >= kTarBlockBytes && kMagic.of(first_bytes).starts_with("ustar");
    return has_magic || begins_as_tar(first_bytes);
}

}  // namespace merlon::text
