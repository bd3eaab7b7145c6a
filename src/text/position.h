#pragma once

// From byte offsets to lines and columns, for people.
//
// The idea: line starts are found once with memchr and looked up by binary search; columns are
// counted only for the places that are shown. In a very long line they are counted on from
// checkpoints, so that a hundred thousand places in one line cost what they do in as many lines.
//
// Immutable after construction, thread-safe. Cost: one memchr pass, and one more over very long
// lines; then O(log lines) a look-up, and the part of a line behind its start or last checkpoint.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace merlon::text {

struct Position {
    std::uint32_t line;    // 1-based
    std::uint32_t column;  // 1-based, in code points
};

class LineIndex {
  public:
    explicit LineIndex(std::string_view text);

    // The position of the byte at `offset`; one past the end is allowed.
    Position position(std::size_t offset) const;
    std::uint32_t line_of(std::size_t offset) const;  // 1-based
    // Bytes [begin, end) of a 1-based line, without its line feed.
    std::size_t line_begin(std::uint32_t line) const { return starts_[line - 1]; }
    std::size_t line_end(std::uint32_t line) const;
    std::string_view line_text(std::uint32_t line) const;
    std::uint32_t line_count() const { return static_cast<std::uint32_t>(starts_.size()); }

  private:
    struct Checkpoint {
        std::size_t offset;  // where a code point begins
        std::size_t column;  // code points of its line before it
    };
    void add_checkpoints(std::size_t begin, std::size_t end);

    std::string_view text_;
    std::vector<std::size_t> starts_;
    std::vector<Checkpoint> checkpoints_;  // inside very long lines, ascending
};

}  // namespace merlon::text
