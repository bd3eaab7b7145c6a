#pragma once

// The 512 bytes in front of a tar's member, in each of its formats: V7, USTAR (and pax), STAR, GNU.
//
// The idea: what a header says is read twice. A number that is none is read as far as it is one,
// because a damaged date is no reason to lose a file; and whether Go's archive/tar, which many
// programs share, refuses the header for it stands beside, for those who follow that reader.
//
// POSIX.1-2017, pax, "ustar Interchange Format"; the GNU tar manual, "Basic Tar Format"; star(5).
// Thread-safe: values. Cost: one pass over the block.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace merlon::text {

inline constexpr std::size_t kTarBlockBytes = 512;

enum class TarFormat : std::uint8_t { kV7, kUstar, kStar, kGnu };

// A number in a field; where it is not sound, what stands in front of the first wrong byte.
struct TarNumber {
    std::int64_t value = 0;
    bool is_sound = true;
};

// Octal digits between blanks and NULs, or (GNU) the bytes of the number behind a set first bit.
TarNumber parse_tar_number(std::string_view field);

struct TarHeader {
    TarFormat format = TarFormat::kV7;
    char type = '\0';
    std::string name;
    TarNumber size;
    std::uint32_t mode = 0;
    bool has_sound_numbers = true;  // all of them: else Go refuses it
};

// Of a whole block. Nothing where its checksum is wrong; that of signed bytes counts too, as Sun
// made it.
std::optional<TarHeader> parse_tar_header(std::string_view block);

// Whether a tar begins with these bytes: they are a header, and its numbers are some.
bool begins_as_tar(std::string_view first_bytes);
// The same, or a header that is damaged and has the magic.
bool looks_like_tar(std::string_view first_bytes);

// Of what has no content: links, devices, folders, FIFOs.
constexpr bool is_without_content(char type) { return type >= '1' && type <= '6'; }

// Up to the first NUL.
std::string_view tar_text(std::string_view field);

}  // namespace merlon::text
