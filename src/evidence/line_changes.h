#pragma once

// What became of the lines of a file: where those are that stayed, and what stands in place of the
// others.
//
// The idea: P. Heckel's comparison ("A technique for isolating differences between files", CACM
// 21(4), 1978), because a shortest edit script takes what two functions of one shape have in common
// for lines that stayed. A line of at least two words that is once in both texts is where it is
// now, and so are its equal neighbours: those below it as far as its block goes, then those above
// it as far as the block goes that they stand in. A line that is once between two that stayed, in a
// block of which the line that heads it stayed, is that line; then come its neighbours, and others
// below it, because what stands in one block tells less of the next. A few equal lines do not tell
// that they are the same where they went from one block to another and both stayed, nor in an
// outermost block that is another one: a phrase that is once in both texts may have been written
// anew. A line of which this says nothing is one of those between the nearest lines that stayed.
// White space is left out, so that to indent a line is no change; a block that moved has moved.
//
// Thread-safe: no state. Memory: the two texts and 40 bytes a line. Cost: one pass over both texts.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace merlon::evidence {

// Lines of a file of now: those that another one's line may be.
struct LinesNow {
    std::uint32_t first = 0, end = 0;  // the same: it went
    bool is_unchanged = false;         // there is one, and it is that line
    // So are the lines above it up to that which heads its block.
    bool is_with_head = false;
    // One that reads the same is there, and nothing tells that it is that line.
    bool may_be_anew = false;
    std::uint32_t went = 0;  // lines between the nearest ones that stayed
};

// A text as lines without white space, counted from 1.
class BareLines {
  public:
    explicit BareLines(std::string_view text);

    std::uint32_t count() const { return static_cast<std::uint32_t>(lines_.size()); }
    std::string_view at(std::uint32_t line) const;  // empty: there is none
    // How deep it was indented; nothing where it is blank.
    std::optional<std::uint32_t> indentation(std::uint32_t line) const;
    std::uint32_t words(std::uint32_t line) const { return lines_[line - 1].words; }
    // Not where it is blank, a comment, or names another file, as lines do that many files share.
    bool tells(std::uint32_t line) const {
        return !at(line).empty() && !lines_[line - 1].is_common;
    }
    // Whether `code`, without white space, begins in that line.
    bool has_at(std::uint32_t line, std::string_view code) const;

  private:
    struct Line {
        std::size_t begin = 0, end = 0;  // in bare_
        std::uint32_t indentation = 0, words = 0;
        bool is_common = false;
    };
    std::string bare_;
    std::vector<Line> lines_;
};

class LineChanges {
  public:
    LineChanges(std::string_view then, std::string_view now);

    bool has_changed() const { return has_changed_; }  // anything
    const BareLines& then() const { return then_; }
    const BareLines& now() const { return now_; }
    // How much of the longer text is in both, from 0 to 1: lines that are not blank, and no
    // comments or imports, which many files share.
    double likeness() const;
    // Nothing where the text of then has no such line; one that blocks which changed places leave
    // no place went.
    std::optional<LinesNow> of(std::uint32_t line) const;

  private:
    void match_unique_lines();
    void match_unique_in_blocks();
    enum class Reach : std::uint8_t { kBlock, kAll };
    void match_below(Reach reach);
    void match_above();
    using LinePair = std::pair<std::uint32_t, std::uint32_t>;  // of then, of now
    std::set<LinePair> blocks_alike(const std::vector<std::uint32_t>& outermost_then,
                                    const std::vector<std::uint32_t>& outermost_now) const;
    void drop_what_nothing_tells();
    bool has_changed_block(std::uint32_t line) const;
    void take(std::uint32_t then, std::uint32_t now);  // the line of then is that of now
    bool are_equal(std::uint32_t then, std::uint32_t now) const;
    bool is_with_head(std::uint32_t line) const;

    BareLines then_, now_;
    bool has_changed_ = false;
    std::vector<std::uint32_t> is_;   // by line of then: where it is now; 0: not known
    std::vector<std::uint32_t> was_;  // by line of now: where it was
    // By line of then: the nearest ones at it or above, and below, of which it is known; the ends
    // of the texts are.
    std::vector<std::uint32_t> above_, below_;
    std::vector<std::uint32_t> heads_then_, heads_now_;  // by line: what heads its block
    // By line of then: the first of the lines that are still one under the other down to it.
    std::vector<std::uint32_t> together_from_;
    std::vector<bool> may_be_anew_;  // by line of then
};

}  // namespace merlon::evidence
