#pragma once

// Lines and columns of a match, in gitleaks's way of counting.

#include <cstdint>
#include <span>
#include <string_view>

namespace merlon::secrets {

struct MatchPlace {
    std::uint32_t start_line = 0;  // from 0
    std::uint32_t end_line = 0;
    std::uint32_t start_column = 0;
    std::uint32_t end_column = 0;
    std::uint64_t line_begin = 0;
    std::uint64_t line_end = 0;
};

// Where [begin, end) of `text` stands as gitleaks 8.30.1 says it: columns are bytes and count the
// line feed in front of every line but the first; a match on the last line, if that has no line
// feed, has the whole text before it as its line. `newlines` are the offsets of all line feeds.
MatchPlace place_as_gitleaks(std::span<const std::uint64_t> newlines, std::string_view text,
                             std::uint64_t begin, std::uint64_t end);

// Where counting has come to. A line can be as long as the file and hold every match of it: each
// counts on from the one before, not from the start of the line.
struct ColumnCursor {
    std::uint64_t line_start = 0;
    std::uint64_t offset = 0;
    std::uint32_t column = 1;
};

// The same honestly: columns are code points from 1, the end column is that of the last code point,
// the line is from its start to its end. `cursor` is new for each text, and otherwise the caller's
// to keep.
MatchPlace place_in_code_points(std::span<const std::uint64_t> newlines, std::string_view text,
                                std::uint64_t begin, std::uint64_t end, ColumnCursor& cursor);

}  // namespace merlon::secrets
