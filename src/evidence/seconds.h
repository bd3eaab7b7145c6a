#pragma once

// Times as the store's tables have them: whole seconds since 1970.
//
// Thread-safe: no state.

#include <cstdint>

#include "base/clock.h"

namespace merlon::evidence {

inline constexpr std::int64_t kSecondNs = 1'000'000'000;
inline constexpr std::int64_t kDayS = 86'400;
inline constexpr std::int64_t kDayNs = kDayS * kSecondNs;

constexpr std::int64_t seconds_of(Timestamp time) { return time.nanoseconds / kSecondNs; }
constexpr Timestamp at_second(std::int64_t seconds) { return {seconds * kSecondNs}; }

}  // namespace merlon::evidence
