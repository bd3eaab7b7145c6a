#pragma once

// The vocabulary of packages: what a lock file, a manifest or an installed-package database says of
// one package, and of how packages hang together. Readers (inventory) make it; matching (sca),
// SBOMs (exchange) and change review read it.
//
// The idea: a Package is one package at one place, as that source states it. What a source does not
// say stays empty; nothing is guessed. A range that nothing resolves stays in `requested`, and
// `version` is empty then.
//
// Value types. Names are raw, as the ecosystem writes them ("@scope/name", "group:artifact",
// "github.com/a/b"); package_url.h normalises.

#include <cstdint>
#include <string>
#include <vector>

#include "model/location.h"
#include "packages/ecosystem.h"

namespace merlon::packages {

// What a package is needed for.
enum class Scope : std::uint8_t {
    kUnknown,
    kRuntime,
    kDevelopment,
    kTest,
    kBuild,
    kOptional,
    kPeer
};

// How it came in.
enum class Relation : std::uint8_t {
    kUnknown,     // the source does not say
    kRoot,        // the project itself, or a member of its workspace
    kDirect,      // the project asks for it
    kTransitive,  // something that it asks for does
};

struct Checksum {
    std::string algorithm;  // "sha256", "sha512", "h1" (Go), "md5": lower case
    std::string value;      // lower-case hex; for "h1" as Go writes it
    bool operator==(const Checksum&) const = default;
};

// The distribution that an installed package belongs to, by its os-release.
struct Distribution {
    std::string id;        // "debian", "alpine", "rhel"
    std::string version;   // VERSION_ID: "12", "3.19.1"
    std::string codename;  // "bookworm", where it is named
    bool operator==(const Distribution&) const = default;
};

struct Package {
    Ecosystem ecosystem = Ecosystem::kUnknown;
    std::string name;
    std::string version;    // as the source writes it; empty where it gives none, or a range
    std::string requested;  // the range or constraint, where the source states one
    Scope scope = Scope::kUnknown;
    Relation relation = Relation::kUnknown;

    model::FileLocation location;          // the entry itself: file, members, line and column
    std::vector<std::uint32_t> requires_;  // positions in the same PackageSource, ascending
    std::vector<Checksum> checksums;
    std::vector<std::string> licenses;  // each as stated; expressions are parsed by license.h
    // The files of licence that lie with an installed package, and what was recognised in them.
    std::vector<std::string> license_files;
    std::vector<std::string> found_licenses;

    std::string
        download_url;    // where it is fetched from ("resolved"), or the repository of a git one
    std::string commit;  // of a package that is a repository at a commit
    // What a registry's package was made of, as Composer states it: "https://host/a.git#<commit>".
    std::string reference;
    std::string architecture;  // of distributions: "amd64"
    // The source package that a distribution built it from; empty: the same.
    std::string source_name;
    std::string source_version;
    Distribution distribution;
    std::string cpe;                  // the CPE 2.3 name, of a program that no registry has
    std::string purl_namespace_hint;  // what the purl needs and the name does not say: "debian"
    bool has_install_script = false;  // it runs a program when it is installed
    bool withdrawn = false;           // yanked, retracted or deprecated, as the source says
    bool is_conditional = false;      // asked for on some platforms or versions alone
    bool local = false;               // a path or workspace member: no registry has it
};

// One file, or one database, and what it says.
struct PackageSource {
    std::string reader;  // "npm-package-lock": stable names, docs/inventory.md lists them
    std::string path;    // as in the locations
    Ecosystem ecosystem = Ecosystem::kUnknown;
    std::vector<Package> packages;  // in the file's order
    // What is not in the packages: an entry that could not be understood, a version that a
    // property leaves open. Shown, and counted as known unknowns of an SBOM.
    std::vector<std::string> unknowns;
};

}  // namespace merlon::packages
