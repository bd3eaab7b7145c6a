#include "evidence/history.h"

#include <fmt/core.h>

#include "evidence/row_hash.h"
#include "evidence/seconds.h"

namespace merlon::evidence {
std::string findings_at(const AsOf& as_of) {
    if (!as_of) return "finding";
    constexpr std::string_view kKept[] = {
        "stream", "rule",  "severity", "risk",     "detection", "suppressed", "open",    "path",
        "line",   "title", "owner",    "decision", "verdict",   "expires",    "package", "changed"};
    std::string columns;
    for (const std::string_view column : kKept)
        columns += fmt::format(", coalesce(k.{0}, n.{0}) AS {0}", column);
    return fmt::format(
        "(SELECT n.id AS id, n.scope AS scope, n.family AS family, n.first_seen AS first_seen, "
        "n.maybe_moved_from AS maybe_moved_from{0} FROM finding n LEFT JOIN finding_past k "
        "ON k.finding = n.id AND k.until = (SELECT min(q.until) FROM finding_past q "
        "WHERE q.finding = n.id AND q.until > {1}) WHERE n.first_seen <= {1})",
        columns, seconds_of(*as_of));
}

std::string presence_state_at(const AsOf& as_of) {
    if (!as_of) return "r.state";
    // 1 is absent, as one is that was not seen yet.
    return fmt::format(
        "(CASE WHEN (SELECT a.received FROM analysis a WHERE a.id = r.first_analysis) > {0} THEN 1 "
        "ELSE coalesce((SELECT q.state FROM presence_past q WHERE q.finding = r.finding AND "
        "q.stream = r.stream AND q.until > {0} ORDER BY q.until LIMIT 1), r.state) END)",
        seconds_of(*as_of));
}

Status check_moment(Database& database, Timestamp moment, Timestamp now) {
    if (moment > now) return Error{format_rfc3339(moment) + " is still to come"};
    const std::int64_t since = MERLON_TRY(history_since(database));
    if (seconds_of(moment) >= since) return {};
    return Error{
        fmt::format("what findings were is known since {}, when the store was last "
                    "written before it kept history",
                    format_rfc3339({since * kSecondNs}))};
}

Result<std::int64_t> history_since(Database& database) {
    return database.number("SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'history_since'",
                           {}, 0);
}

Result<std::int64_t> last_event_at(Database& database, Timestamp moment) {
    return database.number("SELECT max(seq) FROM event WHERE at_ms < $1",
                           {(seconds_of(moment) + 1) * 1000}, 0);
}

Result<std::string> past_digest(Database& database, std::int64_t second) {
    RowHash hash;
    const auto take = [&](Cells row) { hash.take(row); };
    MERLON_TRY(database.each_row(
        "SELECT finding, stream, rule, severity, risk, detection, suppressed, open, path, line, "
        "title, owner, changed, decision, verdict, expires, package FROM finding_past "
        "WHERE until = $1 ORDER BY finding",
        {second}, take));
    MERLON_TRY(
        database.each_row("SELECT finding, stream, state, since_analysis FROM presence_past "
                          "WHERE until = $1 ORDER BY finding, stream",
                          {second}, take));
    return hash.rows() == 0 ? std::string() : hash.finish();
}

}  // namespace merlon::evidence
