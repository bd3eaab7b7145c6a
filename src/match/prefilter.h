#pragma once

// Where a match may begin, told by strings of which one begins every match, or by a run of bytes
// (class_run.h); and the match itself where the strings are all that the expression matches.
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

#include "match/class_run.h"
#include "match/compile.h"
#include "match/literals.h"
#include "match/prefixes.h"

namespace merlon::match {

class Prefilter {
  public:
    // `kind` decides among the strings where they are whole matches. The program outlives it.
    Prefilter(Prefixes prefixes, const ProgramView& program, MatchKind kind)
        : prefixes_(std::move(prefixes)), program_(program), kind_(kind) {}

    // Whether a search for the strings is faster than an automaton's walk; not where there are
    // none, or where they are so short and many that they would stop everywhere.
    bool is_active() const {
        const State state = state_.load(std::memory_order_acquire);
        return state == State::kUnknown ? build() : state == State::kActive;
    }
    const Prefixes& prefixes() const { return prefixes_; }
    // Of the run that is looked for; none where strings are. Only of one that is active.
    std::size_t run_length() const { return run_ && !set_ ? run_->length() : 0; }
    // Whether what find() gives is the match that the expression has.
    bool is_whole() const { return prefixes_.are_whole; }

    // The leftmost of the strings in text[from, to). Only of one that is active and whole.
    std::optional<LiteralHit> find(std::string_view text, std::size_t from, std::size_t to) const {
        return set_->view().find(text.substr(0, to), from);
    }
    // The next place in text[from, to) where a match may begin. Only of one that is active.
    std::optional<std::size_t> next(std::string_view text, std::size_t from, std::size_t to) const {
        if (!set_) return run_->find(text, from, to);
        const std::optional<LiteralHit> hit = find(text, from, to);
        return hit ? std::optional(hit->begin) : std::nullopt;
    }

  private:
    enum class State : unsigned char { kUnknown, kIdle, kActive };

    bool build() const;

    void build_set() const;

    Prefixes prefixes_;
    const ProgramView& program_;
    MatchKind kind_;
    mutable std::once_flag built_;
    mutable std::atomic<State> state_ = State::kUnknown;
    mutable std::optional<LiteralSet> set_;
    mutable std::optional<ClassRun> run_;  // where there is no set
};

}  // namespace merlon::match
