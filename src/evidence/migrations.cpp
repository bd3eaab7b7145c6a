#include "evidence/migrations.h"

#include <fmt/core.h>

#include <array>
#include <string_view>

#include "evidence/detail.h"
#include "evidence/word_index.h"

// The build names the folder (src/CMakeLists.txt).
#define MERLON_MIGRATION(number, file)                         \
    __asm__(                                                   \
        ".pushsection .rodata\n"                               \
        ".global merlon_migration_" #number                    \
        "_begin\n"                                             \
        ".global merlon_migration_" #number                    \
        "_end\n"                                               \
        "merlon_migration_" #number                            \
        "_begin:\n"                                            \
        ".incbin \"" MERLON_MIGRATIONS "/" file                \
        "\"\n"                                                 \
        "merlon_migration_" #number                            \
        "_end:\n"                                              \
        ".byte 0\n"                                            \
        ".popsection\n");                                      \
    extern "C" const char merlon_migration_##number##_begin[]; \
    extern "C" const char merlon_migration_##number##_end[];

MERLON_MIGRATION(1, "0001_store.sql")
MERLON_MIGRATION(2, "0002_decisions.sql")
MERLON_MIGRATION(3, "0003_words.sql")
MERLON_MIGRATION(4, "0004_jobs.sql")
MERLON_MIGRATION(5, "0005_foreign_decisions.sql")
MERLON_MIGRATION(6, "0006_graph.sql")
MERLON_MIGRATION(7, "0007_snapshots.sql")
MERLON_MIGRATION(8, "0008_people_and_fixes.sql")
MERLON_MIGRATION(9, "0009_past.sql")
MERLON_MIGRATION(10, "0010_places.sql")
MERLON_MIGRATION(11, "0011_ended.sql")
MERLON_MIGRATION(12, "0012_told.sql")
MERLON_MIGRATION(13, "0013_packed.sql")
MERLON_MIGRATION(15, "0015_shared_names.sql")

namespace merlon::evidence {
namespace {

struct Migration {
    std::int64_t number;
    const char* begin;
    const char* end;
    Status (*fill)(Database& database) = nullptr;  // what SQL alone does not do
    std::string_view text() const { return {begin, static_cast<std::size_t>(end - begin)}; }
};
// Ascending; numbers may be left out.
const std::array kMigrations{
    Migration{1, merlon_migration_1_begin, merlon_migration_1_end},
    Migration{2, merlon_migration_2_begin, merlon_migration_2_end},
    Migration{3, merlon_migration_3_begin, merlon_migration_3_end, index_all_words},
    Migration{4, merlon_migration_4_begin, merlon_migration_4_end},
    Migration{5, merlon_migration_5_begin, merlon_migration_5_end},
    Migration{6, merlon_migration_6_begin, merlon_migration_6_end},
    Migration{7, merlon_migration_7_begin, merlon_migration_7_end, order_words},
    Migration{8, merlon_migration_8_begin, merlon_migration_8_end},
    Migration{9, merlon_migration_9_begin, merlon_migration_9_end, index_all_words},
    Migration{10, merlon_migration_10_begin, merlon_migration_10_end, place_words},
    Migration{11, merlon_migration_11_begin, merlon_migration_11_end},
    Migration{12, merlon_migration_12_begin, merlon_migration_12_end},
    Migration{13, merlon_migration_13_begin, merlon_migration_13_end, pack_details},
    Migration{15, merlon_migration_15_begin, merlon_migration_15_end},
};

constexpr std::string_view kMetaTable =
    "CREATE TABLE IF NOT EXISTS meta (name {text} NOT NULL PRIMARY KEY, value {text} NOT NULL) "
    "{clustered}";

Error too_new(std::int64_t found) {
    return Error{fmt::format(
        "the store was written by a newer Merlon (schema {}, this program knows {}); use that one",
        found, newest_schema())};
}

}  // namespace

std::int64_t newest_schema() { return kMigrations.back().number; }

Result<std::int64_t> schema_of(Database& database) {
    std::int64_t schema = 0;
    MERLON_TRY(database.define(kMetaTable));
    MERLON_TRY(database.each_row("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'schema'",
                                 {}, [&](Cells row) { schema = integer_of(row[0]); }));
    return schema;
}

Status migrate(Database& database, const std::string& copy_place) {
    // Most often there is nothing to do, and no reason to wait for another writer.
    Result<std::int64_t> first = schema_of(database);
    if (!first.ok()) {  // two may make the first table at once, and then one of them fails
        const Transaction turn = MERLON_TRY(Transaction::begin(database));
        first = schema_of(database);
    }
    const std::int64_t found = MERLON_TRY(std::move(first));
    if (found == newest_schema()) return {};
    if (found > newest_schema()) return too_new(found);
    if (found > 0) MERLON_TRY(database.keep_before_upgrade(copy_place + std::to_string(found)));
    Transaction transaction = MERLON_TRY(Transaction::begin(database));
    const std::int64_t now = MERLON_TRY(schema_of(database));
    for (const Migration& migration : kMigrations) {
        if (migration.number <= now) continue;
        MERLON_TRY(database.define(migration.text()));
        if (migration.fill != nullptr) MERLON_TRY(migration.fill(database));
    }
    const std::string newest = std::to_string(newest_schema());
    MERLON_TRY(
        database.run("INSERT INTO meta (name, value) VALUES ('schema', $1) "
                     "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                     {std::string_view(newest)}));
    return transaction.commit();
}

Status check_schema(Database& database) {
    std::int64_t found = 0;
    MERLON_TRY(database.each_row("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'schema'",
                                 {}, [&](Cells row) { found = integer_of(row[0]); }));
    if (found > newest_schema()) return too_new(found);
    if (found == newest_schema()) return {};
    return Error{
        fmt::format("the store has schema {}, and this program reads {}; any command that "
                    "writes to it, such as 'merlon import', renews it",
                    found, newest_schema())};
}

}  // namespace merlon::evidence
