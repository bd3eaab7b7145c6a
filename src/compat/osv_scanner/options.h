#pragma once

// OSV-Scanner's command line: one table of flags, and what a command asks for in our words.
//
// Thread-safe: constant tables.

#include <cstdint>
#include <string>
#include <vector>

#include "scan/peer_front.h"

namespace merlon::compat::osv_scanner {

// Of OSV-Scanner, "Return codes"; what is not looked at is scan::kPeerIncomplete.
inline constexpr int kVulnerable = 1;
inline constexpr int kFailed = 127;
inline constexpr int kNoPackages = 128;

enum class Format : std::uint8_t {
    kTable,
    kJson,
    kMarkdown,
    kSarif,
    kGithub,
    kCycloneDx1_4,
    kCycloneDx1_5,
    kSpdx
};

struct Options {
    scan::PeerScan scan;
    Format format = Format::kTable;
    std::string output;  // empty: standard output
    bool lists_all_packages = false;
    bool allows_no_packages = false;
};

scan::PeerCommand peer_command();
Result<ParsedCommand> parse(std::vector<std::string> words, const EnvironmentLookup& variable);
// Fails for what cannot be scanned, after check_served() of what Merlon does not serve.
Result<Options> options_of(const ParsedCommand& command);

}  // namespace merlon::compat::osv_scanner
