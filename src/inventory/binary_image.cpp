#include "inventory/binary_image.h"

#include <algorithm>

namespace merlon::inventory {
namespace {

constexpr std::uint64_t kMaxSections = 100'000;

// Bytes of a file, read in its order; nothing is read behind its end.
class Bytes {
  public:
    Bytes(std::string_view file, bool is_big_endian) : file_(file), is_big_(is_big_endian) {}
    std::uint64_t word(std::uint64_t at, unsigned width) const {
        return integer_at(file_, at, width, is_big_);
    }
    std::string_view slice(std::uint64_t at, std::uint64_t size) const {
        if (at >= file_.size()) return {};
        return file_.substr(at, std::min<std::uint64_t>(size, file_.size() - at));
    }
    // A text that ends at a zero, or after `limit` bytes.
    std::string text(std::uint64_t at, std::uint64_t limit) const {
        const std::string_view bytes = slice(at, limit);
        return std::string(bytes.substr(0, bytes.find('\0')));
    }
    std::size_t size() const { return file_.size(); }

  private:
    std::string_view file_;
    bool is_big_;
};

// gABI, "ELF Header" and "Sections". Sections can be stripped, segments not.
BinaryImage read_elf(std::string_view file) {
    BinaryImage image;
    const bool is_64 = file[4] == 2;
    image.is_big_endian = file[5] == 2;
    image.pointer_bytes = is_64 ? 8 : 4;
    const Bytes bytes(file, image.is_big_endian);
    const unsigned word = image.pointer_bytes;

    const std::uint64_t segments = bytes.word(is_64 ? 32 : 28, word);
    const std::uint64_t segment_size = bytes.word(is_64 ? 54 : 42, 2);
    const std::uint64_t segment_count = bytes.word(is_64 ? 56 : 44, 2);
    const std::uint64_t table = bytes.word(is_64 ? 40 : 32, word);
    const std::uint64_t entry = bytes.word(is_64 ? 58 : 46, 2);
    std::uint64_t count = bytes.word(is_64 ? 60 : 48, 2);
    const std::uint64_t names_index = bytes.word(is_64 ? 62 : 50, 2);
    // With 0xff00 sections or more, their number stands in the first one's size.
    if (count == 0 && table != 0) count = bytes.word(table + (is_64 ? 32 : 20), word);
    count = std::min({count, kMaxSections, std::uint64_t{entry == 0 ? 0 : file.size() / entry}});

    const std::uint64_t names = bytes.word(table + names_index * entry + (is_64 ? 24 : 16), word);
    constexpr std::uint64_t kNoBits = 8;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t at = table + i * entry;
        const std::uint64_t kind = bytes.word(at + 4, 4);
        BinarySection section;
        section.name = bytes.text(names + bytes.word(at, 4), 256);
        section.address = bytes.word(at + (is_64 ? 16 : 12), word);
        if (kind != kNoBits)
            section.bytes = bytes.slice(bytes.word(at + (is_64 ? 24 : 16), word),
                                        bytes.word(at + (is_64 ? 32 : 20), word));
        image.sections.push_back(std::move(section));
    }
    for (std::uint64_t i = 0; i < segment_count; ++i) {
        const std::uint64_t at = segments + i * segment_size;
        constexpr std::uint64_t kLoad = 1;
        if (bytes.word(at, 4) != kLoad) continue;
        BinarySection section;
        section.address = bytes.word(at + (is_64 ? 16 : 8), word);
        section.bytes = bytes.slice(bytes.word(at + (is_64 ? 8 : 4), word),
                                    bytes.word(at + (is_64 ? 32 : 16), word));
        image.sections.push_back(std::move(section));
    }
    return image;
}

// "PE Format": the COFF header behind the signature, the optional header, the section table.
Result<BinaryImage> read_pe(std::string_view file) {
    BinaryImage image;
    const Bytes bytes(file, false);
    const std::uint64_t header = bytes.word(0x3C, 4);
    if (bytes.slice(header, 4) != std::string_view("PE\0\0", 4))
        return Error{"PE: the signature is not where the header says"};
    const std::uint64_t count = bytes.word(header + 6, 2);
    const std::uint64_t optional_size = bytes.word(header + 20, 2);
    const std::uint64_t optional = header + 24;
    const bool is_64 = bytes.word(optional, 2) == 0x20B;
    image.pointer_bytes = is_64 ? 8 : 4;
    const std::uint64_t base = is_64 ? bytes.word(optional + 24, 8) : bytes.word(optional + 28, 4);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t at = optional + optional_size + i * 40;
        if (at >= bytes.size()) break;
        BinarySection section;
        section.name = bytes.text(at, 8);
        section.address = base + bytes.word(at + 12, 4);
        section.bytes = bytes.slice(bytes.word(at + 20, 4), bytes.word(at + 16, 4));
        image.sections.push_back(std::move(section));
    }
    return image;
}

// Apple, <mach-o/loader.h>: load commands, of which segments hold sections.
BinaryImage read_mach_o(std::string_view file) {
    BinaryImage image;
    const std::uint64_t magic = integer_at(file, 0, 4, false);
    image.is_big_endian = magic == 0xCEFAEDFE || magic == 0xCFFAEDFE;
    const bool is_64 = magic == 0xFEEDFACF || magic == 0xCFFAEDFE;
    image.pointer_bytes = is_64 ? 8 : 4;
    const Bytes bytes(file, image.is_big_endian);
    const unsigned word = image.pointer_bytes;
    const std::uint64_t commands = std::min(bytes.word(16, 4), kMaxSections);
    std::uint64_t at = is_64 ? 32 : 28;
    for (std::uint64_t i = 0; i < commands && at < bytes.size(); ++i) {
        const std::uint64_t command = bytes.word(at, 4), size = bytes.word(at + 4, 4);
        if (size < 8) break;
        if (command == (is_64 ? 0x19u : 0x1u)) {
            // What the header claims, and no more than the command and the file can hold.
            const std::uint64_t entry = is_64 ? 80 : 68;
            const std::uint64_t sections =
                std::min({bytes.word(at + (is_64 ? 64 : 48), 4), size / entry,
                          std::uint64_t{bytes.size() - at} / entry});
            for (std::uint64_t k = 0; k < sections; ++k) {
                const std::uint64_t place = at + (is_64 ? 72 : 56) + k * entry;
                BinarySection section;
                section.name = bytes.text(place, 16);
                section.address = bytes.word(place + 32, word);
                section.bytes = bytes.slice(bytes.word(place + 32 + 2 * word, 4),
                                            bytes.word(place + 32 + word, word));
                image.sections.push_back(std::move(section));
            }
        }
        at += size;
    }
    return image;
}

bool is_mach_o(std::uint64_t magic) {
    return magic == 0xFEEDFACE || magic == 0xFEEDFACF || magic == 0xCEFAEDFE || magic == 0xCFFAEDFE;
}

}  // namespace

std::uint64_t integer_at(std::string_view bytes, std::uint64_t offset, unsigned width,
                         bool is_big_endian) {
    if (offset > bytes.size() || bytes.size() - offset < width) return 0;
    std::uint64_t number = 0;
    for (unsigned i = 0; i < width; ++i) {
        const unsigned place = is_big_endian ? i : width - 1 - i;
        number = number << 8 | static_cast<unsigned char>(bytes[offset + place]);
    }
    return number;
}

std::string_view BinaryImage::section(std::string_view name) const {
    for (const BinarySection& section : sections)
        if (section.name == name && !section.bytes.empty()) return section.bytes;
    return {};
}

std::string_view BinaryImage::bytes_at(std::uint64_t address) const {
    for (const BinarySection& section : sections)
        if (address >= section.address && address - section.address < section.bytes.size() &&
            section.address != 0)
            return section.bytes.substr(address - section.address);
    return {};
}

bool is_binary_image(std::string_view first_bytes) {
    if (first_bytes.size() < 4) return false;
    const std::uint64_t magic = integer_at(first_bytes, 0, 4, false);
    // 0xCAFEBABE begins Java's class files as well: those have a version above 43 where universal
    // files have the number of their parts.
    if (magic == 0xBEBAFECA)
        return first_bytes.size() >= 8 && integer_at(first_bytes, 4, 4, true) < 30;
    return first_bytes.starts_with(
               "\x7F"
               "ELF") ||
           first_bytes.starts_with("MZ") || is_mach_o(magic);
}

Result<BinaryImage> read_binary_image(std::string_view file) {
    if (file.size() < 64) return Error{"executable: shorter than any header"};
    if (file.starts_with("\x7F"
                         "ELF"))
        return read_elf(file);
    if (file.starts_with("MZ")) return read_pe(file);
    const std::uint64_t magic = integer_at(file, 0, 4, false);
    if (is_mach_o(magic)) return read_mach_o(file);
    if (magic == 0xBEBAFECA) {
        const std::uint64_t parts = std::min<std::uint64_t>(integer_at(file, 4, 4, true), 30);
        for (std::uint64_t i = 0; i < parts; ++i) {
            const std::uint64_t offset = integer_at(file, 8 + i * 20 + 8, 4, true);
            if (offset >= file.size() || file.size() - offset < 64) continue;
            const std::string_view part =
                file.substr(offset, integer_at(file, 8 + i * 20 + 12, 4, true));
            if (part.size() >= 64 && is_mach_o(integer_at(part, 0, 4, false)))
                return read_mach_o(part);
        }
    }
    return Error{"executable: neither ELF nor PE nor Mach-O"};
}

}  // namespace merlon::inventory
