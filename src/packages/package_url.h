#pragma once

// Package URLs (ECMA-427, package-url/purl-spec): one text that names a package of any ecosystem.
//
// The idea: a PackageUrl always is in canonical form: reading and building both go through
// normalize(), which applies what the type defines (package_url_types.h): whether it has a
// namespace, what is in lower case, which characters are allowed. So equal packages have equal
// PackageUrls, and writing is plain.
//
// Value types, thread-safe. Cost: linear in the text, which is at most kMaxPackageUrlBytes long.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "packages/package.h"

namespace merlon::packages {

inline constexpr std::size_t kMaxPackageUrlBytes = 1 << 16;

struct PackageUrl {
    std::string type;
    std::string name_space;  // segments with slashes between; empty: none
    std::string name;
    std::string version;                                          // empty: none
    std::vector<std::pair<std::string, std::string>> qualifiers;  // by key, none empty
    std::string subpath;

    // The value of a qualifier, or "".
    std::string_view qualifier(std::string_view key) const;
    auto operator<=>(const PackageUrl&) const = default;
};

// How closely a text has to keep to the standard.
enum class PurlSpelling : std::uint8_t {
    kStandard,
    kForgiving,  // keys of qualifiers in upper case too, which are made lower
};

// Fails where the text is no package URL, or its type does not allow what it says.
Result<PackageUrl> parse_package_url(std::string_view text,
                                     PurlSpelling spelling = PurlSpelling::kForgiving);

// Brings parts from elsewhere into canonical form; fails as parsing does.
Result<PackageUrl> normalize(PackageUrl parts);

std::string to_string(const PackageUrl& url);

// The package URL of what a reader found. Fails where the package has no name, or its ecosystem
// wants more than the source says, such as the identity of a Julia package.
Result<PackageUrl> package_url_of(const Package& package);
// The same as text; empty where it fails.
std::string package_url_text(const Package& package);

// The ecosystem, name and version (and distribution, architecture, source package) that a package
// URL names, as inventory's readers write them. An unknown type gives Ecosystem::kUnknown.
Package package_of(const PackageUrl& url);

}  // namespace merlon::packages
