#pragma once

// Findings as people ask for them: pages of a filter, and all that is known of one.
//
// The idea: a page is read from an index, from where the last one ended (keyset), so that the
// thousandth costs what the first does; counts stop at a bound and say so. Nothing is sorted that
// no index has in order, but for what few findings have the words that are looked for.
//
// Not thread-safe: the connection belongs to one thread. Cost: a page's rows where an index fits
// the filter, else a walk along the order until the page is full.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "evidence/database.h"
#include "evidence/decisions.h"
#include "evidence/filter.h"
#include "evidence/history.h"
#include "model/severity.h"

namespace merlon::evidence {

enum class Detection : std::uint8_t { kPresent, kUnknown, kGone };
// "present", "unknown", "gone".
std::string_view name(Detection detection);

struct FindingRow {
    std::int64_t id = 0;
    std::string scope, tool, rule, title, path, owner;
    std::string suppressed_by;  // empty: by nobody
    std::uint32_t line = 0;     // 0: the whole file
    model::Severity severity = model::Severity::kHigh;
    Detection detection = Detection::kPresent;
    bool is_open = true;
    std::int64_t first_seen_s = 0;
    std::int64_t changed_s = 0;
    std::int64_t maybe_moved_from = 0;  // 0: from nowhere
    std::int64_t risk = 0;
    // What was decided and holds now, and until when.
    Verdict verdict = Verdict::kNone;
    std::int64_t expires_s = 0;
    bool is_proposed = false;  // a decision about it waits for a second person
};

struct PageRequest {
    Filter filter;
    Timestamp now;  // ages are counted from here, and decisions end
    std::size_t limit = 50;
    std::string after;  // the cursor of the page before; empty: the first page
    AsOf as_of = {};    // as it was at that moment, which then is `now`, too
};

inline constexpr std::int64_t kCountBound = 1'000;

struct Page {
    std::vector<FindingRow> rows;  // the worst first, of equals the newest
    std::string next;              // cursor; empty: this is the last page
    std::int64_t count = 0;        // of all that fit
    bool is_count_exact = true;    // false: at least so many
};

Result<Page> list_findings(Database& database, const PageRequest& request);

// Where a finding is seen.
struct PresenceRow {
    std::string ref, category;
    std::string state;  // "present", "gone", "unknown: …"
    std::string path;
    std::uint32_t line = 0;
    std::string first_revision, since_revision;
    std::int64_t first_s = 0;  // when the first analysis was taken in
    std::int64_t since_s = 0;  // when it came to be as it is
};

struct FindingStory {
    FindingRow row;
    std::string body;  // as in our JSON report; empty for a moment that has passed
    std::vector<PresenceRow> presences;
    std::vector<DecisionRow> decisions;  // the latest first
    // The document that the latest word on it came in.
    std::string document_digest, document_name;
};

// Nothing where there is no such finding, or was none at that moment.
Result<std::optional<FindingStory>> show_finding(Database& database, std::int64_t id, Timestamp now,
                                                 const AsOf& as_of = {});

}  // namespace merlon::evidence
