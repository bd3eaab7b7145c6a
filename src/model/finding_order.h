#pragma once

// The order of findings, without moving them: a finding is long.
//
// Thread-safe: no state. Cost: a sort of short keys.

#include <cstddef>
#include <vector>

#include "model/finding.h"

namespace merlon::model {

// Their places, in the order that `less` has them in; of equals the first stays the first.
std::vector<std::size_t> order_of(const std::vector<Finding>& findings);

}  // namespace merlon::model
