#pragma once

// What a team has set for another scanner in that scanner's own YAML file, by the flag that each
// key stands for.
//
// The idea: one table for each peer says for each key which flag it is, or that it says nothing
// about packages; `scan packages` takes what it honours, and the peer's front sets its flags. A key
// that the table has not is told, because it may have been meant to change the result.
//
// Values; thread-safe to read. Errors name line and column.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::scan {

struct SettingKey {
    std::string_view path;  // "scan.skip-dirs"; one that ends in '.' is all that is below it
    std::string_view flag;  // empty: nothing about packages
};

struct PeerSetting {
    std::string key;                  // "vulnerability.ignore-unfixed"
    std::string_view flag;            // "ignore-unfixed"
    std::vector<std::string> values;  // of a switch "true" or "false"
};

struct PeerSettings {
    std::vector<PeerSetting> settings;      // by key
    std::vector<std::string> unknown_keys;  // ascending

    // The values of a flag; none where the file does not set it.
    std::vector<std::string> values(std::string_view flag) const;
};

// `name` is the file's, for errors.
Result<PeerSettings> read_peer_settings(std::string_view name, std::string_view text,
                                        std::span<const SettingKey> keys);

}  // namespace merlon::scan
