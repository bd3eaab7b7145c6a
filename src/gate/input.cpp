#include "gate/input.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/ascii.h"
#include "exchange/foreign_report.h"
#include "text/json.h"

namespace merlon::gate {
namespace {

using text::JsonWriter;

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
    json.key(key).begin_array();
    for (const std::string& text : texts) json.string(text);
    json.end_array();
}

template <typename T>
void write_each(JsonWriter& json, std::string_view key, const std::vector<T>& all,
                void (*write)(JsonWriter& json, const T& one)) {
    json.key(key).begin_array();
    for (const T& one : all) {
        json.begin_object();
        write(json, one);
        json.end_object();
    }
    json.end_array();
}

void write_finding(JsonWriter& json, const SeenFinding& finding) {
    if (finding.id > 0) json.key("id").integer(finding.id);
    json.member("rule", finding.rule).member("tool", finding.tool).member("kind", finding.kind);
    json.member("severity", model::name(finding.severity)).member("path", finding.path);
    json.key("line")
        .integer(finding.line)
        .member("title", finding.title)
        .member("fix", finding.fix);
    json.key("new").boolean(finding.is_new).key("maybe_moved").boolean(finding.may_have_moved);
    if (finding.raised_from) json.member("raised_from", model::name(*finding.raised_from));
    json.key("suppressed").boolean(!finding.suppressed_by.empty());
    json.member("suppressed_by", finding.suppressed_by).member("document", finding.document);
    if (!finding.suppressed_until.empty())
        json.member("suppressed_until", finding.suppressed_until);
    if (finding.is_base_unknown) json.key("base_unknown").boolean(true);
    if (finding.is_suppressed_in_change) json.key("suppressed_in_change").boolean(true);
}

void write_base(JsonWriter& json, const Input& input) {
    json.begin_object().key("known").boolean(input.has_base);
    if (!input.base_commit.empty()) json.member("commit", input.base_commit);
    if (!input.base_unknown_because.empty())
        write_texts(json, "because", input.base_unknown_because);
    json.end_object();
}

void write_gap(JsonWriter& json, const model::Gap& gap) {
    json.member("cause", model::name(gap.cause)).member("path", gap.path);
    json.member("detail", gap.detail);
}

void write_analysis(JsonWriter& json, const SeenAnalysis& analysis) {
    json.member("tool", analysis.tool).member("engine", analysis.engine);
    json.member("category", analysis.category);
    if (!analysis.below.empty()) json.member("below", analysis.below);
    json.member("commit", analysis.commit);
    if (!analysis.other_repository.empty())
        json.member("other_repository", analysis.other_repository);
    json.key("complete").boolean(analysis.is_complete);
    if (analysis.is_assumed) json.key("assumed").boolean(true);
    write_texts(json, "because", analysis.because);
    write_each(json, "gaps", analysis.gaps, write_gap);
    json.member("document", analysis.document);
    if (analysis.is_stored) json.key("stored").boolean(true);
}

void write_bom(JsonWriter& json, const SeenBom& bom) {
    json.member("format", bom.format).member("document", bom.document);
    json.key("components").integer(static_cast<std::int64_t>(bom.components));
    json.key("complete").boolean(bom.is_complete);
    write_texts(json, "describes", bom.describes);
}

void write_package(JsonWriter& json, const SeenPackage& package) {
    json.member("name", package.name).member("version", package.version);
    json.member("purl", package.purl).member("license", package.license);
    json.member("license_verdict", package.license_verdict);
}

void write_attestation(JsonWriter& json, const SeenAttestation& attestation) {
    json.member("predicate_type", attestation.predicate_type);
    json.member("document", attestation.document);
    write_texts(json, "subjects", attestation.subjects);
    json.key("verified").boolean(attestation.is_verified).member("reason", attestation.reason);
}

void write_decision(JsonWriter& json, const SeenDecision& decision) {
    json.member("id", decision.id).member("kind", decision.kind);
    json.member("person", decision.person);
    write_texts(json, "groups", decision.groups);
    write_texts(json, "names", decision.names);
    json.member("condition", decision.condition).member("about", decision.about);
    json.member("reason", decision.reason).member("time", decision.time);
    json.member("expires", decision.expires);
    if (decision.covers) write_texts(json, "covers", *decision.covers);
    json.key("valid").boolean(decision.is_valid);
    json.member("refused_because", decision.refused_because);
}

void write_exception(JsonWriter& json, const HoldingException& exception) {
    json.member("id", exception.id).member("condition", exception.condition);
    json.member("person", exception.person).member("confirmed_by", exception.confirmed_by);
    json.member("reason", exception.reason).member("expires", exception.expires);
    if (exception.covers) write_texts(json, "covers", *exception.covers);
}

void write_file(JsonWriter& json, const ChangedFile& file) {
    json.member("path", file.path).member("kind", file.kind);
}

void write_author(JsonWriter& json, const Author& author) {
    json.member("name", author.name).member("email", author.email);
}

void write_change(JsonWriter& json, const Change& change) {
    json.begin_object().key("known").boolean(change.is_known);
    json.member("unknown_because", change.unknown_because);
    json.member("base", change.base).member("head", change.head);
    write_each(json, "files", change.files, write_file);
    write_texts(json, "workflow", change.workflow);
    write_each(json, "authors", change.authors, write_author);
    json.end_object();
}

void write_calendar(JsonWriter& json, const Input& input) {
    json.begin_object().member("now", format_rfc3339(input.now)).key("zones").begin_object();
    for (const LocalTime& local : input.zones) {
        json.key(local.zone).begin_object().member("date", local.date);
        json.member("time", local.time).member("weekday", local.weekday).end_object();
    }
    json.end_object().end_object();
}

void write_environment(JsonWriter& json, const Input& input) {
    if (input.environment.empty()) {
        json.null();
        return;
    }
    const EnvironmentHistory& history = input.history;
    json.begin_object().member("name", input.environment);
    json.key("settings").raw(input.environment_settings);
    json.key("history").begin_object().key("known").boolean(history.is_known);
    json.member("requested", history.requested).member("locked_by", history.locked_by);
    json.member("locked_until", history.locked_until).end_object().end_object();
}

void write_coverage(JsonWriter& json, const Input& input) {
    json.begin_object();
    write_each(json, "analyses", input.analyses, write_analysis);
    write_texts(json, "expected", input.expected);
    write_texts(json, "missing", missing_analyses(input));
    json.end_object();
}

// "branch" or "tag"; "" of what is neither: the merge commit of a pull request, a remote's branch.
std::string_view ref_kind(const Input& input) {
    if (input.ref.starts_with("refs/heads/")) return "branch";
    if (input.ref.starts_with("refs/tags/")) return "tag";
    if (input.ref.starts_with("refs/")) return "";
    return input.ref_kind == Input::RefKind::kTag ? "tag" : "branch";
}

}  // namespace

std::string engine_of(std::string_view tool, std::string_view category) {
    if (!category.starts_with(tool) || !category.ends_with('/')) return {};
    category.remove_prefix(tool.size());
    if (category.size() < 2 || !category.starts_with('/')) return {};
    return std::string(category.substr(1, category.size() - 2));
}

std::string_view steady_category(std::string_view tool, std::string_view category) {
    // One that SARIF tells ends with a slash.
    if (category.ends_with('/') || !exchange::has_categories_of_content(tool)) return category;
    const std::size_t slash = category.rfind('/');
    return category.substr(0, slash == std::string_view::npos ? 0 : slash);
}

std::string analysis_name(std::string_view tool, std::string_view category) {
    return fmt::format("{} ({})", tool, category.empty() ? "no category" : category);
}

std::vector<std::string> missing_analyses(const Input& input) {
    std::vector<std::string> missing;
    for (const std::string& name : input.expected) {
        const bool is_there = std::ranges::any_of(input.analyses, [&](const SeenAnalysis& one) {
            const std::string& called = one.engine.empty() ? one.tool : one.engine;
            return equal_without_case(one.engine, name) || equal_without_case(one.tool, name) ||
                   equal_without_case(
                       analysis_name(called, steady_category(one.tool, one.category)), name);
        });
        if (!is_there) missing.push_back(name);
    }
    return missing;
}

std::string to_json(const Input& input) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("schema", "merlon-gate-input").key("version").integer(1);
    json.member("merlon", input.merlon).member("gate", input.gate);
    json.member("now", format_rfc3339(input.now));
    json.key("time_to_live_s").integer(input.time_to_live_s);
    json.key("subject").begin_object().member("name", input.subject.name);
    json.member("digest", input.subject.digest).end_object();
    json.member("repository", input.repository)
        .member("ref", input.ref)
        .member("ref_kind", ref_kind(input));
    json.member("target", input.target).member("requested_by", input.requested_by);
    json.key("requester_registered").boolean(input.is_requester_registered);
    if (!input.pull_request.empty()) json.member("pull_request", input.pull_request);
    json.key("settings").raw(input.settings).member("settings_from", input.settings_from);
    json.key("groups").raw(input.groups);
    write_each(json, "findings", input.findings, write_finding);
    json.key("base");
    write_base(json, input);
    json.key("coverage");
    write_coverage(json, input);
    write_each(json, "boms", input.boms, write_bom);
    write_each(json, "packages", input.packages, write_package);
    write_each(json, "attestations", input.attestations, write_attestation);
    write_each(json, "decisions", input.decisions, write_decision);
    write_each(json, "exceptions", input.exceptions, write_exception);
    json.key("change");
    write_change(json, input.change);
    json.key("environment");
    write_environment(json, input);
    json.key("calendar");
    write_calendar(json, input);
    json.key("metrics").begin_object();
    for (const auto& [name, number] : input.metrics) json.key(name).raw(number);
    json.end_object().end_object();
    return out;
}

}  // namespace merlon::gate
