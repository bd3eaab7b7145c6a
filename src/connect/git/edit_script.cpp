#include "connect/git/edit_script.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "connect/git/line_classes.h"

namespace merlon::connect::git {
namespace {

using Classes = std::vector<std::uint32_t>;

// The power of two next to the square root, roughly: git's measure for "too many" and "too long".
std::uint32_t rough_square_root(std::uint32_t number) {
    std::uint32_t root = 1;
    for (; number > 0; number /= 4) root *= 2;
    return root;
}

// ---- step 1: lines that need no search ---------------------------------------------------------

// How often a line occurs on the other side.
enum class Occurrence : std::uint8_t { kNever, kSometimes, kOften };

Occurrence occurrence(std::uint32_t times, std::uint32_t often) {
    if (times == 0) return Occurrence::kNever;
    return times >= often ? Occurrence::kOften : Occurrence::kSometimes;
}

// What stands in one direction from a line: up to the next line that occurs sometimes, or 100
// lines.
struct Neighbours {
    std::uint32_t never = 0;
    std::uint32_t often = 0;
};

constexpr std::size_t kNeighbourhood = 100;

void count(Neighbours& seen, Occurrence what) {
    if (what == Occurrence::kNever) {
        ++seen.never;
    } else {
        ++seen.often;
    }
}

// A line that occurs often is kept out of the search when it stands, on both sides, among lines
// that occur never, and these are the great majority: to match a blank line there makes no diff
// better.
bool is_drowned(const std::vector<Occurrence>& lines, std::size_t at) {
    Neighbours above;
    for (std::size_t i = at; i > 0 && at - i < kNeighbourhood; --i) {
        if (lines[i - 1] == Occurrence::kSometimes) break;
        count(above, lines[i - 1]);
    }
    if (above.never == 0) return false;
    Neighbours below;
    for (std::size_t i = at + 1; i < lines.size() && i - at <= kNeighbourhood; ++i) {
        if (lines[i] == Occurrence::kSometimes) break;
        count(below, lines[i]);
    }
    if (below.never == 0) return false;
    // The line itself counts once on either side.
    const std::uint32_t often = above.often + below.often + 2;
    const std::uint32_t never = above.never + below.never;
    return often * 4 < often + never;
}

// One side of the search: the classes of the lines that take part, and which lines these are.
struct Side {
    Classes classes;
    std::vector<std::uint32_t> lines;
    ChangedLines* changed = nullptr;

    std::int32_t size() const { return static_cast<std::int32_t>(lines.size()); }
    void mark(std::int32_t begin, std::int32_t end) {
        for (std::int32_t i = begin; i < end; ++i) changed->set(lines[static_cast<std::size_t>(i)]);
    }
};

// `classes` are those of the lines from `first` on; `times` how often each class occurs in the
// other text, all of it.
Side choose_lines(const Classes& classes, std::uint32_t first,
                  const std::vector<std::uint32_t>& times, std::uint32_t line_count,
                  ChangedLines& changed) {
    const std::uint32_t often = std::min<std::uint32_t>(rough_square_root(line_count), 1024);
    std::vector<Occurrence> occurrences(classes.size());
    for (std::size_t i = 0; i < classes.size(); ++i)
        occurrences[i] = occurrence(times[classes[i]], often);

    Side side;
    side.changed = &changed;
    side.classes.reserve(classes.size());
    side.lines.reserve(classes.size());
    for (std::size_t i = 0; i < classes.size(); ++i) {
        const std::uint32_t line = first + static_cast<std::uint32_t>(i);
        const bool searched = occurrences[i] == Occurrence::kSometimes ||
                              (occurrences[i] == Occurrence::kOften && !is_drowned(occurrences, i));
        if (searched) {
            side.classes.push_back(classes[i]);
            side.lines.push_back(line);
        } else {
            changed.set(line);
        }
    }
    return side;
}

// ---- step 2: Myers -----------------------------------------------------------------------------

constexpr std::int32_t kLongSnake = 20;     // so many equal lines in a row are worth a look
constexpr std::int32_t kPatience = 256;     // edits without them
constexpr std::int32_t kInterestRatio = 4;  // lines gone per edit that make a path interesting
constexpr std::int32_t kLowestMaxCost = 256;
constexpr std::int32_t kFarAway = std::numeric_limits<std::int32_t>::max();

enum class Quality : std::uint8_t { kQuick, kMinimal };

// Part of the grid of old lines by new lines that is to be crossed. Diagonals are numbered old -
// new.
struct Box {
    std::int32_t old_begin, old_end, new_begin, new_end;
    Quality quality;

    bool inside_down(std::int32_t old_at, std::int32_t new_at) const {
        return old_at < old_end && new_at < new_end;
    }
    bool inside_up(std::int32_t old_at, std::int32_t new_at) const {
        return old_at > old_begin && new_at > new_begin;
    }
};

// Where a path crosses the box, and how well each part must be searched.
struct Split {
    std::int32_t old_at, new_at;
    Quality before, after;
};

// How far a search has come on each diagonal from `low` to `high`: an old line. The diagonals next
// to them hold a value that no path prefers.
class Frontier {
  public:
    Frontier(std::int32_t old_size, std::int32_t new_size, std::int32_t nowhere)
        : reached_(static_cast<std::size_t>(old_size) + static_cast<std::size_t>(new_size) + 3),
          zero_(new_size + 1),
          nowhere_(nowhere) {}

    void start(std::int32_t diagonal, std::int32_t old_at) {
        low = high = diagonal;
        (*this)[diagonal] = old_at;
    }

    // One more edit reaches one more diagonal on either side, inside the box; outside, it is only
    // every second of those known.
    void widen(std::int32_t lowest, std::int32_t highest) {
        if (low > lowest) {
            (*this)[--low - 1] = nowhere_;
        } else {
            ++low;
        }
        if (high < highest) {
            (*this)[++high + 1] = nowhere_;
        } else {
            --high;
        }
    }

    bool covers(std::int32_t diagonal) const { return low <= diagonal && diagonal <= high; }
    std::int32_t& operator[](std::int32_t diagonal) {
        return reached_[static_cast<std::size_t>(diagonal + zero_)];
    }

    std::int32_t low = 0;
    std::int32_t high = 0;

  private:
    std::vector<std::int32_t> reached_;
    std::int32_t zero_;
    std::int32_t nowhere_;
};

class Search {
  public:
    Search(Side& old_side, Side& new_side)
        : old_(old_side),
          new_(new_side),
          down_(old_side.size(), new_side.size(), -1),
          up_(old_side.size(), new_side.size(), kFarAway),
          max_cost_(std::max(static_cast<std::int32_t>(rough_square_root(static_cast<std::uint32_t>(
                                 old_side.size() + new_side.size() + 3))),
                             kLowestMaxCost)) {}

    void run() {
        std::vector<Box> open{{0, old_.size(), 0, new_.size(), Quality::kQuick}};
        while (!open.empty()) {
            Box box = open.back();
            open.pop_back();
            while (box.inside_down(box.old_begin, box.new_begin) &&
                   equal(box.old_begin, box.new_begin)) {
                ++box.old_begin;
                ++box.new_begin;
            }
            while (box.inside_up(box.old_end, box.new_end) &&
                   equal(box.old_end - 1, box.new_end - 1)) {
                --box.old_end;
                --box.new_end;
            }
            if (box.old_begin == box.old_end) {
                new_.mark(box.new_begin, box.new_end);
            } else if (box.new_begin == box.new_end) {
                old_.mark(box.old_begin, box.old_end);
            } else {
                const Split at = split(box);
                open.push_back({at.old_at, box.old_end, at.new_at, box.new_end, at.after});
                open.push_back({box.old_begin, at.old_at, box.new_begin, at.new_at, at.before});
            }
        }
    }

  private:
    bool equal(std::int32_t old_at, std::int32_t new_at) const {
        return old_.classes[static_cast<std::size_t>(old_at)] ==
               new_.classes[static_cast<std::size_t>(new_at)];
    }

    // Searches from both corners, one edit at a time, until the paths meet or patience ends.
    Split split(const Box& box) {
        const std::int32_t lowest = box.old_begin - box.new_end;
        const std::int32_t highest = box.old_end - box.new_begin;
        const std::int32_t down_start = box.old_begin - box.new_begin;
        const std::int32_t up_start = box.old_end - box.new_end;
        const bool meet_on_way_down = ((down_start - up_start) & 1) != 0;
        down_.start(down_start, box.old_begin);
        up_.start(up_start, box.old_end);

        for (std::int32_t cost = 1;; ++cost) {
            bool long_snake = false;
            Split met{};
            down_.widen(lowest, highest);
            if (step_down(box, meet_on_way_down, long_snake, met)) return met;
            up_.widen(lowest, highest);
            if (step_up(box, !meet_on_way_down, long_snake, met)) return met;
            if (box.quality == Quality::kMinimal) continue;
            if (long_snake && cost > kPatience) {
                if (interesting_way_down(box, down_start, cost, met)) return met;
                if (interesting_way_up(box, up_start, cost, met)) return met;
            }
            if (cost >= max_cost_) return furthest(box);
        }
    }

    bool step_down(const Box& box, bool may_meet, bool& long_snake, Split& met) {
        for (std::int32_t d = down_.high; d >= down_.low; d -= 2) {
            const std::int32_t start =
                down_[d - 1] >= down_[d + 1] ? down_[d - 1] + 1 : down_[d + 1];
            std::int32_t at = start;
            while (box.inside_down(at, at - d) && equal(at, at - d)) ++at;
            long_snake = long_snake || at - start > kLongSnake;
            down_[d] = at;
            if (may_meet && up_.covers(d) && up_[d] <= at) {
                met = {at, at - d, Quality::kMinimal, Quality::kMinimal};
                return true;
            }
        }
        return false;
    }

    bool step_up(const Box& box, bool may_meet, bool& long_snake, Split& met) {
        for (std::int32_t d = up_.high; d >= up_.low; d -= 2) {
            const std::int32_t start = up_[d - 1] < up_[d + 1] ? up_[d - 1] : up_[d + 1] - 1;
            std::int32_t at = start;
            while (box.inside_up(at, at - d) && equal(at - 1, at - d - 1)) --at;
            long_snake = long_snake || start - at > kLongSnake;
            up_[d] = at;
            if (may_meet && down_.covers(d) && at <= down_[d]) {
                met = {at, at - d, Quality::kMinimal, Quality::kMinimal};
                return true;
            }
        }
        return false;
    }

    // The path that got furthest for its cost and has just come down a long snake, if one has.
    bool interesting_way_down(const Box& box, std::int32_t start, std::int32_t cost, Split& best) {
        std::int32_t best_gain = 0;
        for (std::int32_t d = down_.high; d >= down_.low; d -= 2) {
            const std::int32_t old_at = down_[d];
            const std::int32_t new_at = old_at - d;
            const std::int32_t gain =
                (old_at - box.old_begin) + (new_at - box.new_begin) - std::abs(d - start);
            if (gain <= kInterestRatio * cost || gain <= best_gain) continue;
            if (old_at < box.old_begin + kLongSnake || new_at < box.new_begin + kLongSnake)
                continue;
            if (!box.inside_down(old_at, new_at)) continue;
            if (!all_equal(old_at - kLongSnake, new_at - kLongSnake)) continue;
            best_gain = gain;
            best = {old_at, new_at, Quality::kMinimal, Quality::kQuick};
        }
        return best_gain > 0;
    }

    bool interesting_way_up(const Box& box, std::int32_t start, std::int32_t cost, Split& best) {
        std::int32_t best_gain = 0;
        for (std::int32_t d = up_.high; d >= up_.low; d -= 2) {
            const std::int32_t old_at = up_[d];
            const std::int32_t new_at = old_at - d;
            const std::int32_t gain =
                (box.old_end - old_at) + (box.new_end - new_at) - std::abs(d - start);
            if (gain <= kInterestRatio * cost || gain <= best_gain) continue;
            if (old_at > box.old_end - kLongSnake || new_at > box.new_end - kLongSnake) continue;
            if (!box.inside_up(old_at, new_at)) continue;
            if (!all_equal(old_at, new_at)) continue;
            best_gain = gain;
            best = {old_at, new_at, Quality::kQuick, Quality::kMinimal};
        }
        return best_gain > 0;
    }

    bool all_equal(std::int32_t old_at, std::int32_t new_at) const {
        for (std::int32_t i = 0; i < kLongSnake; ++i) {
            if (!equal(old_at + i, new_at + i)) return false;
        }
        return true;
    }

    // Enough is enough: the path of either direction that has most of the box behind it.
    Split furthest(const Box& box) {
        std::int64_t down_sum = -1;
        std::int32_t down_old = -1;
        for (std::int32_t d = down_.high; d >= down_.low; d -= 2) {
            std::int32_t at = std::min(down_[d], box.old_end);
            if (at - d > box.new_end) at = box.new_end + d;
            const std::int64_t sum = std::int64_t{at} + (at - d);
            if (sum > down_sum) {
                down_sum = sum;
                down_old = at;
            }
        }
        std::int64_t up_sum = std::numeric_limits<std::int64_t>::max();
        std::int32_t up_old = -1;
        for (std::int32_t d = up_.high; d >= up_.low; d -= 2) {
            std::int32_t at = std::max(box.old_begin, up_[d]);
            if (at - d < box.new_begin) at = box.new_begin + d;
            const std::int64_t sum = std::int64_t{at} + (at - d);
            if (sum < up_sum) {
                up_sum = sum;
                up_old = at;
            }
        }
        const std::int64_t gone_down = down_sum - (box.old_begin + box.new_begin);
        const std::int64_t gone_up = (box.old_end + box.new_end) - up_sum;
        if (gone_up < gone_down) {
            return {down_old, static_cast<std::int32_t>(down_sum - down_old), Quality::kMinimal,
                    Quality::kQuick};
        }
        return {up_old, static_cast<std::int32_t>(up_sum - up_old), Quality::kQuick,
                Quality::kMinimal};
    }

    Side& old_;
    Side& new_;
    Frontier down_;
    Frontier up_;
    std::int32_t max_cost_;
};

}  // namespace

void mark_changes(const Lines& old_lines, const Lines& new_lines, ChangedLines& old_changed,
                  ChangedLines& new_changed) {
    const EqualEnds ends = equal_ends(old_lines, new_lines);
    const std::uint32_t old_end = old_lines.count() - ends.last;
    const std::uint32_t new_end = new_lines.count() - ends.last;
    if (ends.first == old_end || ends.first == new_end) {
        for (std::uint32_t i = ends.first; i < old_end; ++i) old_changed.set(i);
        for (std::uint32_t j = ends.first; j < new_end; ++j) new_changed.set(j);
        return;
    }

    const LineClasses classes = classify_lines(old_lines, ends.first, old_end, new_lines, new_end);
    Side old_side = choose_lines(classes.old_lines, ends.first, classes.times_in_new,
                                 old_lines.count(), old_changed);
    Side new_side = choose_lines(classes.new_lines, ends.first, classes.times_in_old,
                                 new_lines.count(), new_changed);
    Search(old_side, new_side).run();
}

}  // namespace merlon::connect::git
