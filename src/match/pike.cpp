#include "match/pike.h"

#include <algorithm>
#include <utility>

namespace merlon::match {

bool Pike::search(const ProgramView& program, const SearchInput& input,
                  std::span<std::size_t> slots) {
    program_ = &program;
    text_ = input.text;
    to_ = input.to;
    // The place of the whole match decides between matches, so it is always known.
    slot_count_ = std::max<std::size_t>(
        2, std::min(slots.size(), 2 * (std::size_t{program.group_count()} + 1)));
    longest_ = program.has(kLongest);
    matched_ = false;
    current_.seen.reset(program.forward().insts.size());
    next_.seen.reset(program.forward().insts.size());
    current_.list.clear();
    next_.list.clear();
    rows_.clear();
    free_rows_.clear();
    places_.assign(slot_count_, kNoPlace);
    best_.assign(slot_count_, kNoPlace);

    const bool by_points = program.has(kMatchesEmpty);
    const bool only_at_begin = program.has(kBeginsAtText);
    for (std::size_t at = input.from;; ++at) {
        const bool may_begin =
            !matched_ &&
            (at == input.from || (input.anchor == Anchor::kNone && !(only_at_begin && at > 0)));
        if (may_begin && (!by_points || is_boundary(text_, at))) {
            std::fill(places_.begin(), places_.end(), kNoPlace);
            add(current_, program.forward().anchored, at);
        }
        if (current_.list.empty() &&
            (matched_ || input.anchor == Anchor::kBegin || only_at_begin)) {
            break;
        }
        if (input.budget != nullptr && !input.budget->take(current_.seen.size() + 1)) return false;
        step(at);
        if (at >= to_) break;
        std::swap(current_, next_);
        next_.list.clear();
        next_.seen.clear();
    }
    if (!matched_) return false;
    std::fill(slots.begin(), slots.end(), kNoPlace);
    std::copy_n(best_.begin(), std::min(slots.size(), best_.size()), slots.begin());
    return true;
}

std::uint32_t Pike::take_row() {
    if (free_rows_.empty()) {
        const auto index = static_cast<std::uint32_t>(rows_.size() / slot_count_);
        rows_.resize(rows_.size() + slot_count_);
        return index;
    }
    const std::uint32_t index = free_rows_.back();
    free_rows_.pop_back();
    return index;
}

void Pike::finish_thread(const Thread& thread, std::size_t at) {
    const std::size_t* places = row(thread.row);
    // Among the longest, the leftmost; among equals, the first in priority stays.
    const bool better = !longest_ || !matched_ || places[0] < best_[0] || best_[1] < at;
    if (!better) return;
    best_.assign(places, places + slot_count_);
    matched_ = true;
}

void Pike::step(std::size_t at) {
    const auto insts = program_->forward().insts;
    const bool has_byte = at < to_;
    for (std::size_t i = 0; i < current_.list.size(); ++i) {
        const Thread thread = current_.list[i];
        const bool is_late = longest_ && matched_ && row(thread.row)[0] > best_[0];
        const Inst& inst = insts[thread.inst];
        if (!is_late && inst.op == InstOp::kMatch) {
            finish_thread(thread, at);
            if (!longest_) {
                for (; i < current_.list.size(); ++i) free_rows_.push_back(current_.list[i].row);
                return;
            }
        } else if (!is_late && has_byte) {
            const std::uint32_t out = step_inst(*program_, inst, byte_at(text_, at));
            if (out != kNowhere) {
                std::copy_n(row(thread.row), slot_count_, places_.begin());
                add(next_, out, at + 1);
            }
        }
        free_rows_.push_back(thread.row);
    }
}

// Follows everything that reads no byte, in order of priority; `places_` is what it has so far, and
// is the same again at the end.
void Pike::add(Threads& threads, std::uint32_t first, std::size_t at) {
    const auto insts = program_->forward().insts;
    constexpr std::uint32_t kNotKnown = 0xFFFF'FFFF;
    std::uint32_t holds = kNotKnown;
    jobs_.clear();
    jobs_.push_back({first, 0, 0});
    while (!jobs_.empty()) {
        const Job job = jobs_.back();
        jobs_.pop_back();
        if (job.inst == kNowhere) {
            places_[job.slot] = job.place;
            continue;
        }
        std::uint32_t index = job.inst;
        while (threads.seen.insert(index)) {
            const Inst& inst = insts[index];
            if (inst.op == InstOp::kAlt) {
                jobs_.push_back({inst.arg, 0, 0});
            } else if (inst.op == InstOp::kCapture) {
                if (inst.arg < slot_count_) {
                    jobs_.push_back({kNowhere, inst.arg, places_[inst.arg]});
                    places_[inst.arg] = at;
                }
            } else if (inst.op == InstOp::kAssert) {
                if (holds == kNotKnown) holds = assertions_at(text_, at);
                if ((inst.arg & ~holds) != 0) break;
            } else {
                if (inst.op != InstOp::kFail) {
                    const std::uint32_t index_of_row = take_row();
                    std::copy_n(places_.begin(), slot_count_, row(index_of_row));
                    threads.list.push_back({index, index_of_row});
                }
                break;
            }
            index = inst.out;
        }
    }
}

}  // namespace merlon::match
