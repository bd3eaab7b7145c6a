#include "sca/cpe_match.h"

#include <gtest/gtest.h>

#include "exchange/nvd.h"
#include "sca/test_database.h"

namespace merlon::sca {
namespace {

using packages::Ecosystem;
using packages::Package;

std::string cpe(std::string_view key, std::string_view version = "*", std::string_view update = "*",
                std::string_view rest = "*:*:*:*:*:*") {
    return "cpe:2.3:" + std::string(key) + ":" + std::string(version) + ":" + std::string(update) +
           ":" + std::string(rest);
}

std::string criterion(const std::string& name, bool is_vulnerable, const std::string& bounds = "") {
    return R"({"vulnerable": )" + std::string(is_vulnerable ? "true" : "false") +
           R"(, "criteria": ")" + name + '"' + (bounds.empty() ? "" : ", " + bounds) + "}";
}
std::string node(const std::string& matches, const std::string& more = "") {
    return R"({"operator": "OR", )" + more + R"("cpeMatch": [)" + matches + "]}";
}
std::string one_of(const std::string& nodes) { return R"({"nodes": [)" + nodes + "]}"; }
std::string all_of(const std::string& nodes) {
    return R"({"operator": "AND", "nodes": [)" + nodes + "]}";
}

// The database of one CVE of NVD's.
Database database_of_nvd(const std::string& configurations) {
    const auto read = exchange::read_nvd(R"({"vulnerabilities": [{"cve": {"id": "CVE-2024-1",
        "lastModified": "2024-02-01T00:00:00.000", "metrics": {"cvssMetricV31": [{"type": "Primary",
        "cvssData": {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]},
        "configurations": [)" + configurations +
                                         "]}}]}");
    EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().to_string());
    std::string json;
    exchange::write_osv(read.value().at(0), json);
    return database_of({json});
}

Package program(const std::string& name, const std::string& version = "",
                const std::string& system = "", const std::string& release = "") {
    Package made = package_of(Ecosystem::kGeneric, "program", version);
    made.cpe = name;
    made.distribution = {system, release, ""};
    return made;
}

Answer report_of(const std::string& configurations, const Package& package) {
    return answer_of(database_of_nvd(configurations), {package});
}

// "yes", "maybe", "no": whether the configurations are about the program.
std::string answer(const std::string& configurations, const Package& package) {
    const Answer report = report_of(configurations, package);
    if (report.matches.empty()) return report.problems.empty() ? "no" : "undecided";
    const std::string because = explain(report.matches[0].advisories[0]);
    return because.find("not known") == std::string::npos ? "yes" : "maybe";
}

constexpr std::string_view kHttpd = "a:apache:http_server";

TEST(CpeMatch, compares_versions_with_the_bounds_of_a_criterion) {
    const struct {
        std::string bounds;
        std::string_view version;
        std::string_view expected;
    } cases[] = {
        {R"("versionEndExcluding": "2.4.50")", "2.4.49", "yes"},
        {R"("versionEndExcluding": "2.4.50")", "2.4.50", "no"},
        {R"("versionEndExcluding": "2.4.50")", "2.4.50.0", "no"},
        {R"("versionEndExcluding": "2.4.50")", "2.4.50-rc1", "yes"},
        {R"("versionEndIncluding": "2.4.50")", "2.4.50", "yes"},
        {R"("versionEndIncluding": "2.4.50")", "2.4.51", "no"},
        {R"("versionStartIncluding": "2.4.0", "versionEndExcluding": "2.4.50")", "2.2.9", "no"},
        {R"("versionStartIncluding": "2.4.0", "versionEndExcluding": "2.4.50")", "2.4", "yes"},
        {R"("versionStartExcluding": "2.4.0", "versionEndExcluding": "2.4.50")", "2.4.0", "no"},
        {R"("versionStartExcluding": "2.4.0", "versionEndExcluding": "2.4.50")", "2.4.1", "yes"},
        {R"("versionStartIncluding": "2.4.10")", "2.4.9", "no"},
        {R"("versionStartIncluding": "2.4.10")", "10.0", "yes"},
    };
    for (const auto& c : cases) {
        const std::string configuration = one_of(node(criterion(cpe(kHttpd), true, c.bounds)));
        EXPECT_EQ(answer(configuration, program(cpe(kHttpd, c.version))), c.expected)
            << c.bounds << " " << c.version;
    }
}

TEST(CpeMatch, of_exact_versions_the_update_counts) {
    const struct {
        std::string_view version, update, own, expected;
    } cases[] = {
        {"9.6", "p1", "9.6p1", "yes"},    {"9.6", "p1", "9.6p2", "no"},
        {"9.6", "*", "9.6p1", "yes"},     {"9.6", "-", "9.6p1", "no"},
        {"9.6", "-", "9.6", "yes"},       {"8.2.0", "rc1", "8.2.0RC1", "yes"},
        {"8.2.0", "rc1", "8.2.0", "no"},  {"3.12.0", "alpha1", "3.12.0a1", "yes"},
        {"1.1.1k", "*", "1.1.1k", "yes"}, {"1.1.1", "*", "1.1.1k", "no"},
        {"1.1.1", "*", "1.1.1p", "no"},   {"1.1.1p", "*", "1.1.1p", "yes"},
        {"2.4", "*", "2.4.0", "yes"},     {"-", "*", "2.4.0", "no"},
        {"*", "*", "2.4.0", "yes"},       {"2.4.*", "*", "2.4.7", "yes"},
        {"2.4.*", "*", "2.5.7", "no"},
    };
    for (const auto& c : cases) {
        const std::string configuration =
            one_of(node(criterion(cpe(kHttpd, c.version, c.update), true)));
        EXPECT_EQ(answer(configuration, program(cpe(kHttpd, c.own))), c.expected)
            << c.version << ":" << c.update << " " << c.own;
    }
}

TEST(CpeMatch, a_configuration_asks_for_the_system_too) {
    const std::string both = all_of(node(criterion(cpe(kHttpd, "2.4.1"), true)) + "," +
                                    node(criterion(cpe("o:microsoft:windows", "-"), false)));
    EXPECT_EQ(answer(both, program(cpe(kHttpd, "2.4.1"))), "maybe");
    EXPECT_EQ(answer(both, program(cpe(kHttpd, "2.4.1"), "", "debian", "12")), "no");
    EXPECT_EQ(answer(both, program(cpe(kHttpd, "2.4.2"))), "no");
    const std::string debian =
        all_of(node(criterion(cpe(kHttpd, "2.4.1"), true)) + "," +
               node(criterion(cpe("o:debian:debian_linux", "10.0"), false) + "," +
                    criterion(cpe("o:debian:debian_linux", "12.0"), false)));
    EXPECT_EQ(answer(debian, program(cpe(kHttpd, "2.4.1"), "", "debian", "12")), "yes");
    EXPECT_EQ(answer(debian, program(cpe(kHttpd, "2.4.1"), "", "debian", "11")), "no");
    EXPECT_EQ(answer(debian, program(cpe(kHttpd, "2.4.1"), "", "alpine", "3.19")), "no");
    // What is not to be there.
    const std::string without =
        all_of(node(criterion(cpe(kHttpd, "2.4.1"), true)) + "," +
               node(criterion(cpe("o:debian:debian_linux", "10.0"), false), R"("negate": true, )"));
    EXPECT_EQ(answer(without, program(cpe(kHttpd, "2.4.1"), "", "debian", "12")), "yes");
    EXPECT_EQ(answer(without, program(cpe(kHttpd, "2.4.1"), "", "debian", "10")), "no");
}

TEST(CpeMatch, other_products_of_a_list_say_nothing_of_this_one) {
    const std::string list = one_of(node(criterion(cpe(kHttpd, "2.4.1"), true) + "," +
                                         criterion(cpe("a:other:product", "1"), true))) +
                             "," +
                             one_of(node(criterion(cpe("o:debian:debian_linux", "12.0"), true)));
    EXPECT_EQ(answer(list, program(cpe(kHttpd, "2.4.1"))), "yes");
    EXPECT_EQ(answer(list, program(cpe(kHttpd, "2.4.2"), "", "debian", "12")), "no");
    // What a weakness needs to run on is not what has it.
    const std::string plugin = all_of(node(criterion(cpe("a:v:plugin", "1"), true)) + "," +
                                      node(criterion(cpe(kHttpd), false)));
    EXPECT_EQ(answer(plugin, program(cpe(kHttpd, "2.4.1"))), "no");
    EXPECT_EQ(answer(plugin, program(cpe("a:v:plugin", "1"))), "maybe");
    EXPECT_EQ(answer(plugin, program(cpe("o:apache:http_server", "2.4.1"))), "no");
}

TEST(CpeMatch, of_targets_and_editions_what_the_program_does_not_say_is_not_known) {
    const auto wanting = [](std::string_view rest) {
        return one_of(node(criterion(cpe(kHttpd, "1", "*", rest), true)));
    };
    const Package own = program(cpe(kHttpd, "1"), "", "debian", "12");
    EXPECT_EQ(answer(wanting("*:*:enterprise:*:*:*"), own), "maybe");
    EXPECT_EQ(answer(wanting("*:*:-:*:*:*"), own), "yes");
    EXPECT_EQ(answer(wanting("*:*:*:windows:*:*"), own), "no");
    EXPECT_EQ(answer(wanting("*:*:*:linux:*:*"), own), "yes");
    EXPECT_EQ(answer(wanting("*:*:*:wordpress:*:*"), own), "no");
    EXPECT_EQ(answer(wanting("*:*:*:windows:*:*"), program(cpe(kHttpd, "1"))), "maybe");
    EXPECT_EQ(answer(wanting("*:*:*:windows:*:*"),
                     program(cpe(kHttpd, "1", "*", "*:*:*:windows:*:*"), "", "debian", "12")),
              "yes");
}

TEST(CpeMatch, explains_the_configuration_and_its_comparisons) {
    const std::string configuration = all_of(
        node(criterion(cpe(kHttpd), true,
                       R"("versionStartIncluding": "2.4.0", "versionEndExcluding": "2.4.50")")) +
        "," + node(criterion(cpe("h:v:device"), false)));
    const Answer report = report_of(configuration, program(cpe(kHttpd, "2.4.49")));
    ASSERT_EQ(report.matches.size(), 1u);
    const Match& match = report.matches[0];
    EXPECT_EQ(match.ids, std::vector<std::string>{"CVE-2024-1"});
    EXPECT_EQ(match.fixed, "2.4.50");
    EXPECT_EQ(match.severity, "critical");
    EXPECT_EQ(explain(match.advisories[0]),
              "CVE-2024-1: CPE a:apache:http_server introduced 2.4.0, fixed 2.4.50\n"
              "  cpe:2.3:a:apache:http_server:*:*:*:*:*:*:*:* from 2.4.0 before 2.4.50"
              " (2.4.49 > 2.4.0, 2.4.49 < 2.4.50)\n"
              "  with cpe:2.3:h:v:device:*:*:*:*:*:*:*:*: not known\n"
              "  fixed in 2.4.50\n");
}

TEST(CpeMatch, asks_for_programs_alone_that_no_ecosystem_has) {
    const std::string all = one_of(node(criterion(cpe("a:lodash:lodash"), true)));
    Package own = program(cpe("a:lodash:lodash", "1"));
    EXPECT_EQ(answer(all, own), "yes");
    own.ecosystem = Ecosystem::kNpm;
    EXPECT_EQ(report_of(all, own).matches.size(), 0u);
    own.ecosystem = Ecosystem::kDeb;
    EXPECT_EQ(report_of(all, own).matches.size(), 0u);
    // Without the name, nothing is guessed.
    own = package_of(Ecosystem::kGeneric, "lodash", "1");
    EXPECT_EQ(report_of(all, own).matches.size(), 0u);
}

TEST(CpeMatch, says_what_it_cannot_decide) {
    const std::string bounded =
        one_of(node(criterion(cpe(kHttpd), true, R"("versionEndExcluding": "2")")));
    Answer report = report_of(bounded, program(cpe(kHttpd)));
    EXPECT_EQ(report.matches.size(), 0u);
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(report.problems[0].kind, MatchProblemKind::kNoVersion);
    EXPECT_EQ(answer(one_of(node(criterion(cpe(kHttpd), true))), program(cpe(kHttpd))), "yes");
    EXPECT_EQ(answer(bounded, program(cpe(kHttpd), "1.9")), "yes");  // as the package says
    for (const std::string_view name : {"cpe:2.3:a:b", "cpe:2.3:a:*:http_server:1:*:*:*:*:*:*:*"}) {
        report = report_of(bounded, program(std::string(name)));
        ASSERT_EQ(report.problems.size(), 1u);
        EXPECT_EQ(report.problems[0].kind, MatchProblemKind::kRefusedCpe);
    }
    // A database without NVD's records has no products.
    const std::vector<Package> own = {program(cpe(kHttpd, "1"))};
    EXPECT_EQ(answer_of(database_of({}), own).packages_without_ecosystem, 1u);
}

TEST(CpeMatch, counts_criteria_that_nobody_can_look_up) {
    const auto read = exchange::read_nvd(
        R"({"vulnerabilities": [{"cve": {"id": "CVE-2024-1",
        "configurations": [)" +
        one_of(node(criterion("cpe:2.3:a", true) + "," + criterion(cpe("a:*:x", "1"), true) + "," +
                    criterion(cpe("a:v:x", "-"), true))) +
        "]}}]}");
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(draft_of(read.value()[0]).without_versions, 3u);
}

}  // namespace
}  // namespace merlon::sca
