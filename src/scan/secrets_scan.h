#pragma once

// The control behind `merlon scan secrets`: files in, one Report out.
//
// The idea: workers take files in walk order and keep what they find by the file's index;
// everything that depends on more than one file (order, occurrences, suppressions, coverage)
// happens afterwards in one thread, so the report's bytes are the same for any number of threads.
//
// Not reentrant on one request; requests are independent. Memory: one file for each worker, and the
// findings that the run keeps (finding_room.h).

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/progress.h"
#include "connect/files/files.h"
#include "model/analysis.h"
#include "scan/document_findings.h"
#include "scan/suppressions.h"
#include "secrets/program.h"

namespace merlon::scan {

struct LicenseRules;  // scan/licenses.h

// What every run is asked, whatever it looks for.
struct ScanSettings {
    std::vector<std::string> arguments;         // files and folders
    std::optional<std::string> standard_input;  // scanned as "(stdin)" where set
    connect::WalkOptions walk;
    connect::ReadOptions read;
    Suppressions suppressions;
    const LicenseRules* licenses = nullptr;  // what the configuration says of them, if anything
    std::optional<std::string> key;          // for secret ids; without one there are none
    unsigned threads = 1;
    std::string version;
    const Clock* clock = nullptr;
    const CancelToken* cancel = nullptr;
    Progress* progress = nullptr;  // may be null
};

struct SecretsScan : ScanSettings {
    const secrets::Program* program = nullptr;
    DoubtfulMatches doubtful = DoubtfulMatches::kLeaveOut;
    ShowSecrets show_secrets = ShowSecrets::kMasked;
    InlineComments inline_comments = InlineComments::kHonour;
    std::uint64_t max_finding_bytes = FindingRoom::kMostBytes;  // of the whole run
};

// Never fails as a whole: what went wrong stands in the report's coverage, and
// `report.analysis.complete` says whether anything did.
model::Report scan_secrets(const SecretsScan& request);

// The two ends of every run, for those who read something else than files: a report that names the
// run, and what the units gave joined to it in their order, compared with the suppressions. What a
// unit gives goes into one of the `units`, all of which share the run's room.
model::Report start_report(const SecretsScan& request);
std::vector<FileFindings> units(std::size_t count, FindingRoom& room);
void finish_report(const SecretsScan& request, std::vector<FileFindings>& results,
                   model::Report& report);
FindingOptions options_of(const SecretsScan& request);

// What is found in one document, before anything that depends on others: no suppressions, no
// fingerprints. `rules test` asks with it what a scan would show.
std::vector<model::Finding> find_secrets(const SecretsScan& request,
                                         const model::Document& document);

// Rules of a configuration as a report shows them.
std::vector<model::Rule> rules_of(const secrets::Config& config, std::string_view pack);

// Says in the analysis whether the coverage has gaps, and of which causes.
void tell_completeness(model::Report& report);

// The exit code of a report (DESIGN, "Command line"): 2 where it is incomplete, else 1 where a
// finding that is not suppressed is at least as severe as `fail_on`, else 0.
int exit_code(const model::Report& report, model::Severity fail_on);

}  // namespace merlon::scan
