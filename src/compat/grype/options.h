#pragma once

// Grype's command line: one table of flags, and what a command asks for in our words.
//
// Thread-safe: constant tables.

#include <cstdint>
#include <string>
#include <vector>

#include "scan/peer_front.h"

namespace merlon::compat::grype {

enum class Format : std::uint8_t { kTable, kJson, kSarif, kCycloneDx, kCycloneDxXml, kTemplate };

struct Output {
    Format format = Format::kTable;
    std::string path;  // empty: standard output
};

struct Options {
    scan::PeerScan scan;
    std::string source_type;  // "directory", "file", "sbom-file"
    std::string target;
    std::vector<Output> outputs;
    std::string template_path;  // of Format::kTemplate
    std::string fail_on;        // "high"; empty: nothing fails the run
    bool names_cves = false;
    bool shows_suppressed = false;
};

scan::PeerCommand peer_command();
Result<ParsedCommand> parse(std::vector<std::string> words, const EnvironmentLookup& variable);
// Fails for what Merlon does not serve.
Result<Options> options_of(ParsedCommand& command);

// The position in Grype's scale: "negligible" to "critical"; "unknown" is below all.
int rank_of(std::string_view severity);

}  // namespace merlon::compat::grype
