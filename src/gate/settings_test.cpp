#include "gate/settings.h"

#include <gtest/gtest.h>

namespace merlon::gate {
namespace {

constexpr std::string_view kYaml = R"(version: 1
scan: {fail-on: high}
gates:
  pr:
    severity: low
    conditions: [severity, policy/ours.rego]
    time-to-live: 30m
groups:
  security: [ana, ben]
environments:
  production:
    branches: [main]
    approvals: [{group: security, count: 2}]
    approval-age: 2d
    exceptions-by: [security]
    windows:
      - {days: [mon, fri], from: "09:00", to: "17:00", zone: Europe/Berlin}
    freezes:
      - {from: 2026-12-20, to: "2027-01-02 12:00", zone: America/New_York}
)";

TEST(GateSettings, without_a_file_the_ready_gate_holds) {
    const Settings settings = read_settings("", "", "pr", "").value();
    EXPECT_EQ(settings.conditions, (std::vector<std::string>{"severity", "secrets", "coverage"}));
    EXPECT_EQ(settings.time_to_live_s, 24 * 3'600);
}

TEST(GateSettings, what_an_environment_asks_for_is_looked_at) {
    const auto read = [](const std::string& conditions, const std::string& asked) {
        return read_settings("version: 1\ngates:\n  deploy:\n    conditions: [" + conditions +
                                 "]\nenvironments:\n  live: {" + asked + "}\n",
                             "f.yaml", "deploy", "live");
    };
    EXPECT_TRUE(read("severity, environment", "exclusive: true").ok());
    EXPECT_TRUE(read("severity, own.rego", "exclusive: true").ok());
    EXPECT_EQ(read("severity", "exclusive: true").error().to_string(),
              "f.yaml: environment 'live' has 'exclusive', and none of the gate's conditions looks "
              "at it: add 'environment' to its conditions, or say 'unlooked: allowed' in the "
              "environment where this is meant");
    EXPECT_FALSE(read("environment", "approvals: [{group: a, count: 1}]").ok());
    EXPECT_FALSE(read("environment", "registered-requester: true").ok());
    EXPECT_FALSE(read("environment", "approval-age: 2h").ok());
    EXPECT_TRUE(read("severity", "exclusive: false, registered-requester: false").ok());
    EXPECT_TRUE(read("severity", "exclusive: true, unlooked: allowed").ok());
    EXPECT_FALSE(read("severity", "exclusive: true, unlooked: yes").ok());
}

TEST(GateSettings, what_is_set_wins_and_the_rest_stays) {
    const Settings settings = read_settings(kYaml, ".merlon.yaml", "pr", "production").value();
    EXPECT_EQ(settings.conditions, (std::vector<std::string>{"severity", "policy/ours.rego"}));
    EXPECT_EQ(settings.time_to_live_s, 1'800);
    EXPECT_NE(settings.gate.find("\"severity\":\"low\""), std::string::npos) << settings.gate;
    EXPECT_NE(settings.gate.find("\"only-new\":true"), std::string::npos) << settings.gate;
    EXPECT_EQ(settings.zones, (std::vector<std::string>{"America/New_York", "Europe/Berlin"}));
    EXPECT_EQ(settings.people_by_group.at("security"), (std::vector<std::string>{"ana", "ben"}));
    EXPECT_EQ(settings.decisions.approval_age_s, 48 * 3'600);
    EXPECT_EQ(settings.decisions.exceptions_by, std::vector<std::string>{"security"});
}

TEST(GateSettings, a_setting_that_is_wrong_is_an_error_with_its_line) {
    const struct {
        std::string_view yaml;
        std::uint32_t line;
    } cases[] = {
        {"gates:\n  pr:\n    severty: high\n", 3},
        {"gates:\n  pr:\n    severity: dreadful\n", 3},
        {"gates:\n  pull-request:\n    severity: high\n", 2},
        {"environments:\n  production:\n    approvals:\n      - {group: a, count: 0}\n", 4},
        {"environments:\n  production:\n    wait: soon\n", 3},
        {"environments:\n  production:\n    windows:\n      - {from: \"9\", to: \"10:00\", zone: "
         "UTC}\n",
         4},
        {"groups:\n  a: ana\n", 2},
        {"environments:\n  production:\n    freezes:\n      - {from: 2026-12-20, to: 2026-12-19, "
         "zone: UTC}\n",
         4},
        {"environments:\n  production:\n    freezes:\n      - from: 2026-02-30\n        to: "
         "2026-03-02\n        zone: UTC\n",
         4},
        {"environments:\n  other:\n    freezes:\n      - {from: \"2026-12-20 12:00\", to: "
         "\"2026-12-20 11:59\", zone: UTC}\n",
         4},
        {"environments:\n  other:\n    windows:\n      - {from: \"09:00\", to: \"09:00\", zone: "
         "UTC}\n",
         4},
        {"environments:\n  other:\n    windows: []\n", 3},
        {"environments:\n  other:\n    branches: []\n", 3},
        {"environments:\n  other:\n    approvals: []\n", 3},
        {"environments:\n  other:\n    windows:\n      - {days: [], from: \"09:00\", to: "
         "\"10:00\", zone: UTC}\n",
         4},
        {"groups:\n  security: []\n", 2},
    };
    for (const auto& one : cases) {
        const auto settings = read_settings(one.yaml, "f.yaml", "pr", "");
        ASSERT_FALSE(settings.ok()) << one.yaml;
        EXPECT_EQ(settings.error().file, "f.yaml");
        EXPECT_EQ(settings.error().line, one.line) << settings.error().to_string();
    }
    EXPECT_FALSE(read_settings(kYaml, "f", "pr", "prodution").ok());
    EXPECT_FALSE(read_settings("gates: [", "f", "pr", "").ok());
    EXPECT_TRUE(
        read_settings("environments:\n  all-day:\n    windows:\n      - {from: \"00:00\", to: "
                      "\"24:00\", zone: UTC}\n    freezes: []\n",
                      "f", "deploy", "all-day")
            .ok());
}

TEST(GateSettings, the_hour_follows_the_zone_through_daylight_saving) {
    const auto at = [](std::int64_t seconds) {
        const auto hours = local_times({"Europe/Berlin", "Mars/Base"}, {seconds * 1'000'000'000},
                                       "/usr/share/zoneinfo");
        EXPECT_EQ(hours.size(), 1U);
        return hours.empty() ? std::string()
                             : hours[0].weekday + " " + hours[0].date + " " + hours[0].time;
    };
    // 2026-03-29, 01:00 UTC: from +01:00 to +02:00.
    EXPECT_EQ(at(1'774'745'999), "sun 2026-03-29 01:59");
    EXPECT_EQ(at(1'774'746'000), "sun 2026-03-29 03:00");
}

}  // namespace
}  // namespace merlon::gate
