#include "secrets/stored_config.h"

#include <gtest/gtest.h>

#include "secrets/program.h"
#include "secrets/rule_patterns.h"

namespace merlon::secrets {
namespace {

std::optional<Config> restore(std::string bytes) {
    const auto owner = std::make_shared<const std::string>(std::move(bytes));
    return restore_config(StoredBlock::whole(
        std::make_shared<const MemorySource>(std::as_bytes(std::span(*owner)), owner)));
}

constexpr std::string_view kToml = R"(
title = "all of it"
[[rules]]
id = "one"
description = "first"
regex = '''k(ey)=([a-z]+)'''
path = '''\.env$'''
secretGroup = 2
entropy = 2.5
keywords = ["key"]
tags = ["a", "b"]
[[rules.allowlists]]
condition = "AND"
regexTarget = "line"
regexes = ['''x''', '''y''']
paths = ['''z''']
stopwords = ["stop"]
[[rules.required]]
id = "two"
withinLines = 3
[rules.merlon]
severity = "critical"
fix = "mend it"
true = ["key=abc"]
[[rules]]
id = "two"
regex = '''t(wo)'''
[[allowlists]]
commits = ["ABC"]
)";

Config load() {
    model::Diagnostics diagnostics;
    return load_config(kToml, "test", {}, BadRules::kRefuse, diagnostics).config.value();
}

TEST(StoredConfig, comes_back_as_it_was) {
    const Config config = load();
    const std::string bytes = store_config(config);
    const std::optional<Config> restored = restore(bytes);
    ASSERT_TRUE(restored.has_value());
    EXPECT_EQ(store_config(*restored), bytes);
    EXPECT_EQ(digest_of(*restored), digest_of(config));
    EXPECT_EQ(restored->patterns, nullptr) << "it was not stored";
    const Rule* rule = restored->find("one");
    ASSERT_NE(rule, nullptr);
    EXPECT_EQ(rule->regex->pattern(), config.find("one")->regex->pattern());
    EXPECT_EQ(rule->entropy, 2.5);
    EXPECT_EQ(rule->secret_group, 2);
    EXPECT_EQ(rule->extras.severity, model::Severity::kCritical);
    ASSERT_EQ(rule->allowlists.size(), 1u);
    EXPECT_TRUE(rule->allowlists[0].has_stopword("non-stop"));
    EXPECT_EQ(rule->required[0].within_lines, 3);
    EXPECT_FALSE(rule->required[0].within_columns.has_value());
}

std::string findings_of(Config config) {
    model::Diagnostics diagnostics;
    const Program program = Program::compile(std::move(config), {}, diagnostics).value();
    model::Document document;
    document.bytes = "a KEY key=abcdef\nkey=stop\ntwo \xFF key=b";
    Program::Scratch scratch;
    const Facts facts = program.examine(document, 0, scratch);
    std::string found;
    for (const Fact& fact : facts.matches) {
        found +=
            std::to_string(fact.rule) + ":" + std::to_string(fact.begin) + " " + fact.secret + ";";
    }
    return found;
}

TEST(StoredConfig, a_stored_set_of_patterns_finds_the_same) {
    Config config = load();
    const std::string expected = findings_of(config);
    EXPECT_NE(expected, "");
    compile_patterns(config);
    std::optional<Config> restored = restore(store_config(config));
    ASSERT_TRUE(restored.has_value());
    EXPECT_NE(restored->patterns, nullptr);
    EXPECT_EQ(findings_of(*std::move(restored)), expected);
}

TEST(StoredConfig, other_bytes_give_nothing) {
    Config config = load();
    compile_patterns(config);
    const std::string bytes = store_config(config);
    for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 64) {
        EXPECT_FALSE(restore(bytes.substr(0, size)).has_value()) << size;
    }
    EXPECT_FALSE(restore(bytes + 'x').has_value());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ 0x80);
        // It may be another configuration, never a crash; that costs too much to be tried each
        // time.
        std::optional<Config> restored = restore(changed);
        if (restored.has_value() && i % 37 == 0) (void)findings_of(*std::move(restored));
    }
}

TEST(StoredConfig, a_group_that_the_expression_does_not_have_finds_nothing) {
    Config config = load();
    for (Rule& rule : config.rules) rule.secret_group = 14;
    std::optional<Config> restored = restore(store_config(config));
    ASSERT_TRUE(restored.has_value());
    (void)findings_of(*std::move(restored));
}

}  // namespace
}  // namespace merlon::secrets
