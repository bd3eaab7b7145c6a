#pragma once

// Text that is not its file's bytes: what a notebook or an office file shows to a person, line by
// line, and what a person calls each line.
//
// A value type.

#include <cstdint>
#include <string>
#include <vector>

namespace merlon::text {

inline constexpr std::uint64_t kNoSourceOffset = UINT64_MAX;

struct LineOrigin {
    std::string name;  // "cell 3, line 2", "paragraph 7", "cell B4"; empty: none
    // Where the line's first byte stands in the source, for json_source_offset().
    std::uint64_t source_offset = kNoSourceOffset;
    bool is_escaped = false;  // in the source, as a JSON string is
};

struct ReadableText {
    std::string text;
    std::vector<LineOrigin> lines;  // one for each line of `text`
};

}  // namespace merlon::text
