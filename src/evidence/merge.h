#pragma once

// Brings what one analysis found together with what the store knows: who stays, who is new, who has
// moved, who is gone.
//
// The idea: one exact pass in the database, by print, settles what is the same (nearly everything,
// nearly always) and writes nothing for it. The rest, with what went missing and what shares a
// signature, is matched in memory (evidence/matching.h), and its outcome is written in sets.
// Whether something is gone is said only by a complete analysis of the same stream, configured as
// the one before; after any other one it is unknown. What the first run of another configuration
// does not have is unknown until the next one of it, which closes it.
//
// Not thread-safe; within a transaction, which the caller rolls back where this fails. Cost: a
// look-up for each occurrence, and writing for what changed.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/commit_files.h"
#include "evidence/database.h"
#include "evidence/looked_at.h"
#include "evidence/occurrence.h"

namespace merlon::evidence {

// What the analysis is one of, as rows of the store.
struct MergePlace {
    std::int64_t scope = 0;
    std::int64_t stream = 0;
    std::int64_t analysis = 0;
    std::int64_t now_s = 0;
    enum class Says : std::uint8_t {
        kGone,          // complete, as the one before: what is not there is gone
        kReconfigured,  // complete, but another configuration may see other things
        kIncomplete,
    } says_of_missing = Says::kIncomplete;
    // Of what it has looked for at all; what is not there besides is unknown. Empty: of everything.
    HasLooked has_looked = {};
    // Whether findings show themselves as this stream sees them, before others.
    bool is_default_ref = false;
    // Of a stream that has had none yet, so that all that its branch has is from others.
    bool is_first = false;
    // What Git knows of files, and the commit of this analysis there. Null: nothing.
    CommitFiles* files = nullptr;
    std::string_view revision = {};
};

struct MergeCounts {
    std::uint64_t found = 0;    // different ones
    std::uint64_t repeats = 0;  // that the tool said more than once
    std::uint64_t fresh = 0;
    std::uint64_t maybe = 0;  // of those: may have been known, which is not certain
    std::uint64_t known = 0;
    std::uint64_t moved = 0;     // of those: at another place
    std::uint64_t changed = 0;   // of those: told differently
    std::uint64_t reopened = 0;  // of those: were gone
    std::uint64_t closed = 0;
    std::uint64_t unknown = 0;  // not there, which proves nothing
    // Secrets under another key than before (evidence/key_change.h).
    std::uint64_t rekeyed = 0;        // of the known ones: carried over
    std::uint64_t maybe_rekeyed = 0;  // of the new ones: may have been known, which is not certain
    bool has_written = false;         // something that presences say
};

// The counts under their published names, which reports and the audit log have.
inline std::array<std::pair<std::string_view, std::uint64_t>, 12> counts_by_name(
    const MergeCounts& counts) {
    return {{{"found", counts.found},
             {"repeats", counts.repeats},
             {"new", counts.fresh},
             {"maybeMoved", counts.maybe},
             {"known", counts.known},
             {"moved", counts.moved},
             {"changed", counts.changed},
             {"reopened", counts.reopened},
             {"closed", counts.closed},
             {"unknown", counts.unknown},
             {"rekeyed", counts.rekeyed},
             {"maybeRekeyed", counts.maybe_rekeyed}}};
}

Result<MergeCounts> merge(Database& database, const MergePlace& place,
                          std::vector<Occurrence>& occurrences);

}  // namespace merlon::evidence
