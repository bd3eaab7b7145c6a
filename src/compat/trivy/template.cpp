#include "compat/trivy/template.h"

#include <array>

#include "base/file.h"
#include "templates/go_escape.h"
#include "templates/json_record.h"

namespace merlon::compat::trivy {
namespace {

using templates::FieldKind;
using templates::OwnFunctions;
using templates::RecordField;
using templates::RecordType;
using templates::TemplateValue;
using enum templates::FieldKind;

constexpr RecordField text(std::string_view name) { return {name, name}; }
constexpr RecordField field(std::string_view name, FieldKind kind, std::string_view type = {}) {
    return {name, name, kind, type};
}

// Trivy 0.74's pkg/types and pkg/fanal/types, whose JSON has the names of its structs.
constexpr RecordField kResult[] = {
    text("Target"),
    text("Class"),
    text("Type"),
    field("Packages", kStructs, "Package"),
    field("Vulnerabilities", kStructs, "DetectedVulnerability"),
    field("MisconfSummary", kPointer, "MisconfSummary"),
    field("Misconfigurations", kStructs, "DetectedMisconfiguration"),
    field("Secrets", kStructs, "DetectedSecret"),
    field("Licenses", kStructs, "DetectedLicense"),
    field("CustomResources", kAny),
    {"ModifiedFindings", "ExperimentalModifiedFindings", kStructs, "ModifiedFinding"},
};
constexpr RecordField kIdentifier[] = {text("UID"), text("PURL"), text("BOMRef")};
constexpr RecordField kLayer[] = {text("Digest"), text("DiffID"), text("CreatedBy"), text("Size")};
constexpr RecordField kLocation[] = {field("StartLine", kInteger), field("EndLine", kInteger)};
constexpr RecordField kPackage[] = {
    text("ID"),
    text("Name"),
    field("Identifier", kStruct, "PkgIdentifier"),
    text("Version"),
    text("Release"),
    field("Epoch", kInteger),
    text("Arch"),
    field("Dev", kTruth),
    text("SrcName"),
    text("SrcVersion"),
    text("SrcRelease"),
    field("SrcEpoch", kInteger),
    field("Licenses", kTexts),
    text("Maintainer"),
    field("Indirect", kTruth),
    text("Relationship"),
    field("DependsOn", kTexts),
    field("Layer", kStruct, "Layer"),
    text("FilePath"),
    text("Digest"),
    field("Locations", kStructs, "Location"),
    field("InstalledFiles", kTexts),
};
constexpr RecordField kDataSource[] = {text("ID"), text("Name"), text("URL"), text("BaseID")};
constexpr RecordField kVulnerability[] = {
    text("Title"),
    text("Description"),
    text("Severity"),
    field("CweIDs", kTexts),
    field("VendorSeverity", kNamedWords, "UNKNOWN LOW MEDIUM HIGH CRITICAL"),
    field("CVSS", kNamed, "CVSS"),
    field("References", kTexts),
    text("PublishedDate"),
    text("LastModifiedDate"),
    field("Custom", kAny),
};
constexpr RecordField kCvss[] = {
    text("V2Vector"),        text("V3Vector"),        text("V40Vector"),
    field("V2Score", kReal), field("V3Score", kReal), field("V40Score", kReal),
};
constexpr RecordField kDetectedVulnerability[] = {
    text("VulnerabilityID"),
    field("VendorIDs", kTexts),
    text("PkgID"),
    text("PkgName"),
    text("PkgPath"),
    field("PkgIdentifier", kStruct, "PkgIdentifier"),
    text("InstalledVersion"),
    text("FixedVersion"),
    text("Status"),
    field("Layer", kStruct, "Layer"),
    text("SeveritySource"),
    text("PrimaryURL"),
    field("DataSource", kPointer, "DataSource"),
    text("Fingerprint"),
    field("Custom", kAny),
    field("Vulnerability", kEmbedded, "Vulnerability"),
};
constexpr RecordField kMisconfSummary[] = {field("Successes", kInteger),
                                           field("Failures", kInteger)};
constexpr RecordField kCause[] = {
    text("Resource"),
    text("Provider"),
    text("Service"),
    field("StartLine", kInteger),
    field("EndLine", kInteger),
    field("Code", kStruct, "Code"),
    field("Occurrences", kAny),
};
constexpr RecordField kCode[] = {field("Lines", kAny)};
constexpr RecordField kMisconfiguration[] = {
    text("Type"),
    text("ID"),
    text("AVDID"),
    text("Title"),
    text("Description"),
    text("Message"),
    text("Namespace"),
    text("Query"),
    text("Resolution"),
    text("Severity"),
    text("PrimaryURL"),
    field("References", kTexts),
    text("Status"),
    field("Layer", kStruct, "Layer"),
    field("CauseMetadata", kStruct, "CauseMetadata"),
    field("Traces", kTexts),
};
constexpr RecordField kSecret[] = {
    text("RuleID"),
    text("Category"),
    text("Severity"),
    text("Title"),
    field("StartLine", kInteger),
    field("EndLine", kInteger),
    field("Code", kStruct, "Code"),
    text("Match"),
    field("Layer", kStruct, "Layer"),
    field("Offset", kInteger),
};
constexpr RecordField kLicense[] = {
    text("Severity"), text("Category"),           text("PkgName"), text("FilePath"), text("Name"),
    text("Text"),     field("Confidence", kReal), text("Link"),
};
constexpr RecordField kModified[] = {text("Type"), text("Status"), text("Statement"),
                                     text("Source"), field("Finding", kAny)};
constexpr RecordType kTypes[] = {
    {"Result", kResult},
    {"Package", kPackage},
    {"PkgIdentifier", kIdentifier},
    {"Layer", kLayer},
    {"Location", kLocation},
    {"DataSource", kDataSource},
    {"Vulnerability", kVulnerability},
    {"CVSS", kCvss},
    {"DetectedVulnerability", kDetectedVulnerability},
    {"MisconfSummary", kMisconfSummary},
    {"CauseMetadata", kCause},
    {"Code", kCode},
    {"DetectedMisconfiguration", kMisconfiguration},
    {"DetectedSecret", kSecret},
    {"DetectedLicense", kLicense},
    {"ModifiedFinding", kModified},
};

// A function of one text.
templates::OwnFunction of_text(std::string (*change)(std::string_view text)) {
    return {1, [change](std::span<const TemplateValue> arguments) -> Result<TemplateValue> {
                const auto* given = arguments[0].as<std::string>();
                if (given == nullptr) return Error{"template: expected a text"};
                return TemplateValue(change(*given));
            }};
}

std::string markup_escaped(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        const std::string_view escape = templates::go_markup_escape(static_cast<unsigned char>(c));
        escape.empty() ? escaped.push_back(c) : static_cast<void>(escaped += escape);
    }
    return escaped;
}

// What Trivy has beside sprig's (pkg/report/template.go).
OwnFunctions own_functions(const EnvironmentLookup& variable) {
    OwnFunctions own;
    own["escapeXML"] = of_text(&templates::go_xml_escape);
    own["escapeString"] = of_text(&markup_escaped);
    own["endWithPeriod"] = of_text(
        [](std::string_view text) { return std::string(text) + (text.ends_with('.') ? "" : "."); });
    own["sourceID"] = of_text([](std::string_view text) { return std::string(text); });
    own["appVersion"] = {0, [](std::span<const TemplateValue>) -> Result<TemplateValue> {
                             return TemplateValue(std::string(kTrivyVersion));
                         }};
    for (const std::string_view name : {"env", "getEnv"})
        own[std::string(name)] = {
            1, [variable](std::span<const TemplateValue> arguments) -> Result<TemplateValue> {
                const auto* asked = arguments[0].as<std::string>();
                if (asked == nullptr) return Error{"template: expected a variable's name"};
                return TemplateValue(variable(*asked).value_or(""));
            }};
    return own;
}

// "contrib/junit.tpl", "/contrib/junit.tpl", "/usr/local/share/trivy/templates/junit.tpl".
std::string_view contrib_name(std::string_view path) {
    const std::size_t cut = path.rfind('/');
    if (cut == std::string_view::npos) return {};
    const std::string_view folder = path.substr(0, cut);
    return folder.ends_with("contrib") || folder.ends_with("trivy/templates") ? path.substr(cut + 1)
                                                                              : std::string_view();
}

}  // namespace

Result<templates::Template> read_template(std::string_view asked, const EnvironmentLookup& variable,
                                          std::vector<std::string>& notices) {
    if (!asked.starts_with('@')) return templates::Template::parse(asked, own_functions(variable));
    const std::string path(asked.substr(1));
    const Result<std::string> read = read_text_file(path);
    if (read.ok()) return templates::Template::parse(read.value(), own_functions(variable));
    const std::string_view own = contrib_template(contrib_name(path));
    if (own.empty()) {
        return Error{
            "there is no template here (Merlon's own stand for contrib/junit.tpl, html.tpl, "
            "gitlab.tpl and gitlab-codequality.tpl)",
            kNoOffset, path};
    }
    notices.push_back(path + " is not here: Merlon's own template for the same use is taken");
    return templates::Template::parse(own, own_functions(variable));
}

Result<std::string> render_template(const templates::Template& parsed, std::string_view report,
                                    Timestamp now) {
    const auto results = [](templates::JsonRecords& records, const value::Value& tree) {
        return records.records(tree.find("Results"), "Result");
    };
    return templates::render_report(parsed, report, kTypes, results, now);
}

}  // namespace merlon::compat::trivy
