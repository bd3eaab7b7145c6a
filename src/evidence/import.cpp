#include "evidence/import.h"

#include <algorithm>
#include <array>
#include <compare>
#include <map>
#include <set>
#include <span>
#include <thread>
#include <vector>

#include "base/append.h"
#include "base/ascii.h"
#include "base/joined.h"
#include "crypto/digest.h"
#include "evidence/bills.h"
#include "evidence/decisions.h"
#include "evidence/event_log.h"
#include "evidence/fix_end.h"
#include "evidence/graph.h"
#include "evidence/history.h"
#include "evidence/import_check.h"
#include "evidence/jobs.h"
#include "evidence/key_change.h"
#include "evidence/merge_write.h"
#include "evidence/rule_families.h"
#include "evidence/seconds.h"
#include "evidence/stream_state.h"
#include "evidence/tool_names.h"
#include "exchange/imported_end.h"
#include "text/json.h"
#include "text/zstd.h"

namespace merlon::evidence {
namespace {

constexpr int kPackingLevel =
    3;  // three quarters of what level 19 saves, in a fiftieth of the time
constexpr std::string_view kDefaultScope = exchange::kUnnamedRepository;

// The key of an analysis, in words.
struct StreamName {
    std::string scope, tool, category, below, ref;
    auto operator<=>(const StreamName&) const = default;
};

struct StreamRow {
    std::int64_t id = 0;
    std::int64_t scope = 0;
    std::string default_ref;
    std::string configuration;
    std::int64_t ended_s = 0;   // of its latest report
    bool has_complete = false;  // an analysis that was complete
    bool has_some = false;      // an analysis
    std::string state;
};

StreamName name_of(const ImportRequest& request, const exchange::ReadReport& read) {
    const model::Analysis& analysis = read.report.analysis;
    StreamName name;
    name.scope = !request.scope.empty() ? request.scope : read.repository;
    if (name.scope.empty()) name.scope = kDefaultScope;
    name.tool = tool_name(analysis.tool);
    name.category = read.category;
    // As our SARIF has it.
    if (name.category.empty() && !analysis.engine.empty())
        name.category = name.tool + "/" + analysis.engine + "/";
    // Beside what the report says: one document may hold several.
    if (!request.category.empty())
        name.category = request.category + (name.category.empty() ? "" : "/" + name.category);
    // An image under its own name is all of what that name means.
    const bool is_everything =
        analysis.scope.size() == 1 &&
        (analysis.scope[0] == "." || repository_name(analysis.scope[0]) == name.scope);
    if (!is_everything) name.below = joined(analysis.scope, "\n");
    name.ref = !request.ref.empty() ? request.ref : analysis.ref;
    return name;
}

// Runs of one document that are of one stream are one analysis, or the second would close what the
// first has found.
std::vector<exchange::ReadReport> united_runs(const ImportRequest& request,
                                              std::vector<exchange::ReadReport> reports) {
    if (reports.size() < 2) return reports;
    std::vector<exchange::ReadReport> all;
    std::map<StreamName, std::size_t> places;
    for (exchange::ReadReport& read : reports) {
        const auto [place, is_first] = places.try_emplace(name_of(request, read), all.size());
        if (is_first)
            all.push_back(std::move(read));
        else
            unite(all[place->second], std::move(read));
    }
    return all;
}

// What an import does to the findings that its report does not have depends on this.
struct Completeness {
    bool is_complete = true;
    std::string because;      // it is not
    bool is_assumed = false;  // nobody says that it is
};

Completeness completeness_of(const ImportRequest& request, const exchange::ReadReport& read,
                             bool is_older) {
    const model::Analysis& analysis = read.report.analysis;
    if (is_older) return {false, std::string(kOlderReport)};
    using Coverage = ImportRequest::Coverage;
    if (request.coverage == Coverage::kComplete) return {};
    if (request.coverage == Coverage::kPartial) return {false, "as told"};
    return {analysis.complete, joined(analysis.incomplete_because, " "),
            analysis.complete && read.is_coverage_assumed};
}

class Import {
  public:
    Import(Database& database, const ImportRequest& request)
        : database_(database),
          request_(request),
          own_packed_(request.packed == nullptr
                          ? std::optional(pack_document(request.bytes, request.cancel))
                          : std::nullopt),
          packed_(request.packed == nullptr ? *own_packed_ : *request.packed) {
        database_.stop_by(request.cancel);
    }
    Import(const Import&) = delete;
    Import& operator=(const Import&) = delete;
    ~Import() { database_.stop_by(nullptr); }

    Result<ImportedDocument> run(std::vector<exchange::ReadReport> reports) {
        // What does not need the store is done before the others have to wait.
        std::vector<std::vector<Occurrence>> occurrences;
        std::vector<std::size_t> repeats(reports.size());
        for (std::size_t i = 0; i < reports.size(); ++i)
            occurrences.push_back(occurrences_of(reports[i].report, repeats[i], request_.cancel));
        MERLON_TRY(go_on());

        Transaction transaction = MERLON_TRY(Transaction::begin(database_));
        MERLON_TRY(settle_expired(database_, request_.actor, request_.now));
        const bool is_new = MERLON_TRY(write_document());
        ImportedDocument imported;
        std::vector<ImportedRun>& runs = imported.runs;
        bool is_news = false;
        for (std::size_t i = 0; i < reports.size(); ++i) {
            runs.push_back(MERLON_TRY(run_one(i, reports[i], occurrences[i])));
            MERLON_TRY(go_on());
            runs.back().counts.repeats = repeats[i];
            is_news = is_news || !runs.back().is_known;
        }
        imported.decided = MERLON_TRY(decide_what_was_decided());
        const std::uint64_t fixed =
            MERLON_TRY(settle_fixed(database_, request_.actor, request_.now));
        imported.edges = MERLON_TRY(link_what_is_linked());
        if (request_.bill_of) MERLON_TRY(keep_as_bill(*request_.bill_of));
        is_news = is_news || fixed > 0 || (reports.empty() && is_new) ||
                  imported.decided.is_news() || imported.edges > 0;
        if (!is_news) {  // and nothing stays of the transaction
            if (!request_.also) return imported;
            MERLON_TRY(request_.also(runs));
            MERLON_TRY(transaction.commit());
            return imported;
        }
        const std::string past = MERLON_TRY(past_digest(database_, now_s()));
        if (imported.edges > 0) edges_digest_ = MERLON_TRY(edges_digest(database_, document_));
        MERLON_TRY(append_event(database_, {.at = request_.now,
                                            .actor = request_.actor,
                                            .kind = event_kind::kImport,
                                            .body = event_body(imported, past)}));
        if (request_.also) MERLON_TRY(request_.also(runs));
        // Giving back the memory of what was read takes as long as the disk does.
        const std::jthread freeing([&] {
            occurrences.clear();
            reports.clear();
        });
        MERLON_TRY(transaction.commit());
        return imported;
    }

  private:
    Status go_on() const {
        if (request_.cancel == nullptr || !request_.cancel->cancelled()) return {};
        return interrupted();
    }

    std::int64_t now_s() const { return seconds_of(request_.now); }

    // Whether it was not there yet.
    Result<bool> write_document() {
        const std::uint64_t written = MERLON_TRY(database_.change(
            "INSERT INTO document (digest, kind, name, size, received, packed) "
            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO NOTHING",
            {Bytes{packed_.digest.bytes()}, request_.kind, std::string_view(request_.name),
             static_cast<std::int64_t>(packed_.size), now_s(), Bytes{packed_.bytes}}));
        document_ = MERLON_TRY(database_.number("SELECT id FROM document WHERE digest = $1",
                                                {Bytes{packed_.digest.bytes()}}, 0));
        return written > 0;
    }

    Result<StreamRow> stream_of(const StreamName& name) {
        MERLON_TRY(database_.run(
            "INSERT INTO scope (name, default_ref) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            {std::string_view(name.scope), std::string_view(name.ref)}));
        StreamRow row;
        row.scope = MERLON_TRY(database_.number("SELECT id FROM scope WHERE name = $1",
                                                {std::string_view(name.scope)}, 0));
        const std::initializer_list<Cell> key = {
            row.scope, std::string_view(name.tool), std::string_view(name.category),
            std::string_view(name.below), std::string_view(name.ref)};
        MERLON_TRY(
            database_.run("INSERT INTO stream (scope, tool, category, below, ref, configuration) "
                          "VALUES ($1, $2, $3, $4, $5, '') "
                          "ON CONFLICT (scope, tool, category, below, ref) DO NOTHING",
                          key));
        MERLON_TRY(database_.each_row(
            "SELECT t.id, t.configuration, s.default_ref, (SELECT count(*) FROM analysis a "
            "WHERE a.stream = t.id AND a.complete = 1), t.state, t.ended, "
            "coalesce(t.last_analysis, 0) FROM stream t JOIN scope "
            "s "
            "ON s.id = t.scope WHERE t.scope = $1 AND t.tool = $2 AND t.category = $3 "
            "AND t.below = $4 AND t.ref = $5",
            key, [&](Cells cells) {
                row.id = integer_of(cells[0]);
                row.configuration = text_of(cells[1]);
                row.default_ref = text_of(cells[2]);
                row.has_complete = integer_of(cells[3]) > 0;
                row.state = text_of(cells[4]);
                row.ended_s = integer_of(cells[5]);
                row.has_some = integer_of(cells[6]) > 0;
            }));
        if (takes_over_default(row.default_ref, name.ref)) {
            row.default_ref = name.ref;
            MERLON_TRY(database_.run("UPDATE scope SET default_ref = $2 WHERE id = $1",
                                     {row.scope, std::string_view(name.ref)}));
        }
        return row;
    }

    std::string revision_of(const model::Analysis& analysis) const {
        return request_.revision.empty() ? analysis.commit : request_.revision;
    }

    // Whether the stream's last analysis is this very run of this very document, read and taken
    // for complete as it is now.
    Result<bool> is_latest(const StreamRow& stream, std::size_t index, const std::string& revision,
                           const Completeness& completeness, std::size_t found) {
        // What another configuration left unknown is news for somebody who says that it is
        // complete.
        if (completeness.is_complete && request_.coverage == ImportRequest::Coverage::kComplete) {
            const std::int64_t left = MERLON_TRY(
                database_.number("SELECT count(*) FROM presence WHERE stream = $1 AND state = $2",
                                 {stream.id, kReconfigured}, 0));
            if (left > 0) return false;
        }
        const std::int64_t same = MERLON_TRY(database_.number(
            "SELECT count(*) FROM stream t JOIN analysis a ON a.id = t.last_analysis "
            "WHERE t.id = $1 AND a.document = $2 AND a.run = $3 AND a.revision = $4 "
            "AND a.complete = $5 AND a.found = $6 AND a.assumed = $7",
            {stream.id, document_, static_cast<std::int64_t>(index), std::string_view(revision),
             std::int64_t{completeness.is_complete ? 1 : 0}, static_cast<std::int64_t>(found),
             std::int64_t{completeness.is_assumed ? 1 : 0}},
            0));
        return same > 0;
    }

    Result<std::int64_t> write_analysis(const StreamRow& stream, std::size_t index,
                                        const model::Analysis& analysis,
                                        const Completeness& completeness, std::size_t found) {
        const std::string revision = revision_of(analysis);
        return database_.number(
            "INSERT INTO analysis (document, run, stream, tool_version, program, configuration, "
            "revision, complete, incomplete_because, received, found, assumed) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
            {document_, static_cast<std::int64_t>(index), stream.id,
             std::string_view(analysis.version), std::string_view(analysis.program_digest),
             std::string_view(analysis.configuration_digest), std::string_view(revision),
             std::int64_t{completeness.is_complete ? 1 : 0}, std::string_view(completeness.because),
             now_s(), static_cast<std::int64_t>(found),
             std::int64_t{completeness.is_assumed ? 1 : 0}},
            0);
    }

    // When the tool was done, 0 where nothing depends on it. A report that does not say so is of
    // when it was put into the queue; what is imported past those that wait is newer than they are.
    Result<std::int64_t> end_of(const exchange::ReadReport& read, std::string_view scope) {
        // A clock that is ahead would make all that comes later old.
        if (read.ended) return std::min(seconds_of(*read.ended), now_s());
        if (request_.queued) return std::min(seconds_of(*request_.queued), now_s());
        const std::int64_t newest_ms = MERLON_TRY(newest_import_to_come(database_, scope));
        constexpr std::int64_t kMilliseconds = 1000;
        return newest_ms == 0 ? 0 : std::max(now_s(), newest_ms / kMilliseconds + 1);
    }

    Result<ImportedRun> run_one(std::size_t index, const exchange::ReadReport& read,
                                std::vector<Occurrence>& occurrences) {
        const model::Analysis& analysis = read.report.analysis;
        StreamName name = name_of(request_, read);
        name.ref = MERLON_TRY(ref_called(database_, name.scope, name.ref));
        name.tool = MERLON_TRY(tool_called(database_, name.scope, analysis.tool));
        const StreamRow stream = MERLON_TRY(stream_of(name));
        const std::int64_t ended = MERLON_TRY(end_of(read, name.scope));
        const Completeness completeness =
            completeness_of(request_, read, ended > 0 && ended < stream.ended_s);
        ImportedRun run{.scope = name.scope,
                        .tool = name.tool,
                        .category = name.category,
                        .ref = name.ref,
                        .is_complete = completeness.is_complete,
                        .incomplete_because = completeness.because,
                        .is_assumed = completeness.is_assumed,
                        .stream = 0,
                        .state = {},
                        .revision = revision_of(analysis),
                        .owners = {},
                        .rules = {},
                        .moves = {},
                        .version = analysis.version,
                        .program = analysis.program_digest,
                        .configuration = analysis.configuration_digest,
                        .below = name.below,
                        .ended_s = ended,
                        .by_place_only = 0,
                        .is_known = false,
                        .counts = {}};
        run.by_place_only = static_cast<std::uint64_t>(std::ranges::count_if(
            occurrences, [](const auto& one) { return is_told_by_place_only(*one.finding); }));
        run.is_known =
            MERLON_TRY(is_latest(stream, index, run.revision, completeness, occurrences.size()));
        run.counts.found = occurrences.size();
        run.stream = stream.id;
        if (run.is_known) {
            MERLON_TRY(note_findings(stream.id, occurrences));
            return run;
        }
        if (MERLON_TRY(assign_families(database_, name.tool, read, occurrences)))
            run.rules = MERLON_TRY(rules_digest(database_, name.tool));
        MergePlace place{.scope = stream.scope, .stream = stream.id, .now_s = now_s()};
        place.analysis =
            MERLON_TRY(write_analysis(stream, index, analysis, completeness, occurrences.size()));
        place.is_default_ref = name.ref == stream.default_ref;
        place.is_first = !stream.has_some;
        // Paths of an image, or of a folder, are not those of the repository.
        if (!run.revision.empty() && name.below.empty()) {
            place.files = request_.files;
            place.revision = run.revision;
        }
        if (completeness.is_complete) {
            // Whoever says that it was complete means it of what other configurations saw, too.
            const bool is_comparable = !stream.has_complete ||
                                       stream.configuration == analysis.configuration_digest ||
                                       request_.coverage == ImportRequest::Coverage::kComplete;
            place.says_of_missing =
                is_comparable ? MergePlace::Says::kGone : MergePlace::Says::kReconfigured;
        }
        // Whoever says that it was complete means that nothing else is there.
        if (request_.coverage == ImportRequest::Coverage::kAsStated)
            place.has_looked = MERLON_TRY(looked_at(database_, name.tool, read, request_.is_gone));
        run.counts = MERLON_TRY(merge(database_, place, occurrences));
        if (run.counts.maybe > 0)
            run.moves = MERLON_TRY(moves_digest(database_, stream.id, place.analysis));
        MERLON_TRY(note_findings(stream.id, occurrences));
        if (request_.owner_of) {
            MERLON_TRY(assign_owners(database_, stream.scope, request_.owner_of, now_s()));
            run.owners = MERLON_TRY(owners_digest(database_, stream.scope));
        }
        // Of a report that has nothing new to say it is what it was.
        run.state = stream.state;
        if (run.counts.has_written || run.state.empty())
            run.state = MERLON_TRY(stream_state(database_, stream.id));
        MERLON_TRY(database_.run(
            "UPDATE stream SET last_analysis = $2, configuration = CASE WHEN $3 = 1 THEN $4 "
            "ELSE configuration END, state = $5, ended = $6 WHERE id = $1",
            {stream.id, place.analysis, std::int64_t{completeness.is_complete ? 1 : 0},
             std::string_view(analysis.configuration_digest), std::string_view(run.state),
             std::max(ended, stream.ended_s)}));
        return run;
    }

    // Which findings the document's own names mean.
    Status note_findings(std::int64_t stream, const std::vector<Occurrence>& occurrences) {
        const bool are_named = std::ranges::any_of(
            request_.decisions, [](const auto& one) { return !one.finding.empty(); });
        if (!are_named) return {};
        for (const Occurrence& one : occurrences) {
            for (const model::Fingerprint& print : one.finding->fingerprints) {
                if (print.algorithm != exchange::kForeignFinding) continue;
                findings_[print.value] = MERLON_TRY(database_.number(
                    "SELECT finding FROM presence WHERE stream = $1 AND print = $2",
                    {stream, Bytes{one.print_bytes()}}, 0));
            }
        }
        return {};
    }

    Result<ForeignOutcome> decide_what_was_decided() {
        if (request_.decisions.empty()) return ForeignOutcome{};
        return apply_foreign(database_,
                             {.scope = request_.scope,
                              .document = packed_.digest.to_string(),
                              .actor = request_.actor,
                              .now = request_.now,
                              .findings = std::move(findings_)},
                             request_.decisions);
    }

    // Which repository or image it is about: what the user says, else what it is of.
    Status keep_as_bill(const std::string& name) {
        const std::string named = name.empty() ? std::string(kDefaultScope) : name;
        const std::string scope =
            request_.scope.empty() ? MERLON_TRY(scope_called(database_, named)) : request_.scope;
        return keep_bill(
            database_, {.scope = storable(scope), .ref = request_.ref, .artifact = storable(named)},
            document_, request_.revision, request_.now);
    }

    // The document's own links, and those that the user tells of: that the artifacts were built of
    // this commit, and that the commit is of this repository.
    // What a document describes is of the commit, else the repository, that the import names.
    void name_what_is_imported(std::vector<exchange::Link>& links) const {
        exchange::LinkEnd of{"commit", request_.revision};
        if (of.name.empty()) of = {"repository", request_.scope};
        for (exchange::Link& link : links)
            if (link.from == exchange::what_is_imported()) link.from = of;
        std::erase_if(links, [](const exchange::Link& link) { return link.from.name.empty(); });
    }

    Result<std::uint64_t> link_what_is_linked() {
        std::vector<exchange::Link> links(request_.links.begin(), request_.links.end());
        name_what_is_imported(links);
        exchange::Link told{.from = {"commit", request_.revision},
                            .relation = "built",
                            .to = {},
                            .confidence = exchange::Confidence::kTold,
                            .collector = request_.actor};
        std::set<exchange::LinkEnd> artifacts;
        for (const exchange::Link& link : request_.links)
            for (const exchange::LinkEnd* end : {&link.from, &link.to})
                if (end->kind == "artifact") artifacts.insert(*end);
        if (!request_.revision.empty()) {
            for (const exchange::LinkEnd& artifact : artifacts) {
                told.to = artifact;
                links.push_back(told);
            }
            if (!request_.scope.empty()) {
                links.push_back({.from = {"repository", request_.scope},
                                 .relation = "has",
                                 .to = {"commit", request_.revision},
                                 .confidence = exchange::Confidence::kTold,
                                 .collector = request_.actor});
                if (!request_.ref.empty()) link_ref(links);
            }
        }
        return write_links(database_,
                           {.document = document_,
                            .analysis = 0,
                            .collector = std::string(request_.kind),
                            .observed = request_.now},
                           links);
    }

    void link_ref(std::vector<exchange::Link>& links) const {
        const exchange::LinkEnd ref{"ref", repository_name(request_.scope) + "@" + request_.ref};
        exchange::Link link{.from = {"repository", request_.scope},
                            .relation = "has",
                            .to = ref,
                            .confidence = exchange::Confidence::kTold,
                            .collector = request_.actor};
        links.push_back(link);
        link.from = ref;
        link.relation = "was at";
        link.to = {"commit", request_.revision};
        links.push_back(std::move(link));
    }

    std::string event_body(const ImportedDocument& imported, const std::string& past) const {
        std::string body;
        text::JsonWriter json(body);
        json.begin_object()
            .member("document", packed_.digest.to_string())
            .member("kind", request_.kind);
        json.member("name", request_.name);
        // On whose word the runs were complete or not.
        if (request_.coverage != ImportRequest::Coverage::kAsStated)
            json.member("coverage", "as told");
        json.key("runs").begin_array();
        for (const ImportedRun& run : imported.runs) {
            json.begin_object().member("scope", run.scope).member("tool", run.tool);
            json.member("category", run.category).member("ref", run.ref);
            if (!request_.category.empty()) json.member("categoryTold", request_.category);
            json.key("complete").boolean(run.is_complete);
            if (!run.state.empty()) {
                json.key("stream").integer(run.stream).member("state", run.state);
                json.member("commit", run.revision);
                // These together tell of what the run is and how it was made, also where they are
                // empty; older events lack them.
                json.member("configuration", run.configuration);
                if (!run.version.empty()) json.member("version", run.version);
                if (!run.program.empty()) json.member("program", run.program);
                if (!run.below.empty()) json.member("below", run.below);
                if (run.ended_s > 0) json.key("ended").integer(run.ended_s);
                if (!run.rules.empty()) json.member("rules", run.rules);
                if (!run.moves.empty()) json.member("maybeMovedFrom", run.moves);
            }
            if (run.is_assumed) json.key("assumed").boolean(true);
            if (!run.incomplete_because.empty()) json.member("because", run.incomplete_because);
            if (!run.owners.empty()) json.member("owners", run.owners);
            for (const auto& [name, count] : counts_by_name(run.counts))
                json.key(name).integer(static_cast<std::int64_t>(count));
            json.end_object();
        }
        json.end_array().member("past", past);
        if (imported.edges > 0)
            json.key("edges")
                .integer(static_cast<std::int64_t>(imported.edges))
                .member("edgesDigest", edges_digest_);
        if (!request_.decisions.empty()) {
            const ForeignOutcome& decided = imported.decided;
            json.key("decisions").begin_object();
            json.key("applied").integer(static_cast<std::int64_t>(decided.applied));
            json.key("waiting").integer(static_cast<std::int64_t>(decided.waiting));
            if (decided.proposed > 0)
                json.key("proposed").integer(static_cast<std::int64_t>(decided.proposed));
            json.key("notCarried").begin_object();
            for (const auto& [reason, count] : decided.not_carried)
                json.key(reason).integer(static_cast<std::int64_t>(count));
            json.end_object().end_object();
        }
        json.end_object();
        return body;
    }

    Database& database_;
    const ImportRequest& request_;
    std::optional<PackedDocument> own_packed_;
    const PackedDocument& packed_;
    std::int64_t document_ = 0;
    std::string edges_digest_;  // evidence/import_check.h, where it has brought some
    std::map<std::string, std::int64_t, std::less<>> findings_;
};

}  // namespace

PackedDocument pack_document(std::string_view bytes, const CancelToken* cancel) {
    return {crypto::sha256(bytes), text::pack_zstd(bytes, kPackingLevel, cancel), bytes.size()};
}

Result<std::vector<ImportedRun>> import_reports(Database& database, const ImportRequest& request,
                                                std::vector<exchange::ReadReport> reports) {
    ImportedDocument imported = MERLON_TRY(import_document(database, request, std::move(reports)));
    return std::move(imported.runs);
}

Result<ImportedDocument> import_document(Database& database, const ImportRequest& request,
                                         std::vector<exchange::ReadReport> reports) {
    ImportRequest named = request;
    named.scope = MERLON_TRY(scope_called(database, request.scope));
    for (exchange::ReadReport& read : reports) {
        name_secret_key(read.report);
        read.repository = MERLON_TRY(scope_called(database, read.repository));
    }
    if (!named.scope.empty()) named.ref = MERLON_TRY(ref_called(database, named.scope, named.ref));
    return Import(database, named).run(united_runs(named, std::move(reports)));
}

namespace {

// Hosts have no case; neither have names on the large forges (package-url, "purl types").
std::string without_case(std::string name) {
    constexpr std::array<std::string_view, 3> kForges{"github.com", "gitlab.com", "bitbucket.org"};
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos) return name;
    const std::string host = lower_case(std::string_view(name).substr(0, slash));
    if (std::ranges::find(kForges, host) != kForges.end()) return lower_case(name);
    if (host.contains('.')) name.replace(0, slash, host);
    return name;
}

// Scheme, user, ".git" and a last '/' are how one gets there, and not what it is.
std::string place_of(std::string_view address) {
    const std::size_t scheme = address.find("://");
    const bool is_url = scheme != std::string_view::npos;
    if (is_url) address.remove_prefix(scheme + 3);
    if (const std::size_t user = address.find('@');
        user != std::string_view::npos && user < address.find('/'))
        address.remove_prefix(user + 1);
    while (address.ends_with('/')) address.remove_suffix(1);
    if (address.ends_with(".git")) address.remove_suffix(4);
    std::string name(address);
    // "git@host:path", as ssh and Git write it.
    if (const std::size_t colon = name.find(':');
        !is_url && colon != std::string::npos && name.find('/') > colon)
        name[colon] = '/';
    return name;
}

}  // namespace

void unite(exchange::ReadReport& all, exchange::ReadReport&& more) {
    model::Report& report = all.report;
    append(report.rules, std::move(more.report.rules));
    append(report.findings, std::move(more.report.findings));
    append(report.coverage.gaps, std::move(more.report.coverage.gaps));
    std::ranges::stable_sort(report.findings, model::less);
    model::Analysis& analysis = report.analysis;
    model::Analysis& other = more.report.analysis;
    analysis.complete = analysis.complete && other.complete;
    append(analysis.incomplete_because, std::move(other.incomplete_because));
    if (more.ended && (!all.ended || *all.ended < *more.ended)) all.ended = more.ended;
    if (analysis.configuration_digest != other.configuration_digest)
        analysis.configuration_digest += "+" + other.configuration_digest;
    all.is_coverage_assumed = all.is_coverage_assumed || more.is_coverage_assumed;
    all.lists_rules = all.lists_rules && more.lists_rules;
    all.rules_off.merge(more.rules_off);
    if (!all.looked_at || !more.looked_at)
        all.looked_at.reset();
    else
        append(*all.looked_at, std::move(*more.looked_at));
    // Of two folders it has looked below neither alone.
    if (all.looked_below != more.looked_below) all.looked_below.clear();
    append(all.passed_over, std::move(more.passed_over));
    all.former_rules.insert(more.former_rules.begin(), more.former_rules.end());
}

bool are_apart(std::string_view left, std::string_view right) {
    if (left.contains('\n') || right.contains('\n')) return false;
    const auto holds = [](std::string_view outer, std::string_view inner) {
        return outer.empty() || (inner.starts_with(outer) &&
                                 (inner.size() == outer.size() || inner[outer.size()] == '/'));
    };
    return !holds(left, right) && !holds(right, left);
}

std::string repository_name(std::string_view address) { return without_case(place_of(address)); }

Result<std::string> scope_called(Database& database, std::string_view name) {
    const std::string normal = repository_name(name), cased = place_of(name);
    for (const std::string_view known : {std::string_view(name), std::string_view(cased)}) {
        if (known.empty() || known == normal) continue;
        const std::int64_t some =
            MERLON_TRY(database.number("SELECT count(*) FROM scope WHERE name = $1", {known}, 0));
        if (some > 0) return std::string(known);
    }
    return normal;
}

bool takes_over_default(std::string_view current, std::string_view ref) {
    const auto is_main = [](std::string_view name) {
        constexpr std::string_view kHeads = "refs/heads/";
        if (name.starts_with(kHeads)) name.remove_prefix(kHeads.size());
        return name == "main" || name == "master";
    };
    return is_main(ref) && !is_main(current);
}

namespace {

constexpr std::string_view kBranches = "refs/heads/";

Result<std::int64_t> streams_of(Database& database, std::string_view scope, std::string_view ref) {
    return database.number(
        "SELECT count(*) FROM stream t JOIN scope s ON s.id = t.scope WHERE s.name = $1 "
        "AND t.ref = $2",
        {scope, ref}, 0);
}

}  // namespace

Result<std::string> ref_called(Database& database, std::string_view scope, std::string_view ref) {
    if (ref.empty()) return std::string();
    const bool is_full = ref.starts_with(kBranches);
    const std::string other = is_full ? std::string(ref.substr(kBranches.size()))
                                      : std::string(kBranches) + std::string(ref);
    if (other.empty() || MERLON_TRY(streams_of(database, scope, ref)) > 0) return std::string(ref);
    return MERLON_TRY(streams_of(database, scope, other)) > 0 ? other : std::string(ref);
}

Result<bool> has_branch(Database& database, std::string_view scope, std::string_view branch) {
    const std::string known = MERLON_TRY(ref_called(database, scope, branch));
    return MERLON_TRY(streams_of(database, scope, known)) > 0;
}

}  // namespace merlon::evidence
