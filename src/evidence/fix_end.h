#pragma once

// Decisions that end when a fix is available.
//
// The idea: whether there is one, the finding itself says as its tool last told it ("fixed", the
// first version that has it), so that each import and each rematch answers it. What ended so is a
// row beside the decision, for one finding each, and the decision goes on for the others.
//
// Not thread-safe: the connection belongs to one thread. Cost: the bodies of findings that stand
// under such a decision.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "evidence/database.h"

namespace merlon::evidence {

// The version that mends the finding, of its body as in our JSON report; empty: none is known.
// Fails for what is no finding: nobody may take that for one without a fix.
Result<std::string> fix_in(std::string_view body);

// In SQL: whether decision d still holds for the finding s.finding.
inline constexpr std::string_view kNotFixed =
    "(d.until_fix = 0 OR NOT EXISTS (SELECT 1 FROM fix_found x WHERE x.decision = d.id AND "
    "x.finding = s.finding))";

// Ends what a known fix ends, with an event where it ends something. Within a transaction; the
// number of findings. Fails where a finding under such a decision cannot be read.
Result<std::uint64_t> settle_fixed(Database& database, std::string_view actor, Timestamp now);

}  // namespace merlon::evidence
