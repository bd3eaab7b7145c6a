#pragma once

// Pike's machine: every program, every text, with the places of groups, in linear time. It is the
// measure for all other engines, and what they fall back to.
//
// The idea: all threads of the automaton run in step, one byte at a time, ordered by priority; a
// thread that reaches an instruction which one before it has reached is dropped. Each carries the
// places of its groups. Ancestry: Pike's sam, Thompson's grep; Cox, "Regular Expression Matching:
// the Virtual Machine Approach" (2009).
//
// One object belongs to one thread. Cost: text times instructions times groups at worst; memory:
// live threads times groups.

#include <vector>

#include "match/engine.h"

namespace merlon::match {

class Pike {
  public:
    // The leftmost match (first or longest, as the program says) that begins in the range, with as
    // many places as `slots` holds; false where there is none or the budget is exhausted, and then
    // `slots` is as it was.
    bool search(const ProgramView& program, const SearchInput& input, std::span<std::size_t> slots);

  private:
    struct Thread {
        std::uint32_t inst;
        std::uint32_t row;
    };
    struct Threads {
        InstSet seen;
        std::vector<Thread> list;
    };
    struct Job {
        std::uint32_t inst;  // kNowhere: put a slot back
        std::uint32_t slot;
        std::size_t place;
    };

    void add(Threads& threads, std::uint32_t inst, std::size_t at);
    std::uint32_t take_row();
    std::size_t* row(std::uint32_t index) { return rows_.data() + index * slot_count_; }
    void step(std::size_t at);
    void finish_thread(const Thread& thread, std::size_t at);

    const ProgramView* program_ = nullptr;
    std::string_view text_;
    std::size_t to_ = 0;
    std::size_t slot_count_ = 0;
    bool longest_ = false;
    bool matched_ = false;
    Threads current_;
    Threads next_;
    std::vector<Job> jobs_;
    std::vector<std::size_t> rows_;
    std::vector<std::uint32_t> free_rows_;
    std::vector<std::size_t> places_;
    std::vector<std::size_t> best_;
};

}  // namespace merlon::match
