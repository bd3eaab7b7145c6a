#pragma once

// Whether a store is what its documents, its decisions and its audit log say.
//
// The idea: everything hangs on the log, whose rows are bound to each other and to signed
// checkpoints. It has the digest of each document, the whole of each decision, and of each import
// the hash of what the stream's findings are since (evidence/stream_state.h): where and how each is
// seen, and the print of what its tool said. What a finding shows (severity, title, place, open or
// not) must be what that text says, and what is derived must be what it is derived from. Of
// streams, analyses, documents, rules, owners and the past the log tells, too
// (evidence/import_check.h). It is read once for all of this.
//
// What imports of Merlon before schema 3 left is bound by the stream's next import.
//
// Not thread-safe. Cost: all of the store is read; memory for the digests of the documents and for
// the decisions.

#include <functional>
#include <string_view>

#include "evidence/database.h"

namespace merlon::evidence {

// Each thing that is not as it was written is a problem.
Status check_store(Database& database, const std::function<void(std::string_view problem)>& use);

}  // namespace merlon::evidence
