#include "sca/database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <random>

#include "base/file.h"
#include "sca/matcher.h"
#include "sca/string_pool.h"
#include "sca/test_database.h"

namespace merlon::sca {
namespace {

std::vector<std::string> some_records(int count) {
    std::vector<std::string> records;
    for (int i = 0; i < count; ++i) {
        const std::string number = std::to_string(i);
        records.push_back(R"({"id": "A-)" + number + R"(", "summary": "number )" + number +
                          R"(", "aliases": ["CVE-)" + std::to_string(i / 2) +
                          R"("], "affected": [{"package":
            {"ecosystem": "npm", "name": "x)" +
                          std::to_string(i % 50) + R"("}, "ranges": [{"type": "SEMVER", "events":
            [{"introduced": "0"}, {"fixed": "1.)" +
                          number + R"(.0"}]}]}]})");
    }
    return records;
}

TEST(StringPool, gives_numbers_in_the_strings_order_and_the_strings_back) {
    StringPoolWriter writer;
    std::vector<std::string> texts{""};
    for (int i = 0; i < 200; ++i) texts.push_back("text/" + std::to_string(i * 7919 % 1000));
    texts.push_back(std::string(5000, 'x'));
    std::vector<std::uint32_t> provisional;
    for (const auto& text : texts) provisional.push_back(writer.add(text));
    const auto packed = writer.finish();
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::uint32_t number = packed.final_number[provisional[i]];
        const std::uint32_t bucket = number / kStringsPerBucket;
        std::string text;
        ASSERT_TRUE(read_pooled(std::string_view(packed.bytes)
                                    .substr(packed.buckets[bucket],
                                            packed.buckets[bucket + 1] - packed.buckets[bucket]),
                                number % kStringsPerBucket, text));
        EXPECT_EQ(text, texts[i]);
        for (std::size_t j = 0; j < i; ++j) {
            EXPECT_EQ(texts[j] < texts[i], packed.final_number[provisional[j]] < number);
        }
    }
}

TEST(Database, finds_records_packages_and_texts) {
    const auto records = some_records(300);
    const Database database = database_of(records);
    const Status read = database.read([&](const DatabaseReader& whole) {
        const SegmentReader& reader = whole.segment(0);
        EXPECT_EQ(reader.record_count(), 300u);
        EXPECT_EQ(reader.package_count(), 50u);
        const auto npm = reader.find_ecosystem("npm");
        ASSERT_TRUE(npm.has_value());
        for (int i = 0; i < 50; ++i) {
            const RowRange rows = reader.find_package(*npm, "x" + std::to_string(i));
            EXPECT_EQ(rows.last - rows.first, 6u) << i;
        }
        EXPECT_EQ(reader.find_package(*npm, "y").first, reader.find_package(*npm, "y").last);
        const auto number = reader.find_record("A-77");
        ASSERT_TRUE(number.has_value());
        EXPECT_EQ(reader.texts(reader.ids_of(reader.record(*number))),
                  (std::vector<std::string>{"CVE-38", "A-76", "A-77"}));
        const auto again =
            exchange::read_osv(reader.record_json(*number), exchange::RecordSyntax::kJson);
        ASSERT_TRUE(again.ok());
        EXPECT_EQ(again.value(),
                  exchange::read_osv(records[77], exchange::RecordSyntax::kJson).value());
        EXPECT_FALSE(reader.find_record("A-300").has_value());
        EXPECT_FALSE(reader.find_record("CVE-38").has_value());
        EXPECT_FALSE(reader.find_record("").has_value());
    });
    EXPECT_TRUE(read.ok()) << read.error().to_string();
    EXPECT_TRUE(database.verify().ok());
    const DatabaseInfo info = database.info().value();
    EXPECT_EQ(info.built_at_s, kTestTime_s);
    ASSERT_EQ(info.feeds.size(), 1u);
    EXPECT_EQ(info.feeds[0].name, "test");
    EXPECT_EQ(info.feeds[0].taken_at_s, kTestTime_s);
    EXPECT_EQ(info.ecosystems, std::vector<std::string>{"npm"});
}

TEST(Database, the_same_records_give_the_same_bytes_in_any_order_and_with_any_threads) {
    auto records = some_records(200);
    records.push_back(R"({"id": "A-1", "modified": "2024-01-01T00:00:00Z"})");
    const std::string bytes = bytes_of(records);
    std::mt19937 random(7);
    for (unsigned threads = 1; threads <= 8; ++threads) {
        std::shuffle(records.begin(), records.end(), random);
        EXPECT_EQ(bytes_of(records, {}, threads), bytes);
    }
}

TEST(Database, of_two_records_with_one_id_the_last_modified_stays) {
    const Database database =
        database_of({R"({"id": "A-1", "modified": "2024-01-01T00:00:00Z", "summary": "old"})",
                     R"({"id": "A-1", "modified": "2024-01-02T00:00:00Z", "summary": "new"})"});
    EXPECT_EQ(database.info().value().records, 1u);
    EXPECT_EQ(database.info().value().feeds[0].replaced, 1u);
    const Status read = database.read([](const DatabaseReader& reader) {
        EXPECT_NE(reader.record_json(0).find("new"), std::string::npos);
    });
    EXPECT_TRUE(read.ok());
}

TEST(Database, counts_what_it_cannot_use) {
    const Database database = database_of(
        {R"({"id": "A-1", "affected": [{"package": {"ecosystem": "Nowhere", "name": "x"},
             "versions": ["1"]}, {"package": {"ecosystem": "npm", "name": "x"}, "ranges": [{"type":
             "GIT", "repo": "r", "events": [{"introduced": "0"}]}]}]})"});
    const FeedInfo feed = database.info().value().feeds[0];
    EXPECT_EQ(feed.unknown_ecosystems, 1u);
    EXPECT_EQ(feed.without_versions, 1u);
}

TEST(Database, an_empty_one_is_a_database) {
    const Database database = database_of({});
    EXPECT_TRUE(database.verify().ok());
    ThreadPool pool(1);
    const auto package = package_of(packages::Ecosystem::kNpm, "x", "");
    const auto report = match_packages(database, {&package, 1}, pool);
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report.value().ecosystems_without_records, std::vector<std::string>{"npm"});
}

TEST(Database, no_flipped_bit_goes_unseen) {
    const std::string bytes = bytes_of(some_records(60));
    std::mt19937 random(7);
    std::vector<std::size_t> places;
    // Unsigned, its 64 bytes of signature mean nothing.
    for (std::size_t i = 0; i < sizeof(DatabaseHeader) - 64; ++i) places.push_back(i);
    places.push_back(sizeof(DatabaseHeader) + 5);
    for (int i = 0; i < 400; ++i) {
        places.push_back(kHeaderBytes + random() % (bytes.size() - kHeaderBytes));
    }
    for (const std::size_t place : places) {
        std::string damaged = bytes;
        damaged[place] = static_cast<char>(damaged[place] ^ (1 << (random() % 8)));
        const auto database = Database::from_bytes(damaged);
        if (!database.ok()) continue;
        EXPECT_FALSE(database.value().verify().ok()) << place;
    }
}

TEST(Database, a_damaged_page_makes_the_answer_an_error) {
    std::string bytes = bytes_of(some_records(5000));
    DatabaseHeader header;
    std::memcpy(&header, bytes.data(), sizeof header);
    const auto& events = header.sections[static_cast<std::size_t>(Section::kEvents)];
    const auto asked = package_of(packages::Ecosystem::kNpm, "x1", "1.0.0");
    ThreadPool pool(1);
    EXPECT_TRUE(match_packages(Database::from_bytes(bytes).value(), {&asked, 1}, pool).ok());
    for (std::size_t i = 0; i < events.count; i += 100) bytes[events.offset + 4 * i] ^= 1;
    const auto database = Database::from_bytes(bytes);
    ASSERT_TRUE(database.ok());
    EXPECT_FALSE(match_packages(database.value(), {&asked, 1}, pool).ok());
}

TEST(Database, refuses_what_is_no_database_of_this_version) {
    const std::string bytes = bytes_of(some_records(5));
    EXPECT_FALSE(Database::from_bytes("").ok());
    EXPECT_FALSE(Database::from_bytes(std::string(8192, 'x')).ok());
    EXPECT_FALSE(Database::from_bytes(bytes.substr(0, bytes.size() - 1)).ok());
    EXPECT_FALSE(Database::from_bytes(bytes + "x").ok());
    std::string older = bytes;
    older[8] = 0;
    const auto opened = Database::from_bytes(older);
    ASSERT_FALSE(opened.ok());
    EXPECT_NE(opened.error().message.find("another version"), std::string::npos);
}

TEST(Database, a_signature_covers_all_of_it) {
    const crypto::SecretKey key = crypto::make_secret_key().value();
    DatabaseWriter writer;
    writer.add(writer.add_feed({"test", "", "", 0}), draft_from(some_records(1)[0]));
    ThreadPool pool(1);
    const std::string bytes = writer.finish(kTestTime_s, pool, key).value();
    const Database database = Database::from_bytes(bytes).value();
    EXPECT_EQ(database.signer(), crypto::public_key_of(key).value());
    EXPECT_TRUE(database.verify().ok());
    std::string other = bytes;
    other[offsetof(DatabaseHeader, signature)] ^= 1;
    EXPECT_FALSE(Database::from_bytes(other).value().verify().ok());
}

TEST(Database, is_read_from_a_mapped_file) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("merlon_database_test_" +
                       std::to_string(::testing::UnitTest::GetInstance()->random_seed()));
    ASSERT_TRUE(write_file_atomically(path.string(), bytes_of(some_records(20))).ok());
    const auto database = Database::open(path.string());
    std::filesystem::remove(path);
    ASSERT_TRUE(database.ok()) << database.error().to_string();
    EXPECT_EQ(database.value().info().value().records, 20u);
    EXPECT_FALSE(Database::open(path.string()).ok());
}

}  // namespace
}  // namespace merlon::sca
