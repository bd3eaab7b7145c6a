#pragma once

// Scans the patch of one changed file as `gitleaks git` does: the added lines of each hunk on their
// own, binary files only where their name says that they are an archive.
//
// The idea: a commit's patch and that of staged or unstaged changes differ in who tells of the
// changes, and in nothing else. What gitleaks's reader of patches loses is a gap.
//
// Thread-safe as the scanner and the findings that are handed in: one of each for a thread. The
// sources are shared.

#include <cstdint>
#include <string>

#include "compat/gitleaks/clean_patches.h"
#include "compat/gitleaks/scanner.h"
#include "connect/git/attributes.h"
#include "connect/git/object.h"
#include "connect/git/tree_diff.h"

namespace merlon::compat::gitleaks {

// What patches are made of, and those that need not be made again.
struct PatchSources {
    const connect::git::ObjectReader& objects;
    const connect::git::Attributes& attributes;
    CleanPatches* clean = nullptr;  // null where no change comes twice
    // Where an archive's content comes from. Of what is not staged gitleaks asks git for ":PATH",
    // which is the index's.
    enum class Archives : std::uint8_t { kAfter, kBefore } archives = Archives::kAfter;
};

// Adds what the change adds. `commit` is empty for changes that are in none.
void scan_change(const PatchSources& sources, const connect::git::FileChange& change,
                 const std::string& commit, Scanner& scanner, FileFindings& findings);

}  // namespace merlon::compat::gitleaks
