#pragma once

// The affected ranges that patched and unaffected versions leave over (RustSec, ruby-advisory-db).
//
// The idea: each requirement is an interval from a version to before another one; what no interval
// holds is affected. An edge that includes its version ("<= 1.2.3") becomes the next version that
// there can be.
//
// Thread-safe: no state. Cost: a sort of some intervals.

#include <string_view>

#include "base/result.h"
#include "exchange/patched_feeds.h"

namespace merlon::sca {

// The advisory's record with its ranges. Fails for a requirement that cannot be read.
Result<exchange::OsvRecord> with_ranges(exchange::PatchedAdvisory advisory);

}  // namespace merlon::sca
