#include "sca/matcher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sca/names.h"
#include "sca/test_database.h"

namespace merlon::sca {
namespace {

using packages::Ecosystem;
using packages::Package;

Package debian(std::string name, std::string version, std::string source, std::string release) {
    Package made = package_of(Ecosystem::kDeb, std::move(name), std::move(version));
    made.source_name = std::move(source);
    made.distribution = {"debian", std::move(release), ""};
    return made;
}

// The ids that match, one string for each match.
std::vector<std::string> ids(const Answer& report) {
    std::vector<std::string> all;
    for (const Match& match : report.matches) all.push_back(match.ids.front());
    return all;
}

bool is_matched(const std::string& ranges, const std::string& version,
                const std::string& more = "") {
    const Database database = database_of({record_of("A-1", "npm", "x", ranges, more)});
    return !answer_of(database, {package_of(Ecosystem::kNpm, "x", version)}).matches.empty();
}

TEST(Matcher, walks_the_events_of_a_range) {
    const std::string range =
        R"({"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.0"},
            {"introduced": "2.0.0"}, {"last_affected": "2.3.0"}]})";
    const struct {
        std::string version;
        bool affected;
    } cases[] = {{"0.0.1", true},  {"1.1.9", true},  {"1.2.0-rc.1", true},
                 {"1.2.0", false}, {"1.9.0", false}, {"2.0.0", true},
                 {"2.3.0", true},  {"2.3.1", false}, {"0.0.0-a", true}};
    for (const auto& c : cases) EXPECT_EQ(is_matched(range, c.version), c.affected) << c.version;
}

TEST(Matcher, events_may_stand_in_any_order) {
    EXPECT_TRUE(is_matched(
        R"({"type": "SEMVER", "events": [{"fixed": "1.10.0"}, {"introduced": "1.9.0"}]})",
        "1.9.5"));
}

TEST(Matcher, a_range_of_commits_is_skipped_and_the_next_one_counts) {
    // osv-scalibr's offline matcher stops here.
    EXPECT_TRUE(is_matched(
        R"({"type": "GIT", "repo": "https://a.b/c", "events": [{"introduced": "0"}]},
           {"type": "SEMVER", "events": [{"introduced": "1.0.0"}]})",
        "1.0.0"));
    EXPECT_FALSE(is_matched(
        R"({"type": "GIT", "repo": "https://a.b/c", "events": [{"introduced": "0"}]},
           {"type": "SEMVER", "events": [{"introduced": "1.0.0"}]})",
        "0.9.0"));
}

TEST(Matcher, limits_end_a_range) {
    const std::string range = R"({"type": "SEMVER", "events": [{"introduced": "1.0.0"},
                                  {"limit": "1.5.0"}]})";
    EXPECT_TRUE(is_matched(range, "1.4.9"));
    EXPECT_FALSE(is_matched(range, "1.5.0"));
    EXPECT_TRUE(is_matched(R"({"type": "SEMVER", "events": [{"introduced": "1.0.0"},
                                {"limit": "*"}]})",
                           "9.0.0"));
    // Before any of them is enough.
    EXPECT_TRUE(is_matched(R"({"type": "SEMVER", "events": [{"introduced": "1.0.0"},
                                {"limit": "1.5.0"}, {"limit": "1.7.0"}]})",
                           "1.6.0"));
}

TEST(Matcher, a_listed_version_is_affected_whatever_the_ranges_say) {
    const std::string range =
        R"({"type": "SEMVER", "events": [{"introduced": "2.0.0"}, {"fixed": "2.1.0"}]})";
    EXPECT_TRUE(is_matched(range, "1.0.0", R"(, "versions": ["1.0.0", "2.0.5"])"));
    EXPECT_FALSE(is_matched(range, "1.0.1", R"(, "versions": ["1.0.0", "2.0.5"])"));
    EXPECT_TRUE(is_matched("", "1.0.0", R"(, "versions": ["1.0.0"])"));
}

TEST(Matcher, a_range_that_ends_where_it_begins_is_empty) {
    EXPECT_FALSE(is_matched(
        R"({"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"fixed": "1.0.0"}]})", "1.0.0"));
}

TEST(Matcher, fixed_and_last_affected_in_one_range_are_a_problem_that_is_named) {
    const Database database = database_of(
        {record_of("A-1", "npm", "x",
                   R"({"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.0"},
            {"last_affected": "0.9.0"}]})")});
    const Answer report = answer_of(database, {package_of(Ecosystem::kNpm, "x", "0.5.0")});
    EXPECT_EQ(ids(report), std::vector<std::string>{"A-1"});
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(report.problems[0].kind, MatchProblemKind::kMixedEvents);
    EXPECT_EQ(database.info().value().feeds[0].mixed_events, 1u);
}

TEST(Matcher, withdrawn_records_match_nothing) {
    const Database database = database_of(
        {R"({"id": "A-1", "withdrawn": "2024-01-01T00:00:00Z", "aliases": ["B-1"], "affected": [{
             "package": {"ecosystem": "npm", "name": "x"}, "versions": ["1.0.0"]}]})"});
    EXPECT_TRUE(answer_of(database, {package_of(Ecosystem::kNpm, "x", "1.0.0")}).matches.empty());
    EXPECT_EQ(database.info().value().feeds[0].withdrawn, 1u);
}

TEST(Matcher, records_that_aliases_join_are_one_match_with_all_ids) {
    const std::string affected =
        R"("affected": [{"package": {"ecosystem": "PyPI", "name": "Flask_Login"}, "ranges": [
           {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "FIX"}]}]}]})";
    const auto with = [&](const std::string& head, std::string_view fix) {
        std::string all = head + affected;
        return all.replace(all.find("FIX"), 3, fix);
    };
    const Database database =
        database_of({with(R"({"id": "PYSEC-1", "aliases": ["CVE-2024-1"], )", "1.2"),
                     with(R"({"id": "GHSA-1", "aliases": ["CVE-2024-1"], "database_specific":
                  {"severity": "MODERATE"}, )",
                          "1.10"),
                     with(R"({"id": "GHSA-2", )", "2.0")});
    const Answer report = answer_of(database, {package_of(Ecosystem::kPypi, "flask.login", "1.0")});
    ASSERT_EQ(report.matches.size(), 2u);
    const Match& joined = report.matches[0];
    EXPECT_EQ(joined.ids, (std::vector<std::string>{"CVE-2024-1", "GHSA-1", "PYSEC-1"}));
    ASSERT_EQ(joined.advisories.size(), 2u);
    EXPECT_EQ(joined.fixed, "1.10");
    EXPECT_EQ(joined.severity, "medium");
    EXPECT_EQ(explain(joined.advisories[1]).substr(0, 9), "PYSEC-1: ");
    EXPECT_EQ(describe(joined.advisories[1].range), "introduced 0, fixed 1.2");
    EXPECT_EQ(report.matches[1].ids, std::vector<std::string>{"GHSA-2"});
}

TEST(Matcher, a_package_of_a_distribution_is_its_source_in_its_release) {
    const std::string range =
        R"({"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1.1n-0+deb11u4"}]})";
    const Database database =
        database_of({record_of("DSA-11", "Debian:11", "openssl", range),
                     record_of("DSA-12", "Debian:12", "openssl", range),
                     record_of("DLA-1", "Debian", "openssl",
                               R"({"type": "ECOSYSTEM", "events": [{"introduced": "0"},
                                   {"fixed": "1.0"}]})")});
    EXPECT_EQ(ids(answer_of(database, {debian("libssl1.1", "1.1.1n-0+deb11u3", "openssl", "11")})),
              std::vector<std::string>{"DSA-11"});
    EXPECT_TRUE(answer_of(database, {debian("libssl1.1", "1.1.1n-0+deb11u4", "openssl", "11.6")})
                    .matches.empty());
    // A binary package of the source's name is another package.
    EXPECT_TRUE(answer_of(database, {debian("openssl", "1.1.1a", "other", "11")}).matches.empty());
    // Without a release only what is for all of them can be told.
    const Answer unknown = answer_of(database, {debian("libssl1.1", "0.9", "openssl", "")});
    EXPECT_EQ(ids(unknown), std::vector<std::string>{"DLA-1"});
    ASSERT_EQ(unknown.problems.size(), 1u);
    EXPECT_EQ(unknown.problems[0].kind, MatchProblemKind::kUnknownRelease);
}

TEST(Matcher, releases_are_written_as_each_distribution_has_them) {
    const struct {
        Ecosystem ecosystem;
        std::string id, version, accepted, refused;
    } cases[] = {
        {Ecosystem::kApk, "alpine", "3.19.1", "v3.19", "v3.1"},
        {Ecosystem::kDeb, "ubuntu", "22.04", "22.04:LTS", "Pro:FIPS:22.04:LTS"},
        {Ecosystem::kDeb, "ubuntu", "18.04", "Pro:18.04:LTS", "Pro:22.04:LTS"},
        {Ecosystem::kRpm, "rhel", "9.3", "enterprise_linux:9::baseos",
         "enterprise_linux:8::baseos"},
        {Ecosystem::kRpm, "almalinux", "9.3", "9", "8"},
        {Ecosystem::kRpm, "sles", "15.5", "Linux Enterprise Server 15 SP5",
         "Linux Enterprise Server 15 SP4"},
        {Ecosystem::kRpm, "sles", "15.5", "Linux Enterprise Module for Basesystem 15 SP5",
         "Linux Enterprise Module for Basesystem 15 SP4"},
        {Ecosystem::kRpm, "opensuse-leap", "15.6", "Leap 15.6", "Leap 15.5"},
        {Ecosystem::kRpm, "photon", "3.0", "3.0", "4.0"},
    };
    for (const auto& c : cases) {
        Package made = package_of(c.ecosystem, "x", "1");
        made.distribution = {c.id, c.version, ""};
        const Target target = target_of(made);
        EXPECT_FALSE(target.lookups.empty()) << c.id;
        EXPECT_TRUE(target.release.accepts(c.accepted)) << c.id;
        EXPECT_FALSE(target.release.accepts(c.refused)) << c.id;
    }
}

TEST(Matcher, gos_versions_and_those_of_its_standard_library_lose_their_letters) {
    const Database database = database_of(
        {record_of("GO-1", "Go", "a.b/c",
                   R"({"type": "SEMVER", "events": [{"introduced": "1.0.0"}]})",
                   R"(, "ecosystem_specific": {"imports": [{"path": "a.b/c/d",
                        "symbols": ["F", "G"], "goos": ["linux"]}, {"path": "a.b/c"}]})"),
         record_of("GO-2", "Go", "stdlib",
                   R"({"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.21.3"}]})")});
    const Answer report = answer_of(database, {package_of(Ecosystem::kGo, "a.b/c", "v1.2.3"),
                                               package_of(Ecosystem::kGo, "stdlib", "go1.21.2"),
                                               package_of(Ecosystem::kGo, "stdlib", "go1.21.3")});
    EXPECT_EQ(ids(report), (std::vector<std::string>{"GO-1", "GO-2"}));
    const std::vector<exchange::OsvSymbols> symbols{{"a.b/c/d", {"F", "G"}, {"linux"}, {}},
                                                    {"a.b/c", {}, {}, {}}};
    EXPECT_EQ(report.matches[0].advisories[0].symbols, symbols);
    EXPECT_EQ(report.matches[1].fixed, "1.21.3");
}

TEST(Matcher, an_action_at_a_commit_has_the_version_that_is_written_behind_it) {
    const Database database = database_of(
        {record_of("GHSA-1", "GitHub Actions", "a/b",
                   R"({"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "4.1.0"}]})")});
    const struct {
        std::string version, requested;
        bool affected, unknown;
    } cases[] = {{"v4.0.1", "", true, false},
                 {"v4.1.0", "", false, false},
                 {"3d3c42e5aac5ba805825da76410c181273ba90b1", "v4.0.1", true, false},
                 {"bd3c42e5aac5ba805825da76410c181273ba90b1", "v4.0.1 (pinned)", true, false},
                 {"3d3c42e5aac5ba805825da76410c181273ba90b1", "4.1.0", false, false},
                 {"3d3c42e5aac5ba805825da76410c181273ba90b1", "newest", false, true},
                 {"3d3c42e5aac5ba805825da76410c181273ba90b1", "", false, true}};
    for (const auto& c : cases) {
        Package action = package_of(Ecosystem::kGithubActions, "a/b", c.version);
        action.requested = c.requested;
        const Answer report = answer_of(database, {action});
        EXPECT_EQ(!report.matches.empty(), c.affected) << c.version << " " << c.requested;
        const bool is_unknown = std::ranges::any_of(report.problems, [](const auto& problem) {
            return problem.kind == MatchProblemKind::kNoVersion;
        });
        EXPECT_EQ(is_unknown, c.unknown) << c.version << " " << c.requested;
    }
}

TEST(Matcher, an_unknown_version_is_a_problem_unless_all_are_affected) {
    const Database database = database_of(
        {record_of("A-1", "npm", "x",
                   R"({"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.0"}]})"),
         record_of("MAL-1", "npm", "evil",
                   R"({"type": "SEMVER", "events": [{"introduced": "0"}]})")});
    const Answer report = answer_of(
        database, {package_of(Ecosystem::kNpm, "x", ""), package_of(Ecosystem::kNpm, "evil", ""),
                   package_of(Ecosystem::kNpm, "other", "")});
    EXPECT_EQ(ids(report), std::vector<std::string>{"MAL-1"});
    EXPECT_TRUE(report.matches[0].is_malicious);
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(report.problems[0].kind, MatchProblemKind::kNoVersion);
    EXPECT_EQ(report.problems[0].package, 0u);
}

TEST(Matcher, a_version_that_the_ecosystem_refuses_is_compared_and_named) {
    const Database database = database_of(
        {record_of("A-1", "npm", "x", R"({"type": "SEMVER", "events": [{"introduced": "0"}]})")});
    const Answer report = answer_of(database, {package_of(Ecosystem::kNpm, "x", "1.2")});
    EXPECT_EQ(ids(report), std::vector<std::string>{"A-1"});
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(report.problems[0].kind, MatchProblemKind::kRefusedVersion);
}

TEST(Matcher, what_is_no_version_is_never_compared) {
    const Database database = database_of(
        {record_of("A-1", "npm", "x",
                   R"({"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.0"}]})")});
    for (const char* version : {"${VERSION}", "latest", "0.9.0#comment", "^0.9.0", "{{ v }}"}) {
        const Answer report = answer_of(database, {package_of(Ecosystem::kNpm, "x", version)});
        EXPECT_EQ(ids(report), std::vector<std::string>{}) << version;
        ASSERT_EQ(report.problems.size(), 1u) << version;
        EXPECT_EQ(report.problems[0].kind, MatchProblemKind::kNoVersion) << version;
    }
}

TEST(Matcher, what_is_known_of_attacks_is_joined_by_cve) {
    const std::string range = R"({"type": "SEMVER", "events": [{"introduced": "0"}]})";
    const Database database =
        database_of({R"({"id": "GHSA-1", "aliases": ["CVE-2024-1"], "severity": [{"type": "CVSS_V3",
             "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}], "affected": [{"package":
             {"ecosystem": "npm", "name": "x"}, "ranges": [)" +
                         range + "]}]}",
                     R"({"id": "DSA-1", "upstream": ["CVE-2024-2"], "affected": [{"package":
             {"ecosystem": "Debian:12", "name": "y"}, "ranges": [{"type": "ECOSYSTEM", "events":
             [{"introduced": "0"}]}]}]})"},
                    {{"CVE-2024-1", true, true, "2024-05-01", 0, 0},
                     {"CVE-2024-1", false, false, "", 97'000, 99'900},
                     {"CVE-2024-2", false, false, "", 43, 1'000},
                     {"CVE-1999-1", true, false, "", 0, 0}});
    const Answer report = answer_of(
        database, {package_of(Ecosystem::kNpm, "x", "1.0.0"), debian("y", "1", "", "12")});
    ASSERT_EQ(report.matches.size(), 2u);
    EXPECT_TRUE(report.matches[0].is_known_exploited);
    EXPECT_TRUE(report.matches[0].is_used_by_ransomware);
    EXPECT_EQ(report.matches[0].due, "2024-05-01");
    EXPECT_EQ(report.matches[0].epss_100000ths, 97'000u);
    EXPECT_EQ(report.matches[0].score_tenths, 98u);
    EXPECT_EQ(report.matches[0].severity, "critical");
    EXPECT_EQ(report.matches[1].upstream, std::vector<std::string>{"CVE-2024-2"});
    EXPECT_EQ(report.matches[1].epss_100000ths, 43u);
    EXPECT_EQ(database.info().value().threats, 2u);
}

TEST(Matcher, a_score_that_no_advisory_states_is_that_of_the_cve) {
    const std::string score = R"("severity": [{"type": "CVSS_V3",
        "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]})";
    std::string advisory = record_of("DEBIAN-CVE-2024-1", "npm", "x",
                                     R"({"type": "SEMVER", "events": [{"introduced": "0"}]})");
    advisory.insert(1, R"("upstream": ["CVE-2024-1"], )");
    const std::vector<Package> asked = {package_of(Ecosystem::kNpm, "x", "1.0.0")};
    const auto severity = [&](const std::string& more) {
        const Answer report =
            answer_of(database_of({advisory, R"({"id": "CVE-2024-1", )" + more + score}), asked);
        return std::string(report.matches.at(0).severity);
    };
    EXPECT_EQ(severity(""), "critical");
    EXPECT_EQ(severity(R"("withdrawn": "2024-01-01T00:00:00Z", )"), "");
}

TEST(Matcher, says_of_which_ecosystems_nothing_is_known) {
    const Database database = database_of(
        {record_of("A-1", "npm", "x", R"({"type": "SEMVER", "events": [{"introduced": "0"}]})")});
    const Answer report =
        answer_of(database, {package_of(Ecosystem::kGem, "rails", "1"), debian("a", "1", "", "12"),
                             package_of(Ecosystem::kConda, "numpy", "1")});
    EXPECT_EQ(report.ecosystems_without_records, (std::vector<std::string>{"Debian", "RubyGems"}));
    EXPECT_EQ(report.packages_without_ecosystem, 1u);
}

TEST(Matcher, says_of_which_releases_nothing_is_known) {
    const Database database =
        database_of({record_of("DSA-12", "Debian:12", "openssl",
                               R"({"type": "ECOSYSTEM", "events": [{"introduced": "0"}]})")});
    const auto without = [&](const std::string& release) {
        return answer_of(database, {debian("libc6", "2.31", "glibc", release)})
            .ecosystems_without_records;
    };
    EXPECT_EQ(without("11"), std::vector<std::string>{"Debian:11"});
    EXPECT_TRUE(without("12").empty()) << "there are records, and none of this package";
    Package nameless = debian("libc6", "2.31", "glibc", "12");
    nameless.distribution = {};
    nameless.purl_namespace_hint.clear();
    const Answer report = answer_of(database, {nameless});
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(report.problems[0].kind, MatchProblemKind::kUnknownRelease);
}

TEST(Matcher, the_answer_is_the_same_for_any_number_of_threads) {
    std::vector<std::string> records;
    std::vector<Package> packages;
    for (int i = 0; i < 1000; ++i) {
        records.push_back(record_of("A-" + std::to_string(i), "npm", "x" + std::to_string(i % 300),
                                    R"({"type": "SEMVER", "events": [{"introduced": "0"},
                                        {"fixed": "1.)" +
                                        std::to_string(i) + R"(.0"}]})"));
        packages.push_back(package_of(Ecosystem::kNpm, "x" + std::to_string(i % 400),
                                      "1." + std::to_string(i % 500) + ".0"));
    }
    const Database database = database_of(records);
    const auto flat = [&](unsigned threads) {
        std::string out;
        for (const Match& found : answer_of(database, packages, threads).matches) {
            out += std::to_string(found.package) + found.ids.front() + found.fixed + "\n";
        }
        return out;
    };
    const std::string one = flat(1);
    EXPECT_FALSE(one.empty());
    for (const unsigned threads : {2u, 5u, 8u}) EXPECT_EQ(flat(threads), one);
}

}  // namespace
}  // namespace merlon::sca
