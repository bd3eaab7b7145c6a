#pragma once

// A compiled expression as one block of bytes: what every engine runs, and what a stored set maps.
//
// The idea: Thompson's automaton (CACM, June 1968) over bytes, as in RE2: code points are compiled
// away into UTF-8 sequences, so that an automaton needs only a table of bytes. All flags of the
// pattern are resolved. The block holds a header and flat arrays and no pointers, so it may be
// mapped from a file at any address; ProgramView::load checks every index once, and the engines
// need not look again. The text behind the expression is not in it.
//
// Texts: an instruction sees bytes 0x00 to 0xFF. An invalid byte of the text (Go reads it as U+FFFD
// of width one) must reach the engines as 0xFF where needs_clean_text() says so; see Subject.
//
// A program has two codes: forward, and reverse, which reads a match from its end to its begin; in
// the reverse code begin and end assertions have changed places, and there are no captures.
//
// Immutable, thread-safe. A view borrows the bytes. Cost of load: one pass over the arrays.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "match/block_checksum.h"
#include "match/syntax.h"

namespace merlon::match {

enum class InstOp : std::uint8_t {
    kFail,     // no way on
    kMatch,    // a match ends here
    kAlt,      // out first, then arg
    kRange,    // a byte in [low, high], then out
    kSet,      // a byte in byte_sets[arg], then out
    kSparse,   // transitions[arg, arg + low + 1), by ascending byte, each with its own out
    kCapture,  // remember the place in slot arg, then out
    kAssert,   // all Assertion bits in arg hold between the bytes here, then out
};

// What may hold between two bytes. Bits, so that one comparison answers for all.
enum Assertion : std::uint8_t {
    kAssertBeginLine = 1,
    kAssertEndLine = 2,
    kAssertBeginText = 4,
    kAssertEndText = 8,
    kAssertWordBoundary = 16,
    kAssertNoWordBoundary = 32,
};

struct Inst {
    InstOp op = InstOp::kFail;
    std::uint8_t low = 0;
    std::uint8_t high = 0;
    std::uint8_t reserved = 0;
    std::uint32_t out = 0;
    std::uint32_t arg = 0;
};
static_assert(sizeof(Inst) == 12);

struct Transition {
    std::uint8_t low = 0;
    std::uint8_t high = 0;
    std::uint16_t reserved = 0;
    std::uint32_t out = 0;
};
static_assert(sizeof(Transition) == 8);

using ByteSet = std::array<std::uint32_t, 8>;  // one bit for each byte

inline bool contains(const ByteSet& set, std::uint8_t byte) {
    return ((set[byte >> 5] >> (byte & 31)) & 1) != 0;
}

// One automaton of a program.
struct Code {
    std::span<const Inst> insts;
    std::uint32_t anchored = 0;    // where a match that begins here starts
    std::uint32_t unanchored = 0;  // where one that begins anywhere further on starts
};

// Facts about a program; bits of ProgramHeader::flags.
enum ProgramFlag : std::uint32_t {
    kNeedsCleanText = 1,   // invalid bytes must be 0xFF
    kMatchesEmpty = 2,     // the empty string may match somewhere
    kBeginsAtText = 4,     // every match begins where the text does
    kEndsAtText = 8,       // every match ends where the text does
    kLongest = 16,         // leftmost-longest, not leftmost-first
    kHasAssertions = 32,   // there is a kAssert
    kHasWordAsserts = 64,  // there is a \b or \B
    // Of stored ones: ASCII letters of the prefixes match in either case; the prefixes are all
    // that the expression matches, in its order.
    kPrefixesFold = 128,
    kPrefixesAreWhole = 256,
};

inline constexpr std::uint32_t kNoMaxLength = 0xFFFF'FFFF;
inline constexpr std::uint32_t kNoRequiredByte = 0x100;

struct ProgramHeader {
    std::array<char, 8> magic{};
    std::uint32_t version = 0;
    std::uint32_t size = 0;  // bytes, this header too
    std::uint32_t flags = 0;
    std::uint32_t group_count = 0;            // without the whole match
    std::uint32_t class_count = 0;            // of bytes that no instruction tells apart
    std::uint32_t min_length = 0;             // bytes of a match
    std::uint32_t max_length = 0;             // or kNoMaxLength
    std::array<std::uint32_t, 2> anchored{};  // by Direction
    std::array<std::uint32_t, 2> unanchored{};
    struct Section {
        std::uint32_t offset = 0;  // bytes from the header
        std::uint32_t count = 0;   // elements
    };
    std::array<Section, 9> sections{};
    // Of stored ones, which may have come to harm.
    std::uint32_t syntax = 0;  // SyntaxKind: what the pattern means
    std::uint32_t required_byte = 0;
    BlockChecksum checksum{};
};

// Sections of a program, in the order in which they lie.
enum class ProgramPart : std::uint8_t {
    kForward,      // Inst
    kReverse,      // Inst
    kTransitions,  // Transition
    kByteSets,     // ByteSet
    kClasses,      // 256 std::uint8_t: byte to class
    kNames,        // char: a name for each group, each behind its length in one u32, padded to 4
    kPrefixes,     // char: strings one of which begins every match, written as names are
    kSearcher,     // char: the stored form of a literal searcher (literals.h), may be empty
    kPattern,      // char: what the person wrote
};

class ProgramView {
  public:
    ProgramView() = default;

    // `bytes` must be aligned for std::uint32_t and outlive the view. Fails, with the place, where
    // anything in them is not as this version writes it.
    static Result<ProgramView> load(std::span<const std::byte> bytes);

    std::span<const std::byte> bytes() const { return bytes_; }
    const Code& forward() const { return forward_; }
    const Code& reverse() const { return reverse_; }
    std::span<const Transition> transitions() const { return transitions_; }
    std::span<const ByteSet> byte_sets() const { return byte_sets_; }
    // 256 classes, ascending with the bytes; bytes of one class are alike to every instruction.
    std::span<const std::uint8_t> classes() const { return classes_; }
    std::uint32_t class_count() const { return header_.class_count; }

    bool has(ProgramFlag flag) const { return (header_.flags & flag) != 0; }
    std::uint32_t group_count() const { return header_.group_count; }
    std::uint32_t min_length() const { return header_.min_length; }
    std::uint32_t max_length() const { return header_.max_length; }
    std::string_view pattern() const { return pattern_; }
    // Of a stored one.
    SyntaxKind syntax() const { return static_cast<SyntaxKind>(header_.syntax); }
    // The same: a byte that every match has (required_byte()), or kNoRequiredByte.
    std::uint32_t required_byte() const { return header_.required_byte; }
    // By group, the whole match first; empty where a group has no name.
    std::vector<std::string> capture_names() const;
    std::vector<std::string> prefixes() const;
    std::span<const std::byte> searcher() const { return searcher_; }

  private:
    std::span<const std::byte> bytes_;
    ProgramHeader header_;
    Code forward_;
    Code reverse_;
    std::span<const Transition> transitions_;
    std::span<const ByteSet> byte_sets_;
    std::span<const std::uint8_t> classes_;
    std::string_view names_;
    std::string_view prefixes_;
    std::span<const std::byte> searcher_;
    std::string_view pattern_;
};

// What a compiler gives to make a block of it. Flags of the header that follow from the arrays are
// worked out by pack().
struct ProgramParts {
    ProgramHeader header;  // flags, group_count, lengths, starts
    std::vector<Inst> forward;
    std::vector<Inst> reverse;
    std::vector<Transition> transitions;
    std::vector<ByteSet> byte_sets;
    std::vector<std::string> names;
    std::vector<std::string> prefixes;
    std::string searcher;
    std::string pattern;
};

// A program that owns its bytes.
class Program {
  public:
    // Works out the classes of bytes and lays everything out.
    static Program pack(ProgramParts parts);
    // A copy of a stored program. Fails where ProgramView::load does, and where the bytes are not
    // those that for_storing() wrote.
    static Result<Program> unpack(std::span<const std::byte> bytes);
    // What the header of stored bytes says; of fewer bytes than a header, none's.
    static BlockChecksum stored_checksum(std::span<const std::byte> bytes);
    // The same as it is stored: it knows the strings one of which begins every match, and may do
    // without one of the codes: a match whose begin is known needs no reverse one, and one whose
    // end is known no forward one.
    enum class Codes : std::uint8_t { kBoth, kForward, kReverse };
    struct StoredFacts {
        std::vector<std::string> prefixes;
        std::uint32_t prefix_flags = 0;  // kPrefixesFold, kPrefixesAreWhole
        SyntaxKind syntax = SyntaxKind::kPerl;
        std::uint32_t required_byte = kNoRequiredByte;
    };
    Program for_storing(StoredFacts facts, Codes codes) const;

    const ProgramView& view() const { return view_; }

  private:
    std::vector<std::uint32_t> words_;
    ProgramView view_;
};

}  // namespace merlon::match
