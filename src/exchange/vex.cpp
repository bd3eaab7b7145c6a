#include "exchange/vex.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/uri.h"
#include "exchange/bom_readers.h"
#include "exchange/csaf_products.h"
#include "exchange/field_reader.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::array<std::string_view, 4> kStatuses{"not_affected", "affected", "fixed",
                                                    "under_investigation"};

// --- OpenVEX ---

// A product or component: an object with @id and identifiers, before version 0.2.0 a plain text.
VexProduct read_product(const Value& value, FieldReader& fields) {
    VexProduct product;
    if (!value.is_object()) {
        product.id = fields.text_of(value);
        return product;
    }
    product.id = fields.text(value, "@id");
    if (const Value* identifiers = fields.object(value, "identifiers")) {
        for (const Value& identifier : identifiers->values()) {
            product.identifiers.push_back(fields.text_of(identifier));
        }
    }
    if (product.id.empty() && !product.identifiers.empty())
        product.id = product.identifiers.front();
    if (product.id.empty()) fields.fail("a product without @id and identifiers", &value);
    for (const Value& item : fields.items(value, "subcomponents")) {
        const VexProduct component = read_product(item, fields);
        product.components.push_back(component.id);
        product.components.insert(product.components.end(), component.identifiers.begin(),
                                  component.identifiers.end());
    }
    return product;
}

std::vector<std::string> read_openvex_ids(const Value& statement, FieldReader& fields) {
    const Value* const weakness = statement.find("vulnerability");
    if (weakness == nullptr) {
        fields.fail("no vulnerability", &statement);
        return {};
    }
    // Before version 0.2.0 a plain text.
    if (!weakness->is_object()) return {fields.text_of(*weakness)};
    std::vector<std::string> ids{fields.text(*weakness, "name")};
    if (ids.front().empty()) ids.front() = fields.text(*weakness, "@id");
    if (ids.front().empty()) fields.fail("a vulnerability without a name", weakness);
    for (std::string& alias : fields.texts(*weakness, "aliases")) ids.push_back(std::move(alias));
    return ids;
}

VexStatement read_openvex_statement(const Value& item, const std::string& document_time,
                                    FieldReader& fields) {
    VexStatement statement;
    statement.ids = read_openvex_ids(item, fields);
    const std::string status = fields.required_text(item, "status");
    const auto* const known = std::ranges::find(kStatuses, status);
    if (known == kStatuses.end()) {
        fields.fail("not a status of VEX: " + status, &item);
    } else {
        statement.status = static_cast<VexStatus>(known - kStatuses.begin());
    }
    for (const Value& product : fields.items(item, "products")) {
        statement.products.push_back(read_product(product, fields));
    }
    statement.justification = fields.text(item, "justification");
    statement.explanation = fields.text(item, "impact_statement");
    // OpenVEX 0.2.0, "Statement Fields": who says that there is no weakness has to say why.
    if (status == kStatuses[0] && statement.justification.empty() &&
        statement.explanation.empty()) {
        fields.fail("not_affected without a justification or an impact_statement", &item);
    }
    if (statement.explanation.empty()) {
        statement.explanation = fields.text(item, "action_statement");
    }
    statement.time = fields.text(item, "timestamp");
    if (statement.time.empty()) statement.time = document_time;
    return statement;
}

void read_openvex(const Value& root, FieldReader& fields, VexDocument& document) {
    document.id = fields.text(root, "@id");
    document.author = fields.text(root, "author");
    const std::string time = fields.text(root, "timestamp");
    for (const Value& item : fields.items(root, "statements")) {
        if (!fields.is_object(item)) continue;
        document.statements.push_back(read_openvex_statement(item, time, fields));
    }
}

// --- CSAF ---

struct StatusField {
    std::string_view key;  // of product_status (section 3.2.3.9)
    VexStatus status;
};
constexpr std::array kStatusFields{
    StatusField{"known_not_affected", VexStatus::kNotAffected},
    StatusField{"known_affected", VexStatus::kAffected},
    StatusField{"first_affected", VexStatus::kAffected},
    StatusField{"last_affected", VexStatus::kAffected},
    StatusField{"fixed", VexStatus::kFixed},
    StatusField{"first_fixed", VexStatus::kFixed},
    StatusField{"under_investigation", VexStatus::kUnderInvestigation},
};

// The text that `list` has for each product: flags by label, threats and remedies by details.
std::map<std::string, std::string> texts_by_product(const Value& weakness, std::string_view list,
                                                    std::string_view key, FieldReader& fields) {
    std::map<std::string, std::string> all;
    for (const Value& item : fields.items(weakness, list)) {
        if (!fields.is_object(item)) continue;
        const std::string text = fields.text(item, key);
        for (const std::string& product : fields.texts(item, "product_ids")) {
            all.try_emplace(product, text);
        }
    }
    return all;
}

// A statement for each status and reason that products of this weakness have.
void read_csaf_weakness(const Value& weakness, const CsafProducts& products,
                        const std::string& time, FieldReader& fields, VexDocument& document) {
    std::vector<std::string> ids;
    if (std::string cve = fields.text(weakness, "cve"); !cve.empty()) ids.push_back(std::move(cve));
    for (const Value& item : fields.items(weakness, "ids")) {
        if (fields.is_object(item)) ids.push_back(fields.text(item, "text"));
    }
    const Value* const statuses = fields.object(weakness, "product_status");
    if (statuses == nullptr) return;
    if (ids.empty()) fields.fail("a vulnerability without cve and ids", &weakness);
    const auto flags = texts_by_product(weakness, "flags", "label", fields);
    const auto threats = texts_by_product(weakness, "threats", "details", fields);
    const auto remedies = texts_by_product(weakness, "remediations", "details", fields);
    const auto text_in = [](const std::map<std::string, std::string>& texts,
                            const std::string& product) {
        const auto found = texts.find(product);
        return found == texts.end() ? std::string() : found->second;
    };
    for (const auto& row : kStatusFields) {
        for (const std::string& product : fields.texts(*statuses, row.key)) {
            VexStatement statement;
            statement.ids = ids;
            statement.status = row.status;
            statement.justification = text_in(flags, product);
            statement.explanation = text_in(threats, product);
            if (statement.explanation.empty()) statement.explanation = text_in(remedies, product);
            statement.time = time;
            const auto known = products.find(product);
            VexProduct found =
                known == products.end() ? VexProduct{product, {}, {}} : known->second;
            if (found.id.empty()) found.id = product;
            auto& all = document.statements;
            if (!all.empty() && all.back().ids == statement.ids &&
                all.back().status == statement.status &&
                all.back().justification == statement.justification &&
                all.back().explanation == statement.explanation) {
                all.back().products.push_back(std::move(found));
                continue;
            }
            statement.products.push_back(std::move(found));
            all.push_back(std::move(statement));
        }
    }
}

void read_csaf(const Value& root, FieldReader& fields, VexDocument& document) {
    const Value* const head = fields.object(root, "document");
    if (head == nullptr) {
        fields.fail("no document", &root);
        return;
    }
    std::string time;
    if (const Value* tracking = fields.object(*head, "tracking")) {
        document.id = fields.text(*tracking, "id");
        time = fields.text(*tracking, "current_release_date");
    }
    if (const Value* publisher = fields.object(*head, "publisher")) {
        document.author = fields.text(*publisher, "name");
    }
    const CsafProducts products = read_csaf_products(root, fields);
    for (const Value& item : fields.items(root, "vulnerabilities")) {
        if (!fields.is_object(item)) continue;
        read_csaf_weakness(item, products, time, fields, document);
    }
}

// --- CycloneDX ---

struct AnalysisState {
    std::string_view name;  // vulnerabilities[].analysis.state
    VexStatus status;
};
constexpr std::array kAnalysisStates{
    AnalysisState{"resolved", VexStatus::kFixed},
    AnalysisState{"resolved_with_pedigree", VexStatus::kFixed},
    AnalysisState{"exploitable", VexStatus::kAffected},
    AnalysisState{"in_triage", VexStatus::kUnderInvestigation},
    AnalysisState{"false_positive", VexStatus::kNotAffected},
    AnalysisState{"not_affected", VexStatus::kNotAffected},
};

using Refs = std::map<std::string_view, std::string_view>;  // bom-ref to package URL

Refs refs_of(const Bom& bom) {
    Refs refs;
    for (const BomComponent& component : bom.components)
        if (!component.purl.empty()) refs[component.ref] = component.purl;
    if (!bom.root.purl.empty()) refs[bom.root.ref] = bom.root.purl;
    return refs;
}

// What a reference means: a component of this document, or by a BOM-Link one of another
// ("urn:cdx:SERIAL/VERSION#REF"), whose reference is often its package URL.
std::string product_of(const std::string& reference, const Refs& refs) {
    const std::size_t hash =
        reference.starts_with("urn:cdx:") ? reference.find('#') : std::string::npos;
    const std::string ref = hash == std::string::npos ? reference : reference.substr(hash + 1);
    const auto found = refs.find(ref);
    if (found != refs.end()) return std::string(found->second);
    return hash == std::string::npos ? ref : percent_decode(ref);
}

// What an analysis says; a weakness without one is a report, which says nothing of its own.
Result<VexDocument> statements_of(const Bom& bom) {
    VexDocument document;
    if (!bom.serial.empty()) document.id = "urn:uuid:" + bom.serial;
    const Refs refs = refs_of(bom);
    for (const BomWeakness& weakness : bom.weaknesses) {
        if (!weakness.analysis || weakness.analysis->state.empty()) continue;
        if (weakness.id.empty())
            return Error{"CycloneDX: an analysis of a vulnerability without id"};
        const BomAnalysis& analysis = *weakness.analysis;
        VexStatement statement;
        const auto* const known =
            std::ranges::find(kAnalysisStates, analysis.state, &AnalysisState::name);
        if (known != kAnalysisStates.end()) statement.status = known->status;  // checked before
        statement.ids.push_back(weakness.id);
        for (const BomAlias& alias : weakness.aliases) statement.ids.push_back(alias.id);
        statement.justification = analysis.justification;
        statement.explanation = analysis.detail;
        statement.time = analysis.last_updated;
        if (statement.time.empty()) statement.time = analysis.first_issued;
        if (statement.time.empty()) statement.time = bom.timestamp;
        for (const BomAffected& affected : weakness.affects)
            statement.products.push_back({product_of(affected.ref, refs), {}, {}});
        document.statements.push_back(std::move(statement));
    }
    return document;
}

// Which licences a supplier's components have is not VEX's business.
bool any_license_id(std::string_view) { return true; }

}  // namespace

std::string_view name(VexStatus status) { return kStatuses[static_cast<std::size_t>(status)]; }

Result<VexDocument> read_vex(std::string_view bytes) {
    const std::size_t start = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (start != std::string_view::npos && bytes[start] == '<') {
        const ReadBom read = MERLON_TRY(read_cyclonedx_xml(bytes, any_license_id));
        return statements_of(read.bom);
    }
    VexDocument document;
    std::optional<Bom> bom;
    const Status read =
        read_fields(bytes, RecordSyntax::kJson, [&](const Value& root, FieldReader& fields) {
            document = {};
            if (!fields.is_object(root)) return;
            if (root.find("statements") != nullptr) {
                read_openvex(root, fields, document);
            } else if (root.find("document") != nullptr) {
                read_csaf(root, fields, document);
            } else if (fields.text(root, "bomFormat") == "CycloneDX") {
                bom = read_cyclonedx(root, any_license_id, fields).bom;
            } else {
                fields.fail(
                    "neither OpenVEX (statements) nor CSAF (document) nor CycloneDX (bomFormat)",
                    &root);
            }
        });
    if (!read.ok()) return read.error();
    return bom ? statements_of(*bom) : Result<VexDocument>(std::move(document));
}

}  // namespace merlon::exchange
