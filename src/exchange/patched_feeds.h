#pragma once

// Advisories that say which versions are patched instead of which are affected: RustSec's
// (Markdown with TOML in front, github.com/rustsec/advisory-db, "Advisory format") and those of the
// ruby-advisory-db (YAML, its README's "Schema").
//
// The idea: everything else becomes an OSV record here; what the requirements leave over is a
// question of the order of versions, which sca/patched_ranges.h answers.
//
// Thread-safe: no state. Cost: one pass.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/osv.h"

namespace merlon::exchange {

struct PatchedAdvisory {
    OsvRecord record;  // its one affected entry has no ranges yet
    // Each a list of comparisons that hold together: ">= 1.2.3, < 2".
    std::vector<std::string> patched;
    std::vector<std::string> unaffected;
};

// `bytes`: "```toml … ```" and then Markdown.
Result<PatchedAdvisory> read_rustsec(std::string_view bytes);
// `file_name`: "CVE-2020-1.yml", which names an advisory that has neither CVE nor GHSA.
Result<PatchedAdvisory> read_rubysec(std::string_view bytes, std::string_view file_name);

}  // namespace merlon::exchange
