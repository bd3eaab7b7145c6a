#pragma once

// What the schemes share: keys of bytes whose order is the order of the versions, and the reading
// of digits. Internal to this room; version.h is the way in.
//
// The idea: a key is a row of tokens. A mark says what comes next (an end, a prerelease, a number),
// and marks are numbered in the order in which the scheme ranks what can stand at one place; a
// number is written so that its bytes are ordered as its value, whatever its size; a text ends with
// a zero, so that a prefix comes first. Tokens are prefix-free, so memcmp of two keys compares
// token by token. A KeyWriter can also note which token came from where: that is the explanation.
//
// Numbers begin with a byte of kFirstNumber or more: lower bytes are free for marks at the same
// place. Thread-safe: no state. Cost: one pass; a number below 200 is one byte.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"

namespace merlon::packages {

inline constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
inline constexpr bool is_alpha(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
inline constexpr bool is_alnum(char c) { return is_digit(c) || is_alpha(c); }

bool all_digits(std::string_view text);  // false for the empty text
std::string_view trim(std::string_view text);
std::string_view strip_leading_zeros(std::string_view digits);
// By value, of any size; both are digits, or empty for zero.
std::strong_ordering compare_numbers(std::string_view left, std::string_view right);
// The digits, or letters, that `text` begins with; takes them off.
std::string_view take_digits(std::string_view& text);
std::string_view take_letters(std::string_view& text);
// The part before the next `separator`, or all of it; takes both off. More parts follow where
// `text` is not null afterwards.
std::string_view take_part(std::string_view& text, char separator);

// A token of a key, and the text that it came from.
struct KeyPiece {
    std::size_t key_offset;
    std::string text;
    std::string_view what;  // "number", "end", "prerelease": said to people
};

class KeyWriter {
  public:
    static constexpr unsigned char kFirstNumber = 0x20;

    explicit KeyWriter(std::string& key, std::vector<KeyPiece>* pieces = nullptr)
        : key_(key), pieces_(pieces) {}

    // One byte that ranks what stands here; below kFirstNumber where a number could stand instead.
    void mark(unsigned char rank, std::string_view what, std::string_view text = {}) {
        begin(what, text);
        key_.push_back(static_cast<char>(rank));
    }
    // `digits` may be empty, for zero.
    void number(std::string_view digits, std::string_view what) {
        begin(what, digits.empty() ? "0" : digits);
        append_number(digits);
    }
    void text(std::string_view bytes, std::string_view what) {
        begin(what, bytes);
        append_text(bytes);
    }
    // The same behind a mark, as one piece.
    void marked_number(unsigned char rank, std::string_view digits, std::string_view what) {
        mark(rank, what, digits);
        append_number(digits);
    }
    void marked_text(unsigned char rank, std::string_view bytes, std::string_view what) {
        mark(rank, what, bytes);
        append_text(bytes);
    }
    // A number of the scheme's own, such as how long something is.
    void count(std::uint64_t value) { append_value(value); }

  private:
    void begin(std::string_view what, std::string_view text) {
        if (pieces_ != nullptr) pieces_->push_back({key_.size(), std::string(text), what});
    }
    void append_number(std::string_view digits);
    void append_value(std::uint64_t value);
    void append_text(std::string_view bytes);

    std::string& key_;
    std::vector<KeyPiece>* pieces_;
};

// Lists that go on with zeros for ever, as Gem::Version and conda's VersionOrder compare them: an
// element is below zero (a text), zero, or above it. How a run of zeros ranks depends on what ends
// it: `1.0.a` is below `1`, `1.0.2` above. So the zeros are kept back until that is known.
class ZeroPaddedWriter {
  public:
    explicit ZeroPaddedWriter(KeyWriter& writer) : writer_(writer) {}

    void zero() { ++zeros_; }
    // The zeros since the last other element do not count.
    void forget_zeros() { zeros_ = 0; }
    // Writes the mark of an element that the caller writes next.
    void below_zero(std::string_view text) { end_run(kZeroBeforeBelow, kBelow, text); }
    void above_zero(std::string_view text) { end_run(kZeroBeforeAbove, kAbove, text); }
    void finish() {
        zeros_ = 0;
        writer_.mark(kEnd, "end");
    }

  private:
    enum : unsigned char {
        kBelow = 1,
        kZeroBeforeBelow,
        kEnd,
        kZeroBeforeAbove,
        kAbove,
    };
    void end_run(unsigned char zero, unsigned char element, std::string_view text) {
        for (; zeros_ > 0; --zeros_) writer_.mark(zero, "part", "0");
        writer_.mark(element, "part", text);
    }

    KeyWriter& writer_;
    std::size_t zeros_ = 0;
};

}  // namespace merlon::packages
