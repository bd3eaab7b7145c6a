#include "gate/reports.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "base/joined.h"
#include "evidence/import.h"
#include "evidence/matching.h"
#include "evidence/occurrence.h"
#include "evidence/told_lines.h"
#include "evidence/tool_names.h"
#include "exchange/foreign_secrets.h"
#include "gate/unseen.h"

namespace merlon::gate {
namespace {

constexpr std::size_t kMaxFixBytes = 500;
// What a change is of where nobody says it.
constexpr std::string_view kNoRepository = "default";

// Numbers for names, as the matching wants them.
class Numbers {
  public:
    std::int64_t of(const std::string& name) {
        const auto [place, is_first] =
            numbers_.try_emplace(name, static_cast<std::int64_t>(names_.size()) + 1);
        if (is_first) names_.push_back(place->first);
        return place->second;
    }
    bool has(const std::string& name) const { return numbers_.contains(name); }
    void join(const std::string& name, const std::string& former) { numbers_[name] = of(former); }
    std::string_view name(std::int64_t number) const {
        return names_.at(static_cast<std::size_t>(number) - 1);
    }

  private:
    std::map<std::string, std::int64_t> numbers_;
    std::vector<std::string_view> names_;  // by number, from 1 on; the keys of the map
};

evidence::View view_of(const evidence::Occurrence& one, Numbers& families, Numbers& paths) {
    return {.family = families.of(one.finding->rule_id),
            .path = paths.of(one.path),
            .line = one.line,
            .position = one.position,
            .signatures = one.signatures};
}

// The names of a weakness: its rule, and its other ids.
std::vector<std::string> names_of(const model::Finding& finding) {
    std::vector<std::string> names{finding.rule_id};
    const auto ids = finding.properties.find("ids");
    if (ids == finding.properties.end()) return names;
    const std::string_view all = ids->second;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = std::min(all.find(' ', at), all.size());
        if (end > at) names.emplace_back(all.substr(at, end - at));
        at = end + 1;
    }
    return names;
}

// By a name the rules that have it, and by a rule the weaknesses of CVE that it means.
struct WeaknessNames {
    std::map<std::string, std::set<std::string>> rules, weaknesses;
};
WeaknessNames weakness_names(std::span<const evidence::Occurrence> occurrences) {
    WeaknessNames all;
    for (const evidence::Occurrence& one : occurrences) {
        const std::string& rule = one.finding->rule_id;
        for (const std::string& name : names_of(*one.finding)) {
            all.rules[name].insert(rule);
            if (name.starts_with("CVE-")) all.weaknesses[rule].insert(name);
        }
    }
    return all;
}

bool has_common(const std::set<std::string>& left, const std::set<std::string>& right) {
    return std::ranges::any_of(left, [&](const std::string& one) { return right.contains(one); });
}

// Tools change the name under which they tell of a weakness: what base and head call by one name,
// each of one rule alone, is one family. An advisory about several weaknesses is a name of none.
void join_aliases(std::span<const evidence::Occurrence> head,
                  std::span<const evidence::Occurrence> base, Numbers& families) {
    WeaknessNames before = weakness_names(base), now = weakness_names(head);
    for (const auto& [name, rules] : now.rules) {
        const auto found = before.rules.find(name);
        if (found == before.rules.end() || rules.size() != 1 || found->second.size() != 1) continue;
        const std::string &rule = *rules.begin(), &was = *found->second.begin();
        const std::set<std::string>&these = now.weaknesses[rule], &those = before.weaknesses[was];
        if (!these.empty() && !those.empty() && !has_common(these, those)) continue;
        if (!families.has(rule)) families.join(rule, was);
    }
}

// What each of `head` is of `base`.
auto compare(const std::vector<evidence::Occurrence>& head, const exchange::ReadReport& read,
             std::span<const evidence::Occurrence> base, const Change& change,
             const ChangesSinceBase& changes_since) {
    const Unseen unseen(read, change);
    Numbers families, paths;
    std::vector<evidence::Before> before;
    std::map<std::string_view, std::int64_t> by_print;
    for (const evidence::Occurrence& one : base) {
        before.push_back({.view = view_of(one, families, paths),
                          .finding = static_cast<std::int64_t>(before.size()) + 1,
                          .nearness = evidence::Nearness::kSameStream,
                          .is_apart = unseen.may_have_stayed(one.path, one.finding->rule_id),
                          .stood = true});
        by_print[one.print_bytes()] = before.back().finding;
    }
    for (const auto& [rule, formers] : read.former_rules) {
        for (const std::string& former : formers)
            if (!families.has(rule) && families.has(former)) families.join(rule, former);
    }
    join_aliases(head, base, families);
    const std::vector<bool> in_motion =
        evidence::equals_in_changed_files(head, [&](std::string_view path) {
            const evidence::LineChanges* const changes =
                changes_since ? changes_since(path, path) : nullptr;
            return changes != nullptr && changes->has_changed();
        });
    std::vector<evidence::After> after;
    for (std::size_t i = 0; i < head.size(); ++i) {
        const auto same = by_print.find(head[i].print_bytes());
        const bool is_there = same != by_print.end() && !in_motion[i];
        after.push_back({.view = view_of(head[i], families, paths),
                         .same_as = is_there ? same->second : 0,
                         .stood = is_there});
    }
    // The matching asks for the names of files that came and went.
    std::map<std::int64_t, std::string_view> names;
    for (const evidence::Before& one : before) names.try_emplace(one.view.path);
    for (const evidence::After& one : after) names.try_emplace(one.view.path);
    for (auto& [number, name] : names) name = paths.name(number);
    evidence::MatchAnswers answers{.path_name = [&](std::int64_t path) { return names.at(path); }};
    evidence::ToldLines told(head, answers.path_name,
                             [&](const evidence::Before& /*known*/, std::string_view then,
                                 std::string_view now) { return changes_since(then, now); });
    if (changes_since) {
        answers.lines_of = [&](const evidence::Before& known, std::size_t index) {
            return told.of(known, index);
        };
        answers.likeness_of = [&](const evidence::Before& known, std::size_t index) {
            return told.likeness(known, index);
        };
    }
    return evidence::match_views(before, after, answers);
}

// The repository that a report says it is of, if it is another one than `judged`. Only an address
// is one: tools write names of images and projects there, too.
std::string other_repository(const std::string& address, std::string_view judged) {
    const bool is_address = address.contains("://") || address.starts_with("git@");
    if (!is_address || judged.empty() || judged == kNoRepository) return {};
    const std::string name = evidence::repository_name(address);
    const std::string asked = evidence::repository_name(judged);
    if (equal_without_case(name, asked)) return {};
    // "acme/shop" is github.com/acme/shop.
    const bool is_end = name.size() > asked.size() && name[name.size() - asked.size() - 1] == '/' &&
                        equal_without_case(name.substr(name.size() - asked.size()), asked);
    return is_end ? std::string() : name;
}

SeenAnalysis analysis_of(const exchange::ReadReport& read, const std::string& document,
                         const Input& input) {
    const model::Analysis& analysis = read.report.analysis;
    return {.tool = analysis.tool,
            .engine = analysis.engine,
            .category = read.category,
            .below = {},
            .commit = analysis.commit,
            .other_repository = other_repository(read.repository, input.repository),
            .is_complete = analysis.complete,
            .is_assumed = read.is_coverage_assumed && analysis.complete,
            .because = analysis.incomplete_because,
            .gaps = read.report.coverage.gaps,
            .document = document};
}

std::string fix_of(const model::Report& report, const std::string& rule) {
    const auto found = std::ranges::find(report.rules, rule, &model::Rule::id);
    return found == report.rules.end() ? std::string() : found->fix.substr(0, kMaxFixBytes);
}

bool is_suppressed(const evidence::Occurrence& one) { return !one.finding->suppressed_by.empty(); }

// Which of `head` the change suppresses: what the base has not, or does not suppress. `before` is
// what it has, `silent` what it suppresses.
std::vector<bool> suppressed_in_change(const std::vector<evidence::Occurrence>& head,
                                       const exchange::ReadReport& read,
                                       const std::vector<evidence::Occurrence>& before,
                                       const std::vector<evidence::Occurrence>& silent,
                                       const Change& change,
                                       const ChangesSinceBase& changes_since) {
    std::vector<bool> all(head.size(), false);
    if (std::ranges::none_of(head, is_suppressed)) return all;
    std::vector<evidence::Occurrence> base = before;
    base.insert(base.end(), silent.begin(), silent.end());
    const auto pairings = compare(head, read, base, change, changes_since);
    for (std::size_t i = 0; i < head.size(); ++i) {
        const auto known = static_cast<std::size_t>(pairings[i].finding);  // 0: none
        all[i] = is_suppressed(head[i]) && (known == 0 || !is_suppressed(base[known - 1]));
    }
    return all;
}

// The runs of one side that are of one tool, engine, category and place, as one, whatever number of
// documents they came in: so the store has it (evidence/import.h).
struct Group {
    const exchange::ReadReport* read = nullptr;       // the only one …
    std::optional<exchange::ReadReport> united = {};  // … or all of them
    std::string below = {};
    // Where each of them stands; of what several documents have, the first.
    std::vector<std::pair<const exchange::ReadReport*, std::string_view>> documents = {};
    std::vector<evidence::Occurrence> occurrences = {};

    const exchange::ReadReport& report() const { return united ? *united : *read; }
};

// What was looked at; empty: all.
std::string below_of(const exchange::ReadReport& read) {
    const std::vector<std::string>& scope = read.report.analysis.scope;
    return scope.size() == 1 && scope[0] == "." ? std::string() : joined(scope, "\n");
}

bool is_by_same_tool(const exchange::ReadReport& left, const exchange::ReadReport& right) {
    return evidence::tool_name(left.report.analysis.tool) ==
               evidence::tool_name(right.report.analysis.tool) &&
           left.report.analysis.engine == right.report.analysis.engine;
}

bool is_of_same_category(const exchange::ReadReport& left, const exchange::ReadReport& right) {
    const std::string& tool = left.report.analysis.tool;
    return is_by_same_tool(left, right) &&
           steady_category(tool, left.category) == steady_category(tool, right.category);
}

bool is_alike(const exchange::ReadReport& left, const exchange::ReadReport& right) {
    return is_by_same_tool(left, right) && left.category == right.category;
}

std::vector<Group> groups_of(std::span<const ReportDocument> documents) {
    std::vector<Group> groups;
    for (const ReportDocument& document : documents) {
        for (const exchange::ReadReport& read : document.runs) {
            const std::string below = below_of(read);
            const auto known = std::ranges::find_if(groups, [&](const Group& group) {
                return group.below == below && is_alike(*group.read, read);
            });
            if (known == groups.end()) {
                groups.push_back({.read = &read, .below = below});
                groups.back().documents.emplace_back(&read, document.digest);
                continue;
            }
            if (!known->united) known->united = *known->read;
            evidence::unite(*known->united, exchange::ReadReport(read));
            known->documents.emplace_back(&read, document.digest);
        }
    }
    std::size_t repeats = 0;
    for (Group& group : groups)
        group.occurrences = evidence::occurrences_of(group.report().report, repeats);
    return groups;
}

// A checkout somewhere else, which has another name every time.
bool is_checkout(std::string_view below) {
    return below.starts_with('/') || below.starts_with("..");
}

// Those of the base with which a group of the head is compared: what looked at the same; where
// nothing did, what may have: a folder around it or in it, or another checkout, unless it is the
// base of another group of the head.
std::vector<Group*> bases_of(const Group& head, std::span<const Group> heads,
                             std::vector<Group>& bases) {
    std::vector<Group*> same, others;
    for (Group& base : bases) {
        if (!is_alike(*base.read, *head.read)) continue;
        if (base.below == head.below) same.push_back(&base);
        const bool is_of_other = std::ranges::any_of(heads, [&](const Group& other) {
            return other.below == base.below && is_alike(*other.read, *base.read);
        });
        const bool may_be_same = !evidence::are_apart(head.below, base.below) ||
                                 (is_checkout(head.below) && is_checkout(base.below));
        if (!is_of_other && may_be_same) others.push_back(&base);
    }
    return same.empty() ? others : same;
}

// Whether the file is outside of what the head looked at, which then says nothing of it: what the
// base has there did not go. A report names files from the folder that it is of, or from the root.
bool is_outside(const Group& head, const Group& base, const std::string& path) {
    if (head.below.empty() || head.below == base.below) return false;
    const std::string from_root =
        base.below.empty() || is_checkout(base.below) ? path : base.below + "/" + path;
    for (const std::string& folder : head.report().report.analysis.scope) {
        if (is_checkout(folder)) return false;  // of which nobody knows where it is
        std::string_view name = folder;
        if (name.starts_with("./")) name.remove_prefix(2);
        while (name.ends_with('/')) name.remove_suffix(1);
        for (std::string_view file : {std::string_view(path), std::string_view(from_root)}) {
            if (file.starts_with('/')) file.remove_prefix(1);  // Grype's, from the folder on
            if (file.starts_with(name) && (file.size() == name.size() || file[name.size()] == '/'))
                return false;
        }
    }
    return true;
}

// In which document something stands that was united out of several.
class DocumentsOf {
  public:
    explicit DocumentsOf(const Group& group) : only_(group.documents.front().second) {
        if (group.documents.size() < 2) return;
        std::size_t repeats = 0;
        for (const auto& [read, document] : group.documents)
            for (const evidence::Occurrence& one : evidence::occurrences_of(read->report, repeats))
                by_print_.try_emplace(std::string(one.print_bytes()), document);
    }
    std::string of(const evidence::Occurrence& one) const {
        const auto found = by_print_.find(std::string(one.print_bytes()));
        return std::string(found == by_print_.end() ? only_ : found->second);
    }

  private:
    std::string_view only_;
    std::map<std::string, std::string_view> by_print_;
};

void add_group(Group& group, std::span<Group* const> bases, Input& input,
               const ChangesSinceBase& changes_since) {
    std::vector<evidence::Occurrence>& head = group.occurrences;
    const exchange::ReadReport& read = group.report();
    std::vector<evidence::Occurrence> before, silent;
    std::vector<Group*> of;  // each of `before`
    for (Group* const base : bases) {
        input.has_base = true;
        std::vector<evidence::Occurrence> kept;
        for (evidence::Occurrence& one : base->occurrences) {
            if (is_outside(group, *base, one.path)) {
                kept.push_back(std::move(one));
                continue;
            }
            // What somebody was silent about there and is not here is news.
            if (is_suppressed(one)) {
                silent.push_back(one);
                kept.push_back(std::move(one));
                continue;
            }
            of.push_back(base);
            before.push_back(std::move(one));
        }
        base->occurrences = std::move(kept);
    }
    for (auto* occurrences : {&head, &before, &silent}) evidence::sign(*occurrences);
    const auto pairings = compare(head, read, before, input.change, changes_since);
    const std::vector<bool> is_silenced =
        input.gate == "pr"
            ? suppressed_in_change(head, read, before, silent, input.change, changes_since)
            : std::vector<bool>(head.size(), false);
    std::set<std::size_t> claimed;
    const DocumentsOf documents(group);
    const model::Analysis& analysis = read.report.analysis;
    for (std::size_t i = 0; i < head.size(); ++i) {
        const model::Finding& finding = *head[i].finding;
        const auto known = static_cast<std::size_t>(pairings[i].finding);  // 0: none
        if (known > 0) claimed.insert(known - 1);
        std::optional<model::Severity> raised_from;
        if (known > 0 && before[known - 1].finding->severity < finding.severity)
            raised_from = before[known - 1].finding->severity;
        input.findings.push_back({.rule = finding.rule_id,
                                  .tool = analysis.tool,
                                  .kind = kind_of(finding, analysis.tool, analysis.engine),
                                  .severity = finding.severity,
                                  .path = head[i].path,
                                  .line = head[i].line,
                                  .title = finding.message,
                                  .fix = fix_of(read.report, finding.rule_id),
                                  .is_new = pairings[i].finding == 0,
                                  .may_have_moved = pairings[i].maybe_from != 0,
                                  .suppressed_by = finding.suppressed_by,
                                  .document = documents.of(head[i]),
                                  .suppressed_until = {},
                                  .is_suppressed_in_change = is_silenced[i],
                                  .raised_from = raised_from});
    }
    // What one group of the head is, another one with the same base is not, too.
    for (std::size_t i = 0; i < before.size(); ++i)
        if (!claimed.contains(i)) of[i]->occurrences.push_back(std::move(before[i]));
}

// A tool that looked at the base and not at the head, or not in that category, leaves open what the
// change brings.
void expect_analyses_of_base(std::span<const Group> heads, std::span<const Group> bases,
                             std::vector<std::string>& expected) {
    for (const Group& base : bases) {
        const auto has = [&](const auto& is_same) {
            return std::ranges::any_of(
                heads, [&](const Group& head) { return is_same(*head.read, *base.read); });
        };
        if (has(is_of_same_category)) continue;
        const model::Analysis& analysis = base.read->report.analysis;
        std::string name = analysis.engine.empty() ? analysis.tool : analysis.engine;
        if (has(is_by_same_tool))
            name = analysis_name(name, steady_category(name, base.read->category));
        if (std::ranges::find(expected, name) == expected.end()) expected.push_back(name);
    }
}

}  // namespace

std::string kind_of(const model::Finding& finding, std::string_view tool, std::string_view engine) {
    const auto said = finding.properties.find(std::string(exchange::kKindProperty));
    const bool is_said = said != finding.properties.end() && said->second == exchange::kSecretKind;
    if (is_said || engine == "secrets" || !finding.secret_id.empty() || !finding.secret.empty() ||
        exchange::is_secret_scanner(tool))
        return "secret";
    if (finding.properties.contains("stated") || finding.properties.contains("found"))
        return "license";
    if (engine == "packages" || finding.properties.contains("purl") ||
        finding.properties.contains("package"))
        return "package";
    // What the store has from before readers said it.
    return exchange::is_about_found_secrets(finding.rule_id, finding.tags) ? "secret" : "code";
}

void add_reports(std::span<const ReportDocument> head, std::span<const ReportDocument> base,
                 Input& input, const ChangesSinceBase& changes_since) {
    for (const ReportDocument& document : head)
        for (const exchange::ReadReport& read : document.runs)
            input.analyses.push_back(analysis_of(read, document.digest, input));
    std::vector<Group> heads = groups_of(head), bases = groups_of(base);
    for (Group& group : heads)
        add_group(group, bases_of(group, heads, bases), input, changes_since);
    expect_analyses_of_base(heads, bases, input.expected);
}

}  // namespace merlon::gate
