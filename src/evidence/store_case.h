#pragma once

// A store in a temporary folder, and short ways to take reports into it and to ask it, for tests.
//
// The idea: with MERLON_TEST_STORE=postgres://… in the environment the store is there, emptied for
// each test, so that one suite says what every driver has to do.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "evidence/decisions.h"
#include "evidence/findings.h"
#include "evidence/import.h"
#include "evidence/postgres_database.h"
#include "evidence/store.h"

namespace merlon::evidence {

struct Found {
    std::string rule, path;
    std::uint32_t line;
    std::string content;
    std::string suppressed_by = {};
    std::string purl = {};
};

class StoreTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "merlon-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        if (const char* place = ::getenv("MERLON_TEST_STORE")) {
            server_ = place;
            auto database = open_postgres(server_, {.access = Access::kWrite, .command = "test"});
            ASSERT_TRUE(database.ok()) << database.error().to_string();
            const Status emptied =
                database.value()->define("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
            ASSERT_TRUE(emptied.ok()) << emptied.error().to_string();
        }
        open();
    }
    void TearDown() override {
        store_.reset();
        std::filesystem::remove_all(folder_);
    }

    void open() {
        auto opened = Store::open({.place = path(), .access = Access::kWrite, .command = "test"});
        ASSERT_TRUE(opened.ok()) << opened.error().to_string();
        store_.emplace(std::move(opened).value());
    }

    std::string path() const { return is_on_server() ? server_ : folder_ + "/s.db"; }
    bool is_on_server() const { return !server_.empty(); }

    // One more connection for writing, which waits for so long.
    Result<std::unique_ptr<Database>> second(int wait_ms) const {
        if (is_on_server()) {
            return open_postgres(path(),
                                 {.access = Access::kWrite, .command = "x", .wait_ms = wait_ms});
        }
        return open_sqlite(path(), {.access = Access::kWrite, .command = "x", .wait_ms = wait_ms});
    }

    static exchange::ReadReport report(const std::vector<Found>& found) {
        exchange::ReadReport read;
        model::Report& made = read.report;
        made.analysis.tool = "Tool";
        made.analysis.engine.clear();
        for (const Found& one : found) {
            model::Finding& finding = made.findings.emplace_back();
            finding.rule_id = one.rule;
            finding.message = "about " + one.rule;
            finding.location = model::FileLocation{
                .path = one.path, .region = {.start_line = one.line, .end_line = one.line}};
            finding.excerpt = {
                .first_line = one.line, .lines = {one.content}, .mark_line = one.line};
            finding.suppressed_by = one.suppressed_by;
            if (!one.purl.empty()) finding.properties["purl"] = one.purl;
        }
        return read;
    }

    // A report of the shop's, now; `bytes` has to live as long.
    ImportRequest request(std::string_view bytes) const {
        return {.bytes = bytes,
                .kind = "sarif",
                .name = "r.sarif",
                .scope = "shop",
                .ref = ref_,
                .revision = {},
                .actor = "tester",
                .now = now_};
    }

    // One run with its counts; the document's bytes are made of what was found, unless given.
    ImportedRun take(const exchange::ReadReport& made, std::string bytes = {}) {
        return take(std::span(&made, 1), std::move(bytes));
    }
    // The first of the runs that one document has.
    ImportedRun take(std::span<const exchange::ReadReport> made, std::string bytes = {}) {
        if (bytes.empty()) bytes = "document " + std::to_string(++documents_);
        now_.nanoseconds += 86'400'000'000'000;
        auto runs = import_reports(store_->database(), request(bytes), {made.begin(), made.end()});
        EXPECT_TRUE(runs.ok()) << runs.error().to_string();
        return runs.ok() ? runs.value().front() : ImportedRun{};
    }
    ImportedRun take(const std::vector<Found>& found) { return take(report(found)); }

    static std::vector<Found> nothing() { return {}; }

    // "1 a.c:3 open", the worst and newest first.
    std::vector<std::string> list(std::string_view filter) {
        const auto page = list_findings(
            store_->database(),
            {.filter = parse_filter(filter).value(), .now = now_, .limit = 100, .after = {}});
        EXPECT_TRUE(page.ok()) << page.error().to_string();
        std::vector<std::string> lines;
        for (const FindingRow& row : page.value().rows) {
            lines.push_back(std::to_string(row.id) + " " + row.path + ":" +
                            std::to_string(row.line) + " " + std::string(name(row.detection)));
        }
        return lines;
    }

    // The numbers alone: "3 1".
    std::string ids(std::string_view filter) {
        std::string all;
        for (const std::string& line : list(filter))
            all += (all.empty() ? "" : " ") + line.substr(0, line.find(' '));
        return all;
    }

    static Timestamp days(int count) { return {std::int64_t{count} * 86'400 * 1'000'000'000}; }

    // By ann, from now on for so many days.
    Result<DecisionOutcome> decide(const DecisionTarget& target, Verdict verdict, int for_days) {
        Transaction transaction = MERLON_TRY(Transaction::begin(store_->database()));
        const NewDecision decision{
            .targets = {target},
            .verdict = verdict,
            .justification = Justification::kNone,
            .reason = "because",
            .author = "ann",
            .approved_by = {},
            .made = now_,
            .expires = {now_.nanoseconds + days(for_days).nanoseconds},
            .signature = {},
        };
        DecisionOutcome outcome =
            MERLON_TRY(evidence::decide(store_->database(), decision, "tester", now_));
        MERLON_TRY(transaction.commit());
        return outcome;
    }

    std::vector<std::string> problems() {
        std::vector<std::string> found;
        const Status checked =
            store_->check([&](std::string_view problem) { found.emplace_back(problem); });
        EXPECT_TRUE(checked.ok()) << checked.error().to_string();
        return found;
    }

    using Lines = std::vector<std::string>;
    std::string folder_, server_;
    std::optional<Store> store_;
    Timestamp now_{1'700'000'000'000'000'000};
    std::string ref_ = "main";
    int documents_ = 0;
};

}  // namespace merlon::evidence
