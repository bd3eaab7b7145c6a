#pragma once

// Where a manifest says which version of a package it asks for, and what to write there instead.
//
// The idea: one class for each kind of manifest parses it once and then finds the places of any
// package (it may stand in several groups of one file), as edits of bytes; comments, order and
// layout of the file stay. What is no plain version with at most one sign before it (^1.2.3, ~1.2,
// ==1.2.3) is left to people.
//
// Thread-safe once opened. Cost: linear in the file, then O(log n) a package.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "packages/package.h"

namespace merlon::scan {

struct ManifestEdit {
    std::size_t offset = 0;
    std::size_t length = 0;
    std::string text;
};

// In the order of the text; none where the manifest does not say it. Fails for what is said in a
// way that is left to people.
using ManifestEdits = Result<std::vector<ManifestEdit>>;

// Borrows the text that it was opened with.
class Manifest {
  public:
    virtual ~Manifest() = default;
    // The places of the text at which it has to ask for `version` of the package.
    virtual ManifestEdits find(const packages::Package& package,
                               std::string_view version) const = 0;
};
using OpenedManifest = Result<std::unique_ptr<const Manifest>>;

struct ManifestKind {
    // What the manifest lists: what the project asks for itself, or all that is built.
    enum class Lists : std::uint8_t { kDirect, kAll };

    std::string_view reader;  // of the file with the packages: "npm-package-lock"
    std::string_view file;    // the manifest beside it; empty: the file itself
    Lists lists;
    // Where else the same is said: in the manifests of members below, or of parents above.
    enum class Others : std::uint8_t { kNone, kBelow, kAbove } others;
    std::string_view afterwards;  // what makes the lock file follow
    OpenedManifest (*open)(std::string_view text);
};

// Null for sources whose manifests are not changed.
const ManifestKind* manifest_kind(std::string_view reader);
std::span<const ManifestKind> manifest_kinds();

}  // namespace merlon::scan
