#pragma once

// The ready gates that the program carries (rules/gates), and how the conditions that a team asks
// for become the modules of a policy.
//
// The idea: a gate is a list of conditions. Each is a name of a ready one, or a file of one's own
// whose name ends in .rego; a file that says the package of a ready one takes its place. Which
// conditions a gate has that nobody has configured stands in `kGates`.
//
// Thread-safe: constant data. Cost: none.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gate/policy.h"

namespace merlon::gate {

struct ReadyGate {
    std::string_view name;      // "pr", "release", "deploy"
    std::string_view settings;  // JSON: all settings with what they are when nobody sets them
};
std::span<const ReadyGate> ready_gates();
// Null where there is none of that name.
const ReadyGate* find_ready_gate(std::string_view name);

struct ReadyCondition {
    std::string_view name;  // "severity"
    std::string_view text;  // Rego
};
// By name, with "common", which the others import.
std::span<const ReadyCondition> ready_conditions();

// Whether a condition is named by a file, and is no ready one.
bool is_own_policy(std::string_view condition);

// The text of a file as the settings name it; nothing where it is not there.
using ReadPolicyFile = std::function<Result<std::optional<std::string>>(const std::string& path)>;

// The modules of these conditions, in their order, behind what they import.
Result<std::vector<PolicyModule>> gather_modules(std::span<const std::string> conditions,
                                                 const ReadPolicyFile& read_file);

}  // namespace merlon::gate
