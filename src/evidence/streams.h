#pragma once

// Streams: runs of one tool that are compared with each other, because they are of the same
// repository, category, branch, and image or folder. What a stream has found is open until a later
// run of it does not find it any more; a stream that nothing reports to any more (an image that is
// called otherwise now, a branch that was merged) holds its findings for ever.
//
// The idea: nothing closes by itself because nobody came. Streams are told with the time that they
// were last seen, and a person ends one by saying so: a retirement is a document of its own, by a
// name and with a reason, which is taken like a complete report that finds nothing. So it has its
// event in the audit log, the past is kept, `store check` knows what it left, and a report that
// comes to the stream after all opens what it finds again.
//
// Not thread-safe: the connection belongs to one thread. Cost: of a list a pass over the streams
// and what they have seen; of a retirement an import.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "evidence/database.h"
#include "evidence/import.h"

namespace merlon::evidence {

// The kind of the document that ends streams.
inline constexpr std::string_view kRetirement = "retirement";
// After so many days without a report a stream is called stale, where nobody says otherwise.
inline constexpr std::int64_t kStaleDays = 30;

struct KnownStream {
    std::int64_t id = 0;
    std::string scope, tool, category;
    std::string below;  // image, folder, …; several with '\n' between them; empty: all of it
    std::string ref;
    std::int64_t last_s = 0;  // when its last report came
    std::uint64_t there = 0;  // findings that it sees, or does not know to be gone
    std::uint64_t open = 0;   // of those
    bool is_retired = false;  // by a person, and nothing came since
    // Nothing came since the age that was asked for, while the tool has reported of the repository.
    bool is_stale = false;
};

// By repository, tool, branch. Stale is what was last seen `age_s` or longer ago.
Result<std::vector<KnownStream>> known_streams(Database& database, Timestamp now,
                                               std::int64_t age_s);
// How many stale ones have open findings.
Result<std::int64_t> count_stale(Database& database, Timestamp now, std::int64_t age_s);

// "trivy of reg/web in shop (main)".
std::string to_string(const KnownStream& stream);

struct Retirement {
    std::vector<std::int64_t> streams;
    std::string reason;
    std::string person;
};
// All of them or none; one run for each, with what it has closed. Fails for a stream that there is
// not, and for one that is retired already.
Result<std::vector<ImportedRun>> retire_streams(Database& database, const Retirement& retirement,
                                                std::string_view actor, Timestamp now);

}  // namespace merlon::evidence
