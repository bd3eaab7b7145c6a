#pragma once

// The stored form of a set of literals, shared by the engines behind literals.h; nobody else
// includes this.
//
// A block is a header and flat arrays (base/blob.h). Strings are stored folded, as the text is
// read. load() of each engine checks every index, so that its loops need not; what a hostile block
// can do is find wrong places, and none outside the text.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/blob.h"

namespace merlon::match {

enum class LiteralFold : std::uint8_t;
enum class LiteralMatch : std::uint8_t;

enum class LiteralEngine : std::uint8_t {
    kAutomatic,  // to the compiler: the fastest that can
    kNothing,    // there is no string
    kBytes,      // one to three bytes
    kPair,       // one string, by its two rarest bytes
    kTeddy,      // windows of up to four bytes of each string, in vectors
    kAutomaton,  // Aho-Corasick; behind each of the others, for texts made to slow them down
};

enum class LiteralPart : std::uint8_t {
    kTextBegin,     // u32, count + 1: where a string begins in kText
    kText,          // u8: the strings, folded
    kWindowOffset,  // u32, by id: where its window begins in it
    kClasses,       // u8, 256: byte, folded, to class; 0 is every byte that no string has
    kDense,         // u32: rows of the first states
    kFirstChild,    // u32, states + 1
    kLabel,         // u8, by state: the class that leads to it
    kFail,          // u32, by state
    kOutputBegin,   // u32, states + 1
    kOutput,        // u32: ids
    kOutputLink,    // u32, by state: the next shorter one with output, or 0
    kDepthBegin,    // u32: the first state of each depth
    kMasks,         // u8: 16 for each group, place in the window, and nibble
    kLongFilter,    // u32: a bit for the hash of each window of four bytes
    kShortFilter,   // u32: the same for shorter ones, followed by any byte
    kHashBegin,     // u32, buckets + 1
    kHashEntry,     // WindowEntry
    kEnd,
};

struct WindowEntry {
    std::uint32_t id;
    std::uint32_t key;   // the window's bytes, folded
    std::uint32_t mask;  // of those that it has
};

struct LiteralHeader {
    std::array<char, 8> magic;
    std::uint32_t version;
    std::uint32_t size;  // bytes, this header too
    std::uint8_t fold;
    std::uint8_t match;
    std::uint8_t engine;
    std::uint8_t is_ascii;  // all strings
    std::uint32_t count;    // of strings
    std::uint32_t max_window_offset;
    // kBytes, kPair
    std::array<std::uint8_t, 4> bytes;
    std::array<std::uint8_t, 4> byte_masks;  // or-ed to the text's byte first: 0x20 for a letter
    std::array<std::uint32_t, 2> offsets;
    // kTeddy
    std::uint32_t groups;       // of eight buckets
    std::uint32_t window;       // bytes looked at in vectors
    std::uint32_t filter_bits;  // each filter has two to the power of it bits
    std::uint32_t hash_bits;
    std::uint32_t window_sizes;  // bit n: some window has n bytes
    // kAutomaton
    std::uint32_t class_count;
    std::uint32_t dense_count;  // states with a row
    std::array<BlobSection, static_cast<std::size_t>(LiteralPart::kEnd)> parts;
};

constexpr unsigned char ascii_lower(unsigned char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<unsigned char>(byte + 32) : byte;
}

// The strings of a set.
struct LiteralTexts {
    std::span<const std::uint32_t> begin;
    std::span<const char> text;
    bool folds = false;  // ASCII letters of the searched text are lowered before comparing

    std::uint32_t count() const { return static_cast<std::uint32_t>(begin.size() - 1); }
    std::size_t length(std::uint32_t id) const { return begin[id + 1] - begin[id]; }
    std::string_view string(std::uint32_t id) const {
        return {text.data() + begin[id], length(id)};
    }

    // Whether string `id` stands at `at`; `at` may be anything.
    bool stands_at(std::uint32_t id, std::string_view in, std::size_t at) const {
        const std::size_t size = length(id);
        if (at > in.size() || size > in.size() - at) return false;
        const char* const want = text.data() + begin[id];
        const char* const have = in.data() + at;
        if (!folds) return std::memcmp(want, have, size) == 0;
        for (std::size_t i = 0; i < size; ++i) {
            if (ascii_lower(static_cast<unsigned char>(have[i])) !=
                static_cast<unsigned char>(want[i])) {
                return false;
            }
        }
        return true;
    }
};

// Who is told of an occurrence. Returns whether to go on.
struct LiteralSink {
    void* context;
    bool (*call)(void* context, std::uint32_t id, std::size_t begin, std::size_t end);

    bool operator()(std::uint32_t id, std::size_t begin, std::size_t end) const {
        return call(context, id, begin, end);
    }
};

// One walk of an engine over a text. An engine looks at places from `from` up to `limit`, which the
// sink may lower; what a place is (where the window of a string begins) is the engine's matter.
struct LiteralSweep {
    std::string_view text;
    std::size_t from = 0;
    std::size_t limit = 0;
    LiteralSink sink;
};

// How an engine ended its walk.
struct SweepEnd {
    bool is_done = true;      // else the text turned out to be made to slow it down
    std::size_t reached = 0;  // all places before were looked at
};

// How much comparing is in order: what is more than this for each byte passed is an attack, and the
// automaton takes over.
inline constexpr std::size_t kWorkAllowance = std::size_t{1} << 14;
inline constexpr std::size_t kWorkForEachByte = 8;

}  // namespace merlon::match
