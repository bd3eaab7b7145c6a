#include "text/packing.h"

#include <algorithm>
#include <cstdint>

#include "text/archive_end.h"

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

bool is_program(std::string_view bytes) {
    constexpr std::string_view kElf =
        "\x7F"
        "ELF";
    return bytes.starts_with("#!") || bytes.starts_with("MZ") || bytes.starts_with(kElf);
}

// "a.z01" to "a.z99" (APPNOTE 8.3.3).
bool is_zip_part_name(std::string_view name) {
    const std::string_view ending =
        name.substr(name.size() - std::min<std::size_t>(name.size(), 4));
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return ending.size() == 4 && (ending.starts_with(".z") || ending.starts_with(".Z")) &&
           is_digit(ending[2]) && is_digit(ending[3]);
}

// A program may hold the four bytes of the end as a constant: its comment has to reach to the end
// of the file, or at least an entry of its directory (APPNOTE 4.3.12) to stand where it says, as in
// a program that was signed or filled up afterwards.
bool ends_as_zip_in_tail(std::string_view bytes) {
    if (bytes.size() < kZipEndBytes) return false;
    // Only the tail is searched: all of a large program would take long.
    const std::size_t front = bytes.size() - std::min(bytes.size(), kZipTailBytes);
    const std::size_t in_tail = bytes.substr(front).rfind("PK\5\6");
    if (in_tail == std::string_view::npos) return false;
    const std::size_t end = front + in_tail;
    if (bytes.size() - end < kZipEndBytes) return false;
    const std::uint64_t directory_bytes = little_endian(bytes, end + 12, 4);
    const std::uint64_t zip_end = end + kZipEndBytes + little_endian(bytes, end + 20, 2);
    if (zip_end > bytes.size() || directory_bytes > end) return false;
    const std::string_view directory =
        bytes.substr(end - static_cast<std::size_t>(directory_bytes));
    return directory.starts_with(zip_end == bytes.size() ? "PK"sv : "PK\1\2"sv);
}

}  // namespace

std::string_view closed_format(std::string_view first_bytes, std::string_view name) {
    static constexpr std::string_view kZipPart = "a part of a zip in several files";
    static constexpr std::string_view kBundle =
        "a bundle of Git's objects (clone it, then `merlon scan secrets --history`)";
    struct Format {
        std::string_view magic;
        std::string_view name;
    };
    static constexpr Format kFormats[] = {
        {"\x1F\x9D"sv, "a stream of compress (.Z)"},
        {"\x1F\xA0"sv, "a stream of compress (.Z)"},
        {"\x1F\x1E"sv, "a stream of pack (.z)"},
        {"MSCF\0\0\0\0"sv, "a cabinet of Windows"},
        {"ISc("sv, "a cabinet of InstallShield"},
        {"xar!"sv, "a xar archive"},
        {"PK\7\x8PK\3\4"sv, kZipPart},
        {"PACK\0\0\0\2"sv, "a pack of Git's objects (see `merlon scan secrets --history`)"},
        {"# v2 git bundle\n"sv, kBundle},
        {"# v3 git bundle\n"sv, kBundle},
        {"\xED\xAB\xEE\xDB"sv, "a package of RPM"},
        {"hsqs"sv, "a squashfs image"},
        {"\x60\xEA"sv, "an ARJ archive"},
        {"\x89LZO\0\r\n\x1A\n"sv, "a stream of lzop"},
        {"LRZI"sv, "a stream of lrzip"},
        {"7kSt"sv, "a ZPAQ archive"},
        {"zPQ\1"sv, "a ZPAQ archive"},
        {"zPQ\2"sv, "a ZPAQ archive"},
        {"ZOO "sv, "a zoo archive"},
        {"MSWIM\0\0\0"sv, "a Windows image (.wim)"},
        {"\xFF\x06\0\0MinLz"sv, "a stream of MinLZ (.mz)"},
        {"\xFF\x06\0\0S2sTwO"sv, "a stream of S2 (.s2)"},
    };
    for (const Format& format : kFormats) {
        if (first_bytes.starts_with(format.magic)) return format.name;
    }
    constexpr std::size_t kLhaMethodAt = 2;  // "-lh5-"
    constexpr std::size_t kAceMagicAt = 7;
    if (first_bytes.size() > kLhaMethodAt + 5 && first_bytes[kLhaMethodAt + 4] == '-' &&
        first_bytes.substr(kLhaMethodAt).starts_with("-lh")) {
        return "an LHA archive";
    }
    if (first_bytes.size() > kAceMagicAt &&
        first_bytes.substr(kAceMagicAt).starts_with("**ACE**")) {
        return "an ACE archive";
    }
    if (is_zip_part_name(name) && first_bytes.substr(0, 512).find('\0') != std::string_view::npos)
        return kZipPart;
    return {};
}

bool ends_as_zip(std::string_view last_bytes) {
    if (last_bytes.size() < kZipEndBytes) return false;
    const std::string_view end = last_bytes.substr(last_bytes.size() - kZipEndBytes);
    return end.starts_with("PK\5\6") && little_endian(end, 20, 2) == 0;
}

std::size_t embedded_archive(std::string_view bytes) {
    if (ends_as_zip(bytes)) return 0;
    if (!is_program(bytes)) return std::string_view::npos;
    if (ends_as_zip_in_tail(bytes)) return 0;
    if (!bytes.starts_with("#!")) return std::string_view::npos;
    std::size_t first = std::string_view::npos;
    for (const std::string_view magic : {"\n\x1F\x8B\x08"sv, "\nBZh9"sv,
                                         "\n\xFD"
                                         "7zXZ\0"sv,
                                         "\n\x28\xB5\x2F\xFD"sv}) {
        first = std::min(first, bytes.find(magic));
    }
    return first == std::string_view::npos ? first : first + 1;
}

}  // namespace merlon::text
