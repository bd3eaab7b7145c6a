#include "evidence/trends.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "evidence/decisions.h"
#include "evidence/filter_query.h"
#include "evidence/history.h"
#include "evidence/seconds.h"
#include "evidence/snapshots.h"
#include "evidence/standing.h"

namespace merlon::evidence {
namespace {

constexpr std::int64_t kSoonS = 7 * kDayS;
constexpr std::int64_t kStillSo = std::numeric_limits<std::int64_t>::max();

std::int64_t day_of(std::int64_t seconds) { return seconds - seconds % kDayS; }

// What a finding was for a while.
struct Version {
    std::int64_t finding = 0, scope = 0, first_seen = 0, until = 0;
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
        scope_ = version.scope;
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
                    .scope = scope_,
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
    std::int64_t finding_ = 0, scope_ = 0, at_ = 0;
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
    if (all.size() % 2 == 1) return *middle;
    // Of an even count it lies halfway between the two in the middle.
    const std::int64_t below = *std::max_element(all.begin(), middle);
    return below + (*middle - below) / 2;
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
    const std::string is_open = open_condition(now);
    return database.each_row(
        fmt::format(
            "SELECT f.severity, "
            "CAST(sum(CASE WHEN {2} AND f.detection = 1 THEN 1 ELSE 0 END) AS BIGINT), "
            "CAST(sum(CASE WHEN {2} AND f.owner = '' THEN 1 ELSE 0 END) AS BIGINT), "
            "CAST(sum(CASE WHEN f.detection < 2 AND f.verdict IN (1, 2, 3) AND f.expires > "
            "{0} THEN 1 ELSE 0 END) AS BIGINT) FROM finding f WHERE {1} GROUP BY f.severity",
            now, query.whole_condition(), is_open),
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
                    const std::function<void(const Episode& episode)>& use,
                    std::int64_t changed_since_s) {
    FilterQuery query = MERLON_TRY(filter_query(database, filter, now));
    if (changed_since_s > 0) {
        const std::string since = query.bind(changed_since_s);
        query.require(fmt::format(
            "(f.changed >= {0} OR f.first_seen >= {0} OR (f.expires > 0 AND f.expires >= {0}))",
            since));
    }
    EpisodeMaker maker(seconds_of(now), use);
    MERLON_TRY(database.each_row(
        fmt::format(
            "SELECT f.id, f.first_seen, k.until, k.severity, k.detection, CASE WHEN "
            "k.suppressed = '' THEN 0 ELSE 1 END, k.verdict, k.expires, f.scope FROM finding f "
            "JOIN finding_past k ON k.finding = f.id WHERE {0} UNION ALL "
            "SELECT f.id, f.first_seen, {1}, f.severity, f.detection, CASE WHEN "
            "f.suppressed = '' THEN 0 ELSE 1 END, f.verdict, f.expires, f.scope FROM finding f "
            "WHERE {0} ORDER BY 1, 3",
            query.whole_condition(), kStillSo),
        query.parameters(), [&](Cells row) {
            const auto severity = static_cast<std::size_t>(integer_of(row[3]));
            maker.take({.finding = integer_of(row[0]),
                        .scope = integer_of(row[8]),
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

namespace {

// Days in a row, from a day on, that episodes are counted into.
class DayCounter {
  public:
    DayCounter(std::int64_t from, std::vector<TrendDay>& days) : from_(from), days_(days) {}

    // Where an earlier day was counted already: without what began or ended before `from`.
    enum class Before : std::uint8_t { kIsCounted, kCountsOnFirstDay };
    void take(const Episode& episode, Before before) {
        const auto is_in = [&](std::int64_t at_s) {
            return at_s >= from_ || before == Before::kCountsOnFirstDay;
        };
        TrendDay* const first = day_at(episode.begin_s);
        if (first == nullptr) return;
        if (is_in(episode.begin_s)) ++first->open[episode.severity];
        if (episode.begin_s >= from_) {
            first->fresh += episode.begin == Episode::Begin::kNew ? 1 : 0;
            first->reopened += episode.begin == Episode::Begin::kReopened ? 1 : 0;
        }
        if (episode.end == Episode::End::kStillOpen) return;
        TrendDay* const last = day_at(episode.end_s);
        if (last == nullptr || !is_in(episode.end_s)) return;
        --last->open[episode.severity];
        if (episode.end_s < from_) return;
        last->fixed += episode.end == Episode::End::kFixed ? 1 : 0;
        last->decided += episode.end == Episode::End::kDecided ? 1 : 0;
    }

    // What changed on a day becomes what was open at its end.
    void finish() {
        for (std::size_t i = 1; i < days_.size(); ++i) {
            if (days_[i].day_s < from_) continue;
            for (std::size_t severity = 0; severity < kSeverities; ++severity)
                days_[i].open[severity] += days_[i - 1].open[severity];
        }
    }

  private:
    // Changes before the first day are its, too.
    TrendDay* day_at(std::int64_t at_s) {
        const std::int64_t index = (std::max(day_of(at_s), from_) - days_.front().day_s) / kDayS;
        return index < std::ssize(days_) ? &days_[static_cast<std::size_t>(index)] : nullptr;
    }

    std::int64_t from_;
    std::vector<TrendDay>& days_;
};

std::vector<TrendDay> days_between(std::int64_t from, std::int64_t to) {
    std::vector<TrendDay> days;
    for (std::int64_t day = from; day <= to; day += kDayS) days.push_back({.day_s = day});
    return days;
}

// Whether it says nothing but repositories, of which the numbers are written down.
Result<bool> has_repositories_alone(Database& database, const Filter& filter,
                                    std::optional<std::vector<std::int64_t>>& scopes) {
    if (filter.empty()) return true;
    const FilterTerm& term = filter.front();
    if (filter.size() > 1 || term.key != FilterKey::kScope || term.is_negated) return false;
    scopes.emplace();
    for (const std::string& name : term.texts) {
        const std::int64_t scope = MERLON_TRY(
            database.number("SELECT id FROM scope WHERE name = $1", {std::string_view(name)}, 0));
        if (scope != 0) scopes->push_back(scope);
    }
    return true;
}

// From snapshots, and behind the last one from what has changed since.
Result<std::vector<TrendDay>> days_of_snapshots(
    Database& database, const TrendRequest& request,
    const std::optional<std::vector<std::int64_t>>& scopes, std::int64_t from, std::int64_t to,
    std::int64_t until) {
    // The last one is what the days behind it begin with.
    std::vector<TrendDay> days = days_between(std::min(from, until), to);
    MERLON_TRY(read_snapshots(database, scopes, days));
    if (to > until) {
        DayCounter counter(until + kDayS, days);
        MERLON_TRY(each_episode(
            database, request.filter, request.now,
            [&](const Episode& episode) { counter.take(episode, DayCounter::Before::kIsCounted); },
            until + kDayS));
        counter.finish();
    }
    std::erase_if(days, [&](const TrendDay& day) { return day.day_s < from; });
    return days;
}

}  // namespace

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
    if (from > to) return trend;
    const std::optional<SnapshotSpan> taken = MERLON_TRY(snapshot_span(database));
    std::optional<std::vector<std::int64_t>> scopes;
    if (taken && from >= taken->from_s &&
        MERLON_TRY(has_repositories_alone(database, request.filter, scopes))) {
        trend.days =
            MERLON_TRY(days_of_snapshots(database, request, scopes, from, to, taken->until_s));
        return trend;
    }
    trend.days = days_between(from, to);
    DayCounter counter(from, trend.days);
    MERLON_TRY(each_episode(database, request.filter, request.now, [&](const Episode& episode) {
        counter.take(episode, DayCounter::Before::kCountsOnFirstDay);
    }));
    counter.finish();
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
