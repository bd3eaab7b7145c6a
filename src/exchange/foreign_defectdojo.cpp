// What DefectDojo's records (defectdojo_records.h) mean together: reports of the tools that it took
// them from, and what people have decided.

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "base/ascii.h"
#include "base/joined.h"
#include "exchange/date_time.h"
#include "exchange/defectdojo_records.h"
#include "exchange/foreign_documents.h"
#include "exchange/foreign_draft.h"
#include "exchange/foreign_secrets.h"
#include "exchange/foreign_text.h"
#include "exchange/odd_values.h"

namespace merlon::exchange {
namespace {

constexpr std::string_view kNobody = "somebody in DefectDojo";
constexpr std::string_view kTitle = "DefectDojo's API";

std::string name_in(const DojoNames& names, const std::string& id) {
    const auto found = names.find(id);
    return found == names.end() ? std::string() : found->second;
}

// "Trivy Scan" is what Merlon's own reader calls trivy, so that its next report finds them again.
std::string tool_of(std::string_view test_type) {
    std::string name = lower_case(test_type);
    constexpr std::array<std::string_view, 6> kEndings{" json report", " json lines", " scan",
                                                       " report",      " json",       " scanner"};
    for (bool is_cut = true; is_cut;) {
        is_cut = false;
        for (const std::string_view ending : kEndings) {
            if (!name.ends_with(ending) || name.size() == ending.size()) continue;
            name.erase(name.size() - ending.size());
            is_cut = true;
        }
    }
    if (name.starts_with("anchore ")) name.erase(0, sizeof("anchore ") - 1);
    if (name == "pro__semgrep") name = "semgrep";
    return name.empty() ? "defectdojo" : name;
}

class Dojo {
  public:
    Dojo(DojoRecords& records, ForeignDecisions& decided) : records_(records), decided_(decided) {}

    std::vector<ReadReport> finish() {
        join();
        for (const DojoFinding& one : records_.findings)
            if (counts(one)) says_[package_key(one)].insert(what_is_said(one));
        for (const DojoFinding& one : records_.findings) add(one);
        count_what_is_missing();
        std::vector<ReadReport> reports;
        for (auto& [key, draft] : drafts_) {
            draft.add_unstated("DefectDojo's API gives findings in pages, of any filter");
            if (reports.empty())
                for (std::string& line : odd_.notices()) draft.add_notice(std::move(line));
            reports.push_back(std::move(draft).finish());
        }
        return reports;
    }

  private:
    void join() {
        for (DojoFinding& one : records_.findings) {
            if (one.test_type.empty()) one.test_type = name_in(records_.names_of_tests, one.test);
            if (one.test_type.empty())
                one.test_type = name_in(records_.types, name_in(records_.test_types, one.test));
            if (one.product.empty())
                one.product =
                    name_in(records_.products, name_in(records_.products_of_engagements,
                                                       name_in(records_.engagements, one.test)));
            for (DojoNote& note : one.notes) {
                if (!note.text.starts_with('#')) continue;
                const auto found = records_.notes.find(note.text.substr(1));
                if (found != records_.notes.end()) note = found->second;
            }
        }
        for (const auto& [id, acceptance] : records_.acceptances)
            for (const std::string& finding : acceptance.findings) accepted_[finding].push_back(id);
    }

    // What stands in the store, and is not gone.
    static bool counts(const DojoFinding& one) {
        return !one.is_duplicate && (!one.is_mitigated || one.is_false || one.is_out_of_scope);
    }

    // What a decision about a package is told by: the same component may be in two places.
    static std::string package_key(const DojoFinding& one) {
        if (one.component.empty() || one.ids.empty()) return {};
        return one.product + '\0' + one.component + '\0' + one.version + '\0' + one.ids.front();
    }

    std::string what_is_said(const DojoFinding& one) const {
        std::string said = one.is_false ? "f" : "";
        if (one.is_out_of_scope) said += "o";
        const auto accepted = accepted_.find(one.id);
        if (one.is_accepted && accepted == accepted_.end()) said += "a";
        if (accepted != accepted_.end()) said += " " + joined(accepted->second, " ");
        return said;
    }

    // Whether all records about the package say the same, so that it may hold for the package.
    bool is_of_package(const DojoFinding& one) const {
        const std::string key = package_key(one);
        return !key.empty() && says_.at(key).size() == 1;
    }

    void leave_out(std::string_view reason) { ++decided_.not_carried[std::string(reason)]; }

    void add(const DojoFinding& one) {
        if (one.is_duplicate) {
            leave_out("a finding is a duplicate of another one");
            return;
        }
        if (one.is_mitigated && !one.is_false && !one.is_out_of_scope) {
            leave_out("a finding is mitigated: it is gone");
            return;
        }
        model::Finding& finding = add_finding(one);
        finding.properties["defectdojo"] = one.id;
        finding.fingerprints.push_back({std::string(kForeignFinding), one.id});
        add_notes(one, finding);
        if (one.is_verified) finding.tags.emplace_back("verified");
        if (one.is_under_review) leave_out("a review was asked for, and is not made");
        const std::size_t before = decided_.decisions.size();
        decide(one);
        const bool is_decided =
            decided_.decisions.size() > before && decided_.decisions.back().verdict != "none";
        if (one.is_active || is_decided || one.is_accepted) return;
        finding.suppressed_by = "external";
        finding.suppression_reason = "inactive in DefectDojo, which does not say why";
    }

    std::optional<model::Severity> severity_of(const DojoFinding& one) {
        const auto severity = severity_of_word(one.severity);
        if (!severity && !one.severity.empty())
            odd_.note("severity '" + one.severity + "'", "high");
        return severity;
    }

    ForeignDraft& draft_of(const DojoFinding& one) {
        const std::pair key(one.product, tool_of(one.test_type));
        const auto known = drafts_.find(key);
        if (known != drafts_.end()) return known->second;
        ForeignDraft& made =
            drafts_.emplace(key, ForeignDraft(key.second, "defectdojo")).first->second;
        made.read().repository = one.product;
        return made;
    }

    model::Finding& add_finding(const DojoFinding& one) {
        ForeignDraft& draft = draft_of(one);
        if (!one.component.empty() && !one.ids.empty()) {
            PackageNews news{.ids = one.ids,
                             .name = one.component,
                             .version = one.version,
                             .purl = {},
                             .ecosystem = {},
                             .path = one.path,
                             .fixed = one.fixed,
                             .title = one.title,
                             .description = one.description,
                             .url = {},
                             .cvss = one.cvss,
                             .cwes = {},
                             .severity = severity_of(one)};
            if (!one.cwe.empty()) news.cwes.push_back(one.cwe);
            return draft.add(news);
        }
        std::string id = one.rule;
        if (id.empty() && !one.ids.empty()) id = one.ids.front();
        if (id.empty()) id = one.title;
        model::Rule& rule = draft.rule(id);
        rule.name = one.title;
        rule.description = one.description;
        rule.fix = one.mitigation;
        rule.cwe = one.cwe;
        rule.severity = severity_of(one).value_or(model::Severity::kHigh);
        model::Finding& finding = draft.add(id);
        finding.severity = rule.severity;
        finding.message = one.title;
        finding.tags = one.tags;
        model::FileLocation place{.path = path_of(one)};
        place.region.start_line = one.line;
        place.region.end_line = one.line;
        finding.location = std::move(place);
        if (!one.unique_id.empty())
            finding.fingerprints.push_back({"defectdojo/unique-id", one.unique_id});
        return finding;
    }

    std::string user(const std::string& id) const {
        const std::string name = name_in(records_.users, id);
        if (!name.empty()) return name;
        const bool is_number =
            !id.empty() && id.find_first_not_of("0123456789") == std::string::npos;
        return is_number ? "DefectDojo user " + id : id;
    }

    void add_notes(const DojoFinding& one, model::Finding& finding) {
        std::string all;
        for (const DojoNote& note : one.notes) {
            if (note.is_private) {
                leave_out("a note is private: it stays in the kept document");
            } else if (note.text.starts_with('#')) {
                leave_out("a note is named by its number alone: export /notes too");
            } else {
                all += (all.empty() ? "" : "\n") + note.date + " " + user(note.author) + ": " +
                       note.text;
            }
        }
        if (!all.empty()) finding.properties["notes"] = std::move(all);
    }

    // The latest note says why, most often.
    static const DojoNote* latest_note(const DojoFinding& one) {
        const DojoNote* latest = nullptr;
        for (const DojoNote& note : one.notes) {
            if (note.is_private || note.text.starts_with('#')) continue;
            if (latest == nullptr || note.date > latest->date) latest = &note;
        }
        return latest;
    }

    static std::optional<Timestamp> moment(const std::string& text) {
        const Result<Timestamp> read = parse_date_time(text);
        return read.ok() ? std::optional(read.value()) : std::nullopt;
    }

    // About a package it holds for the reports of tools to come; else, and where something else is
    // said of the package in another place, for the finding.
    void aim(const DojoFinding& one, ForeignDecision& decision) const {
        if (!is_of_package(one)) {
            decision.finding = one.id;
            aim_at_tool(one, decision);
            return;
        }
        aim_at_package(one, decision);
    }

    // What its tool tells of the same line of code. A secret is known by its value, which is not
    // here.
    void aim_at_tool(const DojoFinding& one, ForeignDecision& decision) const {
        const std::string tool = tool_of(one.test_type);
        if (one.rule.empty() || one.path.empty() || one.line == 0 || is_secret_scanner(tool) ||
            is_about_found_secrets(one.rule, one.tags))
            return;
        decision.repository = one.product.empty() ? std::string(kUnnamedRepository) : one.product;
        decision.of_tool = {.tool = tool,
                            .rule = one.rule,
                            .path = path_of(one),
                            .line = one.line,
                            .text = one.description,
                            .fingerprint = one.unique_id};
    }

    // Checkov's own paths begin at the folder that was looked at.
    static std::string path_of(const DojoFinding& one) {
        std::string_view path = one.path;
        if (tool_of(one.test_type) == "checkov")
            while (path.starts_with('/')) path.remove_prefix(1);
        return std::string(path);
    }

    static void aim_at_package(const DojoFinding& one, ForeignDecision& decision) {
        decision.rules = one.ids;
        decision.packages = {"component:" + one.component};
        decision.version = one.version;
        decision.repository = one.product.empty() ? kUnnamedRepository : one.product;
    }

    void decide(const DojoFinding& one) {
        // What was decided about the package while all said the same, holds for none of them now.
        const std::string key = package_key(one);
        if (!key.empty() && !is_of_package(one) && taken_back_.insert(key).second) {
            ForeignDecision decision{.verdict = "none",
                                     .reason = "something else is decided in another place",
                                     .author = std::string(kNobody),
                                     .origin = "DefectDojo, finding " + one.id};
            aim_at_package(one, decision);
            decided_.decisions.push_back(std::move(decision));
        }
        const auto accepted = accepted_.find(one.id);
        if (accepted != accepted_.end()) {
            for (const std::string& id : accepted->second) accept(one, records_.acceptances.at(id));
        } else if (one.is_accepted) {
            decide_by_flag(one, "accepted", "risk accepted");
        }
        if (one.is_false) decide_by_flag(one, "false_positive", "false positive");
        if (one.is_out_of_scope) decide_by_flag(one, "accepted", "out of scope");
        const bool is_accepted = one.is_accepted || accepted != accepted_.end();
        // It may have been decided once, and is not any more.
        if (!is_accepted && !one.is_false && !one.is_out_of_scope)
            decide_by_flag(one, "none", "neither false positive, accepted nor out of scope");
    }

    void accept(const DojoFinding& one, const DojoAcceptance& acceptance) {
        ForeignDecision decision{.verdict = "accepted",
                                 .reason = acceptance.name,
                                 .author = acceptance.accepted_by,
                                 .made = moment(acceptance.created),
                                 .origin = "DefectDojo, risk acceptance " + acceptance.id};
        if (!acceptance.details.empty())
            decision.reason += (decision.reason.empty() ? "" : ": ") + acceptance.details;
        const std::string owner = user(acceptance.owner);
        if (decision.author.empty())
            decision.author = owner.empty() ? std::string(kNobody) : owner;
        else if (owner != decision.author)
            decision.approved_by = owner;
        if (!acceptance.expiration.empty()) {
            decision.expires = moment(acceptance.expiration);
            if (!decision.expires) {
                leave_out("the end of a risk acceptance is no date");
                return;
            }
        }
        aim(one, decision);
        decided_.decisions.push_back(std::move(decision));
    }

    void decide_by_flag(const DojoFinding& one, std::string_view verdict, std::string_view flag) {
        const DojoNote* const note = latest_note(one);
        ForeignDecision decision{.verdict = std::string(verdict),
                                 .reason = std::string(flag),
                                 .author = user(one.decided_by),
                                 .made = moment(one.decided_at),
                                 .origin = "DefectDojo, finding " + one.id};
        if (note != nullptr) decision.reason += ": " + note->text;
        if (decision.author.empty() && note != nullptr) decision.author = user(note->author);
        if (decision.author.empty()) decision.author = kNobody;
        if (!decision.made && note != nullptr) decision.made = moment(note->date);
        aim(one, decision);
        decided_.decisions.push_back(std::move(decision));
    }

    void count_what_is_missing() {
        if (records_.further_pages > 0)
            decided_.not_carried["a page says that there is another one: fetch it too"] +=
                records_.further_pages;
        if (records_.own_acceptances == 0 && records_.findings.empty()) return;
        for (const auto& [finding, acceptances] : accepted_)
            if (!records_.known.contains(finding) && !records_.findings.empty())
                leave_out("a risk acceptance is of a finding that is in none of the documents");
    }

    DojoRecords& records_;
    ForeignDecisions& decided_;
    OddValues odd_;
    std::map<std::string, std::vector<std::string>, std::less<>> accepted_;  // by finding
    std::map<std::string, std::set<std::string>> says_;                      // by package
    std::set<std::string> taken_back_;                                       // packages
    std::map<std::pair<std::string, std::string>, ForeignDraft> drafts_;
};

}  // namespace

// Complete: not told. What is decided about a package without its URL is about the component's
// name.
Result<ReadDocument> read_defectdojo(const ForeignInput& input) {
    DojoReader reader;
    MERLON_TRY(take_documents(reader, input));
    DojoRecords& records = reader.records();
    ReadDocument document;
    document.reports = Dojo(records, document.decided).finish();
    document.title = kTitle;
    if (records.findings.empty() && records.own_acceptances > 0)
        document.title += ", " + std::to_string(records.own_acceptances) + " risk acceptances";
    return document;
}

}  // namespace merlon::exchange
