#pragma once

// Where a manifest says which version of a package it asks for, and what to write there instead.
//
// The idea: one function for each kind of manifest finds the one place, as an edit of bytes;
// comments, order and layout of the file stay. What is no plain version with at most one sign
// before it
// (^1.2.3, ~1.2, ==1.2.3) is left to people.
//
// Thread-safe: no state. Cost: linear in the file.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "packages/package.h"

namespace merlon::scan {

struct ManifestEdit {
    std::size_t offset = 0;
    std::size_t length = 0;
    std::string text;
};

struct ManifestKind {
    // What the manifest lists: what the project asks for itself, or all that is built.
    enum class Lists : std::uint8_t { kDirect, kAll };

    std::string_view reader;  // of the file with the packages: "npm-package-lock"
    std::string_view file;    // the manifest beside it; empty: the file itself
    Lists lists;
    std::string_view afterwards;  // what makes the lock file follow
    Result<ManifestEdit> (*find)(std::string_view text, const packages::Package& package,
                                 std::string_view version);
};

// Null for sources whose manifests are not changed.
const ManifestKind* manifest_kind(std::string_view reader);
std::span<const ManifestKind> manifest_kinds();

}  // namespace merlon::scan
