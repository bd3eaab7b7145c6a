#pragma once

// Where a match may begin, told by strings of which one begins every match; and the match itself
// where the strings are all that the expression matches.
//
// The idea: a search for a few strings (literals.h) runs at the speed of memory; an automaton that
// stands in its start state asks here for the next place that is worth its time. The search is
// built when it is first asked for, because most expressions of a pack are only ever held against
// a place that is known already.
//
// Thread-safe. Cost: linear in the text that is passed over.

#include <atomic>
#include <mutex>
#include <optional>
#include <string_view>

#include "match/compile.h"
#include "match/literals.h"
#include "match/prefixes.h"

namespace merlon::match {

class Prefilter {
  public:
    // `kind` decides among the strings where they are whole matches.
    Prefilter(Prefixes prefixes, MatchKind kind) : prefixes_(std::move(prefixes)), kind_(kind) {}

    // Whether a search for the strings is faster than an automaton's walk; not where there are
    // none, or where they are so short and many that they would stop everywhere.
    bool is_active() const {
        const State state = state_.load(std::memory_order_acquire);
        return state == State::kUnknown ? build() : state == State::kActive;
    }
    // Whether what find() gives is the match that the expression has.
    bool is_whole() const { return prefixes_.are_whole; }

    // The leftmost of the strings in text[from, to). Only of one that is active.
    std::optional<LiteralHit> find(std::string_view text, std::size_t from, std::size_t to) const {
        return set_->view().find(text.substr(0, to), from);
    }

  private:
    enum class State : unsigned char { kUnknown, kIdle, kActive };

    bool build() const;

    Prefixes prefixes_;
    MatchKind kind_;
    mutable std::once_flag built_;
    mutable std::atomic<State> state_ = State::kUnknown;
    mutable std::optional<LiteralSet> set_;
};

}  // namespace merlon::match
