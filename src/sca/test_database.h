#pragma once

// Small databases for the tests of this room.

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "packages/package.h"
#include "sca/database.h"
#include "sca/database_writer.h"
#include "sca/match_text.h"
#include "sca/record_walk.h"

namespace merlon::sca {

inline constexpr std::int64_t kTestTime_s = 1'700'000'000;

inline packages::Package package_of(packages::Ecosystem ecosystem, std::string name,
                                    std::string version) {
    packages::Package made;
    made.ecosystem = ecosystem;
    made.name = std::move(name);
    made.version = std::move(version);
    return made;
}

inline Draft draft_from(std::string_view json) {
    const auto record = exchange::read_osv(json, exchange::RecordSyntax::kJson);
    EXPECT_TRUE(record.ok()) << (record.ok() ? "" : record.error().to_string()) << "\n" << json;
    return record.ok() ? draft_of(record.value()) : Draft{};
}

inline std::string bytes_of(const std::vector<std::string>& records,
                            std::vector<Threat> threats = {}, unsigned threads = 1) {
    DatabaseWriter writer;
    const std::size_t feed = writer.add_feed({"test", "CC0-1.0", "sha256:00", kTestTime_s});
    for (const std::string& json : records) writer.add(feed, draft_from(json));
    for (Threat& threat : threats) writer.add_threat(feed, std::move(threat));
    ThreadPool pool(threads);
    return writer.finish(kTestTime_s, pool, std::nullopt).value();
}

inline Database database_of(const std::vector<std::string>& records,
                            std::vector<Threat> threats = {}) {
    return Database::from_bytes(bytes_of(records, std::move(threats))).value();
}

// One record of one package with the given ranges and versions, as JSON.
inline std::string record_of(std::string_view id, std::string_view ecosystem, std::string_view name,
                             std::string_view ranges, std::string_view more = "") {
    return R"({"id": ")" + std::string(id) + R"(", "affected": [{"package": {"ecosystem": ")" +
           std::string(ecosystem) + R"(", "name": ")" + std::string(name) + R"("}, "ranges": [)" +
           std::string(ranges) + "]" + std::string(more) + "}]}";
}

// What match_packages() says, its matches in words.
struct Answer {
    std::vector<Match> matches;
    std::vector<MatchProblem> problems;
    std::vector<std::string> ecosystems_without_records;
    std::size_t packages_without_ecosystem = 0;
};

inline Answer answer_of(const Database& database, const std::vector<packages::Package>& packages,
                        unsigned threads = 1) {
    ThreadPool pool(threads);
    MatchReport report = match_packages(database, packages, pool).value();
    return {match_texts(database, packages, report).value(), std::move(report.problems),
            std::move(report.ecosystems_without_records), report.packages_without_ecosystem};
}

// All that a database says: its records, its feeds, and what matches its packages at some versions.
// Two databases that say the same have the same text, however many segments each has.
inline std::string everything_of(const Database& database) {
    std::string text;
    std::vector<packages::Package> asked;
    std::set<std::pair<std::string, std::string>> names;
    const Status read = database.read([&](const DatabaseReader& reader) {
        for (RecordWalk walk(reader); !walk.at_end(); walk.next()) {
            text += walk.id() + " " + walk.json() + "\n";
        }
        for (std::size_t i = 0; i < reader.segment_count(); ++i) {
            const SegmentReader& segment = reader.segment(i);
            for (std::uint32_t number = 0; number < segment.package_count(); ++number) {
                const PackageRow row = segment.package(number);
                names.emplace(segment.ecosystems()[row.ecosystem].name, segment.text(row.name));
            }
        }
    });
    EXPECT_TRUE(read.ok()) << read.error().to_string();
    for (const auto& [ecosystem, name] : names) {
        for (const std::string_view version : {"", "0.5.0", "1.3.0", "1.17.0", "9.0.0"}) {
            asked.push_back(package_of(*packages::ecosystem_of_osv_name(ecosystem), name,
                                       std::string(version)));
            asked.back().distribution = {"debian", "12", ""};
        }
    }
    const DatabaseInfo info = database.info().value();
    for (const FeedInfo& feed : info.feeds) {
        text += feed.name + " " + feed.licence + " " + feed.digest + " " +
                std::to_string(feed.taken_at_s) + " " + std::to_string(feed.records) + " " +
                std::to_string(feed.withdrawn) + " " + std::to_string(feed.unreadable) + " " +
                std::to_string(feed.without_versions) + " " +
                std::to_string(feed.unknown_ecosystems) + " " + std::to_string(feed.replaced) +
                "\n";
    }
    text += std::to_string(info.records) + " records\n";
    for (const std::string& ecosystem : info.ecosystems) text += ecosystem + "\n";
    const Answer answer = answer_of(database, asked);
    const auto asked_text = [&](std::size_t number) {
        return asked[number].name + "@" + asked[number].version;
    };
    for (const Match& match : answer.matches) {
        text += asked_text(match.package) + " " + match.fixed + " " + std::string(match.severity) +
                " " + match.due + " " + std::to_string(match.epss_100000ths) +
                (match.is_known_exploited ? " kev" : "");
        for (const std::string& id : match.ids) text += " " + id;
        for (const std::string& id : match.upstream) text += " ^" + id;
        for (const Advisory& advisory : match.advisories) {
            text += "\n  " + info.feeds[advisory.feed].name + " " + explain(advisory);
            EXPECT_TRUE(database
                            .read([&](const DatabaseReader& reader) {
                                const std::string json = reader.record_json(advisory.record);
                                EXPECT_NE(json.find(advisory.id), std::string::npos);
                            })
                            .ok());
        }
        text += "\n";
    }
    for (const MatchProblem& problem : answer.problems) {
        text += asked_text(problem.package) + " " + std::string(name(problem.kind)) + " " +
                problem.detail + "\n";
    }
    return text;
}

}  // namespace merlon::sca
