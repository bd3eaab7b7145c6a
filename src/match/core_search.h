#pragma once

// From the places where an expression's core literals stand (analysis.h) to its matches.
//
// The idea: most places come to nothing a few bytes behind the literal, so all of them are first
// looked at by turns (LazyDfa::keep_hopeful). From each place that is left a search forward says
// whether and where a match through it ends, and one back from the literal where that begins. The
// leftmost match may pass through a later literal than the first that has one; and where one begin
// has several ways on, the whole expression chooses. How much all searches read is bounded by the
// length of the text: beyond that the expression runs over what is left, once.
//
// Borrows all that it is given; belongs to one thread. Cost: linear in the text.

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "match/analysis.h"
#include "match/regex.h"

namespace merlon::match {

// An expression as it is searched from its core literals.
struct CorePattern {
    const Regex& whole;
    // The expression up to its core literal and from it on; both null where nothing stands before.
    const Regex* prefix = nullptr;
    const Regex* suffix = nullptr;
    std::size_t max_prefix_bytes = 0;
    const ByteSet& prefix_bytes;  // that the prefix may read
};

class CoreSearch {
  public:
    // Either may be null.
    struct Limits {
        const CancelToken* cancel = nullptr;
        StepBudget* budget = nullptr;
    };

    CoreSearch(const CorePattern& pattern, std::string_view text, const Limits& limits);

    // Adds the matches to `matches`. `places`: where a core literal begins, in any order; they are
    // used up.
    void find_all(std::vector<std::size_t>& places, std::vector<Span>& matches);

  private:
    bool is_stopped() const {
        return (limits_.budget != nullptr && limits_.budget->is_exhausted()) ||
               (limits_.cancel != nullptr && limits_.cancel->cancelled());
    }
    const Regex& onward() const { return pattern_.suffix ? *pattern_.suffix : pattern_.whole; }
    std::optional<Span> find(std::span<const std::size_t> places);
    std::optional<Span> through(std::size_t place);
    void find_the_rest(std::size_t place, std::vector<Span>& matches) const;

    const CorePattern& pattern_;
    std::string_view text_;
    Limits limits_;
    std::size_t resume_ = 0;  // the end of the last match
    std::size_t bytes_read_ = 0;
    std::size_t max_bytes_read_;
};

}  // namespace merlon::match
