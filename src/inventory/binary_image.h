#pragma once

// The sections of an executable: ELF (gabi, chapters 4 and 5), PE (Microsoft, "PE Format") and
// Mach-O (with its universal files, of which the first part that can be read is taken).
//
// The idea: what package readers want is a section's bytes by its name, and the bytes at an
// address; nothing else is looked at. Every offset is checked against the file.
//
// Views into the file. Thread-safe: immutable. Cost: linear in the sections.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::inventory {

struct BinarySection {
    std::string name;
    std::uint64_t address = 0;
    std::string_view bytes;  // what of it lies in the file
};

struct BinaryImage {
    std::vector<BinarySection> sections;
    unsigned pointer_bytes = 8;
    bool is_big_endian = false;

    // Empty where there is none.
    std::string_view section(std::string_view name) const;
    // What lies in the file from `address` on, to the end of its section; empty where nothing does.
    std::string_view bytes_at(std::uint64_t address) const;
};

// Whether the first bytes are those of one of the formats.
bool is_binary_image(std::string_view first_bytes);
Result<BinaryImage> read_binary_image(std::string_view file);

// An unsigned integer of `width` bytes at `offset`; 0 where `bytes` do not reach.
std::uint64_t integer_at(std::string_view bytes, std::uint64_t offset, unsigned width,
                         bool is_big_endian);  // NOLINT: the file's own property

}  // namespace merlon::inventory
