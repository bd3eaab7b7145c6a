#pragma once

// Many expressions over one text, each exact as if it ran alone.
//
// The idea: one pass over the text finds the literals of all expressions (literals.h). An
// expression is looked at only where one of its core literals stands: an anchored search for what
// follows the literal decides most places in some bytes, and only where that holds does another one
// go back from the literal to where the match begins. Matches, their order and their non-overlap
// are those of Regex::find_all on the whole text. An expression without a core literal runs over
// the text where a string stands that its matches contain somewhere, or over every text if there is
// none; and so does one whose literals stand so dense that the searches from them read too much.
//
// An expression may also have keywords: it runs at all only on a text that contains one of them
// (in Go's strings.ToLower of the text), which is gitleaks's rule and no mere prefilter.
//
// What is worked out from the expressions is one block of bytes without pointers (base/blob.h). It
// may be stored, and at the next start load() takes it, with the expressions that it was made of:
// nothing is analysed or compiled then, and whatever is wrong with it is an error, after which the
// set is made anew. Programs stay in the store until they are needed.
//
// Immutable once built, thread-safe; a Scratch belongs to one thread. Cost: one pass over the text,
// plus what the candidates cost.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/block_source.h"
#include "match/literals.h"
#include "match/regex.h"

namespace merlon::match {

class LiteralText;

class PatternSet {
  public:
    // One expression: borrowed state is shared, so copies are cheap. Keywords are lower-cased by
    // the caller as the rule format says; none means "always".
    struct Pattern {
        Regex regex;
        std::vector<std::string> keywords;
    };

    explicit PatternSet(std::vector<Pattern> patterns);
    PatternSet(PatternSet&&) noexcept;
    PatternSet& operator=(PatternSet&&) noexcept;
    ~PatternSet();

    // The stored form, and a set from it. `patterns` are those that it was made of, in their order.
    const StoredBlock& block() const { return block_; }
    static Result<PatternSet> load(std::vector<Pattern> patterns, StoredBlock block);

    class Scratch {
      public:
        // From now on scan() gives up once `cancel` is set, with what it has found.
        void stop_on(const CancelToken& cancel) { cancel_ = &cancel; }

      private:
        friend class PatternSet;
        bool is_stopped() const {
            return is_exhausted() || (cancel_ != nullptr && cancel_->cancelled());
        }
        bool is_exhausted() const { return budget_ != nullptr && budget_->is_exhausted(); }

        const CancelToken* cancel_ = nullptr;
        StepBudget* budget_ = nullptr;                 // of the scan that is on
        std::vector<std::vector<std::size_t>> places;  // by literal: where it begins
        std::vector<std::uint8_t> seen;                // by literal: bits
        std::vector<std::uint8_t> dense;               // by literal: too many places to be kept
        std::size_t places_held = 0;
        std::vector<std::uint8_t> seen_lowered;  // by keyword, in the text's lower case
        std::vector<std::uint32_t> touched;      // literals that were seen
        std::vector<std::uint32_t> candidates;   // patterns
        std::vector<std::size_t> merged;
        std::vector<Span> matches;
    };

    std::size_t size() const;

    // Calls on_match(pattern, span of the original text) for every match of every pattern that is
    // wanted, by ascending pattern, then place. on_candidate(pattern) says whether a pattern that
    // has its keyword is wanted; it is asked at most once for each.
    void scan(const Subject& subject, Scratch& scratch,
              const std::function<bool(std::uint32_t pattern)>& on_candidate,
              const std::function<void(std::uint32_t pattern, Span match)>& on_match) const;

    // The same within a limit on the steps (engine.h) of all searches; looking for literals takes
    // one for each byte of the text and each place of a literal. An error says that the limit was
    // reached: every match of the patterns that on_match was told of is true, but a pattern may be
    // missing.
    Status scan_within(
        const Subject& subject, Scratch& scratch, std::size_t max_steps,
        const std::function<bool(std::uint32_t pattern)>& on_candidate,
        const std::function<void(std::uint32_t pattern, Span match)>& on_match) const;

    // False where scan() has no match of a wanted pattern in any text that is made of some of the
    // whole lines of this one, in whatever order and number: no pattern has its literals and its
    // keyword here. No expression is run.
    bool may_match(const Subject& lines, Scratch& scratch,
                   const std::function<bool(std::uint32_t pattern)>& is_wanted) const;

    // Why a pattern is slow and what would help, for a person: empty where it has core literals.
    std::string slow_because(std::uint32_t pattern) const;
    // Whether a pattern is looked for only in texts that have some string of its own, keywords
    // aside.
    bool has_literals(std::uint32_t pattern) const;

  private:
    struct Entry;
    PatternSet();
    Status read(std::vector<Pattern> patterns);
    bool has_keyword(const Entry& entry, const Scratch& scratch) const;
    void scan_core(const Entry& entry, const Subject& subject, Scratch& scratch) const;
    // False where the budget does not suffice.
    bool find_literals(const Subject& subject, Scratch& scratch) const;
    bool find_keywords(const Subject& subject, Scratch& scratch) const;
    void choose_candidates(Scratch& scratch) const;
    static bool has_any(const Entry& entry, const std::vector<std::uint8_t>& flags);
    static bool see(const LiteralHit& hit, const LiteralText& literal_text, Scratch& scratch);

    StoredBlock block_;
    std::shared_ptr<const void> owner_;  // of the part that was read
    LiteralView literals_;
    LiteralView keywords_;  // in strings.ToLower of the text, for those outside ASCII
    bool has_unicode_keyword_ = false;
    bool has_crossing_literal_ = false;      // among literals and keywords: one that no line holds
    std::span<const std::uint8_t> is_core_;  // by literal: places are wanted, not only presence
    std::span<const std::uint32_t> keyword_literal_;  // by keyword: its literal, or kNoLiteral
    std::span<const std::uint32_t> waiting_begin_;    // by literal, then one more: in waiting_
    std::span<const std::uint32_t> waiting_;          // patterns that are candidates where it is
    std::span<const std::uint32_t> always_;           // patterns that are always candidates
    std::vector<Entry> entries_;
};

}  // namespace merlon::match
