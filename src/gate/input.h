#pragma once

// What a gate's policy sees: everything that is known of a change, a release or a deployment, as
// one JSON document (schemas/gate-input.schema.json, docs/gates.md).
//
// The idea: the document is all that a decision depends on. Time, time zones, signatures that were
// checked and the state of the store stand in it as facts, so a policy asks nobody, and the same
// bytes with the same policy give the same verdict for ever. What is not known is told as such
// ("known": false, "missing": […]) and never left out.
//
// Values; thread-safe. Cost: linear. Equal facts give equal bytes.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/coverage.h"
#include "model/severity.h"

namespace merlon::gate {

// What is judged; `digest` is that of a commit ("gitCommit:…") or of an artefact ("sha256:…").
struct Subject {
    std::string name;
    std::string digest;
};

struct SeenFinding {
    std::int64_t id = 0;  // in the store; 0: from a report
    std::string rule, tool;
    std::string kind;  // "secret", "package", "license", "code"
    model::Severity severity = model::Severity::kHigh;
    std::string path;
    std::uint32_t line = 0;  // 0: the whole file
    std::string title;
    std::string fix;
    bool is_new = true;  // nothing shows that the target branch has it
    bool may_have_moved = false;
    std::string suppressed_by;     // empty: by nobody
    std::string document;          // the digest of what told of it
    std::string suppressed_until;  // RFC 3339; empty: for good, or not at all
    bool is_base_unknown = false;  // whether it is new is not known: it counts as new
    // Of a pull request: its own report suppresses it, and nothing shows that the merge base did.
    bool is_suppressed_in_change = false;
    // The lower severity that the merge base has it with; nothing where it has none lower.
    std::optional<model::Severity> raised_from = {};
};

struct SeenAnalysis {
    std::string tool, engine, category;
    std::string below;  // the image or folder that the store knows it by; empty: all of it
    std::string commit;
    std::string other_repository;  // that it is of, where that is not the one that is judged
    bool is_complete = true;
    bool is_assumed = false;           // nobody says that it is complete
    std::vector<std::string> because;  // why it is not
    std::vector<model::Gap> gaps;
    std::string document;
    bool is_stored = false;  // it is the store's, and not a report that was handed over
};

struct SeenPackage {
    std::string name, version, purl;
    std::string license;          // as stated; empty: none
    std::string license_verdict;  // "allow", "review", "deny"; empty: no list of licences is set
};

struct SeenBom {
    std::string format, document;
    std::size_t components = 0;
    bool is_complete = true;             // it does not say that parts of it are unknown
    std::vector<std::string> describes;  // digests of what it is of; empty: it does not say
};

struct SeenAttestation {
    std::string predicate_type, document;
    std::vector<std::string> subjects;  // digests
    bool is_verified = false;
    std::string reason;  // why it is not
};

// What a person has said and signed.
struct SeenDecision {
    std::string id;    // digest of the decision
    std::string kind;  // "approve", "reject", "except", "break-glass"
    std::string person;
    std::vector<std::string> groups;  // that the person is in
    std::vector<std::string> names;   // also addresses, as authors of commits have them
    std::string condition;            // of an exception
    std::string about;                // of an approval of an exception: that decision
    std::string reason, time, expires;
    std::optional<std::vector<std::string>> covers = {};  // gate/decisions.h
    bool is_valid = false;
    std::string refused_because;  // where it is not valid
};

// An exception, or a break-glass, that holds now (gate/decisions.h).
struct HoldingException {
    std::string id;         // digest of the decision
    std::string condition;  // "*": of all
    std::string person, confirmed_by, reason, expires;
    std::optional<std::vector<std::string>> covers = {};
};

struct ChangedFile {
    std::string path;
    std::string kind;  // "added", "deleted", "modified"
};
struct Author {
    std::string name, email;
};
struct Change {
    bool is_known = false;
    std::string unknown_because;
    std::string base, head;  // commits
    std::vector<ChangedFile> files;
    std::vector<std::string> workflow;  // of those: what pipelines are made of
    // Files that the merge base has, that the change leaves alone, and whose names without folders
    // are those of some that it does not.
    std::vector<std::string> namesakes = {};
    std::vector<Author> authors;  // and committers and co-authors of the commits, each once
};

// The hour in one time zone, which stands in the input so that a replay needs no tz database.
struct LocalTime {
    std::string zone, date, time, weekday;  // "Europe/Berlin", "2026-11-27", "09:30", "fri"
};

// What the store remembers of an environment.
struct EnvironmentHistory {
    bool is_known = false;  // without a store nothing is
    std::string requested;  // when this subject first asked; empty: now
    std::string locked_by;  // the verdict that holds the lock; empty: nobody
    std::string locked_until;
};

struct Input {
    std::string merlon;  // the program's version
    std::string gate;    // "pr", "release", "deploy"
    Timestamp now;
    std::int64_t time_to_live_s = 0;
    Subject subject;
    std::string repository, ref, target;
    // What `ref` names where it is no full name ("refs/…").
    enum class RefKind : std::uint8_t { kBranch, kTag } ref_kind = RefKind::kBranch;
    std::string requested_by;
    bool is_requester_registered = false;     // by .merlon/people of the target branch
    std::string pull_request;                 // its address, or number; empty: none
    std::vector<std::string> workloads = {};  // that a deployment runs as, as the pipeline says
    std::string settings = "{}";              // JSON: of the gate
    std::string groups = "{}";                // JSON: people by group
    std::string settings_from;                // where both were read
    std::vector<SeenFinding> findings;
    bool has_base = false;    // whether anything tells what the merge base has
    std::string base_commit;  // the merge base; empty: not known, or not asked for
    std::vector<std::string> base_unknown_because;  // of a store: what of the base is not known
    std::vector<SeenAnalysis> analyses;
    std::vector<std::string> expected;  // analyses that have to be there, by engine or tool
    std::vector<SeenBom> boms;
    std::vector<SeenPackage> packages;
    std::vector<SeenAttestation> attestations;
    std::vector<SeenDecision> decisions;
    std::vector<HoldingException> exceptions;
    Change change;
    std::string environment;                  // empty: none
    std::string environment_settings = "{}";  // JSON
    EnvironmentHistory history;
    std::vector<LocalTime> zones;
    std::map<std::string, std::string> metrics;  // numbers, as they were given
};

// One line.
std::string to_json(const Input& input);

// "merlon/secrets/" is the category of our engine "secrets"; empty: of none.
std::string engine_of(std::string_view tool, std::string_view category);

// Of an analysis's category what does not depend on what was found.
std::string_view steady_category(std::string_view tool, std::string_view category);

// How an analysis is called in `expected`: by its tool and, where that has several, its category.
std::string analysis_name(std::string_view tool, std::string_view category);

// Those of `expected` that no analysis is of.
std::vector<std::string> missing_analyses(const Input& input);

}  // namespace merlon::gate
