#pragma once

// A deterministic automaton that is built while it runs: where a match ends (forward) or begins
// (reverse), at a table look-up for each byte.
//
// The idea: a state is an ordered set of instructions; the transition for a class of bytes is
// worked out when it is first needed and kept. Whether a match ends before a byte is known when
// that byte is read, since $ and \b look at it; so a state tells of the match before its last byte,
// and a class of its own stands for the end of the text. Leftmost-first cuts what comes after a
// match in priority. When the cache is full it is emptied; when that happens again and again, the
// search gives up and the caller takes another engine, so time stays linear. Ancestry: Thompson's
// grep, RE2's dfa.cc (Cox, "Regular Expression Matching in the Wild", 2010).
//
// One object belongs to one thread and one program. Cost: two loads for each byte; at most
// `cache_bytes` of memory, and a few states more.

#include <array>
#include <cstdint>
#include <vector>

#include "match/engine.h"
#include "match/prefilter.h"
#include "match/utf8_trie.h"

namespace merlon::match {

class LazyDfa {
  public:
    enum class Kind : std::uint8_t {
        kFirst,    // leftmost-first
        kLongest,  // leftmost-longest; a reverse search for the begin is one
    };
    enum class Stop : std::uint8_t {
        kAtBest,  // find where the match ends
        kAtAny,   // whether there is one
    };
    // kGaveUp: another engine must answer, or the budget is exhausted.
    enum class Outcome : std::uint8_t { kNone, kFound, kGaveUp };
    struct Answer {
        Outcome outcome = Outcome::kNone;
        std::size_t place = 0;
        std::size_t reached = 0;  // how far the text was read
    };

    // `prefilter` may be null; it and the program outlive the automaton.
    LazyDfa(const ProgramView& program, Direction direction, Kind kind, std::size_t cache_bytes,
            const Prefilter* prefilter);

    // Reads text[from, to) forward; the place is where the match ends. Of a prefilter that stops
    // nearly everywhere it takes a rest.
    Answer search_forward(const SearchInput& input, Stop stop);
    // Reads text[from, to) backward from `to`, where the match ends; the place is the leftmost
    // begin.
    Answer search_reverse(const SearchInput& input, Stop stop);

    // Keeps of `places` those at which an anchored search forward is not known to come to nothing
    // after some bytes, in another order; builds no state but those it starts in. Returns how many
    // bytes it read. Several searches go by turns: each look-up needs the one before it, so that
    // one search alone waits most of its time.
    std::size_t keep_hopeful(std::string_view text, std::vector<std::size_t>& places);

    std::size_t memory_bytes() const;

  private:
    // Where a state's row lies in the table, in bytes, so that a look-up is one addition off the
    // critical path and one load; the upper bits say that the state needs a closer look.
    using StateId = std::uint32_t;
    static constexpr StateId kSpecial = 1u << 31;
    static constexpr StateId kMatch = 1u << 30;
    static constexpr StateId kStart = 1u << 29;
    static constexpr StateId kPlace = kStart - 1;
    static constexpr StateId kUnknown = kSpecial;  // row 0; row 1 is dead

    // The first word of a stored state.
    static constexpr std::uint32_t kStateMatches = 1;
    static constexpr std::uint32_t kStateWaits = 2;  // an assertion waits for the next byte
    static constexpr std::uint32_t kStateAfterWord = 4;
    static constexpr unsigned kHoldsShift = 8;

    static constexpr std::uint32_t kMark = 0xFFFF'FFFF;  // between threads of different begins

    // What a search begins behind: decides ^ and \b there.
    enum class Context : std::uint8_t { kText, kLine, kWord, kOther };
    static constexpr std::size_t kContexts = 4;

    struct StoredState {
        std::uint32_t begin = 0;  // in the arena
        std::uint32_t size = 0;
        StateId tags = 0;
    };

    // One of the searches that go by turns.
    struct Lane {
        std::size_t place = 0;  // where it began
        StateId state = 0;
    };
    static constexpr std::size_t kLanes = 4;
    static constexpr std::size_t kStride = 8;  // bytes of a turn

    bool step_lanes(const char* text, Lane* lanes) const;
    std::size_t take_turn(std::string_view text, std::size_t done, std::vector<std::size_t>& places,
                          std::size_t& kept);
    Answer rest_or_run_forward(const SearchInput& input, Stop stop);
    Answer run_forward(const SearchInput& input, Stop stop);
    Answer run_reverse(const SearchInput& input, Stop stop);
    bool is_worth_skipping(std::size_t skipped);
    StateId rest_prefilter(StateId state);
    Context context_before(std::string_view text, std::size_t at) const;
    Context context_behind(std::string_view text, std::size_t at) const;
    StateId start_state(Context context, Anchor anchor);
    StateId make_start(Context context, Anchor anchor);

    void begin_collecting();
    void add_mark();
    void follow(std::uint32_t inst, std::uint32_t holds, std::uint32_t known);
    void follow_seeds(std::uint32_t holds, std::uint32_t known);
    void finish_collecting(std::uint32_t flags);
    void compute(std::span<const std::uint32_t> state, std::uint32_t unit);
    StateId intern();
    StateId next_state(StateId state, std::uint32_t unit, std::size_t progress);
    void grow_buckets();
    void clear();

    StateId place_of(std::size_t row) const { return static_cast<StateId>(row << row_shift_); }
    std::size_t row_of(StateId state) const { return (state & kPlace) >> row_shift_; }
    StateId dead() const { return kSpecial | place_of(1); }
    bool is_dead(StateId state) const { return row_of(state) == 1; }
    std::uint32_t width() const { return 1u << (row_shift_ - 2); }
    const char* table() const { return reinterpret_cast<const char*>(table_.data()); }

    const ProgramView& program_;
    const Code& code_;
    Kind kind_;
    std::size_t cache_bytes_;
    const Prefilter* own_prefilter_;
    const Prefilter* prefilter_;  // null while it rests
    std::size_t skips_ = 0;       // what it was asked, and what that was worth
    std::size_t skipped_bytes_ = 0;
    std::size_t rested_bytes_ = 0;
    std::size_t rest_bytes_;                    // doubled before each rest
    std::array<std::uint16_t, 256> offsets_{};  // by byte: where its class lies in a row, in bytes
    std::array<std::uint8_t, 256> byte_of_class_{};
    unsigned row_shift_ = 2;      // a row has a power of two of bytes
    std::uint32_t end_unit_ = 0;  // the class that stands for the end of the text
    bool has_assertions_ = false;
    bool gave_up_ = false;
    bool is_cut_ = false;  // a match was collected: nothing behind it counts
    std::size_t clears_ = 0;
    std::size_t clear_progress_ = 0;

    std::vector<StateId> table_;
    std::vector<std::uint32_t> arena_;
    std::vector<StoredState> states_;     // by row
    std::vector<std::uint32_t> buckets_;  // rows by hash of the state, 0: empty
    std::array<std::array<StateId, kContexts>, 2> starts_{};
    InstSet seen_;
    std::vector<std::uint32_t> collected_;  // the state in the making, flags first
    std::vector<std::uint32_t> seeds_;      // the instructions that it comes from
    std::vector<std::uint32_t> before_;
    std::vector<std::uint32_t> stack_;
    std::vector<Lane> lanes_;
};

}  // namespace merlon::match
