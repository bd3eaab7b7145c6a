#include "scan/packages_diff.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "model/fingerprint.h"
#include "scan/package_rules.h"
#include "scan/registry_checks.h"
#include "scan/secrets_scan.h"
#include "scan/source_changes.h"

namespace merlon::scan {
namespace {

using model::Severity;
using packages::Package;
using packages::PackageSource;

enum Rule : std::size_t {
    kAdded,
    kRemoved,
    kChanged,
    kInstallScript,
    kAtRunTime,
    kLicenseChanged,
    kLookAlike,
};

constexpr std::array kRules{
    PackageRule{"package-added", "A package is new", "", Severity::kInfo, Gate::kShown},
    PackageRule{"package-removed", "A package is gone", "", Severity::kInfo, Gate::kShown},
    PackageRule{"package-changed", "A package has another version", "", Severity::kInfo,
                Gate::kShown},
    PackageRule{"install-script", "A package that came in runs a program when it is installed",
                "Look at what it runs, or install with scripts switched off.", Severity::kMedium,
                Gate::kShown},
    PackageRule{"package-at-run-time",
                "A package that was for development alone is there at run time",
                "See that what is delivered needs it.", Severity::kLow, Gate::kShown},
    PackageRule{"licence-changed", "The new version is under another licence",
                "Compare the licence with what your project allows.", Severity::kLow, Gate::kShown},
    PackageRule{"look-alike-name", "A new package is called almost as a well-known one",
                "Look at who publishes it. If it is meant, --popular names a list that has it.",
                Severity::kMedium, Gate::kShown},
};

// A lock file may hold thousands of one name.
std::set<std::string> versions_of(std::span<const Package* const> packages) {
    std::set<std::string> versions;
    for (const Package* package : packages) versions.insert(std::string(stated_version(*package)));
    return versions;
}

// Whether one of them is not for development, tests or building alone.
bool runs(std::span<const Package* const> packages) {
    return std::ranges::any_of(packages, [](const Package* package) {
        using enum packages::Scope;
        return package->scope != kDevelopment && package->scope != kTest &&
               package->scope != kBuild;
    });
}

std::string text_of(const std::vector<std::string>& licenses) {
    std::string text;
    for (const std::string& license : licenses) text += (text.empty() ? "" : ", ") + license;
    return text;
}

class PackagesDiff {
  public:
    PackagesDiff(const PackagesScan& request, TakenInventory base, TakenInventory head)
        : request_(request), base_(std::move(base)), head_(std::move(head)) {}

    Result<model::Report> run() {
        const PackageIndex before = index_of(base_);
        const PackageIndex after = index_of(head_);
        start_report();
        for (const auto& [key, packages] : after.places()) {
            const PackageIndex::Place* old = before.find(key);
            compare(packages, old == nullptr ? std::vector<const Package*>() : old->packages);
        }
        for (const auto& [key, packages] : before.places()) {
            if (after.find(key) != nullptr) continue;
            for (const Package* package : packages)
                add(kRemoved, *package, described(*package) + " is gone");
        }
        review_source_changes(base_, head_, before, request_.key, report_.findings);
        add_gaps();
        if (request_.licenses != nullptr) add_new_license_problems();
        add_new_registry_problems();
        if (request_.database != nullptr) {
            MERLON_TRY(add_new_vulnerabilities());
        } else {
            report_.notices.emplace_back(
                "there is no advisory database, so vulnerabilities were not looked for");
        }
        model::sort(report_.findings);
        apply(request_.suppressions, request_.clock->now(), report_.findings, report_.notices);
        apply(request_.foreign, request_.clock->now(), report_.findings, report_.notices);
        accept_gaps(request_.suppressions, request_.clock->now(), report_.coverage,
                    report_.notices);
        tell_completeness(report_);
        return std::move(report_);
    }

  private:
    void start_report() {
        report_.analysis.version = request_.version;
        report_.analysis.engine = "packages";
        report_.analysis.scope = request_.scope;
        report_.analysis.signature_versions = {std::string(model::kContextAlgorithm)};
        for (const PackageRule& rule : kRules)
            report_.rules.push_back(shown_rule(rule, "changes", "supply-chain"));
        for (const PackageRule& rule : source_change_rules())
            report_.rules.push_back(shown_rule(rule, "changes", "supply-chain"));
    }

    void add(Rule which, const Package& package, std::string message) {
        model::Finding& finding = report_.findings.emplace_back(
            finding_of(kRules[which], package.location, std::move(message)));
        describe(package, finding);
        identify(request_.key, finding.properties["purl"], finding);
    }

    void compare(const std::vector<const Package*>& packages,
                 const std::vector<const Package*>& old) {
        // What most are: one, as it was.
        if (packages.size() == 1 && old.size() == 1 &&
            stated_version(*packages[0]) == stated_version(*old[0]) &&
            (!runs(packages) || runs(old)))
            return;
        const std::set<std::string> old_versions = versions_of(old);
        const std::set<std::string> new_versions = versions_of(packages);
        for (const Package* package : packages) {
            if (old_versions.contains(std::string(stated_version(*package)))) continue;
            if (old.empty()) {
                add(kAdded, *package, described(*package) + " is new");
                look_at_name(*package);
            } else {
                add(kChanged, *package,
                    fmt::format("{}: {} becomes {}", package->name, stated_version(*old.front()),
                                stated_version(*package)));
            }
            const bool ran_before = std::ranges::any_of(old, &Package::has_install_script);
            if (package->has_install_script && !ran_before) {
                add(kInstallScript, *package,
                    described(*package) + " runs a program when it is installed");
            }
            if (!old.empty() && !package->licenses.empty() && !old.front()->licenses.empty() &&
                package->licenses != old.front()->licenses) {
                add(kLicenseChanged, *package,
                    fmt::format("{}: {} becomes {}", described(*package),
                                text_of(old.front()->licenses), text_of(package->licenses)));
            }
        }
        if (!old.empty() && runs(packages) && !runs(old)) {
            const auto running = std::ranges::find_if(
                packages, [](const Package* package) { return runs({&package, 1}); });
            add(kAtRunTime, **running,
                described(**running) + " was for development alone, and is there at run time");
        }
        // Of a package that goes, some versions may stay.
        if (!std::ranges::includes(old_versions, new_versions)) return;
        for (const Package* package : old) {
            if (!new_versions.contains(std::string(stated_version(*package))))
                add(kRemoved, *package, described(*package) + " is gone");
        }
    }

    // What others bring in, nobody has typed.
    void look_at_name(const Package& package) {
        if (request_.popular == nullptr || package.relation == packages::Relation::kTransitive)
            return;
        const auto alike = request_.popular->find(package.ecosystem, package.name);
        if (alike) {
            add(kLookAlike, package,
                fmt::format("{} is called almost as {}: {}", package.name, alike->name,
                            alike->how));
        }
    }

    // Settings, and packages of the team's own from elsewhere, that were not so before.
    void add_new_registry_problems() {
        const RegistryReview review{.internal_names = request_.internal_names, .key = request_.key};
        std::vector<model::Rule> unused, rules;
        std::vector<model::Finding> before, after;
        review_registries(review, base_, unused, before);
        review_registries(review, head_, rules, after);
        std::set<std::pair<std::string, std::string>> known;
        for (const model::Finding& finding : before)
            known.emplace(finding.rule_id, finding.message);
        for (model::Finding& finding : after) {
            if (known.contains({finding.rule_id, finding.message})) continue;
            finding.properties["gate"] = "fails: new in this change";
            report_.findings.push_back(std::move(finding));
        }
        review_registry_changes(review, base_, head_, rules, report_.findings);
        std::ranges::move(rules, std::back_inserter(report_.rules));
    }

    void add_gaps() {
        report_.coverage = head_.coverage;
        for (const model::Gap& gap : base_.coverage.gaps) {
            auto& gaps = report_.coverage.gaps;
            if (std::ranges::find(gaps, gap) == gaps.end()) gaps.push_back(gap);
        }
        model::sort(report_.coverage.gaps);
    }

    // What the rules do not allow, and was not there before.
    void add_new_license_problems() {
        const LicenseReview review{.rules = request_.licenses,
                                   .listing = LicenseListing::kProblems,
                                   .key = request_.key,
                                   .now = request_.clock->now()};
        model::Report before, after;
        review_licenses(review, base_, before);
        review_licenses(review, head_, after);
        const auto fact = [](const model::Finding& finding) {
            const auto package = finding.properties.find("package");
            const std::string name =
                package == finding.properties.end() ? std::string() : package->second;
            const std::string message = name.empty() ? std::string() : finding.message;
            return std::tuple(finding.rule_id, name, finding.properties.at("found"),
                              message.substr(message.rfind(": ") + 1));
        };
        std::set<decltype(fact(model::Finding()))> known;
        for (const model::Finding& finding : before.findings) known.insert(fact(finding));
        for (model::Finding& finding : after.findings)
            if (!known.contains(fact(finding))) report_.findings.push_back(std::move(finding));
        std::ranges::move(after.rules, std::back_inserter(report_.rules));
        std::ranges::move(after.notices, std::back_inserter(report_.notices));
    }

    // What the head has and the base had not, by package name and weakness.
    Status add_new_vulnerabilities() {
        PackagesScan each = request_;
        each.suppressions = {};
        each.foreign = {};
        each.licenses = nullptr;
        std::map<std::pair<std::string, std::string>, bool> known;  // whether it failed the gate
        // What registries do was said already.
        const auto is_vulnerability = [](const model::Finding& finding) {
            return finding.properties.contains("ids");
        };
        const auto fails = [](const model::Finding& finding) {
            return finding.properties.at("gate").starts_with("fails");
        };
        const auto name_and_id = [](const model::Finding& finding) {
            return std::pair(finding.properties.at("package"), finding.rule_id);
        };
        TakenInventory base = std::move(base_);
        base.coverage = {};
        const model::Report before = MERLON_TRY(scan_packages(each, std::move(base)));
        for (const model::Finding& finding : before.findings)
            if (is_vulnerability(finding)) known[name_and_id(finding)] |= fails(finding);
        TakenInventory head = std::move(head_);
        head.coverage = {};
        model::Report after = MERLON_TRY(scan_packages(each, std::move(head)));
        std::set<std::string> used;
        for (model::Finding& finding : after.findings) {
            if (!is_vulnerability(finding)) continue;
            const auto before_this = known.find(name_and_id(finding));
            const bool was_known = before_this != known.end();
            // What was not there at run time, or could not be mended, may fail now.
            if (was_known && (before_this->second || !fails(finding))) continue;
            finding.properties["gate"] =
                was_known ? "fails: it did not before this change" : "fails: new in this change";
            used.insert(finding.rule_id);
            report_.findings.push_back(std::move(finding));
        }
        for (model::Rule& rule : after.rules)
            if (used.contains(rule.id)) report_.rules.push_back(std::move(rule));
        for (model::Gap& gap : after.coverage.gaps) report_.coverage.gaps.push_back(std::move(gap));
        model::sort(report_.coverage.gaps);
        report_.notices.insert(report_.notices.end(), after.notices.begin(), after.notices.end());
        return {};
    }

    const PackagesScan& request_;
    TakenInventory base_;
    TakenInventory head_;
    model::Report report_;
};

}  // namespace

Result<model::Report> diff_packages(const PackagesScan& request, TakenInventory base,
                                    TakenInventory head) {
    return PackagesDiff(request, std::move(base), std::move(head)).run();
}

}  // namespace merlon::scan
