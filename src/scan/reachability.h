#pragma once

// Whether the vulnerable code of a match is a part of what runs: shown with each finding, and the
// gate does not fail for what is not.
//
// The idea: an advisory that names symbols is held against what a Go program has linked in, which
// decides both ways; one in source against what the tree's own files import and call, which shows
// reachability and never its absence: a program also loads code by names that it computes, and its
// dependencies import what it does not. Absence is said where the whole build is known: in Go's
// vendor/modules.txt, which lists every package that is built. All else stays unknown.
//
// Files are read only where a match makes it worth while, so a tree without weaknesses costs
// nothing. Deterministic for any number of threads. Cost: one pass over the programs and sources
// of the languages that have matches.

#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "packages/package.h"
#include "sca/match_text.h"
#include "scan/inventory_scan.h"

namespace merlon::scan {

// Where one package of the question stands.
using PackageEntries = std::vector<const packages::Package*>;

// Fills reachability and reached_by of each match. `entries` are by Match::package, and point into
// taken.sources.
void decide_reachability(const TakenInventory& taken, std::span<const PackageEntries> entries,
                         std::span<sca::Match> matches, ThreadPool& pool);

}  // namespace merlon::scan
