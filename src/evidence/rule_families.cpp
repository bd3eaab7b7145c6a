#include "evidence/rule_families.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/decisions.h"
#include "evidence/seconds.h"

namespace merlon::evidence {
namespace {

// The CVE that an id names: itself, or as a distribution has it ("DEBIAN-CVE-2024-1").
std::string_view cve_in(std::string_view id) {
    constexpr std::string_view kMark = "CVE-";
    const std::size_t at = id.rfind(kMark);
    if (at == std::string_view::npos || (at > 0 && id[at - 1] != '-')) return {};
    return id.substr(at);
}

// Who gives ids of that form: "GHSA".
std::string_view scheme_of(std::string_view id) {
    return cve_in(id).empty() ? id.substr(0, id.find('-')) : std::string_view("CVE");
}

std::string_view plain_id(std::string_view id) {
    const std::string_view cve = cve_in(id);
    return cve.empty() ? id : cve;
}

using Names = std::vector<std::string>;

// Ids by who gives them.
std::map<std::string_view, std::set<std::string_view>> by_scheme(const Names& ids) {
    std::map<std::string_view, std::set<std::string_view>> all;
    for (const std::string& id : ids) all[scheme_of(id)].insert(plain_id(id));
    return all;
}

// Whether ids may be of one weakness: they are where they share their CVE; where one side has none,
// nobody may have given them two different ids.
bool may_be_one(const Names& left, const Names& right) {
    const auto one = by_scheme(left), other = by_scheme(right);
    const auto cves = one.find("CVE"), other_cves = other.find("CVE");
    if (cves != one.end() && other_cves != other.end()) return cves->second == other_cves->second;
    return std::ranges::all_of(one, [&](const auto& scheme) {
        const auto found = other.find(scheme.first);
        return found == other.end() || std::ranges::any_of(scheme.second, [&](const auto& id) {
                   return found->second.contains(id);
               });
    });
}

bool has(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

// The ids that a finding of a weakness has beside its rule's.
Names other_ids(const model::Finding& finding) {
    Names names;
    const auto ids = finding.properties.find("ids");
    if (ids == finding.properties.end()) return names;
    const std::string& all = ids->second;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = std::min(all.find(' ', at), all.size());
        std::string name = all.substr(at, end - at);
        if (!name.empty() && name != finding.rule_id && !has(names, name))
            names.push_back(std::move(name));
        at = end + 1;
    }
    return names;
}

class Families {
  public:
    Families(Database& database, const std::string& tool, const exchange::ReadReport& read)
        : database_(database), tool_(tool), read_(read) {
        for (const model::Rule& rule : read.report.rules) rules_.emplace(rule.id, &rule);
        for (const auto& [rule, formers] : read.former_rules)
            for (const std::string& former : formers) ++claims_[former];
        note_shared_ids();
    }

    bool has_written() const { return has_written_; }

    Result<std::int64_t> family_of(const model::Finding& finding) {
        // In the order of their places many of one rule follow each other.
        if (last_ != families_.end() && last_->first == finding.rule_id) return last_->second;
        last_ = families_.find(finding.rule_id);
        if (last_ != families_.end()) return last_->second;
        const Called called = names_of(finding);
        Family family = MERLON_TRY(find(called));
        if (family.id == 0) {
            family.id = MERLON_TRY(
                database_.number("INSERT INTO family (tool, name) VALUES ($1, $2) RETURNING id",
                                 {std::string_view(tool_), std::string_view(called.own)}, 0));
        }
        MERLON_TRY(write(called, family, finding));
        MERLON_TRY(write_weakness(finding));
        last_ = families_.emplace(finding.rule_id, family.id).first;
        return family.id;
    }

  private:
    // What a rule is called, was called, and is called elsewhere.
    struct Called {
        std::string own;
        Names formers = {}, aliases = {};
        bool is_of_several = false;  // an advisory about several weaknesses

        // Those by which it is told from others.
        Names ids() const {
            Names all{own};
            all.insert(all.end(), aliases.begin(), aliases.end());
            return all;
        }
    };
    struct Family {
        std::int64_t id = 0;
        std::string name;  // of the rule, as it was last called
        Names names;
    };

    // An id that two weaknesses of the report have is that of an advisory about both.
    void note_shared_ids() {
        std::set<std::string_view> rules;
        std::map<std::string, std::string_view> cve_of;
        for (const model::Finding& finding : read_.report.findings) {
            const std::string_view cve = cve_in(finding.rule_id);
            if (cve.empty() || !rules.insert(finding.rule_id).second) continue;
            for (const std::string& id : other_ids(finding))
                if (cve_of.try_emplace(id, cve).first->second != cve) shared_ids_.insert(id);
        }
    }

    Called names_of(const model::Finding& finding) const {
        Called called{.own = finding.rule_id, .formers = {}, .aliases = other_ids(finding)};
        const auto former = read_.former_rules.find(finding.rule_id);
        if (former != read_.former_rules.end()) {
            for (const std::string& name : former->second) {
                // A rule that was split into several is none of them, and one that is still there
                // was not renamed.
                const bool is_of_one =
                    claims_.at(name) == 1 && (name == called.own || !rules_.contains(name));
                if (is_of_one && !name.empty() && name != called.own && !has(called.formers, name))
                    called.formers.push_back(name);
            }
        }
        std::erase_if(called.aliases,
                      [this](const std::string& id) { return shared_ids_.contains(id); });
        std::set<std::string_view> cves;
        for (const std::string& id : called.aliases)
            if (const std::string_view cve = cve_in(id); !cve.empty()) cves.insert(cve);
        if (const std::string_view cve = cve_in(called.own); !cve.empty()) cves.insert(cve);
        if (cves.size() > 1) {
            called.is_of_several = cve_in(called.own).empty();
            called.aliases.clear();
        }
        return called;
    }

    // The families that have the name, with all names of each.
    Result<std::vector<Family>> families_with(const std::string& name) {
        std::vector<Family> found;
        MERLON_TRY(database_.each_row(
            "SELECT r.family, f.name, n.name FROM rule r JOIN family f ON f.id = r.family "
            "JOIN rule n ON n.family = r.family WHERE r.tool = $1 AND r.name = $2 "
            "ORDER BY r.family, n.name",
            {std::string_view(tool_), std::string_view(name)}, [&](Cells row) {
                const std::int64_t id = integer_of(row[0]);
                if (found.empty() || found.back().id != id)
                    found.push_back({.id = id, .name = std::string(text_of(row[1])), .names = {}});
                found.back().names.emplace_back(text_of(row[2]));
            }));
        return found;
    }

    static bool has_cve(const Family& family) {
        return std::ranges::any_of(family.names,
                                   [](const std::string& id) { return !cve_in(id).empty(); });
    }

    // One without id, where there is none yet.
    Result<Family> find(const Called& called) {
        const Names ids = called.ids();
        std::vector<Family> own = MERLON_TRY(families_with(called.own));
        // What was decided about one weakness is not about an advisory that has more by now.
        if (called.is_of_several) std::erase_if(own, has_cve);
        const auto same = std::ranges::find(own, called.own, &Family::name);
        if (same != own.end()) return *same;
        for (const Family& family : own)
            if (called.is_of_several || may_be_one(ids, family.names)) return family;
        for (const std::string& former : called.formers) {
            for (Family& family : MERLON_TRY(families_with(former))) {
                // Else another rule has taken the name over: it was split.
                if (!has(called.formers, family.name)) continue;
                family.name = called.own;
                MERLON_TRY(database_.run("UPDATE family SET name = $2 WHERE id = $1",
                                         {family.id, std::string_view(called.own)}));
                has_written_ = true;
                return family;
            }
        }
        for (const std::string& alias : called.aliases)
            for (const Family& family : MERLON_TRY(families_with(alias)))
                if (may_be_one(ids, family.names)) return family;
        return Family{};
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

    // The names that the family does not have yet, but for those that others have with whom it has
    // nothing to do.
    Status write(const Called& called, const Family& family, const model::Finding& finding) {
        const Names ids = called.ids();
        if (!has(family.names, called.own)) MERLON_TRY(write(called.own, family.id, finding));
        for (const std::string& former : called.formers)
            if (!has(family.names, former) && MERLON_TRY(families_with(former)).empty())
                MERLON_TRY(write(former, family.id, finding));
        for (const std::string& alias : called.aliases) {
            if (has(family.names, alias)) continue;
            const std::vector<Family> others = MERLON_TRY(families_with(alias));
            if (std::ranges::all_of(
                    others, [&](const Family& other) { return may_be_one(ids, other.names); }))
                MERLON_TRY(write(alias, family.id, finding));
        }
        return {};
    }

    Status write(const std::string& name, std::int64_t family, const model::Finding& finding) {
        const auto rule = rules_.find(finding.rule_id);
        const std::string title = rule == rules_.end() ? finding.rule_id : rule->second->name;
        const std::string url = rule == rules_.end() ? "" : rule->second->help_url;
        has_written_ = true;
        return database_.run(
            "INSERT INTO rule (tool, name, family, title, severity, help_url) "
            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tool, name, family) DO NOTHING",
            {std::string_view(tool_), std::string_view(name), family, std::string_view(title),
             static_cast<std::int64_t>(finding.severity), std::string_view(url)});
    }

    Database& database_;
    const std::string& tool_;
    const exchange::ReadReport& read_;
    std::unordered_map<std::string, const model::Rule*> rules_;
    std::set<std::string> shared_ids_;
    std::unordered_map<std::string, int> claims_;  // how many rules had that name before
    std::unordered_map<std::string, std::int64_t> families_;
    decltype(families_)::const_iterator last_ = families_.end();  // that was asked for
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

Result<std::vector<std::string>> decisions_about_several(Database& database, Timestamp now) {
    std::map<std::int64_t, std::set<std::string, std::less<>>> weaknesses;  // by family
    MERLON_TRY(database.each_row("SELECT family, name FROM rule WHERE name LIKE '%CVE-%'", {},
                                 [&](Cells row) {
                                     const std::string_view cve = cve_in(text_of(row[1]));
                                     if (!cve.empty()) weaknesses[integer_of(row[0])].emplace(cve);
                                 }));
    std::vector<std::string> lines;
    for (const auto& [family, ids] : weaknesses) {
        if (ids.size() < 2) continue;
        MERLON_TRY(database.each_row(
            "SELECT DISTINCT d.event, d.rule, d.verdict FROM decision d JOIN rule r ON r.name = "
            "d.rule AND r.family = $1 WHERE d.finding = 0 AND d.current = 1 AND d.proposal = 0 "
            "AND d.verdict > 0 AND d.expires > $2 AND d.tool IN ('', r.tool) ORDER BY d.event",
            {family, seconds_of(now)}, [&](Cells row) {
                std::string others;
                for (const std::string& id : ids)
                    if (id != text_of(row[1])) others += (others.empty() ? "" : ", ") + id;
                lines.push_back(
                    fmt::format("the decision of event {} ({} about {}) holds for {}, too: an "
                                "older Merlon took "
                                "them for one weakness; decide about each of them, or withdraw it",
                                integer_of(row[0]), name(static_cast<Verdict>(integer_of(row[2]))),
                                text_of(row[1]), others));
            }));
    }
    return lines;
}

}  // namespace merlon::evidence
