#include "evidence/streams.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "evidence/seconds.h"
#include "evidence/standing.h"
#include "text/json.h"

namespace merlon::evidence {
namespace {

// {0} is a moment in seconds: what came last before it is stale, if the tool has told of the
// repository since.
constexpr std::string_view kIsStale =
    "(a.received <= {0} AND d.kind <> 'retirement' AND EXISTS (SELECT 1 FROM stream u "
    "JOIN analysis b ON b.id = u.last_analysis WHERE u.scope = t.scope AND u.tool = t.tool "
    "AND u.id <> t.id AND b.received > {0}))";

constexpr std::string_view kTables =
    "FROM stream t JOIN scope s ON s.id = t.scope JOIN analysis a ON a.id = t.last_analysis "
    "JOIN document d ON d.id = a.document";

std::vector<std::string> split_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::string document_of(const Retirement& retirement, const std::vector<KnownStream>& streams,
                        Timestamp now) {
    std::string text;
    text::JsonWriter json(text, "  ");
    json.begin_object().member("schema", "merlon-retirement").key("version").integer(1);
    json.member("by", retirement.person).member("at", format_rfc3339(now));
    json.member("reason", retirement.reason).key("streams").begin_array();
    for (const KnownStream& one : streams) {
        json.begin_object().key("stream").integer(one.id).member("repository", one.scope);
        json.member("tool", one.tool).member("category", one.category).key("below").begin_array();
        for (const std::string& below : split_lines(one.below)) json.string(below);
        json.end_array().member("ref", one.ref);
        json.member("lastSeen", format_rfc3339(at_second(one.last_s))).end_object();
    }
    json.end_array().end_object();
    return text + "\n";
}

// Of that stream, configured as the last one was, complete and without a finding.
exchange::ReadReport empty_report(const KnownStream& stream, std::string configuration) {
    exchange::ReadReport made;
    model::Analysis& analysis = made.report.analysis;
    analysis.tool = stream.tool;
    analysis.engine.clear();
    analysis.configuration_digest = std::move(configuration);
    analysis.ref = stream.ref;
    analysis.scope = split_lines(stream.below);
    made.category = stream.category;
    made.repository = stream.scope;
    return made;
}

}  // namespace

std::string to_string(const KnownStream& stream) {
    std::string text = stream.tool;
    if (!stream.below.empty()) {
        std::string below = stream.below;
        std::ranges::replace(below, '\n', ' ');
        text += " of " + below;
    }
    if (!stream.category.empty()) text += fmt::format(" [{}]", stream.category);
    text += " in " + stream.scope;
    if (!stream.ref.empty()) text += fmt::format(" ({})", stream.ref);
    return text;
}

Result<std::vector<KnownStream>> known_streams(Database& database, Timestamp now,
                                               std::int64_t age_s) {
    std::vector<KnownStream> all;
    const std::string stale = fmt::format(fmt::runtime(kIsStale), "$1");
    MERLON_TRY(database.each_row(
        fmt::format("SELECT t.id, s.name, t.tool, t.category, t.below, t.ref, a.received, "
                    "(SELECT count(*) FROM presence p WHERE p.stream = t.id AND p.state <> 1), "
                    "(SELECT count(*) FROM presence p JOIN finding f ON f.id = p.finding "
                    "WHERE p.stream = t.id AND p.state <> 1 AND {}), "
                    "CASE WHEN d.kind = 'retirement' THEN 1 ELSE 0 END, "
                    "CASE WHEN {} THEN 1 ELSE 0 END {} "
                    "ORDER BY s.name, t.tool, t.ref, t.below, t.category, t.id",
                    open_condition("$2"), stale, kTables),
        {seconds_of(now) - age_s, seconds_of(now)}, [&](Cells row) {
            all.push_back({.id = integer_of(row[0]),
                           .scope = std::string(text_of(row[1])),
                           .tool = std::string(text_of(row[2])),
                           .category = std::string(text_of(row[3])),
                           .below = std::string(text_of(row[4])),
                           .ref = std::string(text_of(row[5])),
                           .last_s = integer_of(row[6]),
                           .there = static_cast<std::uint64_t>(integer_of(row[7])),
                           .open = static_cast<std::uint64_t>(integer_of(row[8])),
                           .is_retired = integer_of(row[9]) == 1,
                           .is_stale = integer_of(row[10]) == 1});
        }));
    return all;
}

Result<std::int64_t> count_stale(Database& database, Timestamp now, std::int64_t age_s) {
    return database.number(
        fmt::format("SELECT count(*) {} WHERE {} AND EXISTS (SELECT 1 FROM presence p "
                    "JOIN finding f ON f.id = p.finding WHERE p.stream = t.id AND p.state <> 1 "
                    "AND {})",
                    kTables, fmt::format(fmt::runtime(kIsStale), "$1"), open_condition("$2")),
        {seconds_of(now) - age_s, seconds_of(now)}, 0);
}

Result<std::vector<ImportedRun>> retire_streams(Database& database, const Retirement& retirement,
                                                std::string_view actor, Timestamp now) {
    const std::vector<KnownStream> all = MERLON_TRY(known_streams(database, now, 0));
    std::vector<KnownStream> asked;
    std::vector<exchange::ReadReport> reports;
    std::string name = "retirement of";
    for (const std::int64_t id : retirement.streams) {
        const auto found = std::ranges::find(all, id, &KnownStream::id);
        if (found == all.end())
            return Error{
                fmt::format("there is no stream {} in the store; 'merlon findings "
                            "streams' lists them",
                            id)};
        if (found->is_retired)
            return Error{fmt::format("stream {} ({}) is retired already", id, to_string(*found))};
        if (std::ranges::find(asked, id, &KnownStream::id) != asked.end()) continue;
        std::string configuration;
        MERLON_TRY(database.each_row("SELECT configuration FROM stream WHERE id = $1", {id},
                                     [&](Cells row) { configuration = text_of(row[0]); }));
        name += fmt::format("{} stream {}", asked.empty() ? "" : ",", id);
        asked.push_back(*found);
        reports.push_back(empty_report(*found, std::move(configuration)));
    }
    const std::string document = document_of(retirement, asked, now);
    ImportRequest request{.bytes = document,
                          .kind = kRetirement,
                          .name = name,
                          .scope = {},
                          .ref = {},
                          .revision = {},
                          .actor = std::string(actor),
                          .now = now};
    request.coverage = ImportRequest::Coverage::kComplete;
    request.also = [&asked](const std::vector<ImportedRun>& runs) -> Status {
        for (std::size_t i = 0; i < runs.size(); ++i)
            if (runs[i].stream != asked[i].id)
                return Error{fmt::format(
                    "stream {} ({}) was made by an older Merlon under a name that is another "
                    "stream's now; nothing was retired",
                    asked[i].id, to_string(asked[i]))};
        return {};
    };
    return import_reports(database, request, std::move(reports));
}

}  // namespace merlon::evidence
