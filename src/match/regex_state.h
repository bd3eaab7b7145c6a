#pragma once

// What is behind a Regex, shared by the files that compile, store and search; nobody else includes
// this.
//
// The idea: a State is what all copies of an expression and all threads share. The program is built
// at first use, from the tree or from what was stored; what a search changes comes from a pool.
//
// Thread-safe, as Regex is.

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "match/backtrack.h"
#include "match/lazy_dfa.h"
#include "match/onepass.h"
#include "match/pike.h"
#include "match/prefilter.h"
#include "match/prefixes.h"
#include "match/regex.h"
#include "match/scratch_pool.h"

namespace merlon::match {

struct RegexScratch {
    RegexScratch(const ProgramView& program, std::size_t cache_bytes, const Prefilter* prefilter)
        : forward(program, Direction::kForward,
                  program.has(kLongest) ? LazyDfa::Kind::kLongest : LazyDfa::Kind::kFirst,
                  cache_bytes, prefilter) {}

    LazyDfa forward;
    std::optional<LazyDfa> reverse;  // made at first use
    Backtracker backtracker;
    Pike pike;
    std::vector<std::size_t> slots;
};

struct Regex::State {
    // What is built at first use.
    struct Engines {
        Program program;
        bool has_reverse = true;  // else that code is a program of its own
        std::optional<Prefilter> prefilter;
        // A rare one that every match has, where no prefilter is worth its while.
        std::uint32_t required_byte = kNoRequiredByte;
    };

    std::string pattern;
    CompileOptions options;
    bool is_restored = false;
    StoredBlock stored;         // of one that is restored: its program, until that is first needed
    mutable SyntaxTree parsed;  // through tree() only
    mutable std::once_flag parsed_once;
    mutable std::once_flag built;
    mutable std::atomic<bool> is_built = false;  // spares the way through call_once
    mutable Engines engines;
    mutable std::string failure;
    mutable std::once_flag reverse_built;
    mutable Program reverse_program;  // through reverse() only
    mutable std::once_flag one_pass_tried;
    mutable std::optional<OnePass> one_pass;
    mutable bool is_damaged = false;  // what was stored; set by build()
    mutable ScratchPool<RegexScratch> pool;

    const Engines& get() const {
        if (!is_built.load(std::memory_order_acquire)) {
            std::call_once(built, [this] {
                build();
                is_built.store(true, std::memory_order_release);
            });
        }
        return engines;
    }
    const ProgramView& program() const { return get().program.view(); }

    // What was stored is parsed only for those who ask for the tree.
    const SyntaxTree& tree() const {
        if (is_restored) {
            std::call_once(parsed_once, [this] {
                if (auto again = parse_syntax(pattern, options.syntax); again.ok()) {
                    parsed = std::move(again).value();
                }
            });
        }
        return parsed;
    }

    bool is_built_at_once() const;
    void build() const;
    // One that matches nothing where it would be too large, and why it is.
    Program compiled(Program::Codes codes, std::string& too_large) const;
    bool build_from_store() const;
    void use_prefixes(Prefixes prefixes, std::uint32_t required_byte) const;
    const std::optional<OnePass>& one_pass_or_none() const {
        std::call_once(one_pass_tried, [this] {
            if (options.engine == EngineChoice::kAuto) {
                one_pass = OnePass::make(engines.program.view(), options.one_pass_bytes);
            }
        });
        return one_pass;
    }

    // Many expressions never ask where a match begins: what tells is compiled when one does.
    const ProgramView& reverse() const {
        if (get().has_reverse) return engines.program.view();
        std::call_once(reverse_built, [this] {
            std::string too_large;  // then a slower engine finds the begin
            reverse_program = compiled(Program::Codes::kReverse, too_large);
        });
        return reverse_program.view();
    }
    LazyDfa& reverse_of(RegexScratch& scratch) const {
        if (!scratch.reverse) {
            scratch.reverse.emplace(reverse(), Direction::kReverse, LazyDfa::Kind::kLongest,
                                    options.automaton_bytes, nullptr);
        }
        return *scratch.reverse;
    }

    const OnePass* one_pass_of_whole(const SearchInput& input) const;

    ScratchPool<RegexScratch>::Lease scratch() const {
        const Engines& all = get();
        return pool.take([&] {
            return std::make_unique<RegexScratch>(all.program.view(), options.automaton_bytes,
                                                  all.prefilter ? &*all.prefilter : nullptr);
        });
    }

    // Whether a match is out of the question without a look at the text.
    static bool is_hopeless(const ProgramView& program, const SearchInput& input) {
        return input.from > input.to || input.to > input.text.size() ||
               input.to - input.from < program.min_length() ||
               (program.has(kBeginsAtText) && input.from > 0);
    }
    bool uses_automata() const {
        return options.engine == EngineChoice::kAuto || options.engine == EngineChoice::kAutomata;
    }

    std::optional<Span> find(const SearchInput& input, RegexScratch& scratch) const;
    // Whether the search for literals answers alone. Of a state that is built.
    bool is_literal(const SearchInput& input) const {
        return input.anchor == Anchor::kNone && engines.prefilter &&
               engines.prefilter->is_whole() && engines.prefilter->is_active();
    }
    std::optional<Span> find_literal(const SearchInput& input) const;
    bool lacks_required_byte(const SearchInput& input) const;
    bool is_short_for_backtracking(const SearchInput& input) const;
    void find_all(std::string_view text, StepBudget* budget, const CancelToken* cancel,
                  std::vector<Span>& matches) const;
    bool search_slots(const SearchInput& input, RegexScratch& scratch,
                      std::span<std::size_t> slots) const;
    std::optional<Span> find_slowly(const SearchInput& input, RegexScratch& scratch) const {
        std::size_t slots[2];
        if (!search_slots(input, scratch, slots)) return std::nullopt;
        return Span{slots[0], slots[1]};
    }
};

}  // namespace merlon::match
