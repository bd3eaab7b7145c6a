#include "exchange/patched_feeds.h"

#include <gtest/gtest.h>

namespace merlon::exchange {
namespace {

constexpr std::string_view kRust = R"(```toml
[advisory]
id = "RUSTSEC-2021-0001"
package = "book"
date = "2021-01-04"
url = "https://a.b/c"
cvss = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"
aliases = ["CVE-2020-1"]

[affected]
os = ["windows"]
functions = { "book::open" = ["< 1.0.0"] }

[versions]
patched = [">= 0.4.5", "^0.3.2"]
unaffected = ["< 0.1.4"]
```

# A title

Some text.
)";

TEST(PatchedFeeds, reads_an_advisory_of_rustsec) {
    const auto read = read_rustsec(kRust);
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    const OsvRecord& record = read.value().record;
    EXPECT_EQ(record.id, "RUSTSEC-2021-0001");
    EXPECT_EQ(record.summary, "A title");
    EXPECT_EQ(record.details, "Some text.");
    EXPECT_EQ(record.published, "2021-01-04");
    EXPECT_EQ(record.aliases, std::vector<std::string>{"CVE-2020-1"});
    EXPECT_EQ(record.severities[0].type, "CVSS_V3");
    ASSERT_EQ(record.affected.size(), 1u);
    EXPECT_EQ(record.affected[0].name, "book");
    EXPECT_EQ(record.affected[0].symbols[0].symbols, std::vector<std::string>{"book::open"});
    EXPECT_EQ(read.value().patched, (std::vector<std::string>{">= 0.4.5", "^0.3.2"}));
    EXPECT_EQ(read.value().unaffected, std::vector<std::string>{"< 0.1.4"});
}

TEST(PatchedFeeds, reads_an_advisory_of_the_ruby_database) {
    const auto read = read_rubysec(
        "---\ngem: actionpack\ncve: 2020-8164\nghsa: 8727-m6gj-mc37\ntitle: T\ndate: 2020-05-18\n"
        "description: |\n  D\ncvss_v3: 7.5\npatched_versions:\n- \"~> 5.2.4, >= 5.2.4.3\"\n"
        "- \">= 6.0.3.1\"\n",
        "CVE-2020-8164.yml");
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    const OsvRecord& record = read.value().record;
    EXPECT_EQ(record.id, "RUBYSEC-actionpack-CVE-2020-8164");
    EXPECT_EQ(record.aliases, (std::vector<std::string>{"CVE-2020-8164", "GHSA-8727-m6gj-mc37"}));
    EXPECT_EQ(record.severity_word, "high");
    EXPECT_EQ(record.affected[0].ecosystem, "RubyGems");
    EXPECT_EQ(read.value().patched.size(), 2u);
    const auto named_by_file = read_rubysec("engine: ruby\ntitle: T\n", "OSVDB-1.yml");
    ASSERT_TRUE(named_by_file.ok());
    EXPECT_EQ(named_by_file.value().record.id, "RUBYSEC-ruby-OSVDB-1");
    EXPECT_EQ(named_by_file.value().record.affected[0].ecosystem, "Ruby engine");
}

TEST(PatchedFeeds, refuses_what_has_another_shape) {
    for (const std::string_view text :
         {"", "# Title", "```toml\n", "```toml\n[advisory]\nid = \"a\"\n```\n",
          "```toml\n[advisory]\nid = \"a\"\npackage = \"b\"\n```\n", "```toml\n= 3\n```\n"}) {
        EXPECT_FALSE(read_rustsec(text).ok()) << text;
    }
    EXPECT_FALSE(read_rubysec("[]", "a.yml").ok());
    EXPECT_FALSE(read_rubysec("title: T\n", "a.yml").ok());
}

}  // namespace
}  // namespace merlon::exchange
