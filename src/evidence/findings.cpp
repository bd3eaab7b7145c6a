#include "evidence/findings.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

#include "base/hex.h"
#include "evidence/filter_query.h"

namespace merlon::evidence {
namespace {

constexpr std::string_view kRowColumns =
    "f.id, c.name, m.tool, f.rule, f.title, p.name, f.owner, f.suppressed, f.line, f.severity, "
    "f.detection, f.open, f.first_seen, f.changed, f.maybe_moved_from, f.risk, f.verdict, "
    "f.expires";
// Left, so that the findings are walked in their order, and each finds what it is joined with.
constexpr std::string_view kTables =
    "LEFT JOIN scope c ON c.id = f.scope LEFT JOIN family m ON m.id = f.family "
    "LEFT JOIN path p ON p.id = f.path";

FindingRow read_row(Cells row, std::int64_t now_s) {
    FindingRow made;
    made.id = integer_of(row[0]);
    std::string* const texts[] = {&made.scope, &made.tool,  &made.rule,         &made.title,
                                  &made.path,  &made.owner, &made.suppressed_by};
    for (std::size_t i = 0; i < std::size(texts); ++i) *texts[i] = text_of(row[i + 1]);
    made.line = static_cast<std::uint32_t>(integer_of(row[8]));
    made.severity = static_cast<model::Severity>(integer_of(row[9]));
    made.detection = static_cast<Detection>(integer_of(row[10]));
    made.is_open = integer_of(row[11]) == 1;
    made.first_seen_s = integer_of(row[12]);
    made.changed_s = integer_of(row[13]);
    made.maybe_moved_from = integer_of(row[14]);
    made.risk = integer_of(row[15]);
    made.verdict = static_cast<Verdict>(integer_of(row[16]));
    made.expires_s = integer_of(row[17]);
    if (made.expires_s > 0 && made.expires_s <= now_s) {  // and no writer has come since
        made.verdict = Verdict::kNone;
        made.expires_s = 0;
        made.is_open = made.detection != Detection::kGone && made.suppressed_by.empty();
    }
    return made;
}

// "RISK-ID" of the last row.
Result<std::pair<std::int64_t, std::int64_t>> parse_cursor(std::string_view text) {
    std::pair<std::int64_t, std::int64_t> cursor;
    const char* const end = text.data() + text.size();
    const auto risk = std::from_chars(text.data(), end, cursor.first);
    const bool has_more = risk.ec == std::errc{} && risk.ptr != end && *risk.ptr == '-';
    const auto id = has_more ? std::from_chars(risk.ptr + 1, end, cursor.second)
                             : std::from_chars_result{end, std::errc::invalid_argument};
    if (id.ec != std::errc{} || id.ptr != end)
        return Error{"'" + std::string(text) +
                     "' is no place to go on from: take what the page "
                     "before gave as 'next'"};
    return cursor;
}

std::string state_text(std::int64_t state) {
    constexpr std::array<std::string_view, 4> kStates{
        "present", "gone", "unknown: the last run was incomplete",
        "unknown: the last run was configured differently"};
    const auto index = static_cast<std::size_t>(state);
    return std::string(index < kStates.size() ? kStates[index] : "unknown");
}

// Where it was seen then, and since when; in which line of which branch is not kept.
Status read_past_presences(Database& database, std::int64_t id, Timestamp as_of,
                           FindingStory& story) {
    const std::int64_t moment = as_of.nanoseconds / 1'000'000'000;
    return database.each_row(
        "SELECT t.ref, t.category, coalesce(k.state, r.state), a.revision, b.revision, "
        "a.received, b.received FROM presence r JOIN stream t ON t.id = r.stream "
        "JOIN analysis a ON a.id = r.first_analysis LEFT JOIN presence_past k "
        "ON k.finding = r.finding AND k.stream = r.stream AND k.until = (SELECT min(q.until) FROM "
        "presence_past q WHERE q.finding = r.finding AND q.stream = r.stream AND q.until > $2) "
        "JOIN analysis b ON b.id = coalesce(k.since_analysis, r.since_analysis) "
        "WHERE r.finding = $1 AND a.received <= $2 ORDER BY t.ref, t.category, t.id",
        {id, moment}, [&](Cells row) {
            story.presences.push_back({.ref = std::string(text_of(row[0])),
                                       .category = std::string(text_of(row[1])),
                                       .state = state_text(integer_of(row[2])),
                                       .path = {},
                                       .line = 0,
                                       .first_revision = std::string(text_of(row[3])),
                                       .since_revision = std::string(text_of(row[4])),
                                       .first_s = integer_of(row[5]),
                                       .since_s = integer_of(row[6])});
        });
}

}  // namespace

std::string_view name(Detection detection) {
    constexpr std::array<std::string_view, 3> kNames{"present", "unknown", "gone"};
    const auto index = static_cast<std::size_t>(detection);
    return index < kNames.size() ? kNames[index] : kNames[1];
}

Result<Page> list_findings(Database& database, const PageRequest& request) {
    FilterQuery query =
        MERLON_TRY(filter_query(database, request.filter, request.now, request.as_of));
    const std::string findings = findings_at(request.as_of);
    const std::int64_t now_s = request.now.nanoseconds / 1'000'000'000;
    Page page;
    const std::string count =
        fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} f WHERE {} LIMIT {}) bounded", findings,
                    query.condition(), kCountBound + 1);
    MERLON_TRY(database.each_row(count, query.parameters(),
                                 [&](Cells row) { page.count = integer_of(row[0]); }));
    page.is_count_exact = page.count <= kCountBound;
    page.count = std::min(page.count, kCountBound);

    std::string condition = query.condition();
    if (!request.after.empty()) {
        const auto cursor = MERLON_TRY(parse_cursor(request.after));
        condition += fmt::format(" AND (f.risk, f.id) < ({}, {})", query.bind(cursor.first),
                                 query.bind(cursor.second));
    }
    const std::string sql =
        fmt::format("SELECT {} FROM {} f {} WHERE {} ORDER BY f.risk DESC, f.id DESC LIMIT {}",
                    kRowColumns, findings, kTables, condition, request.limit + 1);
    MERLON_TRY(database.each_row(sql, query.parameters(),
                                 [&](Cells row) { page.rows.push_back(read_row(row, now_s)); }));
    if (page.rows.size() > request.limit) {
        page.rows.resize(request.limit);
        if (!page.rows.empty())
            page.next = fmt::format("{}-{}", page.rows.back().risk, page.rows.back().id);
    }
    return page;
}

Result<std::optional<FindingStory>> show_finding(Database& database, std::int64_t id, Timestamp now,
                                                 const AsOf& as_of) {
    std::optional<FindingStory> story;
    MERLON_TRY(database.each_row(
        fmt::format("SELECT {}, d.body FROM {} f {} JOIN finding_detail d ON d.finding = f.id "
                    "WHERE f.id = $1",
                    kRowColumns, findings_at(as_of), kTables),
        {id}, [&](Cells row) {
            story.emplace();
            story->row = read_row(row, now.nanoseconds / 1'000'000'000);
            if (!as_of) story->body = text_of(row[18]);
        }));
    if (!story) return story;
    story->decisions = MERLON_TRY(decisions_of(database, id, now, as_of));
    if (as_of) {
        MERLON_TRY(read_past_presences(database, id, *as_of, *story));
        return story;
    }
    MERLON_TRY(database.each_row(
        "SELECT t.ref, t.category, r.state, p.name, r.line, a.revision, b.revision, a.received, "
        "b.received FROM presence r JOIN stream t ON t.id = r.stream JOIN path p ON p.id = r.path "
        "JOIN analysis a ON a.id = r.first_analysis JOIN analysis b ON b.id = r.since_analysis "
        "WHERE r.finding = $1 ORDER BY t.ref, t.category, t.id",
        {id}, [&](Cells row) {
            story->presences.push_back({.ref = std::string(text_of(row[0])),
                                        .category = std::string(text_of(row[1])),
                                        .state = state_text(integer_of(row[2])),
                                        .path = std::string(text_of(row[3])),
                                        .line = static_cast<std::uint32_t>(integer_of(row[4])),
                                        .first_revision = std::string(text_of(row[5])),
                                        .since_revision = std::string(text_of(row[6])),
                                        .first_s = integer_of(row[7]),
                                        .since_s = integer_of(row[8])});
        }));
    MERLON_TRY(database.each_row(
        "SELECT o.digest, o.name FROM presence r JOIN stream t ON t.id = r.stream "
        "JOIN analysis a ON a.id = t.last_analysis JOIN document o ON o.id = a.document "
        "WHERE r.finding = $1 ORDER BY a.id DESC LIMIT 1",
        {id}, [&](Cells row) {
            story->document_digest = "sha256:" + to_hex(bytes_of(row[0]));
            story->document_name = text_of(row[1]);
        }));
    return story;
}

}  // namespace merlon::evidence
