#include "packages/ecosystem.h"

#include <array>

#include "base/assert.h"

namespace merlon::packages {
namespace {

using enum Ecosystem;
using Scheme = VersionScheme;

constexpr std::array kFacts{
    EcosystemFacts{kUnknown, "unknown", "", "", Scheme::kSemver},
    EcosystemFacts{kNpm, "npm", "npm", "npm", Scheme::kNpm},
    EcosystemFacts{kPypi, "PyPI", "pypi", "PyPI", Scheme::kPypi},
    EcosystemFacts{kMaven, "Maven", "maven", "Maven", Scheme::kMaven},
    EcosystemFacts{kGo, "Go", "golang", "Go", Scheme::kGo},
    EcosystemFacts{kCargo, "crates.io", "cargo", "crates.io", Scheme::kCargo},
    EcosystemFacts{kNuget, "NuGet", "nuget", "NuGet", Scheme::kNuget},
    EcosystemFacts{kGem, "RubyGems", "gem", "RubyGems", Scheme::kGem},
    EcosystemFacts{kComposer, "Packagist", "composer", "Packagist", Scheme::kComposer},
    EcosystemFacts{kConan, "Conan", "conan", "ConanCenter", Scheme::kConan},
    EcosystemFacts{kVcpkg, "vcpkg", "vcpkg", "vcpkg", Scheme::kSemver},
    EcosystemFacts{kSwift, "Swift", "swift", "SwiftURL", Scheme::kSemver},
    EcosystemFacts{kCocoapods, "CocoaPods", "cocoapods", "", Scheme::kGem},
    EcosystemFacts{kCarthage, "Carthage", "generic", "", Scheme::kSemver},
    EcosystemFacts{kPub, "Pub", "pub", "Pub", Scheme::kPub},
    EcosystemFacts{kHex, "Hex", "hex", "Hex", Scheme::kHex},
    EcosystemFacts{kHackage, "Hackage", "hackage", "Hackage", Scheme::kHackage},
    EcosystemFacts{kCran, "CRAN", "cran", "CRAN", Scheme::kCran},
    EcosystemFacts{kJulia, "Julia", "julia", "Julia", Scheme::kSemver},
    EcosystemFacts{kConda, "Conda", "conda", "", Scheme::kConda},
    EcosystemFacts{kGithubActions, "GitHub Actions", "github", "GitHub Actions", Scheme::kSemver},
    EcosystemFacts{kTerraform, "Terraform", "terraform", "", Scheme::kSemver},
    EcosystemFacts{kGit, "Git", "git", "GIT", Scheme::kSemver},
    EcosystemFacts{kDeb, "Debian package", "deb", "", Scheme::kDpkg},
    EcosystemFacts{kRpm, "RPM", "rpm", "", Scheme::kRpm},
    EcosystemFacts{kApk, "apk", "apk", "", Scheme::kApk},
    EcosystemFacts{kAlpm, "Arch Linux package", "alpm", "", Scheme::kAlpm},
    EcosystemFacts{kJsr, "JSR", "jsr", "", Scheme::kNpm},
    EcosystemFacts{kOpam, "opam", "opam", "opam", Scheme::kDpkg},
    EcosystemFacts{kLuaRocks, "LuaRocks", "luarocks", "", Scheme::kSemver},
    EcosystemFacts{kCpan, "CPAN", "cpan", "", Scheme::kSemver},
    EcosystemFacts{kBitnami, "Bitnami", "bitnami", "Bitnami", Scheme::kSemver},
    EcosystemFacts{kGeneric, "generic", "generic", "", Scheme::kSemver},
};

// OSV's names of distributions; "Red Hat:enterprise_linux:9" keeps its suffix apart.
struct DistributionName {
    std::string_view osv_name;
    Ecosystem ecosystem;
};
constexpr std::array kDistributions{
    DistributionName{"Debian", kDeb},
    DistributionName{"Ubuntu", kDeb},
    DistributionName{"Echo", kDeb},
    DistributionName{"Alpine", kApk},
    DistributionName{"Wolfi", kApk},
    DistributionName{"Chainguard", kApk},
    DistributionName{"MinimOS", kApk},
    DistributionName{"Alpaquita", kApk},
    DistributionName{"BellSoft Hardened Containers", kApk},
    DistributionName{"Red Hat", kRpm},
    DistributionName{"AlmaLinux", kRpm},
    DistributionName{"Rocky Linux", kRpm},
    DistributionName{"SUSE", kRpm},
    DistributionName{"openSUSE", kRpm},
    DistributionName{"Mageia", kRpm},
    DistributionName{"Photon OS", kRpm},
    DistributionName{"openEuler", kRpm},
    DistributionName{"Azure Linux", kRpm},
};

}  // namespace

const EcosystemFacts& facts(Ecosystem ecosystem) {
    const auto& row = kFacts[static_cast<std::size_t>(ecosystem)];
    MERLON_ASSERT(row.ecosystem == ecosystem);
    return row;
}

std::optional<Ecosystem> ecosystem_of_purl_type(std::string_view type) {
    if (type.empty()) return std::nullopt;
    for (const auto& row : kFacts)
        if (row.purl_type == type && row.ecosystem != kCarthage) return row.ecosystem;
    return std::nullopt;
}

std::optional<Ecosystem> ecosystem_of_osv_name(std::string_view name) {
    const std::string_view bare = name.substr(0, name.find(':'));
    if (bare.empty()) return std::nullopt;
    for (const auto& row : kFacts)
        if (row.osv_name == bare) return row.ecosystem;
    for (const auto& row : kDistributions)
        if (row.osv_name == bare) return row.ecosystem;
    return std::nullopt;
}

}  // namespace merlon::packages
