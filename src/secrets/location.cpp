#include "secrets/location.h"

#include <algorithm>

#include "text/utf8.h"

namespace merlon::secrets {
namespace {

// How many line feeds stand at or before `offset`, and strictly before it.
std::size_t count_through(std::span<const std::uint64_t> newlines, std::uint64_t offset) {
    return static_cast<std::size_t>(std::upper_bound(newlines.begin(), newlines.end(), offset) -
                                    newlines.begin());
}
std::size_t count_before(std::span<const std::uint64_t> newlines, std::uint64_t offset) {
    return static_cast<std::size_t>(std::lower_bound(newlines.begin(), newlines.end(), offset) -
                                    newlines.begin());
}

}  // namespace

MatchPlace place_as_gitleaks(std::span<const std::uint64_t> newlines, std::string_view text,
                             std::uint64_t begin, std::uint64_t end) {
    // Without a line feed, one is counted behind the text.
    const std::uint64_t behind[] = {text.size()};
    if (newlines.empty()) newlines = behind;
    MatchPlace place;
    const auto before = [&](std::size_t line) { return line == 0 ? 0 : newlines[line - 1]; };

    const std::size_t start_line = count_through(newlines, begin);
    if (start_line < newlines.size()) {
        place.start_line = place.end_line = static_cast<std::uint32_t>(start_line);
        place.start_column = static_cast<std::uint32_t>(begin - before(start_line) + 1);
        place.line_begin = before(start_line);
        place.line_end = newlines[start_line];
        const std::size_t end_line = count_before(newlines, end);
        if (end_line < newlines.size() && end > 0) {
            place.end_column = static_cast<std::uint32_t>(end - before(end_line));
            // An empty match at a line feed starts a line below its end: the start's line stays.
            if (end_line > start_line) {
                place.end_line = static_cast<std::uint32_t>(end_line);
                place.line_end = newlines[end_line];
            }
        }
    } else {
        const std::uint64_t last = newlines.back();
        place.start_line = place.end_line = static_cast<std::uint32_t>(newlines.size());
        place.start_column = static_cast<std::uint32_t>(begin - last + 1);
        place.end_column = static_cast<std::uint32_t>(end - last);
        const std::size_t stop =
            text.find_first_of("\r\n", std::min<std::uint64_t>(end, text.size()));
        place.line_end =
            stop == std::string_view::npos ? std::max<std::uint64_t>(end, text.size()) : stop;
    }
    place.line_end = std::min<std::uint64_t>(std::max(place.line_end, end), text.size());
    place.line_begin = std::min(place.line_begin, place.line_end);
    return place;
}

MatchPlace place_in_code_points(std::span<const std::uint64_t> newlines, std::string_view text,
                                std::uint64_t begin, std::uint64_t end, ColumnCursor& cursor) {
    MatchPlace place;
    const auto line_start = [&](std::size_t line) {
        return line == 0 ? 0 : newlines[line - 1] + 1;
    };
    // The last code point of the match; of an empty match, the place itself.
    std::uint64_t last = end > begin ? end - 1 : begin;
    while (last > begin && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
    const std::size_t first_line = count_before(newlines, begin);
    const std::size_t last_line = count_before(newlines, last);
    const auto column = [&](std::size_t line, std::uint64_t offset) {
        const std::uint64_t start = line_start(line);
        if (cursor.line_start != start || cursor.offset > offset) cursor = {start, start, 1};
        cursor.column += static_cast<std::uint32_t>(
            text::count_code_points(text.substr(cursor.offset, offset - cursor.offset)));
        cursor.offset = offset;
        return cursor.column;
    };
    place.start_line = static_cast<std::uint32_t>(first_line);
    place.end_line = static_cast<std::uint32_t>(last_line);
    place.start_column = column(first_line, begin);
    place.end_column = column(last_line, last);
    place.line_begin = line_start(first_line);
    place.line_end = last_line < newlines.size() ? newlines[last_line] : text.size();
    return place;
}

}  // namespace merlon::secrets
