#pragma once

// The driver for a store that several machines share: PostgreSQL 14 or later.
//
// The idea: the statements are those of the embedded driver. Bulk goes through COPY in its binary
// form, into the table itself or into a temporary one, and one statement then works on the set.
// Writers take turns by an advisory lock that lives as long as the transaction, so that the audit
// log has one end; who waits too long is told who holds it. Readers never wait.
//
// Text that PostgreSQL does not take (no UTF-8, or a NUL) is kept with U+FFFD in its place.
// Not thread-safe: one connection belongs to one thread.

#include <memory>
#include <string>

#include "evidence/database.h"
#include "evidence/sqlite_database.h"

namespace merlon::evidence {

struct PostgresOptions {
    Access access = Access::kRead;
    std::string command;   // what a waiting writer is told about this one
    int wait_ms = 30'000;  // for another writer
};

// Whether `place` is the address of a server: postgres:// or postgresql://.
bool is_postgres(std::string_view place);
// The address without its password, to be shown.
std::string shown_address(std::string_view address);

Result<std::unique_ptr<Database>> open_postgres(const std::string& address,
                                                const PostgresOptions& options);

}  // namespace merlon::evidence
