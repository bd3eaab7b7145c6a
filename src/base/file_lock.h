#pragma once

// A lock that one process holds at a time, by a file that may stay behind: for folders that two
// runs must not write at once.
//
// The idea: flock(2) on an empty file. The system lets go of it however the holder ends, so there
// is no stale lock; who finds it held fails at once and says so.
//
// Not thread-safe; one holder each. Where a file system has no locks (some network ones), taking
// fails.

#include <string>

#include "base/result.h"

namespace merlon {

class FileLock {
  public:
    // Makes the file where it is not there; its folder is.
    static Result<FileLock> take(const std::string& path);
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

  private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

}  // namespace merlon
