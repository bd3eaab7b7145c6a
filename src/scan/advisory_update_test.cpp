#include "scan/advisory_update.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

#include "base/file.h"
#include "sca/test_database.h"

namespace merlon::scan {
namespace {

namespace fs = std::filesystem;

using Records = std::map<std::string, std::string>;  // by id

std::string random_record(std::mt19937& random, const std::string& id) {
    const auto pick = [&](unsigned count) { return std::to_string(random() % count); };
    std::string json = R"({"id": ")" + id + R"(", "modified": "2024-01-01T00:00:1)" + pick(3) +
                       R"(Z", "summary": ")" + pick(3) + R"(")";
    if (random() % 10 == 0) json += R"(, "withdrawn": "2024-01-02T00:00:00Z")";
    if (random() % 2 == 0) json += R"(, "aliases": ["CVE-)" + pick(20) + R"("])";
    json +=
        R"(, "affected": [{"package": {"ecosystem": ")" +
        std::string(random() % 20 == 0 ? "PyPI" : "npm") + R"(", "name": "x)" + pick(9) +
        R"("}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.)" +
        pick(20) + R"(.0"}]}]}]})";
    return json;
}

class AdvisoryUpdates : public ::testing::Test {
  protected:
    void SetUp() override {
        folder_ = (fs::temp_directory_path() /
                   ("merlon_advisory_update_" +
                    std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "_" +
                    ::testing::UnitTest::GetInstance()->current_test_info()->name()))
                      .string();
        fs::remove_all(folder_);
        fs::create_directories(folder_);
        request_.build.built_at_s = 1'700'000'000;
        request_.build.taken_at_s = 1'600'000'000;
        request_.database = folder_ + "/advisories.db";
        request_.folder = folder_ + "/blocks";
        request_.program = "test";
    }
    void TearDown() override { fs::remove_all(folder_); }

    // A source of one record a line, with `content` as its fingerprint.
    FeedSource write(const std::string& name, const Records& records) {
        std::string lines;
        for (const auto& [id, json] : records) {
            lines += json;
            lines += '\n';
        }
        const std::string path = folder_ + "/" + name;
        EXPECT_TRUE(write_file_atomically(path, lines).ok());
        return {FeedKind::kOsv, path, path + std::to_string(std::hash<std::string>()(lines))};
    }

    AdvisoryUpdate update() {
        auto made = update_advisories(request_, pool_);
        EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().to_string());
        if (!made.ok()) return {};
        EXPECT_TRUE(write_file_atomically(request_.database, made.value().bytes).ok());
        EXPECT_TRUE(keep_update(request_.folder, made.value().index, request_.database).ok());
        return std::move(made).value();
    }

    std::string expected() {
        auto built = build_advisories(request_.build, pool_);
        EXPECT_TRUE(built.ok());
        return built.ok() ? sca::everything_of(
                                sca::Database::from_bytes(std::move(built).value().bytes).value())
                          : "";
    }

    std::string found() const {
        return sca::everything_of(sca::Database::open(request_.database).value());
    }

    std::string folder_;
    ThreadPool pool_{2};
    AdvisoryUpdateRequest request_;
};

TEST_F(AdvisoryUpdates, say_what_a_build_of_all_sources_says) {
    std::size_t segments = 0;
    for (unsigned seed = 0; seed < 5; ++seed) {
        std::mt19937 random(seed);
        std::vector<Records> sources(3);
        const auto change = [&](Records& records) {
            const std::string id =
                (random() % 3 == 0 ? "CVE-" : "GHSA-") + std::to_string(random() % 60);
            if (random() % 4 == 0) {
                records.erase(id);
            } else {
                records[id] = random_record(random, id);
            }
        };
        for (Records& records : sources) {
            for (int i = 0; i < 40; ++i) change(records);
        }
        for (int step = 0; step < 12; ++step) {
            Records& changed = sources[random() % sources.size()];
            for (unsigned i = 0; i < random() % 5; ++i) change(changed);
            request_.build.sources.clear();
            for (std::size_t i = 0; i < sources.size(); ++i) {
                request_.build.sources.push_back(write(std::to_string(i) + ".jsonl", sources[i]));
            }
            const std::string kev =
                R"({"vulnerabilities": [{"cveID": "CVE-)" + std::to_string(random() % 3) +
                R"(", "dueDate": "2025-02-01", "knownRansomwareCampaignUse": "Known"}]})";
            ASSERT_TRUE(write_file_atomically(folder_ + "/kev.json", kev).ok());
            request_.build.sources.push_back({FeedKind::kKev, folder_ + "/kev.json", kev});
            segments += update().is_segment ? 1 : 0;
            ASSERT_EQ(found(), expected()) << "seed " << seed << ", step " << step;
        }
    }
    EXPECT_GT(segments, 25u);
}

TEST_F(AdvisoryUpdates, read_the_sources_that_have_changed_and_no_others) {
    std::mt19937 random(1);
    std::vector<Records> sources(4);
    for (std::size_t i = 0; i < sources.size(); ++i) {
        for (int n = 0; n < 50; ++n) {
            const std::string id = "GHSA-" + std::to_string(i) + "-" + std::to_string(n);
            sources[i][id] = random_record(random, id);
        }
        request_.build.sources.push_back(write(std::to_string(i), sources[i]));
    }
    EXPECT_EQ(update().sources_read, 4u);
    sources[2].begin()->second = random_record(random, sources[2].begin()->first);
    request_.build.sources[2] = write("2", sources[2]);
    AdvisoryUpdate made = update();
    EXPECT_TRUE(made.is_segment);
    EXPECT_EQ(made.sources_read, 1u);
    EXPECT_EQ(made.records_changed, 1u);
    EXPECT_EQ(sca::Database::open(request_.database).value().segment_count(), 2u);
    // Nothing at all: dated anew, and no segment more.
    request_.build.built_at_s += 5;
    made = update();
    EXPECT_EQ(made.sources_read, 0u);
    const auto database = sca::Database::open(request_.database);
    ASSERT_TRUE(database.ok());
    EXPECT_EQ(database.value().segment_count(), 2u);
    EXPECT_EQ(database.value().built_at_s(), request_.build.built_at_s);
    // Asked for, or after some segments, all of it is one again: the bytes of a build.
    request_.scope = UpdateScope::kWhole;
    made = update();
    EXPECT_EQ(made.bytes, build_advisories(request_.build, pool_).value().bytes);
}

TEST_F(AdvisoryUpdates, make_one_of_many_segments) {
    std::mt19937 random(1);
    Records records;
    for (int n = 0; n < 100; ++n) {
        const std::string id = "GHSA-" + std::to_string(n);
        records[id] = random_record(random, id);
    }
    std::size_t most = 0;
    std::size_t last = 0;
    for (int n = 0; n < 20; ++n) {
        const std::string id = "GHSA-" + std::to_string(n);
        records[id] = random_record(random, id);
        request_.build.sources = {write("all", records)};
        update();
        const std::size_t count = sca::Database::open(request_.database).value().segment_count();
        EXPECT_TRUE(count == last + 1 || count == 1);
        last = count;
        most = std::max(most, count);
    }
    EXPECT_GT(most, 1u);
    EXPECT_LE(most, 8u);
}

TEST_F(AdvisoryUpdates, build_all_of_it_where_what_is_remembered_is_damaged_or_of_another) {
    std::mt19937 random(1);
    Records records;
    for (int n = 0; n < 100; ++n) {
        const std::string id = "GHSA-" + std::to_string(n);
        records[id] = random_record(random, id);
    }
    const auto change = [&] {
        records["GHSA-1"] = random_record(random, "GHSA-1");
        request_.build.sources = {write("all", records)};
    };
    change();
    update();
    change();
    EXPECT_TRUE(update().is_segment);
    // A block with a flipped bit.
    for (const auto& entry : fs::directory_iterator(request_.folder)) {
        if (entry.path().filename() == "index") continue;
        std::string bytes = read_text_file(entry.path().string()).value();
        bytes[bytes.size() / 2] ^= 1;
        ASSERT_TRUE(write_file_atomically(entry.path().string(), bytes).ok());
    }
    change();
    EXPECT_FALSE(update().is_segment);
    EXPECT_EQ(found(), expected());
    // Another program, another signer, another database.
    change();
    request_.program = "other";
    EXPECT_FALSE(update().is_segment);
    change();
    request_.build.key = crypto::make_secret_key().value();
    EXPECT_FALSE(update().is_segment);
    change();
    EXPECT_TRUE(update().is_segment);
    fs::remove(request_.database);
    change();
    EXPECT_FALSE(update().is_segment);
    EXPECT_EQ(found(), expected());
}

Records records_of(const std::string& prefix, int count) {
    std::mt19937 random(7);
    Records records;
    for (int n = 0; n < count; ++n) {
        const std::string id = prefix + "-" + std::to_string(n);
        records[id] = random_record(random, id);
    }
    return records;
}

TEST_F(AdvisoryUpdates, build_all_of_it_where_a_page_of_the_database_is_damaged) {
    Records records = records_of("GHSA", 1500);  // of several pages
    request_.build.sources = {write("all", records)};
    update();
    std::string bytes = read_text_file(request_.database).value();
    bytes[bytes.size() * 3 / 4] ^= 1;
    ASSERT_TRUE(write_file_atomically(request_.database, bytes).ok());
    const auto damaged = sca::Database::open(request_.database);
    ASSERT_TRUE(damaged.ok());
    ASSERT_FALSE(damaged.value().verify().ok());
    records.erase("GHSA-1");
    request_.build.sources = {write("all", records)};
    EXPECT_FALSE(update().is_segment);
    EXPECT_TRUE(sca::Database::open(request_.database).value().verify().ok());
    EXPECT_EQ(found(), expected());
}

TEST_F(AdvisoryUpdates, keep_what_there_is_of_a_source_that_cannot_be_read) {
    Records lost = records_of("GHSA", 60);
    Records other = records_of("GO", 60);
    const auto all = [&] {
        return std::vector<FeedSource>{write("lost", lost), write("other", other)};
    };
    request_.build.sources = all();
    update();
    for (const UpdateScope scope : {UpdateScope::kChanges, UpdateScope::kWhole}) {
        other.erase(other.begin());
        request_.build.sources = all();
        const std::string expected_now = expected();
        fs::remove(request_.build.sources[0].path);
        request_.build.sources[0].fingerprint.clear();
        request_.scope = scope;
        const AdvisoryUpdate made = update();
        ASSERT_EQ(made.problems.size(), 1u);
        EXPECT_EQ(made.problems[0].path, request_.build.sources[0].path);
        EXPECT_EQ(made.is_segment, scope == UpdateScope::kChanges);
        EXPECT_EQ(found(), expected_now);
    }
    // It is there again, and is read again.
    request_.scope = UpdateScope::kChanges;
    lost.erase(lost.begin());
    request_.build.sources = all();
    EXPECT_EQ(update().problems.size(), 0u);
    EXPECT_EQ(found(), expected());
    // Of one that never was there nothing is kept, and the others are built all the same.
    request_.build.sources.push_back({FeedKind::kOsv, folder_ + "/never", ""});
    EXPECT_EQ(update().problems.size(), 1u);
    request_.build.sources.pop_back();
    EXPECT_EQ(found(), expected());
    request_.build.sources = {{FeedKind::kOsv, folder_ + "/never", ""}};
    EXPECT_FALSE(update_advisories(request_, pool_).ok());
}

TEST_F(AdvisoryUpdates, do_not_take_what_reads_otherwise_a_second_time_for_what_is_known) {
    const Records first = records_of("GHSA", 60);
    request_.build.sources = {write("all", first)};
    update();
    // The same fingerprint, and half of it cannot be read: a disk that fails.
    const std::string fingerprint = request_.build.sources[0].fingerprint;
    std::string text = read_text_file(request_.build.sources[0].path).value();
    const std::string whole = text;
    text.replace(text.size() / 2, 40, 40, '"');
    ASSERT_TRUE(write_file_atomically(request_.build.sources[0].path, text).ok());
    request_.scope = UpdateScope::kWhole;
    EXPECT_GT(update().problems.size(), 0u);
    EXPECT_LT(sca::Database::open(request_.database).value().info().value().records, 60u);
    // Nothing seems to have changed, and it is read all the same.
    ASSERT_TRUE(write_file_atomically(request_.build.sources[0].path, whole).ok());
    request_.scope = UpdateScope::kChanges;
    request_.build.sources[0].fingerprint = fingerprint;
    EXPECT_EQ(update().sources_read, 1u);
    EXPECT_EQ(found(), expected());
}

}  // namespace
}  // namespace merlon::scan
