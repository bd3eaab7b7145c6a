#include "text/json.h"

#include <initializer_list>
#include <utility>

#include "report/finding_json.h"
#include "report/report.h"
#include "text/base64.h"
#include "text/utf8.h"

namespace merlon::report {
namespace {

using text::JsonWriter;

constexpr std::int64_t kVersion = 1;

void write_strings(JsonWriter& json, std::string_view key, const std::vector<std::string>& list) {
    json.key(key).begin_array();
    for (const std::string& text : list) json.string(text);
    json.end_array();
}

void write_count(JsonWriter& json, std::string_view name, std::uint64_t count) {
    json.key(name).integer(static_cast<std::int64_t>(count));
}

using Counts = std::initializer_list<std::pair<std::string_view, std::uint64_t>>;

void write_counts(JsonWriter& json, Counts counts) {
    for (const auto& [name, count] : counts) write_count(json, name, count);
}

// A path is bytes, JSON is text: what is not UTF-8 stands beside as it is, for who opens the file.
void write_path(JsonWriter& json, const std::string& path) {
    json.member("path", path);
    if (text::is_valid_utf8(path)) return;
    json.member("pathBase64", text::encode_base64(path, text::Base64Alphabet::kStandard));
}

void write_location(JsonWriter& json, const model::Location& location) {
    json.begin_object();
    if (const auto* file = std::get_if<model::FileLocation>(&location)) {
        write_path(json, file->path);
        if (!file->members.empty()) write_strings(json, "members", file->members);
        if (file->region.start_line > 0) {
            json.key("startLine").integer(file->region.start_line);
            json.key("startColumn").integer(file->region.start_column);
            json.key("endLine").integer(file->region.end_line);
            json.key("endColumn").integer(file->region.end_column);
            write_count(json, "startOffset", file->region.start_offset);
            write_count(json, "endOffset", file->region.end_offset);
        }
    } else {
        json.member("path", model::to_string(location));
    }
    json.end_object();
}

void write_history(JsonWriter& json, const model::History& history) {
    json.key("history").begin_object().member("reach", history.reach);
    json.key("inHead").boolean(history.in_head);
    write_strings(json, "references", history.references);
    write_count(json, "referenceCount", history.reference_count);
    json.key("places").begin_array();
    for (const model::HistoryPlace& place : history.places) {
        json.begin_object().member("kind", place.kind).key("location");
        write_location(json, place.location);
        json.member("object", place.object);
        const auto member = [&json](std::string_view name, const std::string& text) {
            if (!text.empty()) json.member(name, text);
        };
        member("commit", place.commit);
        member("author", place.author);
        member("email", place.email);
        member("date", place.date);
        member("removedCommit", place.removed_commit);
        member("removedDate", place.removed_date);
        if (place.head_line > 0) json.key("headLine").integer(place.head_line);
        write_count(json, "introductions", place.introductions);
        json.end_object();
    }
    json.end_array().end_object();
}

void write_finding(JsonWriter& json, const model::Finding& finding) {
    json.begin_object().member("rule", finding.rule_id);
    json.member("severity", model::name(finding.severity));
    json.member("confidence", model::name(finding.confidence)).member("message", finding.message);
    json.key("location");
    write_location(json, finding.location);
    if (!finding.also_at.empty()) {
        json.key("alsoAt").begin_array();
        for (const model::Location& place : finding.also_at) write_location(json, place);
        json.end_array();
    }
    json.member("match", finding.match).member("secret", finding.secret);
    if (!finding.secret_id.empty()) json.member("secretId", finding.secret_id);
    if (!finding.excerpt.lines.empty()) {
        json.key("excerpt").begin_object();
        json.key("firstLine").integer(finding.excerpt.first_line);
        write_strings(json, "lines", finding.excerpt.lines);
        json.key("markStartColumn").integer(finding.excerpt.mark_start_column);
        json.key("markEndColumn").integer(finding.excerpt.mark_end_column).end_object();
    }
    json.key("fingerprints").begin_object();
    for (const model::Fingerprint& print : finding.fingerprints) {
        json.member(print.algorithm, print.value);
    }
    json.end_object();
    write_strings(json, "tags", finding.tags);
    if (!finding.properties.empty()) {
        json.key("properties").begin_object();
        for (const auto& [name, text] : finding.properties) json.member(name, text);
        json.end_object();
    }
    if (finding.history) write_history(json, *finding.history);
    if (!finding.suppressed_by.empty()) {
        json.key("suppressed").begin_object().member("by", finding.suppressed_by);
        json.member("reason", finding.suppression_reason).end_object();
    }
    json.end_object();
}

void write_rule(JsonWriter& json, const model::Rule& rule) {
    json.begin_object().member("id", rule.id).member("qualifiedId", model::qualified_id(rule));
    json.member("name", rule.name).member("description", rule.description);
    json.member("fix", rule.fix).member("url", rule.help_url);
    json.member("severity", model::name(rule.severity));
    json.member("confidence", model::name(rule.confidence));
    write_strings(json, "tags", rule.tags);
    json.end_object();
}

void write_gap(JsonWriter& json, const model::Gap& gap) {
    json.member("cause", model::name(gap.cause));
    write_path(json, gap.path);
    json.member("detail", gap.detail);
}

void write_coverage(JsonWriter& json, const model::Coverage& coverage) {
    json.key("coverage").begin_object();
    write_counts(json, {{"filesSeen", coverage.files_seen},
                        {"filesRead", coverage.files_read},
                        {"filesSkipped", coverage.files_skipped},
                        {"bytesRead", coverage.bytes_read},
                        {"membersRead", coverage.members_read},
                        {"windowedFiles", coverage.windowed_files}});
    if (const auto& objects = coverage.objects) {
        json.key("objects").begin_object();
        write_counts(json, {{"present", objects->present},
                            {"commits", objects->commits},
                            {"trees", objects->trees},
                            {"blobs", objects->blobs},
                            {"tags", objects->tags},
                            {"bytes", objects->bytes},
                            {"leftOutByPath", objects->left_out},
                            {"outsideRange", objects->outside_range},
                            {"submoduleLinks", objects->submodule_links}});
        json.end_object();
    }
    json.key("gaps").begin_array();
    for (const model::Gap& gap : coverage.gaps) {
        json.begin_object();
        write_gap(json, gap);
        json.end_object();
    }
    json.end_array().key("accepted").begin_array();
    for (const model::AcceptedGap& accepted : coverage.accepted) {
        json.begin_object();
        write_gap(json, accepted.gap);
        json.member("reason", accepted.reason).member("expires", accepted.expires).end_object();
    }
    json.end_array().end_object();
}

}  // namespace

void append_finding_json(const model::Finding& finding, std::string& out) {
    JsonWriter json(out);
    write_finding(json, finding);
}

void write_json(const model::Report& report, TextSink& sink) {
    const model::Analysis& analysis = report.analysis;
    JsonWriter json(sink.buffer(), "  ");
    json.begin_object().member("schema", "merlon-report").key("version").integer(kVersion);
    json.key("analysis").begin_object().member("tool", analysis.tool);
    json.member("toolVersion", analysis.version).member("engine", analysis.engine);
    json.member("programDigest", analysis.program_digest);
    json.member("configurationDigest", analysis.configuration_digest);
    json.member("ref", analysis.ref).member("commit", analysis.commit);
    write_strings(json, "scope", analysis.scope);
    json.key("complete").boolean(analysis.complete);
    write_strings(json, "incompleteBecause", analysis.incomplete_because);
    write_strings(json, "signatureVersions", analysis.signature_versions);
    json.end_object().key("findings").begin_array();
    for (const model::Finding& finding : report.findings) {
        write_finding(json, finding);
        sink.settle();
    }
    json.end_array();
    write_coverage(json, report.coverage);
    write_strings(json, "notices", report.notices);
    json.key("rules").begin_array();
    for (const model::Rule& rule : report.rules) write_rule(json, rule);
    json.end_array().end_object();
    sink.buffer() += '\n';
}

}  // namespace merlon::report
