#pragma once

// How findings develop: open by day and severity, what comes and goes, how long it takes, and
// whether that is in time.
//
// The idea: from its history (evidence/history.h) each finding is a row of episodes: it is open
// from here until there, as severe as this, and ends because it is gone (fixed) or because somebody
// decided. All figures are sums over episodes, so they agree with each other and are the same
// whenever they are made. Days that are over may have been taken by a worker
// (evidence/snapshots.h), and are then not counted again. A decision that ended opens its finding
// at that very moment, whether a writer came by or not.
//
// A filter is asked of what findings are today. Days are UTC.
//
// Not thread-safe: the connection belongs to one thread. Cost: one pass over the findings of the
// filter and their history, sorted by the database.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "evidence/database.h"
#include "evidence/filter.h"
#include "evidence/seconds.h"
#include "model/severity.h"

namespace merlon::evidence {

inline constexpr std::size_t kSeverities = 5;
using BySeverity = std::array<std::int64_t, kSeverities>;

// A time in which a finding was open and of one severity.
struct Episode {
    std::int64_t finding = 0;
    std::int64_t scope = 0;
    std::size_t severity = 0;
    std::int64_t begin_s = 0, end_s = 0;
    std::int64_t opened_s = 0;  // since when it was open, of whatever severity
    enum class Begin : std::uint8_t { kNew, kReopened, kOtherSeverity } begin = Begin::kNew;
    enum class End : std::uint8_t {
        kStillOpen,
        kFixed,
        kDecided,
        kOtherSeverity
    } end = End::kStillOpen;
};

// Of the findings that something happened to since then, where a time is given.
Status each_episode(Database& database, const Filter& filter, Timestamp now,
                    const std::function<void(const Episode& episode)>& use,
                    std::int64_t changed_since_s = 0);

struct TrendRequest {
    Filter filter;
    Timestamp from, to;  // days, both in it
    Timestamp now;
};
struct TrendDay {
    std::int64_t day_s = 0;  // its beginning
    BySeverity open{};       // at its end, or now
    std::int64_t fresh = 0, reopened = 0, fixed = 0, decided = 0;
};
struct Trend {
    std::vector<TrendDay> days;
    std::int64_t known_since_s = 0;  // days before are not in it; 0: all are
};
// At most kMostTrendDays.
Result<Trend> trend_of(Database& database, const TrendRequest& request);
inline constexpr std::int64_t kMostTrendDays = 3660;

// Days within which findings of a severity are to be closed; 0: no end is set.
using ServiceLevels = BySeverity;
inline constexpr ServiceLevels kDefaultServiceLevels = {0, 180, 90, 30, 7};

struct ReportRequest {
    Filter filter;
    Timestamp from, to;  // of what was closed
    Timestamp now;
    ServiceLevels days = kDefaultServiceLevels;
};
struct ReportRow {
    std::int64_t open = 0, unknown = 0, unowned = 0, accepted = 0;
    std::int64_t age_mean_s = 0, age_median_s = 0, age_oldest_s = 0;  // of the open ones
    std::int64_t overdue = 0, due_soon = 0;                           // within a week
    std::int64_t fixed = 0, decided = 0;                              // in the time that was asked
    std::int64_t repair_mean_s = 0, repair_median_s = 0;              // of the fixed ones
    std::int64_t fixed_in_time = 0;  // of those that have an end set
    std::int64_t fixed_with_end = 0;
};
struct FindingsReport {
    std::array<ReportRow, kSeverities> rows;  // by severity
    ReportRow all;
};
Result<FindingsReport> report_of(Database& database, const ReportRequest& request);

}  // namespace merlon::evidence
