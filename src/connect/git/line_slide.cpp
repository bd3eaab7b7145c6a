#include "connect/git/line_slide.h"

#include <algorithm>
#include <optional>

#include "base/assert.h"

namespace merlon::connect::git {
namespace {

// Lines [begin, end) are marked and their neighbours are not. There is one run, perhaps an empty
// one, between each two unmarked lines, so both sides have the same number of runs, and the n-th of
// one side stands beside the n-th of the other.
struct Run {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    bool empty() const { return begin == end; }
};

Run first_run(const ChangedLines& marks) {
    Run run;
    while (marks[run.end]) ++run.end;
    return run;
}

bool to_next(const ChangedLines& marks, Run& run) {
    if (run.end == marks.count()) return false;
    run.begin = ++run.end;
    while (marks[run.end]) ++run.end;
    return true;
}

void to_previous(const ChangedLines& marks, Run& run) {
    MERLON_ASSERT(run.begin > 0);
    run.end = --run.begin;
    while (marks.before(run.begin)) --run.begin;
}

// How many columns a line is indented, tabs going to the next multiple of 8; nothing for a blank
// line.
constexpr int kMaxIndent = 200;

std::optional<int> indent_of(std::string_view line) {
    int indent = 0;
    for (const char c : line) {
        if (c == ' ') {
            ++indent;
        } else if (c == '\t') {
            indent += 8 - indent % 8;
        } else if (c != '\n' && c != '\r') {
            return indent;
        }
        if (indent >= kMaxIndent) return kMaxIndent;
    }
    return std::nullopt;
}

// What stands around a cut between two lines: the first line that is not blank on either side, and
// how many blank ones lie before it.
struct Surroundings {
    std::optional<int> indent = {};
    std::uint32_t blanks = 0;
};

constexpr std::uint32_t kMaxBlanks = 20;  // so many blank lines are as good as a line at column 0

Surroundings look_up(const Lines& lines, std::uint32_t cut) {
    Surroundings above;
    for (std::uint32_t i = cut; i > 0; --i) {
        above.indent = indent_of(lines[i - 1]);
        if (above.indent) return above;
        if (++above.blanks == kMaxBlanks) return {0, kMaxBlanks};
    }
    return above;
}

Surroundings look_down(const Lines& lines, std::uint32_t first) {
    Surroundings below;
    for (std::uint32_t i = first; i < lines.count(); ++i) {
        below.indent = indent_of(lines[i]);
        if (below.indent) return below;
        if (++below.blanks == kMaxBlanks) return {0, kMaxBlanks};
    }
    return below;
}

// How badly a cut reads. Less indentation is better, whatever the penalty, which only weighs what
// is within one column of indentation.
struct CutScore {
    int indent = 0;
    int penalty = 0;

    bool worse_than(const CutScore& other) const {
        constexpr int kIndentWeight = 60;
        const int columns = (indent > other.indent) - (indent < other.indent);
        return kIndentWeight * columns + (penalty - other.penalty) > 0;
    }
};

// The penalty of a cut before a line of `indent` columns.
int indentation_penalty(int indent, int above, const Surroundings& below, bool with_blanks) {
    if (indent > above) return with_blanks ? 10 : -4;  // the line opens a block
    if (indent == above) return 0;
    // The line stands further out: it is the end of a block, or, if what follows it is further in
    // again, something like the `else` between two.
    const bool opens_another = below.indent && *below.indent > indent;
    if (opens_another) return with_blanks ? 17 : 24;
    return with_blanks ? 17 : 23;
}

void add_cut(const Lines& lines, std::uint32_t cut, CutScore& score) {
    constexpr int kAtFirstLine = 1;
    constexpr int kAtEnd = 21;
    constexpr int kEachBlank = -30;
    constexpr int kEachBlankBehind = 6;

    const bool at_end = cut >= lines.count();
    const std::optional<int> own = at_end ? std::nullopt : indent_of(lines[cut]);
    const Surroundings above = look_up(lines, cut);
    const Surroundings below = look_down(lines, cut + 1);

    if (!above.indent && above.blanks == 0) score.penalty += kAtFirstLine;
    if (at_end) score.penalty += kAtEnd;

    const int blanks_behind = own ? 0 : 1 + static_cast<int>(below.blanks);
    const int blanks = static_cast<int>(above.blanks) + blanks_behind;
    score.penalty += kEachBlank * blanks + kEachBlankBehind * blanks_behind;

    const std::optional<int> indent = own ? own : below.indent;
    score.indent += indent.value_or(-1);
    if (indent && above.indent)
        score.penalty += indentation_penalty(*indent, *above.indent, below, blanks != 0);
}

class Slider {
  public:
    Slider(const Lines& lines, ChangedLines& marks, const ChangedLines& other)
        : lines_(lines),
          marks_(marks),
          other_(other),
          run_(first_run(marks)),
          beside_(first_run(other)) {}

    void slide_all() {
        do {
            if (!run_.empty()) place();
            skip_clear();
            const bool more = to_next(other_, beside_);
            if (!to_next(marks_, run_)) {
                MERLON_ASSERT(!more);
                return;
            }
            MERLON_ASSERT(more);
        } while (true);
    }

  private:
    // Over the empty runs of both sides, which are nearly all.
    void skip_clear() {
        if (!run_.empty() || !beside_.empty()) return;
        while (marks_.are_clear(run_.end + 1) && other_.are_clear(beside_.end + 1)) {
            run_.begin = run_.end += ChangedLines::kAtOnce;
            beside_.begin = beside_.end += ChangedLines::kAtOnce;
        }
    }

    // Moves the run and the one beside it by one line, if the line that enters equals the one that
    // leaves; a run that is met becomes part of it.
    bool move_up() {
        if (run_.begin == 0 || lines_[run_.begin - 1] != lines_[run_.end - 1]) return false;
        marks_.set(--run_.begin);
        marks_.clear(--run_.end);
        while (marks_.before(run_.begin)) --run_.begin;
        to_previous(other_, beside_);
        return true;
    }

    bool move_down() {
        if (run_.end == lines_.count() || lines_[run_.begin] != lines_[run_.end]) return false;
        marks_.clear(run_.begin++);
        marks_.set(run_.end++);
        while (marks_[run_.end]) ++run_.end;
        const bool moved = to_next(other_, beside_);
        MERLON_ASSERT(moved);
        return true;
    }

    // The way up that has been gone down is always free.
    void move_back_up() {
        const bool moved = move_up();
        MERLON_ASSERT(moved);
    }

    void place() {
        std::uint32_t size = 0;
        std::uint32_t highest_end = 0;
        bool met_other = false;
        do {  // again when it has grown, for it may go further now
            size = run_.end - run_.begin;
            while (move_up()) {
            }
            highest_end = run_.end;
            met_other = !beside_.empty();
            while (move_down()) met_other = met_other || !beside_.empty();
        } while (run_.end - run_.begin != size);

        if (run_.end == highest_end) return;
        if (met_other) {
            while (beside_.empty()) move_back_up();
            return;
        }
        const std::uint32_t best = best_end(highest_end, size);
        while (run_.end > best) move_back_up();
    }

    std::uint32_t best_end(std::uint32_t highest_end, std::uint32_t size) const {
        constexpr std::uint32_t kMaxWay = 100;
        std::uint32_t end = highest_end;
        if (run_.end > size + 1) end = std::max(end, run_.end - size - 1);
        if (run_.end > kMaxWay) end = std::max(end, run_.end - kMaxWay);

        std::uint32_t best = end;
        std::optional<CutScore> best_score;
        for (; end <= run_.end; ++end) {
            CutScore score;
            add_cut(lines_, end, score);
            add_cut(lines_, end - size, score);
            if (!best_score || !score.worse_than(*best_score)) {
                best_score = score;
                best = end;
            }
        }
        return best;
    }

    const Lines& lines_;
    ChangedLines& marks_;
    const ChangedLines& other_;
    Run run_;
    Run beside_;
};

}  // namespace

void slide_changes(const Lines& lines, ChangedLines& changed, const ChangedLines& other) {
    Slider(lines, changed, other).slide_all();
}

}  // namespace merlon::connect::git
