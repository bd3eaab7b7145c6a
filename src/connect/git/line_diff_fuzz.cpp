// Two texts, cut at the first zero byte: the changes turn one into the other, stay apart, and say
// the same of lines and bytes; and every new line is one of the changed part.

#include "connect/git/line_diff.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>

namespace {

std::set<std::string_view> lines_of(std::string_view text) {
    std::set<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.insert(text.substr(0, end));
        text.remove_prefix(end);
    }
    return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::connect::git;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = std::min(bytes.find('\0'), bytes.size());
    const std::string_view before = bytes.substr(0, cut);
    const std::string_view after = bytes.substr(std::min(cut + 1, bytes.size()));

    const auto changes = diff_lines(before, after);
    const std::set<std::string_view> part = lines_of(changed_part(before, after));
    std::string applied;
    std::size_t old_at = 0;
    std::uint32_t old_line = 0;
    std::uint32_t new_line = 0;
    for (const LineChange& change : changes.value()) {
        if (change.old_count + change.new_count == 0) std::abort();
        if (old_at > 0 && change.old_line == old_line) std::abort();
        if (change.old_line - old_line != change.new_line - new_line) std::abort();
        applied += before.substr(old_at, change.old_begin - old_at);
        if (applied.size() != change.new_begin) std::abort();
        const std::string_view added =
            after.substr(change.new_begin, change.new_end - change.new_begin);
        const auto lines = std::count(added.begin(), added.end(), '\n') +
                           (!added.empty() && added.back() != '\n' ? 1 : 0);
        if (lines != change.new_count) std::abort();
        if (!std::ranges::includes(part, lines_of(added))) std::abort();
        applied += added;
        old_at = change.old_end;
        old_line = change.old_line + change.old_count;
        new_line = change.new_line + change.new_count;
    }
    applied += before.substr(old_at);
    if (applied != after) std::abort();
    return 0;
}
