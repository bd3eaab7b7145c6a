#include "scan/weakness_finding.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "base/joined.h"
#include "model/fingerprint.h"
#include "packages/package_url.h"
#include "scan/advisories.h"
#include "scan/packages_scan.h"

namespace merlon::scan {
namespace {

using packages::Package;
using packages::Scope;

constexpr std::string_view kPack = "advisories";
constexpr const char* kGate = "gate";
constexpr std::string_view kFails = "fails";

model::Severity severity_of(const sca::Match& match) {
    if (match.is_malicious) return model::Severity::kCritical;
    // Unstated is high (DESIGN, "Settled once").
    return model::parse_severity(match.severity).value_or(model::Severity::kHigh);
}

bool runs(const AskedPackage& asked) {
    return std::ranges::any_of(asked.entries, [](const Package* package) {
        return package->scope != Scope::kDevelopment && package->scope != Scope::kTest &&
               package->scope != Scope::kBuild;
    });
}

// Whether all that is known is the least version that will do, as a go.mod says of Go itself: what
// is built may have a later one.
bool is_lower_bound(const AskedPackage& asked) {
    return std::ranges::all_of(asked.entries, [](const Package* package) {
        return !package->version.empty() && package->requested == ">=" + package->version;
    });
}

// Why a finding fails the default gate, or why not.
std::string gate_of(const sca::Match& match, const AskedPackage& asked) {
    if (match.is_malicious) return std::string(kFails) + ": malicious package";
    if (match.is_known_exploited) return std::string(kFails) + ": known to be exploited";
    if (match.fixed.empty()) return "shown: no fixed version";
    if (!runs(asked)) return "shown: not there at run time";
    if (match.reachability == sca::Reachability::kUnreachable)
        return "shown: unreachable, " + match.reached_by;
    if (is_lower_bound(asked))
        return "shown: the least version that will do, a later one may be there";
    return std::string(kFails) + ": a fix is there";
}

std::string percent(std::uint32_t hundred_thousandths) {
    return fmt::format("{:.2f}", hundred_thousandths / 1000.0);
}

std::string message_of(const WeaknessFacts& facts, const std::string& what) {
    const sca::Match& match = facts.match;
    const std::string& id = match.ids.front();
    std::string message = what + ": " + (facts.record.summary.empty() ? id : facts.record.summary);
    if (match.ids.size() > 1)
        message += " (also " + joined(std::span(match.ids).subspan(1), ", ") + ")";
    message += match.fixed.empty() ? "; no fixed version is known" : "; fixed in " + match.fixed;
    if (match.reachability != sca::Reachability::kUnknown)
        message += fmt::format("; {}: {}", name(match.reachability), match.reached_by);
    return message;
}

void add_properties(const WeaknessFacts& facts, model::Finding& finding) {
    const sca::Match& match = facts.match;
    const AskedPackage& asked = facts.asked;
    const Package& package = *asked.entries.front();
    auto& properties = finding.properties;
    properties["package"] = package.name;
    properties["version"] = package.version;
    properties["ecosystem"] = packages::facts(package.ecosystem).name;
    properties["purl"] = packages::package_url_text(package);
    properties["ids"] = joined(match.ids, " ");
    if (!match.upstream.empty()) properties["upstream"] = joined(match.upstream, " ");
    if (!match.fixed.empty()) properties["fixed"] = match.fixed;
    if (match.score_tenths) {
        properties["cvss"] =
            fmt::format("{}.{}", *match.score_tenths / 10, *match.score_tenths % 10);
    }
    if (match.is_known_exploited) {
        properties["known-exploited"] = "yes";
        if (!match.due.empty()) properties["due"] = match.due;
        if (match.is_used_by_ransomware) properties["ransomware"] = "known";
    }
    if (match.epss_100000ths > 0) {
        properties["epss-percent"] = percent(match.epss_100000ths);
        properties["epss-percentile"] = percent(match.percentile_100000ths);
    }
    if (facts.safe_version != nullptr) properties["safe-version"] = *facts.safe_version;
    if (package.relation == packages::Relation::kTransitive) {
        const auto index = static_cast<std::uint32_t>(&package - asked.source->packages.data());
        const std::string by = joined(facts.brought_by.names(index), ", ");
        if (!by.empty()) properties["brought-in-by"] = by;
    }
    std::vector<std::string> because;
    for (const sca::Advisory& advisory : match.advisories) because.push_back(explain(advisory));
    properties["because"] = joined(because, "\n");
    properties["reachability"] = name(match.reachability);
    if (!match.reached_by.empty()) properties["reached-by"] = match.reached_by;
    properties[kGate] = gate_of(match, asked);
}

}  // namespace

model::Finding finding_of(const WeaknessFacts& facts) {
    const sca::Match& match = facts.match;
    const std::vector<const Package*>& entries = facts.asked.entries;
    const Package& package = *entries.front();
    const std::string& id = match.ids.front();
    const std::string what = package.name + (package.version.empty() ? "" : " ") + package.version;
    model::Finding finding;
    finding.rule_id = id;
    finding.severity = severity_of(match);
    finding.confidence = model::Confidence::kHigh;
    finding.message = message_of(facts, what);
    finding.location = package.location;
    for (std::size_t i = 1; i < entries.size(); ++i)
        finding.also_at.push_back(entries[i]->location);
    finding.match = what;
    if (facts.key != nullptr && *facts.key)
        finding.secret_id = model::secret_id(**facts.key, package.name + '\0' + id);
    finding.fingerprints.push_back(model::context_fingerprint(
        id, std::string(packages::facts(package.ecosystem).purl_type) + '/' + package.name, 0));
    add_properties(facts, finding);
    return finding;
}

void add_rule(const sca::Match& match, const exchange::OsvRecord& record,
              std::vector<model::Rule>& rules) {
    const std::string& id = match.ids.front();
    const auto place = std::ranges::lower_bound(rules, id, {}, &model::Rule::id);
    if (place != rules.end() && place->id == id) return;
    model::Rule rule;
    rule.id = id;
    rule.engine = kPackagesEngine;
    rule.pack = kPack;
    rule.name = record.summary.empty() ? id : record.summary;
    rule.description = record.details.empty() ? rule.name : record.details;
    rule.fix = match.fixed.empty() ? "No fixed version is known: replace the package, or see "
                                     "whether what it has is used."
                                   : "Update to " + match.fixed + " or later.";
    for (const exchange::OsvReference& reference : record.references) {
        if (rule.help_url.empty() || reference.type == "ADVISORY") rule.help_url = reference.url;
        if (reference.type == "ADVISORY") break;
    }
    rule.severity = severity_of(match);
    rule.confidence = model::Confidence::kHigh;
    rule.tags = {"vulnerability"};
    if (match.is_malicious) rule.tags = {"malware"};
    if (!record.weaknesses.empty()) rule.cwe = record.weaknesses.front();
    rules.insert(place, std::move(rule));
}

bool fails_gate(const model::Finding& finding) {
    const auto gate = finding.properties.find(kGate);
    return gate != finding.properties.end() && gate->second.starts_with(kFails);
}

}  // namespace merlon::scan
