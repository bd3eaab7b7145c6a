#include "evidence/fix_end.h"

#include <fmt/core.h>

#include <vector>

#include "evidence/detail.h"
#include "evidence/event_log.h"
#include "evidence/history.h"
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

std::string event_body(const std::vector<Ended>& ended, std::int64_t opened,
                       std::string_view past) {
    std::string body;
    text::JsonWriter json(body);
    json.begin_object().key("findings").begin_array();
    for (const Ended& one : ended) {
        json.begin_object().key("finding").integer(one.finding);
        json.key("decision").integer(one.decision).member("fixedIn", one.version).end_object();
    }
    json.end_array().key("opened").integer(opened).member("past", past).end_object();
    return body;
}

}  // namespace

Result<std::string> fix_in(std::string_view body) {
    const model::Finding finding = MERLON_TRY(exchange::read_finding(body));
    const auto fixed = finding.properties.find("fixed");
    return fixed == finding.properties.end() ? std::string() : fixed->second;
}

Result<std::uint64_t> settle_fixed(Database& database, std::string_view actor, Timestamp now) {
    const std::int64_t any = MERLON_TRY(database.number(
        "SELECT count(*) FROM decision WHERE until_fix = 1 AND current = 1", {}, 0));
    if (any == 0) return std::uint64_t{0};
    std::vector<Ended> ended;
    Status is_readable;
    DetailReader details;
    MERLON_TRY(database.each_row(
        "SELECT f.decision, f.id, b.body FROM finding f JOIN decision d ON d.id = f.decision "
        "JOIN finding_detail b ON b.finding = f.id WHERE f.expires > 0 AND d.until_fix = 1 "
        "AND f.detection <> 2 ORDER BY f.id",
        {}, [&](Cells row) {
            const Result<std::string> body = details.read(bytes_of(row[2]));
            Result<std::string> version = body.ok() ? fix_in(body.value()) : body.error();
            if (!version.ok() && is_readable.ok())
                is_readable = Error{
                    fmt::format("whether finding {} has a fix cannot be read ({}): the store was "
                                "damaged; run 'merlon store check'",
                                integer_of(row[1]), version.error().message)};
            if (version.ok() && !version.value().empty())
                ended.push_back(
                    {integer_of(row[0]), integer_of(row[1]), std::move(version).value()});
        }));
    MERLON_TRY(std::move(is_readable));
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
    const std::string past = MERLON_TRY(past_digest(database, seconds_of(now)));
    const std::int64_t event = MERLON_TRY(append_event(
        database, {.at = now,
                   .actor = std::string(actor),
                   .kind = event_kind::kFixFound,
                   .body = event_body(ended, change.open_after - change.open_before, past)}));
    MERLON_TRY(database.run("UPDATE fix_found SET event = $1 WHERE event = 0", {event}));
    // What stands now may be of this kind as well.
    return ended.size() + MERLON_TRY(settle_fixed(database, actor, now));
}

}  // namespace merlon::evidence
