#pragma once

// What a team has told other scanners about vulnerabilities that it knows: Trivy's .trivyignore and
// .trivyignore.yaml, osv-scanner's osv-scanner.toml, Grype's .grype.yaml.
//
// The idea: an entry is read into one struct; one that says something which Merlon does not look at
// (a fix state, a namespace) hides nothing, because it would hide more than was meant, and a notice
// says so. Files at the top of the repository count for all of it, but for osv-scanner.toml, which
// counts for the files of its own folder (OSV-Scanner, "Configuration"; scan/folder_ignores.h).
//
// Values; thread-safe to read. Errors name file and line.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "match/regex.h"
#include "model/finding.h"

namespace merlon::scan {

struct ForeignIgnore {
    enum class About : std::uint8_t { kVulnerability, kLicense, kEither };
    About about = About::kVulnerability;
    // Of the vulnerability, any of its ids; empty: every one of the package. Or the licence.
    std::string id;
    std::string package;  // empty: of any package
    // In place of a name: an expression that the whole name has to fit.
    std::shared_ptr<const match::Regex> package_pattern;
    std::string ecosystem;              // as OSV names it; empty: any
    std::string version;                // empty: any
    std::vector<std::string> paths;     // globs over the finding's path; none: anywhere
    std::optional<std::string> folder;  // whose own files alone are meant; nothing: any
    std::string reason;
    std::string expires;  // YYYY-MM-DD; empty: never
    std::string place;    // "FILE:LINE", or the file
};

struct ForeignIgnores {
    std::vector<ForeignIgnore> entries;
    std::vector<std::string> notices;  // of entries that hide nothing
};

// The names of the files that count for a whole repository.
std::span<const std::string_view> foreign_ignore_files();
inline constexpr std::string_view kOsvScannerFile = "osv-scanner.toml";

// Adds what `text`, the content of the file called `name`, says.
Status read_foreign_ignores(std::string_view name, std::string_view text, ForeignIgnores& ignores);

// Whether an entry means the licence of what stands at `path`.
bool ignores_license(const ForeignIgnores& ignores, Timestamp now, std::string_view license,
                     std::string_view path);

// Marks the findings of packages that an entry means; expired ones leave a notice instead.
void apply(const ForeignIgnores& ignores, Timestamp now, std::vector<model::Finding>& findings,
           std::vector<std::string>& notices);

}  // namespace merlon::scan
