#pragma once

// Cancellation: one flag that every loop of a run looks at. Ctrl-C sets it; the run then stops
// within 200 ms, keeps what it found and is reported as incomplete.
//
// Thread-safe and safe in a signal handler. Cost: a relaxed load.

#include <atomic>

#include "base/result.h"

namespace merlon {

class CancelToken {
  public:
    bool cancelled() const noexcept { return flag_.load(std::memory_order_relaxed); }
    void cancel() noexcept { flag_.store(true, std::memory_order_relaxed); }

  private:
    std::atomic<bool> flag_{false};
};

// From now on SIGINT and SIGTERM cancel `token`, which must outlive the process's last signal; a
// second signal ends the process at once, as if unhandled.
Status cancel_on_signals(CancelToken& token);

}  // namespace merlon
