#include "evidence/snapshots.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "evidence/history.h"
#include "evidence/seconds.h"

namespace merlon::evidence {
namespace {

// States of `snapshot`.
constexpr std::int64_t kOpen = 0, kNew = 1, kReopened = 2, kFixed = 3, kDecided = 4;

std::int64_t day_of(std::int64_t seconds) { return seconds - seconds % kDayS; }

// What is counted: day, scope, severity, state.
using Counted = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

class SnapshotTaker {
  public:
    SnapshotTaker(Database& database, std::int64_t first, std::int64_t last)
        : database_(database), first_(first), last_(last) {}

    // The days stand behind one that was taken, or are the first.
    Status take(const std::optional<SnapshotSpan>& before, Timestamp now) {
        if (before) MERLON_TRY(read_open(before->until_s));
        const std::int64_t since = before ? first_ : 0;
        MERLON_TRY(each_episode(
            database_, {}, now, [&](const Episode& episode) { count(episode, since); }, since));
        carry_on();
        return write();
    }

  private:
    // What was open before stays so until an episode ends.
    Status read_open(std::int64_t day) {
        return database_.each_row(
            "SELECT scope, severity, n FROM snapshot WHERE day = $1 AND state = 0", {day},
            [&](Cells row) {
                counts_[{first_, integer_of(row[0]), integer_of(row[1]), kOpen}] +=
                    integer_of(row[2]);
            });
    }

    void count(const Episode& episode, std::int64_t since) {
        using Begin = Episode::Begin;
        using End = Episode::End;
        if (episode.begin_s >= since) add(episode, episode.begin_s, kOpen, 1);
        if (episode.begin_s >= first_ && episode.begin != Begin::kOtherSeverity)
            add(episode, episode.begin_s, episode.begin == Begin::kNew ? kNew : kReopened, 1);
        if (episode.end == End::kStillOpen || episode.end_s < since) return;
        add(episode, episode.end_s, kOpen, -1);
        if (episode.end_s >= first_ && episode.end != End::kOtherSeverity)
            add(episode, episode.end_s, episode.end == End::kFixed ? kFixed : kDecided, 1);
    }

    void add(const Episode& episode, std::int64_t at_s, std::int64_t state, std::int64_t n) {
        const std::int64_t day = std::max(day_of(at_s), first_);
        if (day > last_) return;
        counts_[{day, episode.scope, static_cast<std::int64_t>(episode.severity), state}] += n;
    }

    // Each day's changes become what was open at its end.
    void carry_on() {
        for (std::int64_t day = first_; day < last_; day += kDayS) {
            // What is added stands behind all of the day.
            for (auto at = counts_.lower_bound({day, 0, 0, 0});
                 at != counts_.end() && std::get<0>(at->first) == day; ++at) {
                const auto [of, scope, severity, state] = at->first;
                if (state == kOpen) counts_[{day + kDayS, scope, severity, kOpen}] += at->second;
            }
        }
    }

    Status write() {
        std::erase_if(counts_, [](const auto& counted) { return counted.second == 0; });
        constexpr Column kColumns[] = {{"day"}, {"scope"}, {"severity"}, {"state"}, {"n"}};
        auto at = counts_.begin();
        return database_.append("snapshot", kColumns, [&](std::span<Cell> row) {
            if (at == counts_.end()) return false;
            const auto [day, scope, severity, state] = at->first;
            const std::initializer_list<Cell> cells = {day, scope, severity, state, at->second};
            std::ranges::copy(cells, row.begin());
            ++at;
            return true;
        });
    }

    Database& database_;
    std::int64_t first_, last_;
    std::map<Counted, std::int64_t> counts_;
};

Status write_span(Database& database, std::string_view name, std::int64_t day) {
    const std::string value = std::to_string(day);
    return database.run(
        "INSERT INTO meta (name, value) VALUES ($1, $2) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        {name, std::string_view(value)});
}

}  // namespace

Result<std::int64_t> take_snapshots(Database& database, Timestamp now) {
    const std::optional<SnapshotSpan> before = MERLON_TRY(snapshot_span(database));
    const std::int64_t last = day_of(seconds_of(now)) - kDayS;
    std::int64_t first = last;
    if (before) {
        first = before->until_s + kDayS;
    } else if (const std::int64_t since = MERLON_TRY(history_since(database)); last <= since) {
        return 0;  // the day on which history begins is not known as a whole
    }
    if (first > last) return 0;
    MERLON_TRY(SnapshotTaker(database, first, last).take(before, now));
    if (!before) MERLON_TRY(write_span(database, "snapshots_from", first));
    MERLON_TRY(write_span(database, "snapshots_until", last));
    return (last - first) / kDayS + 1;
}

Result<std::optional<SnapshotSpan>> snapshot_span(Database& database) {
    const auto read = [&](std::string_view name) {
        return database.number("SELECT CAST(value AS BIGINT) FROM meta WHERE name = $1", {name},
                               -1);
    };
    const std::int64_t from = MERLON_TRY(read("snapshots_from"));
    const std::int64_t until = MERLON_TRY(read("snapshots_until"));
    if (from < 0 || until < from) return std::optional<SnapshotSpan>();
    return std::optional(SnapshotSpan{from, until});
}

Status read_snapshots(Database& database, const std::optional<std::vector<std::int64_t>>& scopes,
                      std::vector<TrendDay>& days) {
    if (days.empty() || (scopes && scopes->empty())) return {};
    std::string chosen;
    if (scopes)
        for (const std::int64_t scope : *scopes)
            chosen += (chosen.empty() ? " AND scope IN (" : ", ") + std::to_string(scope);
    if (scopes) chosen += ')';
    const std::int64_t first = days.front().day_s;
    return database.each_row(
        fmt::format("SELECT day, severity, state, CAST(sum(n) AS BIGINT) FROM snapshot WHERE "
                    "day >= $1 AND day <= $2{} GROUP BY day, severity, state",
                    chosen),
        {first, days.back().day_s}, [&](Cells row) {
            TrendDay& day = days[static_cast<std::size_t>((integer_of(row[0]) - first) / kDayS)];
            const auto severity = static_cast<std::size_t>(integer_of(row[1]));
            const std::int64_t state = integer_of(row[2]), n = integer_of(row[3]);
            if (severity >= kSeverities) return;
            if (state == kOpen) day.open[severity] += n;
            if (state == kNew) day.fresh += n;
            if (state == kReopened) day.reopened += n;
            if (state == kFixed) day.fixed += n;
            if (state == kDecided) day.decided += n;
        });
}

}  // namespace merlon::evidence
