#pragma once

// What all engines share: where to search, and what holds between two bytes.
//
// Thread-safe: values. Cost: none to speak of.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "match/program.h"

namespace merlon::match {

enum class Anchor : std::uint8_t {
    kNone,   // a match may begin anywhere in the range
    kBegin,  // it begins where the range does
};

// How much a search may do: a step is a byte that an automaton or a search for literals reads, or
// an instruction that a slower engine comes by at a byte. Counts over all searches that it is given
// to.
class StepBudget {
  public:
    explicit StepBudget(std::size_t steps) : left_(steps) {}

    // Takes steps; false, and no more can be taken, where there are not so many.
    bool take(std::size_t steps) {
        if (steps > left_) is_exhausted_ = true;
        left_ = is_exhausted_ ? 0 : left_ - steps;
        return !is_exhausted_;
    }
    std::size_t left() const { return left_; }
    // What was found before that is not to be relied upon.
    bool is_exhausted() const { return is_exhausted_; }

  private:
    std::size_t left_;
    bool is_exhausted_ = false;
};

inline Error limit_reached(std::size_t max_steps) {
    return Error{"the search took more than " + std::to_string(max_steps) +
                 " steps; raise the limit, or search a shorter text"};
}

// A search in text[from, to). The text around the range is seen by ^, $ and \b.
struct SearchInput {
    std::string_view text;
    std::size_t from = 0;
    std::size_t to = 0;
    Anchor anchor = Anchor::kNone;
    StepBudget* budget = nullptr;  // none: no limit
};

// Places of the groups, two for each; kNoPlace where a group took no part.
inline constexpr std::size_t kNoPlace = static_cast<std::size_t>(-1);

inline bool is_word_byte(std::uint8_t byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           (byte >= 'a' && byte <= 'z');
}

inline std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

// The assertions that hold before text[at].
inline std::uint32_t assertions_at(std::string_view text, std::size_t at) {
    std::uint32_t holds = 0;
    const bool at_begin = at == 0;
    const bool at_end = at == text.size();
    if (at_begin) holds |= kAssertBeginText | kAssertBeginLine;
    if (at_end) holds |= kAssertEndText | kAssertEndLine;
    if (!at_begin && text[at - 1] == '\n') holds |= kAssertBeginLine;
    if (!at_end && text[at] == '\n') holds |= kAssertEndLine;
    const bool before = !at_begin && is_word_byte(byte_at(text, at - 1));
    const bool behind = !at_end && is_word_byte(byte_at(text, at));
    return holds | (before != behind ? kAssertWordBoundary : kAssertNoWordBoundary);
}

// Whether a code point begins here; in a clean text only the inside of one begins with 10 bits.
inline bool is_boundary(std::string_view text, std::size_t at) {
    return at >= text.size() || (byte_at(text, at) & 0xC0) != 0x80;
}

// Where an instruction that reads a byte goes with it, or kNowhere.
inline constexpr std::uint32_t kNowhere = 0xFFFF'FFFF;

inline std::uint32_t step_inst(const ProgramView& program, const Inst& inst, std::uint8_t byte) {
    switch (inst.op) {
        case InstOp::kRange:
            return byte >= inst.low && byte <= inst.high ? inst.out : kNowhere;
        case InstOp::kSet:
            return contains(program.byte_sets()[inst.arg], byte) ? inst.out : kNowhere;
        case InstOp::kSparse: {
            const Transition* first = program.transitions().data() + inst.arg;
            std::size_t count = std::size_t{inst.low} + 1;
            while (count > 1) {
                const std::size_t half = count / 2;
                if (first[half].low <= byte) first += half;
                count -= half;
            }
            return first->low <= byte && byte <= first->high ? first->out : kNowhere;
        }
        default:
            return kNowhere;
    }
}

// A set of instructions that remembers the order of insertion and empties in no time
// (Briggs and Torczon, 1993).
class InstSet {
  public:
    void reset(std::size_t capacity) {
        if (sparse_.size() < capacity) {
            sparse_.assign(capacity, 0);
            dense_.assign(capacity, 0);
        }
        size_ = 0;
    }
    void clear() { size_ = 0; }
    bool insert(std::uint32_t value) {
        const std::uint32_t at = sparse_[value];
        if (at < size_ && dense_[at] == value) return false;
        dense_[size_] = value;
        sparse_[value] = size_++;
        return true;
    }
    std::size_t size() const { return size_; }
    std::size_t memory_bytes() const { return 2 * sparse_.size() * sizeof(std::uint32_t); }

  private:
    std::vector<std::uint32_t> sparse_;
    std::vector<std::uint32_t> dense_;
    std::uint32_t size_ = 0;
};

}  // namespace merlon::match
