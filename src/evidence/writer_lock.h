#pragma once

// The place of the one writer of a store, held for the time of a transaction.
//
// The idea: flock(2) on a file beside the store, which says who holds it. The system lets go of it
// however the holder ends, so there is no stale lock; what stands in the file of one that is not
// held means nothing.
//
// Not thread-safe; one holder each. Waits in steps, for at most the time that was asked for.

#include <functional>
#include <string>

#include "base/result.h"

namespace merlon::evidence {

class WriterLock {
  public:
    // Fails with the holder's process number and command where it is held for longer than
    // `wait_ms`, and as interrupted once `has_to_stop` says so.
    static Result<WriterLock> take(const std::string& path, const std::string& command, int wait_ms,
                                   const std::function<bool()>& has_to_stop);
    WriterLock(WriterLock&& other) noexcept;
    WriterLock& operator=(WriterLock&&) = delete;
    ~WriterLock();

  private:
    explicit WriterLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

}  // namespace merlon::evidence
