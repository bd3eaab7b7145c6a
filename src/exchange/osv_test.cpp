#include "exchange/osv.h"

#include <gtest/gtest.h>

namespace merlon::exchange {
namespace {

OsvRecord read(std::string_view json) {
    Result<OsvRecord> record = read_osv(json, RecordSyntax::kJson);
    EXPECT_TRUE(record.ok()) << (record.ok() ? "" : record.error().to_string());
    return record.ok() ? std::move(record).value() : OsvRecord{};
}

constexpr std::string_view kGo = R"({"schema_version": "1.7.4", "id": "GO-1", "modified":
"2024-01-02T03:04:05Z", "aliases": ["CVE-1"], "upstream": ["CVE-2"], "related": ["CVE-3"],
"withdrawn": "2024-02-02T00:00:00Z", "summary": "s", "details": "d",
"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
"affected": [{"package": {"ecosystem": "Go", "name": "a.b/c"},
  "ranges": [{"type": "GIT", "repo": "https://a.b/c", "events": [{"introduced": "0"}]},
             {"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.3"},
                                           {"introduced": "2.0.0"}, {"last_affected": "2.1.0"},
                                           {"limit": "*"}]}],
  "versions": ["1.0.0"],
  "ecosystem_specific": {"imports": [{"path": "a.b/c/d", "symbols": ["F", "T.M"],
                                      "goos": ["linux"]}]}}],
"references": [{"type": "FIX", "url": "https://a.b/fix"}],
"database_specific": {"severity": "HIGH", "review_status": "REVIEWED", "cwe_ids": ["CWE-79"]}})";

TEST(Osv, reads_each_part_of_a_record) {
    const OsvRecord record = read(kGo);
    EXPECT_EQ(record.id, "GO-1");
    EXPECT_EQ(record.withdrawn, "2024-02-02T00:00:00Z");
    EXPECT_EQ(record.aliases, std::vector<std::string>{"CVE-1"});
    EXPECT_EQ(record.upstream, std::vector<std::string>{"CVE-2"});
    EXPECT_EQ(record.severity_word, "HIGH");
    ASSERT_EQ(record.affected.size(), 1u);
    const OsvAffected& affected = record.affected.front();
    EXPECT_EQ(affected.ecosystem, "Go");
    ASSERT_EQ(affected.ranges.size(), 2u);
    EXPECT_EQ(affected.ranges[0].type, OsvRangeType::kGit);
    const std::vector<OsvEvent> events{{OsvEventKind::kIntroduced, "0"},
                                       {OsvEventKind::kFixed, "1.2.3"},
                                       {OsvEventKind::kIntroduced, "2.0.0"},
                                       {OsvEventKind::kLastAffected, "2.1.0"},
                                       {OsvEventKind::kLimit, "*"}};
    EXPECT_EQ(affected.ranges[1].events, events);
    ASSERT_EQ(affected.symbols.size(), 1u);
    EXPECT_EQ(affected.symbols[0].path, "a.b/c/d");
    EXPECT_EQ(affected.symbols[0].operating_systems, std::vector<std::string>{"linux"});
}

TEST(Osv, what_is_written_reads_as_the_same_record) {
    const OsvRecord record = read(kGo);
    std::string written;
    write_osv(record, written);
    EXPECT_EQ(read(written), record);
}

TEST(Osv, an_unquoted_version_of_yaml_stays_as_it_was_written) {
    const auto record = read_osv(
        "id: PYSEC-1\naffected:\n- package: {name: x, ecosystem: PyPI}\n  ranges:\n"
        "  - type: ECOSYSTEM\n    events:\n    - introduced: 0\n    - fixed: 1.10\n"
        "  versions: [1.0, 1.10, '2']\n",
        RecordSyntax::kYaml);
    ASSERT_TRUE(record.ok()) << record.error().to_string();
    const OsvAffected& affected = record.value().affected.front();
    EXPECT_EQ(affected.ranges[0].events[0].version, "0");
    EXPECT_EQ(affected.ranges[0].events[1].version, "1.10");
    EXPECT_EQ(affected.versions, (std::vector<std::string>{"1.0", "1.10", "2"}));
}

TEST(Osv, the_functions_of_rustsec_are_symbols) {
    const OsvRecord record = read(
        R"({"id": "RUSTSEC-1", "affected": [{"package": {"ecosystem": "crates.io", "name": "x"},
        "ecosystem_specific": {"affects": {"functions": ["x::f"], "os": ["windows"], "arch": []}},
        "database_specific": {"imports": "of another shape"}}]})");
    ASSERT_EQ(record.affected[0].symbols.size(), 1u);
    EXPECT_EQ(record.affected[0].symbols[0].symbols, std::vector<std::string>{"x::f"});
    EXPECT_EQ(record.affected[0].symbols[0].path, "");
}

TEST(Osv, names_the_line_of_what_does_not_fit) {
    const struct {
        std::string_view json;
        std::uint32_t line;
        std::string_view message;
    } cases[] = {
        {"[]", 1, "expected an object"},
        {"{\n}", 1, "no id"},
        {"{\"id\": \"a\",\n\"aliases\": \"b\"}", 2, "expected a list as aliases"},
        {"{\"id\": \"a\",\n\"affected\": [\n3]}", 3, "expected an object"},
        {"{\"id\": \"a\", \"affected\": [{\"package\":\n{\"name\": \"x\"}}]}", 2, "no ecosystem"},
        {"{\"id\": \"a\", \"affected\": [{\"ranges\": [{\"type\": \"SEMVER\", "
         "\"events\":\n\n[{}]}]}]}",
         3, "an event that is"},
    };
    for (const auto& c : cases) {
        const auto record = read_osv(c.json, RecordSyntax::kJson);
        ASSERT_FALSE(record.ok()) << c.json;
        EXPECT_TRUE(record.error().message.starts_with(c.message)) << record.error().message;
        if (c.json != "[]" && c.json != "{\n}") {
            EXPECT_EQ(record.error().line, c.line) << c.json;
        }
    }
}

}  // namespace
}  // namespace merlon::exchange
