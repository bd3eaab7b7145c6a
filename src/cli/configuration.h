#pragma once

// .merlon.yaml, the configuration of a repository (schemas/merlon.schema.json,
// docs/configuration.md).
//
// The idea: most settings are flags under another name, so they become values of the flag table and
// are checked there; what is left are the accepted findings and gaps. A key that does not exist is
// an error with its line and the key that was meant: a misspelt gate must not be a silent pass.
//
// Values; thread-safe. Cost: one read of a small file.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/flags.h"
#include "base/result.h"
#include "scan/licenses.h"
#include "scan/suppressions.h"

namespace merlon::cli {

struct FlagSetting {
    std::string flag;
    std::vector<std::string> values;
    std::vector<ValuePlace> places;  // of each value
};

struct Configuration {
    std::string file;    // empty: there is none
    std::string folder;  // what its paths are relative to
    std::string text;
    std::vector<FlagSetting> flags;
    std::vector<scan::IgnoreEntry> ignored;
    std::vector<scan::GapAcceptance> accepted_gaps;
    std::optional<scan::LicenseRules> licenses;
    bool says_unlisted_licenses = false;  // what becomes of those in no list
    bool says_unknown_licenses = false;   // and of those that nobody knows
};

// Reads the text of `file`. Errors carry its line and column.
Result<Configuration> parse_configuration(std::string_view text, const std::string& file);

// The configuration that --config names, else `folder`/.merlon.yaml where there is one.
Result<Configuration> find_configuration(const ParsedCommand& command, const std::string& folder);

// Hands the settings to the flags; errors name the configuration.
Status apply_configuration(const Configuration& configuration, ParsedCommand& command);

}  // namespace merlon::cli
