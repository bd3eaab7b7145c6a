#include "evidence/foreign_decisions.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/uri.h"
#include "evidence/decisions.h"
#include "evidence/detail.h"
#include "evidence/import.h"
#include "evidence/seconds.h"
#include "evidence/signature.h"
#include "evidence/tool_names.h"
#include "exchange/report_read.h"

namespace merlon::evidence {
namespace {

using exchange::ForeignDecision;

constexpr std::int64_t kYearNs = std::int64_t{365} * 86'400 * kSecondNs;
constexpr std::size_t kMaxReason = 8000;

std::string reason_of(const ForeignDecision& from) {
    std::string reason = storable(from.reason.empty() ? from.verdict : from.reason);
    if (reason.size() <= kMaxReason) return reason;
    std::size_t end = kMaxReason;
    while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xC0U) == 0x80U) --end;
    return reason.substr(0, end) + "…";
}

// The value of a qualifier of a package URL.
std::string qualifier(std::string_view purl, std::string_view name) {
    std::size_t at = purl.find('?');
    while (at != std::string_view::npos && at + 1 < purl.size()) {
        std::string_view rest = purl.substr(at + 1);
        rest = rest.substr(0, rest.find_first_of("&#"));
        if (rest.starts_with(name) && rest.substr(name.size()).starts_with('='))
            return percent_decode(rest.substr(name.size() + 1));
        at = purl.find('&', at + 1);
    }
    return {};
}

// The names under which the store may have what a package URL, or a plain name, is of.
std::vector<std::string> scope_names(std::string_view product) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kForges{
        {{"pkg:github/", "github.com/"},
         {"pkg:gitlab/", "gitlab.com/"},
         {"pkg:bitbucket/", "bitbucket.org/"}}};
    std::vector<std::string> names{std::string(product)};
    if (!product.starts_with("pkg:")) return names;
    const std::string_view package = purl_parts(product).package;
    names.emplace_back(package);
    for (const auto& [type, host] : kForges)
        if (package.starts_with(type))
            names.push_back(std::string(host) + percent_decode(package.substr(type.size())));
    if (const std::string url = qualifier(product, "repository_url"); !url.empty()) {
        names.push_back(repository_name(url));
        names.push_back(repository_name(url) + "/" +
                        percent_decode(package.substr(package.rfind('/') + 1)));
    }
    const std::size_t type_end = package.find('/');
    if (type_end != std::string_view::npos)
        names.push_back(percent_decode(package.substr(type_end + 1)));
    return names;
}

// Qualifiers by name, of which the ones with the same name have to be equal.
using Qualifiers = std::map<std::string, std::string, std::less<>>;

Qualifiers qualifiers_of(std::string_view purl) {
    Qualifiers all;
    purl = purl.substr(0, purl.find('#'));
    for (std::size_t at = purl.find('?'); at != std::string_view::npos;) {
        const std::size_t end = purl.find('&', at + 1);
        const std::string_view pair = purl.substr(at + 1, end - at - 1);
        if (const std::size_t equals = pair.find('='); equals != std::string_view::npos)
            all.emplace(lower_case(pair.substr(0, equals)),
                        percent_decode(pair.substr(equals + 1)));
        at = end;
    }
    return all;
}

// The part of a package that a package URL is about; empty: all of it.
std::string subpath_of(std::string_view purl) {
    const std::size_t at = purl.find('#');
    if (at == std::string_view::npos || !equal_without_case(purl.substr(0, 4), "pkg:")) return {};
    std::string part = percent_decode(purl.substr(at + 1));
    while (part.ends_with('/')) part.pop_back();
    part.erase(0, std::min(part.find_first_not_of('/'), part.size()));
    return part;
}

bool are_compatible(const Qualifiers& one, const Qualifiers& other) {
    return std::ranges::all_of(one, [&](const auto& qualifier) {
        const auto found = other.find(qualifier.first);
        return found == other.end() || found->second == qualifier.second;
    });
}

// The type of a package URL has no case ("pkg:NPM/a" is "pkg:npm/a").
std::string with_plain_type(std::string_view purl) {
    const std::size_t end = std::min(purl.find('/'), purl.size());
    return lower_case(purl.substr(0, end)) + std::string(purl.substr(end));
}

// Whether one is the other without what stands in front: "acme/shop" of "github.com/acme/shop".
bool is_same_place(std::string_view one, std::string_view other) {
    if (one.size() > other.size()) std::swap(one, other);
    if (one.empty() || !equal_without_case(other.substr(other.size() - one.size()), one))
        return false;
    return one.size() == other.size() || other[other.size() - one.size() - 1] == '/';
}

class Applier {
  public:
    Applier(Database& database, const ForeignContext& context)
        : database_(database), context_(context) {}

    Result<ForeignOutcome> apply(std::span<const ForeignDecision> decisions) {
        for (const auto& [name, finding] : context_.findings) own_.insert(finding);
        for (const ForeignDecision& from : decisions)
            if (from.of_tool && from.verdict != "fixed")
                lines_[file_of(*from.of_tool)].insert(from.of_tool->line);
        for (const ForeignDecision& from : decisions) MERLON_TRY(apply_one(from));
        return std::move(outcome_);
    }

  private:
    Result<std::string> scope_of_product(const std::string& product) {
        const auto known = products_.find(product);
        if (known != products_.end()) return known->second;
        std::string found;
        const std::vector<std::string> names = scope_names(product);
        for (const std::string& name : names) {
            const std::string_view asked = name;
            const std::int64_t some = MERLON_TRY(
                database_.number("SELECT count(*) FROM scope WHERE name = $1", {asked}, 0));
            if (some == 0 || !found.empty()) continue;
            found = name;
        }
        // What the user says the document is about, where that may be what it calls so.
        const bool is_told = std::ranges::any_of(
            names, [&](const std::string& name) { return is_same_place(name, context_.scope); });
        if (is_told) found = context_.scope;
        return products_.emplace(product, std::move(found)).first->second;
    }

    void leave_out(std::string_view reason) { ++outcome_.not_carried[std::string(reason)]; }

    Status apply_one(const ForeignDecision& from) {
        const std::optional<Verdict> verdict = parse_verdict(from.verdict);
        if (!verdict) {
            leave_out("it decides nothing");
            return {};
        }
        if (*verdict == Verdict::kNone) return withdraw(from);
        NewDecision decision{
            .targets = MERLON_TRY(targets_of(from)),
            .verdict = *verdict,
            .justification = parse_justification(from.justification).value_or(Justification::kNone),
            .reason = reason_of(from),
            .author = storable(from.author.empty() ? "unknown" : from.author),
            .approved_by = storable(from.approved_by),
            .made = std::min(from.made.value_or(context_.now), context_.now),
            .expires = from.expires.value_or(Timestamp{context_.now.nanoseconds + kYearNs}),
            .signature = {},
            .origin = storable(from.origin),
            .document = context_.document};
        if (decision.targets.empty()) return {};  // counted
        if (decision.expires <= context_.now) {
            leave_out("it had ended before it was imported");
            return {};
        }
        MERLON_TRY(leave_what_is_here(decision, from));
        if (decision.targets.empty()) return {};
        if (const Status sound = check_decision(decision); !sound.ok()) {
            leave_out(sound.error().message);
            return {};
        }
        const DecisionOutcome made =
            MERLON_TRY(decide(database_, decision, context_.actor, context_.now));
        ++(made.is_proposed    ? outcome_.proposed
           : made.findings > 0 ? outcome_.applied
                               : outcome_.waiting);
        if (!from.expires) ++outcome_.ends_set;
        return {};
    }

    // Takes back what the same tool has said of the same, which is nothing most often.
    Status withdraw(const ForeignDecision& from) {
        NewDecision decision{.targets = {},
                             .verdict = Verdict::kNone,
                             .reason = reason_of(from),
                             .author = storable(from.author.empty() ? "unknown" : from.author),
                             .approved_by = {},
                             .made = std::min(from.made.value_or(context_.now), context_.now),
                             .expires = {},
                             .signature = {},
                             .origin = storable(from.origin),
                             .document = context_.document};
        const std::string tool = decision.origin.substr(0, decision.origin.find(','));
        for (const DecisionTarget& target : MERLON_TRY(named_by(from))) {
            bool is_its_own = false;
            MERLON_TRY(each_standing(target, [&](Cells row) {
                const std::string_view origin = text_of(row[5]);
                is_its_own = integer_of(row[0]) != 0 && origin.starts_with(tool) &&
                             origin.substr(tool.size()).starts_with(',') &&
                             (!from.made || integer_of(row[4]) <= seconds_of(decision.made));
            }));
            if (is_its_own) decision.targets.push_back(target);
        }
        if (decision.targets.empty()) return {};
        MERLON_TRY(decide(database_, decision, context_.actor, context_.now));
        ++outcome_.withdrawn;
        return {};
    }

    // The findings of the repository that have the fingerprint.
    Status add_known(const ForeignDecision& from, std::vector<DecisionTarget>& targets) {
        model::Finding finding;
        finding.fingerprints.push_back({from.known_as, from.finding});
        const std::string scope =
            context_.scope.empty() ? repository_name(from.repository) : context_.scope;
        for (const Signature& signature : signatures_of(finding)) {
            if (signature.algorithm != Algorithm::kFingerprint) continue;
            MERLON_TRY(database_.each_row(
                "SELECT g.finding FROM signature g JOIN scope o ON o.id = g.scope "
                "WHERE o.name = $1 AND g.algorithm = $2 AND g.value = $3 ORDER BY g.finding",
                {std::string_view(scope), static_cast<std::int64_t>(signature.algorithm),
                 Bytes{signature.bytes()}},
                [&](Cells row) { targets.push_back({.finding = integer_of(row[0])}); }));
        }
        return {};
    }

    // What a tool's rule has found in one file.
    using RuleFile = std::array<std::string, 3>;
    static RuleFile file_of(const exchange::ToolPlace& place) {
        return {lower_case(place.tool), place.rule, place.path};
    }

    // What the tool's own reports have of it, by rule, file and line: of several that stand in one
    // line it is the one at its column, and all of them where none is told. Lines move, so that it
    // has to be the same code, unless `must_agree` is kNo.
    enum class MustAgree : std::uint8_t { kNo, kYes };
    Status add_of_tool(const ForeignDecision& from, MustAgree must_agree,
                       std::vector<DecisionTarget>& targets) {
        if (!from.of_tool) return {};
        const std::string scope =
            context_.scope.empty() ? repository_name(from.repository) : context_.scope;
        const std::string tool = MERLON_TRY(tool_called(database_, scope, from.of_tool->tool));
        const std::string rule = storable(from.of_tool->rule), path = storable(from.of_tool->path);
        std::vector<InStore> there;
        std::set<std::int64_t> lines;
        MERLON_TRY(database_.each_row(
            "SELECT f.id, f.line, f.detection, coalesce(p.state, 1), coalesce(a.revision, '') FROM "
            "scope o CROSS JOIN path n "
            "CROSS JOIN finding f CROSS JOIN stream t LEFT JOIN presence p ON p.finding = f.id "
            "AND p.stream = t.id LEFT JOIN analysis a ON a.id = t.last_analysis "
            "WHERE o.name = $1 AND n.scope = o.id AND n.name = $2 AND f.path = n.id "
            "AND f.rule = $3 AND t.id = f.stream AND t.tool = $4 ORDER BY f.id",
            {std::string_view(scope), std::string_view(path), std::string_view(rule),
             std::string_view(tool)},
            [&](Cells row) {
                const std::int64_t id = integer_of(row[0]), line = integer_of(row[1]);
                if (own_.contains(id)) return;
                if (integer_of(row[2]) != kGone) lines.insert(line);
                if (line != static_cast<std::int64_t>(from.of_tool->line)) return;
                const bool is_seen = integer_of(row[3]) == kSeen;
                there.push_back({id, is_seen ? std::string(text_of(row[4])) : std::string()});
            }));
        // One line alone has no others that would tell.
        const bool are_all_there = lines.size() > 1 && lines_[file_of(*from.of_tool)] == lines;
        const bool are_several = there.size() > 1;
        for (const InStore& one : there) {
            const bool is_of_commit = is_of_one_commit(from.of_tool->commit, one.commit);
            if ((are_several || is_of_commit) &&
                !MERLON_TRY(is_at_column(*from.of_tool, one.id, are_several)))
                is_other_code_ = true;
            else if (must_agree == MustAgree::kNo ||
                     MERLON_TRY(is_the_same(from, one, are_all_there)))
                add({.finding = one.id}, targets);
            else
                is_other_code_ = true;
        }
        return {};
    }

    struct InStore {
        std::int64_t id = 0;
        std::string commit;  // that its line is of; empty: not told
    };
    static constexpr std::int64_t kGone = 2, kSeen = 0;

    // Whether the code in that line is what the decision is about: it is of the same commit, or
    // looks the same. Where no commit is told, the rule's other findings in the file tell whether
    // something has moved.
    Result<bool> is_the_same(const ForeignDecision& from, const InStore& one, bool are_all_there) {
        const exchange::ToolPlace& place = *from.of_tool;
        if (is_of_one_commit(place.commit, one.commit)) return true;
        if ((place.commit.empty() || one.commit.empty()) && are_all_there) return true;
        if (MERLON_TRY(looks_the_same(place, one.id))) return true;
        bool is_decided = false;  // while both were of one commit
        MERLON_TRY(each_standing({.finding = one.id}, [&](Cells row) {
            is_decided = is_decided || text_of(row[5]) == from.origin;
        }));
        return is_decided;
    }

    // Both told, and one the beginning of the other.
    static bool is_of_one_commit(std::string_view left, std::string_view right) {
        const std::size_t digits = std::min(left.size(), right.size());
        return digits > 0 && equal_without_case(left.substr(0, digits), right.substr(0, digits));
    }

    Result<model::Finding> told_of(std::int64_t finding) {
        std::string packed;
        MERLON_TRY(database_.each_row("SELECT body FROM finding_detail WHERE finding = $1",
                                      {finding}, [&](Cells row) { packed = bytes_of(row[0]); }));
        const std::string body = MERLON_TRY(DetailReader().read(packed));
        return exchange::read_finding(body);
    }

    // Whether it begins where the decision says. A report without columns does not tell; of
    // several in one line it has to.
    Result<bool> is_at_column(const exchange::ToolPlace& place, std::int64_t finding,
                              bool has_to_tell) {
        if (place.column == 0) return true;
        const model::Finding told = MERLON_TRY(told_of(finding));
        const auto* const file = std::get_if<model::FileLocation>(&told.location);
        const std::uint32_t column = file == nullptr ? 0 : file->region.start_column;
        return column == 0 ? !has_to_tell : column == place.column;
    }

    Result<bool> looks_the_same(const exchange::ToolPlace& place, std::int64_t finding) {
        if (place.text.empty() && place.fingerprint.empty()) return false;
        const model::Finding told = MERLON_TRY(told_of(finding));
        const bool has_print = std::ranges::any_of(told.fingerprints, [&](const auto& print) {
            return !place.fingerprint.empty() && print.value == place.fingerprint;
        });
        if (has_print) return true;
        const model::Excerpt& shown = told.excerpt;
        const std::size_t at = shown.mark_line - std::size_t{shown.first_line};
        if (shown.mark_line < shown.first_line || at >= shown.lines.size()) return false;
        std::string_view line = shown.lines[at];
        constexpr std::string_view kSpace = " \t\r";
        constexpr std::size_t kLeast = 8;  // fewer characters stand in many a text
        line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
        line = line.substr(0, line.find_last_not_of(kSpace) + 1);
        return line.size() >= kLeast && place.text.contains(line);
    }

    // The targets whatever the store has of them; a product is not looked for.
    Result<std::vector<DecisionTarget>> named_by(const ForeignDecision& from) {
        std::vector<DecisionTarget> targets;
        if (from.finding.empty()) {
            add_targets(from,
                        context_.scope.empty() ? repository_name(from.repository) : context_.scope,
                        from.packages, targets);
        } else if (const auto found = context_.findings.find(from.finding);
                   found != context_.findings.end()) {
            targets.push_back({.finding = found->second});
            MERLON_TRY(add_of_tool(from, MustAgree::kNo, targets));
        }
        return targets;
    }

    // The decisions about exactly this target that stand, or wait for a second person.
    Status each_standing(const DecisionTarget& target, const std::function<void(Cells)>& use) {
        return database_.each_row(
            "SELECT verdict, justification, reason, author, made, origin FROM decision "
            "WHERE finding = $1 AND scope = $2 AND tool = '' AND rule = $3 AND package = $4 "
            "AND version = $5 AND (current = 1 OR proposal = 1)",
            {target.finding, std::string_view(target.scope), std::string_view(target.rule),
             std::string_view(target.package), std::string_view(target.version)},
            use);
    }

    // None, with a count, where there is nothing that it could be about.
    Result<std::vector<DecisionTarget>> targets_of(const ForeignDecision& from) {
        std::vector<DecisionTarget> targets;
        if (!from.finding.empty()) {
            const auto found = context_.findings.find(from.finding);
            if (found != context_.findings.end()) {
                targets.push_back({.finding = found->second});
                is_other_code_ = false;
                MERLON_TRY(add_of_tool(from, MustAgree::kYes, targets));
                if (from.of_tool && targets.size() < 2 && is_other_code_)
                    leave_out(
                        "what its tool's report in the store has at that line may be another one: "
                        "neither commit and column nor code say that it is the same; import the "
                        "tool's report "
                        "of the same commit, and this once more");
                else if (from.of_tool && targets.size() < 2)
                    leave_out(
                        "no report of its tool in the store tells of it there: import that "
                        "first, and this once more");
            } else if (!from.known_as.empty()) {
                MERLON_TRY(add_known(from, targets));
                if (targets.empty()) leave_out("its finding is not in the store");
            } else {
                leave_out("its finding is not in the document");
            }
            return targets;
        }
        std::vector<std::string> packages = from.packages;
        std::string scope =
            context_.scope.empty() ? repository_name(from.repository) : context_.scope;
        if (!from.product.empty()) {
            const std::string known = MERLON_TRY(scope_of_product(from.product));
            if (!known.empty() && known != context_.scope && !subpath_of(from.product).empty()) {
                leave_out(
                    "its product is a part of a repository (behind '#' of the package URL), and "
                    "the store knows the whole: --repository says that this is meant");
                return targets;
            }
            if (!known.empty()) {
                scope = known;
            } else if (packages.empty() && from.product.starts_with("pkg:") &&
                       !from.product.starts_with("pkg:oci/") &&
                       !from.product.starts_with("pkg:docker/")) {
                packages.push_back(from.product);
            } else {
                leave_out("its product is no repository or image of the store");
                return targets;
            }
        }
        add_targets(from, scope, packages, targets);
        if (targets.empty()) {
            leave_out("it names no weakness");
            return targets;
        }
        return MERLON_TRY(without_others(targets, packages));
    }

    // A statement about openssl of Debian 12 says nothing of that of Debian 11: where findings have
    // qualifiers that differ, it is about those that have not. One about a part of a package is
    // about findings of that part alone, those that are there.
    Result<std::vector<DecisionTarget>> without_others(std::vector<DecisionTarget> targets,
                                                       const std::vector<std::string>& packages) {
        const bool are_qualified = std::ranges::any_of(
            packages, [](std::string_view one) { return one.find_first_of("?#") != one.npos; });
        if (!are_qualified) return targets;
        std::vector<DecisionTarget> all;
        bool has_others = false;
        for (DecisionTarget& target : targets) {
            std::vector<std::string_view> said;
            for (const std::string& package : packages)
                if (is_of(package, target)) said.emplace_back(package);
            std::vector<std::int64_t> same;
            bool is_of_others = !said.empty() && std::ranges::none_of(said, [](auto package) {
                return subpath_of(package).empty();
            });
            MERLON_TRY(each_purl(target, [&](std::int64_t finding, std::string_view purl) {
                const bool fits = said.empty() || std::ranges::any_of(said, [&](auto package) {
                                      return is_about(package, purl);
                                  });
                if (fits)
                    same.push_back(finding);
                else
                    is_of_others = true;
            }));
            has_others = has_others || is_of_others;
            if (!is_of_others) all.push_back(std::move(target));
            for (const std::int64_t finding : same)
                if (is_of_others) add({.finding = finding}, all);
        }
        const bool are_parts = std::ranges::any_of(
            packages, [](std::string_view one) { return !subpath_of(one).empty(); });
        if (all.empty() && has_others)
            leave_out(are_parts ? "its package URL is about a part of a package (behind '#'), of "
                                  "which no finding is"
                                : "its package URL has other qualifiers than the packages that "
                                  "were found");
        return all;
    }

    // Whether what is said of the one holds for the other, a package of that name and version.
    static bool is_about(std::string_view package, std::string_view found) {
        const std::string part = subpath_of(package);
        return are_compatible(qualifiers_of(package), qualifiers_of(found)) &&
               (part.empty() || part == subpath_of(found));
    }

    static bool is_of(const std::string& package, const DecisionTarget& target) {
        const std::string plain = with_plain_type(package);
        const PurlParts parts = purl_parts(plain);
        return storable(parts.package) == target.package &&
               storable(parts.version) == target.version;
    }

    // The findings that a target means, with their package URLs.
    Status each_purl(const DecisionTarget& target,
                     const std::function<void(std::int64_t, std::string_view)>& use) {
        Status sound;
        DetailReader details;
        MERLON_TRY(database_.each_row(
            "SELECT f.id, b.body FROM finding f JOIN scope o ON o.id = f.scope JOIN finding_detail "
            "b ON b.finding = f.id WHERE f.family IN (SELECT family FROM rule WHERE name = $1) "
            "AND f.package = $2 AND $3 IN ('', f.version) AND $4 IN ('', o.name) ORDER BY f.id",
            {std::string_view(target.rule), std::string_view(target.package),
             std::string_view(target.version), std::string_view(target.scope)},
            [&](Cells row) {
                const Result<std::string> body = details.read(bytes_of(row[1]));
                const Result<model::Finding> read = body.ok()
                                                        ? exchange::read_finding(body.value())
                                                        : Result<model::Finding>(body.error());
                if (!read.ok()) {
                    if (sound.ok()) sound = read.error();
                    return;
                }
                const auto purl = read.value().properties.find("purl");
                if (purl != read.value().properties.end()) use(integer_of(row[0]), purl->second);
            }));
        return sound;
    }

    static void add_targets(const ForeignDecision& from, const std::string& scope,
                            const std::vector<std::string>& packages,
                            std::vector<DecisionTarget>& targets) {
        for (const std::string& rule : from.rules) {
            if (rule.empty()) continue;
            DecisionTarget target{.scope = scope, .rule = storable(rule)};
            if (packages.empty()) add(target, targets);
            for (const std::string& package : packages) {
                if (package.starts_with(kComponentPrefix)) {
                    target.package = storable(package);
                    target.version = storable(from.version);
                } else {
                    const std::string plain = with_plain_type(package);
                    const PurlParts parts = purl_parts(plain);
                    target.package = storable(parts.package);
                    target.version = storable(parts.version);
                }
                add(target, targets);
            }
        }
    }

    static void add(const DecisionTarget& target, std::vector<DecisionTarget>& targets) {
        if (std::ranges::find(targets, target) == targets.end()) targets.push_back(target);
    }

    // Takes out targets of which the same, or something later, was decided.
    Status leave_what_is_here(NewDecision& decision, const ForeignDecision& from) {
        std::size_t same = 0, later = 0;
        std::vector<DecisionTarget> rest;
        for (const DecisionTarget& target : decision.targets) {
            bool is_same = false, is_later = false;
            MERLON_TRY(each_standing(target, [&](Cells row) {
                is_same = integer_of(row[0]) == static_cast<std::int64_t>(decision.verdict) &&
                          integer_of(row[1]) == static_cast<std::int64_t>(decision.justification) &&
                          text_of(row[2]) == decision.reason &&
                          text_of(row[3]) == decision.author &&
                          (!from.made || integer_of(row[4]) == seconds_of(decision.made));
                // One without a date is older than what was said by anybody else.
                const bool is_of_same =
                    text_of(row[3]) == decision.author && text_of(row[5]) == decision.origin;
                is_later = from.made ? integer_of(row[4]) > seconds_of(decision.made) : !is_of_same;
            }));
            if (is_same)
                ++same;
            else if (is_later)
                ++later;
            else
                rest.push_back(target);
        }
        decision.targets = std::move(rest);
        if (!decision.targets.empty()) return {};
        if (later > 0)
            leave_out("something was decided about the same later");
        else if (same > 0)
            ++outcome_.known;
        return {};
    }

    Database& database_;
    const ForeignContext& context_;
    std::map<std::string, std::string> products_;       // to the scope; empty: none
    std::set<std::int64_t> own_;                        // findings of the document itself
    std::map<RuleFile, std::set<std::int64_t>> lines_;  // where the document has some
    bool is_other_code_ = false;  // at the line of the last one that was looked for
    ForeignOutcome outcome_;
};

}  // namespace

Result<ForeignOutcome> apply_foreign(Database& database, const ForeignContext& context,
                                     std::span<const ForeignDecision> decisions) {
    return Applier(database, context).apply(decisions);
}

}  // namespace merlon::evidence
