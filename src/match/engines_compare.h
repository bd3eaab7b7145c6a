#pragma once

// Every engine on one program, each by itself, against Pike's machine: for tests and fuzzers.
//
// The idea: Pike's machine is the plain meaning of a program; whatever another engine says has to
// be that, or that it gave up. Engines are kept, so that their caches are used again and again.
//
// One object belongs to one thread. Cost: that of all engines together.

#include <string>
#include <utility>
#include <vector>

#include "match/backtrack.h"
#include "match/lazy_dfa.h"
#include "match/onepass.h"
#include "match/pike.h"

namespace merlon::match {

class Engines {
  public:
    Engines(Program program, MatchKind kind, std::size_t cache_bytes)
        : program_(std::move(program)),
          one_pass_(OnePass::make(view(), std::size_t{1} << 20)),
          forward_(
              view(), Direction::kForward,
              kind == MatchKind::kLeftmostFirst ? LazyDfa::Kind::kFirst : LazyDfa::Kind::kLongest,
              cache_bytes, nullptr),
          reverse_(view(), Direction::kReverse, LazyDfa::Kind::kLongest, cache_bytes, nullptr),
          backtracker_(view()) {}
    Engines(const Engines&) = delete;
    Engines& operator=(const Engines&) = delete;

    // Empty where all agree with Pike's machine, else who does not.
    std::string first_difference(const SearchInput& input) {
        Slots wanted(2 * (view().group_count() + 1), kNoPlace);
        const bool found = pike_.search(view(), input, wanted);
        if (const std::string wrong = check_automata(input, found, wanted); !wrong.empty()) {
            return wrong;
        }
        if (Backtracker::fits(view(), input.to - input.from, 1 << 20)) {
            Slots slots(wanted.size(), kNoPlace);
            if (backtracker_.search(input, slots) != found || slots != wanted) {
                return "backtracker";
            }
        }
        if (found && one_pass_) {
            Slots slots(wanted.size(), kNoPlace);
            if (!one_pass_->match_exactly(
                    view(), {input.text, wanted[0], wanted[1], Anchor::kBegin}, slots) ||
                slots != wanted) {
                return "one-pass";
            }
        }
        return {};
    }

  private:
    using Slots = std::vector<std::size_t>;

    const ProgramView& view() const { return program_.view(); }

    std::string check_automata(const SearchInput& input, bool found, const Slots& wanted) {
        using Outcome = LazyDfa::Outcome;
        const auto end = forward_.search_forward(input, LazyDfa::Stop::kAtBest);
        if (end.outcome != Outcome::kGaveUp) {
            if ((end.outcome == Outcome::kFound) != found) return "forward: whether";
            if (found && end.place != wanted[1]) return "forward: where";
        }
        const auto any = forward_.search_forward(input, LazyDfa::Stop::kAtAny);
        if (any.outcome != Outcome::kGaveUp && (any.outcome == Outcome::kFound) != found) {
            return "forward: any";
        }
        if (!found || input.anchor == Anchor::kBegin) return {};
        const auto begin = reverse_.search_reverse({input.text, input.from, wanted[1], {}},
                                                   LazyDfa::Stop::kAtBest);
        if (begin.outcome == Outcome::kGaveUp) return {};
        if (begin.outcome != Outcome::kFound || begin.place != wanted[0]) return "reverse";
        return {};
    }

    Program program_;
    std::optional<OnePass> one_pass_;
    LazyDfa forward_;
    LazyDfa reverse_;
    Pike pike_;
    Backtracker backtracker_;
};

}  // namespace merlon::match
