#pragma once

// A text as lines, and one mark for each: the two shapes that the steps of line_diff.h share; and
// what two texts have in common at their ends.
//
// A line holds its line end, so that a last line without one differs from the same line with one.
// Immutable view over bytes that the caller keeps. Cost: one pass, 4 bytes a line.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace merlon::connect::git {

// How many bytes of the two are the same from the begin on, and up to the end.
std::size_t equal_at_begin(std::string_view left, std::string_view right);
std::size_t equal_at_end(std::string_view left, std::string_view right);

class Lines {
  public:
    explicit Lines(std::string_view text);

    std::uint32_t count() const { return static_cast<std::uint32_t>(begins_.size() - 1); }
    // The offset of a line; of the line past the last one, the text's size.
    std::uint32_t begin_of(std::uint32_t line) const { return begins_[line]; }
    std::string_view operator[](std::uint32_t line) const {
        return {text_.data() + begins_[line], begins_[line + 1] - begins_[line]};
    }
    std::string_view text() const { return text_; }

  private:
    std::string_view text_;
    std::vector<std::uint32_t> begins_;
};

// One mark a line, and an unset one before the first and behind the last, so that loops over a run
// of marked lines need no bounds.
class ChangedLines {
  public:
    explicit ChangedLines(std::uint32_t count) : marks_(count + 2), count_(count) {}

    bool operator[](std::uint32_t line) const { return marks_[line + 1] != 0; }
    bool before(std::uint32_t line) const { return marks_[line] != 0; }
    void set(std::uint32_t line) { marks_[line + 1] = 1; }
    void clear(std::uint32_t line) { marks_[line + 1] = 0; }
    std::uint32_t count() const { return count_; }

  private:
    std::vector<std::uint8_t> marks_;
    std::uint32_t count_;
};

}  // namespace merlon::connect::git
