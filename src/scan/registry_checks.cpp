#include "scan/registry_checks.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "model/fingerprint.h"
#include "packages/package_url.h"
#include "text/glob.h"

namespace merlon::scan {
namespace {

using inventory::RegistrySetting;
using model::Severity;
using packages::Ecosystem;
using packages::Package;

enum Which : std::size_t { kMixed, kScopeElsewhere, kInternalPublic };

struct CheckRule {
    std::string_view id;
    std::string_view name;
    std::string_view fix;
    Severity severity;
    std::string_view gate;
};
constexpr std::array kRules{
    CheckRule{
        "registry-mixed",
        "Two places are asked for the same names, and whoever has the higher version is taken",
        "Use one index that mirrors the others, or say which has what: an --index-url with "
        "hashes for pip, packageSourceMapping for NuGet, a source block for Bundler, "
        "canonical repositories for Composer.",
        Severity::kHigh, "shown: "},
    CheckRule{"registry-scope-elsewhere",
              "A package of a scope that has its own registry comes from another one",
              "Make the lock file anew with the registry that .npmrc names, and look at what was "
              "installed meanwhile.",
              Severity::kCritical, "fails: "},
    CheckRule{"registry-internal-public", "An internal package comes from a public registry",
              "Make the lock file anew from your own registry, and look at what was installed "
              "meanwhile.",
              Severity::kCritical, "fails: "},
};

// Where anybody may publish.
constexpr std::array<std::string_view, 12> kPublicHosts{
    "registry.npmjs.org", "registry.yarnpkg.com",   "npm.jsr.io",      "pypi.org",
    "pypi.python.org",    "files.pythonhosted.org", "rubygems.org",    "crates.io",
    "static.crates.io",   "repo.packagist.org",     "repo1.maven.org", "api.nuget.org"};

bool is_public(std::string_view host) {
    return std::ranges::find(kPublicHosts, host) != kPublicHosts.end();
}

// Whether everything of a file is bound to its content, so that no index can answer with another.
bool is_bound_by_hashes(const packages::PackageSource& source) {
    return !source.packages.empty() && std::ranges::all_of(source.packages, [](const Package& p) {
        return !p.checksums.empty() || p.local;
    });
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
        if (setting.role != RegistrySetting::Role::kExtra) return;
        const auto bound = std::ranges::find_if(taken_.sources, [&](const auto& source) {
            return source.path == setting.location.path;
        });
        if (bound != taken_.sources.end() && is_bound_by_hashes(*bound)) return;
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
        identify(finding, setting.location.path + '\n' + host);
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
            if (!is_public(host)) continue;
            add(kScopeElsewhere, package,
                fmt::format("{} comes from {}, and {} of {} is {}", package.name, host,
                            setting.setting, setting.location.path, host_of(setting.url)));
            return;
        }
        const bool is_internal =
            std::ranges::any_of(review_.internal_names, [&](const std::string& glob) {
                return glob == package.name || text::glob_matches(glob, package.name);
            });
        if (is_internal && is_public(host)) {
            add(kInternalPublic, package,
                fmt::format("{} is internal, and comes from {}", package.name, host));
        }
    }

    model::Finding& add(Which which, const model::FileLocation& location, std::string message) {
        used_[which] = true;
        const CheckRule& rule = kRules[which];
        model::Finding& finding = findings_.emplace_back();
        finding.rule_id = rule.id;
        finding.severity = rule.severity;
        finding.confidence = model::Confidence::kHigh;
        finding.message = std::move(message);
        finding.location = location;
        finding.properties["gate"] = std::string(rule.gate) + std::string(rule.name);
        return finding;
    }

    void add(Which which, const Package& package, std::string message) {
        model::Finding& finding = add(which, package.location, std::move(message));
        finding.match = package.name;
        finding.properties["package"] = package.name;
        finding.properties["version"] = package.version;
        finding.properties["purl"] = packages::package_url_text(package);
        identify(finding, package.name);
    }

    void identify(model::Finding& finding, const std::string& what) {
        if (review_.key)
            finding.secret_id = model::secret_id(*review_.key, what + '\0' + finding.rule_id);
        finding.fingerprints.push_back(model::context_fingerprint(finding.rule_id, what, 0));
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
    for (std::size_t i = 0; i < kRules.size(); ++i) {
        if (!used[i]) continue;
        model::Rule shown;
        shown.id = kRules[i].id;
        shown.engine = "packages";
        shown.pack = "registries";
        shown.name = kRules[i].name;
        shown.description = kRules[i].name;
        shown.fix = kRules[i].fix;
        shown.severity = kRules[i].severity;
        shown.confidence = model::Confidence::kHigh;
        shown.tags = {"supply-chain"};
        rules.push_back(std::move(shown));
    }
}

std::string_view host_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    return url.substr(url.rfind('@') + 1);
}

}  // namespace merlon::scan
