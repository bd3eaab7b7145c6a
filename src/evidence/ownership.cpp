#include "evidence/ownership.h"

#include <vector>

namespace merlon::evidence {

Status assign_owners(Database& database, std::int64_t scope, const OwnerOf& owner_of,
                     std::int64_t now_s) {
    struct News {
        std::int64_t path = 0;
        std::string owner;
    };
    std::vector<News> news;
    MERLON_TRY(database.each_row(
        "SELECT DISTINCT p.id, p.name, f.owner FROM finding f JOIN path p ON p.id = f.path "
        "WHERE f.scope = $1",
        {scope}, [&](Cells row) {
            std::string owner = owner_of(text_of(row[1]));
            if (owner != text_of(row[2])) news.push_back({integer_of(row[0]), std::move(owner)});
        }));
    if (news.empty()) return {};
    constexpr Column kColumns[] = {{"path"}, {"owner", ColumnType::kText}};
    std::size_t at = 0;
    MERLON_TRY(database.stage("owner_news", kColumns, [&](std::span<Cell> row) {
        if (at == news.size()) return false;
        row[0] = news[at].path;
        row[1] = std::string_view(news[at].owner);
        ++at;
        return true;
    }));
    // A path may have been listed with two owners, one of which is right already.
    return database.run(
        "UPDATE finding SET owner = (SELECT o.owner FROM owner_news o WHERE o.path = finding.path "
        "LIMIT 1), changed = $2 WHERE scope = $1 AND path IN (SELECT o.path FROM owner_news o)",
        {scope, now_s});
}

}  // namespace merlon::evidence
