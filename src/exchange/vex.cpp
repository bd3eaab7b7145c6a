#include "exchange/vex.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/uri.h"
#include "exchange/bom_readers.h"
#include "exchange/csaf_products.h"
#include "exchange/date_time.h"
#include "exchange/field_reader.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::array<std::string_view, 4> kStatuses{"not_affected", "affected", "fixed",
                                                    "under_investigation"};

constexpr std::int64_t kClocksDifferNs = std::int64_t{600} * 1'000'000'000;

// The moment at `key`, as it was written.
std::string read_moment(const Value& object, std::string_view key, std::optional<Timestamp> now,
                        FieldReader& fields) {
    std::string text = fields.text(object, key);
    if (const Status sound = check_said_at(text, now); !sound.ok())
        fields.fail(std::string(key) + " " + sound.error().message, object.find(key));
    return text;
}

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
                                    std::optional<Timestamp> now, FieldReader& fields) {
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
    statement.time = read_moment(item, "timestamp", now, fields);
    if (statement.time.empty()) statement.time = document_time;
    return statement;
}

void read_openvex(const Value& root, std::optional<Timestamp> now, FieldReader& fields,
                  VexDocument& document) {
    document.id = fields.text(root, "@id");
    document.author = fields.text(root, "author");
    const std::string time = read_moment(root, "timestamp", now, fields);
    for (const Value& item : fields.items(root, "statements")) {
        if (!fields.is_object(item)) continue;
        document.statements.push_back(read_openvex_statement(item, time, now, fields));
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

struct CsafTree {
    CsafProducts products;
    CsafGroups groups;
};

// Where the text of an item of `list` stands, and of which items, where that is not all of them.
struct CsafTexts {
    std::string_view list, key, category;
};
constexpr CsafTexts kFlags{"flags", "label", {}};
constexpr CsafTexts kImpacts{"threats", "details", "impact"};
constexpr CsafTexts kThreats{"threats", "details", {}};
constexpr CsafTexts kRemedies{"remediations", "details", {}};

// The text that such a list has for each product, which it names by itself or in a group.
std::map<std::string, std::string> texts_by_product(const Value& weakness, const CsafTexts& texts,
                                                    const CsafGroups& groups, FieldReader& fields) {
    std::map<std::string, std::string> all;
    for (const Value& item : fields.items(weakness, texts.list)) {
        if (!fields.is_object(item)) continue;
        if (!texts.category.empty() && fields.text(item, "category") != texts.category) continue;
        const std::string text = fields.text(item, texts.key);
        for (const std::string& product : fields.texts(item, "product_ids"))
            all.try_emplace(product, text);
        for (const std::string& name : fields.texts(item, "group_ids"))
            if (const auto group = groups.find(name); group != groups.end())
                for (const std::string& product : group->second) all.try_emplace(product, text);
    }
    return all;
}

struct CsafHead {
    bool is_vex = false;  // of the profile that is for nothing else
    bool is_draft = false;
    std::string time;
};

// A statement for each status and reason that products of this weakness have.
void read_csaf_weakness(const Value& weakness, const CsafTree& tree, const CsafHead& head,
                        FieldReader& fields, VexDocument& document) {
    std::vector<std::string> ids;
    if (std::string cve = fields.text(weakness, "cve"); !cve.empty()) ids.push_back(std::move(cve));
    for (const Value& item : fields.items(weakness, "ids")) {
        if (fields.is_object(item)) ids.push_back(fields.text(item, "text"));
    }
    const Value* const statuses = fields.object(weakness, "product_status");
    if (statuses == nullptr) return;
    if (ids.empty()) fields.fail("a vulnerability without cve and ids", &weakness);
    const auto flags = texts_by_product(weakness, kFlags, tree.groups, fields);
    const auto impacts = texts_by_product(weakness, kImpacts, tree.groups, fields);
    const auto threats = texts_by_product(weakness, kThreats, tree.groups, fields);
    const auto remedies = texts_by_product(weakness, kRemedies, tree.groups, fields);
    const auto text_in = [](const std::map<std::string, std::string>& texts,
                            const std::string& product) {
        const auto found = texts.find(product);
        return found == texts.end() ? std::string() : found->second;
    };
    for (const auto& row : kStatusFields) {
        for (const Value& named : fields.items(*statuses, row.key)) {
            const std::string product = fields.text_of(named);
            const auto known = tree.products.find(product);
            if (known == tree.products.end()) {
                fields.fail(
                    "product_status names '" + product + "', which the product_tree does not have",
                    &named);
                return;
            }
            VexStatement statement;
            statement.ids = ids;
            statement.status = row.status;
            statement.is_draft = head.is_draft;
            statement.justification = text_in(flags, product);
            statement.explanation = text_in(impacts, product);
            // Section 4.5: the profile VEX has a reason, as a flag or as an impact.
            if (head.is_vex && row.status == VexStatus::kNotAffected &&
                statement.justification.empty() && statement.explanation.empty())
                fields.fail("known_not_affected names '" + product +
                                "' without a flag or a threat of the category impact that says why",
                            &named);
            if (statement.explanation.empty()) statement.explanation = text_in(threats, product);
            if (statement.explanation.empty()) statement.explanation = text_in(remedies, product);
            statement.time = head.time;
            VexProduct found = known->second;
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

void read_csaf(const Value& root, std::optional<Timestamp> now, FieldReader& fields,
               VexDocument& document) {
    const Value* const head = fields.object(root, "document");
    if (head == nullptr) {
        fields.fail("no document", &root);
        return;
    }
    CsafHead said{
        .is_vex = fields.text(*head, "category") == "csaf_vex", .is_draft = false, .time = {}};
    if (const Value* tracking = fields.object(*head, "tracking")) {
        document.id = fields.text(*tracking, "id");
        said.time = read_moment(*tracking, "current_release_date", now, fields);
        const std::string status = fields.text(*tracking, "status");
        said.is_draft = status == "draft";
        constexpr std::array<std::string_view, 4> kStates{"", "draft", "interim", "final"};
        if (std::ranges::find(kStates, status) == kStates.end())
            fields.fail("expected draft, interim or final as status, found '" + status + "'",
                        tracking->find("status"));
    }
    if (const Value* publisher = fields.object(*head, "publisher")) {
        document.author = fields.text(*publisher, "name");
    }
    const CsafTree tree{.products = read_csaf_products(root, fields),
                        .groups = read_csaf_groups(root, fields)};
    for (const Value& item : fields.items(root, "vulnerabilities")) {
        if (!fields.is_object(item)) continue;
        read_csaf_weakness(item, tree, said, fields, document);
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

Status check_said_at(std::string_view text, std::optional<Timestamp> now) {
    if (text.empty()) return {};
    const std::string shown = "'" + std::string(text) + "'";
    if (!is_date_time(text))
        return Error{shown +
                     " is no moment with its offset, as 2026-01-31T12:00:00Z (RFC 3339, section "
                     "5.6)"};
    const Timestamp at = MERLON_TRY(parse_date_time(text));
    if (now && at.nanoseconds > now->nanoseconds &&
        at.nanoseconds - now->nanoseconds > kClocksDifferNs)
        return Error{shown + " is in the future: look at the clock of whoever has written it"};
    return {};
}

Result<VexDocument> read_vex(std::string_view bytes, std::optional<Timestamp> now,
                             const CancelToken* cancel) {
    const std::size_t start = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (start != std::string_view::npos && bytes[start] == '<') {
        const ReadBom read = MERLON_TRY(read_cyclonedx_xml(bytes, any_license_id, cancel));
        return statements_of(read.bom);
    }
    VexDocument document;
    std::optional<Bom> bom;
    const Status read = read_fields(
        bytes, RecordSyntax::kJson,
        [&](const Value& root, FieldReader& fields) {
            document = {};
            if (!fields.is_object(root)) return;
            if (root.find("statements") != nullptr) {
                read_openvex(root, now, fields, document);
            } else if (root.find("document") != nullptr) {
                read_csaf(root, now, fields, document);
            } else if (fields.text(root, "bomFormat") == "CycloneDX") {
                bom = read_cyclonedx(root, any_license_id, fields).bom;
            } else {
                fields.fail(
                    "neither OpenVEX (statements) nor CSAF (document) nor CycloneDX (bomFormat)",
                    &root);
            }
        },
        cancel);
    if (!read.ok()) return read.error();
    return bom ? statements_of(*bom) : Result<VexDocument>(std::move(document));
}

}  // namespace merlon::exchange
