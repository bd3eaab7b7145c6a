#include "sca/database_delta.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "sca/test_database.h"

namespace merlon::sca {
namespace {

using Records = std::map<std::string, std::string>;  // by id

Database built_of(const Records& records, const std::vector<Threat>& threats) {
    std::vector<std::string> texts;
    for (const auto& [id, json] : records) texts.push_back(json);
    return database_of(texts, threats);
}

// `database` with the segment that makes `after` of `before`.
std::string updated(const std::string& bytes, const Records& before, const Records& after,
                    const std::vector<Threat>& threats, bool has_new_threats,
                    const std::optional<crypto::SecretKey>& key = std::nullopt) {
    const Database database = Database::from_bytes(bytes).value();
    DatabaseChange change;
    for (const auto& [id, json] : after) {
        const auto known = before.find(id);
        if (known == before.end() || known->second != json)
            change.records.emplace_back("test", draft_from(json));
    }
    for (const auto& [id, json] : before) {
        if (!after.contains(id)) change.gone.push_back(id);
    }
    change.feeds = built_of(after, threats).info().value().feeds;
    change.threats = threats;
    change.has_new_threats = has_new_threats;
    ThreadPool pool(1);
    return bytes + build_segment(database, std::move(change), kTestTime_s + 1, pool, key).value();
}

// Few names, few aliases: nearly every change joins or parts classes.
std::string random_record(std::mt19937& random, const std::string& id) {
    const auto pick = [&](unsigned count) { return std::to_string(random() % count); };
    std::string json = R"({"id": ")" + id + R"(", "modified": "2024-01-01T00:00:)" +
                       std::to_string(10 + random() % 50) + R"(Z")";
    if (random() % 8 == 0) json += R"(, "withdrawn": "2024-01-02T00:00:00Z")";
    if (random() % 2 == 0) json += R"(, "aliases": ["CVE-)" + pick(12) + R"("])";
    if (random() % 5 == 0) json += R"(, "upstream": ["CVE-)" + pick(12) + R"("])";
    if (random() % 5 == 0)
        json += R"(, "severity": [{"type": "CVSS_V3", "score":
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}])";
    const bool is_debian = random() % 3 == 0;
    json += R"(, "affected": [{"package": {"ecosystem": ")" +
            std::string(is_debian ? "Debian:12" : "npm") + R"(", "name": "x)" + pick(6) +
            R"("}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": ")" + pick(2) +
            R"("}, {"fixed": "1.)" + pick(20) + R"(.0"}]}]}]})";
    return json;
}

std::string random_id(std::mt19937& random) {
    return (random() % 4 == 0 ? "CVE-" : "GHSA-") + std::to_string(random() % 25);
}

TEST(DatabaseDelta, base_and_segments_say_what_a_database_of_all_records_says) {
    for (unsigned seed = 0; seed < 25; ++seed) {
        std::mt19937 random(seed);
        Records records;
        for (int i = 0; i < 20; ++i) {
            const std::string id = random_id(random);
            records[id] = random_record(random, id);
        }
        std::vector<Threat> threats{{"CVE-1", true, false, "2024-03-01", 100, 200}};
        std::vector<std::string> first;
        for (const auto& [id, json] : records) first.push_back(json);
        std::string bytes = bytes_of(first, threats);
        for (int step = 0; step < 6; ++step) {
            const Records before = records;
            for (unsigned i = 0; i < 1 + random() % 5; ++i) {
                const std::string id = random_id(random);
                if (random() % 3 == 0) {
                    records.erase(id);
                } else {
                    records[id] = random_record(random, id);
                }
            }
            const bool has_new_threats = random() % 2 == 0;
            if (has_new_threats) {
                threats = {{"CVE-" + std::to_string(random() % 12), true, true, "2024-02-01",
                            static_cast<std::uint32_t>(random() % 1000), 7}};
            }
            bytes = updated(bytes, before, records, threats, has_new_threats);
            const Database incremental = Database::from_bytes(bytes).value();
            ASSERT_TRUE(incremental.verify().ok());
            ASSERT_EQ(everything_of(incremental), everything_of(built_of(records, threats)))
                << "seed " << seed << ", step " << step;
        }
    }
}

Records two_records() {
    return {{"A-1", record_of("A-1", "npm", "x", R"({"type": "SEMVER", "events": [
        {"introduced": "0"}, {"fixed": "1.5.0"}]})")},
            {"A-2", record_of("A-2", "npm", "y", R"({"type": "SEMVER", "events": [
        {"introduced": "0"}]})")}};
}

std::string first_bytes(const Records& records, const std::optional<crypto::SecretKey>& key) {
    DatabaseWriter writer;
    const std::size_t feed = writer.add_feed({"test", "CC0-1.0", "sha256:00", kTestTime_s});
    for (const auto& [id, json] : records) writer.add(feed, draft_from(json));
    ThreadPool pool(1);
    return writer.finish(kTestTime_s, pool, key).value();
}

TEST(DatabaseDelta, is_dated_and_counted_by_its_newest_segment) {
    const Records before = two_records();
    Records after = before;
    after.erase("A-2");
    const Database database =
        Database::from_bytes(updated(first_bytes(before, {}), before, after, {}, false)).value();
    const DatabaseInfo info = database.info().value();
    EXPECT_EQ(info.built_at_s, kTestTime_s + 1);
    EXPECT_EQ(info.records, 1u);
    ASSERT_EQ(info.segments.size(), 2u);
    EXPECT_EQ(info.segments[1].hidden, 1u);
    EXPECT_EQ(info.segments[1].records, 0u);
    const std::string renewed =
        with_build_time(std::string(database.bytes()), kTestTime_s + 9, {}).value();
    EXPECT_EQ(Database::from_bytes(renewed).value().built_at_s(), kTestTime_s + 9);
}

TEST(DatabaseDelta, a_segment_belongs_to_one_database_alone) {
    const Records before = two_records();
    Records after = before;
    after.erase("A-1");
    const std::string base = first_bytes(before, {});
    const std::string bytes = updated(base, before, after, {}, false);
    const std::string segment = bytes.substr(base.size());
    const std::string other = first_bytes({*before.begin()}, {});
    EXPECT_FALSE(Database::from_bytes(other + segment).ok());
    EXPECT_FALSE(Database::from_bytes(segment).ok());
    EXPECT_FALSE(Database::from_bytes(bytes + segment).ok());
    EXPECT_FALSE(Database::from_bytes(bytes + "x").ok());
    EXPECT_FALSE(Database::from_bytes(bytes.substr(0, bytes.size() - 1)).ok());
    // What stands there before an update is what stands there when it is undone.
    EXPECT_TRUE(Database::from_bytes(bytes.substr(0, base.size())).ok());
}

TEST(DatabaseDelta, every_segment_is_signed_by_the_same_key) {
    const crypto::SecretKey key = crypto::make_secret_key().value();
    const Records before = two_records();
    Records after = before;
    after.erase("A-1");
    const std::string base = first_bytes(before, key);
    const std::string bytes = updated(base, before, after, {}, false, key);
    const Database database = Database::from_bytes(bytes).value();
    EXPECT_EQ(database.signer(), crypto::public_key_of(key).value());
    EXPECT_TRUE(database.verify().ok());
    const std::string unsigned_segment = updated(base, before, after, {}, false);
    EXPECT_FALSE(Database::from_bytes(unsigned_segment).ok());
    std::string damaged = bytes;
    damaged[base.size() + offsetof(DatabaseHeader, signature)] ^= 1;
    EXPECT_FALSE(Database::from_bytes(damaged).value().verify().ok());
}

// A database of records, each with its publisher.
std::string bytes_by_publisher(const std::vector<std::pair<std::string, std::string>>& records) {
    DatabaseWriter writer;
    std::map<std::string, std::size_t> feeds;
    for (const auto& [publisher, json] : records) {
        const auto [feed, is_new] = feeds.emplace(publisher, 0);
        if (is_new) {
            feed->second = writer.add_feed({publisher, "CC0-1.0", "sha256:00", kTestTime_s});
        }
        writer.add(feed->second, draft_from(json));
    }
    ThreadPool pool(1);
    return writer.finish(kTestTime_s, pool, std::nullopt).value();
}

TEST(DatabaseDelta, a_record_keeps_its_publisher_where_one_comes_and_another_one_goes) {
    const auto record = [](const std::string& id, const std::string& more) {
        return record_of(id, "npm", id, R"({"type": "SEMVER", "events": [{"introduced": "0"},
            {"fixed": "2.0.0"}]})")
            .insert(1, more);
    };
    const std::string alias = R"("aliases": ["CVE-1"], )";
    // Of one alias class, so that a change of one holds the others anew.
    const std::string a = record("A-1", "");
    const std::string m = record("M-1", alias);
    const std::string z = record("Z-1", alias);
    const std::string new_b = record("B-1", alias);
    const std::string base = bytes_by_publisher({{"alpha", a}, {"middle", m}, {"zeta", z}});
    const std::string all = bytes_by_publisher({{"beta", new_b}, {"middle", m}, {"zeta", z}});
    const Database expected = Database::from_bytes(all).value();
    DatabaseChange change;
    change.records.emplace_back("beta", draft_from(new_b));
    change.gone = {"A-1"};
    change.feeds = expected.info().value().feeds;
    ThreadPool pool(1);
    const Database database = Database::from_bytes(base).value();
    const Database made =
        Database::from_bytes(
            base +
            build_segment(database, std::move(change), kTestTime_s, pool, std::nullopt).value())
            .value();
    EXPECT_EQ(made.info().value().segments[1].hidden, 3u);
    EXPECT_EQ(everything_of(made), everything_of(expected));
    // The other way round: one that is not asked for anew stands among fewer feeds.
    DatabaseChange back;
    back.gone = {"B-1", "M-1"};
    const std::string last = bytes_by_publisher({{"zeta", z}});
    back.feeds = Database::from_bytes(last).value().info().value().feeds;
    const std::string bytes(made.bytes());
    const Database fewer =
        Database::from_bytes(
            bytes + build_segment(made, std::move(back), kTestTime_s, pool, std::nullopt).value())
            .value();
    EXPECT_EQ(everything_of(fewer), everything_of(Database::from_bytes(last).value()));
}

}  // namespace
}  // namespace merlon::sca
