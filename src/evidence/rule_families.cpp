#include "evidence/rule_families.h"

#include <algorithm>
#include <vector>

namespace merlon::evidence {
namespace {

class Families {
  public:
    Families(Database& database, const std::string& tool, const exchange::ReadReport& read)
        : database_(database), tool_(tool), read_(read) {
        for (const model::Rule& rule : read.report.rules) rules_.emplace(rule.id, &rule);
    }

    bool has_written() const { return has_written_; }

    Result<std::int64_t> family_of(const model::Finding& finding) {
        const auto known = families_.find(finding.rule_id);
        if (known != families_.end()) return known->second;
        std::vector<std::string> names = names_of(finding);
        std::int64_t family = 0;
        bool is_written = true;
        for (const std::string& name : names) {
            family =
                MERLON_TRY(database_.number("SELECT family FROM rule WHERE tool = $1 AND name = $2",
                                            {std::string_view(tool_), std::string_view(name)}, 0));
            if (family != 0) break;
            is_written = false;
        }
        if (family == 0) {
            family = MERLON_TRY(
                database_.number("INSERT INTO family (tool, name) VALUES ($1, $2) RETURNING id",
                                 {std::string_view(tool_), std::string_view(finding.rule_id)}, 0));
        }
        if (!is_written) MERLON_TRY(write(names, family, finding));
        has_written_ = has_written_ || !is_written;
        MERLON_TRY(write_weakness(finding));
        families_.emplace(finding.rule_id, family);
        return family;
    }

  private:
    // Its name first, then those it had, or has elsewhere.
    std::vector<std::string> names_of(const model::Finding& finding) const {
        std::vector<std::string> names{finding.rule_id};
        const auto add = [&](std::string name) {
            if (!name.empty() && std::ranges::find(names, name) == names.end())
                names.push_back(std::move(name));
        };
        const auto former = read_.former_rules.find(finding.rule_id);
        if (former != read_.former_rules.end())
            for (const std::string& name : former->second) add(name);
        // Of a weakness of a package: all its ids.
        const auto ids = finding.properties.find("ids");
        if (ids != finding.properties.end()) {
            const std::string& all = ids->second;
            for (std::size_t at = 0; at < all.size();) {
                const std::size_t end = std::min(all.find(' ', at), all.size());
                add(all.substr(at, end - at));
                at = end + 1;
            }
        }
        return names;
    }

    Status write_weakness(const model::Finding& finding) {
        const auto rule = rules_.find(finding.rule_id);
        if (rule == rules_.end() || rule->second->cwe.empty()) return {};
        const std::string cwe = storable(rule->second->cwe);
        const std::uint64_t written = MERLON_TRY(database_.change(
            "UPDATE rule SET cwe = $3 WHERE tool = $1 AND name = $2 AND cwe <> $3",
            {std::string_view(tool_), std::string_view(finding.rule_id), std::string_view(cwe)}));
        has_written_ = has_written_ || written > 0;
        return {};
    }

    Status write(const std::vector<std::string>& names, std::int64_t family,
                 const model::Finding& finding) {
        const auto rule = rules_.find(finding.rule_id);
        const std::string title = rule == rules_.end() ? finding.rule_id : rule->second->name;
        const std::string url = rule == rules_.end() ? "" : rule->second->help_url;
        for (const std::string& name : names) {
            MERLON_TRY(database_.run(
                "INSERT INTO rule (tool, name, family, title, severity, help_url) "
                "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tool, name) DO NOTHING",
                {std::string_view(tool_), std::string_view(name), family, std::string_view(title),
                 static_cast<std::int64_t>(finding.severity), std::string_view(url)}));
        }
        return {};
    }

    Database& database_;
    const std::string& tool_;
    const exchange::ReadReport& read_;
    std::unordered_map<std::string, const model::Rule*> rules_;
    std::unordered_map<std::string, std::int64_t> families_;
    bool has_written_ = false;
};

}  // namespace

Result<bool> assign_families(Database& database, const std::string& tool,
                             const exchange::ReadReport& read,
                             std::vector<Occurrence>& occurrences) {
    Families families(database, tool, read);
    for (Occurrence& one : occurrences)
        one.family_id = MERLON_TRY(families.family_of(*one.finding));
    return families.has_written();
}

}  // namespace merlon::evidence
