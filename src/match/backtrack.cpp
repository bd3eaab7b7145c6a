#include "match/backtrack.h"

#include <algorithm>

namespace merlon::match {

bool Backtracker::fits(const ProgramView& program, std::size_t length, std::size_t max_bytes) {
    const std::size_t insts = program.forward().insts.size();
    return !program.has(kLongest) && length < max_bytes && (length + 1) * insts <= max_bytes * 8;
}

bool Backtracker::search(const ProgramView& program, const SearchInput& input,
                         std::span<std::size_t> slots) {
    program_ = &program;
    budget_ = input.budget;
    text_ = input.text;
    from_ = input.from;
    to_ = input.to;
    inst_count_ = program.forward().insts.size();
    visited_.assign(((to_ - from_ + 1) * inst_count_ + 63) / 64, 0);
    places_.assign(std::max<std::size_t>(2, slots.size()), kNoPlace);
    const bool by_points = program.has(kMatchesEmpty);
    for (std::size_t begin = from_; begin <= to_; ++begin) {
        if (!by_points || is_boundary(text_, begin)) {
            if (try_at(begin)) {
                std::copy_n(places_.begin(), slots.size(), slots.begin());
                return true;
            }
        }
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
            places_[job.slot] = job.place;
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
            case InstOp::kAlt:
                push({inst.arg, 0, at});
                index = inst.out;
                break;
            case InstOp::kCapture:
                if (inst.arg < places_.size()) {
                    push({kNowhere, inst.arg, places_[inst.arg]});
                    places_[inst.arg] = at;
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
