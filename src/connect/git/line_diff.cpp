#include "connect/git/line_diff.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "connect/git/edit_script.h"
#include "connect/git/line_slide.h"
#include "connect/git/lines.h"

namespace merlon::connect::git {
namespace {

// Without context lines git first cuts an equal tail off, in whole blocks, and then gives back the
// rest of the line that the cut goes through. It matters: what was cut off is out of reach for the
// sliding of step 3, and the end of the text is somewhere else for step 4.
std::size_t common_tail_bytes(std::string_view left, std::string_view right) {
    constexpr std::size_t kBlock = 1024;
    const std::size_t smaller = std::min(left.size(), right.size());
    std::size_t cut = 0;
    while (cut + kBlock <= smaller &&
           std::memcmp(left.data() + left.size() - cut - kBlock,
                       right.data() + right.size() - cut - kBlock, kBlock) == 0) {
        cut += kBlock;
    }
    const std::size_t line_end = left.find('\n', left.size() - cut);
    const std::size_t begin = line_end == std::string_view::npos ? left.size() : line_end + 1;
    return left.size() - begin;
}

// A new text whole: what most patches of a young history are.
LineChange all_of(std::string_view new_text) {
    LineChange change;
    const auto feeds = std::ranges::count(new_text, '\n');
    change.new_count = static_cast<std::uint32_t>(feeds) + (new_text.back() == '\n' ? 0U : 1U);
    change.new_end = static_cast<std::uint32_t>(new_text.size());
    return change;
}

}  // namespace

Status may_be_compared(std::string_view old_text, std::string_view new_text) {
    if (old_text.size() > kMaxDiffBytes || new_text.size() > kMaxDiffBytes) {
        return Error{"a text of " + std::to_string(std::max(old_text.size(), new_text.size())) +
                     " bytes is too large to compare line by line (git's limit is " +
                     std::to_string(kMaxDiffBytes) + " bytes); mark it as binary"};
    }
    return {};
}

std::string_view changed_part(std::string_view old_text, std::string_view new_text) {
    // Of a text that repeats itself the tail that diff_lines() cuts off decides where the rest is.
    const std::size_t tail = common_tail_bytes(old_text, new_text);
    old_text.remove_suffix(tail);
    new_text.remove_suffix(tail);
    const std::size_t first = equal_at_begin(old_text, new_text);
    const std::size_t last =
        new_text.size() - equal_at_end(old_text.substr(first), new_text.substr(first));
    // Whole lines.
    const std::size_t feed_before =
        first == 0 ? std::string_view::npos : new_text.rfind('\n', first - 1);
    const std::size_t begin = feed_before == std::string_view::npos ? 0 : feed_before + 1;
    const std::size_t feed_behind = new_text.find('\n', last);
    return new_text.substr(begin, feed_behind == std::string_view::npos ? std::string_view::npos
                                                                        : feed_behind + 1 - begin);
}

Result<std::vector<LineChange>> diff_lines(std::string_view old_text, std::string_view new_text) {
    MERLON_TRY(may_be_compared(old_text, new_text));
    if (old_text.empty() && !new_text.empty()) return std::vector{all_of(new_text)};
    const std::size_t tail = common_tail_bytes(old_text, new_text);
    const Lines old_lines(old_text.substr(0, old_text.size() - tail));
    const Lines new_lines(new_text.substr(0, new_text.size() - tail), old_lines);

    ChangedLines old_changed(old_lines.count());
    ChangedLines new_changed(new_lines.count());
    mark_changes(old_lines, new_lines, old_changed, new_changed);
    slide_changes(old_lines, old_changed, new_changed);
    slide_changes(new_lines, new_changed, old_changed);

    std::vector<LineChange> changes;
    std::uint32_t i = 0;
    std::uint32_t j = 0;
    while (i < old_lines.count() || j < new_lines.count()) {
        if (old_changed.are_clear(i) && new_changed.are_clear(j)) {
            i += ChangedLines::kAtOnce;
            j += ChangedLines::kAtOnce;
            continue;
        }
        if (!old_changed[i] && !new_changed[j]) {
            ++i;
            ++j;
            continue;
        }
        LineChange change;
        change.old_line = i;
        change.new_line = j;
        while (old_changed[i]) ++i;
        while (new_changed[j]) ++j;
        change.old_count = i - change.old_line;
        change.new_count = j - change.new_line;
        change.old_begin = old_lines.begin_of(change.old_line);
        change.old_end = old_lines.begin_of(i);
        change.new_begin = new_lines.begin_of(change.new_line);
        change.new_end = new_lines.begin_of(j);
        changes.push_back(change);
    }
    return changes;
}

}  // namespace merlon::connect::git
