#include "exchange/report_read.h"

#include <algorithm>
#include <limits>

#include "exchange/plain_fields.h"
#include "text/base64.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::int64_t kVersion = 1;

std::uint64_t count(const Value& object, std::string_view key, FieldReader& fields) {
    const auto number = integer_in(object, key, fields);
    if (number && *number < 0) fields.fail("expected no negative number", object.find(key));
    return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

std::uint32_t line(const Value& object, std::string_view key, FieldReader& fields) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::min(count(object, key, fields), kMost));
}

// A path that is not UTF-8 stands beside its text.
std::string read_path(const Value& object, FieldReader& fields) {
    const std::string encoded = fields.text(object, "pathBase64");
    if (encoded.empty()) return fields.text(object, "path");
    Result<std::string> path = text::decode_base64(encoded, text::Base64Alphabet::kStandard);
    if (path.ok()) return std::move(path).value();
    fields.fail(path.error().message, object.find("pathBase64"));
    return {};
}

model::Location read_location(const Value& object, FieldReader& fields) {
    model::FileLocation file{.path = read_path(object, fields)};
    file.members = fields.texts(object, "members");
    file.region = {.start_line = line(object, "startLine", fields),
                   .start_column = line(object, "startColumn", fields),
                   .end_line = line(object, "endLine", fields),
                   .end_column = line(object, "endColumn", fields),
                   .start_offset = count(object, "startOffset", fields),
                   .end_offset = count(object, "endOffset", fields)};
    return file;
}

template <typename Level, typename Parse>
Level read_level(const Value& object, std::string_view key, Level otherwise, Parse parse,
                 FieldReader& fields) {
    const std::string name = fields.text(object, key);
    const std::optional<Level> level = parse(name);
    if (!level) fields.fail("not a " + std::string(key) + ": '" + name + "'", &object);
    return level.value_or(otherwise);
}

model::HistoryPlace read_place(const Value& object, FieldReader& fields) {
    model::HistoryPlace place;
    place.kind = fields.text(object, "kind");
    if (const Value* location = fields.object(object, "location"))
        place.location = read_location(*location, fields);
    place.object = fields.text(object, "object");
    place.commit = fields.text(object, "commit");
    place.author = fields.text(object, "author");
    place.email = fields.text(object, "email");
    place.date = fields.text(object, "date");
    place.removed_commit = fields.text(object, "removedCommit");
    place.removed_date = fields.text(object, "removedDate");
    place.head_line = line(object, "headLine", fields);
    place.introductions = count(object, "introductions", fields);
    return place;
}

model::History read_history(const Value& object, FieldReader& fields) {
    model::History history;
    history.reach = fields.text(object, "reach");
    history.in_head = boolean_in(object, "inHead", fields).value_or(false);
    history.references = fields.texts(object, "references");
    history.reference_count = count(object, "referenceCount", fields);
    for (const Value& place : fields.items(object, "places"))
        if (fields.is_object(place)) history.places.push_back(read_place(place, fields));
    return history;
}

void read_excerpt(const Value& object, FieldReader& fields, model::Finding& finding) {
    finding.excerpt.first_line = line(object, "firstLine", fields);
    finding.excerpt.lines = fields.texts(object, "lines");
    finding.excerpt.mark_start_column = line(object, "markStartColumn", fields);
    finding.excerpt.mark_end_column = line(object, "markEndColumn", fields);
    finding.excerpt.mark_line = finding.excerpt.first_line;
    if (const auto* file = std::get_if<model::FileLocation>(&finding.location))
        finding.excerpt.mark_line = std::max(file->region.start_line, finding.excerpt.first_line);
}

model::Finding read_finding(const Value& object, FieldReader& fields) {
    model::Finding finding;
    finding.rule_id = fields.required_text(object, "rule");
    finding.severity =
        read_level(object, "severity", model::Severity::kHigh, model::parse_severity, fields);
    finding.confidence = read_level(object, "confidence", model::Confidence::kMedium,
                                    model::parse_confidence, fields);
    finding.message = fields.text(object, "message");
    if (const Value* location = fields.object(object, "location"))
        finding.location = read_location(*location, fields);
    for (const Value& place : fields.items(object, "alsoAt"))
        if (fields.is_object(place)) finding.also_at.push_back(read_location(place, fields));
    finding.match = fields.text(object, "match");
    finding.secret = fields.text(object, "secret");
    finding.secret_id = fields.text(object, "secretId");
    if (const Value* excerpt = fields.object(object, "excerpt"))
        read_excerpt(*excerpt, fields, finding);
    if (const Value* prints = fields.object(object, "fingerprints")) {
        for (std::size_t i = 0; i < prints->size(); ++i)
            finding.fingerprints.push_back(
                {std::string(prints->keys()[i].as_string()), fields.text_of(prints->values()[i])});
    }
    finding.tags = fields.texts(object, "tags");
    if (const Value* properties = fields.object(object, "properties")) {
        for (std::size_t i = 0; i < properties->size(); ++i)
            finding.properties.emplace(properties->keys()[i].as_string(),
                                       fields.text_of(properties->values()[i]));
    }
    if (const Value* history = fields.object(object, "history"))
        finding.history = read_history(*history, fields);
    if (const Value* suppressed = fields.object(object, "suppressed")) {
        finding.suppressed_by = fields.required_text(*suppressed, "by");
        finding.suppression_reason = fields.text(*suppressed, "reason");
    }
    return finding;
}

model::Rule read_rule(const Value& object, FieldReader& fields) {
    model::Rule rule;
    rule.id = fields.required_text(object, "id");
    // "engine/pack/rule"; a rule's own id may hold slashes.
    const std::string qualified = fields.text(object, "qualifiedId");
    const std::size_t first = qualified.find('/');
    const std::size_t second = first == std::string::npos ? first : qualified.find('/', first + 1);
    if (second != std::string::npos) {
        rule.engine = qualified.substr(0, first);
        rule.pack = qualified.substr(first + 1, second - first - 1);
    }
    rule.name = fields.text(object, "name");
    rule.description = fields.text(object, "description");
    rule.fix = fields.text(object, "fix");
    rule.help_url = fields.text(object, "url");
    rule.severity =
        read_level(object, "severity", model::Severity::kHigh, model::parse_severity, fields);
    rule.confidence = read_level(object, "confidence", model::Confidence::kMedium,
                                 model::parse_confidence, fields);
    rule.tags = fields.texts(object, "tags");
    return rule;
}

void read_analysis(const Value& object, FieldReader& fields, model::Analysis& analysis) {
    analysis.tool = fields.required_text(object, "tool");
    analysis.version = fields.text(object, "toolVersion");
    analysis.engine = fields.text(object, "engine");
    analysis.program_digest = fields.text(object, "programDigest");
    analysis.configuration_digest = fields.text(object, "configurationDigest");
    analysis.ref = fields.text(object, "ref");
    analysis.commit = fields.text(object, "commit");
    analysis.scope = fields.texts(object, "scope");
    const std::optional<bool> complete = boolean_in(object, "complete", fields);
    if (!complete) fields.fail("an analysis that does not say whether it is complete", &object);
    analysis.complete = complete.value_or(false);
    analysis.incomplete_because = fields.texts(object, "incompleteBecause");
    analysis.signature_versions = fields.texts(object, "signatureVersions");
}

model::Gap read_gap(const Value& object, FieldReader& fields) {
    return {
        read_level(object, "cause", model::GapCause::kReadError, model::parse_gap_cause, fields),
        read_path(object, fields), fields.text(object, "detail")};
}

void read_coverage(const Value& object, FieldReader& fields, model::Coverage& coverage) {
    coverage.files_seen = count(object, "filesSeen", fields);
    coverage.files_read = count(object, "filesRead", fields);
    coverage.files_skipped = count(object, "filesSkipped", fields);
    coverage.bytes_read = count(object, "bytesRead", fields);
    coverage.members_read = count(object, "membersRead", fields);
    coverage.windowed_files = count(object, "windowedFiles", fields);
    if (const Value* objects = fields.object(object, "objects")) {
        coverage.objects = {.present = count(*objects, "present", fields),
                            .commits = count(*objects, "commits", fields),
                            .trees = count(*objects, "trees", fields),
                            .blobs = count(*objects, "blobs", fields),
                            .tags = count(*objects, "tags", fields),
                            .bytes = count(*objects, "bytes", fields),
                            .left_out = count(*objects, "leftOutByPath", fields),
                            .outside_range = count(*objects, "outsideRange", fields),
                            .submodule_links = count(*objects, "submoduleLinks", fields)};
    }
    for (const Value& gap : fields.items(object, "gaps"))
        if (fields.is_object(gap)) coverage.gaps.push_back(read_gap(gap, fields));
    for (const Value& gap : fields.items(object, "accepted")) {
        if (!fields.is_object(gap)) continue;
        coverage.accepted.push_back(
            {read_gap(gap, fields), fields.text(gap, "reason"), fields.text(gap, "expires")});
    }
}

model::Report read_root(const Value& root, FieldReader& fields) {
    model::Report report;
    if (fields.text(root, "schema") != "merlon-report") {
        fields.fail("expected a report of ours, with the schema 'merlon-report'", &root);
        return report;
    }
    const std::int64_t version = integer_in(root, "version", fields).value_or(0);
    if (version < 1 || version > kVersion) {
        fields.fail("version " + std::to_string(version) + " of the report is not known; up to " +
                        std::to_string(kVersion) + " is",
                    &root);
        return report;
    }
    const Value* const analysis = fields.object(root, "analysis");
    if (analysis == nullptr) {
        fields.fail("no analysis", &root);
        return report;
    }
    read_analysis(*analysis, fields, report.analysis);
    if (root.find("findings") == nullptr) fields.fail("no findings", &root);
    for (const Value& finding : fields.items(root, "findings"))
        if (fields.is_object(finding)) report.findings.push_back(read_finding(finding, fields));
    if (const Value* coverage = fields.object(root, "coverage"))
        read_coverage(*coverage, fields, report.coverage);
    report.notices = fields.texts(root, "notices");
    for (const Value& rule : fields.items(root, "rules"))
        if (fields.is_object(rule)) report.rules.push_back(read_rule(rule, fields));
    return report;
}

}  // namespace

bool looks_like_report(std::string_view first_bytes) {
    return first_bytes.find("\"merlon-report\"") != std::string_view::npos;
}

Result<model::Report> read_report(std::string_view bytes, const CancelToken* cancel) {
    model::Report report;
    MERLON_TRY(read_fields(
        bytes, RecordSyntax::kJson,
        [&](const Value& root, FieldReader& fields) {
            if (fields.is_object(root)) report = read_root(root, fields);
        },
        cancel));
    return report;
}

Result<model::Finding> read_finding(std::string_view bytes) {
    model::Finding finding;
    MERLON_TRY(read_fields(bytes, RecordSyntax::kJson, [&](const Value& root, FieldReader& fields) {
        if (fields.is_object(root)) finding = read_finding(root, fields);
    }));
    return finding;
}

}  // namespace merlon::exchange
