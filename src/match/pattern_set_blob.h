#pragma once

// The stored form of a pattern set, for pattern_set.cpp and for what makes broken ones in order to
// test it; nobody else includes this.
//
// A block is a header, flat arrays (base/blob.h) and, last, the programs, which are read one by one
// when they are first needed and have checksums of their own, which the arrays repeat: so a program
// that came to stand in another's place is told. The arrays have one together: a block that came to
// harm is refused, as one of other expressions is. Against a block that somebody made, with a
// checksum that fits, every number is checked besides.

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/blob.h"
#include "match/block_checksum.h"
#include "match/program.h"

namespace merlon::match {

inline constexpr std::array<char, 8> kPatternSetMagic = {'M', 'P', 'A', 'T', 'S', 'E', 'T', '\0'};
// Raised whenever the form or what stands in it changes: the analysis, the programs, the literals.
inline constexpr std::uint32_t kPatternSetVersion = 10 | kBlobByteOrder;

// StoredEntry::max_prefix_bytes where literals stand anywhere in a match, and where they are cores
// without a bound.
inline constexpr std::uint32_t kAnywhere = 0xFFFF'FFFF;
inline constexpr std::uint32_t kAnyPrefix = 0xFFFF'FFFE;

// One pattern.
struct StoredEntry {
    std::uint32_t keywords_begin = 0;  // in kIds
    std::uint32_t keywords_count = 0;
    std::uint32_t cores_begin = 0;  // in kIds
    std::uint32_t cores_count = 0;
    std::uint32_t max_prefix_bytes = 0;
    ByteSet prefix_bytes{};
    std::uint32_t prefix_begin = 0;  // in kPieces; words
    std::uint32_t prefix_count = 0;
    std::uint32_t suffix_begin = 0;  // the same
    std::uint32_t suffix_count = 0;
    BlockChecksum prefix_checksum{};  // the piece's own: another's would fit itself as well
    BlockChecksum suffix_checksum{};
};

enum class PatternSetPart : std::uint8_t {
    kEntries,         // StoredEntry, by pattern
    kIds,             // u32: keywords and literals of entries
    kLiterals,        // u32 words: a block of literals.h
    kKeywords,        // the same
    kIsCore,          // u8, by literal
    kKeywordLiteral,  // u32, by keyword
    kWaitingBegin,    // u32, literals + 1
    kWaiting,         // u32: patterns
    kAlways,          // u32: patterns
    kPieces,          // u32 words: programs; the last part, which is not read at once
    kEnd,
};

struct PatternSetHeader {
    std::array<char, 8> magic;
    std::uint32_t version;
    std::uint32_t size;                        // bytes, this header too
    std::array<std::uint32_t, 2> fingerprint;  // of the expressions and keywords
    BlockChecksum checksum;                    // of what lies before the pieces
    std::uint32_t has_unicode_keyword;
    std::uint32_t has_crossing_literal;
    std::array<BlobSection, static_cast<std::size_t>(PatternSetPart::kEnd)> parts;
};

// Gives a block the checksum that fits it, where its header leaves room for tables at all.
inline void write_checksum(std::span<std::uint32_t> block) {
    PatternSetHeader header;
    std::memcpy(&header, std::as_bytes(block).data(), sizeof header);
    const std::size_t pieces =
        header.parts[static_cast<std::size_t>(PatternSetPart::kPieces)].offset;
    if (pieces < sizeof header || pieces > block.size_bytes()) return;
    header.checksum = checksum_of<PatternSetHeader>(std::as_bytes(block).first(pieces));
    std::memcpy(block.data(), &header, sizeof header);
}

}  // namespace merlon::match
