#pragma once

// Backtracking that remembers where it has been: for small programs and texts, where it beats
// Pike's machine by far.
//
// The idea: try the ways through the automaton in order of priority, as Perl does, but mark each
// pair of instruction and place, and never try one twice; a pair that failed once fails again. So
// the time is bounded by the number of pairs, and the marks are one bit each. Ancestry: RE2's
// bitstate.cc. An instruction that only one way leads to is tried as often as the one before it,
// so only where ways join are there marks; and a way that the next byte closes is not begun.
//
// Leftmost-first programs only. `program` must outlive the object. One object belongs to one
// thread. Cost: instructions times text at worst, in time and in bits, which is why callers ask
// fits() first.

#include <vector>

#include "match/engine.h"

namespace merlon::match {

class Backtracker {
  public:
    explicit Backtracker(const ProgramView& program) : program_(&program) {}

    // Whether a search over `length` bytes takes at most `max_bytes` for its marks.
    static bool fits(const ProgramView& program, std::size_t length, std::size_t max_bytes);

    // As Pike::search, but without a match it leaves any places in `slots`.
    bool search(const SearchInput& input, std::span<std::size_t> slots);

  private:
    struct Job {
        std::uint32_t inst;  // kNowhere: put a slot back
        std::uint32_t slot;
        std::size_t place;
    };

    void push(const Job& job) {
        if (job_count_ == jobs_.size()) jobs_.resize(2 * job_count_ + 64);
        jobs_.data()[job_count_++] = job;
    }

    bool try_at(std::size_t begin);
    bool run(std::uint32_t inst, std::size_t at);
    bool visit(std::uint32_t inst, std::size_t at) {
        const std::uint32_t mark = marks_[inst];
        if (mark == kNoMark) return true;
        const std::size_t bit = (at - from_) * mark_count_ + mark;
        std::uint64_t& word = visited_[bit / 64];
        const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
        if ((word & mask) != 0) return false;
        word |= mask;
        return true;
    }

    void number_marks();
    std::uint32_t look_ahead(std::uint32_t inst, std::size_t at) const;
    bool may_go_on() { return budget_ == nullptr || budget_->take(1); }

    static constexpr std::uint32_t kNoMark = 0xFFFF'FFFF;
    static constexpr std::uint32_t kOpen = 0xFFFF'FFFE;  // of look_ahead()

    const ProgramView* program_;
    StepBudget* budget_ = nullptr;
    std::string_view text_;
    std::size_t from_ = 0;
    std::size_t to_ = 0;
    std::vector<std::uint32_t> marks_;  // by instruction; made at the first search
    std::size_t mark_count_ = 0;        // of each place
    std::vector<std::uint64_t> visited_;
    std::vector<Job> jobs_;  // the first job_count_ are waiting
    std::size_t job_count_ = 0;
    std::span<std::size_t> slots_;
};

}  // namespace merlon::match
