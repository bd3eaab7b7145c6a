#pragma once

// What a team has said beforehand about a scan's findings: ignore entries, revocations, accepted
// gaps, the baseline, and the key that all of them need. Where a branch must not speak for itself,
// as in a push to a server, the files are those of a commit and not the disk's.
//
// Values; one thread. Errors name the file.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/flags.h"
#include "base/result.h"
#include "cli/configuration.h"
#include "cli/environment.h"
#include "scan/suppressions.h"

namespace merlon::cli {

// Where `.merlon.yaml` and `.merlon/` are read.
struct SettingsFiles {
    std::string home;
    // Reads a file of the commit that decides; empty: the files below `home` do.
    std::function<Result<std::optional<std::string>>(const std::string& path)> foreign;

    bool are_foreign() const { return static_cast<bool>(foreign); }
    // Whether the file that a flag names is the commit's: where its configuration names it, and not
    // a person.
    bool hold_file_of(const ParsedCommand& command, std::string_view flag) const;
    // Nothing where the file is not there.
    Result<std::optional<std::string>> read(const std::string& name) const;
    // Of the commit; fails where it is not there.
    Result<std::string> required(const std::string& path) const;
};

struct KnownFindings {
    scan::Suppressions suppressions;
    std::optional<std::string> key;
    std::vector<std::string> notices;
};

// For --write-baseline it makes the folder, and the key where there is none yet.
Result<KnownFindings> read_known(const ParsedCommand& command, const Environment& environment,
                                 const Configuration& configuration, const SettingsFiles& files);

}  // namespace merlon::cli
