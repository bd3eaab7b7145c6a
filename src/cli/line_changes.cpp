#include "cli/line_changes.h"

#include <map>
#include <memory>
#include <utility>

#include "cli/source_lines.h"

namespace merlon::cli {
namespace {

std::string without_blanks(std::string_view text) {
    std::string bare(text);
    std::erase_if(bare, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
    return bare;
}

}  // namespace

std::optional<LineChanges> LineChanges::between(std::string_view then, std::string_view now) {
    auto exact = connect::git::diff_lines(then, now);
    auto bare = connect::git::diff_lines(without_blanks(then), without_blanks(now));
    if (!exact.ok() || !bare.ok()) return std::nullopt;
    LineChanges made;
    made.exact_ = std::move(exact).value();
    made.bare_ = std::move(bare).value();
    return made;
}

evidence::LinesNow LineChanges::of(std::uint32_t line) const {
    const evidence::LinesNow lines = after(exact_, line);
    return lines.is_unchanged ? lines : after(bare_, line);
}

evidence::LinesNow LineChanges::after(std::span<const connect::git::LineChange> changes,
                                      std::uint32_t line) {
    std::int64_t moved = 0;
    for (const connect::git::LineChange& change : changes) {  // whose lines are counted from 0
        if (line <= change.old_line) break;
        if (line <= change.old_line + change.old_count)
            return {.first = change.new_line + 1, .end = change.new_line + 1 + change.new_count};
        moved += std::int64_t{change.new_count} - change.old_count;
    }
    const auto is = static_cast<std::uint32_t>(line + moved);
    return {.first = is, .end = is + 1, .is_unchanged = true};
}

gate::LinesSinceBase lines_between(std::string base_root, std::string root) {
    using Known = std::map<std::pair<std::string, std::string>, std::optional<LineChanges>>;
    return [base_root = std::move(base_root), root = std::move(root),
            known = std::make_shared<Known>()](
               std::string_view then, std::string_view now,
               std::uint32_t line) -> std::optional<evidence::LinesNow> {
        const auto [place, is_first] = known->try_emplace({std::string(then), std::string(now)});
        if (is_first) {
            const auto before = source_below(base_root, std::string(then));
            const auto after = source_below(root, std::string(now));
            if (before && after) place->second = LineChanges::between(*before, *after);
        }
        if (!place->second || line == 0) return std::nullopt;
        return place->second->of(line);
    };
}

}  // namespace merlon::cli
