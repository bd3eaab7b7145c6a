#pragma once

// Dependency confusion: packages of a team's own that a public registry may answer for (Birsan,
// "Dependency Confusion", 2021), from the settings of the project's package managers and its lock
// files alone.
//
// The idea: two things have to come together for it, a name that is the team's own and a place
// where anybody may publish that name. So it is looked at from both ends: settings under which two
// places are asked for the same names, and names of the team's own (scopes that .npmrc gives to a
// registry, and what .merlon.yaml calls internal) that a lock file has from elsewhere. Of a change,
// each place that was not asked before is looked at beside these.
//
// Thread-safe: no state. Cost: linear in packages, times the settings.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/finding.h"
#include "scan/inventory_scan.h"

namespace merlon::scan {

struct RegistryReview {
    std::vector<std::string> internal_names;  // globs: "@acme/*", "com.acme:*"
    std::optional<std::string> key;           // for ids of findings
};

// Adds rules and findings.
void review_registries(const RegistryReview& review, const TakenInventory& taken,
                       std::vector<model::Rule>& rules, std::vector<model::Finding>& findings);

// The same of what `head` asks and `base` did not: adds the rule and the findings.
void review_registry_changes(const RegistryReview& review, const TakenInventory& base,
                             const TakenInventory& head, std::vector<model::Rule>& rules,
                             std::vector<model::Finding>& findings);

// Whether anybody may publish there.
bool is_public_registry(std::string_view host);

// What stands between the slashes of a URL, without a user; empty where it has none.
std::string_view host_of(std::string_view url);

}  // namespace merlon::scan
