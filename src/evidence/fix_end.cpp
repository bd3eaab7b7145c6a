#include "evidence/fix_end.h"

#include <vector>

#include "evidence/event_log.h"
#include "evidence/merge_write.h"
#include "evidence/seconds.h"
#include "evidence/standing.h"
#include "exchange/report_read.h"
#include "text/json.h"

namespace merlon::evidence {
namespace {

constexpr std::string_view kStagedFixes = "stage_fixed";

struct Ended {
    std::int64_t decision = 0, finding = 0;
    std::string version;
};

std::string event_body(const std::vector<Ended>& ended, std::int64_t opened) {
    std::string body;
    text::JsonWriter json(body);
    json.begin_object().key("findings").begin_array();
    for (const Ended& one : ended) {
        json.begin_object().key("finding").integer(one.finding);
        json.key("decision").integer(one.decision).member("fixedIn", one.version).end_object();
    }
    json.end_array().key("opened").integer(opened).end_object();
    return body;
}

}  // namespace

std::string fix_in(std::string_view body) {
    const auto finding = exchange::read_finding(body);
    if (!finding.ok()) return {};
    const auto fixed = finding.value().properties.find("fixed");
    return fixed == finding.value().properties.end() ? std::string() : fixed->second;
}

Result<std::uint64_t> settle_fixed(Database& database, std::string_view actor, Timestamp now) {
    const std::int64_t any = MERLON_TRY(database.number(
        "SELECT count(*) FROM decision WHERE until_fix = 1 AND current = 1", {}, 0));
    if (any == 0) return std::uint64_t{0};
    std::vector<Ended> ended;
    MERLON_TRY(database.each_row(
        "SELECT f.decision, f.id, b.body FROM finding f JOIN decision d ON d.id = f.decision "
        "JOIN finding_detail b ON b.finding = f.id WHERE f.expires > 0 AND d.until_fix = 1 "
        "AND f.detection <> 2 ORDER BY f.id",
        {}, [&](Cells row) {
            if (std::string version = fix_in(text_of(row[2])); !version.empty())
                ended.push_back({integer_of(row[0]), integer_of(row[1]), std::move(version)});
        }));
    if (ended.empty()) return std::uint64_t{0};
    Ids findings;
    for (const Ended& one : ended) {
        findings.push_back(one.finding);
        MERLON_TRY(
            database.run("INSERT INTO fix_found (decision, finding, event) VALUES ($1, $2, 0) "
                         "ON CONFLICT (decision, finding) DO NOTHING",
                         {one.decision, one.finding}));
    }
    MERLON_TRY(stage_ids(database, kStagedFixes, findings));
    const StandingChange change =
        MERLON_TRY(derive_standing(database, kStagedFixes, seconds_of(now)));
    const std::int64_t event = MERLON_TRY(append_event(
        database, {.at = now,
                   .actor = std::string(actor),
                   .kind = "decision.fix_found",
                   .body = event_body(ended, change.open_after - change.open_before)}));
    MERLON_TRY(database.run("UPDATE fix_found SET event = $1 WHERE event = 0", {event}));
    // What stands now may be of this kind as well.
    return ended.size() + MERLON_TRY(settle_fixed(database, actor, now));
}

}  // namespace merlon::evidence
