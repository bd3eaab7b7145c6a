#pragma once

// A store of evidence: which database it is, that its tables are those of this program, and what a
// person asks of the whole (how much, whether sound, a copy).
//
// The idea: a place is a file, for the embedded database, or the address of a PostgreSQL server.
// Opening for writing makes the file and renews older tables; opening for reading changes nothing.
//
// Not thread-safe: one store belongs to one thread; several may be open at one place.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "evidence/database.h"
#include "evidence/sqlite_database.h"

namespace merlon::evidence {

struct StoreRequest {
    std::string place;
    Access access = Access::kRead;
    std::string command;  // what another writer is told to wait for
};

struct StoreInfo {
    std::string place;
    std::int64_t schema = 0;
    std::uint64_t bytes = 0;
    std::int64_t documents = 0;
    std::int64_t document_bytes = 0;  // before packing
    std::int64_t analyses = 0;
    std::int64_t findings = 0;
    std::int64_t open = 0;
    std::int64_t unowned = 0;  // of the open ones
    std::int64_t events = 0;
    std::string last_hash;  // of the audit log, in hexadecimal
};

class Store {
  public:
    static Result<Store> open(const StoreRequest& request);

    Database& database() { return *database_; }

    // What is open is so at `now`; without it, as the last writer has left it.
    Result<StoreInfo> info(Timestamp now = {});
    // Everything that is not as it should be (evidence/store_check.h).
    Status check(const std::function<void(std::string_view problem)>& use);

  private:
    Store(std::unique_ptr<Database> database, std::string place)
        : database_(std::move(database)), place_(std::move(place)) {}

    std::unique_ptr<Database> database_;
    std::string place_;
};

}  // namespace merlon::evidence
