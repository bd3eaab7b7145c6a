#pragma once

// The clock of this front's tests: it stands.
//
// Thread-safe: no state.

#include "base/clock.h"

namespace merlon::compat::opa {

class FixedClock : public Clock {
  public:
    Timestamp now() const override { return {1'700'000'000'000'000'000}; }
    std::chrono::nanoseconds monotonic() const override { return {}; }
};

}  // namespace merlon::compat::opa
