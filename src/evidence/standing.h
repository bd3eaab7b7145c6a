#pragma once

// Which decision stands for a finding, and with it whether the finding is open.
//
// Internal to decisions and merges. The idea: both stand beside the finding for the indices, and
// are derived for a set of findings at once, with the counters, whenever one of the two could
// change.
//
// Not thread-safe; within a transaction. Cost: a few look-ups for each finding of the set.

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/database.h"

namespace merlon::evidence {

// In SQL, whether `finding` is open; `detection` is the expression for that of it, `verdict` that
// for what was decided.
std::string open_expression(std::string_view detection, std::string_view verdict);

// In SQL, whether the finding `f` is open at `now_s` (a parameter, or a number): one whose decision
// has ended is, also where no writer has come since.
std::string open_condition(std::string_view now_s);
// The same of those alone that no writer has put right yet.
std::string reopened_condition(std::string_view now_s);

// A query of the decisions that concern the findings of the temporary table `staged`, which has a
// column `finding`: these `columns` of finding (as s.finding) and decision d, where `condition`
// holds.
std::string decisions_query(std::string_view staged, std::string_view columns,
                            std::string_view condition);

struct StandingChange {
    std::int64_t open_before = 0;
    std::int64_t open_after = 0;
};

// For the findings of the temporary table `staged`.
Result<StandingChange> derive_standing(Database& database, std::string_view staged,
                                       std::int64_t now_s);

}  // namespace merlon::evidence
