#pragma once

// Whether analyses, documents, owners and the past are what the imports' events tell of them.
//
// The idea: an import's event has of each run what it is of (repository, tool, category, branch),
// how it was configured, whether it was complete and why not, of the document its name, and hashes
// of the owners that it left and of its tool's rules; it and what decides have one of what was put
// into the past; so rows are held against the log, which binds itself. Events of older Merlons have
// less, and bind less.
//
// Of one stream the k-th last analysis is that of the k-th last event: older events do not name
// their stream.
//
// Not thread-safe. Cost: memory for all analyses and for the digests of the documents.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/decision_check.h"
#include "value/value.h"

namespace merlon::evidence {

// "sha256:…" over the findings of the scope that somebody owns, by number: what `assign_owners` has
// left (evidence/row_hash.h).
Result<std::string> owners_digest(Database& database, std::int64_t scope);

// The same over all names of the tool's rules, with their families: what imports have written of
// them.
Result<std::string> rules_digest(Database& database, std::string_view tool);

// The same over the edges of the graph that the document has brought; empty where it has none.
Result<std::string> edges_digest(Database& database, std::int64_t document);

// The same over the findings that the analysis was the first to see and that may have been known
// before, with which ones they may be; empty where there are none.
Result<std::string> moves_digest(Database& database, std::int64_t stream, std::int64_t analysis);

class ImportChecker {
  public:
    using UseProblem = DecisionChecker::UseProblem;

    // Reads analyses and documents; `use` has to live as long as the checker.
    static Result<ImportChecker> begin(Database& database, const UseProblem& use);
    void take(const Event& event, const value::Value& body);
    Status finish();

  private:
    struct Analysis {
        std::int64_t id = 0, complete = 0, found = 0, received = 0;
        std::string because, revision, document, version, program, configuration;
        bool is_assumed = false;
        std::int64_t maybe_moved = 0;
        std::string moves;
    };
    struct Run {
        std::int64_t event = 0, complete = 0, found = -1, at_s = 0, ended_s = 0, maybe_moved = -1;
        std::string because, revision, document, version, program, configuration;
        std::string scope, tool, category, below, ref, moves;
        bool is_assumed = false;
        bool has_reasons = false;        // of schema 9 or later
        bool has_configuration = false;  // of schema 11 or later
    };
    struct Stream {
        std::int64_t last_analysis = 0, ended_s = 0;
        std::string scope, tool, category, below, ref, configuration;
    };
    struct Document {
        std::string kind, name;
        std::int64_t received_s = 0;
        bool is_told = false;    // an event was first to name it
        bool is_called = false;  // the same, and told what it is called
    };
    struct Said {
        std::string digest;
        std::int64_t event = 0;
    };

    ImportChecker(Database& database, const UseProblem& use) : database_(&database), use_(&use) {}
    void take_import(const Event& event, const value::Value& body);
    void take_document(const Event& event, const value::Value& body);
    Status read_moves();
    void check_runs();
    void compare(const Analysis& analysis, const Run& run);
    void check_streams();
    void compare(std::int64_t number, const Stream& stream, const std::vector<Run>& runs);
    void check_default_refs();
    Status check_owners();
    Status check_rules();
    Status check_changes();
    Status check_edges();
    Status check_history_since();
    Status check_past();
    Status check_rows_of_past();
    Status check_beginnings();

    Database* database_;
    const UseProblem* use_;
    std::map<std::int64_t, std::vector<Analysis>> analyses_;        // by stream
    std::map<std::int64_t, std::vector<Run>> runs_;                 // by stream
    std::map<std::string, Document, std::less<>> documents_;        // by digest
    std::map<std::int64_t, Stream> streams_;                        // by number
    std::map<std::string, std::string, std::less<>> default_refs_;  // by the scope's name, as kept
    std::map<std::string, std::string, std::less<>> first_refs_;    // the same, as the log tells
    std::map<std::string, std::string, std::less<>> shown_refs_;    // or the main branch since
    std::map<std::string, Said, std::less<>> owners_;               // by the scope's name
    std::set<std::string, std::less<>> may_have_owners_;  // scopes: older events do not tell
    std::map<std::string, Said, std::less<>> rules_;      // by tool
    std::map<std::string, std::int64_t, std::less<>>
        edges_;  // by document: how many it has brought
    std::map<std::string, Said, std::less<>> edges_digests_;  // by document
    std::map<std::int64_t, Said> past_;                       // by second; of its last event
    std::int64_t first_past_ = -1;    // the second of the first event that binds what was; -1: none
    std::set<std::int64_t> seconds_;  // of events
};

}  // namespace merlon::evidence
