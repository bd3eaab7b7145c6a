#pragma once

// The schemes behind version.h, one row each: how a key is written, and what the scheme's own tool
// refuses. Internal to this room.
//
// A scheme whose native comparison is no strict weak order has a `compare` too, and its keys only
// tell apart what differs for certain: the first byte in which two of them differ decides, and
// nothing does where one is the beginning of the other.

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "packages/ecosystem.h"
#include "packages/version_key.h"

namespace merlon::packages {

// The two parts that decided a comparison.
struct Decision {
    std::string left, right;
    std::string_view what;
};

using WriteKey = void (*)(std::string_view version, KeyWriter& writer);
using CompareTexts = std::weak_ordering (*)(std::string_view left, std::string_view right,
                                            Decision& decision);
// Why the native tool refuses a version; empty where it takes it.
using FindProblem = std::string_view (*)(std::string_view version);

struct SchemeRow {
    VersionScheme scheme;
    std::string_view name;
    WriteKey write_key;
    FindProblem problem;   // null: the tool takes every text
    CompareTexts compare;  // null: keys decide alone
};
const SchemeRow& scheme_row(VersionScheme scheme);

// version_semver.cpp
void write_semver_key(std::string_view version, KeyWriter& writer);
void write_go_key(std::string_view version, KeyWriter& writer);
void write_pub_key(std::string_view version, KeyWriter& writer);
void write_nuget_key(std::string_view version, KeyWriter& writer);
std::string_view semver_problem(std::string_view version);
std::string_view npm_problem(std::string_view version);
std::string_view go_problem(std::string_view version);
std::string_view nuget_problem(std::string_view version);

// version_distribution.cpp: dpkg, rpm, alpm
void write_dpkg_key(std::string_view version, KeyWriter& writer);
void write_rpm_key(std::string_view version, KeyWriter& writer);
void write_alpm_key(std::string_view version, KeyWriter& writer);
std::weak_ordering compare_alpm(std::string_view left, std::string_view right, Decision& decision);
std::string_view dpkg_problem(std::string_view version);

// version_gentoo.cpp: apk-tools and Gentoo, which share a grammar
void write_apk_key(std::string_view version, KeyWriter& writer);
void write_gentoo_key(std::string_view version, KeyWriter& writer);
std::string_view apk_problem(std::string_view version);
std::string_view gentoo_problem(std::string_view version);

// version_pypi.cpp
void write_pypi_key(std::string_view version, KeyWriter& writer);
std::string_view pypi_problem(std::string_view version);

// version_maven.cpp
void write_maven_key(std::string_view version, KeyWriter& writer);
std::weak_ordering compare_maven(std::string_view left, std::string_view right, Decision& decision);

// version_gem.cpp: Gem::Version, and conda's order, which also goes on with zeros
void write_gem_key(std::string_view version, KeyWriter& writer);
void write_conda_key(std::string_view version, KeyWriter& writer);
std::string_view gem_problem(std::string_view version);
std::string_view conda_problem(std::string_view version);

// version_composer.cpp
void write_composer_key(std::string_view version, KeyWriter& writer);

// version_conan.cpp
void write_conan_key(std::string_view version, KeyWriter& writer);
std::weak_ordering compare_conan(std::string_view left, std::string_view right, Decision& decision);

// version_plain.cpp: numbers with dots, dates, texts
void write_hackage_key(std::string_view version, KeyWriter& writer);
void write_cran_key(std::string_view version, KeyWriter& writer);
void write_openssl_key(std::string_view version, KeyWriter& writer);
void write_intdot_key(std::string_view version, KeyWriter& writer);
void write_datetime_key(std::string_view version, KeyWriter& writer);
void write_lexicographic_key(std::string_view version, KeyWriter& writer);
std::string_view hackage_problem(std::string_view version);
std::string_view cran_problem(std::string_view version);
std::string_view intdot_problem(std::string_view version);
std::string_view datetime_problem(std::string_view version);

}  // namespace merlon::packages
