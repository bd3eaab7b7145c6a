#pragma once

// Flags and values of OPA's that this front knows and does not serve: each is refused by its name,
// with the reason.
//
// Thread-safe: constants. Cost: a look over the table.

#include <span>
#include <string>

#include "base/flags.h"

namespace merlon::compat::opa {

// Why the command cannot be run as it was asked for; empty: it can.
std::string refusal_of(const ParsedCommand& command);

// Which value of --allow-net is no host, and would silently allow nothing; empty: none.
std::string host_refusal(std::span<const std::string> hosts);

}  // namespace merlon::compat::opa
