// Documents that are no report of a scanner: bills of materials, of which those with weaknesses
// have findings too; what suppliers say of weaknesses (VEX); statements of in-toto.

#include "exchange/foreign_documents.h"

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "exchange/bom_read.h"
#include "exchange/foreign_draft.h"
#include "exchange/foreign_text.h"
#include "exchange/vex.h"
#include "text/base64.h"

namespace merlon::exchange {
namespace {

using value::Value;

// Which licences there are is no question here.
bool any_license_id(std::string_view) { return true; }

// The worst rating, and the score that comes with one.
void take_ratings(const BomWeakness& weakness, PackageNews& news) {
    for (const BomRating& rating : weakness.ratings) {
        auto severity = severity_of_word(rating.severity);
        if (!severity) severity = severity_of_score(rating.score);
        if (severity && (!news.severity || *severity > *news.severity)) news.severity = severity;
        if (news.cvss.empty()) news.cvss = rating.score;
    }
}

PackageNews news_of(const BomWeakness& weakness, const BomComponent& component) {
    PackageNews news;
    news.ids.push_back(weakness.id.empty() ? weakness.ref : weakness.id);
    for (const BomAlias& alias : weakness.aliases)
        if (std::ranges::find(news.ids, alias.id) == news.ids.end()) news.ids.push_back(alias.id);
    news.name = component.group.empty() ? component.name : component.group + "/" + component.name;
    news.version = component.version;
    news.purl = component.purl;
    news.path = component.occurrences.empty() ? "" : tidy_path(component.occurrences[0].path);
    news.title = weakness.description;
    news.description = weakness.detail;
    news.url = weakness.source.url;
    for (const std::string& cwe : weakness.cwes) news.cwes.push_back("CWE-" + cwe);
    take_ratings(weakness, news);
    return news;
}

// States of an analysis that say that it does no harm (ECMA-424, impactAnalysisState).
bool is_harmless(std::string_view state) {
    return state == "not_affected" || state == "false_positive" || state == "resolved" ||
           state == "resolved_with_pedigree";
}

void add_finding(const BomWeakness& weakness, const BomComponent& component, ForeignDraft& draft) {
    model::Finding& finding = draft.add(news_of(weakness, component));
    if (!weakness.analysis) return;
    const BomAnalysis& analysis = *weakness.analysis;
    if (!analysis.state.empty()) finding.properties["vex"] = analysis.state;
    if (!is_harmless(analysis.state)) return;
    finding.suppressed_by = "vex";
    finding.suppression_reason = analysis.state;
    for (const std::string& part : {analysis.justification, analysis.detail})
        if (!part.empty()) finding.suppression_reason += ": " + part;
}

ReadReport report_of(const Bom& bom) {
    std::map<std::string_view, const BomComponent*> components;
    for (const BomComponent& component : bom.components)
        components.emplace(component.ref, &component);
    components.emplace(bom.root.ref, &bom.root);
    ForeignDraft draft(bom.tools.empty() ? "bom" : lower_case(bom.tools[0].name), "sbom");
    if (draft.analysis().tool.empty()) draft.analysis().tool = "bom";
    draft.read().repository = bom.root.name;
    if (!bom.tools.empty()) draft.analysis().version = bom.tools[0].version;
    std::size_t elsewhere = 0;
    for (const BomWeakness& weakness : bom.weaknesses) {
        for (const BomAffected& affected : weakness.affects) {
            const auto known = components.find(affected.ref);
            if (known == components.end()) {
                ++elsewhere;
            } else if (!weakness.id.empty() || !weakness.ref.empty()) {
                add_finding(weakness, *known->second, draft);
            }
        }
    }
    if (elsewhere > 0)
        draft.add_notice(std::to_string(elsewhere) +
                         " weaknesses are of components that the document does not have");
    draft.add_unstated("a bill of materials does not say which weaknesses were looked for");
    return std::move(draft).finish();
}

}  // namespace

Result<ReadDocument> read_bom_document(const ForeignInput& input) {
    const ReadBom read = MERLON_TRY(read_bom(input.bytes, any_license_id, input.cancel));
    for (const BomWeakness& weakness : read.bom.weaknesses) {
        if (!weakness.analysis) continue;
        for (const std::string* said :
             {&weakness.analysis->last_updated, &weakness.analysis->first_issued}) {
            Status sound = check_said_at(*said, input.now);
            if (!sound.ok())
                return std::move(sound).error().within("the analysis of " + weakness.id);
        }
    }
    ReadDocument document{.title = read.format, .reports = {}};
    document.packages = read.bom.components.size();
    document.decided = decisions_of(read.bom);
    document.links = links_of(read.bom, {}, Confidence::kStated);
    if (document.packages > 0) document.bill_of = read.bom.root.name;
    if (!read.bom.weaknesses.empty()) document.reports.push_back(report_of(read.bom));
    return document;
}

Result<ReadDocument> read_vex_document(const ForeignInput& input) {
    const VexDocument read = MERLON_TRY(read_vex(input.bytes, input.now, input.cancel));
    ReadDocument document{.title = "VEX", .reports = {}};
    document.decided = decisions_of(read);
    return document;
}

namespace {

// DSSE, "Envelope": Base64 in either alphabet.
Result<std::string> decoded(std::string_view payload) {
    const auto alphabet = payload.find_first_of("-_") == std::string_view::npos
                              ? text::Base64Alphabet::kStandard
                              : text::Base64Alphabet::kUrl;
    return text::decode_base64(payload, alphabet);
}

// What a statement says of where its subjects come from, and what is in them.
Status take_statement(std::string_view bytes, Confidence confidence, ReadDocument& document) {
    std::vector<std::string> subjects;
    std::string called;  // the first of the subjects
    MERLON_TRY(read_fields(bytes, RecordSyntax::kJson, [&](const Value& root, FieldReader& fields) {
        if (!fields.is_object(root)) return;
        const std::string type = fields.required_text(root, "predicateType");
        document.title += type;
        subjects = subjects_of_statement(root, fields);
        for (const Value& subject : fields.items(root, "subject"))
            if (called.empty() && subject.is_object()) called = fields.text(subject, "name");
        document.links = links_of_statement(root, confidence, fields);
    }));
    // A bill of materials inside of a statement is read as one.
    if (const Result<ReadBom> read = read_bom(bytes, any_license_id); read.ok()) {
        document.packages = read.value().bom.components.size();
        const std::string& name = read.value().bom.root.name;
        if (document.packages > 0) document.bill_of = name.empty() ? called : name;
        for (Link& link : links_of(read.value().bom, subjects, confidence))
            document.links.push_back(std::move(link));
    }
    return {};
}

}  // namespace

Result<std::string> payload_in(std::string document) {
    std::string type, payload;
    const std::size_t first = document.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || document[first] != '{') return document;
    MERLON_TRY(
        read_fields(document, RecordSyntax::kJson, [&](const Value& root, FieldReader& fields) {
            if (!fields.is_object(root) || root.find("payloadType") == nullptr) return;
            type = fields.text(root, "payloadType");
            payload = fields.required_text(root, "payload");
        }));
    if (type.empty()) return document;
    return decoded(payload);
}

Result<ReadDocument> read_attestation(const ForeignInput& input) {
    ReadDocument document{.title = {}, .reports = {}};
    std::string payload, type;
    bool is_envelope = false, is_signed = false;
    MERLON_TRY(read_input(input, [&](const Value& root, FieldReader& fields) {
        if (!fields.is_object(root)) return;
        is_envelope = root.find("payloadType") != nullptr;
        if (!is_envelope) {
            fields.required_text(root, "predicateType");
            fields.items(root, "subject");
            return;
        }
        type = fields.required_text(root, "payloadType");
        payload = fields.required_text(root, "payload");
        // The part that it is verified by later.
        is_signed = !fields.items(root, "signatures").empty();
    }));
    if (!is_envelope) {
        document.title = "in-toto statement of ";
        MERLON_TRY(take_statement(input.bytes, Confidence::kStated, document));
        document.statements = document.links.empty() ? 1 : 0;
        return document;
    }
    document.title = "DSSE envelope of " + type;
    if (type != "application/vnd.in-toto+json") {
        document.statements = 1;
        return document;
    }
    const std::string statement = MERLON_TRY(decoded(payload));
    document.title += ", ";
    Status taken =
        take_statement(statement, is_signed ? Confidence::kSigned : Confidence::kStated, document);
    if (!taken.ok()) return std::move(taken).error().within("reading the payload");
    document.statements = document.links.empty() ? 1 : 0;
    return document;
}

}  // namespace merlon::exchange
