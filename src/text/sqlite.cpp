#include "text/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace merlon::text {
namespace {

constexpr int kStepsBetweenChecks = 100'000;
constexpr int kMaxChecks = 20'000;  // two thousand million steps of SQLite's machine

// fileformat2, 1.3: bytes 18 and 19 say how the file is written: 1 by a journal, 2 by a log beside
// it, which is not here.
constexpr std::size_t kWriteVersion = 18;
constexpr std::size_t kHeaderBytes = 100;

int count_steps(void* left) { return --*static_cast<int*>(left) <= 0 ? 1 : 0; }

Error error_of(sqlite3* database) {
    return Error{std::string("SQLite: ") + sqlite3_errmsg(database)};
}

void restrict(sqlite3* database) {
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 256 << 20);
    sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
}

struct Finish {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

}  // namespace

void SqliteFile::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<SqliteFile> SqliteFile::open(std::string_view bytes) {
    if (bytes.size() < kHeaderBytes ||
        !bytes.starts_with(std::string_view("SQLite format 3\0", 16)))
        return Error{"SQLite: the file does not begin as such a file does"};
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE, nullptr);
    SqliteFile file(opened);
    if (code != SQLITE_OK) return error_of(opened);
    restrict(opened);
    auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(bytes.size()));
    if (copy == nullptr) return Error{"SQLite: out of memory"};
    std::memcpy(copy, bytes.data(), bytes.size());
    copy[kWriteVersion] = std::min<unsigned char>(copy[kWriteVersion], 1);
    copy[kWriteVersion + 1] = std::min<unsigned char>(copy[kWriteVersion + 1], 1);
    // The copy is SQLite's from here on, whatever the answer.
    if (sqlite3_deserialize(opened, "main", copy, static_cast<sqlite3_int64>(bytes.size()),
                            static_cast<sqlite3_int64>(bytes.size()),
                            SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) !=
        SQLITE_OK)
        return error_of(opened);
    return file;
}

Status SqliteFile::each_row(
    std::string_view query,
    const std::function<void(std::span<const std::string_view>)>& use) const {
    int checks_left = kMaxChecks;
    sqlite3_progress_handler(database_.get(), kStepsBetweenChecks, count_steps, &checks_left);
    sqlite3_stmt* prepared = nullptr;
    const int code = sqlite3_prepare_v2(database_.get(), query.data(),
                                        static_cast<int>(query.size()), &prepared, nullptr);
    const std::unique_ptr<sqlite3_stmt, Finish> statement(prepared);
    if (code != SQLITE_OK || prepared == nullptr) return error_of(database_.get());
    std::vector<std::string_view> columns(static_cast<std::size_t>(sqlite3_column_count(prepared)));
    while (true) {
        const int step = sqlite3_step(prepared);
        if (step == SQLITE_DONE) return {};
        if (step != SQLITE_ROW) return error_of(database_.get());
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const int column = static_cast<int>(i);
            const void* bytes = sqlite3_column_blob(prepared, column);
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(prepared, column));
            columns[i] = bytes == nullptr ? std::string_view()
                                          : std::string_view(static_cast<const char*>(bytes), size);
        }
        use(columns);
    }
}

}  // namespace merlon::text
