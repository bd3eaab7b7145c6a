#pragma once

// Searching one text for many byte strings at once, ASCII letters in either case.
//
// The idea: an Aho-Corasick automaton, made dense over classes of bytes (a rule pack uses some 40
// of the 256), so that each byte of the text is two table look-ups and most of a source file stays
// in states that fit the first-level cache.
//
// Immutable once built, thread-safe. Cost: linear in the text, whatever the number of strings.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::match {

class LiteralSet {
  public:
    // Ids are positions in `literals`; equal ones (in either case) are reported each. Empty ones
    // are never found.
    explicit LiteralSet(std::span<const std::string> literals);

    // Calls on_hit(id, end) for each occurrence, overlapping ones too, by ascending end.
    template <typename OnHit>
    void search(std::string_view text, OnHit&& on_hit) const {
        std::uint32_t state = 0;
        for (std::size_t at = 0; at < text.size(); ++at) {
            state = next_[(state & kStateMask) + classes_[static_cast<unsigned char>(text[at])]];
            if ((state & kHasOutput) != 0) [[unlikely]] {
                for (const std::uint32_t id : outputs_of(state & kStateMask)) on_hit(id, at + 1);
            }
        }
    }

    std::size_t length(std::uint32_t id) const { return lengths_[id]; }

  private:
    static constexpr std::uint32_t kHasOutput = 0x8000'0000;
    static constexpr std::uint32_t kStateMask = ~kHasOutput;

    std::span<const std::uint32_t> outputs_of(std::uint32_t row) const {
        const std::uint32_t state = row / class_count_;
        return {outputs_.data() + output_begin_[state],
                output_begin_[state + 1] - output_begin_[state]};
    }

    std::array<std::uint8_t, 256> classes_{};
    std::uint32_t class_count_ = 1;
    std::vector<std::uint32_t>
        next_;  // by row (state * class_count_) and class; rows, with the flag
    std::vector<std::uint32_t> output_begin_;
    std::vector<std::uint32_t> outputs_;
    std::vector<std::size_t> lengths_;
};

}  // namespace merlon::match
