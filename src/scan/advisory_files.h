#pragma once

// The files of one feed: below a directory, inside of an archive, in a bare Git repository at HEAD,
// or one alone.
//
// The idea: names first, bytes when they are wanted, a batch at a time, so that a million records
// are never in memory as files. Directories that begin with a dot are left out.
//
// Not thread-safe. Memory: one batch.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/thread_pool.h"

namespace merlon::scan {

struct AdvisoryFile {
    std::string name;     // for people: "all.zip!GHSA-1.json"
    std::string bytes;    // unpacked
    std::string problem;  // why it could not be read; empty: it could
};

struct AdvisoryFiles {
    std::int64_t newest_s = 0;  // when the newest of them was changed
    std::size_t count = 0;
};

// The commit that HEAD of a bare repository names; empty where `path` is none, or cannot be read.
std::string head_of_bare_repository(const std::string& path);

// Calls `take` with batches of the files below `path` whose names end in one of `endings`.
// Fails where `path` is not there.
Result<AdvisoryFiles> read_advisory_files(
    const std::string& path, std::span<const std::string_view> endings, const Limits& limits,
    ThreadPool& pool, const std::function<void(std::vector<AdvisoryFile>& batch)>& take);

}  // namespace merlon::scan
