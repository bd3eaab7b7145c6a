#pragma once

// What would mend a finding: the smallest version of a package that no advisory is about, which
// direct dependency brings the package in, and the change of the manifest as a patch.
//
// The idea: the least version above the one that is there, of those that the advisories call fixed,
// is asked of the database again, because what mends one weakness may have the next. Nothing is
// asked of a registry, so a version that was never published for one platform is not known here. A
// patch is a change of text in the manifest alone: a lock file has checksums that only a registry
// knows, so it is made anew by the package manager.
//
// Thread-safe: no state. Cost: as many questions of the database as it takes, at most kMaxRounds.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/thread_pool.h"
#include "model/analysis.h"
#include "sca/matcher.h"
#include "scan/inventory_scan.h"

namespace merlon::scan {

// For the positions of `questions` that match, by `matched`: the smallest version that does not;
// absent where there is none.
Result<std::map<std::size_t, std::string>> safe_versions(
    const sca::Database& database, std::span<const packages::Package> questions,
    const sca::MatchReport& matched, ThreadPool& pool);

// Which direct dependencies of a source lead to a package. Who needs whom is turned round once.
class BroughtBy {
  public:
    explicit BroughtBy(const packages::PackageSource& source) : source_(source) {}
    // Of the package at `index`, by name.
    std::vector<std::string> names(std::uint32_t index);

  private:
    const packages::PackageSource& source_;
    std::vector<std::vector<std::uint32_t>> needed_by_;
    std::vector<std::uint32_t> seen_;  // by which question
    std::uint32_t question_ = 0;
};

struct FixPatch {
    std::string text;                  // unified, as `git apply` takes it at the top of the tree
    std::vector<std::string> notices;  // what has to be done by hand, and what after the patch
};

// Of the findings of `report` that count and have a safe version, what a change of the manifests in
// `taken` mends.
FixPatch fix_patch(const model::Report& report, const TakenInventory& taken);

// A patch of one file from one text to another with as many lines; empty where they are equal.
std::string unified_patch(const std::string& path, std::string_view before, std::string_view after);

}  // namespace merlon::scan
