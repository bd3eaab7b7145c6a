#include "text/magic.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

// `bytes` at `offset` of a file of at least `min_size` bytes.
struct Signature {
    std::string_view bytes;
    std::size_t offset = 0;
    std::size_t min_size = 0;
};

constexpr Signature kProgramSignatures[] = {
    {"\0asm\1\0\0\0"sv},  // WebAssembly 1.0
};

constexpr Signature kMediaSignatures[] = {
    {"\xFF\xD8\xFF"sv},
    {"\0\0\0\x0CjP  \r\n\x87\n\0"sv},
    {"\x89PNG"sv},
    {"GIF"sv},
    {"WEBP"sv, 8},
    {"II*\0"sv, 0, 11},
    {"MM\0*"sv, 0, 11},
    {"BM"sv},
    {"II\xBC"sv},
    {"8BPS"sv},
    {"\0\0\1\0"sv},
    {"ftypheic"sv, 4, 16},
    {"AC10"sv},
    {"MThd"sv},
    {"ID3"sv},
    {"\xFF\xFB"sv, 0, 3},
    {"ftypM4A"sv, 4},
    {"M4A "sv, 0, 11},
    {"OggS"sv},
    {"fLaC"sv},
    {"#!AMR\n"sv, 0, 12},
    {"\xFF\xF1"sv},
    {"\xFF\xF9"sv},
    {"ftypM4V"sv, 4},
    {"ftyp3gp"sv, 4},
    {"\0\0\0\x14"
     "ftyp"sv,
     0, 16},
    {"moov"sv, 4, 16},
    {"mdat"sv, 4, 16},
    {"mdat"sv, 12},
    {"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9"sv},
    {"FLV\1"sv},
};

constexpr Signature kApplicationSignatures[] = {
    {"wOFF\0\1\0\0"sv},
    {"wOF2\0\1\0\0"sv},
    {"\0\1\0\0\0"sv},
    {"OTTO\0"sv},
    {"ustar"sv, 257},
    {"Rar!\x1A\7\0"sv},
    {"Rar!\x1A\7\1"sv},
    {"\x1F\x8B\x08"sv},
    {"BZh"sv},
    {"7z\xBC\xAF\x27\x1C"sv},
    {"\xFD"
     "7zXZ\0"sv},
    {"\x28\xB5\x2F\xFD"sv},
    {"%PDF"sv},
    {"MZ"sv},
    {"CWS"sv},
    {"FWS"sv},
    {"{\\rtf"sv},
    {"%!"sv},
    {"SQLi"sv},
    {"NES\x1A"sv},
    {"Cr24"sv},
    {"MSCF"sv},
    {"ISc("sv},
    {"!<arch>"sv},
    {"\x1F\xA0"sv},
    {"\x1F\x9D"sv},
    {"LZIP"sv},
    {"\xED\xAB\xEE\xDB"sv, 0, 97},
    {"\x7F"
     "ELF"sv,
     0, 53},
    {"DICM"sv, 128},
    {"CD001"sv, 32769},
    {"\xFE\xED\xFA\xCF"sv},
    {"\xFE\xED\xFA\xCE"sv},
    {"\xBE\xBA\xFE\xCA"sv},
    {"\xCF\xFA\xED\xFE"sv},
    {"\xCE\xFA\xED\xFE"sv},
    {"\xCA\xFE\xBA\xBE"sv},
};

bool matches(std::string_view file, const Signature& signature) {
    return file.size() >= signature.min_size && file.size() > signature.offset &&
           file.substr(signature.offset).starts_with(signature.bytes);
}

template <std::size_t Count>
bool any_matches(std::string_view file, const Signature (&signatures)[Count]) {
    return std::any_of(std::begin(signatures), std::end(signatures),
                       [file](const Signature& signature) { return matches(file, signature); });
}

unsigned byte_at(std::string_view file, std::size_t at) {
    return static_cast<unsigned char>(file[at]);
}

std::uint32_t little_endian_32(std::string_view file, std::size_t at) {
    return byte_at(file, at) | byte_at(file, at + 1) << 8 | byte_at(file, at + 2) << 16 |
           byte_at(file, at + 3) << 24;
}

// RIFF and IFF name their content at offset 8.
bool is_container_media(std::string_view file) {
    const bool riff = file.size() > 11 && file.starts_with("RIFF") &&
                      (file.substr(8, 4) == "WAVE" || file.substr(8, 3) == "AVI");
    const bool aiff = file.size() > 11 && file.starts_with("FORM") && file.substr(8, 4) == "AIFF";
    const bool mpeg = file.size() > 3 && file.starts_with("\0\0\1"sv) && byte_at(file, 3) >= 0xB0 &&
                      byte_at(file, 3) <= 0xBF;
    return riff || aiff || mpeg;
}

// ISO base media (ISO/IEC 14496-12) by its major brand.
bool is_mp4(std::string_view file) {
    static constexpr std::string_view kBrands[] = {
        "avc1", "dash", "iso2", "iso3", "iso4", "iso5", "iso6", "isom", "mmp4", "mp41",
        "mp42", "mp4v", "mp71", "MSNV", "NDAS", "NDSC", "NSDC", "NDSH", "NDSM", "NDSP",
        "NDSS", "NDXC", "NDXH", "NDXM", "NDXP", "NDXS", "F4V ", "F4P "};
    return file.size() > 11 && file.substr(4, 4) == "ftyp" &&
           std::find(std::begin(kBrands), std::end(kBrands), file.substr(8, 4)) !=
               std::end(kBrands);
}

// EBML with the document type of Matroska or WebM behind its element id (0x4282).
bool is_matroska(std::string_view file) {
    if (!file.starts_with("\x1A\x45\xDF\xA3"sv)) return false;
    const std::string_view head = file.substr(0, 4096);
    for (const std::string_view type : {"matroska"sv, "webm"sv}) {
        const std::size_t at = head.find(type);
        if (at != std::string_view::npos && at >= 3 && head.substr(at - 3, 2) == "\x42\x82"sv) {
            return true;
        }
    }
    return false;
}

bool is_dalvik(std::string_view file) {
    const auto is_dex = [](std::string_view text) {
        return text.size() > 36 && text.starts_with("dex\n") && text[36] == 'p';
    };
    return is_dex(file) ||
           (file.size() > 100 && file.starts_with("dey\n") && is_dex(file.substr(40, 60)));
}

bool is_zip(std::string_view file) {
    return file.size() > 3 && file.starts_with("PK") &&
           (file[2] == 3 || file[2] == 5 || file[2] == 7) &&
           (file[3] == 4 || file[3] == 6 || file[3] == 8);
}

// OLE2 with the stream signature of Word, Excel or PowerPoint; a short file counts by its head.
bool is_ole_document(std::string_view file) {
    if (!file.starts_with("\xD0\xCF\x11\xE0"sv)) return false;
    if (file.size() <= 513) return true;
    const std::string_view stream = file.substr(512, 2);
    return stream == "\xEC\xA5"sv || stream == "\x09\x08"sv || stream == "\xA0\x46"sv;
}

bool is_embedded_font(std::string_view file) {
    if (file.size() <= 35 || file.substr(34, 2) != "LP") return false;
    const std::string_view version = file.substr(8, 3);
    return version == "\2\0\1"sv || version == "\1\0\0"sv || version == "\2\0\2"sv;
}

// Skippable frames in front of a Zstandard frame (RFC 8878, section 3.1.2).
bool is_zstd_after_skips(std::string_view file) {
    while (file.size() >= 8 && (little_endian_32(file, 0) & 0xFFFF'FFF0) == 0x184D'2A50) {
        const std::size_t length = little_endian_32(file, 4);
        if (file.size() < 8 + length) return false;
        file.remove_prefix(8 + length);
        if (file.starts_with("\x28\xB5\x2F\xFD"sv)) return true;
    }
    return false;
}

}  // namespace

MagicClass classify_magic(std::string_view first_bytes) {
    const std::string_view file = first_bytes;
    if (any_matches(file, kProgramSignatures) || is_dalvik(file)) return MagicClass::kApplication;
    if (any_matches(file, kMediaSignatures) || is_container_media(file) || is_mp4(file) ||
        is_matroska(file)) {
        return MagicClass::kMedia;
    }
    if (any_matches(file, kApplicationSignatures) || is_zip(file) || is_ole_document(file) ||
        is_embedded_font(file) || is_zstd_after_skips(file)) {
        return MagicClass::kApplication;
    }
    return MagicClass::kUnknown;
}

}  // namespace merlon::text
