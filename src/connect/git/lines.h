#pragma once

// A text as lines, and one mark for each: the two shapes that the steps of line_diff.h share; and
// what two texts have in common at their ends.
//
// A line holds its line end, so that a last line without one differs from the same line with one.
// Immutable view over bytes that the caller keeps. Cost: one pass, 4 bytes a line.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace merlon::connect::git {

// How many bytes of the two are the same from the begin on, and up to the end.
std::size_t equal_at_begin(std::string_view left, std::string_view right);
std::size_t equal_at_end(std::string_view left, std::string_view right);

class Lines {
  public:
    explicit Lines(std::string_view text);
    // The same; what the text has in common with `like` at its ends is not read for line feeds.
    Lines(std::string_view text, const Lines& like);

    std::uint32_t count() const { return static_cast<std::uint32_t>(begins_.size() - 1); }
    // The offset of a line; of the line past the last one, the text's size.
    std::uint32_t begin_of(std::uint32_t line) const { return begins_[line]; }
    std::string_view operator[](std::uint32_t line) const {
        return {text_.data() + begins_[line], begins_[line + 1] - begins_[line]};
    }
    std::string_view text() const { return text_; }
    // How many whole lines the first and the last `bytes` hold.
    std::uint32_t lines_at_begin(std::size_t bytes) const;
    std::uint32_t lines_at_end(std::size_t bytes) const;

  private:
    // Goes on from the begin of a line for as long as lines begin before `until`, and returns where
    // the next one does: `until` or behind it, or the text's end.
    std::size_t read(std::size_t from, std::size_t until);

    std::string_view text_;
    std::vector<std::uint32_t> begins_;
};

// How many lines two texts have in common before the first that differs, and behind the last; none
// is counted twice.
struct EqualEnds {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
};
EqualEnds equal_ends(const Lines& left, const Lines& right);

// One mark a line, and an unset one before the first and behind the last, so that loops over a run
// of marked lines need no bounds.
class ChangedLines {
  public:
    static constexpr std::uint32_t kAtOnce = 8;

    explicit ChangedLines(std::uint32_t count) : marks_(count + 2), count_(count) {}

    bool operator[](std::uint32_t line) const { return marks_[line + 1] != 0; }
    // Whether these kAtOnce lines are all there and have no mark.
    bool are_clear(std::uint32_t first) const {
        if (count_ < kAtOnce || first > count_ - kAtOnce) return false;
        std::uint64_t marks = 0;
        std::memcpy(&marks, marks_.data() + first + 1, kAtOnce);
        return marks == 0;
    }
    bool before(std::uint32_t line) const { return marks_[line] != 0; }
    void set(std::uint32_t line) { marks_[line + 1] = 1; }
    void clear(std::uint32_t line) { marks_[line + 1] = 0; }
    std::uint32_t count() const { return count_; }

  private:
    std::vector<std::uint8_t> marks_;
    std::uint32_t count_;
};

}  // namespace merlon::connect::git
