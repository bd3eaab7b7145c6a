#include "scan/registry_checks.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "scan/package_rules.h"
#include "text/glob.h"

namespace merlon::scan {
namespace {

using inventory::RegistrySetting;
using model::Severity;
using packages::Ecosystem;
using packages::Package;

enum Which : std::size_t { kMixed, kScopeElsewhere, kInternalPublic, kChangedRegistry, kPlainHttp };

constexpr std::array kRules{
    PackageRule{
        "registry-mixed",
        "Two places are asked for the same names, and whoever has the higher version is taken",
        "Use one index that mirrors the others, or say which has what: an --index-url with "
        "hashes for pip, packageSourceMapping for NuGet, a source block for Bundler, "
        "canonical repositories for Composer.",
        Severity::kHigh, Gate::kShown},
    PackageRule{"registry-scope-elsewhere",
                "A package of a scope that has its own registry comes from another one",
                "Make the lock file anew with the registry that .npmrc names, and look at what was "
                "installed meanwhile.",
                Severity::kCritical, Gate::kFails},
    PackageRule{"registry-internal-public", "An internal package comes from a public registry",
                "Make the lock file anew from your own registry, and look at what was installed "
                "meanwhile.",
                Severity::kCritical, Gate::kFails},
    PackageRule{"registry-changed", "Packages are asked of a registry that was not asked before",
                "Look at whose registry it is. Whoever runs it decides what is installed.",
                Severity::kHigh, Gate::kFails},
    PackageRule{"registry-plain-http", "A registry is asked without encryption",
                "Write https: whoever is on the way can change what comes.", Severity::kHigh,
                Gate::kShown},
};

// Where anybody may publish.
constexpr std::array<std::string_view, 12> kPublicHosts{
    "registry.npmjs.org", "registry.yarnpkg.com",   "npm.jsr.io",      "pypi.org",
    "pypi.python.org",    "files.pythonhosted.org", "rubygems.org",    "crates.io",
    "static.crates.io",   "repo.packagist.org",     "repo1.maven.org", "api.nuget.org"};

// Whether everything of a file is bound to its content, so that no index can answer with another.
bool is_bound_by_hashes(const packages::PackageSource& source) {
    return !source.packages.empty() && std::ranges::all_of(source.packages, [](const Package& p) {
        return !p.checksums.empty() || p.local;
    });
}

// Whether the setting stands in a file all of whose packages are.
bool is_bound(const TakenInventory& taken, const RegistrySetting& setting) {
    const auto bound =
        std::ranges::find(taken.sources, setting.location.path, &packages::PackageSource::path);
    return bound != taken.sources.end() && is_bound_by_hashes(*bound);
}

// Without a user, a query and what ends it: what is asked.
std::string address_of(std::string_view url) {
    const std::size_t host = url.find(host_of(url), url.find("://") + 3);
    std::string address(url.substr(0, url.find("://") + 3));
    address += url.substr(std::min(host, url.size()));
    address.resize(std::min(address.size(), address.find_first_of("?#")));
    while (address.ends_with('/')) address.pop_back();
    return address;
}

class Checker {
  public:
    Checker(const RegistryReview& review, const TakenInventory& taken,
            std::vector<model::Finding>& findings)
        : review_(review), taken_(taken), findings_(findings) {}

    std::array<bool, kRules.size()> run() {
        for (const RegistrySetting& setting : taken_.registries) look_at(setting);
        for (const packages::PackageSource& source : taken_.sources)
            for (const Package& package : source.packages) look_at(package);
        return used_;
    }

  private:
    void look_at(const RegistrySetting& setting) {
        if (setting.url.starts_with("http://")) {
            const std::string host(host_of(setting.url));
            model::Finding& finding =
                add(kPlainHttp, setting.location,
                    fmt::format("{} asks {} without encryption", setting.setting, host));
            finding.match = setting.setting;
            identify(review_.key, setting.location.path + '\n' + host, finding);
        }
        if (setting.role != RegistrySetting::Role::kExtra) return;
        if (is_bound(taken_, setting)) return;
        // Of settings of one file the default is the other place; else it is the public one.
        std::string other = "the public one";
        for (const RegistrySetting& one : taken_.registries) {
            if (one.location.path == setting.location.path && &one != &setting &&
                one.role == RegistrySetting::Role::kDefault)
                other = host_of(one.url);
        }
        const std::string host(host_of(setting.url));
        if (host == other) return;
        model::Finding& finding =
            add(kMixed, setting.location,
                fmt::format("{} asks {} for the same names as {}", setting.setting, host, other));
        finding.match = setting.setting;
        identify(review_.key, setting.location.path + '\n' + host, finding);
    }

    void look_at(const Package& package) {
        if (package.local || package.relation == packages::Relation::kRoot) return;
        if (!package.commit.empty()) return;  // of a repository, and not of a registry
        const std::string_view host = host_of(package.download_url);
        if (host.empty()) return;
        for (const RegistrySetting& setting : taken_.registries) {
            const bool is_meant = setting.role == RegistrySetting::Role::kScope &&
                                  setting.ecosystem == package.ecosystem &&
                                  package.name.starts_with(setting.scope + "/");
            if (!is_meant || host_of(setting.url) == host) continue;
            // A registry of the scope's own may send on to its store; a public one does not belong.
            if (!is_public_registry(host)) continue;
            add(kScopeElsewhere, package,
                fmt::format("{} comes from {}, and {} of {} is {}", package.name, host,
                            setting.setting, setting.location.path, host_of(setting.url)));
            return;
        }
        const bool is_internal =
            std::ranges::any_of(review_.internal_names, [&](const std::string& glob) {
                return glob == package.name || text::glob_matches(glob, package.name);
            });
        if (is_internal && is_public_registry(host)) {
            add(kInternalPublic, package,
                fmt::format("{} is internal, and comes from {}", package.name, host));
        }
    }

    model::Finding& add(Which which, const model::FileLocation& location, std::string message) {
        used_[which] = true;
        return findings_.emplace_back(finding_of(kRules[which], location, std::move(message)));
    }

    void add(Which which, const Package& package, std::string message) {
        model::Finding& finding = add(which, package.location, std::move(message));
        describe(package, finding);
        finding.match = package.name;
        identify(review_.key, package.name, finding);
    }

    const RegistryReview& review_;
    const TakenInventory& taken_;
    std::vector<model::Finding>& findings_;
    std::array<bool, kRules.size()> used_{};
};

}  // namespace

void review_registries(const RegistryReview& review, const TakenInventory& taken,
                       std::vector<model::Rule>& rules, std::vector<model::Finding>& findings) {
    const auto used = Checker(review, taken, findings).run();
    for (std::size_t i = 0; i < kRules.size(); ++i)
        if (used[i]) rules.push_back(shown_rule(kRules[i], "registries", "supply-chain"));
}

void review_registry_changes(const RegistryReview& review, const TakenInventory& base,
                             const TakenInventory& head, std::vector<model::Rule>& rules,
                             std::vector<model::Finding>& findings) {
    const auto asks = [](const RegistrySetting& setting) {
        return std::tuple(setting.ecosystem, setting.scope, address_of(setting.url));
    };
    std::set<decltype(asks(RegistrySetting()))> known;
    for (const RegistrySetting& setting : base.registries) known.insert(asks(setting));
    const std::size_t count = findings.size();
    for (const RegistrySetting& setting : head.registries) {
        const std::string_view host = host_of(setting.url);
        if (host.empty() || known.contains(asks(setting))) continue;
        const bool is_plain = setting.url.starts_with("http://");
        if (is_public_registry(host) && !is_plain) continue;
        model::Finding& finding = findings.emplace_back(
            finding_of(kRules[kChangedRegistry], setting.location,
                       fmt::format("{} asks {}{}, which was not asked before", setting.setting,
                                   host, is_plain ? " without encryption" : "")));
        finding.match = setting.setting;
        identify(review.key, setting.location.path + '\n' + std::string(host), finding);
        // What one names for its own names alone was asked by nobody else before.
        const bool replaces = std::ranges::any_of(base.registries, [&](const auto& old) {
            return old.ecosystem == setting.ecosystem && old.scope == setting.scope;
        });
        const bool is_for_its_own = setting.role == RegistrySetting::Role::kScope ||
                                    setting.role == RegistrySetting::Role::kNamed;
        if ((is_for_its_own && !replaces && !is_plain) || is_bound(head, setting))
            finding.properties["gate"] = gate_text(kRules[kChangedRegistry], Gate::kShown);
    }
    if (findings.size() > count)
        rules.push_back(shown_rule(kRules[kChangedRegistry], "registries", "supply-chain"));
}

bool is_public_registry(std::string_view host) {
    return std::ranges::find(kPublicHosts, host) != kPublicHosts.end();
}

std::string_view host_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    return url.substr(url.rfind('@') + 1);
}

}  // namespace merlon::scan
