#pragma once

// Deltas of pack entries (gitformat-pack, "Deltified representation"): instructions that copy from
// a base or insert bytes of their own.
//
// Every offset and length is checked against the base and the result before it is used; a delta
// either gives exactly the bytes that it announces or is refused.
//
// Thread-safe: no state. Cost: one pass over the delta, one copy of the result.

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace merlon::connect::git {

struct DeltaHeader {
    std::uint64_t base_size = 0;
    std::uint64_t result_size = 0;
    std::size_t instructions_at = 0;
};

Result<DeltaHeader> read_delta_header(std::string_view delta);

// Writes header.result_size bytes to `out`. On failure `out` holds nothing of worth.
Status apply_delta(std::string_view base, std::string_view delta, const DeltaHeader& header,
                   char* out);

}  // namespace merlon::connect::git
