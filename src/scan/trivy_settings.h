#pragma once

// trivy.yaml, read with the table of Trivy's keys (scan/peer_settings.h).
//
// Thread-safe: constant tables. Errors name line and column.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scan/peer_settings.h"

namespace merlon::scan {

inline constexpr std::string_view kTrivySettingsFile = "trivy.yaml";

Result<PeerSettings> read_trivy_settings(std::string_view text);

// What --skip-dirs and --skip-files name, as patterns of .gitignore: a path is one below what is
// scanned, "**/" in front is anywhere.
enum class Skipped : std::uint8_t { kFolder, kFile };
std::string exclude_of(std::string_view path, Skipped what);

}  // namespace merlon::scan
