#include <algorithm>
#include <utility>

#include "rego/machine.h"

// Rules that are asked for some of their keys.
//
// The idea: what a rule gives for a key is kept by the key, and what it gives for all keys is used
// where it is there. A rule that is asked for many keys is often evaluated quicker for all of them
// at once, and how quick that is nobody knows before: where nobody can tell the difference it is
// tried with as many instructions as were spent on keys so far, times kShare. That is never more
// than a small multiple of either way. A try that takes longer, or meets an error (which may belong
// to a key that nobody asks for), is forgotten, and the key is evaluated alone.
//
// The first key of a loop that goes on is a probe: where it takes long, the rule does not find what
// it is asked for quickly, and nothing is gained by waiting for the end. How long it would take,
// the loop that it is in tells; it is forgotten then, and all keys are tried.

namespace merlon::rego {

using value::Value;

namespace {

// What is spent on keys before all of them are tried.
constexpr std::uint64_t kTriedFrom = 200;
constexpr std::uint64_t kShare = 4;
// Keys that are expected behind the first one where that is a probe.
constexpr std::uint64_t kMoreFrom = 3;

}  // namespace

bool Machine::give_kept(const Register& result, const Instruction& instruction) {
    at(instruction.c) = result;
    return !result.is_nothing();
}

bool Machine::call_by_key(const Instruction& instruction) {
    const Function& function = program_.functions[instruction.a];
    const std::uint32_t whole = function.whole;
    if (!withs_.empty() && shadowed_[whole] > 0) {
        return read_shadowed(program_.functions[whole], instruction);
    }
    if (kept_[whole].epoch == epoch_) return give_kept(kept_[whole].result, instruction);

    const std::span<const std::uint32_t> arguments(program_.lists.data() + instruction.b,
                                                   instruction.count);
    operands_.clear();
    for (const std::uint32_t place : arguments.subspan(2)) {
        Value held;
        const Value* const key = look(place, held);
        if (key == nullptr) return false;
        operands_.push_back(*key);
    }
    Value key;
    for (std::size_t i = 1; i <= operands_.size(); ++i) {
        const std::uint32_t known =
            i == operands_.size() ? instruction.a : program_.lists[function.shorter + i - 1];
        if (known == kNoFunction) continue;
        key = i == 1 ? operands_[0] : builder_.array(std::span(operands_).first(i));
        const Register* const answer = answers_.find(epoch_, known, key);
        if (answer != nullptr) return give_kept(*answer, instruction);
    }

    AskedRule& asked = asked_[whole];
    if (asked.epoch != epoch_) asked = {.epoch = epoch_, .try_at = kTriedFrom};
    const bool may_try = function.may_be_whole && tried_depth_ == 0;
    const bool tries = may_try && asked.spent >= asked.try_at;
    std::uint64_t more = 0;
    const std::uint32_t loop = program_.lists[instruction.b + instruction.count];
    if (may_try && asked.spent == 0 && loop != kNoIterator) {
        const Iterator& round = iterators_[frames_.back().iterators + loop];
        more = round.size - round.next;
    }
    const bool probes = !tries && more >= kMoreFrom;
    const std::uint32_t called = tries ? whole : instruction.a;
    const std::size_t depth = frames_.size();
    call_function(called, tries ? arguments.first(2) : arguments, instruction);
    if (!running_ || frames_.size() == depth) return true;
    if (tries) {
        asked.try_at = asked.spent * kShare;
        try_until(instructions_spent() +
                  std::max(asked.spent * kShare, std::exchange(asked.tried_for, 0)));
        return true;
    }
    asks_.push_back({frames_.size(), instruction.a, key, instructions_spent()});
    if (probes) {
        const auto open = std::span(iterators_).subspan(frames_.back().iterators);
        std::ranges::fill(open.first(frames_.back().function->iterators), Iterator());
        try_until(instructions_spent() + kTriedFrom);
    }
    return true;
}

void Machine::try_until(std::uint64_t spent) {
    tried_depth_ = frames_.size();
    tried_until_ = spent;
    is_turn_over_ = true;
}

// The frame that ends, with its documents as they were.
void Machine::finish_asking(const Register& result) {
    if (tried_depth_ == frames_.size()) tried_depth_ = 0;
    if (asks_.empty() || asks_.back().depth != frames_.size()) return;
    const Ask ask = asks_.back();
    asks_.pop_back();
    const Function& function = program_.functions[ask.function];
    AskedRule& asked = asked_[function.whole];
    if (asked.epoch == epoch_) asked.spent += instructions_spent() - ask.begun;
    // Where somebody can tell, what was not there is looked for again, as in OPA, and so is what
    // has no whole key.
    const bool is_kept = !result.is_nothing() && !function.is_asked_by_parts;
    if (!is_kept && !function.may_be_whole) return;
    answers_.put(epoch_, ask.function, ask.key, result);
}

void Machine::forget_asks_above(std::size_t depth) {
    while (!asks_.empty() && asks_.back().depth > depth) asks_.pop_back();
}

// The rule that is tried, and all that it has called; the question is asked again.
void Machine::give_up_try(AfterTry after) {
    const std::size_t depth = tried_depth_ - 1;
    const Frame tried = frames_[depth];
    tried_depth_ = 0;
    const bool is_probe = tried.function->whole != kNoFunction;
    const std::uint64_t expected = is_probe ? expected_cost(tried) : 0;
    if (is_probe && after == AfterTry::kLater && expected < kTriedFrom * kShare) return;
    if (withs_.size() > tried.withs) pop_withs(withs_.size() - tried.withs);
    forget_asks_above(depth);
    if (is_probe) {
        AskedRule& asked = asked_[tried.function->whole];
        // Its own error is met again, and it is no probe then.
        asked.spent = after == AfterTry::kNeverAgain ? 1 : kTriedFrom;
        asked.tried_for = expected * kShare;
    } else if (after == AfterTry::kNeverAgain) {
        const auto whole = static_cast<std::size_t>(tried.function - program_.functions.data());
        asked_[whole] = {.epoch = epoch_, .try_at = UINT64_MAX};
    }
    growing_used_ = tried.growing;
    registers_used_ = tried.registers;
    iterators_used_ = tried.iterators;
    frames_.resize(depth);
    base_ = frames_.back().registers;
    program_counter_ = tried.return_to - 1;
}

// Of a probe that has taken kTriedFrom: what is left of its longest loop would take as long.
std::uint64_t Machine::expected_cost(const Frame& probe) const {
    std::uint64_t rounds = 1;
    const auto open = std::span(iterators_).subspan(probe.iterators);
    for (const Iterator& one : open.first(probe.function->iterators)) {
        rounds = std::max<std::uint64_t>(rounds, one.size / std::max(one.next, 1U));
    }
    return kTriedFrom * rounds;
}

}  // namespace merlon::rego
