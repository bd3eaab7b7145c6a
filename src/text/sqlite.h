#pragma once

// SQLite files of others (sqlite.org/fileformat2), read through SQLite.
//
// The idea: the bytes become a database in memory that cannot be written, with nothing of its own
// schema run (no triggers, no views' functions, no extensions), and steps are counted, so that a
// hostile file ends in an error. A file in write-ahead mode is read as its main file stands.
//
// Not thread-safe: one file belongs to one thread. Cost: one copy of the bytes; then the query's.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;

namespace merlon::text {

class SqliteFile {
  public:
    // `bytes` is copied.
    static Result<SqliteFile> open(std::string_view bytes);

    // Calls `use` for each row of a query with its columns as bytes; views live until it returns.
    Status each_row(std::string_view query,
                    const std::function<void(std::span<const std::string_view>)>& use) const;

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    explicit SqliteFile(sqlite3* database) : database_(database) {}
    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace merlon::text
