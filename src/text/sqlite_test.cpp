#include "text/sqlite.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace merlon::text {
namespace {

// A database file that `script` makes.
std::string make(const char* script) {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(":memory:", &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, script, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_int64 size = 0;
    unsigned char* bytes = sqlite3_serialize(database, "main", &size, 0);
    std::string file(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    sqlite3_free(bytes);
    sqlite3_close(database);
    return file;
}

TEST(Sqlite, gives_rows_as_bytes) {
    std::string bytes =
        make("CREATE TABLE t (a, b); INSERT INTO t VALUES ('x', x'0001'), (NULL, 7);");
    bytes[18] = bytes[19] = 2;  // as write-ahead mode leaves it
    const auto file = SqliteFile::open(bytes);
    ASSERT_TRUE(file.ok()) << file.error().message;
    std::vector<std::string> seen;
    const Status status =
        file.value().each_row("SELECT a, b FROM t", [&](std::span<const std::string_view> columns) {
            for (const std::string_view column : columns) seen.emplace_back(column);
        });
    EXPECT_TRUE(status.ok());
    EXPECT_EQ(seen, (std::vector<std::string>{"x", std::string("\0\1", 2), "", "7"}));
}

TEST(Sqlite, refuses_what_is_damaged_or_runs_on) {
    EXPECT_FALSE(SqliteFile::open("hello").ok());
    const std::string bytes = make("CREATE TABLE t (a); INSERT INTO t VALUES (1);");
    const auto cut = SqliteFile::open(bytes.substr(0, 4000));
    if (cut.ok()) {
        EXPECT_FALSE(cut.value().each_row("SELECT a FROM t", [](auto) {}).ok());
    }
    const auto file = SqliteFile::open(bytes);
    ASSERT_TRUE(file.ok());
    EXPECT_FALSE(file.value().each_row("SELECT a FROM missing", [](auto) {}).ok());
    EXPECT_FALSE(file.value().each_row("INSERT INTO t VALUES (2)", [](auto) {}).ok());
}

}  // namespace
}  // namespace merlon::text
