#pragma once

// Trivy's command line: one table of flags, and what a command asks for in our words.
//
// Thread-safe: constant tables.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scan/peer_front.h"

namespace merlon::compat::trivy {

// Whose command line, reports and templates these are.
inline constexpr std::string_view kTrivyVersion = "0.74.0";

enum class Format : std::uint8_t {
    kTable,
    kJson,
    kSarif,
    kCycloneDx,
    kSpdx,
    kSpdxJson,
    kTemplate,
};

// Which packages a command looks at: a project's are what its lock files say, a system's what is
// installed.
enum class Takes : std::uint8_t { kAll, kStated, kInstalled };

struct Options {
    scan::PeerScan scan;
    std::string target;         // the argument, as the report names it
    std::string artifact_type;  // "filesystem", "repository", "cyclonedx"
    Takes takes = Takes::kAll;
    Format format = Format::kTable;
    std::string output;         // empty: standard output
    std::string template_text;  // of kTemplate: a file behind '@', or the template itself
    std::vector<std::string> warnings;
    bool finds_weaknesses = true;
    bool finds_secrets = true;
    bool finds_licenses = false;
    bool lists_all_packages = true;
    bool shows_suppressed = false;
    bool includes_development = false;
    std::vector<std::string> severities;     // lower case; none: all
    std::vector<std::string> package_types;  // "os", "library"
    std::vector<std::string> relationships;  // "direct", …
    std::vector<std::string> ignored_licenses;
    int exit_code = 0;
};

scan::PeerCommand peer_command();
// Fails for what Merlon does not serve.
Result<Options> options_of(ParsedCommand& command);

}  // namespace merlon::compat::trivy
