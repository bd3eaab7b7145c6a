#include "evidence/groups.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/hex.h"
#include "evidence/merge_write.h"
#include "evidence/signature.h"

namespace merlon::evidence {
namespace {

constexpr std::string_view kStagedMembers = "stage_grouped";

struct Alike {
    std::int64_t finding = 0, other = 0;
    std::string because;
};

// What links the findings of the temporary table with others, which need not be in it.
Result<std::vector<Alike>> links_of_staged(Database& database) {
    std::vector<Alike> links;
    const auto take = [&links](Cells row) {
        links.push_back(
            {integer_of(row[0]), integer_of(row[1]),
             fmt::format("{} {} {}", text_of(row[2]), text_of(row[3]), text_of(row[4]))});
    };
    // From the finding to its rule's names, to those who have one of them.
    MERLON_TRY(database.each_row(
        fmt::format("SELECT s.finding, g.id, q.name, 'in', f.package FROM {} s CROSS JOIN "
                    "finding f CROSS JOIN rule r CROSS JOIN rule q CROSS JOIN finding g "
                    "WHERE f.id = s.finding AND f.package <> '' AND r.family = f.family "
                    "AND q.name = r.name AND g.family = q.family AND g.scope = f.scope "
                    "AND g.package = f.package AND g.version = f.version AND g.id <> f.id "
                    "AND g.detection <> 2 ORDER BY s.finding, g.id, q.name",
                    kStagedMembers),
        {}, take));
    MERLON_TRY(database.each_row(
        fmt::format("SELECT s.finding, g.id, r.cwe, 'in', p.name FROM {} s CROSS JOIN finding f "
                    "CROSS JOIN rule r CROSS JOIN finding g CROSS JOIN rule q CROSS JOIN path p "
                    "WHERE f.id = s.finding AND f.package = '' AND f.line > 0 "
                    "AND r.family = f.family AND r.cwe <> '' AND g.path = f.path "
                    "AND g.line = f.line AND g.id <> f.id AND g.package = '' "
                    "AND g.detection <> 2 AND q.family = g.family AND q.cwe = r.cwe "
                    "AND p.id = f.path ORDER BY s.finding, g.id",
                    kStagedMembers),
        {}, take));
    return links;
}

// The prints of the secrets that the staged findings show.
Status each_secret(Database& database,
                   const std::function<void(std::int64_t finding, std::string print)>& use) {
    return database.each_row(
        fmt::format("SELECT g.finding, g.scope, g.value FROM signature g JOIN {} s "
                    "ON s.finding = g.finding JOIN finding f ON f.id = g.finding "
                    "WHERE g.algorithm = $1 AND f.package = '' AND f.component = '' "
                    "ORDER BY g.finding",
                    kStagedMembers),
        {static_cast<std::int64_t>(Algorithm::kSecret)}, [&](Cells row) {
            use(integer_of(row[0]),
                fmt::format("{}:{}", integer_of(row[1]), to_hex(bytes_of(row[2]))));
        });
}

// Union-find over places of a list.
class Sets {
  public:
    explicit Sets(std::size_t count) : parents_(count) {
        std::iota(parents_.begin(), parents_.end(), std::size_t{0});
    }
    std::size_t root_of(std::size_t at) {
        while (parents_[at] != at) at = parents_[at] = parents_[parents_[at]];
        return at;
    }
    // The first of a list leads.
    void unite(std::size_t left, std::size_t right) {
        left = root_of(left);
        right = root_of(right);
        parents_[std::max(left, right)] = std::min(left, right);
    }

  private:
    std::vector<std::size_t> parents_;
};

class Grouper {
  public:
    explicit Grouper(std::vector<FindingRow> rows) : rows_(std::move(rows)), sets_(rows_.size()) {
        for (std::size_t i = 0; i < rows_.size(); ++i) places_.emplace(rows_[i].id, i);
    }

    Status link(Database& database) {
        Ids ids;
        for (const FindingRow& row : rows_) ids.push_back(row.id);
        MERLON_TRY(stage_ids(database, kStagedMembers, ids));
        for (const Alike& link : MERLON_TRY(links_of_staged(database)))
            unite(link.finding, link.other, link.because);
        std::map<std::string, std::int64_t> secrets;
        return each_secret(database, [&](std::int64_t finding, std::string print) {
            const auto [first, is_first] = secrets.try_emplace(std::move(print), finding);
            if (!is_first) unite(first->second, finding, "the same secret");
        });
    }

    std::vector<FindingGroup> take() {
        std::map<std::size_t, FindingGroup> groups;
        for (std::size_t i = 0; i < rows_.size(); ++i)
            groups[sets_.root_of(i)].findings.push_back(std::move(rows_[i]));
        for (const auto& [place, because] : because_) {
            std::vector<std::string>& all = groups[sets_.root_of(place)].because;
            if (std::ranges::find(all, because) == all.end()) all.push_back(because);
        }
        std::vector<FindingGroup> out;
        for (auto& [root, group] : groups) out.push_back(std::move(group));
        return out;
    }

  private:
    void unite(std::int64_t left, std::int64_t right, const std::string& because) {
        const auto from = places_.find(left), to = places_.find(right);
        if (from == places_.end() || to == places_.end()) return;
        sets_.unite(from->second, to->second);
        because_.emplace_back(from->second, because);
    }

    std::vector<FindingRow> rows_;
    Sets sets_;
    std::unordered_map<std::int64_t, std::size_t> places_;
    std::vector<std::pair<std::size_t, std::string>> because_;
};

// Findings with one of the secrets that the staged ones show.
Status add_with_secret(Database& database, std::set<std::int64_t>& found) {
    return database.each_row(
        fmt::format("SELECT DISTINCT h.finding FROM {} s CROSS JOIN finding f CROSS JOIN "
                    "signature g CROSS JOIN signature h CROSS JOIN finding o "
                    "WHERE f.id = s.finding AND f.package = '' AND f.component = '' "
                    "AND g.scope = f.scope AND g.algorithm = $1 AND g.finding = f.id "
                    "AND h.scope = g.scope AND h.algorithm = $1 AND h.value = g.value "
                    "AND o.id = h.finding AND o.package = '' AND o.detection <> 2",
                    kStagedMembers),
        {static_cast<std::int64_t>(Algorithm::kSecret)},
        [&](Cells row) { found.insert(integer_of(row[0])); });
}

}  // namespace

Result<std::vector<FindingGroup>> group_findings(Database& database, PageRequest request) {
    request.limit = kMaxGrouped;
    request.after.clear();
    Page page = MERLON_TRY(list_findings(database, request));
    if (!page.next.empty())
        return Error{
            fmt::format("more than {} findings fit, which are not grouped at once: say "
                        "which, such as 'is:open sev:>=high repo:NAME'",
                        kMaxGrouped)};
    Grouper grouper(std::move(page.rows));
    MERLON_TRY(grouper.link(database));
    return grouper.take();
}

Result<std::optional<GroupCount>> count_groups(Database& database, PageRequest request) {
    request.limit = kMaxGrouped;
    request.after.clear();
    Page page = MERLON_TRY(list_findings(database, request));
    if (!page.next.empty()) return std::optional<GroupCount>();
    GroupCount count{.findings = page.rows.size(), .groups = 0};
    Grouper grouper(std::move(page.rows));
    MERLON_TRY(grouper.link(database));
    count.groups = grouper.take().size();
    return std::optional(count);
}

Result<std::vector<std::int64_t>> group_of(Database& database, std::int64_t finding) {
    std::set<std::int64_t> members;
    MERLON_TRY(database.each_row("SELECT id FROM finding WHERE id = $1", {finding},
                                 [&](Cells row) { members.insert(integer_of(row[0])); }));
    if (members.empty()) return Error{fmt::format("there is no finding {} in the store", finding)};
    for (std::size_t before = 0; before < members.size();) {
        before = members.size();
        MERLON_TRY(stage_ids(database, kStagedMembers, {members.begin(), members.end()}));
        for (const Alike& link : MERLON_TRY(links_of_staged(database))) members.insert(link.other);
        MERLON_TRY(add_with_secret(database, members));
        if (members.size() > kMaxGrouped)
            return Error{fmt::format("the group of finding {} has more than {} findings", finding,
                                     kMaxGrouped)};
    }
    return std::vector<std::int64_t>(members.begin(), members.end());
}

}  // namespace merlon::evidence
