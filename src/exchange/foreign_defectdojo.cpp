// What DefectDojo's REST API (version 2) lists: findings with their risk acceptances and notes, and
// the users, tests, engagements, products and test types that give numbers their names. Members as
// its OpenAPI schema (/api/v2/oa3/schema) has them.

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/ascii.h"
#include "exchange/date_time.h"
#include "exchange/foreign_documents.h"
#include "exchange/foreign_draft.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::string_view kNobody = "somebody in DefectDojo";
constexpr std::string_view kTitle = "DefectDojo's API";

struct Note {
    std::string author = {}, text = {}, date = {};
    bool is_private = false;
};

struct Acceptance {
    std::string id, name, owner, accepted_by, details, created, expiration;
    std::vector<std::string> findings;
};

struct DojoFinding {
    std::string id, title, description, mitigation, severity, rule, path, cwe, cvss, url;
    std::string component, version, fixed, test, test_type, product, unique_id;
    std::string decided_by, decided_at;
    std::vector<std::string> ids, tags;
    std::vector<Note> notes;
    std::vector<std::string> acceptances;
    std::uint32_t line = 0;
    bool is_active = true, is_false = false, is_out_of_scope = false, is_accepted = false;
    bool is_duplicate = false, is_mitigated = false, is_verified = false, is_under_review = false;
};

using Names = std::map<std::string, std::string, std::less<>>;

std::string name_in(const Names& names, const std::string& id) {
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

// Everything that the documents of one command have.
class Dojo {
  public:
    explicit Dojo(ForeignDecisions& decided) : decided_(decided) {}

    // `is_own`: its findings are imported; of the others only their numbers are known.
    Status take(std::string_view bytes, bool is_own) {
        is_own_ = is_own;
        return read_fields(bytes, RecordSyntax::kJson, [&](const Value& root, FieldReader& fields) {
            fields_ = &fields;
            take_list(root);
        });
    }

    std::size_t acceptances() const { return own_acceptances_; }
    std::size_t findings() const { return findings_.size(); }

    std::vector<ReadReport> finish() {
        join();
        for (const DojoFinding& one : findings_) add(one);
        count_what_is_missing();
        std::vector<ReadReport> reports;
        for (auto& [key, draft] : drafts_) {
            draft.add_unstated("DefectDojo's API gives findings in pages, of any filter");
            reports.push_back(std::move(draft).finish());
        }
        return reports;
    }

  private:
    // --- reading ---

    // A page of the API, a list, or an object of these by the names of their endpoints.
    void take_list(const Value& value) {
        if (value.is_array()) {
            for (const Value& record : value.items())
                if (fields_->is_object(record)) take_record(record, false);
            return;
        }
        if (!fields_->is_object(value)) return;
        if (const Value* results = value.find("results")) {
            if (!results->is_array()) {
                fields_->fail("expected a list as results", results);
                return;
            }
            take_list(*results);
            take_prefetched(value);
            if (const Value* next = value.find("next");
                is_own_ && next != nullptr && next->is_string())
                ++decided_.not_carried["a page says that there is another one: fetch it too"];
            return;
        }
        if (value.find("id") != nullptr) {
            take_record(value, false);
            take_prefetched(value);  // one that was asked for alone has it inside
            return;
        }
        bool is_any = false;
        for (const Value& member : value.values()) {
            if (!member.is_array() && !(member.is_object() && member.find("results") != nullptr))
                continue;
            is_any = true;
            take_list(member);
        }
        if (!is_any)
            fields_->fail(
                "expected a page of DefectDojo's API (results), a list, or an object of "
                "these",
                &value);
    }

    void take_prefetched(const Value& page) {
        const Value* const tables = fields_->object(page, "prefetch");
        if (tables == nullptr) return;
        for (const Value& table : tables->values()) {
            if (!table.is_object()) continue;
            for (const Value& record : table.values())
                if (record.is_object()) take_record(record, true);
        }
    }

    static bool has(const Value& record, std::string_view key) {
        return record.find(key) != nullptr;
    }

    void take_record(const Value& record, bool is_prefetched) {
        const std::string id = fields_->text(record, "id");
        if (has(record, "false_p") && has(record, "severity")) {
            take_finding(record, id);
        } else if (has(record, "accepted_findings")) {
            if (is_own_ && !is_prefetched) ++own_acceptances_;
            take_acceptance(record, id, {});
        } else if (has(record, "username")) {
            users_[id] = fields_->text(record, "username");
        } else if (has(record, "entry")) {
            notes_[id] = note_of(record);
        } else if (has(record, "test_type") && has(record, "engagement")) {
            test_types_[id] = fields_->text(record, "test_type");
            engagements_[id] = fields_->text(record, "engagement");
            if (const std::string name = fields_->text(record, "test_type_name"); !name.empty())
                names_of_tests_[id] = name;
        } else if (has(record, "product") && has(record, "target_start")) {
            products_of_engagements_[id] = fields_->text(record, "product");
        } else if (has(record, "prod_type")) {
            products_[id] = fields_->text(record, "name");
        } else if (has(record, "static_tool") || has(record, "dynamic_tool")) {
            types_[id] = fields_->text(record, "name");
        } else if (!is_prefetched) {
            fields_->fail(
                "expected a record of findings, risk_acceptance, users, notes, tests, "
                "engagements, products or test_types",
                &record);
        }
    }

    Note note_of(const Value& record) {
        Note note{.text = fields_->text(record, "entry"), .date = fields_->text(record, "date")};
        note.is_private = boolean_in(record, "private", *fields_).value_or(false);
        if (const Value* author = record.find("author"); author != nullptr && author->is_object())
            note.author = fields_->text(*author, "username");
        else
            note.author = fields_->text(record, "author");
        return note;
    }

    void take_acceptance(const Value& record, const std::string& id, const std::string& finding) {
        Acceptance& made = acceptances_[id];
        made.id = id;
        made.name = fields_->text(record, "name");
        made.owner = fields_->text(record, "owner");
        made.accepted_by = fields_->text(record, "accepted_by");
        made.created = fields_->text(record, "created");
        made.expiration = fields_->text(record, "expiration_date");
        made.details.clear();
        for (const char* key : {"recommendation_details", "decision_details"})
            if (const std::string text = fields_->text(record, key); !text.empty())
                made.details += (made.details.empty() ? "" : "; ") + text;
        std::vector<std::string> findings;
        for (const Value& one : fields_->items(record, "accepted_findings"))
            findings.push_back(fields_->text_of(one));
        if (!finding.empty()) findings.push_back(finding);
        for (std::string& one : findings)
            if (std::ranges::find(made.findings, one) == made.findings.end())
                made.findings.push_back(std::move(one));
    }

    bool flag(const Value& record, std::string_view key) {
        return boolean_in(record, key, *fields_).value_or(false);
    }

    void take_finding(const Value& record, const std::string& id) {
        if (id.empty()) {
            fields_->fail("a finding without id", &record);
            return;
        }
        known_.insert(id);
        for (const Value& accepted : fields_->items(record, "accepted_risks"))
            if (accepted.is_object()) take_acceptance(accepted, fields_->text(accepted, "id"), id);
        if (!is_own_) return;
        DojoFinding one;
        one.id = id;
        one.title = fields_->required_text(record, "title");
        one.description = fields_->text(record, "description");
        one.mitigation = fields_->text(record, "mitigation");
        one.severity = fields_->text(record, "severity");
        one.rule = fields_->text(record, "vuln_id_from_tool");
        one.unique_id = fields_->text(record, "unique_id_from_tool");
        one.path = tidy_path(fields_->text(record, "file_path"));
        one.line = line_number(integer_in(record, "line", *fields_));
        one.component = fields_->text(record, "component_name");
        one.version = fields_->text(record, "component_version");
        one.fixed = fields_->text(record, "fix_version");
        if (const auto cwe = integer_in(record, "cwe", *fields_); cwe && *cwe > 0)
            one.cwe = "CWE-" + std::to_string(*cwe);
        one.cvss = fields_->text(record, "cvssv3_score");
        one.url = fields_->text(record, "references");
        for (const Value& item : fields_->items(record, "vulnerability_ids"))
            if (fields_->is_object(item))
                one.ids.push_back(fields_->required_text(item, "vulnerability_id"));
        if (const std::string cve = fields_->text(record, "cve"); one.ids.empty() && !cve.empty())
            one.ids.push_back(cve);
        one.tags = fields_->texts(record, "tags");
        one.is_active = boolean_in(record, "active", *fields_).value_or(true);
        one.is_false = flag(record, "false_p");
        one.is_out_of_scope = flag(record, "out_of_scope");
        one.is_accepted = flag(record, "risk_accepted");
        one.is_duplicate = flag(record, "duplicate");
        one.is_mitigated = flag(record, "is_mitigated");
        one.is_verified = flag(record, "verified");
        one.is_under_review = flag(record, "under_review");
        for (const char* key : {"last_reviewed_by", "mitigated_by"})
            if (one.decided_by.empty()) one.decided_by = fields_->text(record, key);
        for (const char* key : {"last_reviewed", "mitigated", "last_status_update"})
            if (one.decided_at.empty()) one.decided_at = fields_->text(record, key);
        for (const Value& note : fields_->items(record, "notes")) {
            if (note.is_object())
                one.notes.push_back(note_of(note));
            else
                one.notes.push_back({.text = "#" + fields_->text_of(note)});
        }
        take_names(record, one);
        findings_.push_back(std::move(one));
    }

    // With related_fields=true the API says what a finding is part of.
    void take_names(const Value& record, DojoFinding& one) {
        if (const Value* test = record.find("test"); test != nullptr && !test->is_object())
            one.test = fields_->text(record, "test");
        const Value* const related = fields_->object(record, "related_fields");
        const Value* const test = related == nullptr ? nullptr : fields_->object(*related, "test");
        if (test == nullptr) return;
        if (const Value* type = fields_->object(*test, "test_type"))
            one.test_type = fields_->text(*type, "name");
        const Value* const engagement = fields_->object(*test, "engagement");
        const Value* const product =
            engagement == nullptr ? nullptr : fields_->object(*engagement, "product");
        if (product != nullptr) one.product = fields_->text(*product, "name");
    }

    // --- what it means ---

    void join() {
        for (DojoFinding& one : findings_) {
            if (one.test_type.empty()) one.test_type = name_in(names_of_tests_, one.test);
            if (one.test_type.empty())
                one.test_type = name_in(types_, name_in(test_types_, one.test));
            if (one.product.empty())
                one.product = name_in(
                    products_, name_in(products_of_engagements_, name_in(engagements_, one.test)));
            for (Note& note : one.notes) {
                if (!note.text.starts_with('#')) continue;
                const auto found = notes_.find(note.text.substr(1));
                if (found != notes_.end()) note = found->second;
            }
        }
        for (const auto& [id, acceptance] : acceptances_)
            for (const std::string& finding : acceptance.findings) accepted_[finding].push_back(id);
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
        const bool is_decided = decided_.decisions.size() > before;
        if (one.is_active || is_decided || one.is_accepted) return;
        finding.suppressed_by = "external";
        finding.suppression_reason = "inactive in DefectDojo, which does not say why";
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
                             .severity = severity_of_word(one.severity)};
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
        rule.severity = severity_of_word(one.severity).value_or(model::Severity::kHigh);
        model::Finding& finding = draft.add(id);
        finding.severity = rule.severity;
        finding.message = one.title;
        finding.tags = one.tags;
        model::FileLocation place{.path = one.path};
        place.region.start_line = one.line;
        place.region.end_line = one.line;
        finding.location = std::move(place);
        if (!one.unique_id.empty())
            finding.fingerprints.push_back({"defectdojo/unique-id", one.unique_id});
        return finding;
    }

    std::string user(const std::string& id) const {
        const std::string name = name_in(users_, id);
        if (!name.empty()) return name;
        const bool is_number =
            !id.empty() && id.find_first_not_of("0123456789") == std::string::npos;
        return is_number ? "DefectDojo user " + id : id;
    }

    void add_notes(const DojoFinding& one, model::Finding& finding) {
        std::string all;
        for (const Note& note : one.notes) {
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
    static const Note* latest_note(const DojoFinding& one) {
        const Note* latest = nullptr;
        for (const Note& note : one.notes) {
            if (note.is_private || note.text.starts_with('#')) continue;
            if (latest == nullptr || note.date > latest->date) latest = &note;
        }
        return latest;
    }

    static std::optional<Timestamp> moment(const std::string& text) {
        const Result<Timestamp> read = parse_date_time(text);
        return read.ok() ? std::optional(read.value()) : std::nullopt;
    }

    // About a package it holds for the reports of tools to come; else for the finding.
    static void aim(const DojoFinding& one, ForeignDecision& decision) {
        if (one.component.empty() || one.ids.empty()) {
            decision.finding = one.id;
            return;
        }
        decision.rules = one.ids;
        decision.packages = {"component:" + one.component};
        decision.version = one.version;
        decision.repository = one.product.empty() ? kUnnamedRepository : one.product;
    }

    void decide(const DojoFinding& one) {
        const auto accepted = accepted_.find(one.id);
        if (accepted != accepted_.end()) {
            for (const std::string& id : accepted->second) accept(one, acceptances_.at(id));
        } else if (one.is_accepted) {
            decide_by_flag(one, "accepted", "risk accepted");
        }
        if (one.is_false) decide_by_flag(one, "false_positive", "false positive");
        if (one.is_out_of_scope) decide_by_flag(one, "accepted", "out of scope");
    }

    void accept(const DojoFinding& one, const Acceptance& acceptance) {
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
        const Note* const note = latest_note(one);
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
        if (own_acceptances_ == 0 && findings_.empty()) return;
        for (const auto& [finding, acceptances] : accepted_)
            if (!known_.contains(finding) && !findings_.empty())
                leave_out("a risk acceptance is of a finding that is in none of the documents");
    }

    ForeignDecisions& decided_;
    FieldReader* fields_ = nullptr;  // of the document that is read
    bool is_own_ = true;
    std::size_t own_acceptances_ = 0;
    std::vector<DojoFinding> findings_;
    std::set<std::string, std::less<>> known_;
    std::map<std::string, Acceptance, std::less<>> acceptances_;
    std::map<std::string, std::vector<std::string>, std::less<>> accepted_;  // by finding
    std::map<std::string, Note, std::less<>> notes_;
    Names users_, test_types_, engagements_, products_of_engagements_, products_, types_;
    Names names_of_tests_;
    std::map<std::pair<std::string, std::string>, ForeignDraft> drafts_;
};

}  // namespace

// Complete: not told. What is decided about a package without its URL is about the component's
// name.
Result<ReadDocument> read_defectdojo(const ForeignInput& input) {
    ReadDocument document;
    Dojo dojo(document.decided);
    MERLON_TRY(dojo.take(input.bytes, true));
    for (const std::string_view beside : input.beside) {
        const Status read = dojo.take(beside, false);
        if (!read.ok()) return Error(read.error()).within("another document of the command");
    }
    document.reports = dojo.finish();
    document.title = kTitle;
    if (dojo.findings() == 0 && dojo.acceptances() > 0)
        document.title += ", " + std::to_string(dojo.acceptances()) + " risk acceptances";
    return document;
}

}  // namespace merlon::exchange
