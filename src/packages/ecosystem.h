#pragma once

// The worlds that packages live in, and what each calls things: the purl type
// (package-url/purl-spec, types/), OSV's ecosystem (ossf/osv-schema, "Defined ecosystems") and the
// scheme its versions are ordered by.
//
// Thread-safe: constant tables. Cost: a look-up in a table of some forty rows.

#include <cstdint>
#include <optional>
#include <string_view>

namespace merlon::packages {

// How two versions are ordered. Each is one native tool's order (docs/versions.md names which).
enum class VersionScheme : std::uint8_t {
    kSemver,    // semver.org 2.0.0, section 11, with numbers of any size
    kNpm,       // node-semver: semver, and what it coerces
    kCargo,     // Rust's semver crate
    kGo,        // golang.org/x/mod/semver, with pseudo-versions and +incompatible
    kPypi,      // PEP 440, and the legacy order for what it refuses
    kMaven,     // ComparableVersion
    kGem,       // Gem::Version
    kComposer,  // PHP's version_compare as OSV uses it
    kNuget,     // NuGet.Versioning: four parts, no case
    kPub,       // pub_semver: builds are ordered
    kHex,       // Elixir's Version
    kHackage,   // PVP
    kCran,      // R's package_version
    kDpkg,      // deb-version(7)
    kRpm,       // rpmvercmp with epoch and release
    kApk,       // apk-tools
    kAlpm,      // pacman's vercmp
    kGentoo,    // Package Manager Specification, section 3.3
    kConan,     // Conan 2
    kConda,     // conda's VersionOrder
    kOpenssl,   // 1.0.2k, and semver from 3
    kNginx,     // numbers
    kIntdot,    // dotted numbers
    kDatetime,  // RFC 3339
    kLexicographic,
};

enum class Ecosystem : std::uint8_t {
    kUnknown,
    kNpm,
    kPypi,
    kMaven,
    kGo,
    kCargo,
    kNuget,
    kGem,
    kComposer,
    kConan,
    kVcpkg,
    kSwift,
    kCocoapods,
    kCarthage,
    kPub,
    kHex,
    kHackage,
    kCran,
    kJulia,
    kConda,
    kGithubActions,
    kTerraform,
    kGit,  // a repository at a commit: submodules and the like
    kDeb,
    kRpm,
    kApk,
    kAlpm,
    kJsr,
    kOpam,
    kLuaRocks,
    kCpan,
    kBitnami,
    kGeneric,
};

struct EcosystemFacts {
    Ecosystem ecosystem;
    std::string_view name;       // "npm", "PyPI": for people
    std::string_view purl_type;  // "golang"
    // OSV's name without its suffix; empty where OSV has none, or where it depends on the
    // distribution (deb, rpm, apk).
    std::string_view osv_name;
    VersionScheme scheme;
};

const EcosystemFacts& facts(Ecosystem ecosystem);
std::optional<Ecosystem> ecosystem_of_purl_type(std::string_view type);
// `name` is OSV's, with or without a suffix: "Debian:12", "Packagist". A distribution's is kDeb,
// kRpm or kApk.
std::optional<Ecosystem> ecosystem_of_osv_name(std::string_view name);

}  // namespace merlon::packages
