#pragma once

// The embedded driver: one SQLite file (sqlite.org, "Write-Ahead Logging").
//
// The idea: readers are never in the way of the one writer, nor it in theirs. Who writes holds a
// lock file beside the store, in which its number and command stand, so that who waits can say for
// whom; SQLite's own lock would only say "busy". Each commit is on the disk before it is
// acknowledged (synchronous = FULL), because each holds an event of the audit log.
//
// The file has the mode 0600 from its first byte. Network file systems are refused by name: their
// locks and shared memory do not hold what the log in front of the file needs.
//
// Not thread-safe: one connection belongs to one thread; several may be open on one file.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "evidence/database.h"

namespace merlon::evidence {

enum class Access : std::uint8_t {
    kRead,
    kWrite,  // and make the file where it is not there
};

struct SqliteOptions {
    Access access = Access::kRead;
    std::string command;         // what a waiting writer is told about this one
    int wait_ms = 30'000;        // for another writer
    int cache_bytes = 64 << 20;  // of pages, in memory
};

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path,
                                              const SqliteOptions& options);

// The name of a file system that stores are refused on, by its number in statfs(2); else nothing.
std::string_view network_file_system(std::uint32_t magic);

// Puts the backup at `from` where no store is yet, whole or not at all.
Status restore_sqlite(const std::string& from, const std::string& to);

}  // namespace merlon::evidence
