#include "evidence/standing.h"

#include <fmt/core.h>

#include "evidence/decisions.h"
#include "evidence/fix_end.h"

namespace merlon::evidence {
namespace {

class Deriver {
  public:
    Deriver(Database& database, std::string_view staged, std::int64_t now_s)
        : database_(database), staged_(staged), now_s_(now_s) {}

    Result<StandingChange> derive() {
        StandingChange change;
        change.open_before = MERLON_TRY(count_open());
        MERLON_TRY(move_counters(-1));
        MERLON_TRY(update());
        MERLON_TRY(move_counters(+1));
        change.open_after = MERLON_TRY(count_open());
        return change;
    }

  private:
    Result<std::int64_t> count_open() {
        return database_.number(fmt::format("SELECT count(*) FROM {} s CROSS JOIN finding f "
                                            "WHERE f.id = s.finding AND f.open = 1",
                                            staged_),
                                {}, 0);
    }

    Status move_counters(std::int64_t sign) {
        return database_.run(
            fmt::format("INSERT INTO counter (scope, severity, open, n) SELECT f.scope, "
                        "f.severity, f.open, $1 * count(*) FROM {} s CROSS JOIN finding f "
                        "WHERE f.id = s.finding GROUP BY f.scope, f.severity, f.open "
                        "ON CONFLICT (scope, severity, open) DO UPDATE "
                        "SET n = counter.n + excluded.n",
                        staged_),
            {sign});
    }

    Status update() {
        const std::string candidates = decisions_query(
            staged_,
            "s.finding AS finding, d.id AS id, d.verdict AS verdict, "
            "d.expires AS expires, d.weight AS weight",
            "d.current = 1 AND d.verdict > 0 AND d.expires > $1 AND " + std::string(kNotFixed));
        const std::string ranked = fmt::format(
            "SELECT finding, id, verdict, expires, row_number() OVER (PARTITION BY finding "
            "ORDER BY weight DESC, id DESC) AS place FROM ({}) c",
            candidates);
        return database_.run(
            fmt::format("UPDATE finding SET decision = w.id, verdict = w.verdict, "
                        "expires = w.expires, changed = $1, open = {} "
                        "FROM (SELECT s.finding AS finding, coalesce(r.id, 0) AS id, "
                        "coalesce(r.verdict, 0) AS verdict, coalesce(r.expires, 0) AS expires "
                        "FROM {} s LEFT JOIN ({}) r ON r.finding = s.finding AND r.place = 1) w "
                        "WHERE finding.id = w.finding AND finding.decision <> w.id",
                        open_expression("finding.detection", "w.verdict"), staged_, ranked),
            {now_s_});
    }

    Database& database_;
    std::string_view staged_;
    std::int64_t now_s_;
};

}  // namespace

std::string open_expression(std::string_view detection, std::string_view verdict) {
    return fmt::format(
        "CASE WHEN {} < 2 AND finding.suppressed = '' AND {} NOT IN {} THEN 1 ELSE 0 END",
        detection, verdict, kClosingVerdicts);
}

std::string reopened_condition(std::string_view now_s) {
    return fmt::format(
        "(f.open = 0 AND f.expires > 0 AND f.expires <= {} AND f.detection < 2 AND "
        "f.suppressed = '')",
        now_s);
}

std::string open_condition(std::string_view now_s) {
    return fmt::format("(f.open = 1 OR {})", reopened_condition(now_s));
}

std::string decisions_query(std::string_view staged, std::string_view columns,
                            std::string_view condition) {
    // By finding, by rule (and perhaps package), by package alone: each has its index.
    return fmt::format(
        "SELECT {1} FROM {0} s CROSS JOIN decision d WHERE d.finding = s.finding AND {2} "
        "UNION ALL "
        "SELECT {1} FROM {0} s CROSS JOIN finding f CROSS JOIN scope o CROSS JOIN rule r "
        "CROSS JOIN decision d WHERE f.id = s.finding AND o.id = f.scope AND r.family = f.family "
        "AND d.finding = 0 AND d.rule = r.name AND d.tool IN ('', r.tool) "
        "AND d.scope IN ('', o.name) AND d.package IN ('', f.package, f.component) "
        "AND d.version IN ('', f.version) AND {2} "
        "UNION ALL "
        "SELECT {1} FROM {0} s CROSS JOIN finding f CROSS JOIN scope o CROSS JOIN family m "
        "CROSS JOIN decision d WHERE f.id = s.finding AND o.id = f.scope AND m.id = f.family "
        "AND d.finding = 0 AND d.rule = '' AND f.package <> '' AND d.package = f.package "
        "AND d.tool IN ('', m.tool) AND d.scope IN ('', o.name) "
        "AND d.version IN ('', f.version) AND {2}",
        staged, columns, condition);
}

Result<StandingChange> derive_standing(Database& database, std::string_view staged,
                                       std::int64_t now_s) {
    return Deriver(database, staged, now_s).derive();
}

}  // namespace merlon::evidence
