#include "evidence/export.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "base/hex.h"
#include "crypto/digest.h"
#include "evidence/event_log.h"
#include "evidence/store_case.h"

namespace merlon::evidence {
namespace {

namespace fs = std::filesystem;

class ExportTest : public StoreTest {
  protected:
    // A store with all that one may have: history, decisions, two branches, a moved file.
    void fill() {
        take({{"r", "a.c", 3, "x"}, {"r", "b.c", 5, "y"}, {"s", "d\xFF.c", 1, "w"}});
        take({{"r", "a.c", 13, "x"}, {"r", "b.c", 5, "y", "", "pkg:npm/left@1"}});
        ref_ = "topic";
        take({{"r", "a.c", 13, "x"}, {"r", "c.c", 1, "z"}});
        ASSERT_TRUE(decide({.finding = 1}, Verdict::kAccepted, 30).ok());
        ASSERT_TRUE(decide({.rule = "r"}, Verdict::kFalsePositive, 3).ok());
        ref_ = "main";
        now_.nanoseconds += days(5).nanoseconds;
        take({{"r", "a.c", 13, "x"}});
    }

    std::map<std::string, std::string> files(const std::string& folder) {
        std::map<std::string, std::string> all;
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            if (!entry.is_regular_file()) continue;
            std::ostringstream text;
            text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
            all[fs::relative(entry.path(), folder).string()] = text.str();
        }
        return all;
    }

    std::string export_to(Store& store, const std::string& name) {
        const std::string folder = folder_ + "/" + name;
        const auto done = export_store(store.database(), folder);
        EXPECT_TRUE(done.ok()) << done.error().to_string();
        return folder;
    }

    Result<Store> import_from(const std::string& folder, const std::string& name,
                              bool is_checked = true) {
        Store store = MERLON_TRY(Store::open(
            {.place = folder_ + "/" + name, .access = Access::kWrite, .command = "test"}));
        std::string problem;
        const auto done = import_store(store.database(), folder, [&]() -> Status {
            if (is_checked) MERLON_TRY(store.check([&](std::string_view text) { problem = text; }));
            return problem.empty() ? Status() : Status(Error{problem});
        });
        if (!done.ok()) return done.error();
        return store;
    }

    static void put(const std::string& path, const std::string& bytes) {
        std::ofstream(path, std::ios::binary) << bytes;
    }
};

// On PostgreSQL this goes from there to SQLite; tests/evidence/export_test.py goes round.
TEST_F(ExportTest, AStoreMadeOfAnExportIsTheSame) {
    fill();
    const std::string first = export_to(*store_, "first");
    Result<Store> made = import_from(first, "other.db");
    ASSERT_TRUE(made.ok()) << made.error().to_string();
    const std::string second = export_to(made.value(), "second");
    EXPECT_EQ(files(first), files(second));
    EXPECT_EQ(made.value().info().value().last_hash, store_->info().value().last_hash);
    // And it goes on: numbers are new ones, and what was known is known.
    const Lines before = list("");
    store_.emplace(std::move(made).value());
    EXPECT_EQ(list(""), before);
    const ImportedRun run = take({{"r", "a.c", 13, "x"}, {"r", "e.c", 1, "new"}});
    EXPECT_EQ(run.counts.known, 1U);
    EXPECT_EQ(run.counts.fresh, 1U);
    ASSERT_TRUE(decide({.finding = 1}, Verdict::kNone, 1).ok());
    EXPECT_EQ(problems(), Lines{});
}

TEST_F(ExportTest, WhatIsNotAsItWasExportedIsRefused) {
    fill();
    const std::string folder = export_to(*store_, "export");
    const auto refused = [&](const std::string& file, const std::string& from,
                             const std::string& to) {
        const std::string path = folder + "/" + file;
        const std::string text = files(folder)[file];
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << file << " " << from;
        put(path, text.substr(0, at) + to + text.substr(at + from.size()));
        const Result<Store> made = import_from(folder, "refused.db");
        put(path, text);
        EXPECT_FALSE(made.ok()) << file;
        return made.ok() ? std::string() : made.error().to_string();
    };
    EXPECT_NE(refused("finding.jsonl", "\"id\":2,", "\"id\":\"2\",").find("finding.jsonl:2"),
              std::string::npos);
    EXPECT_NE(refused("finding.jsonl", "\n", "").find("finding.jsonl:1"), std::string::npos);
    EXPECT_NE(refused("event.jsonl", "tester", "nobody").find("event.jsonl"), std::string::npos);
    EXPECT_NE(refused("decision.jsonl", "\"verdict\":3", "\"verdict\":2").find("decision.jsonl"),
              std::string::npos);
    EXPECT_NE(refused("manifest.json", "store-export", "other").find("manifest.json:"),
              std::string::npos);
    EXPECT_NE(refused("manifest.json", "path.jsonl", "paths.jsonl").find("path.jsonl"),
              std::string::npos);
    std::string document;
    for (const auto& [name, text] : files(folder))
        if (text == "document 1") document = name;
    EXPECT_NE(refused(document, "1", "9").find("SHA-256"), std::string::npos);
    const Result<Store> whole = import_from(folder, "whole.db");
    EXPECT_TRUE(whole.ok()) << whole.error().to_string();
    const Result<Store> again = import_from(folder, "whole.db");
    EXPECT_FALSE(again.ok());
}

TEST_F(ExportTest, ARowThatWasTakenOutIsMissedByName) {
    fill();
    const std::string folder = export_to(*store_, "export");
    // With a manifest that hides it.
    std::string manifest = files(folder)["manifest.json"];
    const std::string was = crypto::sha256(files(folder)["scope.jsonl"]).to_string();
    const std::size_t digest = manifest.find(was);
    ASSERT_NE(digest, std::string::npos);
    manifest.replace(digest, was.size(), crypto::sha256("").to_string());
    const std::size_t lines = manifest.rfind("\"lines\": 1", digest);
    ASSERT_NE(lines, std::string::npos);
    manifest.replace(lines, 10, "\"lines\": 0");
    put(folder + "/manifest.json", manifest);
    put(folder + "/scope.jsonl", "");
    const Result<Store> made = import_from(folder, "refused.db");
    ASSERT_FALSE(made.ok());
    const std::string said = made.error().to_string();
    EXPECT_NE(said.find("path.jsonl:"), std::string::npos) << said;
    EXPECT_NE(said.find("the export does not have"), std::string::npos) << said;
}

// As a Merlon before has written it.
TEST_F(ExportTest, AnExportOfAnOlderSchemaIsRead) {
    fill();
    const std::string folder = export_to(*store_, "export");
    std::map<std::string, std::string> all = files(folder);
    const auto rewrite = [&](const std::string& name, const std::string& text) {
        std::string& manifest = all["manifest.json"];
        const std::string was = crypto::sha256(all[name]).to_string();
        const std::size_t at = manifest.find(was);
        ASSERT_NE(at, std::string::npos) << name;
        manifest.replace(at, was.size(), crypto::sha256(text).to_string());
        put(folder + "/" + name, text);
    };
    const auto without = [&](const std::string& name, const std::vector<std::string>& members) {
        std::string text = all[name];
        for (const std::string& member : members) {
            for (std::size_t at = 0; (at = text.find(",\"" + member + "\":", at)) < text.size();)
                text.erase(at, text.find_first_of(",}", at + 1) - at);
        }
        EXPECT_NE(text, all[name]) << name;
        rewrite(name, text);
    };
    without("presence.jsonl", {"severity", "suppressed"});
    without("analysis.jsonl", {"assumed"});
    const std::size_t schema = all["manifest.json"].find("\"schema\": ");
    const auto set_schema = [&](const std::string& number) {
        std::string manifest = all["manifest.json"];
        manifest.replace(schema, manifest.find(',', schema) - schema, "\"schema\": " + number);
        put(folder + "/manifest.json", manifest);
    };
    set_schema("11");
    // The events bind what each branch said, because it was this Merlon that wrote them.
    const Result<Store> checked = import_from(folder, "checked.db");
    ASSERT_FALSE(checked.ok());
    EXPECT_TRUE(checked.error().message.contains("is not what the import of event"))
        << checked.error().to_string();
    Result<Store> made = import_from(folder, "older.db", false);
    ASSERT_TRUE(made.ok()) << made.error().to_string();
    EXPECT_EQ(made.value().database().number("SELECT max(severity) FROM presence", {}, 0).value(),
              -1);
    const Lines before = list("");
    store_.emplace(std::move(made).value());
    EXPECT_EQ(list(""), before);
    set_schema("4");
    EXPECT_TRUE(import_from(folder, "x.db").error().message.contains("reads 5 to"));
    set_schema("99");
    EXPECT_TRUE(import_from(folder, "x.db").error().message.contains("newer Merlon"));
    // A row that lacks a column which its schema has is none.
    set_schema("12");
    EXPECT_TRUE(import_from(folder, "x.db").error().to_string().contains("analysis.jsonl:1"));
}

TEST(ExportRow, ColumnsThatCameLaterHaveTheirFirstValue) {
    const auto table = std::ranges::find(export_tables(), "stream", &ExportTable::name);
    const std::string older =
        R"({"id":1,"scope":1,"tool":"t","category":"","below":"","ref":"main","configuration":"",)"
        R"("last_analysis":1,"state":""})";
    const auto row = read_export_row(*table, older, 10);
    ASSERT_TRUE(row.ok()) << row.error().message;
    EXPECT_EQ(row.value().back(), ExportValue(std::int64_t{0}));
    EXPECT_FALSE(read_export_row(*table, older).ok());
    EXPECT_FALSE(read_export_row(*table, older, 11).ok());
}

// Who adds a table decides whether an export has it.
TEST_F(ExportTest, EachTableIsExportedOrSaidNotToBe) {
    const std::string query =
        is_on_server()
            ? "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = "
              "current_schema()::regnamespace AND relpersistence = 'p'"
            : "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND "
              "name NOT LIKE 'sqlite%'";
    std::vector<std::string> tables;
    ASSERT_TRUE(store_->database()
                    .each_row(query, {}, [&](Cells row) { tables.emplace_back(text_of(row[0])); })
                    .ok());
    for (const std::string& table : tables) {
        const auto left = unexported_tables();
        const bool is_known = std::ranges::find(export_tables(), table, &ExportTable::name) !=
                                  export_tables().end() ||
                              std::ranges::find(left, table) != left.end();
        EXPECT_TRUE(is_known) << table;
    }
}

}  // namespace
}  // namespace merlon::evidence
