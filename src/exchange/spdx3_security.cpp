#include "exchange/spdx3_security.h"

#include <algorithm>
#include <array>

namespace merlon::exchange {
namespace {

using text::JsonWriter;
using value::Value;

// A version of CVSS: CycloneDX's method, SPDX's class, and whether that one states a severity.
struct Cvss {
    std::string_view method, type;
    bool has_severity;
};
constexpr std::array kCvss{
    Cvss{"CVSSv31", "security_CvssV3VulnAssessmentRelationship", true},
    Cvss{"CVSSv3", "security_CvssV3VulnAssessmentRelationship", true},
    Cvss{"CVSSv4", "security_CvssV4VulnAssessmentRelationship", true},
    Cvss{"CVSSv2", "security_CvssV2VulnAssessmentRelationship", false},
};
constexpr std::array<std::string_view, 5> kSeverities{"critical", "high", "medium", "low", "none"};

// A status of VEX: CycloneDX's state, SPDX's class and type of relationship.
struct Vex {
    std::string_view state, type, relationship;
};
constexpr std::array kVex{
    Vex{"not_affected", "security_VexNotAffectedVulnAssessmentRelationship", "doesNotAffect"},
    Vex{"false_positive", "security_VexNotAffectedVulnAssessmentRelationship", "doesNotAffect"},
    Vex{"exploitable", "security_VexAffectedVulnAssessmentRelationship", "affects"},
    Vex{"resolved", "security_VexFixedVulnAssessmentRelationship", "fixedIn"},
    Vex{"resolved_with_pedigree", "security_VexFixedVulnAssessmentRelationship", "fixedIn"},
    Vex{"in_triage", "security_VexUnderInvestigationVulnAssessmentRelationship",
        "underInvestigationFor"},
};

// Why it is not affected; the first of several is how it is read back.
struct Justification {
    std::string_view cyclonedx, spdx;
};
constexpr std::array kJustifications{
    Justification{"code_not_present", "vulnerableCodeNotPresent"},
    Justification{"code_not_reachable", "vulnerableCodeNotInExecutePath"},
    Justification{"requires_configuration", "vulnerableCodeCannotBeControlledByAdversary"},
    Justification{"requires_dependency", "vulnerableCodeCannotBeControlledByAdversary"},
    Justification{"requires_environment", "vulnerableCodeCannotBeControlledByAdversary"},
    Justification{"protected_by_mitigating_control", "inlineMitigationsAlreadyExist"},
    Justification{"protected_by_compiler", "inlineMitigationsAlreadyExist"},
    Justification{"protected_at_runtime", "inlineMitigationsAlreadyExist"},
    Justification{"protected_at_perimeter", "inlineMitigationsAlreadyExist"},
};

// Core, DateTime: in UTC, without fractions.
bool is_date_time(std::string_view text) {
    constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";
    return text.size() == kShape.size() && std::ranges::equal(text, kShape, [](char c, char shape) {
               return shape == 'd' ? c >= '0' && c <= '9' : c == shape;
           });
}

// "9.8": what is no plain number is not written as one.
bool is_score(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789";
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const bool is_plain = !whole.empty() && whole.find_first_not_of(kDigits) == whole.npos &&
                          (whole.size() == 1 || whole[0] != '0');
    if (point == text.npos) return is_plain;
    const std::string_view fraction = text.substr(point + 1);
    return is_plain && !fraction.empty() && fraction.find_first_not_of(kDigits) == fraction.npos;
}

class Writer {
  public:
    Writer(const Spdx3Ids& ids, JsonWriter& json) : ids_(ids), json_(json) {}

    void write(const BomWeakness& weakness) {
        id_ = ids_.id("vulnerability-" + std::to_string(++vulnerabilities_));
        packages_.clear();
        for (const BomAffected& affected : weakness.affects)
            if (const auto known = ids_.packages.find(affected.ref); known != ids_.packages.end())
                packages_.push_back(&known->second);
        write_vulnerability(weakness);
        for (const std::string* package : packages_) {
            begin("Relationship", "association");
            json_.member("relationshipType", "hasAssociatedVulnerability").member("from", *package);
            json_.key("to").begin_array().string(id_).end_array().end_object();
        }
        if (packages_.empty()) return;  // an assessment is of a package
        for (const BomRating& rating : weakness.ratings) write_rating(rating);
        if (weakness.analysis) write_analysis(*weakness.analysis, weakness.recommendation);
    }

  private:
    JsonWriter& begin(std::string_view type, std::string_view what) {
        const std::string id =
            what.empty() ? id_ : ids_.id(std::string(what) + "-" + std::to_string(++elements_));
        json_.begin_object().member("type", type).member("spdxId", id);
        return json_.member("creationInfo", "_:creation");
    }
    void text(std::string_view key, std::string_view value) {
        if (!value.empty()) json_.member(key, value);
    }

    void write_vulnerability(const BomWeakness& weakness) {
        begin("security_Vulnerability", {});
        text("name", weakness.id);
        text("summary", weakness.description);
        text("description", weakness.detail);
        if (is_date_time(weakness.published))
            json_.member("security_publishedTime", weakness.published);
        if (is_date_time(weakness.updated)) json_.member("security_modifiedTime", weakness.updated);
        json_.key("externalIdentifier").begin_array();
        write_identifier(weakness.id, weakness.source.url);
        for (const BomAlias& alias : weakness.aliases) write_identifier(alias.id, alias.source.url);
        json_.end_array();
        if (!weakness.advisories.empty() || !weakness.cwes.empty()) {
            json_.key("externalRef").begin_array();
            for (const BomAdvisory& advisory : weakness.advisories)
                write_reference("securityAdvisory", advisory.url);
            for (const std::string& cwe : weakness.cwes) write_reference("cwe", "CWE-" + cwe);
            json_.end_array();
        }
        json_.end_object();
    }

    void write_identifier(std::string_view id, std::string_view url) {
        json_.begin_object().member("type", "ExternalIdentifier");
        json_.member("externalIdentifierType", id.starts_with("CVE-") ? "cve" : "securityOther");
        json_.member("identifier", id);
        if (!url.empty()) json_.key("identifierLocator").begin_array().string(url).end_array();
        json_.end_object();
    }

    void write_reference(std::string_view type, std::string_view locator) {
        json_.begin_object().member("type", "ExternalRef").member("externalRefType", type);
        json_.key("locator").begin_array().string(locator).end_array().end_object();
    }

    void begin_assessment(std::string_view type, std::string_view relationship) {
        begin(type, "assessment").member("relationshipType", relationship).member("from", id_);
        json_.key("to").begin_array();
        for (const std::string* package : packages_) json_.string(*package);
        json_.end_array();
    }

    // Each of the class's own fields has to be there.
    void write_rating(const BomRating& rating) {
        const auto* cvss = std::ranges::find(kCvss, rating.method, &Cvss::method);
        if (cvss == kCvss.end() || !is_score(rating.score) || rating.vector.empty()) return;
        const bool has_severity =
            std::ranges::find(kSeverities, rating.severity) != kSeverities.end();
        if (cvss->has_severity && !has_severity) return;
        begin_assessment(cvss->type, "hasAssessmentFor");
        json_.key("security_score").raw(rating.score);
        if (cvss->has_severity) json_.member("security_severity", rating.severity);
        json_.member("security_vectorString", rating.vector).end_object();
    }

    void write_analysis(const BomAnalysis& analysis, std::string_view recommendation) {
        const auto* vex = std::ranges::find(kVex, analysis.state, &Vex::state);
        if (vex == kVex.end()) return;
        begin_assessment(vex->type, vex->relationship);
        if (vex->relationship == "affects") {
            json_.member("security_actionStatement",
                         recommendation.empty() ? "No action is stated." : recommendation);
        } else if (vex->relationship == "doesNotAffect") {
            const auto* why = std::ranges::find(kJustifications, analysis.justification,
                                                &Justification::cyclonedx);
            if (why != kJustifications.end()) {
                json_.member("security_justificationType", why->spdx);
            } else {
                json_.member("security_impactStatement",
                             analysis.detail.empty() ? "Not affected." : analysis.detail);
            }
        }
        text("security_statusNotes", analysis.detail);
        json_.end_object();
    }

    const Spdx3Ids& ids_;
    JsonWriter& json_;
    std::string id_;
    std::vector<const std::string*> packages_;
    std::size_t vulnerabilities_ = 0;
    std::size_t elements_ = 0;
};

}  // namespace

void write_spdx3_weaknesses(const std::vector<BomWeakness>& weaknesses, const Spdx3Ids& ids,
                            JsonWriter& json) {
    Writer writer(ids, json);
    for (const BomWeakness& weakness : weaknesses) writer.write(weakness);
}

bool Spdx3Weaknesses::take(const Value& element, std::string_view type) {
    if (type.starts_with("security_") && type.ends_with("VulnAssessmentRelationship")) {
        assessments_.emplace_back(&element, type);
        return true;
    }
    if (type != "security_Vulnerability") return false;
    BomWeakness& weakness = weaknesses_.emplace_back();
    weakness.ref = fields_.text(element, "spdxId");
    weakness.id = fields_.text(element, "name");
    weakness.description = fields_.text(element, "summary");
    weakness.detail = fields_.text(element, "description");
    weakness.published = fields_.text(element, "security_publishedTime");
    weakness.updated = fields_.text(element, "security_modifiedTime");
    for (const Value& identifier : fields_.items(element, "externalIdentifier")) {
        if (!fields_.is_object(identifier)) return true;
        const std::vector<std::string> urls = fields_.texts(identifier, "identifierLocator");
        const BomAlias found{fields_.text(identifier, "identifier"),
                             {{}, urls.empty() ? std::string() : urls.front()}};
        if (weakness.id.empty()) weakness.id = found.id;
        if (found.id == weakness.id) {
            weakness.source.url = found.source.url;
        } else {
            weakness.aliases.push_back(found);
        }
    }
    for (const Value& reference : fields_.items(element, "externalRef")) {
        if (!fields_.is_object(reference)) return true;
        const std::string kind = fields_.text(reference, "externalRefType");
        for (const std::string& locator : fields_.texts(reference, "locator")) {
            if (kind == "cwe") {
                weakness.cwes.push_back(locator.substr(locator.starts_with("CWE-") ? 4 : 0));
            } else {
                weakness.advisories.push_back({"", locator});
            }
        }
    }
    positions_.emplace(weakness.ref, weaknesses_.size() - 1);
    return true;
}

void Spdx3Weaknesses::associate(const std::string& package,
                                const std::vector<std::string>& weaknesses) {
    for (const std::string& weakness : weaknesses) associations_.emplace_back(weakness, package);
}

void Spdx3Weaknesses::take_assessment(const Value& element, std::string_view type) {
    const std::string from = fields_.text(element, "from");
    const auto position = positions_.find(from);
    if (position == positions_.end()) return;
    BomWeakness& weakness = weaknesses_[position->second];
    for (const std::string& package : fields_.texts(element, "to"))
        associations_.emplace_back(from, package);
    const std::string vector = fields_.text(element, "security_vectorString");
    if (const auto* cvss = std::ranges::find(kCvss, type, &Cvss::type); cvss != kCvss.end()) {
        BomRating& rating = weakness.ratings.emplace_back();
        rating.score = fields_.text(element, "security_score");
        rating.severity = fields_.text(element, "security_severity");
        // Both of version 3 are one class.
        rating.method = vector.starts_with("CVSS:3.0") ? "CVSSv3" : cvss->method;
        rating.vector = vector;
        return;
    }
    const auto* vex = std::ranges::find(kVex, type, &Vex::type);
    if (vex == kVex.end()) return;
    BomAnalysis& analysis = weakness.analysis.emplace();
    analysis.state = vex->state;
    analysis.detail = fields_.text(element, "security_statusNotes");
    if (analysis.detail.empty())
        analysis.detail = fields_.text(element, "security_impactStatement");
    const std::string why = fields_.text(element, "security_justificationType");
    if (const auto* known = std::ranges::find(kJustifications, why, &Justification::spdx);
        known != kJustifications.end())
        analysis.justification = known->cyclonedx;
    if (vex->relationship == "affects")
        weakness.recommendation = fields_.text(element, "security_actionStatement");
}

std::vector<BomWeakness> Spdx3Weaknesses::finish() {
    for (const auto& [element, type] : assessments_) take_assessment(*element, type);
    std::ranges::sort(associations_);
    const auto repeated = std::ranges::unique(associations_);
    associations_.erase(repeated.begin(), repeated.end());
    for (const auto& [weakness, package] : associations_)
        if (const auto position = positions_.find(weakness); position != positions_.end())
            weaknesses_[position->second].affects.push_back({package, {}});
    return std::move(weaknesses_);
}

}  // namespace merlon::exchange
