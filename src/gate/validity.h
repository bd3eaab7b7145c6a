#pragma once

// For how long the hours of an environment stay as they are: until its window closes, or a freeze
// begins.
//
// The idea: the input holds the hour in each zone, so what is left of a window is a difference of
// two hours of one clock. Where that clock is put back or forward in between, the answer is off by
// as much; a verdict is short-lived, and the gate is asked again.
//
// Thread-safe: no state. Cost: the windows and freezes of one environment.

#include <cstdint>

#include "value/value.h"

namespace merlon::gate {

// `input`: of a gate (gate/input.h); `now_s`: its time. INT64_MAX where nothing ends.
std::int64_t seconds_until_closed(const value::Value& input, std::int64_t now_s);

}  // namespace merlon::gate
