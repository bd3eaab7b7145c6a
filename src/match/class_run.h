#pragma once

// A run of bytes of some class that every match begins with: the search for expressions such as
// [a-f0-9]{32} and \d{15}[|%], which have no strings to look for.
//
// The idea: the first bytes of a match, n of them, all belong to the class of what may stand at one
// of these places. A place is ruled out by a byte near the end of its window that does not belong,
// and with it all places up to that byte, as in Boyer and Moore's search; so most bytes of a text
// are not looked at. In a run longer than that only those places count where the first byte may
// stand, at a boundary of words where a match begins with one (\b). The classes and n are read off
// the automaton, and nothing of it is stored.
//
// Immutable, thread-safe. Cost: at most two looks at each byte.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "match/program.h"

namespace merlon::match {

class ClassRun {
  public:
    // Nothing where no run is rare enough in ordinary text to be worth a search.
    static std::optional<ClassRun> of(const ProgramView& program);

    // The first place in text[from, to) at which a run stands in it that a match may begin with;
    // the byte before it is looked at, be it before `from`.
    std::optional<std::size_t> find(std::string_view text, std::size_t from, std::size_t to) const;

    std::size_t length() const { return length_; }

  private:
    bool may_begin(std::string_view text, std::size_t at) const;

    std::array<bool, 256> has_{};
    std::array<bool, 256> begins_{};
    bool begins_at_boundary_ = false;  // of words
    std::size_t length_ = 0;
};

}  // namespace merlon::match
