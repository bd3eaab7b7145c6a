#pragma once

// `merlon secrets revoked`.

#include <string_view>

#include "base/flags.h"
#include "cli/environment.h"

namespace merlon::cli {

// Where a repository's revocations stand, relative to its root.
inline constexpr std::string_view kRevokedFile = ".merlon/revoked";

int run_secrets_revoked(const ParsedCommand& command, const Environment& environment);

}  // namespace merlon::cli
