#pragma once

// The automaton of Aho and Corasick (CACM, June 1975) over a stored block: one step for each byte
// of the text, whatever the number of strings.
//
// The idea: states are numbered breadth first, so that the children of a state are neighbours, and
// a state is three numbers: its first child, the class that leads to it, and where to fall back.
// The first states, in which a search spends nearly all of its time, have a row with all their
// successors besides, as far as a budget goes: a small set is rows only (dense), 100,000 strings
// cost some 20 bytes for each byte that they do not share (compressed).
//
// Immutable, thread-safe; borrows the block. Cost: amortised constant for each byte.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "match/literal_blob.h"

namespace merlon::match {

class AhoCorasick {
  public:
    AhoCorasick() = default;

    // Adds the automaton of the strings to a block. Of two that are one the beginning of the other,
    // `drop_hidden` drops the later and longer, which leftmost-first never finds.
    enum class Hidden : std::uint8_t { kKeep, kDrop };
    static void write(const LiteralTexts& texts, Hidden hidden, std::size_t max_dense_bytes,
                      BlobWriter& writer, LiteralHeader& header);
    static Result<AhoCorasick> load(std::span<const std::byte> block, const LiteralHeader& header);

    // A state is an opaque number, flagged where strings end there.
    using State = std::uint32_t;
    static constexpr State kRoot = 0;

    State step(State state, unsigned char byte) const {
        const std::uint32_t byte_class = classes_[byte];
        state &= kCodeMask;
        return state < rows_end_ ? dense_[state + byte_class] : step_slowly(state, byte_class);
    }
    static bool has_output(State state) { return (state & kHasOutput) != 0; }

    // Calls on_id(id) for each string that ends in this state, the longest first, equal ones by id.
    // Returns false as soon as on_id does.
    template <typename OnId>
    bool outputs(State state, OnId&& on_id) const {
        for (std::uint32_t number = number_of(state & kCodeMask); number != 0;
             number = output_link_[number]) {
            for (std::uint32_t i = output_begin_[number]; i < output_begin_[number + 1]; ++i) {
                if (!on_id(output_[i])) return false;
            }
        }
        return true;
    }
    // Bytes of the longest beginning of a string that the text ends with here.
    std::size_t depth(State state) const {
        const std::uint32_t number = number_of(state & kCodeMask);
        return static_cast<std::size_t>(
                   std::upper_bound(depth_begin_.begin(), depth_begin_.end(), number) -
                   depth_begin_.begin()) -
               1;
    }
    std::size_t state_count() const { return fail_.size(); }

  private:
    static constexpr std::uint32_t kHasOutput = 0x8000'0000;
    static constexpr std::uint32_t kCodeMask = ~kHasOutput;

    // A code is the place of the row, or behind all rows the number.
    std::uint32_t number_of(std::uint32_t code) const {
        return code < rows_end_ ? code / class_count_ : code - rows_end_ + dense_count_;
    }
    State code_of(std::uint32_t number) const {
        const std::uint32_t flag = first_child_[number] & kHasOutput;
        return flag |
               (number < dense_count_ ? number * class_count_ : number - dense_count_ + rows_end_);
    }
    // Of a state without a row.
    State step_slowly(std::uint32_t code, std::uint32_t byte_class) const;
    Status check() const;

    std::uint32_t class_count_ = 1;
    std::uint32_t dense_count_ = 0;
    std::uint32_t rows_end_ = 0;
    std::span<const std::uint8_t> classes_;
    std::span<const std::uint32_t> dense_;
    std::span<const std::uint32_t> first_child_;  // flagged as codes are
    std::span<const std::uint8_t> label_;
    std::span<const std::uint32_t> fail_;
    std::span<const std::uint32_t> output_begin_;
    std::span<const std::uint32_t> output_;
    std::span<const std::uint32_t> output_link_;
    std::span<const std::uint32_t> depth_begin_;
    std::uint32_t string_count_ = 0;
};

}  // namespace merlon::match
