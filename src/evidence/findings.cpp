#include "evidence/findings.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

#include "base/hex.h"
#include "evidence/detail.h"
#include "evidence/filter_query.h"
#include "evidence/seconds.h"
#include "evidence/word_place.h"

namespace merlon::evidence {
namespace {

// {}: the reader's moment.
constexpr std::string_view kRowColumns =
    "f.id, c.name, m.tool, f.rule, f.title, p.name, f.owner, f.suppressed, f.line, f.severity, "
    "f.detection, f.open, f.first_seen, f.changed, f.maybe_moved_from, f.risk, f.verdict, "
    "f.expires, (SELECT count(*) FROM decision w WHERE w.finding = f.id AND w.proposal = 1 "
    "AND (w.verdict = 0 OR w.expires > {}))";
// Left, so that the findings are walked in their order, and each finds what it is joined with.
constexpr std::string_view kTables =
    "LEFT JOIN scope c ON c.id = f.scope LEFT JOIN family m ON m.id = f.family "
    "LEFT JOIN path p ON p.id = f.path";

std::string row_columns(std::int64_t now_s) {
    return fmt::format(fmt::runtime(kRowColumns), now_s);
}

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
    made.is_proposed = integer_of(row[18]) > 0;
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
        "present", "gone", "unknown: the last run was incomplete, or older than what is known",
        "unknown: the last run was configured differently"};
    const auto index = static_cast<std::size_t>(state);
    return std::string(index < kStates.size() ? kStates[index] : "unknown");
}

// Where it was seen then, and since when; in which line of which branch is not kept.
Status read_past_presences(Database& database, std::int64_t id, Timestamp as_of,
                           FindingStory& story) {
    const std::int64_t moment = seconds_of(as_of);
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

namespace {

// How many findings are looked at, along the order of pages, for words that many have.
constexpr std::int64_t kWalked = 2'000;
constexpr std::int64_t kWalkedNear = 4'000;  // where that may fill a page
constexpr std::int64_t kWalkedFar = 10'000;  // and where it is likely to
constexpr std::int64_t kGathered = 10'000;   // and sorted, at most
constexpr std::string_view kOrder = "ORDER BY f.risk DESC, f.id DESC";

class Pager {
  public:
    Pager(Database& database, const PageRequest& request, FilterQuery query)
        : database_(database), request_(request), query_(std::move(query)) {}

    Status go_on_behind(std::string_view cursor) {
        const auto place = MERLON_TRY(parse_cursor(cursor));
        const std::string risk = query_.bind(place.first), id = query_.bind(place.second);
        behind_ = fmt::format(" AND (f.risk, f.id) < ({}, {})", risk, id);
        // A second bound of the risk would not be the one that the index is read by.
        may_be_same_ = query_.may_have(place.first);
        may_be_less_ = query_.may_have_below(place.first);
        same_behind_ = fmt::format(" AND f.risk = {} AND f.id < {}", risk, id);
        // By no index: a few are looked at, and sorted.
        sorted_behind_ = fmt::format(" AND (f.risk + 0, f.id + 0) < ({}, {})", risk, id);
        if (!query_.has_only_below(place.first))
            less_behind_ = fmt::format(" AND f.risk < {}", risk);
        place_ = query_.bind(word_place(place.first, place.second));
        behind_place_ = " AND w.place > " + place_;
        return {};
    }

    Result<Page> page() {
        if (query_.found().empty())
            MERLON_TRY(from(findings(), query_.condition()));
        else
            MERLON_TRY(found_by_words());
        if (page_.rows.size() > request_.limit) {
            page_.rows.resize(request_.limit);
            if (!page_.rows.empty())
                page_.next = fmt::format("{}-{}", page_.rows.back().risk, page_.rows.back().id);
        }
        return std::move(page_);
    }

  private:
    Status from(std::string_view tables, const std::string& condition) {
        MERLON_TRY(count(tables, condition));
        return read(tables, condition);
    }

    // Where few have what else is asked for, their rows are looked at. Else the index of words has
    // a page's findings in order, or those that have the words are met along the order of pages
    // soon, or they are so few that they are gathered and sorted.
    Status found_by_words() {
        const bool is_all = query_.condition() == "true";
        if (!is_all && MERLON_TRY(count_of(findings(), query_.condition())) <= kCountBound)
            return from(findings(), query_.whole_condition());
        if (const auto* words = query_.words_alone(); words != nullptr && !request_.as_of)
            return database_.searches_in_order() ? in_the_order_of_words() : by_places(*words);
        MERLON_TRY(read_part(walked(behind_), query_.found_condition()));
        if (page_.rows.size() > request_.limit)
            return count_looked_at(walked({}), query_.found_condition());
        page_.rows.clear();
        return gather();
    }

    Status in_the_order_of_words() {
        std::string first =
            fmt::format("(SELECT w.finding AS finding FROM ({}) w ORDER BY w.place LIMIT {}) w",
                        query_.found(), kWalked);
        // Words alone are counted in their index.
        if (query_.condition() != "true") first += " CROSS JOIN finding f ON f.id = w.finding";
        MERLON_TRY(count_looked_at(first, query_.condition()));
        // Where few of what else is asked for are left, all that have the words would be looked at.
        if (query_.condition() != "true" && MERLON_TRY(count_behind(kCountBound)) <= kCountBound)
            return read(findings(), query_.whole_condition());
        return read_places(query_.found());
    }

    // What many have is met along the order soon. What few have is gathered and sorted, by itself:
    // no database gets to think that it could be done once for each finding.
    Status by_places(const FilterQuery::Words& words) {
        const bool is_all = query_.condition() == "true";
        const std::int64_t walk = words.are_common ? kWalkedFar : is_all ? kWalkedNear : 0;
        if (walk > 0) {
            if (is_all) {
                const std::string behind = place_.empty() ? "true" : "place > " + place_;
                MERLON_TRY(read_places(database_.walk_query(words.in_row, behind, walk)));
            } else {
                MERLON_TRY(read_part(walked(behind_, walk), query_.found_condition()));
            }
            // What very many have is not gathered to be counted, either.
            if (page_.rows.size() > request_.limit ||
                (words.are_common && MERLON_TRY(count_behind(walk)) <= walk))
                return is_all ? count_walked(words)
                              : count_looked_at(walked({}), query_.found_condition());
        }
        std::string gathered =
            fmt::format("WITH g AS MATERIALIZED ({}) SELECT * FROM g", words.query);
        MERLON_TRY(count(fmt::format("({}) w CROSS JOIN finding f", gathered),
                         "f.id = w.finding AND " + query_.condition()));
        const bool is_whole = walk > 0 && MERLON_TRY(count_behind(walk)) <= walk;
        if (is_whole) return {};
        page_.rows.clear();
        // The places are sorted before their findings are looked up.
        if (is_all)
            gathered += fmt::format(" w WHERE true{} ORDER BY place LIMIT {}", behind_place_,
                                    request_.limit + 1);
        return read_places(gathered);
    }

    // Of the first kWalked findings, behind which there are more.
    Status count_walked(const FilterQuery::Words& words) {
        const std::string first = database_.walk_query(words.in_row, "true", kWalked);
        MERLON_TRY(count("(" + first + ") w", "true"));
        page_.is_count_exact = false;
        return {};
    }

    Status read_places(const std::string& places) {
        return read_rows(fmt::format(
            "SELECT f.* FROM ({}) w CROSS JOIN finding f WHERE f.id = w.finding AND {}{} "
            "ORDER BY w.place LIMIT {}",
            places, query_.condition(), behind_place_, request_.limit + 1));
    }

    Status gather() {
        constexpr Column kColumns[] = {{"finding"}};
        std::vector<std::int64_t> ids;
        MERLON_TRY(database_.each_row(
            fmt::format("SELECT w.finding FROM ({}) w LIMIT {}", query_.found(), kGathered + 1),
            query_.parameters(), [&](Cells row) { ids.push_back(integer_of(row[0])); }));
        const std::string joined = "f.id = w.finding AND " + query_.condition();
        if (std::ssize(ids) > kGathered)
            return from(fmt::format("({}) w CROSS JOIN {}", query_.found(), findings()), joined);
        auto at = ids.begin();
        MERLON_TRY(database_.stage("stage_found", kColumns, [&](std::span<Cell> row) {
            if (at == ids.end()) return false;
            row[0] = *at++;
            return true;
        }));
        return from("stage_found w CROSS JOIN " + findings(), joined);
    }

    std::string findings() const { return findings_at(request_.as_of) + " f"; }

    // The first of what else is asked for, in the order of pages.
    std::string walked(const std::string& behind, std::int64_t most = kWalked) const {
        return fmt::format("(SELECT f.* FROM {} WHERE {}{} {} LIMIT {}) f", findings(),
                           query_.condition(), behind, kOrder, most);
    }

    // One more than `most` where there are more.
    Result<std::int64_t> count_of(std::string_view tables, const std::string& condition,
                                  std::int64_t most = kCountBound) {
        std::int64_t n = 0;
        MERLON_TRY(database_.each_row(
            fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} WHERE {} LIMIT {}) bounded", tables,
                        condition, most + 1),
            query_.parameters(), [&](Cells row) { n = integer_of(row[0]); }));
        return n;
    }

    Status count(std::string_view tables, const std::string& condition) {
        const std::int64_t n = MERLON_TRY(count_of(tables, condition));
        page_.is_count_exact = n <= kCountBound;
        page_.count = std::min(n, kCountBound);
        return {};
    }

    // Of `tables`, which end after kWalked rows: where there are more nobody knows how many fit.
    Status count_looked_at(std::string_view tables, const std::string& condition) {
        std::int64_t looked_at = 0, fit = 0;
        MERLON_TRY(database_.each_row(
            fmt::format("SELECT count(*), CAST(coalesce(sum(CASE WHEN {} THEN 1 ELSE 0 END), 0) "
                        "AS BIGINT) FROM {}",
                        condition, tables),
            query_.parameters(), [&](Cells row) {
                looked_at = integer_of(row[0]);
                fit = integer_of(row[1]);
            }));
        page_.is_count_exact = looked_at < kWalked && fit <= kCountBound;
        page_.count = std::min(fit, kCountBound);
        return {};
    }

    // Those of one risk, and then the rest: SQLite's indices end in the number, by which it does
    // not begin to read where two columns are compared at once, so that it would go through all of
    // them.
    Status read(std::string_view tables, const std::string& condition) {
        if (behind_.empty() || request_.as_of) return read_part(tables, condition + behind_);
        if (query_.names_few()) return read_part(tables, condition + sorted_behind_);
        if (may_be_same_) MERLON_TRY(read_part(tables, condition + same_behind_));
        if (!may_be_less_ || page_.rows.size() > request_.limit) return {};
        return read_part(tables, condition + less_behind_);
    }

    // What the page has room for, and one more.
    Status read_part(std::string_view tables, const std::string& condition) {
        return read_rows(fmt::format("SELECT f.* FROM {} WHERE {} {} LIMIT {}", tables, condition,
                                     kOrder, request_.limit + 1 - page_.rows.size()));
    }

    // How many are left of what else is asked for, as count_of().
    Result<std::int64_t> count_behind(std::int64_t most) {
        if (behind_.empty()) return count_of(findings(), query_.condition(), most);
        std::int64_t same = 0;
        if (may_be_same_)
            same = MERLON_TRY(count_of(findings(), query_.condition() + same_behind_, most));
        if (!may_be_less_ || same > most) return same;
        return same + MERLON_TRY(count_of(findings(), query_.condition() + less_behind_, most));
    }

    // The rows first, and then what they are joined with: no database gets to think that all could
    // be joined and sorted.
    Status read_rows(const std::string& rows) {
        const std::int64_t now_s = seconds_of(request_.now);
        return database_.each_row(
            fmt::format("SELECT {} FROM ({}) f {} {}", row_columns(now_s), rows, kTables, kOrder),
            query_.parameters(), [&](Cells row) { page_.rows.push_back(read_row(row, now_s)); });
    }

    Database& database_;
    const PageRequest& request_;
    FilterQuery query_;
    bool may_be_same_ = true, may_be_less_ = true;  // as the risk at which it goes on
    std::string place_;                             // behind which it goes on, a parameter
    std::string behind_, same_behind_, less_behind_, sorted_behind_, behind_place_;  // conditions
    Page page_;
};

}  // namespace

Result<Page> list_findings(Database& database, const PageRequest& request) {
    Pager pager(database, request,
                MERLON_TRY(filter_query(database, request.filter, request.now, request.as_of)));
    if (!request.after.empty()) MERLON_TRY(pager.go_on_behind(request.after));
    return pager.page();
}

Result<std::optional<FindingStory>> show_finding(Database& database, std::int64_t id, Timestamp now,
                                                 const AsOf& as_of) {
    std::optional<FindingStory> story;
    std::string packed;
    MERLON_TRY(database.each_row(
        fmt::format("SELECT {}, d.body FROM {} f {} JOIN finding_detail d ON d.finding = f.id "
                    "WHERE f.id = $1",
                    row_columns(seconds_of(now)), findings_at(as_of), kTables),
        {id}, [&](Cells row) {
            story.emplace();
            story->row = read_row(row, seconds_of(now));
            packed = bytes_of(row[19]);
        }));
    if (!story) return story;
    if (!as_of) story->body = MERLON_TRY(DetailReader().read(packed));
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
