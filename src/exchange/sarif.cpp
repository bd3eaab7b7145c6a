#include "exchange/sarif.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "text/json.h"

namespace merlon::exchange {
namespace {

using text::JsonWriter;

// What GitHub takes of one upload ("SARIF support for code scanning", limits). Other readers take
// more, so results are never left out: the file says that GitHub would refuse it.
constexpr std::size_t kMaxGithubResults = 25'000;
constexpr std::size_t kMaxGithubTags = 20;
constexpr std::size_t kMaxGithubLocations = 1'000;  // of one result

std::string_view level_of(model::Severity severity) {
    switch (severity) {
        case model::Severity::kCritical:
        case model::Severity::kHigh:
            return "error";
        case model::Severity::kMedium:
            return "warning";
        default:
            return "note";
    }
}

// Section 3.10: a URI reference; what RFC 3986 reserves or does not know is escaped.
std::string uri_of(std::string_view path) {
    std::string uri;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') ||
                           std::string_view("/-._~!$&'()*+,;=@").find(c) != std::string_view::npos;
        if (plain) {
            uri += c;
        } else {
            uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return uri;
}

void write_message(JsonWriter& json, std::string_view key, std::string_view text) {
    json.key(key).begin_object().member("text", text).end_object();
}

void write_rule(JsonWriter& json, const model::Rule& rule) {
    json.begin_object().member("id", rule.id).member("name", rule.name);
    write_message(json, "shortDescription", rule.name == rule.id ? rule.description : rule.name);
    write_message(json, "fullDescription", rule.description);
    if (!rule.help_url.empty()) json.member("helpUri", rule.help_url);
    std::string markdown = "**" + rule.description + "**";
    if (!rule.fix.empty()) markdown += "\n\n**What to do:** " + rule.fix;
    if (!rule.help_url.empty()) markdown += "\n\n" + rule.help_url;
    json.key("help").begin_object();
    json.member("text", rule.fix.empty() ? rule.description : rule.fix)
        .member("markdown", markdown);
    json.end_object().key("defaultConfiguration").begin_object();
    json.member("level", level_of(rule.severity)).end_object();
    json.key("properties").begin_object();
    json.member("security-severity", model::security_severity(rule.severity));
    json.member("precision", model::name(rule.confidence) == "high"     ? "very-high"
                             : model::name(rule.confidence) == "medium" ? "high"
                                                                        : "medium");
    std::vector<std::string> tags{"security"};
    if (!rule.cwe.empty()) tags.push_back("external/cwe/" + lower_case(rule.cwe));
    tags.insert(tags.end(), rule.tags.begin(), rule.tags.end());
    tags.resize(std::min(tags.size(), kMaxGithubTags));
    json.key("tags").begin_array();
    for (const std::string& tag : tags) json.string(tag);
    json.end_array().end_object().end_object();
}

void write_location(JsonWriter& json, const model::Location& location,
                    std::string_view message = {}) {
    json.begin_object();
    if (const auto* file = std::get_if<model::FileLocation>(&location)) {
        json.key("physicalLocation").begin_object().key("artifactLocation").begin_object();
        // A member of an archive has no URI of its own (section 3.4.3); its archive has.
        json.member("uri", uri_of(file->path)).member("uriBaseId", "%SRCROOT%").end_object();
        if (file->region.start_line > 0 && file->members.empty()) {
            json.key("region").begin_object();
            json.key("startLine").integer(file->region.start_line);
            json.key("startColumn").integer(file->region.start_column);
            json.key("endLine").integer(file->region.end_line);
            // Section 3.30.8: one past the last character.
            json.key("endColumn").integer(std::int64_t{file->region.end_column} + 1);
            json.end_object();
        }
        json.end_object();
        if (!file->members.empty()) {
            json.key("logicalLocations").begin_array().begin_object();
            json.member("fullyQualifiedName", model::to_string(location));
            json.end_object().end_array();
        }
    } else {
        json.key("logicalLocations").begin_array().begin_object();
        json.member("fullyQualifiedName", model::to_string(location)).end_object().end_array();
    }
    if (!message.empty()) write_message(json, "message", message);
    json.end_object();
}

// Further places of the same fact; of a history all but the first, each with its commit.
void write_related(JsonWriter& json, const model::Finding& finding) {
    const std::size_t places = finding.history ? finding.history->places.size() : 0;
    if (finding.also_at.empty() && places < 2) return;
    json.key("relatedLocations").begin_array();
    std::size_t left = kMaxGithubLocations - 1;
    for (std::size_t i = 0; i < finding.also_at.size() && left > 0; ++i, --left) {
        write_location(json, finding.also_at[i]);
    }
    for (std::size_t i = 1; i < places && left > 0; ++i, --left) {
        const model::HistoryPlace& place = finding.history->places[i];
        write_location(json, place.location, place.kind + " " + place.commit);
    }
    json.end_array();
}

void write_history(JsonWriter& json, const model::History& history) {
    json.key("history").begin_object().member("reach", history.reach);
    json.key("inHead").boolean(history.in_head);
    json.key("references").begin_array();
    for (const std::string& reference : history.references) json.string(reference);
    json.end_array().key("places").begin_array();
    for (const model::HistoryPlace& place : history.places) {
        json.begin_object().member("kind", place.kind).member("object", place.object);
        json.member("place", model::to_string(place.location));
        if (!place.commit.empty()) json.member("commit", place.commit);
        if (!place.author.empty()) json.member("author", place.author);
        if (!place.date.empty()) json.member("date", place.date);
        if (!place.removed_commit.empty()) json.member("removedCommit", place.removed_commit);
        if (place.head_line > 0) json.key("headLine").integer(place.head_line);
        json.end_object();
    }
    json.end_array().end_object();
}

void write_result(JsonWriter& json, const model::Finding& finding,
                  const std::map<std::string, std::int64_t>& rule_index) {
    json.begin_object().member("ruleId", finding.rule_id);
    if (const auto at = rule_index.find(finding.rule_id); at != rule_index.end()) {
        json.key("ruleIndex").integer(at->second);
    }
    json.member("level", level_of(finding.severity));
    write_message(
        json, "message",
        finding.secret.empty() ? finding.message : finding.message + " Found: " + finding.secret);
    json.key("locations").begin_array();
    write_location(json, finding.location);
    json.end_array();
    write_related(json, finding);
    json.key("partialFingerprints").begin_object();
    std::map<std::string_view, std::string_view> prints;
    for (const model::Fingerprint& print : finding.fingerprints) {
        prints.emplace(print.algorithm, print.value);
    }
    for (const auto& [algorithm, print] : prints) json.member(algorithm, print);
    json.end_object();
    if (!finding.suppressed_by.empty()) {
        json.key("suppressions").begin_array().begin_object();
        json.member("kind", finding.suppressed_by == "inline" ? "inSource" : "external");
        json.member("justification", finding.suppression_reason).end_object().end_array();
    }
    json.key("properties").begin_object();
    json.member("confidence", model::name(finding.confidence));
    json.member("security-severity", model::security_severity(finding.severity));
    json.key("tags").begin_array();
    for (const std::string& tag : finding.tags) json.string(tag);
    json.end_array();
    if (finding.history) write_history(json, *finding.history);
    json.end_object().end_object();
}

void write_invocation(JsonWriter& json, const model::Report& report) {
    json.key("invocations").begin_array().begin_object();
    json.key("executionSuccessful").boolean(report.analysis.complete);
    json.key("toolExecutionNotifications").begin_array();
    for (const model::Gap& gap : report.coverage.gaps) {
        json.begin_object().member("level", "error");
        write_message(json, "message",
                      std::string(model::name(gap.cause)) + ": " + gap.path + ": " + gap.detail);
        json.key("descriptor").begin_object().member("id", model::name(gap.cause)).end_object();
        json.end_object();
    }
    if (report.findings.size() > kMaxGithubResults) {
        json.begin_object().member("level", "warning");
        write_message(json, "message",
                      fmt::format("{} results: GitHub refuses an upload of more than {}; scan "
                                  "folders by themselves",
                                  report.findings.size(), kMaxGithubResults));
        json.end_object();
    }
    for (const std::string& notice : report.notices) {
        json.begin_object().member("level", "note");
        write_message(json, "message", notice);
        json.end_object();
    }
    json.end_array().end_object().end_array();
}

}  // namespace

void write_sarif(const model::Report& report, TextSink& sink) {
    JsonWriter json(sink.buffer(), "  ");
    std::map<std::string, std::int64_t> rule_index;
    json.begin_object().member("$schema",
                               "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                               "sarif-schema-2.1.0.json");
    json.member("version", "2.1.0").key("runs").begin_array().begin_object();
    json.key("tool").begin_object().key("driver").begin_object();
    json.member("name", "Merlon").member("semanticVersion", report.analysis.version);
    json.key("rules").begin_array();
    for (const model::Rule& rule : report.rules) {
        rule_index.emplace(rule.id, static_cast<std::int64_t>(rule_index.size()));
        write_rule(json, rule);
    }
    json.end_array().end_object().end_object();
    json.key("automationDetails").begin_object();
    json.member("id", "merlon/" + report.analysis.engine + "/").end_object();
    json.member("columnKind", "unicodeCodePoints");
    json.key("originalUriBaseIds").begin_object().key("%SRCROOT%").begin_object();
    write_message(json, "description", "the root of the repository, or of the scan");
    json.end_object().end_object();
    write_invocation(json, report);
    json.key("results").begin_array();
    for (const model::Finding& finding : report.findings) {
        write_result(json, finding, rule_index);
        sink.settle();
    }
    json.end_array();
    json.key("properties").begin_object();
    json.member("programDigest", report.analysis.program_digest);
    json.key("complete").boolean(report.analysis.complete).end_object();
    json.end_object().end_array().end_object();
    sink.buffer() += '\n';
}

}  // namespace merlon::exchange
