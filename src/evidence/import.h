#pragma once

// Takes a document into the store: its bytes, its analyses, what they found, and the event that
// tells of it, all or nothing.
//
// The idea: a document is known by its digest. One whose analyses are the latest of their streams
// is in the store already, and nothing happens: sending it twice does no harm. The same bytes after
// others are news, though: a report without findings looks the same every day.
//
// Not thread-safe: the connection belongs to one thread. Cost: what reading the report has cost,
// once more.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "crypto/digest.h"
#include "evidence/database.h"
#include "evidence/foreign_decisions.h"
#include "evidence/merge.h"
#include "evidence/ownership.h"
#include "exchange/links.h"
#include "exchange/read_report.h"

namespace merlon::evidence {

// Why a run closes nothing that was made before the last one of its stream: what it does not have
// may have come since.
inline constexpr std::string_view kOlderReport = "older-report";

struct ImportedRun {
    std::string scope, tool, category, ref;
    bool is_complete = true;
    std::string incomplete_because;
    bool is_assumed = false;  // it is taken for complete, and nobody says so
    std::int64_t stream = 0;  // its number
    std::string state;        // evidence/stream_state.h, after the import
    std::string revision;     // the commit that was looked at; empty: not told
    std::string owners;       // evidence/import_check.h, after the import; empty: they stayed
    std::string rules;        // the same, of its tool's rules
    std::string moves;        // the same, of findings that may be known ones
    // How the tool says that it was made and configured, and below what it has looked.
    std::string version, program, configuration, below;
    std::int64_t ended_s = 0;         // when the tool was done; 0: not told
    std::uint64_t by_place_only = 0;  // secrets of whose values the report says nothing
    bool is_known = false;            // the latest of its stream already: nothing was done
    MergeCounts counts;
};

// A document as it is kept. Made beside the reading of it, where the caller has a thread for that.
struct PackedDocument {
    crypto::Digest digest;
    std::string bytes;     // zstd
    std::size_t size = 0;  // of what it unpacks to
};
// `cancel` may be null; once it is set, what is returned is no document.
PackedDocument pack_document(std::string_view bytes, const CancelToken* cancel = nullptr);

struct ImportRequest {
    std::string_view bytes;  // the document; may be empty where it comes packed
    std::string_view kind;   // "sarif", "merlon-report"
    std::string name;        // as the user knows it
    // What the analyses are of, where they do not say so themselves; these win.
    std::string scope;
    std::string ref;
    std::string revision;
    std::string category = {};
    // Whether the runs were complete: what the reports say, or whoever imports them.
    enum class Coverage : std::uint8_t { kAsStated, kComplete, kPartial };
    Coverage coverage = Coverage::kAsStated;
    // Whether the repository has no such file; empty: not known. evidence/looked_at.h
    std::function<bool(std::string_view path)> is_gone = {};
    CommitFiles* files = nullptr;  // what Git knows of them; null: nothing
    OwnerOf owner_of = {};         // empty: owners stay as they are
    // What the document says was decided elsewhere.
    std::span<const exchange::ForeignDecision> decisions = {};
    // And of where software comes from, and what is in it.
    std::span<const exchange::Link> links = {};
    // Of a bill of materials: what it is of, by name, which may be empty.
    std::optional<std::string> bill_of = {};
    std::string actor;
    Timestamp now;
    // What else happens in the transaction, also where nothing is news; empty: nothing. Where it
    // fails, nothing is imported.
    std::function<Status(const std::vector<ImportedRun>& runs)> also = {};
    // When it was put to be imported later; empty: it is imported at once. A report that does not
    // say when its tool was done counts as of then.
    std::optional<Timestamp> queued = {};
    const PackedDocument* packed = nullptr;  // of `bytes`; null: is made here
    const CancelToken* cancel = nullptr;  // once it is set the import fails, and nothing is changed
};

struct ImportedDocument {
    std::vector<ImportedRun> runs;
    ForeignOutcome decided;
    std::uint64_t edges = 0;  // that are new
};

// `reports` are what was read of the document, which is kept even without any. One for each stream:
// runs of the same are united.
Result<ImportedDocument> import_document(Database& database, const ImportRequest& request,
                                         std::vector<exchange::ReadReport> reports);
// The runs alone.
Result<std::vector<ImportedRun>> import_reports(Database& database, const ImportRequest& request,
                                                std::vector<exchange::ReadReport> reports);

// Makes one analysis of two runs of one stream: their findings together, complete where both are.
void unite(exchange::ReadReport& all, exchange::ReadReport&& more);

// Whether what is below one is below no part of the other: neither is all, nor a folder of the
// other. Of several folders (in lines) it is not told.
bool are_apart(std::string_view left, std::string_view right);

// Whether findings show themselves as that branch sees them from now on: as the first one does that
// was imported, until the first "main" or "master" is.
bool takes_over_default(std::string_view current, std::string_view ref);

// "github.com/acme/shop" for the ways that one repository is addressed.
std::string repository_name(std::string_view address);
// The same, but where a store of an older Merlon has it under another of its names, that.
Result<std::string> scope_called(Database& database, std::string_view name);
// A branch under the one of its names that the scope has it by: "main" is "refs/heads/main". A
// store of an older Merlon that has both keeps both.
Result<std::string> ref_called(Database& database, std::string_view scope, std::string_view ref);
// Whether something was imported of that branch ("refs/heads/main"), under either name.
Result<bool> has_branch(Database& database, std::string_view scope, std::string_view branch);

}  // namespace merlon::evidence
