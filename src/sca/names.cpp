#include "sca/names.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace merlon::sca {
namespace {

using packages::Package;

// PEP 503, "Normalized Names".
std::string python_name(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == '-' || c == '_' || c == '.') {
            if (out.empty() || out.back() != '-') out.push_back('-');
        } else {
            out.push_back(to_lower(c));
        }
    }
    return out;
}

// How a distribution's release is written behind its name in OSV.
enum class Suffix : std::uint8_t {
    kNone,       // rolling: "Wolfi"
    kMajor,      // "Debian:12"
    kWhole,      // "Photon OS:3.0"
    kVMinor,     // "Alpine:v3.19"
    kUbuntu,     // "Ubuntu:22.04:LTS", "Ubuntu:23.10"
    kRedHat,     // "Red Hat:enterprise_linux:9::baseos"
    kSuse,       // "SUSE:Linux Enterprise Server 15 SP5"
    kOpenSuse,   // "openSUSE:Leap 15.6", "openSUSE:Tumbleweed"
    kOpenEuler,  // "openEuler:24.03-LTS"
};

// Which of a distribution's packages advisories name.
enum class Named : std::uint8_t { kSource, kBinary, kBoth };

struct DistributionRow {
    std::string_view id;  // os-release, ID
    std::string_view ecosystem;
    Suffix suffix;
    Named named;
};
constexpr std::array kDistributions{
    DistributionRow{"debian", "Debian", Suffix::kMajor, Named::kSource},
    DistributionRow{"ubuntu", "Ubuntu", Suffix::kUbuntu, Named::kSource},
    DistributionRow{"echo", "Echo", Suffix::kNone, Named::kSource},
    DistributionRow{"alpine", "Alpine", Suffix::kVMinor, Named::kSource},
    DistributionRow{"wolfi", "Wolfi", Suffix::kNone, Named::kBoth},
    DistributionRow{"chainguard", "Chainguard", Suffix::kNone, Named::kBoth},
    DistributionRow{"minimos", "MinimOS", Suffix::kNone, Named::kBoth},
    DistributionRow{"alpaquita", "Alpaquita", Suffix::kMajor, Named::kSource},
    DistributionRow{"rhel", "Red Hat", Suffix::kRedHat, Named::kBoth},
    DistributionRow{"centos", "Red Hat", Suffix::kRedHat, Named::kBoth},
    DistributionRow{"almalinux", "AlmaLinux", Suffix::kMajor, Named::kBoth},
    DistributionRow{"rocky", "Rocky Linux", Suffix::kMajor, Named::kBoth},
    DistributionRow{"sles", "SUSE", Suffix::kSuse, Named::kBoth},
    DistributionRow{"sled", "SUSE", Suffix::kSuse, Named::kBoth},
    DistributionRow{"opensuse-leap", "openSUSE", Suffix::kOpenSuse, Named::kBoth},
    DistributionRow{"opensuse-tumbleweed", "openSUSE", Suffix::kOpenSuse, Named::kBoth},
    DistributionRow{"mageia", "Mageia", Suffix::kMajor, Named::kSource},
    DistributionRow{"photon", "Photon OS", Suffix::kWhole, Named::kBoth},
    DistributionRow{"openeuler", "openEuler", Suffix::kOpenEuler, Named::kBoth},
    DistributionRow{"azurelinux", "Azure Linux", Suffix::kMajor, Named::kBoth},
};

std::string_view before(std::string_view text, char mark) {
    return text.substr(0, text.find(mark));
}

// "3.19" of "3.19.1".
std::string two_numbers(std::string_view version) {
    const std::size_t first = version.find('.');
    if (first == std::string_view::npos) return std::string(version);
    return std::string(version.substr(0, version.find('.', first + 1)));
}

// "15 SP5" of SUSE's "15.5".
std::string service_pack(std::string_view version) {
    std::string out(before(version, '.'));
    const std::size_t dot = version.find('.');
    if (dot != std::string_view::npos && version.substr(dot + 1) != "0") {
        out += " SP" + std::string(version.substr(dot + 1));
    }
    return out;
}

ReleaseTest release_of(const packages::Distribution& distribution, Suffix suffix) {
    ReleaseTest test;
    const std::string& version = distribution.version;
    if (suffix == Suffix::kNone) return test;
    if (version.empty()) {
        // Debian's unstable and testing have no number.
        if (distribution.codename == "sid" || distribution.codename == "unstable") {
            test.suffixes = {"sid"};
        } else if (distribution.id == "opensuse-tumbleweed") {
            test.suffixes = {"Tumbleweed"};
        } else {
            test.is_unknown = true;
        }
        return test;
    }
    switch (suffix) {
        case Suffix::kNone:
            break;
        case Suffix::kMajor:
            test.suffixes = {std::string(before(version, '.'))};
            break;
        case Suffix::kWhole:
            test.suffixes = {version};
            break;
        case Suffix::kVMinor:
            test.suffixes = {"v" + two_numbers(version)};
            break;
        case Suffix::kUbuntu:
            // What a subscription brings stands under Pro: without one the weakness is there all
            // the same.
            test.suffixes = {version, version + ":LTS", "Pro:" + version + ":LTS"};
            break;
        case Suffix::kRedHat:
            test.prefix = "enterprise_linux:" + std::string(before(version, '.')) + ":";
            test.suffixes = {"enterprise_linux:" + std::string(before(version, '.')),
                             "enterprise_linux:" + two_numbers(version)};
            break;
        case Suffix::kSuse:
            for (const char* product : {"Linux Enterprise Server ", "Linux Enterprise Desktop "}) {
                test.suffixes.push_back(product + service_pack(version));
            }
            // Most packages of a server are delivered by modules.
            test.prefix = "Linux Enterprise Module for ";
            test.ending = " " + service_pack(version);
            break;
        case Suffix::kOpenSuse:
            test.suffixes = {distribution.id == "opensuse-tumbleweed" ? "Tumbleweed"
                                                                      : "Leap " + version};
            break;
        case Suffix::kOpenEuler:
            test.prefix = version + "-LTS";
            test.suffixes = {version};
            break;
    }
    return test;
}

void add_lookup(Target& target, std::string_view ecosystem, std::string name, std::string version) {
    for (const Lookup& known : target.lookups) {
        if (known.name == name && known.version == version) return;
    }
    target.lookups.push_back({ecosystem, std::move(name), std::move(version)});
}

Target distribution_target(const Package& package) {
    Target target;
    std::string_view id = package.distribution.id;
    if (id.empty()) id = package.purl_namespace_hint;
    for (const auto& row : kDistributions) {
        if (row.id != id) continue;
        target.release = release_of(package.distribution, row.suffix);
        const bool has_source = !package.source_name.empty();
        if (row.named != Named::kBinary && has_source) {
            add_lookup(target, row.ecosystem, package.source_name,
                       package.source_version.empty() ? package.version : package.source_version);
        }
        if (row.named != Named::kSource || !has_source) {
            add_lookup(target, row.ecosystem, package.name, package.version);
        }
    }
    return target;
}

}  // namespace

OsvEcosystem split_ecosystem(std::string_view ecosystem) {
    const std::size_t colon = ecosystem.find(':');
    if (colon == std::string_view::npos) return {ecosystem, {}};
    return {ecosystem.substr(0, colon), ecosystem.substr(colon + 1)};
}

std::string normal_name(packages::Ecosystem ecosystem, std::string_view name) {
    switch (ecosystem) {
        case packages::Ecosystem::kPypi:
            return python_name(name);
        case packages::Ecosystem::kNuget:
        case packages::Ecosystem::kComposer:
        case packages::Ecosystem::kGithubActions:
        case packages::Ecosystem::kSwift:
            return lower_case(name);
        case packages::Ecosystem::kGo:
            // Go's own name for it; its advisories say "stdlib".
            return name == "std" ? "stdlib" : std::string(name);
        default:
            return std::string(name);
    }
}

std::string_view normal_version(packages::Ecosystem ecosystem, std::string_view version) {
    if (ecosystem != packages::Ecosystem::kGo) return version;
    if (version.starts_with("go")) version.remove_prefix(2);
    if (version.starts_with('v')) version.remove_prefix(1);
    return version;
}

bool ReleaseTest::accepts(std::string_view suffix) const {
    if (is_any || suffix.empty()) return true;
    if (!prefix.empty() && suffix.starts_with(prefix) && suffix.ends_with(ending)) return true;
    return std::find(suffixes.begin(), suffixes.end(), suffix) != suffixes.end();
}

Target target_of(const Package& package) {
    if (package.ecosystem == packages::Ecosystem::kDeb ||
        package.ecosystem == packages::Ecosystem::kRpm ||
        package.ecosystem == packages::Ecosystem::kApk) {
        return distribution_target(package);
    }
    Target target;
    target.release.is_any = true;
    const std::string_view ecosystem = packages::facts(package.ecosystem).osv_name;
    if (ecosystem.empty()) {
        auto subject = cpe_subject_of(package);
        if (!subject.ok()) {
            target.refused_cpe = subject.error().message;
        } else if (subject.value().has_value()) {
            target.cpe = std::move(subject).value();
            add_lookup(target, kCpeEcosystem, target.cpe->key, target.cpe->whole_version());
        }
        return target;
    }
    if (package.ecosystem == packages::Ecosystem::kGit) return target;
    add_lookup(target, ecosystem, normal_name(package.ecosystem, package.name),
               std::string(normal_version(package.ecosystem, package.version)));
    return target;
}

}  // namespace merlon::sca
