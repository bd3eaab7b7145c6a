// Expressions and texts that are made to take forever: for backtracking engines (exponential), for
// lazily built automata (more states than a cache holds), for compilers (long, wide and deep).
//
// No clock is read. The texts are so long that what is linear ends in a moment, and what is
// quadratic in the text or exponential in the expression does not end within anybody's patience, so
// that the time limit of the whole test program is the bound; memory is bounded by what the parts
// say of themselves.

#include <gtest/gtest.h>

#include <algorithm>

#include "match/lazy_dfa.h"
#include "match/pattern_set.h"
#include "match/pike.h"
#include "match/regex.h"

namespace merlon::match {
namespace {

constexpr std::size_t kLong = 1'000'000;

std::string repeated(std::string_view piece, std::size_t times) {
    std::string text;
    text.reserve(piece.size() * times);
    for (std::size_t i = 0; i < times; ++i) text += piece;
    return text;
}

Regex compiled(const std::string& pattern, MatchKind kind = MatchKind::kLeftmostFirst) {
    CompileOptions options;
    options.kind = kind;
    auto regex = Regex::compile(pattern, options);
    EXPECT_TRUE(regex.ok()) << pattern.substr(0, 80);
    return std::move(regex).value();
}

// a and b by a linear congruential generator: without a period that an automaton could profit from.
std::string random_ab(std::size_t size) {
    std::string text;
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < size; ++i) {
        state = state * 1664525 + 1013904223;
        text += (state >> 24 & 1) != 0 ? 'a' : 'b';
    }
    return text;
}

TEST(PathologicalSet, nested_repetition_that_backtracks_for_ever) {
    const std::string text = repeated("a", kLong);
    for (const char* pattern :
         {"(a*)*b", "(a+)+b", "(a|aa)+b", "(a|a)*b", "(?:a*)*(?:a*)*b", "(a+)+$b", "^(a+)+\\z.",
          "(.*)(.*)(.*)(.*)b", "(a+a+)+b", ".*.*.*=.*", "(?:a?){30}a{30}b", "(?:(?:a?)*)*b",
          "(([a-z])+.)+[A-Z]([a-z])+$"}) {
        for (const MatchKind kind : {MatchKind::kLeftmostFirst, MatchKind::kLeftmostLongest}) {
            const Regex regex = compiled(pattern, kind);
            EXPECT_FALSE(regex.is_match(text)) << pattern;
            std::vector<Span> groups;
            EXPECT_FALSE(regex.captures(text, groups)) << pattern;
        }
    }
}

TEST(PathologicalSet, optional_then_required) {
    // Cox, "Regular Expression Matching Can Be Simple And Fast": a?^n a^n over a^n.
    for (const std::size_t n : {30, 100, 500}) {
        const Regex regex = compiled(repeated("a?", n) + repeated("a", n));
        EXPECT_EQ(regex.find(repeated("a", n)), (Span{0, n}));
        EXPECT_EQ(regex.find(repeated("a", 2 * n + 5)), (Span{0, 2 * n}));
        EXPECT_FALSE(regex.is_match(repeated("a", n - 1)));
    }
}

TEST(PathologicalSet, groups_of_a_long_match) {
    const std::string text = repeated("ab", kLong / 10) + "c";
    std::vector<Span> groups;
    ASSERT_TRUE(compiled("^((a)|(b))*c$").captures(text, groups));
    EXPECT_EQ(groups[0], (Span{0, text.size()}));
    EXPECT_EQ(groups[1], (Span{text.size() - 2, text.size() - 1}));
    EXPECT_EQ(groups[2], (Span{text.size() - 3, text.size() - 2}));
    EXPECT_EQ(groups[3], (Span{text.size() - 2, text.size() - 1}));
}

TEST(PathologicalSet, more_states_than_any_cache_holds) {
    // 2^n states: the automaton has to remember which of the last n letters were an a.
    const std::string text = random_ab(200'000);
    for (const std::size_t n : {12, 20, 100}) {
        const Regex regex = compiled("a[ab]{" + std::to_string(n) + "}c");
        EXPECT_FALSE(regex.is_match(text));
        const std::string with_end = text + "c";
        const auto found = regex.find(with_end);
        const std::size_t begin = with_end.size() - n - 2;
        EXPECT_EQ(found.has_value(), with_end[begin] == 'a') << n;
    }
}

TEST(PathologicalSet, the_cache_of_an_automaton_stays_within_its_bound) {
    const std::string text = random_ab(kLong);
    const Regex regex = compiled("(?:a|b)*a(?:a|b){40}c");
    constexpr std::size_t kCache = 100'000;
    LazyDfa automaton(regex.program(), Direction::kForward, LazyDfa::Kind::kFirst, kCache, nullptr);
    const LazyDfa::Answer answer =
        automaton.search_forward({text, 0, text.size(), Anchor::kNone}, LazyDfa::Stop::kAtBest);
    EXPECT_NE(answer.outcome, LazyDfa::Outcome::kFound);
    // A state that does not fit empties the cache; it is there at its side.
    EXPECT_LE(automaton.memory_bytes(), 2 * kCache);
}

TEST(PathologicalSet, an_expression_of_a_megabyte) {
    const std::string literal = random_ab(kLong);
    EXPECT_EQ(compiled(literal).find("b" + literal + "a"), (Span{1, kLong + 1}));

    std::string wide = "[";
    for (std::size_t i = 0; i < kLong / 8; ++i)
        wide += "\\x{" + std::to_string(1000 + i % 8000) + "}";
    EXPECT_TRUE(compiled(wide + "]").is_match("\xE1\x80\x80"));

    const std::string alternatives = "x(?:" + repeated("abcdefghi|", kLong / 10) + "z)";
    EXPECT_EQ(compiled(alternatives).find("xabcdefghx xz"), (Span{11, 13}));
}

TEST(PathologicalSet, ten_thousand_alternatives) {
    std::string pattern;
    for (int i = 0; i < 10'000; ++i)
        pattern += (i > 0 ? "|word" : "word") + std::to_string(i * 7919 % 10'000) + "x";
    const Regex regex = compiled("(?:" + pattern + ")y");
    const std::string text = repeated("word12 word9999x word word123xx ", 3000);
    EXPECT_FALSE(regex.is_match(text));
    EXPECT_EQ(regex.find(text + "word77xy"), (Span{text.size(), text.size() + 8}));
}

TEST(PathologicalSet, nested_counts) {
    // What is written out to more than a thousand is refused, as Go does; what is not, is matched.
    const auto refused = Regex::compile("((a{100}){100}){100}");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message, "error parsing regexp: invalid repeat count: `{100}`");
    EXPECT_FALSE(Regex::compile("(?:(?:x{1,100}){1,100})").ok());
    const Regex regex = compiled("((a{10}){10}){10}");
    EXPECT_EQ(regex.find(repeated("a", 1500)), (Span{0, 1000}));
    EXPECT_FALSE(regex.is_match(repeated("a", 999)));
    const Regex ranges = compiled("(?:(?:[ab]{1,31}c?){1,30}d)");
    EXPECT_FALSE(ranges.is_match(random_ab(100'000)));
    const Regex unicode = compiled("\\pL{1,500}\\pN");
    EXPECT_FALSE(unicode.is_match(repeated("\xD0\xB6", 2'000)));
}

TEST(PathologicalSet, depth) {
    const std::string deep = repeated("(", 999) + "a" + repeated(")", 999);
    EXPECT_EQ(compiled(deep).find("ba"), (Span{1, 2}));
    const auto refused = Regex::compile(repeated("(", 1001) + "a" + repeated(")", 1001));
    ASSERT_FALSE(refused.ok());
    EXPECT_TRUE(
        refused.error().message.starts_with("error parsing regexp: expression nests too deeply"))
        << refused.error().message.substr(0, 80);
    // Not closed: no depth at all may be reached by recursion.
    EXPECT_FALSE(Regex::compile(repeated("(", kLong)).ok());
    EXPECT_FALSE(Regex::compile(repeated("(?:a|", kLong / 5)).ok());
    EXPECT_FALSE(Regex::compile(repeated("[", kLong)).ok());
    EXPECT_FALSE(Regex::compile("a" + repeated("*", kLong)).ok());
}

TEST(PathologicalSet, an_empty_match_at_every_place) {
    const std::string text = repeated("\xD0\xB6", kLong / 4);
    std::vector<Span> matches;
    for (const char* pattern : {"", "(?:)*", "(|a)*", "x*", "\\b|\\B"}) {
        compiled(pattern).find_all(Subject(text), matches);
        EXPECT_EQ(matches.size(), kLong / 4 + 1) << pattern;
    }
    EXPECT_EQ(compiled("x*").replace("\xFF\xFF", "-"), "-\xFF-\xFF-");
}

TEST(PathologicalSet, strings_that_nearly_match_everywhere) {
    const std::string text = repeated("a", kLong);
    EXPECT_FALSE(compiled(repeated("a", 500) + "b").is_match(text));
    EXPECT_FALSE(compiled("b" + repeated("a", 500)).is_match(text));
    EXPECT_FALSE(compiled("(?i)" + repeated("a", 250) + "b" + repeated("a", 250)).is_match(text));
    EXPECT_FALSE(compiled("[ab]*a{100}c").is_match(text));
    // The begin of each match lies far back, the end is found at once.
    EXPECT_EQ(compiled("a*$").find(text), (Span{0, kLong}));
}

// Each place of a literal starts a search that reads the whole text, and none finds anything.
TEST(PathologicalSet, literals_everywhere_and_matches_nowhere) {
    const std::size_t count = 200'000;
    std::string feet;
    for (std::size_t i = 0; i < count; ++i) feet += "foot";
    const PatternSet set({{Regex::compile("foot[^x]*bar").value(), {}},
                          {Regex::compile("Q[a-z]{0,1000}(?:foot|tree)").value(), {}},
                          {Regex::compile("[fo]{0,2}foo(?:t[a-z]*)?!").value(), {}}});
    PatternSet::Scratch scratch;
    const auto matches = [&](std::string_view text) {
        std::size_t found = 0;
        set.scan(
            Subject(text), scratch, [](std::uint32_t) { return true; },
            [&](std::uint32_t, Span) { ++found; });
        return found;
    };
    EXPECT_EQ(matches(feet), 0u);
    EXPECT_EQ(matches(feet + "bar"), 1u);
    EXPECT_EQ(matches(feet + "Qfeetfoot!"), 2u);
}

TEST(PathologicalSet, invalid_bytes_only) {
    const std::string text = repeated("\xFF", kLong);
    EXPECT_EQ(compiled(".*").find(text), (Span{0, kLong}));
    EXPECT_EQ(compiled("[^a]{1000}$").find(text), (Span{kLong - 1000, kLong}));
    EXPECT_FALSE(compiled("\\x{FFFD}\xC3\xA9").is_match(text));
    std::vector<Span> matches;
    compiled("\\x{FFFD}").find_all(Subject(text), matches);
    EXPECT_EQ(matches.size(), kLong);
}

TEST(PathologicalSet, many_groups) {
    std::string pattern;
    for (int i = 0; i < 500; ++i) pattern += "(a)?";
    std::vector<Span> groups;
    ASSERT_TRUE(compiled(pattern).captures(repeated("a", 10'000), groups));
    EXPECT_EQ(groups[0], (Span{0, 500}));
    EXPECT_EQ(groups[500], (Span{499, 500}));
}

}  // namespace
}  // namespace merlon::match
