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
    // What to do for a class: the next node (0: none), assertions that must hold, slots to set.
    struct Action {
        std::uint32_t node = 0;
        std::uint32_t slots = 0;  // bit i: slot i + 2
        std::uint32_t asserts = 0;

        bool operator==(const Action&) const = default;
    };
    class Maker;

    bool apply(const Action& action, std::string_view text, std::size_t at,
               std::span<std::size_t> slots) const;

    std::uint32_t width_ = 0;      // actions of a node: one for each class, and the match last
    std::vector<Action> actions_;  // of node 1 on
};

}  // namespace merlon::match
