#pragma once

// Bills of materials of a store held against today's advisories: for `merlon store rematch`, behind
// `merlon db update`, and as a job of workers.
//
// The idea: each bill is an import of its own, so that what was interrupted goes on with the next
// one, and the same advisories change nothing.
//
// Not thread-safe: the connection belongs to one thread. Cost: reading and matching each bill.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/clock.h"
#include "evidence/database.h"
#include "evidence/worker.h"

namespace merlon::cli {

inline constexpr std::string_view kRematchKind = "rematch";

struct RematchRequest {
    std::string advisories;  // the database
    std::string actor;
    const Clock* clock = nullptr;
    const CancelToken* cancel = nullptr;
};

struct Rematch {
    std::uint64_t bills = 0, fresh = 0, closed = 0;
    std::string lines;  // one for each bill, and the sum
};
Result<Rematch> rematch_bills(evidence::Database& store, const RematchRequest& request);

evidence::JobEnd run_rematch_job(const evidence::JobContext& context,
                                 const std::string& advisories);

}  // namespace merlon::cli
