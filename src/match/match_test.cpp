#include <gtest/gtest.h>

#include <random>

#include "match/analysis.h"
#include "match/pattern_set.h"
#include "match/regex.h"

namespace merlon::match {
namespace {

TEST(Syntax, refuses_what_go_refuses_in_its_words) {
    const struct {
        std::string_view pattern, reason;
    } cases[] = {
        {"a(b", "missing closing ): `a(b`"},
        {"a)b", "unexpected ): `a)b`"},
        {"[a", "missing closing ]: `[a`"},
        {"[z-a]", "invalid character class range: `z-a`"},
        {"a**", "invalid nested repetition operator: `**`"},
        {"*a", "missing argument to repetition operator: `*`"},
        {"(|*)", "missing argument to repetition operator: `*`"},
        {"a{1001}", "invalid repeat count: `{1001}`"},
        {"(?:a{1000}){1000}", "invalid repeat count: `{1000}`"},
        {"a{3,2}", "invalid repeat count: `{3,2}`"},
        {"(?=a)", "invalid or unsupported Perl syntax: `(?=`"},
        {"(?P<a", "invalid named capture: `(?P<a`"},
        {"(?P<a-b>x)", "invalid named capture: `(?P<a-b>`"},
        {"\\C", "invalid escape sequence: `\\C`"},
        {"\\8", "invalid escape sequence: `\\8`"},
        {"\\xZ1", "invalid escape sequence: `\\xZ1`"},
        {"a\\", "trailing backslash at end of expression: ``"},
        {"[[:nope:]]", "invalid character class range: `[:nope:]`"},
        {"\\p{Nope}", "invalid character class range: `\\p{Nope}`"},
        {"\xFF", "invalid UTF-8: `\xFF`"},
    };
    for (const auto& c : cases) {
        const auto regex = Regex::compile(c.pattern);
        ASSERT_FALSE(regex.ok()) << c.pattern;
        EXPECT_EQ(regex.error().message, "error parsing regexp: " + std::string(c.reason));
    }
}

std::vector<std::string> all_of(std::string_view pattern, std::string_view text) {
    std::vector<Span> spans;
    Regex::compile(pattern).value().find_all(Subject(text), spans);
    std::vector<std::string> found;
    for (const Span& span : spans)
        found.emplace_back(text.substr(span.begin, span.end - span.begin));
    return found;
}

using Texts = std::vector<std::string>;

TEST(Regex, matches_as_go_matches) {
    EXPECT_EQ(all_of("a|ab", "ab"), Texts{"a"}) << "leftmost-first, not longest";
    EXPECT_EQ(all_of("a*", "baac"), (Texts{"", "aa", ""}));
    EXPECT_EQ(all_of("(?i)true|false", "TRUE False"), (Texts{"TRUE", "False"}));
    EXPECT_EQ(all_of("(?i)k", "K\xE2\x84\xAA"), (Texts{"K", "\xE2\x84\xAA"}));
    EXPECT_EQ(all_of("a$", "a\na"), Texts{"a"}) << "$ is the end of the text";
    EXPECT_EQ(all_of("(?m)a$", "a\na"), (Texts{"a", "a"}));
    EXPECT_EQ(all_of("(?<year>\\d{4})", "1999 2000"), (Texts{"1999", "2000"}));
    EXPECT_EQ(all_of("a{,2}", "a{,2}"), Texts{"a{,2}"}) << "not a repetition in Go";
    EXPECT_EQ(all_of("[\\s]", "a\vb c"), Texts{" "}) << "\\s has no vertical tab";
    EXPECT_EQ(all_of("\\Qa.b\\E+", "a.bb"), Texts{"a.bb"});
    EXPECT_EQ(all_of("(?U)a+", "aaa"), (Texts{"a", "a", "a"}));
}

TEST(Regex, an_invalid_byte_is_a_replacement_character_of_width_one) {
    EXPECT_EQ(all_of("a.b",
                     "a\xFF"
                     "b"),
              Texts{"a\xFF"
                    "b"});
    EXPECT_EQ(all_of("[^x]",
                     "\xC3"
                     "x\xE2\x82"),
              (Texts{"\xC3", "\xE2", "\x82"}));
    EXPECT_EQ(all_of("\\x{FFFD}", "\xFF"), Texts{"\xFF"});
    std::vector<Span> groups;
    ASSERT_TRUE(Regex::compile("(\xC3\xA9)(.)(b)?").value().captures("\xFF\xC3\xA9\xFE", groups));
    EXPECT_EQ(groups[0], (Span{1, 4}));
    EXPECT_EQ(groups[2], (Span{3, 4}));
    EXPECT_FALSE(groups[3].matched());
}

TEST(Core, is_the_longest_literal_behind_a_bounded_prefix) {
    const auto core_of = [](std::string_view pattern) {
        return find_core(Regex::compile(pattern).value().tree().root);
    };
    EXPECT_EQ(core_of("\\b(ghp_[0-9a-zA-Z]{36})\\b")->literals, Texts{"ghp_"});
    const auto generic = core_of("(?i)[a-z_]{0,50}?(?:key|token)\\s*=\\s*(\\w{10,})");
    ASSERT_TRUE(generic);
    EXPECT_EQ(generic->literals, (Texts{"key", "token"}));
    EXPECT_EQ(generic->max_prefix_bytes, 150u) << "U+017F and U+212A are the widest";
    EXPECT_EQ(core_of("(A3T[A-Z0-9]|AKIA|ASIA)[A-Z0-9]{16}")->literals,
              (Texts{"a3t", "akia", "asia"}));
    EXPECT_FALSE(core_of("[a-z]+@x")) << "no bound before the literal";
    EXPECT_FALSE(core_of("\\d{3}-\\d{4}"));
}

// Scans with the set, and compares with each expression alone.
void expect_same_as_alone(const std::vector<std::string>& patterns, std::string_view text) {
    std::vector<PatternSet::Pattern> list;
    for (const std::string& pattern : patterns)
        list.push_back({Regex::compile(pattern).value(), {}});
    const PatternSet set(list);
    std::vector<std::vector<Span>> found(patterns.size());
    PatternSet::Scratch scratch;
    const Subject subject(text);
    for (int round = 0; round < 2; ++round) {
        for (auto& spans : found) spans.clear();
        set.scan(
            subject, scratch, [](std::uint32_t) { return true; },
            [&](std::uint32_t i, Span span) { found[i].push_back(span); });
        for (std::size_t i = 0; i < patterns.size(); ++i) {
            std::vector<Span> alone;
            list[i].regex.find_all(subject, alone);
            ASSERT_EQ(found[i], alone) << patterns[i] << " on " << testing::PrintToString(text);
        }
    }
}

TEST(PatternSet, finds_what_each_expression_finds_alone) {
    const std::vector<std::string> patterns = {
        "(?i)[\\w.-]{0,10}?(?:key|token|pass)[\\s=:]{1,3}([a-z0-9]{3,})(?:[;\\s]|$)",
        "\\bab[a-c]+\\b",
        "(?m)^key.*$",
        "key|kek",
        "a?b?",
        "(?i)sk[a-z]",
        "x{2}y*xx",
        "(?:ab|cd)(?:ef)?x",
        "to(k)?en",
        "[^a]key",
        "\\Bkey",
        "e.?y=",
    };
    std::mt19937 random(7);
    const std::string pieces[] = {
        "key", "token",    "KEY=",         "abc",  " ",        "\n",          "=",  "ab", "x",
        "xx",  "\xC5\xBF", "\xE2\x84\xAA", "\xFF", "\xC3\xA9", "pass: a1b2 ", "sk", "cd", "efx",
        ".",   "y",        "kek",          ";"};
    for (int i = 0; i < 4000; ++i) {
        std::string text;
        const auto count = random() % 14;
        for (unsigned j = 0; j < count; ++j) text += pieces[random() % std::size(pieces)];
        expect_same_as_alone(patterns, text);
    }
}

TEST(PatternSet, keywords_are_looked_up_as_go_lower_cases) {
    const auto runs = [](std::string keyword, std::string_view text) {
        const PatternSet set({{Regex::compile("x").value(), {std::move(keyword)}}});
        PatternSet::Scratch scratch;
        int hits = 0;
        set.scan(
            Subject(text), scratch, [](std::uint32_t) { return true; },
            [&](std::uint32_t, Span) { ++hits; });
        return hits > 0;
    };
    EXPECT_TRUE(runs("key", "x KEY"));
    EXPECT_FALSE(runs("key", "x ke"));
    EXPECT_TRUE(runs("key",
                     "x \xE2\x84\xAA"
                     "EY"))
        << "U+212A lower-cases to k";
    EXPECT_TRUE(runs("hi", "x H\xC4\xB0")) << "U+0130 lower-cases to i";
    EXPECT_TRUE(runs("\xC3\xA9t\xC3\xA9", "x \xC3\x89T\xC3\x89"));
    EXPECT_FALSE(runs("", "x"));
}

}  // namespace
}  // namespace merlon::match
