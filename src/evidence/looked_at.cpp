#include "evidence/looked_at.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>

namespace merlon::evidence {
namespace {

struct LookedAt {
    std::set<std::string, std::less<>> paths;
    std::unordered_set<std::int64_t> families, families_off;
    std::string below;
    std::set<std::pair<std::string, std::int64_t>> passed_over;
    bool tells_paths = false, tells_rules = false;

    bool is_outside(std::string_view path) const {
        // Of the files of the root alone.
        if (below == ".") return path.contains('/');
        return !below.empty() &&
               !(path.starts_with(below) && path.substr(below.size()).starts_with('/'));
    }
};

Status take_passed_over(Database& database, const std::string& tool,
                        const exchange::ReadReport& read, LookedAt& said) {
    std::multimap<std::string_view, std::string_view> paths;
    for (const auto& one : read.passed_over) paths.emplace(one.rule, one.path);
    if (paths.empty()) return {};
    return database.each_row(
        "SELECT name, family FROM rule WHERE tool = $1", {std::string_view(tool)}, [&](Cells row) {
            const auto [first, last] = paths.equal_range(text_of(row[0]));
            for (auto at = first; at != last; ++at)
                said.passed_over.emplace(storable(at->second), integer_of(row[1]));
        });
}

// The names of all rules that ran, as far as the report names them.
std::set<std::string_view> rules_on(const exchange::ReadReport& read) {
    std::set<std::string_view> names;
    const auto is_on = [&](const std::string& rule) { return !read.rules_off.contains(rule); };
    for (const model::Rule& rule : read.report.rules)
        if (is_on(rule.id)) names.insert(rule.id);
    for (const auto& [rule, former] : read.former_rules)
        if (is_on(rule)) names.insert(former.begin(), former.end());
    return names;
}

// The same of those that were switched off, each with what it was called before.
std::set<std::string_view> rules_off(const exchange::ReadReport& read) {
    std::set<std::string_view> names;
    for (const std::string& rule : read.rules_off) {
        names.insert(rule);
        const auto former = read.former_rules.find(rule);
        if (former != read.former_rules.end())
            names.insert(former->second.begin(), former->second.end());
    }
    return names;
}

// A rule that no finding ever had has no row, and nothing to close.
Result<std::unordered_set<std::int64_t>> families_of(Database& database, const std::string& tool,
                                                     const std::set<std::string_view>& names) {
    std::unordered_set<std::int64_t> families;
    MERLON_TRY(database.each_row("SELECT name, family FROM rule WHERE tool = $1",
                                 {std::string_view(tool)}, [&](Cells row) {
                                     if (names.contains(text_of(row[0])))
                                         families.insert(integer_of(row[1]));
                                 }));
    return families;
}

}  // namespace

Result<HasLooked> looked_at(Database& database, const std::string& tool,
                            const exchange::ReadReport& read,
                            const std::function<bool(std::string_view path)>& is_gone) {
    if (!read.looked_at && !read.lists_rules && read.looked_below.empty() &&
        read.passed_over.empty() && read.rules_off.empty())
        return HasLooked();
    const auto said = std::make_shared<LookedAt>();
    said->below = storable(read.looked_below);
    MERLON_TRY(take_passed_over(database, tool, read, *said));
    if (read.looked_at) {
        said->tells_paths = true;
        for (const std::string& path : *read.looked_at) said->paths.insert(storable(path));
    }
    if (read.lists_rules) {
        said->tells_rules = true;
        said->families = MERLON_TRY(families_of(database, tool, rules_on(read)));
    }
    said->families_off = MERLON_TRY(families_of(database, tool, rules_off(read)));
    return HasLooked([said, is_gone](std::string_view path, std::int64_t family) {
        if (said->tells_rules && !said->families.contains(family)) return false;
        if (said->families_off.contains(family)) return false;
        if (said->passed_over.contains({std::string(path), family}) || said->is_outside(path))
            return false;
        if (!said->tells_paths || said->paths.contains(path)) return true;
        return is_gone && is_gone(path);
    });
}

}  // namespace merlon::evidence
