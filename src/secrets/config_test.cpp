#include "secrets/config.h"

#include <gtest/gtest.h>

namespace merlon::secrets {
namespace {

LoadedConfig load(const std::string& toml, const ConfigSources& sources = {},
                  BadRules bad_rules = BadRules::kRefuse) {
    model::Diagnostics diagnostics;
    return load_config(toml, "test.toml", sources, bad_rules, diagnostics);
}

const std::string kRule = "[[rules]]\nid='a'\nregex='x(y)'\n";

TEST(Config, takes_keys_in_any_case_and_a_text_where_a_list_is_meant) {
    const auto loaded = load(
        "TITLE='t'\n[[Rules]]\nID='a'\nRegEx='x(y)'\nSecretGroup='1'\nEntropy='2.5'\n"
        "KeyWords='One'\nunknown=3\n");
    ASSERT_TRUE(loaded.config.ok()) << loaded.config.error().message;
    const Config& config = loaded.config.value();
    EXPECT_EQ(config.title, "t");
    ASSERT_EQ(config.rules.size(), 1u);
    EXPECT_EQ(config.rules[0].secret_group, 1);
    EXPECT_EQ(config.rules[0].entropy, 2.5);
    EXPECT_EQ(config.rules[0].keywords, std::vector<std::string>{"one"});
}

TEST(Config, refuses_what_gitleaks_refuses) {
    const std::string allow = "[[allowlists]]\n";
    const std::string cases[] = {
        "[[rules]]\nregex='a'\n",
        "[[rules]]\nid='a'\n",
        kRule + "secretGroup=2\n",
        kRule + "[[rules.required]]\nid=''\n",
        kRule + "[[rules.required]]\nid='other'\n",
        allow + "description='x'\n" + kRule,
        allow + "paths=['x']\ncondition='XOR'\n" + kRule,
        allow + "regexes=['x']\nregexTarget='file'\n" + kRule,
        allow + "paths=['x']\ntargetRules=['other']\n" + kRule,
        "[allowlist]\npaths=['x']\n" + allow + "paths=['x']\n" + kRule,
        kRule + "[rules.allowlist]\npaths=['x']\n[[rules.allowlists]]\npaths=['x']\n",
        "not toml",
    };
    for (const std::string& toml : cases) {
        const auto loaded = load(toml);
        EXPECT_FALSE(loaded.config.ok()) << toml;
        EXPECT_EQ(loaded.failure, ConfigFailure::kInvalid) << toml;
    }
}

TEST(Config, refuses_a_check_that_does_not_exist) {
    const auto loaded = load(kRule + "[rules.merlon]\ncheck='github-crc23'\n");
    ASSERT_FALSE(loaded.config.ok());
    EXPECT_NE(loaded.config.error().message.find("github-crc32"), std::string::npos);
    const auto known = load(kRule + "[rules.merlon]\ncheck='jwt'\nsource='https://x.test'\n");
    ASSERT_TRUE(known.config.ok());
    EXPECT_EQ(known.config.value().rules[0].extras.source, "https://x.test");
}

TEST(Config, forgets_an_allowlist_of_which_only_the_heading_is_there) {
    EXPECT_TRUE(load("[allowlist]\n# paths=['x']\n" + kRule).config.ok());
    EXPECT_TRUE(load("[allowlist]\n[[allowlists]]\npaths=['x']\n" + kRule).config.ok());
    EXPECT_FALSE(load(kRule + "[rules.allowlist]\n").config.ok());
}

TEST(Config, reads_numbers_in_every_spelling_of_go) {
    const struct {
        std::string written;
        double entropy;
    } cases[] = {{"+1", 1}, {"-2.5e0", -2.5}, {"1_0", 10}, {"0x1p-2", 0.25}, {"", 0}};
    const auto load_entropy = [](const std::string& written) {
        return load(kRule + "entropy='" + written + "'\n");
    };
    for (const auto& c : cases) {
        const auto loaded = load_entropy(c.written);
        ASSERT_TRUE(loaded.config.ok()) << c.written;
        EXPECT_EQ(loaded.config.value().rules[0].entropy, c.entropy) << c.written;
    }
    for (const std::string wrong : {"x", "_1", "1_", "+-1", "0x1", " 1"}) {
        EXPECT_FALSE(load_entropy(wrong).config.ok()) << wrong;
    }
}

TEST(Config, a_date_is_no_text_and_infinity_is_one_of_gos) {
    for (const char* line : {"regex = 1979-05-27", "regex = 'k'\nkeywords = 07:32:00",
                             "regex = 'k'\ndescription = 1979-05-27T07:32:00Z"}) {
        EXPECT_FALSE(load("[[rules]]\nid = 'r'\n" + std::string(line)).config.ok()) << line;
    }
    const auto config = load(
                            "[[rules]]\nid = inf\nregex = 'k'\ntags = [nan, -inf]\n"
                            "secretGroup = -inf\nskipReport = nan\nrequired = ''\n")
                            .config;
    ASSERT_TRUE(config.ok()) << config.error().to_string();
    const Rule& rule = config.value().rules[0];
    EXPECT_EQ(rule.id, "+Inf");
    EXPECT_EQ(rule.tags, (std::vector<std::string>{"NaN", "-Inf"}));
    EXPECT_LT(rule.secret_group, 0);
    EXPECT_TRUE(rule.skip_report);
    EXPECT_FALSE(
        load("[[rules]]\nid = 'r'\nregex = 'k'\nsecretGroup = 9223372036854775807").config.ok());
}

TEST(Config, of_the_whole_files_allowlist_an_empty_table_is_forgotten) {
    EXPECT_TRUE(load(kRule + "[allowlist]\npaths = ['a']\ndescription = {}\n").config.ok());
    EXPECT_FALSE(load(kRule + "[[allowlists]]\npaths = ['a']\ndescription = {}\n").config.ok());
}

TEST(Config, ours_names_what_is_written_in_another_type_and_a_file_without_rules) {
    model::Diagnostics diagnostics;
    EXPECT_TRUE(load_config("[[rules]]\nid = 'r'\nregex = 5\n", "c.toml", {}, BadRules::kReport,
                            diagnostics)
                    .config.ok());
    ASSERT_EQ(diagnostics.items().size(), 1u);
    EXPECT_EQ(
        diagnostics.items()[0].error.to_string(),
        "c.toml:3:1: 'regex' expected a string, found number; it is read as gitleaks reads it");
    EXPECT_FALSE(diagnostics.has_errors());
    EXPECT_TRUE(
        load_config("title = 'x'\n", "c.toml", {}, BadRules::kReport, diagnostics).config.ok());
    EXPECT_TRUE(diagnostics.has_errors());
}

TEST(Config, a_list_is_no_text_even_where_it_is_empty) {
    EXPECT_FALSE(load("[[rules]]\nid='a'\npath='x'\nregex=[]\n").config.ok());
    EXPECT_FALSE(load(kRule + "keywords=[[]]\n").config.ok());
    EXPECT_FALSE(load("title=[]\n" + kRule).config.ok());
    EXPECT_FALSE(load("[extend]\nuseDefault='yes'\n" + kRule).config.ok());
    EXPECT_FALSE(load("[[allowlists]]\npaths=['x']\ncondition=[]\n" + kRule).config.ok());
    EXPECT_FALSE(load(kRule + "[[rules.required]]\nid='a'\nwithinLines='x'\n").config.ok());
}

TEST(Config, a_byte_order_mark_is_refused_as_gitleaks_does_but_read_by_ours) {
    EXPECT_FALSE(load("\xEF\xBB\xBF" + kRule).config.ok());
    EXPECT_TRUE(load("\xEF\xBB\xBF" + kRule, {}, BadRules::kReport).config.ok());
}

TEST(Config, a_wrong_expression_is_gitleakss_panic) {
    EXPECT_EQ(load("[[rules]]\nid='a'\nregex='a('\n").failure, ConfigFailure::kPanic);
    EXPECT_EQ(load("[[allowlists]]\nregexes=['a(']\n" + kRule).failure, ConfigFailure::kPanic);
}

TEST(Config, leaves_a_wrong_rule_out_and_says_so_where_that_is_asked_for) {
    model::Diagnostics diagnostics;
    const auto loaded = load_config("[[rules]]\nid='bad'\nregex='a('\n" + kRule, "test.toml", {},
                                    BadRules::kReport, diagnostics);
    ASSERT_TRUE(loaded.config.ok());
    EXPECT_EQ(loaded.config.value().find("bad"), nullptr);
    EXPECT_NE(loaded.config.value().find("a"), nullptr);
    EXPECT_TRUE(diagnostics.has_errors());
}

TEST(Config, of_equal_ids_the_last_wins_and_both_keep_their_place) {
    const auto loaded = load(kRule + "[[rules]]\nid='a'\nregex='second'\n");
    ASSERT_TRUE(loaded.config.ok());
    ASSERT_EQ(loaded.config.value().rules.size(), 1u);
    EXPECT_EQ(loaded.config.value().rules[0].regex->pattern(), "second");
    EXPECT_EQ(loaded.config.value().ordered_ids, (std::vector<std::string>{"a", "a"}));
}

ConfigSources with_base(const std::string& toml) {
    ConfigSources sources;
    sources.read_file = [toml](const std::string&) -> Result<std::string> { return toml; };
    sources.read_default = [toml]() -> Result<std::string> { return toml; };
    return sources;
}

TEST(Extend, takes_what_the_child_says_and_joins_lists_behind_the_bases) {
    const auto loaded = load(
        "[extend]\npath='base.toml'\n[[rules]]\nid='a'\ndescription='mine'\ntags=['two']\n"
        "keywords=['K']\n",
        with_base(kRule + "description='base'\ntags=['one']\nentropy=3\nkeywords=['b']\n"
                          "[[rules]]\nid='B'\nregex='b'\n"));
    ASSERT_TRUE(loaded.config.ok()) << loaded.config.error().message;
    const Rule& rule = *loaded.config.value().find("a");
    EXPECT_EQ(rule.description, "mine");
    EXPECT_EQ(rule.entropy, 3);
    EXPECT_EQ(rule.regex->pattern(), "x(y)");
    EXPECT_EQ(rule.tags, (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(rule.keywords, (std::vector<std::string>{"b", "k"}));
    EXPECT_EQ(loaded.config.value().ordered_ids, (std::vector<std::string>{"B", "a"}));
}

TEST(Extend, leaves_out_the_disabled_rules_of_the_base) {
    const auto loaded = load("[extend]\nuseDefault=true\ndisabledRules=['a']\n",
                             with_base(kRule + "[[rules]]\nid='b'\nregex='b'\n"));
    ASSERT_TRUE(loaded.config.ok());
    EXPECT_EQ(loaded.config.value().find("a"), nullptr);
    EXPECT_NE(loaded.config.value().find("b"), nullptr);
}

TEST(Extend, by_default_and_by_path_at_once_is_an_error) {
    EXPECT_FALSE(load("[extend]\nuseDefault=true\npath='b.toml'\n", with_base(kRule)).config.ok());
}

TEST(Extend, ends_where_a_configuration_extends_itself) {
    const std::string toml = "[extend]\npath='self.toml'\n" + kRule;
    EXPECT_TRUE(load(toml, with_base(toml)).config.ok());
}

}  // namespace
}  // namespace merlon::secrets
