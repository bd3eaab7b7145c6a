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
#include "packages/package_url.h"
#include "scan/registry_checks.h"
#include "scan/secrets_scan.h"

namespace merlon::scan {
namespace {

using model::Severity;
using packages::Package;
using packages::PackageSource;

enum class Gate : std::uint8_t { kShown, kFails };

struct ChangeRule {
    std::string_view id;
    std::string_view name;
    std::string_view fix;
    Severity severity;
    Gate gate;
};

enum Rule : std::size_t {
    kAdded,
    kRemoved,
    kChanged,
    kInstallScript,
    kLicenseChanged,
    kContentChanged,
    kNoIntegrity,
    kOtherHost,
    kLookAlike,
};

constexpr std::array kRules{
    ChangeRule{"package-added", "A package is new", "", Severity::kInfo, Gate::kShown},
    ChangeRule{"package-removed", "A package is gone", "", Severity::kInfo, Gate::kShown},
    ChangeRule{"package-changed", "A package has another version", "", Severity::kInfo,
               Gate::kShown},
    ChangeRule{"install-script", "A package that came in runs a program when it is installed",
               "Look at what it runs, or install with scripts switched off.", Severity::kMedium,
               Gate::kShown},
    ChangeRule{"licence-changed", "The new version is under another licence",
               "Compare the licence with what your project allows.", Severity::kLow, Gate::kShown},
    ChangeRule{"lock-content-changed",
               "The same version has another checksum: its content is not what it was",
               "Make the lock file anew from the registry and compare; a registry does not change "
               "what it published.",
               Severity::kCritical, Gate::kFails},
    ChangeRule{"lock-no-integrity",
               "An entry has no checksum, where the file's other entries have one",
               "Make the lock file anew with the package manager.", Severity::kHigh, Gate::kFails},
    ChangeRule{
        "lock-other-host", "An entry is fetched from another host than the file's other entries",
        "If the host is meant, say so in the project's registry settings; else make the lock "
        "file anew.",
        Severity::kHigh, Gate::kFails},
    ChangeRule{"look-alike-name", "A new package is called almost as a well-known one",
               "Look at who publishes it. If it is meant, --popular names a list that has it.",
               Severity::kMedium, Gate::kShown},
};

// A package's place in a tree: what is compared with what.
struct Key {
    std::string path;  // below the tree
    packages::Ecosystem ecosystem;
    std::string name;
    auto operator<=>(const Key&) const = default;
};
using Index = std::map<Key, std::vector<const Package*>>;

std::string path_below(const TakenInventory& taken, const std::string& path) {
    return path.starts_with(taken.root) ? path.substr(taken.root.size()) : path;
}

Index index_of(const TakenInventory& taken) {
    Index index;
    for (const PackageSource& source : taken.sources) {
        for (const Package& package : source.packages) {
            if (package.relation == packages::Relation::kRoot || package.local) continue;
            index[{path_below(taken, source.path), package.ecosystem, package.name}].push_back(
                &package);
        }
    }
    return index;
}

std::string_view stated_version(const Package& package) {
    return package.version.empty() ? package.requested : package.version;
}

bool has_version(std::span<const Package* const> packages, const Package& wanted) {
    return std::ranges::any_of(packages, [&](const Package* package) {
        return stated_version(*package) == stated_version(wanted);
    });
}

std::string text_of(const std::vector<std::string>& licenses) {
    std::string text;
    for (const std::string& license : licenses) text += (text.empty() ? "" : ", ") + license;
    return text;
}

// Of one lock file: what most of its entries have.
struct Custom {
    std::string_view host;
    bool has_integrity = false;
};

Custom custom_of(const PackageSource& source) {
    std::map<std::string_view, std::size_t> hosts;
    std::size_t fetched = 0;
    std::size_t with_integrity = 0;
    for (const Package& package : source.packages) {
        const std::string_view host = host_of(package.download_url);
        if (host.empty() || !package.commit.empty()) continue;
        ++fetched;
        ++hosts[host];
        if (!package.checksums.empty()) ++with_integrity;
    }
    Custom custom;
    const auto most =
        std::ranges::max_element(hosts, {}, [](const auto& host) { return host.second; });
    // One of few says nothing about the others.
    constexpr std::size_t kEnough = 4;
    if (fetched < kEnough) return custom;
    const auto is_custom = [fetched](std::size_t count) {
        return count + 1 >= fetched || count * 10 >= fetched * 9;
    };
    if (is_custom(most->second)) custom.host = most->first;
    custom.has_integrity = is_custom(with_integrity);
    return custom;
}

class PackagesDiff {
  public:
    PackagesDiff(const PackagesScan& request, TakenInventory base, TakenInventory head)
        : request_(request), base_(std::move(base)), head_(std::move(head)) {}

    Result<model::Report> run() {
        const Index before = index_of(base_);
        const Index after = index_of(head_);
        start_report();
        for (const auto& [key, packages] : after) compare(packages, before, key);
        for (const auto& [key, packages] : before) {
            if (after.contains(key)) continue;
            for (const Package* package : packages)
                add(kRemoved, *package, described(*package) + " is gone");
        }
        for (const PackageSource& source : head_.sources) look_at_lock_file(source, before);
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
        for (const ChangeRule& rule : kRules) {
            model::Rule shown;
            shown.id = rule.id;
            shown.engine = "packages";
            shown.pack = "changes";
            shown.name = rule.name;
            shown.description = rule.name;
            shown.fix = rule.fix;
            shown.severity = rule.severity;
            shown.confidence = model::Confidence::kHigh;
            shown.tags = {"supply-chain"};
            report_.rules.push_back(std::move(shown));
        }
    }

    static std::string described(const Package& package) {
        const std::string_view version = stated_version(package);
        return package.name + (version.empty() ? "" : " ") + std::string(version);
    }

    void add(Rule which, const Package& package, std::string message) {
        const ChangeRule& rule = kRules[which];
        model::Finding finding;
        finding.rule_id = rule.id;
        finding.severity = rule.severity;
        finding.confidence = model::Confidence::kHigh;
        finding.message = std::move(message);
        finding.location = package.location;
        finding.match = described(package);
        finding.properties["package"] = package.name;
        finding.properties["version"] = package.version;
        finding.properties["purl"] = packages::package_url_text(package);
        finding.properties["gate"] = rule.gate == Gate::kFails ? "fails: " : "shown: ";
        finding.properties["gate"] += rule.name;
        if (request_.key) {
            finding.secret_id =
                model::secret_id(*request_.key, package.name + '\0' + finding.rule_id);
        }
        finding.fingerprints.push_back(
            model::context_fingerprint(rule.id, finding.properties["purl"], 0));
        report_.findings.push_back(std::move(finding));
    }

    void compare(const std::vector<const Package*>& packages, const Index& before, const Key& key) {
        const auto found = before.find(key);
        const std::vector<const Package*> none;
        const std::vector<const Package*>& old = found == before.end() ? none : found->second;
        for (const Package* package : packages) {
            if (has_version(old, *package)) continue;
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
        // Of a package that goes, some versions may stay.
        for (const Package* package : old) {
            const bool is_replaced = std::ranges::any_of(
                packages, [&](const Package* other) { return !has_version(old, *other); });
            if (!has_version(packages, *package) && !is_replaced)
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
        std::ranges::move(rules, std::back_inserter(report_.rules));
    }

    // Whether the project's own settings name the host.
    bool is_configured(std::string_view host) const {
        return std::ranges::any_of(
            head_.registries, [&](const auto& setting) { return host_of(setting.url) == host; });
    }

    // Entries that the change brought or touched, held against the rest of the file.
    void look_at_lock_file(const PackageSource& source, const Index& before) {
        const Custom custom = custom_of(source);
        for (const Package& package : source.packages) {
            const auto found =
                before.find({path_below(head_, source.path), package.ecosystem, package.name});
            const Package* same = nullptr;
            if (found != before.end()) {
                for (const Package* old : found->second)
                    if (old->version == package.version && !old->version.empty()) same = old;
            }
            if (same != nullptr && has_other_content(*same, package)) {
                add(kContentChanged, package,
                    described(package) + " has another checksum than before, at the same version");
            }
            const std::string_view host = host_of(package.download_url);
            if (host.empty() || !package.commit.empty()) continue;
            const bool is_new_host = same == nullptr || host_of(same->download_url) != host;
            if (!custom.host.empty() && host != custom.host && is_new_host &&
                !is_configured(host)) {
                add(kOtherHost, package,
                    fmt::format("{} is fetched from {}, the file's other entries from {}",
                                described(package), host, custom.host));
            }
            const bool lost_integrity = same == nullptr || !same->checksums.empty();
            if (custom.has_integrity && package.checksums.empty() && lost_integrity) {
                add(kNoIntegrity, package, described(package) + " has no checksum");
            }
        }
    }

    // A checksum of the same algorithm that differs.
    static bool has_other_content(const Package& before, const Package& after) {
        const auto differs = [&](const packages::Checksum& checksum) {
            const auto same = std::ranges::find(before.checksums, checksum.algorithm,
                                                &packages::Checksum::algorithm);
            return same != before.checksums.end() &&
                   std::ranges::find(before.checksums, checksum) == before.checksums.end();
        };
        return std::ranges::any_of(after.checksums, differs);
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
        std::set<std::pair<std::string, std::string>> known;
        // What registries do was said already.
        const auto is_vulnerability = [](const model::Finding& finding) {
            return finding.properties.contains("ids");
        };
        const auto name_and_id = [](const model::Finding& finding) {
            return std::pair(finding.properties.at("package"), finding.rule_id);
        };
        TakenInventory base = std::move(base_);
        base.coverage = {};
        const model::Report before = MERLON_TRY(scan_packages(each, std::move(base)));
        for (const model::Finding& finding : before.findings)
            if (is_vulnerability(finding)) known.insert(name_and_id(finding));
        TakenInventory head = std::move(head_);
        head.coverage = {};
        model::Report after = MERLON_TRY(scan_packages(each, std::move(head)));
        std::set<std::string> used;
        for (model::Finding& finding : after.findings) {
            if (!is_vulnerability(finding) || known.contains(name_and_id(finding))) continue;
            finding.properties["gate"] = "fails: new in this change";
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
