#pragma once

// What is found in one document, as findings for a report: for files and for the objects of a
// history alike.
//
// The idea: two steps. matches_of() says which matches count at a path: rules that fit it, doubtful
// ones left out, of overlapping ones the surer. add_findings() makes of them what a report shows:
// place, excerpt and match with every secret masked, confidence by the secret's own format. Whoever
// looks at a hundred versions of a file needs the first for all and the second for some.
//
// Thread-safe: no state; an accumulator belongs to one thread. Cost: linear in the document for
// those that have findings.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "model/coverage.h"
#include "model/document.h"
#include "model/finding.h"
#include "scan/finding_room.h"
#include "scan/masked_text.h"
#include "secrets/program.h"

namespace merlon::scan {

// What to do with matches that are words or placeholders (secrets/precision.h).
enum class DoubtfulMatches : std::uint8_t { kLeaveOut, kShow };
// `merlon:allow` and `gitleaks:allow` in a line. Disregarded where who wrote the line must not
// decide: in a push to a server.
enum class InlineComments : std::uint8_t { kHonour, kDisregard };

struct FindingOptions {
    const secrets::Program* program = nullptr;
    std::optional<std::string> key;  // for secret ids; without one there are none
    DoubtfulMatches doubtful = DoubtfulMatches::kLeaveOut;
    ShowSecrets show_secrets = ShowSecrets::kMasked;
    InlineComments inline_comments = InlineComments::kHonour;
    std::uint64_t max_findings_per_file = 100'000;
    const Clock* clock = nullptr;
    // May be null. Once it is set, few more findings are made of what has been matched.
    const CancelToken* cancel = nullptr;
    // Which matches are made findings of; empty: all.
    std::function<bool(const secrets::SecretFinding& match)> is_wanted = {};
};

// The path of gaps that are the whole run's.
inline constexpr std::string_view kRunPath = "(run)";

// What one file gave, before anything is compared between files.
struct FileFindings {
    std::vector<model::Finding> findings;
    // For each finding, until add_fingerprints(): the hash of the masked text from its line on
    // (none where there is no line), and its masked line or its path.
    struct Context {
        std::optional<std::uint64_t> line_hash;
        std::string line;
        std::size_t made = 0;  // how many were made before it, those left out again among them
    };
    std::vector<Context> contexts;
    // For each finding: the secret itself, in the clear; for one by path alone, content_of_path().
    std::vector<std::string> contents;
    model::Coverage coverage;
    std::size_t left_out = 0;  // matches that the precision filter takes for no secret
    // The run's room, and the file's place in its order; without one all findings are kept that
    // one file may have.
    FindingRoom* room = nullptr;
    std::size_t unit = 0;
    bool is_full = false;                // the room has none for it any more
    std::size_t counted = 0;             // findings, kept or not
    std::uint64_t bytes = 0;             // that those which were made need
    std::vector<std::uint64_t> reaches;  // of each that was made and kept: `bytes` with it
};

// What stands for the content of a secret where a path alone is the finding.
std::string content_of_path(std::string_view path);

// The matches of a document that count at `path` and that it owns; they borrow from `facts`. Those
// left out as words or placeholders are added to `left_out`.
std::vector<secrets::SecretFinding> matches_of(const FindingOptions& options,
                                               const model::Document& document,
                                               const secrets::Facts& facts, const std::string& path,
                                               std::size_t& left_out);

// Findings of these matches of `document`, behind what `result` holds.
void add_findings(const FindingOptions& options, const model::Document& document,
                  const std::string& path, const std::vector<secrets::SecretFinding>& found,
                  FileFindings& result);

// Both steps, for a document that the rules' allowlists do not leave out altogether.
void scan_document(const FindingOptions& options, const model::Document& document,
                   secrets::Program::Scratch& scratch, FileFindings& result);

// Numbers equal contexts of one file and, as GitHub does, lines of equal hash: two findings on one
// line share it.
void add_fingerprints(FileFindings& result);

// What a rule says of itself, or its name where it says nothing.
std::string description_of(const secrets::Rule& rule);

// "3 matches were left out as words or placeholders; …"; empty for none.
std::string left_out_notice(std::size_t left_out);

}  // namespace merlon::scan
