#include "evidence/looked_at.h"

#include <memory>
#include <set>
#include <unordered_set>

namespace merlon::evidence {
namespace {

struct LookedAt {
    std::set<std::string, std::less<>> paths;
    std::unordered_set<std::int64_t> families;
    bool tells_paths = false, tells_rules = false;
};

// A rule that no finding ever had has no row, and nothing to close.
Result<std::unordered_set<std::int64_t>> families_of(Database& database, const std::string& tool,
                                                     const exchange::ReadReport& read) {
    std::set<std::string_view> names;
    for (const model::Rule& rule : read.report.rules) names.insert(rule.id);
    for (const auto& [rule, former] : read.former_rules) names.insert(former.begin(), former.end());
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
    if (!read.looked_at && !read.lists_rules) return HasLooked();
    const auto said = std::make_shared<LookedAt>();
    if (read.looked_at) {
        said->tells_paths = true;
        for (const std::string& path : *read.looked_at) said->paths.insert(storable(path));
    }
    if (read.lists_rules) {
        said->tells_rules = true;
        said->families = MERLON_TRY(families_of(database, tool, read));
    }
    return HasLooked([said, is_gone](std::string_view path, std::int64_t family) {
        if (said->tells_rules && !said->families.contains(family)) return false;
        if (!said->tells_paths || said->paths.contains(path)) return true;
        return is_gone && is_gone(path);
    });
}

}  // namespace merlon::evidence
