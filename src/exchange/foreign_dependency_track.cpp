// What Dependency-Track's REST API (version 1) gives: a project's findings
// (/finding/project/UUID/export, the Finding Packaging Format, or the bare list), and analyses
// (/analysis) with the trail of their comments. Members as its OpenAPI document has them.
//
// An analysis does not say itself what it is of: a file of analyses has an object for each, with
// the members project, component, vulnerability (their UUIDs, as in the query) and analysis.

#include <algorithm>
#include <map>
#include <set>

#include "base/ascii.h"
#include "exchange/api_documents.h"
#include "exchange/date_time.h"
#include "exchange/foreign_documents.h"
#include "exchange/foreign_draft.h"
#include "exchange/foreign_text.h"
#include "exchange/odd_values.h"
#include "exchange/plain_fields.h"
#include "exchange/purl_version.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::string_view kNobody = "somebody in Dependency-Track";

struct Comment {
    std::string text, author;
    std::optional<Timestamp> time;
};

struct TrackAnalysis {
    std::string state, justification, details, response;
    std::vector<Comment> comments;
    bool is_suppressed = false;
    std::optional<Timestamp> suppressed_until;
};

struct TrackFinding {
    std::string component, vulnerability;  // UUIDs
    TrackAnalysis analysis;
    std::string project, purl;
    std::string name, version;
    std::vector<std::string> ids;
};

class Track {
  public:
    explicit Track(ForeignDecisions& decided) : decided_(decided) {}

    Status take(const ForeignInput& input, DocumentRole role) {
        is_own_ = role == DocumentRole::kImported;
        return read_input(input, [&](const Value& root, FieldReader& fields) {
            fields_ = &fields;
            take_root(root);
        });
    }

    std::size_t own_analyses() const { return own_analyses_.size(); }
    bool has_findings() const { return has_findings_; }

    // Who exports analyses alone has to know that nothing is made of them.
    void count_what_is_missing() {
        for (const std::string& key : own_analyses_)
            if (!known_.contains(key))
                leave_out("an analysis is of a finding that is in none of the documents");
    }

    // One report for each project.
    std::vector<ReadReport> finish() {
        for (const TrackFinding& one : findings_)
            for (const std::string& id : one.ids) weaknesses_[id].insert(one.ids.front());
        for (const TrackFinding& one : findings_) decide(one);
        if (drafts_.empty()) draft_of(project_);
        std::vector<ReadReport> reports;
        for (auto& [project, draft] : drafts_) {
            draft.analysis().version = version_;
            draft.analysis().ref = ref_;
            draft.read().repository = project;
            if (reports.empty())
                for (std::string& line : odd_.notices()) draft.add_notice(std::move(line));
            draft.add_unstated("the export does not say which analysers have run");
            reports.push_back(std::move(draft).finish());
        }
        return reports;
    }

  private:
    void take_root(const Value& root) {
        if (root.is_array()) {
            for (const Value& item : root.items())
                if (fields_->is_object(item)) take_record(item);
            return;
        }
        if (!fields_->is_object(root)) return;
        if (root.find("findings") == nullptr) {
            take_record(root);
            return;
        }
        if (is_own_) has_findings_ = true;
        if (const Value* project = fields_->object(root, "project"); project && is_own_) {
            project_ = fields_->text(*project, "name");
            ref_ = fields_->text(*project, "version");
        }
        if (const Value* meta = fields_->object(root, "meta"); meta && is_own_)
            version_ = fields_->text(*meta, "version");
        for (const Value& item : fields_->items(root, "findings"))
            if (fields_->is_object(item)) take_record(item);
    }

    void take_record(const Value& record) {
        if (const Value* about = record.find("analysis");
            about != nullptr && record.find("matrix") == nullptr &&
            record.find("vulnerability") != nullptr && record.find("vulnerability")->is_string()) {
            const std::string key = key_of(fields_->required_text(record, "component"),
                                           fields_->required_text(record, "vulnerability"));
            if (!fields_->is_object(*about)) return;
            analyses_[key] = analysis_of(*about);
            if (is_own_) own_analyses_.insert(key);
        } else if (record.find("component") != nullptr && record.find("vulnerability") != nullptr) {
            note_key(record);
            if (is_own_) take_finding(record);
        } else {
            fields_->fail(
                "expected a finding (component, vulnerability, analysis), or an analysis with the "
                "UUIDs of its project, component and vulnerability beside it",
                &record);
        }
    }

    void note_key(const Value& record) {
        const Value* const component = fields_->object(record, "component");
        const Value* const weakness = fields_->object(record, "vulnerability");
        if (component != nullptr && weakness != nullptr)
            known_.insert(
                key_of(fields_->text(*component, "uuid"), fields_->text(*weakness, "uuid")));
    }

    static std::string key_of(const std::string& component, const std::string& vulnerability) {
        return component + " " + vulnerability;
    }

    TrackAnalysis analysis_of(const Value& value) {
        TrackAnalysis made;
        made.state = fields_->text(value, "analysisState");
        if (made.state.empty()) made.state = fields_->text(value, "state");
        made.justification = fields_->text(value, "analysisJustification");
        if (made.justification.empty()) made.justification = fields_->text(value, "justification");
        made.details = fields_->text(value, "analysisDetails");
        if (made.details.empty()) made.details = fields_->text(value, "detail");
        made.response = fields_->text(value, "analysisResponse");
        made.is_suppressed = boolean_in(value, "isSuppressed", *fields_).value_or(false);
        made.suppressed_until = moment_in(value, "suppressionExpiration");
        for (const Value& item : fields_->items(value, "analysisComments")) {
            if (!fields_->is_object(item)) continue;
            Comment comment{.text = fields_->text(item, "comment"),
                            .author = fields_->text(item, "commenter"),
                            .time = {}};
            comment.time = moment_in(item, "timestamp");
            made.comments.push_back(std::move(comment));
        }
        return made;
    }

    // Milliseconds since 1970, or a moment in words.
    std::optional<Timestamp> moment_in(const Value& value, std::string_view key) {
        const Value* const found = value.find(key);
        if (found == nullptr || found->is_null()) return std::nullopt;
        if (found->is_string()) {
            const Result<Timestamp> read = parse_date_time(found->as_string());
            return read.ok() ? std::optional(read.value()) : std::nullopt;
        }
        const auto number = integer_in(value, key, *fields_);
        constexpr std::int64_t kMostMs = INT64_MAX / 1'000'000;
        if (!number || *number < 0 || *number > kMostMs) return std::nullopt;
        return Timestamp{*number * 1'000'000};
    }

    void take_finding(const Value& record) {
        const Value* const component = fields_->object(record, "component");
        const Value* const weakness = fields_->object(record, "vulnerability");
        if (component == nullptr || weakness == nullptr) return;
        has_findings_ = true;
        TrackFinding one;
        one.project = fields_->text(*component, "projectName");
        if (one.project.empty()) one.project = project_;
        one.component = fields_->text(*component, "uuid");
        one.vulnerability = fields_->text(*weakness, "uuid");
        PackageNews news;
        one.ids = ids_of(*weakness);
        news.ids = one.ids;
        const std::string group = fields_->text(*component, "group");
        one.name = fields_->required_text(*component, "name");
        if (!group.empty()) one.name = group + "/" + one.name;
        one.version = fields_->text(*component, "version");
        one.purl = with_version(fields_->text(*component, "purl"), one.version);
        news.name = one.name;
        news.version = one.version;
        news.purl = one.purl;
        news.title = fields_->text(*weakness, "title");
        news.description = fields_->text(*weakness, "description");
        const std::string severity = fields_->text(*weakness, "severity");
        news.severity = severity_of_word(severity);
        if (!news.severity && !severity.empty() && lower_case(severity) != "unassigned")
            odd_.note("severity '" + severity + "'", "high");
        news.cvss = fields_->text(*weakness, "cvssV3BaseScore");
        for (const Value& cwe : fields_->items(*weakness, "cwes"))
            if (fields_->is_object(cwe)) news.cwes.push_back("CWE-" + fields_->text(cwe, "cweId"));
        // As versions before 4.5 have it.
        if (const std::string cwe = fields_->text(*weakness, "cweId");
            news.cwes.empty() && !cwe.empty())
            news.cwes.push_back("CWE-" + cwe);
        model::Finding& finding = draft_of(one.project).add(news);
        finding.fingerprints.push_back(
            {std::string(kForeignFinding), key_of(one.component, one.vulnerability)});
        if (const Value* analysis = fields_->object(record, "analysis"))
            one.analysis = analysis_of(*analysis);
        findings_.push_back(std::move(one));
    }

    std::vector<std::string> ids_of(const Value& weakness) {
        std::vector<std::string> ids{fields_->required_text(weakness, "vulnId")};
        for (const Value& alias : fields_->items(weakness, "aliases")) {
            if (!alias.is_object()) continue;
            // Each member is the same weakness in another source: cveId, ghsaId, …
            for (std::size_t i = 0; i < alias.size(); ++i) {
                const Value& id = alias.values()[i];
                if (!alias.keys()[i].as_string().ends_with("Id") || !id.is_string()) continue;
                std::string text(id.as_string());
                if (std::ranges::find(ids, text) == ids.end()) ids.push_back(std::move(text));
            }
        }
        return ids;
    }

    ForeignDraft& draft_of(const std::string& project) {
        return drafts_.try_emplace(project, "dependency-track").first->second;
    }

    void leave_out(std::string_view reason) { ++decided_.not_carried[std::string(reason)]; }

    void decide(const TrackFinding& one) {
        TrackAnalysis analysis = one.analysis;
        const auto trail = analyses_.find(key_of(one.component, one.vulnerability));
        if (trail != analyses_.end()) analysis = trail->second;
        std::string verdict = verdict_of_state(analysis.state);
        if (verdict.empty() && !analysis.state.empty() && lower_case(analysis.state) != "not_set")
            leave_out("the state '" + analysis.state + "' of an analysis is none that is known");
        // What is suppressed does not count there, whatever its state.
        const bool stays_open =
            verdict.empty() || verdict == "affected" || verdict == "under_investigation";
        if (stays_open && analysis.is_suppressed) verdict = "accepted";
        if (verdict.empty()) {
            const bool is_undecided =
                analysis.state.empty() || lower_case(analysis.state) == "not_set";
            const bool has_state_in_trail =
                std::ranges::any_of(analysis.comments, is_change_of_state);
            if (!analysis.comments.empty() && !has_state_in_trail)
                leave_out("there are comments, and no state that says what was decided");
            // It may have been decided once, and is not any more.
            if (is_undecided) {
                ForeignDecision decision = decision_about(one, "none");
                decision.reason = "the analysis was set back";
                take_trail(analysis, decision);
                decided_.decisions.push_back(std::move(decision));
            }
            return;
        }
        ForeignDecision decision = decision_about(one, std::move(verdict));
        if (decision.verdict == "not_affected")
            decision.justification = vex_justification(analysis.justification);
        decision.reason = lower_case(analysis.state.empty() ? "suppressed" : analysis.state);
        for (const std::string& part : {lower_case(analysis.justification), analysis.details})
            if (!part.empty() && part != "not_set") decision.reason += ": " + part;
        if (analysis.is_suppressed) decision.expires = analysis.suppressed_until;
        take_trail(analysis, decision);
        if (decision.author == kNobody)
            leave_out("the trail that says who and when is not there: export /analysis too");
        decided_.decisions.push_back(std::move(decision));
    }

    // All names of the weakness, but for those that others have, too: an advisory may be about
    // several, of which one was looked at.
    std::vector<std::string> rules_of(const TrackFinding& one) const {
        std::vector<std::string> rules{one.ids.front()};
        const auto is_cve = [](const std::string& id) { return id.starts_with("CVE-"); };
        if (std::ranges::count_if(one.ids, is_cve) > 1) return rules;
        for (const std::string& id : one.ids)
            if (id != one.ids.front() && weaknesses_.at(id).size() == 1) rules.push_back(id);
        return rules;
    }

    ForeignDecision decision_about(const TrackFinding& one, std::string verdict) const {
        return {.rules = rules_of(one),
                .packages = {one.purl.empty() ? "component:" + one.name : one.purl},
                .version = one.version,
                .repository = one.project.empty() ? std::string(kUnnamedRepository) : one.project,
                .verdict = std::move(verdict),
                .author = std::string(kNobody),
                .origin = "Dependency-Track, analysis of " + one.ids.front() + " in " + one.name};
    }

    static bool is_change_of_state(const Comment& comment) {
        return comment.text.starts_with("Analysis: ") || comment.text.contains("→");
    }

    // The last change of the state is the decision, the other comments are its reasons.
    static void take_trail(const TrackAnalysis& analysis, ForeignDecision& decision) {
        const Comment* last = nullptr;
        for (const Comment& comment : analysis.comments) {
            const bool is_change = is_change_of_state(comment);
            if (!is_change) decision.reason += "; " + comment.text;
            if (last == nullptr || is_change) last = &comment;
        }
        if (last == nullptr) return;
        if (!last->author.empty()) decision.author = last->author;
        decision.made = last->time;
    }

    ForeignDecisions& decided_;
    std::map<std::string, ForeignDraft> drafts_;  // by project
    FieldReader* fields_ = nullptr;
    bool is_own_ = true, has_findings_ = false;
    OddValues odd_;
    std::set<std::string> own_analyses_, known_;  // keys; of analyses, and of findings
    std::string project_, ref_, version_;         // of the export
    std::vector<TrackFinding> findings_;
    std::map<std::string, std::set<std::string>> weaknesses_;  // by each of their ids
    std::map<std::string, TrackAnalysis> analyses_;            // by component and vulnerability
};

}  // namespace

// Complete: not told.
Result<ReadDocument> read_dependency_track(const ForeignInput& input) {
    ReadDocument document;
    Track track(document.decided);
    MERLON_TRY(take_documents(track, input));
    track.count_what_is_missing();
    document.title = "Dependency-Track's API";
    if (track.own_analyses() > 0)
        document.title += ", " + std::to_string(track.own_analyses()) + " analyses";
    if (track.has_findings()) document.reports = track.finish();
    return document;
}

}  // namespace merlon::exchange
