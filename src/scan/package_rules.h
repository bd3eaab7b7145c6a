#pragma once

// The rules of Merlon's own checks of packages (changes, registries, licences), each one line of a
// table, and the findings that follow them.
//
// Thread-safe: no state.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/finding.h"
#include "packages/package.h"

namespace merlon::scan {

enum class Gate : std::uint8_t { kShown, kFails };

struct PackageRule {
    std::string_view id;
    std::string_view name;
    std::string_view fix;
    model::Severity severity;
    Gate gate;
};

// As a report prints it; `tag` is "supply-chain" or "licence".
model::Rule shown_rule(const PackageRule& rule, std::string_view pack, std::string_view tag);

// What `gate` says of a finding of the rule: "fails: " and the rule's name.
std::string gate_text(const PackageRule& rule, Gate gate);

// A finding without what tells it from others of the rule.
model::Finding finding_of(const PackageRule& rule, const model::Location& location,
                          std::string message);
// Adds what package it is of.
void describe(const packages::Package& package, model::Finding& finding);
// Adds the ids by `what` is found: a secret's id where there is a key, and a fingerprint.
void identify(const std::optional<std::string>& key, const std::string& what,
              model::Finding& finding);

// "lodash 4.17.21"; the range where there is no version.
std::string described(const packages::Package& package);
std::string_view stated_version(const packages::Package& package);

}  // namespace merlon::scan
