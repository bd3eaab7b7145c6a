#include "evidence/trends.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "evidence/decisions.h"
#include "evidence/filter_query.h"
#include "evidence/history.h"
#include "evidence/seconds.h"

namespace merlon::evidence {
namespace {

constexpr std::int64_t kSoonS = 7 * kDayS;
constexpr std::int64_t kStillSo = std::numeric_limits<std::int64_t>::max();

std::int64_t day_of(std::int64_t seconds) { return seconds - seconds % kDayS; }

// What a finding was for a while.
struct Version {
    std::int64_t finding = 0, first_seen = 0, until = 0;
    std::size_t severity = 0;
    bool is_gone = false, is_suppressed = false;
    Verdict verdict = Verdict::kNone;
    std::int64_t expires = 0;
};

// Makes episodes of versions, which come by finding and in order.
class EpisodeMaker {
  public:
    EpisodeMaker(std::int64_t now_s, const std::function<void(const Episode& episode)>& use)
        : now_s_(now_s), use_(use) {}

    void take(const Version& version) {
        if (version.finding != finding_) start(version);
        const std::int64_t until = std::min(version.until, now_s_);
        const bool is_there = !version.is_gone && !version.is_suppressed;
        // Until its end a decision holds, and no longer.
        if (is_there && closes(version.verdict) && version.expires > at_) {
            become(false, version, at_);
            if (version.expires < until) become(true, version, version.expires);
        } else {
            become(is_there, version, at_);
        }
        at_ = std::max(at_, until);
    }

    void finish() {
        if (is_open_) end(Episode::End::kStillOpen, now_s_);
        is_open_ = false;
    }

  private:
    void start(const Version& version) {
        finish();
        finding_ = version.finding;
        at_ = version.first_seen;
        was_open_ = false;
    }

    void become(bool is_open, const Version& version, std::int64_t at) {  // NOLINT: a fact
        const bool is_other = is_open_ && version.severity != episode_.severity;
        if (is_open == is_open_ && !is_other) return;
        if (is_open_) {
            end(is_open           ? Episode::End::kOtherSeverity
                : version.is_gone ? Episode::End::kFixed
                                  : Episode::End::kDecided,
                at);
        }
        if (is_open) begin(version, at);
        is_open_ = is_open;
    }

    void begin(const Version& version, std::int64_t at) {
        using Begin = Episode::Begin;
        const std::int64_t opened = is_open_ ? episode_.opened_s : at;
        episode_ = {.finding = finding_,
                    .severity = version.severity,
                    .begin_s = at,
                    .end_s = at,
                    .opened_s = opened,
                    .begin = is_open_    ? Begin::kOtherSeverity
                             : was_open_ ? Begin::kReopened
                                         : Begin::kNew,
                    .end = Episode::End::kStillOpen};
        was_open_ = true;
    }

    void end(Episode::End how, std::int64_t at) {
        episode_.end = how;
        episode_.end_s = at;
        use_(episode_);
    }

    std::int64_t now_s_;
    const std::function<void(const Episode& episode)>& use_;
    std::int64_t finding_ = 0, at_ = 0;
    bool is_open_ = false, was_open_ = false;
    Episode episode_;
};

std::int64_t mean(const std::vector<std::int64_t>& all) {
    std::int64_t sum = 0;
    for (const std::int64_t one : all) sum += one;
    return all.empty() ? 0 : sum / static_cast<std::int64_t>(all.size());
}

std::int64_t median(std::vector<std::int64_t>& all) {
    if (all.empty()) return 0;
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    std::ranges::nth_element(all, middle);
    return *middle;
}

// One row of a report, while its episodes come.
struct RowMaker {
    ReportRow row;
    std::vector<std::int64_t> ages, repairs;

    void take(const Episode& episode, const ReportRequest& request) {
        const std::int64_t now_s = seconds_of(request.now);
        const std::int64_t days = request.days[episode.severity];
        const std::int64_t due = episode.opened_s + days * kDayS;
        if (episode.end == Episode::End::kStillOpen) {
            ++row.open;
            ages.push_back(now_s - episode.opened_s);
            row.overdue += days > 0 && due < now_s ? 1 : 0;
            row.due_soon += days > 0 && due >= now_s && due < now_s + kSoonS ? 1 : 0;
            return;
        }
        const bool is_asked = episode.end_s >= seconds_of(request.from) &&
                              episode.end_s < seconds_of(request.to) + kDayS;
        if (!is_asked) return;
        if (episode.end == Episode::End::kDecided) ++row.decided;
        if (episode.end != Episode::End::kFixed) return;
        ++row.fixed;
        repairs.push_back(episode.end_s - episode.opened_s);
        if (days == 0) return;
        ++row.fixed_with_end;
        row.fixed_in_time += episode.end_s <= due ? 1 : 0;
    }

    ReportRow finish() {
        row.age_mean_s = mean(ages);
        row.age_oldest_s = ages.empty() ? 0 : *std::ranges::max_element(ages);
        row.age_median_s = median(ages);
        row.repair_mean_s = mean(repairs);
        row.repair_median_s = median(repairs);
        return row;
    }
};

// What stands in the rows and needs no history.
Status count_states(Database& database, const ReportRequest& request, FindingsReport& report) {
    FilterQuery query = MERLON_TRY(filter_query(database, request.filter, request.now));
    const std::string now = query.bind(seconds_of(request.now));
    return database.each_row(
        fmt::format("SELECT f.severity, "
                    "CAST(sum(CASE WHEN f.open = 1 AND f.detection = 1 THEN 1 ELSE 0 END) AS "
                    "BIGINT), "
                    "CAST(sum(CASE WHEN f.open = 1 AND f.owner = '' THEN 1 ELSE 0 END) AS BIGINT), "
                    "CAST(sum(CASE WHEN f.detection < 2 AND f.verdict IN (1, 2, 3) AND f.expires > "
                    "{} THEN 1 ELSE 0 END) AS BIGINT) FROM finding f WHERE {} GROUP BY f.severity",
                    now, query.condition()),
        query.parameters(), [&](Cells row) {
            const auto severity = static_cast<std::size_t>(integer_of(row[0]));
            if (severity >= kSeverities) return;
            for (ReportRow* into : {&report.rows[severity], &report.all}) {
                into->unknown += integer_of(row[1]);
                into->unowned += integer_of(row[2]);
                into->accepted += integer_of(row[3]);
            }
        });
}

}  // namespace

Status each_episode(Database& database, const Filter& filter, Timestamp now,
                    const std::function<void(const Episode& episode)>& use) {
    const FilterQuery query = MERLON_TRY(filter_query(database, filter, now));
    EpisodeMaker maker(seconds_of(now), use);
    MERLON_TRY(database.each_row(
        fmt::format("SELECT f.id, f.first_seen, k.until, k.severity, k.detection, CASE WHEN "
                    "k.suppressed = '' THEN 0 ELSE 1 END, k.verdict, k.expires FROM finding f "
                    "JOIN finding_past k ON k.finding = f.id WHERE {0} UNION ALL "
                    "SELECT f.id, f.first_seen, {1}, f.severity, f.detection, CASE WHEN "
                    "f.suppressed = '' THEN 0 ELSE 1 END, f.verdict, f.expires FROM finding f "
                    "WHERE {0} ORDER BY 1, 3",
                    query.condition(), kStillSo),
        query.parameters(), [&](Cells row) {
            const auto severity = static_cast<std::size_t>(integer_of(row[3]));
            maker.take({.finding = integer_of(row[0]),
                        .first_seen = integer_of(row[1]),
                        .until = integer_of(row[2]),
                        .severity = std::min(severity, kSeverities - 1),
                        .is_gone = integer_of(row[4]) == 2,
                        .is_suppressed = integer_of(row[5]) == 1,
                        .verdict = static_cast<Verdict>(integer_of(row[6])),
                        .expires = integer_of(row[7])});
        }));
    maker.finish();
    return {};
}

Result<Trend> trend_of(Database& database, const TrendRequest& request) {
    Trend trend;
    const std::int64_t since = MERLON_TRY(history_since(database));
    const std::int64_t to = day_of(std::min(seconds_of(request.to), seconds_of(request.now)));
    std::int64_t from = day_of(seconds_of(request.from));
    // The day on which history begins is not known as a whole.
    if (since > 0 && from <= since) {
        from = day_of(since) + kDayS;
        trend.known_since_s = since;
    }
    if ((to - from) / kDayS >= kMostTrendDays)
        return Error{fmt::format("a trend is of at most {} days", kMostTrendDays)};
    for (std::int64_t day = from; day <= to; day += kDayS) trend.days.push_back({.day_s = day});
    if (trend.days.empty()) return trend;
    const auto count = static_cast<std::int64_t>(trend.days.size());
    // Changes of the first day hold those before it, too.
    const auto day_at = [&](std::int64_t at_s) -> TrendDay* {
        const std::int64_t index = at_s < from ? 0 : (at_s - from) / kDayS;
        return index < count ? &trend.days[static_cast<std::size_t>(index)] : nullptr;
    };
    MERLON_TRY(each_episode(database, request.filter, request.now, [&](const Episode& episode) {
        TrendDay* const first = day_at(episode.begin_s);
        if (first == nullptr) return;
        ++first->open[episode.severity];
        if (episode.begin_s >= from) {
            first->fresh += episode.begin == Episode::Begin::kNew ? 1 : 0;
            first->reopened += episode.begin == Episode::Begin::kReopened ? 1 : 0;
        }
        if (episode.end == Episode::End::kStillOpen) return;
        TrendDay* const last = day_at(episode.end_s);
        if (last == nullptr) return;
        --last->open[episode.severity];
        if (episode.end_s < from) return;
        last->fixed += episode.end == Episode::End::kFixed ? 1 : 0;
        last->decided += episode.end == Episode::End::kDecided ? 1 : 0;
    }));
    for (std::size_t i = 1; i < trend.days.size(); ++i)
        for (std::size_t severity = 0; severity < kSeverities; ++severity)
            trend.days[i].open[severity] += trend.days[i - 1].open[severity];
    return trend;
}

Result<FindingsReport> report_of(Database& database, const ReportRequest& request) {
    FindingsReport report;
    std::array<RowMaker, kSeverities> rows;
    RowMaker all;
    MERLON_TRY(each_episode(database, request.filter, request.now, [&](const Episode& episode) {
        rows[episode.severity].take(episode, request);
        all.take(episode, request);
    }));
    for (std::size_t i = 0; i < kSeverities; ++i) report.rows[i] = rows[i].finish();
    report.all = all.finish();
    MERLON_TRY(count_states(database, request, report));
    return report;
}

}  // namespace merlon::evidence
