#pragma once

// The built-ins that Trivy adds to OPA's for its checks: result.new, isManaged, sh.parse_commands,
// cidr.count_addresses, cidr.is_public, squealer.scan_string.
//
// Facts of Trivy 0.74 and trivy-checks. Thread-safe: constants.

#include <span>

#include "rego/compiler/declarations.h"

namespace merlon::compat::opa {

std::span<const rego::compiler::ExtraBuiltin> trivy_builtins();

}  // namespace merlon::compat::opa
