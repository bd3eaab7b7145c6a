#pragma once

// `merlon scan` and `merlon scan secrets`: from a command line to reports and an exit code.
//
// The idea: everything that can be wrong with the request (configuration, baseline, rules, places
// of the outputs) is found before the first foreign byte is read; then the process gives up network
// and writing; then it scans, prints, and says what it could not see.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/flags.h"
#include "cli/environment.h"
#include "cli/report_output.h"
#include "scan/secrets_scan.h"

namespace merlon::cli {

int run_scan(ParsedCommand& command, const Environment& environment);

// The folder whose .merlon.yaml and .merlon/ hold for a run over `arguments`: the repository's
// root, else the first argument itself.
std::string home_of(const std::vector<std::string>& arguments);

// A run over something else than files and folders, with the same settings and exit codes.
struct ScanPlan {
    enum class Rules : std::uint8_t { kSecrets, kNone };

    std::vector<std::string> scope;  // what the report names
    std::string home;                // whose .merlon.yaml and .merlon/ hold
    // Where those do not stand on the disk: the text of one of them by its path below `home`;
    // nothing where there is none.
    std::function<Result<std::optional<std::string>>(const std::string& path)> settings;
    std::function<Result<model::Report>(const scan::SecretsScan& request)> scan;
    // Tells of the report in the plan's own words, unless a format or an output was asked for, and
    // may change the exit code. Without it the report is printed as that of a scan.
    std::function<int(const model::Report& report, int exit_code)> tell;
    std::vector<std::string> writable;  // beside the outputs
    Rules rules = Rules::kSecrets;      // kNone: the request's program is null
    OwnFormats formats;                 // beside those of reports
    // The exit code of a complete report for `--fail-on gate`.
    std::function<int(const model::Report& report)> judge;
};

int run_scan(ParsedCommand& command, const Environment& environment, const ScanPlan& plan);

}  // namespace merlon::cli
