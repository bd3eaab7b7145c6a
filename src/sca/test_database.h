#pragma once

// Small databases for the tests of this room.

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "packages/package.h"
#include "sca/database.h"
#include "sca/database_writer.h"

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

}  // namespace merlon::sca
