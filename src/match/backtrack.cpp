#include "match/backtrack.h"

#include <cstring>

namespace merlon::match {

bool Backtracker::fits(const ProgramView& program, std::size_t length, std::size_t max_bytes) {
    const std::size_t insts = program.forward().insts.size();
    return !program.has(kLongest) && length < max_bytes && (length + 1) * insts <= max_bytes * 8;
}

// A way that begins a match leads to the first instruction besides those within the program.
void Backtracker::number_marks() {
    const std::span<const Inst> insts = program_->forward().insts;
    std::vector<std::uint8_t> ways(insts.size(), 0);
    const auto count = [&ways](std::uint32_t to) {
        ways[to] = static_cast<std::uint8_t>(ways[to] + (ways[to] < 2 ? 1 : 0));
    };
    count(program_->forward().anchored);
    for (const Inst& inst : insts) {
        if (inst.op == InstOp::kFail || inst.op == InstOp::kMatch) continue;
        if (inst.op == InstOp::kAlt) count(inst.arg);
        if (inst.op != InstOp::kSparse) {
            count(inst.out);
            continue;
        }
        for (std::size_t i = 0; i <= inst.low; ++i) {
            count(program_->transitions()[inst.arg + i].out);
        }
    }
    marks_.assign(insts.size(), kNoMark);
    for (std::size_t i = 0; i < insts.size(); ++i) {
        if (ways[i] > 1) marks_[i] = static_cast<std::uint32_t>(mark_count_++);
    }
}

// Where the next byte leads from here, which is kNowhere where it closes this way; kOpen where more
// than that byte has a say.
[[gnu::always_inline]] inline std::uint32_t Backtracker::look_ahead(std::uint32_t index,
                                                                    std::size_t at) const {
    const auto insts = program_->forward().insts;
    const Inst& inst = insts[index];
    const bool captures = inst.op == InstOp::kCapture;
    const Inst& next = captures ? insts[inst.out] : inst;
    switch (next.op) {
        case InstOp::kRange:
        case InstOp::kSet:
        case InstOp::kSparse: {
            if (at >= to_) return kNowhere;
            const std::uint32_t to = step_inst(*program_, next, byte_at(text_, at));
            return captures && to != kNowhere ? kOpen : to;
        }
        case InstOp::kFail:
            return kNowhere;
        default:
            return kOpen;
    }
}

bool Backtracker::search(const SearchInput& input, std::span<std::size_t> slots) {
    const ProgramView& program = *program_;
    if (marks_.empty()) number_marks();
    budget_ = input.budget;
    text_ = input.text;
    from_ = input.from;
    to_ = input.to;
    visited_.assign(((to_ - from_ + 1) * mark_count_ + 63) / 64, 0);
    slots_ = slots;
    static_assert(kNoPlace == ~std::size_t{0});
    if (!slots.empty()) std::memset(slots.data(), 0xFF, slots.size_bytes());
    const bool by_points = program.has(kMatchesEmpty);
    for (std::size_t begin = from_; begin <= to_; ++begin) {
        if ((!by_points || is_boundary(text_, begin)) && try_at(begin)) return true;
        if (input.anchor == Anchor::kBegin || program.has(kBeginsAtText)) break;
        if (budget_ != nullptr && budget_->is_exhausted()) break;
    }
    return false;
}

// What was visited from an earlier begin led nowhere, so the marks stay.
bool Backtracker::try_at(std::size_t begin) {
    job_count_ = 0;
    push({program_->forward().anchored, 0, begin});
    while (job_count_ > 0) {
        const Job job = jobs_[--job_count_];
        if (job.inst == kNowhere) {
            slots_[job.slot] = job.place;
        } else if (run(job.inst, job.place)) {
            return true;
        }
    }
    return false;
}

// One way on from here, until it matches or fails; the others are left as jobs.
bool Backtracker::run(std::uint32_t index, std::size_t at) {
    const auto insts = program_->forward().insts;
    while (may_go_on() && visit(index, at)) {
        const Inst& inst = insts[index];
        switch (inst.op) {
            case InstOp::kMatch:
                return true;
            case InstOp::kFail:
                return false;
            case InstOp::kAlt: {
                const std::uint32_t preferred = look_ahead(inst.out, at);
                if (preferred == kNowhere) {
                    index = inst.arg;
                    break;
                }
                if (look_ahead(inst.arg, at) != kNowhere) push({inst.arg, 0, at});
                index = inst.out;
                if (preferred == kOpen) break;
                if (!visit(index, at)) return false;
                index = preferred;
                ++at;
                break;
            }
            case InstOp::kCapture:
                if (inst.arg < slots_.size()) {
                    push({kNowhere, inst.arg, slots_[inst.arg]});
                    slots_[inst.arg] = at;
                }
                index = inst.out;
                break;
            case InstOp::kAssert:
                if ((inst.arg & ~assertions_at(text_, at)) != 0) return false;
                index = inst.out;
                break;
            default:
                if (at >= to_) return false;
                index = step_inst(*program_, inst, byte_at(text_, at));
                if (index == kNowhere) return false;
                ++at;
        }
    }
    return false;
}

}  // namespace merlon::match
