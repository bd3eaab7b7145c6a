#include "text/position.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "text/utf8.h"

namespace merlon::text {

LineIndex::LineIndex(std::string_view text) : text_(text), starts_{0} {
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    for (const char* at = begin; at != end;) {
        const void* found = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
        if (found == nullptr) break;
        at = static_cast<const char*>(found) + 1;
        starts_.push_back(static_cast<std::size_t>(at - begin));
    }
}

std::uint32_t LineIndex::line_of(std::size_t offset) const {
    MERLON_ASSERT(offset <= text_.size());
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    return static_cast<std::uint32_t>(after - starts_.begin());
}

Position LineIndex::position(std::size_t offset) const {
    const std::uint32_t line = line_of(offset);
    const std::size_t begin = line_begin(line);
    const std::size_t before = count_code_points(text_.substr(begin, offset - begin));
    return {line, static_cast<std::uint32_t>(before + 1)};
}

std::size_t LineIndex::line_end(std::uint32_t line) const {
    return line < starts_.size() ? starts_[line] - 1 : text_.size();
}

std::string_view LineIndex::line_text(std::uint32_t line) const {
    return text_.substr(line_begin(line), line_end(line) - line_begin(line));
}

}  // namespace merlon::text
