#include "compat/grype/template.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "templates/json_record.h"

namespace merlon::compat::grype {
namespace {

using templates::RecordField;
using templates::RecordType;
using templates::TemplateList;
using templates::TemplateValue;
using enum templates::FieldKind;

// Grype's grype/presenter/models.
constexpr RecordField kDocument[] = {
    {"Matches", "matches", kStructs, "Match"},
    {"IgnoredMatches", "ignoredMatches", kStructs, "IgnoredMatch"},
    {"AlertsByPackage", "alertsByPackage", kAny},
    {"Source", "source", kPointer, "Source"},
    {"Distro", "distro", kStruct, "Distribution"},
    {"Descriptor", "descriptor", kStruct, "Descriptor"},
};
constexpr RecordField kMatch[] = {
    {"Vulnerability", "vulnerability", kStruct, "Vulnerability"},
    {"RelatedVulnerabilities", "relatedVulnerabilities", kStructs, "VulnerabilityMetadata"},
    {"MatchDetails", "matchDetails", kStructs, "MatchDetails"},
    {"Artifact", "artifact", kStruct, "Package"},
};
constexpr RecordField kIgnoredMatch[] = {
    {"Match", "", kEmbedded, "Match"},
    {"AppliedIgnoreRules", "appliedIgnoreRules", kStructs, "IgnoreRule"},
};
constexpr RecordField kIgnoreRule[] = {
    {"Vulnerability", "vulnerability"},
    {"Reason", "reason"},
    {"Namespace", "namespace"},
    {"FixState", "fix-state"},
    {"Package", "package", kAny},
    {"VexStatus", "vex-status"},
    {"VexJustification", "vex-justification"},
    {"MatchType", "match-type"},
};
constexpr RecordField kVulnerability[] = {
    {"VulnerabilityMetadata", "", kEmbedded, "VulnerabilityMetadata"},
    {"Fix", "fix", kStruct, "Fix"},
    {"Advisories", "advisories", kStructs, "Advisory"},
    {"Risk", "risk", kReal},
};
constexpr RecordField kMetadata[] = {
    {"ID", "id"},
    {"DataSource", "dataSource"},
    {"Namespace", "namespace"},
    {"Severity", "severity"},
    {"URLs", "urls", kTexts},
    {"Description", "description"},
    {"Cvss", "cvss", kStructs, "Cvss"},
    {"KnownExploited", "knownExploited", kStructs, "KnownExploited"},
    {"EPSS", "epss", kStructs, "EPSS"},
    {"CWEs", "cwes", kStructs, "CWE"},
};
constexpr RecordField kCvss[] = {
    {"Source", "source"},
    {"Type", "type"},
    {"Version", "version"},
    {"Vector", "vector"},
    {"Metrics", "metrics", kStruct, "CvssMetrics"},
    {"VendorMetadata", "vendorMetadata", kAny},
};
constexpr RecordField kCvssMetrics[] = {
    {"BaseScore", "baseScore", kReal},
    {"ExploitabilityScore", "exploitabilityScore", kReal},
    {"ImpactScore", "impactScore", kReal},
};
constexpr RecordField kKnownExploited[] = {
    {"CVE", "cve"},
    {"VendorProject", "vendorProject"},
    {"Product", "product"},
    {"DateAdded", "dateAdded"},
    {"RequiredAction", "requiredAction"},
    {"DueDate", "dueDate"},
    {"KnownRansomwareCampaignUse", "knownRansomwareCampaignUse"},
    {"Notes", "notes"},
    {"URLs", "urls", kTexts},
    {"CWEs", "cwes", kTexts},
};
constexpr RecordField kEpss[] = {
    {"CVE", "cve"}, {"EPSS", "epss", kReal}, {"Percentile", "percentile", kReal}, {"Date", "date"}};
constexpr RecordField kCwe[] = {
    {"Cve", "cve"}, {"CWE", "cwe"}, {"Source", "source"}, {"Type", "type"}};
constexpr RecordField kFix[] = {
    {"Versions", "versions", kTexts}, {"State", "state"}, {"Available", "available", kAny}};
constexpr RecordField kAdvisory[] = {{"ID", "id"}, {"Link", "link"}};
constexpr RecordField kMatchDetails[] = {{"Type", "type"},
                                         {"Matcher", "matcher"},
                                         {"SearchedBy", "searchedBy", kAny},
                                         {"Found", "found", kAny},
                                         {"Fix", "fix", kPointer, "FixDetails"}};
constexpr RecordField kFixDetails[] = {{"SuggestedVersion", "suggestedVersion"}};
constexpr RecordField kPackage[] = {
    {"ID", "id"},
    {"Name", "name"},
    {"Version", "version"},
    {"Type", "type"},
    {"Locations", "locations", kStructs, "Location"},
    {"Language", "language"},
    {"Licenses", "licenses", kTexts},
    {"CPEs", "cpes", kTexts},
    {"PURL", "purl"},
    {"Upstreams", "upstreams", kStructs, "UpstreamPackage"},
    {"MetadataType", "metadataType"},
    {"Metadata", "metadata", kAny},
    {"Annotations", "annotations", kAny},
};
constexpr RecordField kLocation[] = {
    {"Path", "path"}, {"RealPath", "path"}, {"AccessPath", "accessPath"}};
constexpr RecordField kUpstream[] = {{"Name", "name"}, {"Version", "version"}};
constexpr RecordField kSource[] = {{"Type", "type"}, {"Target", "target", kAny}};
constexpr RecordField kDistribution[] = {{"Name", "name"},
                                         {"Version", "version"},
                                         {"IDLike", "idLike", kTexts},
                                         {"Channels", "channels", kTexts}};
constexpr RecordField kDescriptor[] = {{"Name", "name"},
                                       {"Version", "version"},
                                       {"Configuration", "configuration", kAny},
                                       {"DB", "db", kAny},
                                       {"Timestamp", "timestamp"}};
constexpr RecordType kTypes[] = {
    {"Document", kDocument},
    {"Match", kMatch},
    {"IgnoredMatch", kIgnoredMatch},
    {"IgnoreRule", kIgnoreRule},
    {"Vulnerability", kVulnerability},
    {"VulnerabilityMetadata", kMetadata},
    {"Cvss", kCvss},
    {"CvssMetrics", kCvssMetrics},
    {"KnownExploited", kKnownExploited},
    {"EPSS", kEpss},
    {"CWE", kCwe},
    {"Fix", kFix},
    {"Advisory", kAdvisory},
    {"MatchDetails", kMatchDetails},
    {"FixDetails", kFixDetails},
    {"Package", kPackage},
    {"Location", kLocation},
    {"UpstreamPackage", kUpstream},
    {"Source", kSource},
    {"Distribution", kDistribution},
    {"Descriptor", kDescriptor},
};

// A text of a match's package; empty where it is no match.
std::string of_package(const TemplateValue& match, std::string_view field) {
    const auto artifact = templates::template_field(match, "Artifact");
    if (!artifact.ok()) return {};
    const auto text = templates::template_field(artifact.value(), field);
    return text.ok() ? templates::template_text(text.value()) : std::string();
}

bool is_before(const TemplateValue& left, const TemplateValue& right) {
    for (const std::string_view field : {"Name", "Version", "Type"}) {
        const std::string one = of_package(left, field), other = of_package(right, field);
        if (one != other) return one < other;
    }
    return false;
}

// What Grype has beside sprig's (grype/presenter/template).
templates::OwnFunctions own_functions() {
    templates::OwnFunctions own;
    own["getLastIndex"] = {
        1, [](std::span<const TemplateValue> arguments) -> Result<TemplateValue> {
            const auto* list = arguments[0].as<TemplateList>();
            return TemplateValue(list == nullptr ? std::int64_t{0}
                                                 : static_cast<std::int64_t>(list->size()) - 1);
        }};
    own["byMatchName"] = {1, [](std::span<const TemplateValue> arguments) -> Result<TemplateValue> {
                              const auto* list = arguments[0].as<TemplateList>();
                              if (list == nullptr) return arguments[0];
                              TemplateList sorted = *list;
                              std::ranges::stable_sort(sorted, is_before);
                              return TemplateValue(std::move(sorted));
                          }};
    return own;
}

}  // namespace

Result<templates::Template> read_template(const std::string& path) {
    const std::string text = MERLON_TRY(read_text_file(path));
    return templates::Template::parse(text, own_functions());
}

Result<std::string> render_template(const templates::Template& parsed, std::string_view report,
                                    Timestamp now) {
    const auto document = [](templates::JsonRecords& records, const value::Value& tree) {
        return records.record(&tree, "Document");
    };
    return templates::render_report(parsed, report, kTypes, document, now);
}

}  // namespace merlon::compat::grype
