#include "evidence/store_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include "base/hex.h"
#include "crypto/digest.h"
#include "evidence/audit.h"
#include "evidence/decision_check.h"
#include "evidence/detail.h"
#include "evidence/event_log.h"
#include "evidence/import_check.h"
#include "evidence/occurrence.h"
#include "evidence/seconds.h"
#include "evidence/signature_check.h"
#include "evidence/snapshots.h"
#include "evidence/standing.h"
#include "evidence/stream_state.h"
#include "evidence/word_index.h"
#include "exchange/report_read.h"
#include "text/json.h"
#include "text/zstd.h"

namespace merlon::evidence {
namespace {

// What the program writes into `meta`; more would be of nobody knows whom.
constexpr std::array<std::string_view, 7> kMetaNames{
    "schema",        "secret-key",     "audit_key",      "second_person",
    "history_since", "snapshots_from", "snapshots_until"};

class StoreChecker {
  public:
    StoreChecker(Database& database, const std::function<void(std::string_view problem)>& use)
        : database_(database), use_(use) {}

    Status run() {
        MERLON_TRY(database_.check(use_));
        MERLON_TRY(read_documents());
        MERLON_TRY(read_log());
        MERLON_TRY(check_streams());
        MERLON_TRY(check_findings());
        MERLON_TRY(check_counters());
        MERLON_TRY(check_standing());
        MERLON_TRY(check_numbers());
        MERLON_TRY(check_signatures(database_, use_));
        return check_words(database_, use_);
    }

  private:
    Status read_documents() {
        return database_.each_row(
            "SELECT digest, size, packed FROM document ORDER BY id", {}, [&](Cells row) {
                const std::string digest = "sha256:" + to_hex(bytes_of(row[0]));
                const auto size = static_cast<std::size_t>(integer_of(row[1]));
                const Result<std::string> bytes = text::unpack_zstd(bytes_of(row[2]), size);
                if (!bytes.ok() || bytes.value().size() != size ||
                    crypto::sha256(bytes.value()).bytes() != bytes_of(row[0]))
                    use_(fmt::format("the document {} is not as it was imported", digest));
                documents_.insert(digest);
            });
    }

    Status read_log() {
        LogChecker log = MERLON_TRY(log_checker(database_, {}, use_));
        log.accept_all_breaks();  // `audit verify` is where they are judged
        DecisionChecker decisions = MERLON_TRY(DecisionChecker::begin(database_, use_));
        ImportChecker imports = MERLON_TRY(ImportChecker::begin(database_, use_));
        MERLON_TRY(each_event(database_, 0, kAllEvents, [&](const Event& event) {
            log.take(event);
            decisions.take(event);
            take(event, imports);
        }));
        decisions.finish();
        MERLON_TRY(imports.finish());
        log.finish();
        return {};
    }

    // What an event says is in the store: that it was imported, decided or judged.
    void take(const Event& event, ImportChecker& imports) {
        Arena arena;
        Interner interner;
        const auto read = text::read_json(event.body, arena, interner);
        if (!read.ok() || !read.value().root->is_object()) return;
        const value::Value& body = *read.value().root;
        imports.take(event, body);
        for (const std::string_view key : {"document", "verdict", "policy", "input"}) {
            const std::string_view digest = text_at(body, key);
            const bool is_digest = crypto::parse_digest(digest).ok();
            if (is_digest && !documents_.contains(std::string(digest)))
                use_(fmt::format("the document {} of event {} is gone", digest, event.seq));
        }
        const value::Value* const runs = body.find("runs");
        if (event.kind != event_kind::kImport || runs == nullptr || !runs->is_array()) return;
        for (const value::Value& run : runs->items()) {
            if (!run.is_object() || text_at(run, "state").empty()) continue;
            const value::Value* const stream = run.find("stream");
            const auto number = stream == nullptr ? std::nullopt : stream->as_integer();
            if (number) states_[*number] = {std::string(text_at(run, "state")), event.seq};
        }
    }

    static std::string_view text_at(const value::Value& object, std::string_view key) {
        const value::Value* const found = object.find(key);
        return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
    }

    Status check_streams() {
        for (const auto& [stream, said] : states_) {
            const std::string state = MERLON_TRY(stream_state(database_, stream));
            std::string name = fmt::format("stream {}", stream);
            // Which an import that changes nothing takes over.
            std::string kept;
            MERLON_TRY(database_.each_row(
                "SELECT t.tool, s.name, t.ref, t.state FROM stream t JOIN scope s ON s.id = "
                "t.scope WHERE t.id = $1",
                {stream}, [&](Cells row) {
                    name = fmt::format("{} in {} {}", text_of(row[0]), text_of(row[1]),
                                       text_of(row[2]));
                    kept = text_of(row[3]);
                }));
            if (!kept.empty() && kept != said.state)
                use_(
                    fmt::format("the hash that is kept of what {} has found is not that of event "
                                "{}",
                                name, said.event));
            if (state == said.state) continue;
            use_(fmt::format("what {} has found is not what the import of event {} left", name,
                             said.event));
        }
        return {};
    }

    // A finding is what the tool's text says, which is that of the print that its stream has.
    Status check_findings() {
        return database_.each_row(
            "SELECT f.id, f.rule, f.severity, f.risk, f.title, f.suppressed, f.package, f.path, "
            "f.line, r.path, r.line, r.print, d.body, coalesce(r.severity, -1), r.suppressed, "
            "f.version, f.component "
            "FROM finding f "
            "LEFT JOIN finding_detail d ON d.finding = f.id "
            "LEFT JOIN presence r ON r.finding = f.id AND r.stream = f.stream ORDER BY f.id",
            {}, [&](Cells row) { check_finding(row); });
    }

    void check_finding(Cells row) {
        const std::int64_t id = integer_of(row[0]);
        const std::string_view print = bytes_of(row[11]);
        const Result<std::string> unpacked_body = details_.read(bytes_of(row[12]));
        if (!unpacked_body.ok())
            return use_(
                fmt::format("finding {} cannot be read: {}", id, unpacked_body.error().message));
        const std::string& body = unpacked_body.value();
        const auto made = print_of(body);
        // Of findings about packages a migration took the prints away.
        if (!print.empty() && print != std::string_view(made.data(), made.size()))
            return use_(fmt::format("finding {} is not told as its tool told it", id));
        const Result<model::Finding> read = exchange::read_finding(body);
        if (!read.ok())
            return use_(fmt::format("finding {} cannot be read: {}", id, read.error().message));
        const model::Finding& finding = read.value();
        const auto is = [](std::string_view shown, std::string_view told) {
            return storable(shown) == storable(told);
        };
        const std::pair<std::string_view, bool> parts[] = {
            {"rule", is(text_of(row[1]), finding.rule_id)},
            {"severity", integer_of(row[2]) == static_cast<std::int64_t>(finding.severity) &&
                             integer_of(row[3]) == risk_of(finding)},
            {"title", is(text_of(row[4]), finding.message)},
            {"suppression", is(text_of(row[5]), finding.suppressed_by)},
            {"severity or suppression where it is seen",
             integer_of(row[13]) < 0 || (integer_of(row[13]) == integer_of(row[2]) &&
                                         text_of(row[14]) == text_of(row[5]))},
            {"package", is(text_of(row[6]), package_of(finding))},
            {"version or component",
             print.empty() || (is(text_of(row[15]), package_version_of(finding)) &&
                               is(text_of(row[16]), component_of(finding)))},
            {"place",
             integer_of(row[7]) == integer_of(row[9]) && integer_of(row[8]) == integer_of(row[10])},
        };
        for (const auto& [name, is_same] : parts)
            if (!is_same) use_(fmt::format("finding {} has another {} than was told", id, name));
    }

    Status check_counters() {
        return database_.each_row(
            "SELECT c.severity, c.open, CAST(sum(c.n) AS BIGINT), min(o.name) FROM ("
            "SELECT scope, severity, open, count(*) AS n FROM finding "
            "GROUP BY scope, severity, open UNION ALL "
            "SELECT scope, severity, open, -n FROM counter) c LEFT JOIN scope o ON o.id = c.scope "
            "GROUP BY c.scope, c.severity, c.open HAVING sum(c.n) <> 0 "
            "ORDER BY c.scope, c.severity, c.open",
            {}, [&](Cells row) {
                use_(fmt::format(
                    "the counter of findings of severity {} that are {} in {} is wrong by {}",
                    integer_of(row[0]), integer_of(row[1]) == 1 ? "open" : "not open",
                    text_of(row[3]).empty() ? "no repository" : text_of(row[3]),
                    integer_of(row[2])));
            });
    }

    // What is derived must be what it is derived from.
    Status check_standing() {
        MERLON_TRY(database_.each_row(
            "SELECT f.id FROM finding f LEFT JOIN (SELECT finding, MIN(CASE state WHEN 0 THEN 0 "
            "WHEN 1 THEN 2 ELSE 1 END) AS detection FROM presence GROUP BY finding) d "
            "ON d.finding = f.id WHERE coalesce(d.detection, -1) <> f.detection ORDER BY f.id",
            {}, [&](Cells row) {
                use_(fmt::format("finding {} is present or gone against where it is seen",
                                 integer_of(row[0])));
            }));
        MERLON_TRY(database_.each_row(
            fmt::format("SELECT id FROM finding WHERE open <> {} ORDER BY id",
                        open_expression("finding.detection", "finding.verdict")),
            {}, [&](Cells row) {
                use_(fmt::format("finding {} is open or closed against what is known of it",
                                 integer_of(row[0])));
            }));
        return database_.each_row(
            "SELECT f.id FROM finding f LEFT JOIN decision d ON d.id = f.decision AND d.current = "
            "1 WHERE f.verdict <> coalesce(d.verdict, 0) OR f.expires <> coalesce(d.expires, 0) "
            "ORDER BY f.id",
            {}, [&](Cells row) {
                use_(fmt::format("finding {} has another decision than its own",
                                 integer_of(row[0])));
            });
    }

    // A number that is given out twice would stop every import of something new.
    Status check_numbers() {
        const std::int64_t last =
            MERLON_TRY(database_.number("SELECT coalesce(max(id), 0) FROM finding", {}, 0));
        const std::int64_t given =
            MERLON_TRY(database_.number("SELECT next FROM sequence WHERE name = 'finding'", {}, 0));
        if (given != last)
            use_(
                fmt::format("the last finding has the number {}, and numbers were given out up to "
                            "{}",
                            last, given));
        MERLON_TRY(database_.each_row(
            "SELECT f.id FROM finding f JOIN stream t ON t.id = f.stream JOIN path p "
            "ON p.id = f.path WHERE t.scope <> f.scope OR p.scope <> f.scope ORDER BY f.id",
            {}, [&](Cells row) {
                use_(fmt::format("finding {} is in another repository than where it was seen",
                                 integer_of(row[0])));
            }));
        MERLON_TRY(database_.each_row(
            "SELECT f.id FROM finding f JOIN stream t ON t.id = f.stream WHERE NOT EXISTS (SELECT "
            "1 FROM rule r WHERE r.tool = t.tool AND r.name = f.rule AND r.family = f.family) "
            "ORDER BY f.id",
            {}, [&](Cells row) {
                use_(fmt::format("finding {} is of another family of rules than its rule",
                                 integer_of(row[0])));
            }));
        MERLON_TRY(check_snapshot_days());
        return database_.each_row("SELECT name FROM meta ORDER BY name", {}, [&](Cells row) {
            if (std::ranges::find(kMetaNames, text_of(row[0])) == kMetaNames.end())
                use_(fmt::format("there is a setting '{}', which no Merlon has written",
                                 text_of(row[0])));
        });
    }

    // Days that were taken follow each other, are over, and are the only ones that have figures.
    Status check_snapshot_days() {
        const std::int64_t days = MERLON_TRY(
            database_.number("SELECT count(*) FROM meta WHERE name IN ('snapshots_from', "
                             "'snapshots_until')",
                             {}, 0));
        const std::optional<SnapshotSpan> span = MERLON_TRY(snapshot_span(database_));
        const bool is_span = span && span->from_s % kDayS == 0 && span->until_s % kDayS == 0;
        const std::int64_t strays = MERLON_TRY(database_.number(
            "SELECT count(*) FROM snapshot WHERE day < $1 OR day > $2",
            {span ? span->from_s : INT64_MAX, span ? span->until_s : INT64_MAX}, 0));
        if (days != (span ? 2 : 0) || (span && !is_span) || strays > 0)
            use_("the days of which figures are kept are not those that a worker has taken");
        return {};
    }

    struct State {
        std::string state;
        std::int64_t event = 0;
    };

    Database& database_;
    const std::function<void(std::string_view problem)>& use_;
    DetailReader details_;
    std::set<std::string> documents_;       // their digests
    std::map<std::int64_t, State> states_;  // by stream: what the last event says
};

}  // namespace

Status check_store(Database& database, const std::function<void(std::string_view problem)>& use) {
    return StoreChecker(database, use).run();
}

}  // namespace merlon::evidence
