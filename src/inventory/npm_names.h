#pragma once

// What the lock files of npm, yarn, pnpm, bun and deno have in common.
//
// Thread-safe: no state. Cost: linear.

#include "inventory/reading.h"

namespace merlon::inventory {

// "name@rest": the '@' that is not the scope's. The rest is empty where there is none.
std::pair<std::string_view, std::string_view> split_npm_name(std::string_view text);

// Whether a place is an archive of a package ("file:a-1.0.0.tgz"): somebody has brought it in, and
// it is no part of the project.
bool is_npm_archive(std::string_view range);

// Notes where a package comes from, by what a lock file's "resolved" or a manifest's range says: a
// registry's file, a repository at a commit, a folder. Of an archive also the version that its name
// states, where there is none yet.
void set_npm_origin(packages::Package& package, std::string_view from);

// Whether a range is a place instead: "file:", "link:", "workspace:", "portal:".
bool is_npm_local(std::string_view range);

// Calls `use(name, range, scope)` for each dependency in the lists of a manifest or workspace.
void each_npm_dependency(
    const value::Value* manifest,
    const std::function<void(std::string_view, const value::Value&, packages::Scope)>& use);

// The package that a manifest is of: nothing where it has no name.
void add_npm_package(Reading& reading, const value::Value* root, packages::Relation relation);

// "MIT", {"type": "MIT"}, [{"type": …}, …] as licences.
void add_npm_licenses(packages::Package& package, const value::Value* manifest);

}  // namespace merlon::inventory
