#include "match/lazy_dfa.h"

#include <algorithm>
#include <cstring>

namespace merlon::match {
namespace {

constexpr std::uint32_t kBeginAssertions = kAssertBeginLine | kAssertBeginText;
constexpr std::uint32_t kAllAssertions = 63;
constexpr std::size_t kFirstBuckets = 64;
// After so many times of emptying the cache, each filling must have paid for itself.
constexpr std::size_t kFreeClears = 3;
constexpr std::size_t kBytesForState = 10;
// What a prefilter has to skip on average, once it has been asked so often, to stay; and after how
// many bytes another text may have made it worth another trial: more each time that it had not.
constexpr std::size_t kTrialSkips = 64;
constexpr std::size_t kWorthwhileSkip = 16;
constexpr std::size_t kFirstRestBytes = std::size_t{16} << 10;
constexpr std::size_t kLongestRestBytes = std::size_t{1} << 20;

std::uint32_t load(const char* cell, std::uint32_t offset) {
    std::uint32_t value = 0;
    std::memcpy(&value, cell + offset, sizeof value);
    return value;
}

std::uint64_t hash_of(std::span<const std::uint32_t> words) {
    std::uint64_t hash = 0x9E37'79B9'7F4A'7C15;
    for (const std::uint32_t word : words) {
        hash = (hash ^ word) * 0xFF51'AFD7'ED55'8CCD;
        hash ^= hash >> 32;
    }
    return hash;
}

}  // namespace

LazyDfa::LazyDfa(const ProgramView& program, Direction direction, Kind kind,
                 std::size_t cache_bytes, const Prefilter* prefilter)
    : program_(program),
      code_(direction == Direction::kForward ? program.forward() : program.reverse()),
      kind_(kind),
      cache_bytes_(cache_bytes),
      own_prefilter_(prefilter),
      prefilter_(prefilter),
      rest_bytes_(kFirstRestBytes / 2),
      end_unit_(program.class_count()),
      has_assertions_(program.has(kHasAssertions)) {
    while (width() < end_unit_ + 1) ++row_shift_;
    for (unsigned byte = 256; byte-- > 0;) {
        const std::uint8_t byte_class = program.classes()[byte];
        offsets_[byte] = static_cast<std::uint16_t>(byte_class * sizeof(StateId));
        byte_of_class_[byte_class] = static_cast<std::uint8_t>(byte);
    }
    clear();
}

std::size_t LazyDfa::memory_bytes() const {
    return table_.size() * sizeof(StateId) + arena_.size() * sizeof(std::uint32_t) +
           states_.size() * sizeof(StoredState) + buckets_.size() * sizeof(std::uint32_t);
}

void LazyDfa::clear() {
    table_.assign(width(), kUnknown);
    table_.resize(std::size_t{2} * width(), dead());
    arena_.clear();
    states_.assign(2, {});
    states_[1].tags = kSpecial;
    buckets_.assign(kFirstBuckets, 0);
    for (auto& starts : starts_) starts.fill(kUnknown);
}

void LazyDfa::begin_collecting() {
    seen_.reset(code_.insts.size());
    collected_.assign(1, 0);
    is_cut_ = false;
}

void LazyDfa::add_mark() {
    if (collected_.size() > 1 && collected_.back() != kMark) collected_.push_back(kMark);
}

// Follows what reads no byte, in order of priority. An assertion is decided where it is among those
// `known` already, and otherwise waits in the state.
void LazyDfa::follow(std::uint32_t first, std::uint32_t holds, std::uint32_t known) {
    if (is_cut_) return;
    const bool has_marks = kind_ == Kind::kLongest && code_.unanchored != code_.anchored;
    stack_.assign(1, first);
    while (!stack_.empty()) {
        std::uint32_t index = stack_.back();
        stack_.pop_back();
        if (index == kMark) {
            add_mark();
            continue;
        }
        while (seen_.insert(index)) {
            const Inst& inst = code_.insts[index];
            if (inst.op == InstOp::kAlt) {
                stack_.push_back(inst.arg);
                if (has_marks && index == code_.unanchored) {
                    stack_.push_back(kMark);
                    add_mark();
                }
                index = inst.out;
            } else if (inst.op == InstOp::kCapture) {
                index = inst.out;
            } else if (inst.op == InstOp::kAssert) {
                if ((inst.arg & ~known) != 0) {
                    collected_.push_back(index);
                    collected_[0] |= kStateWaits;
                    break;
                }
                if ((inst.arg & ~holds) != 0) break;
                index = inst.out;
            } else {
                if (inst.op != InstOp::kFail) collected_.push_back(index);
                if (inst.op == InstOp::kMatch && kind_ == Kind::kFirst) {
                    is_cut_ = true;
                    return;
                }
                break;
            }
        }
    }
}

void LazyDfa::follow_seeds(std::uint32_t holds, std::uint32_t known) {
    begin_collecting();
    for (const std::uint32_t seed : seeds_) {
        if (seed == kMark) {
            add_mark();
        } else {
            follow(seed, holds, known);
        }
    }
}

void LazyDfa::finish_collecting(std::uint32_t flags) {
    if ((collected_[0] & kStateWaits) != 0) {
        flags |= kStateWaits;
        begin_collecting();
        for (const std::uint32_t seed : seeds_) {
            if (seed == kMark) {
                add_mark();
            } else if (seen_.insert(seed)) {
                collected_.push_back(seed);
            }
        }
    } else {
        flags &= kStateMatches;
    }
    if (collected_.back() == kMark && collected_.size() > 1) collected_.pop_back();
    collected_[0] = flags;
    if (kind_ == Kind::kFirst) return;
    // Among threads that began at one place, order means nothing.
    for (auto at = collected_.begin() + 1; at != collected_.end();) {
        const auto end = std::find(at, collected_.end(), kMark);
        std::sort(at, end);
        at = end == collected_.end() ? end : end + 1;
    }
}

LazyDfa::Context LazyDfa::context_before(std::string_view text, std::size_t at) const {
    if (!has_assertions_) return Context::kOther;
    if (at == 0) return Context::kText;
    const std::uint8_t byte = byte_at(text, at - 1);
    return byte == '\n' ? Context::kLine : is_word_byte(byte) ? Context::kWord : Context::kOther;
}

LazyDfa::Context LazyDfa::context_behind(std::string_view text, std::size_t at) const {
    if (!has_assertions_) return Context::kOther;
    if (at == text.size()) return Context::kText;
    const std::uint8_t byte = byte_at(text, at);
    return byte == '\n' ? Context::kLine : is_word_byte(byte) ? Context::kWord : Context::kOther;
}

LazyDfa::StateId LazyDfa::start_state(Context context, Anchor anchor) {
    const auto known = [&] {
        return starts_[static_cast<std::size_t>(anchor)][static_cast<std::size_t>(context)];
    };
    if (known() == kUnknown) {
        if (anchor == Anchor::kNone && prefilter_ != nullptr && !prefilter_->is_active()) {
            own_prefilter_ = prefilter_ = nullptr;
        }
        // All at once: a state that is a start must be tagged before a transition leads to it.
        for (std::size_t i = 0; i < kContexts; ++i) {
            starts_[static_cast<std::size_t>(anchor)][i] =
                make_start(static_cast<Context>(i), anchor);
        }
    }
    return known();
}

LazyDfa::StateId LazyDfa::make_start(Context context, Anchor anchor) {
    std::uint32_t holds = 0;
    if (context == Context::kText) holds = kAssertBeginText | kAssertBeginLine;
    if (context == Context::kLine) holds = kAssertBeginLine;
    seeds_.assign(1, anchor == Anchor::kNone ? code_.unanchored : code_.anchored);
    follow_seeds(holds, kBeginAssertions);
    finish_collecting((context == Context::kWord ? kStateAfterWord : 0) | holds << kHoldsShift);
    const StateId state = intern();
    if (anchor == Anchor::kBegin || prefilter_ == nullptr || is_dead(state)) return state;
    StateId& tags = states_[row_of(state)].tags;
    tags |= kSpecial | kStart;
    return (state & kPlace) | tags;
}

// Puts the state that follows `state` after `unit` into collected_.
void LazyDfa::compute(std::span<const std::uint32_t> state, std::uint32_t unit) {
    const bool at_end = unit == end_unit_;
    const std::uint8_t byte = at_end ? 0 : byte_of_class_[unit];
    const bool is_word = !at_end && is_word_byte(byte);
    if ((state[0] & kStateWaits) != 0) {
        std::uint32_t holds = state[0] >> kHoldsShift;
        if (at_end) holds |= kAssertEndText | kAssertEndLine;
        if (!at_end && byte == '\n') holds |= kAssertEndLine;
        holds |= is_word != ((state[0] & kStateAfterWord) != 0) ? kAssertWordBoundary
                                                                : kAssertNoWordBoundary;
        seeds_.assign(state.begin() + 1, state.end());
        follow_seeds(holds, kAllAssertions);
        before_.assign(collected_.begin() + 1, collected_.end());
    } else {
        before_.assign(state.begin() + 1, state.end());
    }
    const std::uint32_t holds = !at_end && byte == '\n' ? kAssertBeginLine : 0;
    std::uint32_t flags = is_word ? kStateAfterWord : 0;
    seeds_.clear();
    for (const std::uint32_t index : before_) {
        if (index == kMark) {
            if ((flags & kStateMatches) != 0) break;
            seeds_.push_back(kMark);
            continue;
        }
        const Inst& inst = code_.insts[index];
        if (inst.op == InstOp::kMatch) {
            flags |= kStateMatches;
            if (kind_ == Kind::kFirst) break;
        } else if (!at_end) {
            const std::uint32_t out = step_inst(program_, inst, byte);
            if (out != kNowhere) seeds_.push_back(out);
        }
    }
    follow_seeds(holds, kBeginAssertions);
    finish_collecting(flags | holds << kHoldsShift);
}

// The state in collected_, made where it is new.
LazyDfa::StateId LazyDfa::intern() {
    if (collected_.size() == 1 && (collected_[0] & kStateMatches) == 0) return dead();
    if (states_.size() * 2 > buckets_.size()) grow_buckets();
    const std::size_t mask = buckets_.size() - 1;
    std::size_t at = hash_of(collected_) & mask;
    for (; buckets_[at] != 0; at = (at + 1) & mask) {
        const StoredState& stored = states_[buckets_[at]];
        if (stored.size == collected_.size() &&
            std::equal(collected_.begin(), collected_.end(), arena_.begin() + stored.begin)) {
            return place_of(buckets_[at]) | stored.tags;
        }
    }
    const auto row = static_cast<std::uint32_t>(states_.size());
    StoredState stored;
    stored.begin = static_cast<std::uint32_t>(arena_.size());
    stored.size = static_cast<std::uint32_t>(collected_.size());
    if ((collected_[0] & kStateMatches) != 0) stored.tags = kSpecial | kMatch;
    buckets_[at] = row;
    states_.push_back(stored);
    arena_.insert(arena_.end(), collected_.begin(), collected_.end());
    table_.resize(table_.size() + width(), kUnknown);
    return place_of(row) | stored.tags;
}

void LazyDfa::grow_buckets() {
    buckets_.assign(buckets_.size() * 2, 0);
    const std::size_t mask = buckets_.size() - 1;
    for (std::uint32_t row = 2; row < states_.size(); ++row) {
        const StoredState& stored = states_[row];
        std::size_t at = hash_of(std::span(arena_).subspan(stored.begin, stored.size)) & mask;
        while (buckets_[at] != 0) at = (at + 1) & mask;
        buckets_[at] = row;
    }
}

// The state behind `state` for `unit`, worked out; kUnknown where the search has to give up.
// `progress`: bytes read so far, for judging whether the cache is worth its while.
LazyDfa::StateId LazyDfa::next_state(StateId state, std::uint32_t unit, std::size_t progress) {
    const StoredState& stored = states_[row_of(state)];
    compute(std::span(arena_).subspan(stored.begin, stored.size), unit);
    const std::size_t needed = (width() + collected_.size()) * sizeof(std::uint32_t);
    const bool is_full = memory_bytes() + needed > cache_bytes_ && states_.size() > 16;
    if (is_full || place_of(states_.size() + 1) + std::size_t{4} * width() > kPlace) {
        if (++clears_ > kFreeClears &&
            progress - clear_progress_ < kBytesForState * states_.size()) {
            gave_up_ = true;
            return kUnknown;
        }
        clear_progress_ = progress;
        const std::vector<std::uint32_t> kept = collected_;
        clear();
        if (prefilter_ != nullptr) start_state(Context::kOther, Anchor::kNone);
        collected_ = kept;
        return intern();
    }
    const StateId next = intern();
    table_[state / sizeof(StateId) + unit] = next;
    return next;
}

// A budget shortens the range instead of being looked at for each byte: an answer that was reached
// before the shorter range's end is that of the whole.
LazyDfa::Answer LazyDfa::search_forward(const SearchInput& input, Stop stop) {
    if (input.budget == nullptr) return rest_or_run_forward(input, stop);
    SearchInput shorter = input;
    shorter.to = input.from + std::min(input.to - input.from, input.budget->left());
    const Answer answer = rest_or_run_forward(shorter, stop);
    const bool is_cut = shorter.to < input.to && answer.reached >= shorter.to;
    const std::size_t unread = is_cut ? 1 : 0;
    return input.budget->take(answer.reached - input.from + unread)
               ? answer
               : Answer{Outcome::kGaveUp, answer.reached, answer.reached};
}

LazyDfa::Answer LazyDfa::rest_or_run_forward(const SearchInput& input, Stop stop) {
    if (prefilter_ == own_prefilter_) return run_forward(input, stop);
    if (rested_bytes_ >= rest_bytes_) {
        prefilter_ = own_prefilter_;
        rested_bytes_ = 0;
        clear();
    }
    const Answer answer = run_forward(input, stop);
    rested_bytes_ += answer.reached - std::min(answer.reached, input.from);
    return answer;
}

// False where the prefilter skips too little.
bool LazyDfa::is_worth_skipping(std::size_t skipped) {
    skipped_bytes_ += skipped;
    if (++skips_ < kTrialSkips) return true;
    const bool is_worth_it = skipped_bytes_ >= kTrialSkips * kWorthwhileSkip;
    skips_ = skipped_bytes_ = 0;
    // Never shorter again: each rest empties the cache twice.
    if (!is_worth_it) rest_bytes_ = std::min(2 * rest_bytes_, kLongestRestBytes);
    return is_worth_it;
}

// Lets the prefilter rest, and gives the state that `state` is without it: one that is a start for
// one context may hold threads on their way in another.
LazyDfa::StateId LazyDfa::rest_prefilter(StateId state) {
    const StoredState& stored = states_[row_of(state)];
    collected_.assign(arena_.begin() + stored.begin, arena_.begin() + stored.begin + stored.size);
    prefilter_ = nullptr;
    clear();
    return intern() & kPlace;
}

LazyDfa::Answer LazyDfa::run_forward(const SearchInput& input, Stop stop) {
    gave_up_ = false;
    clear_progress_ = 0;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(input.text.data());
    std::size_t at = input.from;
    const std::size_t to = input.to;
    const std::uint16_t* offsets = offsets_.data();
    Answer answer{Outcome::kNone, 0, at};
    StateId next = start_state(context_before(input.text, at), input.anchor);
    if (is_dead(next)) return answer;
    StateId state = next & kPlace;
    const char* rows = table();
    for (;;) {
        if ((next & kStart) != 0 && input.anchor == Anchor::kNone) {
            const std::optional<std::size_t> place = prefilter_->next(input.text, at, to);
            if (!place) {
                answer.reached = to;
                return answer;
            }
            if (!is_worth_skipping(*place - at)) state = rest_prefilter(state);
            if (*place != at) {
                at = *place;
                state = start_state(context_before(input.text, at), Anchor::kNone) & kPlace;
            }
            rows = table();
        }
        next = state;
        // The product of this room: two loads, a test and a move for each byte.
        while (to - at >= 4) {
            const StateId a = load(rows + offsets[bytes[at]], state);
            next = a;
            if ((a & kSpecial) != 0) break;
            state = a;
            ++at;
            const StateId b = load(rows + offsets[bytes[at]], state);
            next = b;
            if ((b & kSpecial) != 0) break;
            state = b;
            ++at;
            const StateId c = load(rows + offsets[bytes[at]], state);
            next = c;
            if ((c & kSpecial) != 0) break;
            state = c;
            ++at;
            const StateId d = load(rows + offsets[bytes[at]], state);
            next = d;
            if ((d & kSpecial) != 0) break;
            state = d;
            ++at;
        }
        const bool at_end = at >= to;
        const std::uint32_t unit =
            at < input.text.size() ? program_.classes()[bytes[at]] : end_unit_;
        next = load(rows + unit * sizeof(StateId), state);
        if (next == kUnknown) {
            next = next_state(state, unit, at - input.from);
            if (gave_up_) return {Outcome::kGaveUp, at, at};
            rows = table();
        }
        if ((next & kMatch) != 0) {
            answer = {Outcome::kFound, at, at};
            if (stop == Stop::kAtAny) return answer;
        }
        if (at_end || is_dead(next)) {
            answer.reached = at;
            return answer;
        }
        state = next & kPlace;
        ++at;
    }
}

// Takes kLanes searches on by kStride bytes, which the text has; whether one met a match.
bool LazyDfa::step_lanes(const char* text, Lane* lanes) const {
    const char* const rows = table();
    const std::uint16_t* const offsets = offsets_.data();
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text);
    const std::uint8_t* const a = bytes + lanes[0].place;
    const std::uint8_t* const b = bytes + lanes[1].place;
    const std::uint8_t* const c = bytes + lanes[2].place;
    const std::uint8_t* const d = bytes + lanes[3].place;
    StateId in_a = lanes[0].state;
    StateId in_b = lanes[1].state;
    StateId in_c = lanes[2].state;
    StateId in_d = lanes[3].state;
    StateId tags = 0;
    // The rows of the unknown and of the dead state lead to themselves.
    for (std::size_t i = 0; i < kStride; ++i) {
        in_a = load(rows + offsets[a[i]], in_a);
        in_b = load(rows + offsets[b[i]], in_b);
        in_c = load(rows + offsets[c[i]], in_c);
        in_d = load(rows + offsets[d[i]], in_d);
        tags |= in_a | in_b | in_c | in_d;
        in_a &= kPlace;
        in_b &= kPlace;
        in_c &= kPlace;
        in_d &= kPlace;
    }
    lanes[0].state = in_a;
    lanes[1].state = in_b;
    lanes[2].state = in_c;
    lanes[3].state = in_d;
    return (tags & kMatch) != 0;
}

// A turn of each lane, `done` bytes behind its place. Lanes that are decided go: what may match, or
// is not known, is kept in `places` from `kept` on.
std::size_t LazyDfa::take_turn(std::string_view text, std::size_t done,
                               std::vector<std::size_t>& places, std::size_t& kept) {
    const StateId dead_place = dead() & kPlace;
    std::size_t count = 0;
    for (const Lane& lane : lanes_) {
        if (text.size() - lane.place >= done + kStride) {
            lanes_[count++] = lane;
        } else {
            places[kept++] = lane.place;  // too near to the end
        }
    }
    lanes_.resize(count);
    if (count == 0) return 0;
    while (lanes_.size() % kLanes != 0) lanes_.push_back({lanes_.front().place, dead_place});
    std::size_t left = 0;
    for (std::size_t i = 0; i < count; i += kLanes) {
        const bool has_match = step_lanes(text.data() + done, &lanes_[i]);
        for (std::size_t k = i; k < std::min(i + kLanes, count); ++k) {
            const Lane lane = lanes_[k];
            if (has_match || lane.state == (kUnknown & kPlace)) {
                places[kept++] = lane.place;
            } else if (lane.state != dead_place) {
                lanes_[left++] = lane;
            }
        }
    }
    lanes_.resize(left);
    return count * kStride;
}

std::size_t LazyDfa::keep_hopeful(std::string_view text, std::vector<std::size_t>& places) {
    constexpr std::size_t kBlock = 256;
    constexpr std::size_t kTurns = 4;
    std::size_t read = 0;
    std::size_t kept = 0;
    for (std::size_t from = 0; from < places.size(); from += kBlock) {
        const std::size_t to = std::min(from + kBlock, places.size());
        lanes_.clear();
        for (std::size_t i = from; i < to; ++i) {
            const StateId state = start_state(context_before(text, places[i]), Anchor::kBegin);
            lanes_.push_back({places[i], state & kPlace});
        }
        // No more of a block are kept than it has: none is overwritten before it is taken.
        for (std::size_t turn = 0; turn < kTurns && !lanes_.empty(); ++turn) {
            read += take_turn(text, turn * kStride, places, kept);
        }
        for (const Lane& lane : lanes_) places[kept++] = lane.place;
    }
    places.resize(kept);
    return read;
}

LazyDfa::Answer LazyDfa::search_reverse(const SearchInput& input, Stop stop) {
    if (input.budget == nullptr) return run_reverse(input, stop);
    SearchInput shorter = input;
    shorter.from = input.to - std::min(input.to - input.from, input.budget->left());
    const Answer answer = run_reverse(shorter, stop);
    const bool is_cut = shorter.from > input.from && answer.reached <= shorter.from;
    const std::size_t unread = is_cut ? 1 : 0;
    return input.budget->take(input.to - answer.reached + unread)
               ? answer
               : Answer{Outcome::kGaveUp, answer.reached, answer.reached};
}

LazyDfa::Answer LazyDfa::run_reverse(const SearchInput& input, Stop stop) {
    gave_up_ = false;
    clear_progress_ = 0;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(input.text.data());
    std::size_t at = input.to;
    const std::size_t from = input.from;
    const std::uint16_t* offsets = offsets_.data();
    Answer answer{Outcome::kNone, 0, at};
    StateId next = start_state(context_behind(input.text, at), Anchor::kBegin);
    if (is_dead(next)) return answer;
    StateId state = next & kPlace;
    const char* rows = table();
    for (;;) {
        while (at > from) {
            next = load(rows + offsets[bytes[at - 1]], state);
            if ((next & kSpecial) != 0) break;
            state = next;
            --at;
        }
        const bool at_end = at <= from;
        const std::uint32_t unit = at > 0 ? program_.classes()[bytes[at - 1]] : end_unit_;
        next = load(rows + unit * sizeof(StateId), state);
        if (next == kUnknown) {
            next = next_state(state, unit, input.to - at);
            if (gave_up_) return {Outcome::kGaveUp, at, at};
            rows = table();
        }
        if ((next & kMatch) != 0) {
            answer = {Outcome::kFound, at, at};
            if (stop == Stop::kAtAny) return answer;
        }
        if (at_end || is_dead(next)) {
            answer.reached = at;
            return answer;
        }
        state = next & kPlace;
        --at;
    }
}

}  // namespace merlon::match
