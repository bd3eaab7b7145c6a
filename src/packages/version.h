#pragma once

// The order of versions, as each ecosystem's own tool has it.
//
// The idea: a version is compiled once into a key of bytes, and two keys are compared with memcmp.
// Where the native comparison is no strict weak order, or more than a key can say, the key only
// tells those apart that differ for certain, and compare_versions decides the rest.
//
// Total: every text has a place in every scheme's order, as native tools that refuse a version give
// no order at all; parse_problem says which ones they refuse. Thread-safe: no state.
// Cost: one pass over the text; no allocation beside the key.

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "packages/ecosystem.h"

namespace merlon::packages {

// The names of `merlon db compare`: "semver", "pypi", "dpkg", …
std::string_view name(VersionScheme scheme);
std::optional<VersionScheme> parse_version_scheme(std::string_view text);

// How `left` stands to `right` by the scheme's native tool.
std::weak_ordering compare_versions(VersionScheme scheme, std::string_view left,
                                    std::string_view right);

// Appends the key of `version`: for two versions of a scheme with exact keys, the keys' order as
// bytes is their order.
void append_version_key(VersionScheme scheme, std::string_view version, std::string& key);
// Whether keys decide alone. Not so for maven, alpm and conan.
bool has_exact_keys(VersionScheme scheme);
// What two keys tell. Nothing where the scheme has no exact keys and one is the beginning of the
// other: then compare_versions has to look at the texts.
std::optional<std::weak_ordering> compare_version_keys(VersionScheme scheme, std::string_view left,
                                                       std::string_view right);

// Why the scheme's native tool refuses `version`; nothing where it takes it.
std::optional<std::string> parse_problem(VersionScheme scheme, std::string_view version);

// Whether `version` names no version in any tool's words: a variable that nobody filled in
// ("${V}"), a range, a tag ("latest"), a text with a comment behind it. What the scheme merely
// refuses is not meant.
bool is_no_version(VersionScheme scheme, std::string_view version);

// What decided, for people: "2.10 > 2.9: the second number, 10 > 9".
std::string explain_comparison(VersionScheme scheme, std::string_view left, std::string_view right);

}  // namespace merlon::packages
