// Alerts as GitHub's REST API lists them (version 2022-11-28): code scanning, secret scanning,
// Dependabot; of a repository, an organisation or an enterprise.

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>

#include "exchange/date_time.h"
#include "exchange/foreign_documents.h"
#include "exchange/foreign_draft.h"
#include "exchange/foreign_secrets.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"
#include "model/fingerprint.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::string_view kCodeScanning = "code-scanning";
constexpr std::string_view kSecretScanning = "secret-scanning";
constexpr std::string_view kDependabot = "dependabot";

constexpr std::string_view kGithub = "GitHub";
constexpr std::string_view kAlertPrint = "github/alert";

// Why an alert was dismissed or resolved, and what that decides.
struct Dismissal {
    std::string_view reason, verdict, justification;
};
constexpr std::array<Dismissal, 12> kDismissals{{
    {"false positive", "false_positive", {}},  // code scanning
    {"won't fix", "accepted", {}},
    {"used in tests", "accepted", {}},
    {"false_positive", "false_positive", {}},  // secret scanning
    {"wont_fix", "accepted", {}},
    {"used_in_tests", "accepted", {}},
    {"revoked", "fixed", {}},
    {"inaccurate", "false_positive", {}},  // Dependabot
    {"not_used", "not_affected", "vulnerable_code_not_in_execute_path"},
    {"no_bandwidth", "accepted", {}},
    {"tolerable_risk", "accepted", {}},
    {"fix_started", "will_fix", {}},
}};

// "https://github.com/acme/shop/security/…": the address up to the repository.
std::string repository_of(std::string_view page) {
    const std::size_t scheme = page.find("://");
    if (scheme == std::string_view::npos) return {};
    std::size_t end = scheme + 2;
    for (int parts = 0; parts < 3 && end != std::string_view::npos; ++parts)
        end = page.find('/', end + 1);
    return std::string(page.substr(0, end));
}

class AlertsReader {
  public:
    explicit AlertsReader(std::string_view secret_key) : secret_key_(secret_key) {}

    void read(const Value& alert, FieldReader& fields) {
        fields_ = &fields;
        ++alerts_;
        // What GitHub calls fixed was mended; only the alert is still there.
        if (fields.text(alert, "state") == "fixed") {
            ++fixed_;
            decide(alert, {.verdict = "fixed", .reason = "fixed", .author = std::string(kGithub)},
                   "fixed_at");
        } else if (alert.find("most_recent_instance") != nullptr) {
            read_code(alert);
        } else if (alert.find("secret_type") != nullptr) {
            read_secret(alert);
        } else if (alert.find("security_advisory") != nullptr) {
            read_dependency(alert);
        } else {
            fields.fail(
                "expected an alert: code scanning (most_recent_instance), secret scanning "
                "(secret_type) or Dependabot (security_advisory)",
                &alert);
        }
    }

    ReadDocument finish() && {
        ReadDocument document;
        document.title = std::to_string(alerts_) + " alerts of GitHub's API";
        if (fixed_ > 0) document.title += ", " + std::to_string(fixed_) + " of them fixed";
        document.decided = std::move(decided_);
        std::vector<ReadReport>& reports = document.reports;
        for (auto& [key, draft] : drafts_) {
            draft.add_unstated("the API gives alerts in pages, and none says whether it is all");
            if (fixed_ > 0 && reports.empty())
                draft.add_notice(std::to_string(fixed_) + " alerts are fixed, and left out");
            reports.push_back(std::move(draft).finish());
        }
        return document;
    }

  private:
    using Key = std::tuple<std::string, std::string, std::string>;  // repository, category, ref

    ForeignDraft& draft_of(const Value& alert, std::string category, const std::string& ref) {
        std::string repository = repository_of(fields_->text(alert, "html_url"));
        const Key key{repository, category, ref};
        const auto known = drafts_.find(key);
        if (known != drafts_.end()) return known->second;
        ForeignDraft& made = drafts_.emplace(key, ForeignDraft("github", category)).first->second;
        made.read().repository = std::move(repository);
        made.analysis().ref = ref;
        return made;
    }

    // Who has trimmed the list may have left one of the two.
    std::string address_of(const Value& alert) {
        std::string address = fields_->text(alert, "url");
        return address.empty() ? fields_->text(alert, "html_url") : address;
    }

    // The alert is the finding's name, in the document and in the store.
    void decide(const Value& alert, ForeignDecision decision, std::string_view when) {
        decision.finding = address_of(alert);
        if (decision.finding.empty()) {
            if (decision.verdict != "none")
                ++decided_.not_carried["an alert without url and html_url cannot be named"];
            return;
        }
        decision.known_as = kAlertPrint;
        decision.repository = repository_of(fields_->text(alert, "html_url"));
        const Result<Timestamp> made = parse_date_time(fields_->text(alert, when));
        if (made.ok()) decision.made = made.value();
        decision.of_tool = tool_place_of(alert);
        decision.origin = std::string(kGithub) + ", alert " + fields_->text(alert, "html_url");
        decided_.decisions.push_back(std::move(decision));
    }

    // Code scanning takes over what other tools' SARIF says: where that is in the store, too.
    std::optional<ToolPlace> tool_place_of(const Value& alert) {
        if (alert.find("most_recent_instance") == nullptr) return std::nullopt;
        const Value* const about = fields_->object(alert, "rule");
        const Value* const instance = fields_->object(alert, "most_recent_instance");
        const Value* const tool = fields_->object(alert, "tool");
        const Value* const place =
            instance == nullptr ? nullptr : fields_->object(*instance, "location");
        if (about == nullptr || tool == nullptr || place == nullptr) return std::nullopt;
        const model::FileLocation at = place_of(*place, *fields_);
        ToolPlace made{.tool = fields_->text(*tool, "name"),
                       .rule = fields_->text(*about, "id"),
                       .path = at.path,
                       .line = at.region.start_line,
                       .column = at.region.start_column,
                       .commit = fields_->text(*instance, "commit_sha")};
        const bool is_told =
            !made.tool.empty() && !made.rule.empty() && !made.path.empty() && made.line > 0;
        // A secret is known by its value.
        if (!is_told || is_about_found_secrets(made.rule, fields_->texts(*about, "tags")))
            return std::nullopt;
        return made;
    }

    // GitHub follows its alert itself: the number is the identity.
    void name_alert(const Value& alert, model::Finding& finding) {
        const std::string url = address_of(alert);
        finding.fingerprints.push_back({std::string(kAlertPrint), url});
        if (!url.empty()) finding.fingerprints.push_back({std::string(kForeignFinding), url});
    }

    // Who has dismissed it, why and when.
    void read_state(const Value& alert, std::string_view prefix, model::Finding& finding) {
        finding.properties["alert"] = fields_->text(alert, "html_url");
        const std::string state = fields_->text(alert, "state");
        const std::string past(prefix);
        // It may have been dismissed once, and is not any more.
        if (state == "open") {
            decide(alert, {.verdict = "none", .reason = "open", .author = std::string(kGithub)},
                   "updated_at");
            return;
        }
        finding.suppressed_by = "external";
        std::string reason =
            fields_->text(alert, prefix == "resolved" ? "resolution" : "dismissed_reason");
        const Dismissal* const known = std::ranges::find(kDismissals, reason, &Dismissal::reason);
        if (reason.empty()) reason = state;
        const std::string comment =
            fields_->text(alert, prefix == "resolved" ? "resolution_comment" : "dismissed_comment");
        if (!comment.empty()) reason += ": " + comment;
        std::string who;
        if (const Value* person = fields_->object(alert, past + "_by"))
            who = fields_->text(*person, "login");
        if (known != kDismissals.end()) {
            decide(alert,
                   {.verdict = std::string(known->verdict),
                    .justification = std::string(known->justification),
                    .reason = reason,
                    .author = who.empty() ? std::string(kGithub) : who},
                   past + "_at");
        } else {
            ++decided_
                  .not_carried["the reason '" + reason + "' of a dismissal is none that is known"];
        }
        if (!who.empty()) reason += ", by " + who;
        if (const std::string when = fields_->text(alert, past + "_at"); !when.empty())
            reason += ", " + when;
        finding.suppression_reason = std::move(reason);
    }

    static model::FileLocation place_of(const Value& place, FieldReader& fields) {
        model::FileLocation made{.path = tidy_path(fields.text(place, "path"))};
        made.region.start_line = line_number(integer_in(place, "start_line", fields));
        made.region.end_line = line_number(integer_in(place, "end_line", fields));
        made.region.start_column = line_number(integer_in(place, "start_column", fields));
        made.region.end_column = line_number(integer_in(place, "end_column", fields));
        return made;
    }

    void read_code(const Value& alert) {
        const Value* const about = fields_->object(alert, "rule");
        const Value* const instance = fields_->object(alert, "most_recent_instance");
        const Value* const tool = fields_->object(alert, "tool");
        if (about == nullptr || instance == nullptr) {
            fields_->fail("an alert without rule or instance", &alert);
            return;
        }
        const std::string tool_name = tool == nullptr ? "" : fields_->text(*tool, "name");
        ForeignDraft& draft = draft_of(alert, std::string(kCodeScanning) + "/" + tool_name,
                                       fields_->text(*instance, "ref"));
        const std::string id = fields_->required_text(*about, "id");
        model::Rule& rule = draft.rule(id);
        rule.name = fields_->text(*about, "description");
        if (rule.name.empty()) rule.name = id;
        rule.description = fields_->text(*about, "full_description");
        rule.fix = fields_->text(*about, "help");
        rule.tags = fields_->texts(*about, "tags");
        std::string level = fields_->text(*about, "security_severity_level");
        if (level.empty()) level = fields_->text(*about, "severity");
        rule.severity = severity_of_word(level).value_or(model::Severity::kHigh);
        model::Finding& finding = draft.add(id);
        finding.severity = rule.severity;
        if (const Value* message = fields_->object(*instance, "message"))
            finding.message = fields_->text(*message, "text");
        if (finding.message.empty()) finding.message = rule.name;
        if (const Value* place = fields_->object(*instance, "location"))
            finding.location = place_of(*place, *fields_);
        name_alert(alert, finding);
        finding.properties["tool"] = tool_name;
        read_state(alert, "dismissed", finding);
    }

    void read_secret(const Value& alert) {
        ForeignDraft& draft = draft_of(alert, std::string(kSecretScanning), {});
        const std::string id = fields_->required_text(alert, "secret_type");
        model::Rule& rule = draft.rule(id);
        rule.name = fields_->text(alert, "secret_type_display_name");
        if (rule.name.empty()) rule.name = id;
        model::Finding& finding = draft.add(id);
        finding.message = rule.name;
        const std::string secret = fields_->text(alert, "secret");
        if (!secret.empty()) finding.secret_id = model::secret_id(secret_key_, secret);
        finding.secret = model::mask_secret(secret);
        // Its value may be hidden from whoever has asked.
        finding.properties[std::string(kKindProperty)] = kSecretKind;
        const std::string validity = fields_->text(alert, "validity");
        if (!validity.empty()) finding.properties["validity"] = validity;
        // An active one is as bad as it gets.
        if (validity == "active") finding.severity = model::Severity::kCritical;
        if (const Value* place = fields_->object(alert, "first_location_detected"))
            finding.location = place_of(*place, *fields_);
        name_alert(alert, finding);
        read_state(alert, "resolved", finding);
    }

    void read_dependency(const Value& alert) {
        const Value* const advisory = fields_->object(alert, "security_advisory");
        const Value* const dependency = fields_->object(alert, "dependency");
        const Value* const package =
            dependency == nullptr ? nullptr : fields_->object(*dependency, "package");
        if (advisory == nullptr || package == nullptr) {
            fields_->fail("an alert without advisory or package", &alert);
            return;
        }
        PackageNews news;
        news.ids.push_back(fields_->required_text(*advisory, "ghsa_id"));
        if (std::string cve = fields_->text(*advisory, "cve_id"); !cve.empty())
            news.ids.push_back(std::move(cve));
        news.name = fields_->required_text(*package, "name");
        news.ecosystem = fields_->text(*package, "ecosystem");
        news.path = tidy_path(fields_->text(*dependency, "manifest_path"));
        news.title = fields_->text(*advisory, "summary");
        news.description = fields_->text(*advisory, "description");
        news.url = fields_->text(alert, "html_url");
        news.severity = severity_of_word(fields_->text(*advisory, "severity"));
        for (const Value& cwe : fields_->items(*advisory, "cwes"))
            if (fields_->is_object(cwe)) news.cwes.push_back(fields_->text(cwe, "cwe_id"));
        if (const Value* range = fields_->object(alert, "security_vulnerability")) {
            // The version that is there, GitHub does not say.
            news.version = fields_->text(*range, "vulnerable_version_range");
            if (const Value* patched = fields_->object(*range, "first_patched_version"))
                news.fixed = fields_->text(*patched, "identifier");
        }
        model::Finding& finding = draft_of(alert, std::string(kDependabot), {}).add(news);
        name_alert(alert, finding);
        read_state(alert, "dismissed", finding);
    }

    std::string_view secret_key_;
    FieldReader* fields_ = nullptr;  // of the record that is read
    std::map<Key, ForeignDraft> drafts_;
    ForeignDecisions decided_;
    std::size_t alerts_ = 0, fixed_ = 0;
};

}  // namespace

// Complete: not told. The API answers in pages of at most 100.
Result<ReadDocument> read_github_alerts(const ForeignInput& input) {
    AlertsReader reader(input.secret_key);
    MERLON_TRY(each_record(
        input, [&](const Value& record, FieldReader& fields) { reader.read(record, fields); }));
    return std::move(reader).finish();
}

}  // namespace merlon::exchange
