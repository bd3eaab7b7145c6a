#pragma once

// Package URLs as texts (ECMA-427, section 5): their versions, and the URL of what a tool names by
// its ecosystem.
//
// The idea: documents name a package by its URL and say beside it which version they mean; what is
// said of one version is nothing for the others. Where a tool writes no URL, ecosystem and name are
// one: VEX and decisions name packages so.
//
// Thread-safe: no state. Cost: linear in the URL.

#include <string>
#include <string_view>

namespace merlon::exchange {

bool has_version(std::string_view purl);

// With `version`, encoded, where it has none; as it is where `version` is empty or it is no URL.
std::string with_version(std::string purl, std::string_view version);

// The package URL of a package of that ecosystem, as OSV and GitHub call these ("npm", "crates.io",
// "pip"); of `version` where that is one and no range. Empty for ecosystems that are not known, and
// for distributions, whose packages are not told apart by their names.
std::string purl_of(std::string_view ecosystem, std::string_view name, std::string_view version);

// The range of versions that its qualifier `vers` names; empty: none.
std::string range_of(std::string_view purl);

}  // namespace merlon::exchange
