#include "scan/package_rules.h"

#include "model/fingerprint.h"
#include "packages/package_url.h"

namespace merlon::scan {

model::Rule shown_rule(const PackageRule& rule, std::string_view pack, std::string_view tag) {
    model::Rule shown;
    shown.id = rule.id;
    shown.engine = "packages";
    shown.pack = pack;
    shown.name = rule.name;
    shown.description = rule.name;
    shown.fix = rule.fix;
    shown.severity = rule.severity;
    shown.confidence = model::Confidence::kHigh;
    shown.tags = {std::string(tag)};
    return shown;
}

std::string gate_text(const PackageRule& rule, Gate gate) {
    return (gate == Gate::kFails ? "fails: " : "shown: ") + std::string(rule.name);
}

model::Finding finding_of(const PackageRule& rule, const model::Location& location,
                          std::string message) {
    model::Finding finding;
    finding.rule_id = rule.id;
    finding.severity = rule.severity;
    finding.confidence = model::Confidence::kHigh;
    finding.message = std::move(message);
    finding.location = location;
    finding.properties["gate"] = gate_text(rule, rule.gate);
    return finding;
}

void describe(const packages::Package& package, model::Finding& finding) {
    finding.match = described(package);
    finding.properties["package"] = package.name;
    finding.properties["version"] = package.version;
    finding.properties["purl"] = packages::package_url_text(package);
}

void identify(const std::optional<std::string>& key, const std::string& what,
              model::Finding& finding) {
    if (key) finding.secret_id = model::secret_id(*key, what + '\0' + finding.rule_id);
    finding.fingerprints.push_back(model::context_fingerprint(finding.rule_id, what, 0));
}

std::string described(const packages::Package& package) {
    const std::string_view version = stated_version(package);
    return package.name + (version.empty() ? "" : " ") + std::string(version);
}

std::string_view stated_version(const packages::Package& package) {
    return package.version.empty() ? package.requested : package.version;
}

}  // namespace merlon::scan
