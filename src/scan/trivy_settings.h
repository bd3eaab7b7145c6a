#pragma once

// trivy.yaml: what a team has set for Trivy, by the flag that each key stands for.
//
// The idea: one table says for each key which flag it is, or that it says nothing about packages;
// `scan packages` takes what it honours, and `compat trivy` sets its flags. A key that the table
// has not is told, because it may have been meant to change the result.
//
// Values; thread-safe to read. Errors name line and column.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::scan {

inline constexpr std::string_view kTrivySettingsFile = "trivy.yaml";

struct TrivySetting {
    std::string key;                  // "vulnerability.ignore-unfixed"
    std::string_view flag;            // "ignore-unfixed"
    std::vector<std::string> values;  // of a switch "true" or "false"
};

struct TrivySettings {
    std::vector<TrivySetting> settings;     // by key
    std::vector<std::string> unknown_keys;  // ascending

    // The values of a flag; none where the file does not set it.
    std::vector<std::string> values(std::string_view flag) const;
};

Result<TrivySettings> read_trivy_settings(std::string_view text);

// What --skip-dirs and --skip-files name, as patterns of .gitignore: a path is one below what is
// scanned, "**/" in front is anywhere.
enum class Skipped : std::uint8_t { kFolder, kFile };
std::string exclude_of(std::string_view path, Skipped what);

}  // namespace merlon::scan
