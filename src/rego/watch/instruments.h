#pragma once

// What a watched evaluation consists of, in the terms of OPA's `--instrument`: how often the cache
// of rules' results had one, and how long each call of a built-in and each look-up of rules took.
//
// The idea: only what the watcher does as OPA's topdown does it is counted. There is nothing for
// the caches of base documents and comprehensions, which it has none of, and for its bindings.
//
// Not thread-safe. Cost: two looks at the clock for each time.

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace merlon::rego::watch {

struct Instruments {
    explicit Instruments(const Clock& with_clock) : clock(&with_clock) {}

    const Clock* clock;
    std::uint64_t cache_hits = 0;  // of rules and functions, by their arguments
    std::uint64_t cache_misses = 0;
    std::vector<std::int64_t> builtin_nanoseconds = {};
    std::vector<std::int64_t> index_nanoseconds = {};
};

// From here to the end of its scope; `instruments` may be null.
class Stopwatch {
  public:
    Stopwatch(Instruments* instruments, std::vector<std::int64_t> Instruments::* times)
        : instruments_(instruments), times_(times) {
        if (instruments_ != nullptr) begin_ = instruments_->clock->monotonic();
    }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;
    ~Stopwatch() {
        if (instruments_ == nullptr) return;
        (instruments_->*times_).push_back((instruments_->clock->monotonic() - begin_).count());
    }

  private:
    Instruments* instruments_;
    std::vector<std::int64_t> Instruments::* times_;
    std::chrono::nanoseconds begin_{};
};

}  // namespace merlon::rego::watch
