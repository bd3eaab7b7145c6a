#pragma once

// The bills of materials that the store has: of each artifact in each branch the latest, so that
// its packages can be held against advisories that were not known when it came.
//
// Not thread-safe: the connection belongs to one thread. Cost: one statement; reading, that of the
// documents.

#include <string>
#include <vector>

#include "base/clock.h"
#include "evidence/database.h"

namespace merlon::evidence {

struct BillKey {
    std::string scope, ref, artifact;
};

// Within a transaction.
Status keep_bill(Database& database, const BillKey& key, std::int64_t document,
                 std::string_view revision, Timestamp received);

struct StoredBill {
    BillKey key;
    std::string revision;
    std::string document;  // "sha256:…"
    std::string bytes;
};
// In the order of their keys. Fails where a document is damaged.
Result<std::vector<StoredBill>> stored_bills(Database& database);

}  // namespace merlon::evidence
