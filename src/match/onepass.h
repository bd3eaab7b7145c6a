#pragma once

// Places of groups where the text leaves no choice: one table look-up for each byte.
//
// The idea: in many expressions, once the begin is known, each byte allows one way only, as in
// (\w+)=(\d+); then an automaton of as many states as the program has places to be in can carry the
// groups along, as actions of its transitions. Ancestry: RE2's onepass.cc.
//
// Immutable once made, thread-safe. Cost: one load for each byte, and what the groups take. Made
// only where the tables stay within `max_bytes`.

#include <optional>
#include <vector>

#include "match/engine.h"

namespace merlon::match {

class OnePass {
  public:
    static constexpr std::size_t kMaxGroups = 16;  // besides the whole match

    // Nothing where the program offers a choice, has more groups, or takes too much.
    static std::optional<OnePass> make(const ProgramView& program, std::size_t max_bytes);

    // The groups of the match that is exactly text[from, to); false where that is none.
    bool match_exactly(const ProgramView& program, const SearchInput& input,
                       std::span<std::size_t> slots) const;

  private:
    // What to do for a class, in one word: where the next node's row begins and 1 (0: no way on);
    // above that, the slots to set and the assertions that must hold.
    class Action {
      public:
        static constexpr std::size_t kMaxRow = (std::size_t{1} << 26) - 2;

        Action() = default;
        Action(std::size_t row, std::uint32_t slots, std::uint32_t asserts)
            : word_((row + 1) | std::uint64_t{slots} << kRowBits |
                    std::uint64_t{asserts} << (kRowBits + kSlotBits)) {}

        bool is_none() const { return word_ == 0; }
        // There is a way on, and nothing to do on it.
        bool is_plain() const { return word_ - 1 < kRows - 1; }
        std::size_t row() const { return (word_ & (kRows - 1)) - 1; }
        // Bit i: slot i + 2.
        std::uint32_t slots() const { return static_cast<std::uint32_t>(word_ >> kRowBits); }
        std::uint32_t asserts() const {
            return static_cast<std::uint32_t>(word_ >> (kRowBits + kSlotBits));
        }

      private:
        static constexpr int kRowBits = 26;
        static constexpr int kSlotBits = 2 * kMaxGroups;
        static constexpr std::uint64_t kRows = std::uint64_t{1} << kRowBits;
        static_assert(kRowBits + kSlotBits + 6 <= 64);  // six assertions

        std::uint64_t word_ = 0;
    };
    class Maker;

    bool apply(const Action& action, std::string_view text, std::size_t at,
               std::span<std::size_t> slots) const;

    std::uint32_t width_ = 0;  // actions of a node's row: one for each class, and the match last
    std::vector<Action> actions_;
};

}  // namespace merlon::match
