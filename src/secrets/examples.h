#pragma once

// The examples of the pack's rules: templates that become text when a test runs, so that no
// complete fake token stands in a repository (docs/rules-secrets.md has the generators).
//
// Deterministic: the same rule and template give the same text on every machine. Thread-safe: no
// state. Cost: one pass.

#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::secrets {

// `example` with its generators expanded, seeded by the rule's id. Fails for a generator that does
// not exist.
Result<std::string> expand_example(std::string_view example, std::string_view rule_id);

}  // namespace merlon::secrets
