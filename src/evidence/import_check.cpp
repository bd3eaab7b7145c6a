#include "evidence/import_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/hex.h"
#include "evidence/decisions.h"
#include "evidence/history.h"
#include "evidence/import.h"
#include "evidence/row_hash.h"

namespace merlon::evidence {
namespace {

using value::Value;

constexpr std::int64_t kMillisecondsInSecond = 1000;
// Those that change what findings are.
constexpr std::string_view kPastEvents[] = {event_kind::kImport, event_kind::kDecision,
                                            event_kind::kDecisionExpired, event_kind::kFixFound};

std::string_view text_at(const Value& object, std::string_view key) {
    const Value* const found = object.find(key);
    return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
}

std::int64_t integer_at(const Value& object, std::string_view key, std::int64_t otherwise) {
    const Value* const found = object.find(key);
    return found != nullptr && found->is_number() ? found->as_integer().value_or(otherwise)
                                                  : otherwise;
}

}  // namespace

Result<std::string> owners_digest(Database& database, std::int64_t scope) {
    RowHash hash;
    MERLON_TRY(database.each_row(
        "SELECT id, owner FROM finding WHERE scope = $1 AND owner <> '' ORDER BY id", {scope},
        [&](Cells row) { hash.take(row); }));
    return hash.finish();
}

Result<std::string> rules_digest(Database& database, std::string_view tool) {
    RowHash hash;
    MERLON_TRY(database.each_row(
        "SELECT r.name, f.name, r.title, r.severity, r.help_url, r.cwe FROM rule r "
        "JOIN family f ON f.id = r.family AND f.tool = r.tool WHERE r.tool = $1 "
        "ORDER BY r.name, r.family",
        {tool}, [&](Cells row) { hash.take(row); }));
    return hash.finish();
}

Result<std::string> edges_digest(Database& database, std::int64_t document) {
    RowHash hash;
    MERLON_TRY(database.each_row(
        "SELECT s.kind, s.name, e.relation, t.kind, t.name, e.collector, e.analysis, e.observed, "
        "e.valid_from, e.valid_until, e.confidence FROM edge e JOIN node s ON s.id = e.source "
        "JOIN node t ON t.id = e.target WHERE e.document = $1 ORDER BY 1, 2, 3, 4, 5",
        {document}, [&](Cells row) { hash.take(row); }));
    return hash.rows() == 0 ? std::string() : hash.finish();
}

Result<std::string> moves_digest(Database& database, std::int64_t stream, std::int64_t analysis) {
    RowHash hash;
    MERLON_TRY(database.each_row(
        "SELECT f.id, f.maybe_moved_from FROM presence p JOIN finding f ON f.id = p.finding "
        "WHERE p.stream = $1 AND p.first_analysis = $2 AND f.first_analysis = $2 "
        "AND f.maybe_moved_from IS NOT NULL ORDER BY f.id",
        {stream, analysis}, [&](Cells row) { hash.take(row); }));
    return hash.rows() == 0 ? std::string() : hash.finish();
}

Result<ImportChecker> ImportChecker::begin(Database& database, const UseProblem& use) {
    ImportChecker made(database, use);
    MERLON_TRY(database.each_row(
        "SELECT a.id, a.stream, a.complete, a.found, a.received, a.incomplete_because, "
        "a.revision, d.digest, a.tool_version, a.program, a.configuration, a.assumed FROM analysis "
        "a JOIN "
        "document d ON d.id = a.document ORDER BY a.id",
        {}, [&](Cells row) {
            made.analyses_[integer_of(row[1])].push_back(
                {.id = integer_of(row[0]),
                 .complete = integer_of(row[2]),
                 .found = integer_of(row[3]),
                 .received = integer_of(row[4]),
                 .because = std::string(text_of(row[5])),
                 .revision = std::string(text_of(row[6])),
                 .document = "sha256:" + to_hex(bytes_of(row[7])),
                 .version = std::string(text_of(row[8])),
                 .program = std::string(text_of(row[9])),
                 .configuration = std::string(text_of(row[10])),
                 .is_assumed = integer_of(row[11]) == 1,
                 .maybe_moved = 0,
                 .moves = {}});
        }));
    MERLON_TRY(made.read_moves());
    MERLON_TRY(database.each_row(
        "SELECT t.id, coalesce(t.last_analysis, 0), s.name, t.tool, t.category, t.below, t.ref, "
        "t.configuration, t.ended FROM stream t JOIN scope s ON s.id = t.scope",
        {}, [&](Cells row) {
            made.streams_[integer_of(row[0])] = {.last_analysis = integer_of(row[1]),
                                                 .ended_s = integer_of(row[8]),
                                                 .scope = std::string(text_of(row[2])),
                                                 .tool = std::string(text_of(row[3])),
                                                 .category = std::string(text_of(row[4])),
                                                 .below = std::string(text_of(row[5])),
                                                 .ref = std::string(text_of(row[6])),
                                                 .configuration = std::string(text_of(row[7]))};
        }));
    MERLON_TRY(database.each_row("SELECT name, default_ref FROM scope", {}, [&](Cells row) {
        made.default_refs_.emplace(text_of(row[0]), text_of(row[1]));
    }));
    MERLON_TRY(
        database.each_row("SELECT digest, kind, name, received FROM document", {}, [&](Cells row) {
            made.documents_["sha256:" + to_hex(bytes_of(row[0]))] = {
                .kind = std::string(text_of(row[1])),
                .name = std::string(text_of(row[2])),
                .received_s = integer_of(row[3])};
        }));
    return made;
}

// moves_digest() of all analyses, in one pass.
Status ImportChecker::read_moves() {
    std::map<std::int64_t, RowHash> hashes;  // by analysis
    MERLON_TRY(database_->each_row(
        "SELECT first_analysis, id, maybe_moved_from FROM finding WHERE maybe_moved_from IS NOT "
        "NULL ORDER BY first_analysis, id",
        {}, [&](Cells row) { hashes[integer_of(row[0])].take(row.subspan(1)); }));
    for (auto& [stream, analyses] : analyses_) {
        for (Analysis& analysis : analyses) {
            const auto found = hashes.find(analysis.id);
            if (found == hashes.end()) continue;
            analysis.maybe_moved = static_cast<std::int64_t>(found->second.rows());
            analysis.moves = found->second.finish();
        }
    }
    return {};
}

void ImportChecker::take(const Event& event, const Value& body) {
    const std::int64_t second = event.at_ms / kMillisecondsInSecond;
    seconds_.insert(second);
    take_document(event, body);
    if (event.kind == event_kind::kImport) take_import(event, body);
    if (std::ranges::find(kPastEvents, event.kind) == std::end(kPastEvents)) return;
    // The last event of a second binds what all of them have put there; one of an older Merlon has
    // put something there that nothing binds.
    const Value* const past = body.find("past");
    if (past != nullptr && past->is_string()) {
        if (first_past_ < 0) first_past_ = second;
        past_[second] = {.digest = std::string(past->as_string()), .event = event.seq};
    } else {
        past_.erase(second);
    }
}

void ImportChecker::take_document(const Event& event, const Value& body) {
    for (const auto& [key, edges] :
         {std::pair("document", "edgesDigest"), std::pair("input", "inputEdges"),
          std::pair("verdict", "verdictEdges")})
        if (const std::string_view digest = text_at(body, edges); !digest.empty())
            edges_digests_[std::string(text_at(body, key))] = {.digest = std::string(digest),
                                                               .event = event.seq};
    // It came in the second of the first event that names it.
    for (const std::string_view key : {"document", "verdict", "policy", "input"}) {
        const auto named = documents_.find(text_at(body, key));
        if (named == documents_.end() || named->second.is_told) continue;
        named->second.is_told = true;
        if (named->second.received_s != event.at_ms / kMillisecondsInSecond)
            (*use_)(fmt::format("the document {} came at another time than event {} tells",
                                named->first, event.seq));
    }
    // What an event calls a verdict, a policy or an input is found by its kind.
    for (const std::string_view key : {"verdict", "policy", "input"}) {
        const auto named = documents_.find(text_at(body, key));
        if (named != documents_.end() && !named->second.kind.ends_with(key))
            (*use_)(fmt::format("the document {} is no {}, as which event {} names it",
                                named->first, key, event.seq));
    }
    const Value* const name = body.find("name");
    const auto found = documents_.find(text_at(body, "document"));
    if (found == documents_.end() || name == nullptr || !name->is_string()) return;
    Document& document = found->second;
    if (document.is_called) return;  // the first import of it gave its name
    document.is_called = true;
    if (document.name != name->as_string() || document.kind != text_at(body, "kind"))
        (*use_)(fmt::format("the document {} is not called as event {} tells", found->first,
                            event.seq));
}

void ImportChecker::take_import(const Event& event, const Value& body) {
    if (const std::int64_t edges = integer_at(body, "edges", 0); edges > 0)
        edges_[std::string(text_at(body, "document"))] += edges;
    const Value* const runs = body.find("runs");
    if (runs == nullptr || !runs->is_array()) return;
    for (const Value& run : runs->items()) {
        if (!run.is_object()) continue;
        const std::string scope(text_at(run, "scope"));
        const std::string ref(text_at(run, "ref"));
        first_refs_.try_emplace(scope, ref);
        const auto shown = shown_refs_.try_emplace(scope, ref).first;
        if (takes_over_default(shown->second, ref)) shown->second = ref;
        const std::int64_t stream = integer_at(run, "stream", 0);
        if (run.find("commit") == nullptr) may_have_owners_.insert(scope);
        if (stream == 0) continue;
        const Value* const complete = run.find("complete");
        const Value* const revision = run.find("commit");
        runs_[stream].push_back(
            {.event = event.seq,
             .complete = complete != nullptr && complete->is_boolean() && complete->as_boolean(),
             .found = integer_at(run, "found", -1),
             .at_s = event.at_ms / kMillisecondsInSecond,
             .ended_s = integer_at(run, "ended", 0),
             .maybe_moved = integer_at(run, "maybeMoved", -1),
             .because = std::string(text_at(run, "because")),
             .revision = std::string(text_at(run, "commit")),
             .document = std::string(text_at(body, "document")),
             .version = std::string(text_at(run, "version")),
             .program = std::string(text_at(run, "program")),
             .configuration = std::string(text_at(run, "configuration")),
             .scope = scope,
             .tool = std::string(text_at(run, "tool")),
             .category = std::string(text_at(run, "category")),
             .below = std::string(text_at(run, "below")),
             .ref = std::string(text_at(run, "ref")),
             .moves = std::string(text_at(run, "maybeMovedFrom")),
             .is_assumed = run.find("assumed") != nullptr,
             .has_reasons = revision != nullptr,
             .has_configuration = run.find("configuration") != nullptr});
        if (const std::string_view owners = text_at(run, "owners"); !owners.empty())
            owners_[scope] = {.digest = std::string(owners), .event = event.seq};
        if (const std::string_view rules = text_at(run, "rules"); !rules.empty())
            rules_[std::string(text_at(run, "tool"))] = {.digest = std::string(rules),
                                                         .event = event.seq};
    }
}

// A row of a finding is written only beside an event.
Status ImportChecker::check_changes() {
    return database_->each_row("SELECT id, changed FROM finding ORDER BY id", {}, [&](Cells row) {
        if (!seconds_.contains(integer_of(row[1])))
            (*use_)(fmt::format("finding {} changed last when nothing has happened",
                                integer_of(row[0])));
    });
}

Status ImportChecker::finish() {
    check_runs();
    check_streams();
    check_default_refs();
    MERLON_TRY(check_owners());
    MERLON_TRY(check_rules());
    MERLON_TRY(check_changes());
    MERLON_TRY(check_edges());
    MERLON_TRY(check_history_since());
    MERLON_TRY(check_past());
    MERLON_TRY(check_rows_of_past());
    return check_beginnings();
}

void ImportChecker::check_runs() {
    for (const auto& [stream, runs] : runs_) {
        const std::vector<Analysis>& analyses = analyses_[stream];
        if (analyses.size() < runs.size()) {
            (*use_)(fmt::format("of stream {} there are {} analyses, and the log tells of {}",
                                stream, analyses.size(), runs.size()));
            continue;
        }
        const std::size_t before = analyses.size() - runs.size();
        for (std::size_t i = 0; i < runs.size(); ++i) compare(analyses[before + i], runs[i]);
    }
}

void ImportChecker::compare(const Analysis& analysis, const Run& run) {
    const std::pair<std::string_view, bool> parts[] = {
        {"document", analysis.document == run.document},
        {"completeness",
         analysis.complete == run.complete && analysis.is_assumed == run.is_assumed},
        {"reason for what it has not seen", !run.has_reasons || analysis.because == run.because},
        {"commit", !run.has_reasons || analysis.revision == run.revision},
        {"number of findings", run.found < 0 || analysis.found == run.found},
        {"version of its tool", !run.has_configuration || analysis.version == run.version},
        {"program", !run.has_configuration || analysis.program == run.program},
        {"configuration", !run.has_configuration || analysis.configuration == run.configuration},
        {"time", analysis.received == run.at_s},
        {"number of findings that may be known ones",
         run.maybe_moved < 0 || analysis.maybe_moved == run.maybe_moved},
        {"list of what its findings may have been",
         run.moves.empty() || analysis.moves == run.moves},
    };
    for (const auto& [name, is_same] : parts)
        if (!is_same)
            (*use_)(fmt::format("analysis {} has another {} than event {} tells", analysis.id, name,
                                run.event));
}

// What a stream is of, each of its events tells; how it is configured, its last complete analysis.
void ImportChecker::check_streams() {
    for (const auto& [number, stream] : streams_) {
        if (const auto told = runs_.find(number); told != runs_.end())
            compare(number, stream, told->second);
        const auto made = analyses_.find(number);
        if (made == analyses_.end()) continue;
        std::string_view configuration;
        for (const Analysis& analysis : made->second)
            if (analysis.complete != 0) configuration = analysis.configuration;
        if (stream.last_analysis != made->second.back().id)
            (*use_)(fmt::format("stream {} has another last analysis than its own", number));
        if (stream.configuration != configuration)
            (*use_)(
                fmt::format("stream {} is configured unlike its last complete analysis", number));
    }
}

void ImportChecker::compare(std::int64_t number, const Stream& stream,
                            const std::vector<Run>& runs) {
    const Run& run = runs.back();
    const std::int64_t ended = std::ranges::max(runs, {}, &Run::ended_s).ended_s;
    const std::pair<std::string_view, bool> parts[] = {
        {"repository", stream.scope == run.scope},
        {"tool", stream.tool == run.tool},
        {"category", stream.category == run.category},
        {"folder", !run.has_configuration || stream.below == run.below},
        {"branch", stream.ref == run.ref},
        {"end of its latest run", stream.ended_s == ended},
    };
    for (const auto& [name, is_same] : parts)
        if (!is_same)
            (*use_)(fmt::format("stream {} has another {} than event {} tells", number, name,
                                run.event));
}

// The first branch of a repository that was imported says where its findings show themselves, or
// its main branch does (evidence/import.h); in a store of an older Merlon the first one stays.
void ImportChecker::check_default_refs() {
    for (const auto& [scope, ref] : first_refs_) {
        const auto kept = default_refs_.find(scope);
        if (kept == default_refs_.end())
            (*use_)(fmt::format("the repository {} is gone, of which the log tells", scope));
        else if (kept->second != ref && kept->second != shown_refs_.at(scope))
            (*use_)(fmt::format("the first branch of {} is not {}, as the log tells", scope,
                                ref.empty() ? "unnamed" : ref));
    }
}

Status ImportChecker::check_owners() {
    // Where no import has ever given owners, nothing has one.
    MERLON_TRY(database_->each_row(
        "SELECT DISTINCT s.name FROM finding f JOIN scope s ON s.id = f.scope WHERE f.owner <> '' "
        "ORDER BY s.name",
        {}, [&](Cells row) {
            const std::string_view scope = text_of(row[0]);
            if (!owners_.contains(scope) && !may_have_owners_.contains(scope))
                (*use_)(fmt::format("findings in {} have owners, which no import has given them",
                                    scope));
        }));

    std::map<std::string, std::int64_t, std::less<>> scopes;
    MERLON_TRY(database_->each_row("SELECT name, id FROM scope", {}, [&](Cells row) {
        scopes[std::string(text_of(row[0]))] = integer_of(row[1]);
    }));
    for (const auto& [scope, said] : owners_) {
        const auto found = scopes.find(scope);
        const std::string owners = found == scopes.end()
                                       ? std::string()
                                       : MERLON_TRY(owners_digest(*database_, found->second));
        if (owners != said.digest)
            (*use_)(
                fmt::format("the owners of findings in {} are not those that the import of "
                            "event {} left",
                            scope, said.event));
    }
    return {};
}

Status ImportChecker::check_rules() {
    for (const auto& [tool, said] : rules_)
        if (MERLON_TRY(rules_digest(*database_, tool)) != said.digest)
            (*use_)(fmt::format("the rules of {} are not those that the import of event {} left",
                                tool, said.event));
    return {};
}

// Edges are never taken away. Of those that a gate has written, no import tells.
Status ImportChecker::check_edges() {
    std::map<std::string, std::int64_t, std::less<>> kept;
    MERLON_TRY(database_->each_row(
        "SELECT d.digest, count(*) FROM edge e JOIN document d ON d.id = e.document "
        "GROUP BY d.digest",
        {}, [&](Cells row) { kept["sha256:" + to_hex(bytes_of(row[0]))] = integer_of(row[1]); }));
    for (const auto& [document, edges] : edges_)
        if (kept[document] < edges)
            (*use_)(
                fmt::format("the document {} has brought {} edges of the graph, and {} are "
                            "there",
                            document, edges, kept[document]));
    std::map<std::string, std::int64_t, std::less<>> numbers;
    MERLON_TRY(database_->each_row("SELECT digest, id FROM document", {}, [&](Cells row) {
        numbers["sha256:" + to_hex(bytes_of(row[0]))] = integer_of(row[1]);
    }));
    for (const auto& [document, said] : edges_digests_) {
        const auto found = numbers.find(document);
        if (found == numbers.end()) continue;  // its absence is told
        if (MERLON_TRY(edges_digest(*database_, found->second)) != said.digest)
            (*use_)(fmt::format(
                "the edges of the graph that the document {} has brought are not those that event "
                "{} tells of",
                document, said.event));
    }
    return {};
}

// History begins with the last event of a Merlon that did not keep it, and before all that did.
Status ImportChecker::check_history_since() {
    const std::int64_t since = MERLON_TRY(history_since(*database_));
    const bool is_right =
        since == 0 || (seconds_.contains(since) && (first_past_ < 0 || since <= first_past_));
    if (!is_right) (*use_)("history is said to be known from another moment on than the log tells");
    return {};
}

Status ImportChecker::check_past() {
    for (const auto& [second, said] : past_)
        if (MERLON_TRY(past_digest(*database_, second)) != said.digest)
            (*use_)(
                fmt::format("what findings were until event {} is not as it was kept", said.event));
    return {};
}

// Whatever an event may have put there: that it says what is possible.
Status ImportChecker::check_rows_of_past() {
    MERLON_TRY(database_->each_row(
        fmt::format(
            "SELECT p.finding, p.until FROM finding_past p LEFT JOIN finding f ON f.id = p.finding "
            "LEFT JOIN decision d ON d.id = p.decision WHERE f.id IS NULL "
            "OR p.until <= f.first_seen OR p.verdict <> coalesce(d.verdict, 0) "
            "OR p.expires <> coalesce(d.expires, 0) OR p.risk / 100 <> p.severity + 1 "
            "OR p.open <> CASE WHEN p.detection < 2 AND p.suppressed = '' AND p.verdict NOT IN {} "
            "THEN 1 ELSE 0 END ORDER BY p.finding, p.until",
            kClosingVerdicts),
        {}, [&](Cells row) {
            (*use_)(fmt::format("the past of finding {} is none that it can have had",
                                integer_of(row[0])));
        }));
    return database_->each_row(
        "SELECT finding, until FROM finding_past UNION SELECT finding, until FROM presence_past "
        "ORDER BY 1, 2",
        {}, [&](Cells row) {
            if (!seconds_.contains(integer_of(row[1])))
                (*use_)(fmt::format("the past of finding {} ends where nothing has happened",
                                    integer_of(row[0])));
        });
}

// When a finding was first seen, its first analysis says, which is the first of its presences'.
Status ImportChecker::check_beginnings() {
    return database_->each_row(
        "SELECT f.id FROM finding f LEFT JOIN analysis a ON a.id = f.first_analysis "
        "LEFT JOIN (SELECT finding, min(first_analysis) AS first FROM presence GROUP BY finding) p "
        "ON p.finding = f.id WHERE coalesce(a.received, -1) <> f.first_seen "
        "OR coalesce(p.first, -1) <> f.first_analysis ORDER BY f.id",
        {}, [&](Cells row) {
            (*use_)(fmt::format("finding {} was first seen at another time than is told",
                                integer_of(row[0])));
        });
}

}  // namespace merlon::evidence
