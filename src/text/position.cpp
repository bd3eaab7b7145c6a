#include "text/position.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "text/utf8.h"

namespace merlon::text {
namespace {

constexpr std::size_t kCheckpointBytes = std::size_t{16} << 10;

// The last place up to `offset` where a code point begins: no sequence is longer than four bytes,
// so behind three continuation bytes another one stands for itself.
std::size_t code_point_begin(std::string_view text, std::size_t offset) {
    for (std::size_t at = offset; at + 3 >= offset; --at) {
        if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) return at;
    }
    return offset;
}

}  // namespace

LineIndex::LineIndex(std::string_view text) : text_(text), starts_{0} {
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    for (const char* at = begin; at != end;) {
        const void* found = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
        if (found == nullptr) break;
        at = static_cast<const char*>(found) + 1;
        starts_.push_back(static_cast<std::size_t>(at - begin));
    }
    for (std::uint32_t line = 1; line <= line_count(); ++line) {
        add_checkpoints(line_begin(line), line_end(line));
    }
}

void LineIndex::add_checkpoints(std::size_t begin, std::size_t end) {
    std::size_t column = 0;
    while (end - begin > 2 * kCheckpointBytes) {
        const std::size_t next = code_point_begin(text_, begin + kCheckpointBytes);
        column += count_code_points(text_.substr(begin, next - begin));
        checkpoints_.push_back({next, column});
        begin = next;
    }
}

std::uint32_t LineIndex::line_of(std::size_t offset) const {
    MERLON_ASSERT(offset <= text_.size());
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    return static_cast<std::uint32_t>(after - starts_.begin());
}

Position LineIndex::position(std::size_t offset) const {
    const std::uint32_t line = line_of(offset);
    Checkpoint from{line_begin(line), 0};
    const auto after = std::upper_bound(
        checkpoints_.begin(), checkpoints_.end(), offset,
        [](std::size_t wanted, const Checkpoint& point) { return wanted < point.offset; });
    if (after != checkpoints_.begin() && (after - 1)->offset > from.offset) from = *(after - 1);
    const std::size_t before =
        from.column + count_code_points(text_.substr(from.offset, offset - from.offset));
    return {line, static_cast<std::uint32_t>(before + 1)};
}

std::size_t LineIndex::line_end(std::uint32_t line) const {
    return line < starts_.size() ? starts_[line] - 1 : text_.size();
}

std::string_view LineIndex::line_text(std::uint32_t line) const {
    return text_.substr(line_begin(line), line_end(line) - line_begin(line));
}

}  // namespace merlon::text
