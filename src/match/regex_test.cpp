#include "match/regex.h"

#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <random>
#include <thread>

#include "match/prefixes.h"

namespace merlon::match {
namespace {

Regex compiled(std::string_view pattern, const CompileOptions& options = {}) {
    return Regex::compile(pattern, options).value();
}

std::string failure(std::string_view pattern, const CompileOptions& options = {}) {
    const auto regex = Regex::compile(pattern, options);
    return regex.ok() ? "" : regex.error().message;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

std::string found(const Regex& regex, std::string_view text) {
    const auto span = regex.find(text);
    return span ? std::to_string(span->begin) + "-" + std::to_string(span->end) : "none";
}

TEST(Regex, posix_takes_the_longest) {
    const CompileOptions posix{SyntaxKind::kPosix, MatchKind::kLeftmostLongest, {}};
    EXPECT_EQ(found(compiled("a|ab|abc", posix), "xabcd"), "1-4");
    EXPECT_EQ(found(compiled("(a+)(b+)?|a+bc", posix), "aabc"), "0-4");
    EXPECT_EQ(failure("(?i)a", posix),
              "error parsing regexp: missing argument to repetition operator: `?`");
    EXPECT_EQ(failure("\\pL", posix), "error parsing regexp: invalid escape sequence: `\\p`");
    EXPECT_EQ(failure("[a-b-c]", posix),
              "error parsing regexp: invalid character class range: `-c`");
    EXPECT_EQ(found(compiled("a**", posix), "aa"), "0-2");
}

// Strings alone, which a search for them answers, and strings that every match begins with.
TEST(Regex, literals_keep_the_semantics) {
    EXPECT_EQ(found(compiled("sam|samwise"), "xx samwise"), "3-6");
    EXPECT_EQ(found(compiled("samwise|sam"), "xx samwise"), "3-10");
    EXPECT_EQ(found(compiled("(?:zq)??zqz|zq"), "zqzqz"), "0-3");
    EXPECT_EQ(found(compiled("(?:zq)?zqz|zq"), "zqzqz"), "0-5");
    const CompileOptions posix{SyntaxKind::kPosix, MatchKind::kLeftmostLongest, {}};
    EXPECT_EQ(found(compiled("sam|samwise", posix), "xx samwise"), "3-10");
    EXPECT_EQ(found(compiled("(?i)skip"), "x\xC5\xBF\xE2\x84\xAAIp"), "1-8");
    EXPECT_EQ(found(compiled("(?i)skip"), "skiSKIP"), "3-7");
    EXPECT_EQ(found(compiled("ab(?i)cd"), "AbcdabCd"), "4-8");
    EXPECT_EQ(found(compiled("(?i)шерлок|ватсон"), "\xD1 ВАТСОН"), "2-14");
    EXPECT_EQ(found(compiled("\\bword|words"), "swords"), "1-6");
    EXPECT_EQ(found(compiled("word\xEF\xBF\xBD"), "wor word\xFFx"), "4-9");
    // A range ends where it is told to, and what stands behind it is no part of a match.
    EXPECT_FALSE(compiled("ends|end!").find_in({"the ends", 0, 7, Anchor::kNone}));
    EXPECT_FALSE(compiled("one|two").find_at("a two", 0));
    EXPECT_EQ(compiled("one|two").find_at("a two", 2), (Span{2, 5}));
}

// A prefilter that stops everywhere rests, and is back where it is worth something.
TEST(Regex, prefilter_that_stops_everywhere) {
    const Regex regex = compiled("zq\\d");
    std::string text =
        repeated("zq-", 1000) + repeated("-", std::size_t{3} << 20) + repeated("zq-", 1000) + "zq7";
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(regex.find(text), (Span{text.size() - 3, text.size()}));
    }
    std::vector<Span> matches;
    regex.find_all(Subject(text + text), matches);
    EXPECT_EQ(matches.size(), 2u);
}

// The state behind the slash is the one that a text begins with.
TEST(Regex, prefilter_that_rests_in_the_middle_of_a_match) {
    for (const std::string_view text : {"/b", "b", "x/b", "//b"}) {
        const Regex regex = compiled("(?:^|/)b");
        for (int round = 0; round < 200; ++round) {
            EXPECT_TRUE(regex.find(text).has_value()) << text << ' ' << round;
            EXPECT_TRUE(regex.is_match(text)) << text << ' ' << round;
        }
    }
}

TEST(Regex, stored_literals_are_the_same) {
    for (const std::string_view pattern : {"samwise|sam", "(?i)sk|it", "ab(?i)cd", "\\bsam", "x"}) {
        const Regex regex = compiled(pattern);
        const Regex stored = Regex::restore(pattern, StoredBlock::of(regex.store()));
        for (const std::string_view text :
             {"xsamwise", "asam", "\xC5\xBFK", "IT", "ABcd abCD", "", "\xE2\x84\xAA"}) {
            EXPECT_EQ(stored.find(text), regex.find(text)) << pattern << " in " << text;
            EXPECT_EQ(stored.is_match(text), regex.is_match(text)) << pattern << " in " << text;
        }
    }
}

// A stored program counts only where it means what the caller's words do; so does a damaged one.
TEST(Regex, a_stored_program_of_other_options_is_compiled_anew) {
    CompileOptions longest;
    longest.kind = MatchKind::kLeftmostLongest;
    CompileOptions folding;
    folding.syntax = static_cast<SyntaxKind>(static_cast<int>(SyntaxKind::kPerl) | 1);
    const std::string_view pattern = "a|ab";
    const std::string_view text = "xAB ab";
    const std::array<CompileOptions, 3> all = {CompileOptions{}, longest, folding};
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::vector<std::uint32_t> words = Regex::compile(pattern, all[i]).value().store();
        for (std::size_t k = 0; k < all.size(); ++k) {
            const CompileOptions& wanted = all[k];
            const Regex expected = Regex::compile(pattern, wanted).value();
            const Regex restored = Regex::restore(pattern, StoredBlock::of(words), wanted);
            EXPECT_EQ(restored.find(text), expected.find(text));
            EXPECT_EQ(restored.is_sound(), i == k) << i << ' ' << k;
            for (std::size_t at = 0; at < words.size(); at += 7) {
                std::vector<std::uint32_t> damaged = words;
                damaged[at] ^= 0x100u;
                const Regex mended = Regex::restore(pattern, StoredBlock::of(damaged), wanted);
                EXPECT_EQ(mended.find(text), expected.find(text)) << at;
                EXPECT_FALSE(mended.is_sound()) << at;
            }
        }
    }
    EXPECT_EQ(Regex::restore(pattern, {}).find(text), (Span{4, 5})) << "nothing was stored";
}

TEST(Regex, a_rare_byte_that_every_match_has_is_asked_for_first) {
    const struct {
        const char* pattern;
        std::uint32_t byte;
    } cases[] = {
        {"[a-y]+[0-9]+z", 'z'},
        {"[a-z]+@[a-z]+", '@'},
        {"(?i)[a-y]+@K", '@'},
        {"(?i)[a-y]+z", kNoRequiredByte},
        {"(\\w+(?:@x)+)+", '@'},
        {"[a-z]+(?:@)?", kNoRequiredByte},
        {"[a-z]+(?:@|#)", kNoRequiredByte},
        {"[a-z]+@{0}", kNoRequiredByte},
        {"[a-z]+e", kNoRequiredByte},
        {"\\w+\xC3\xA9", kNoRequiredByte},
        {"[a-z]+@{2,3}~", '~'},
    };
    for (const auto& each : cases) {
        const Regex regex = compiled(each.pattern);
        EXPECT_EQ(required_byte(regex.tree().root), each.byte) << each.pattern;
        const Regex stored = Regex::restore(each.pattern, StoredBlock::of(regex.store()));
        CompileOptions plain;
        plain.engine = EngineChoice::kPike;
        const Regex pike = Regex::compile(each.pattern, plain).value();
        for (const std::string_view text :
             {"", "ab1z", "ab1 cd2z ef3z z", "z", "ab", "a@b c@d~ @", "x@k a@x@x", "a@@~ b@@@~",
              "e", "ab\xC3\xA9 \xFF@~", "@~ab", "\xE2\x84\xAA a@\xE2\x84\xAA"}) {
            std::vector<Span> expected;
            pike.find_all(Subject(text), expected);
            for (const Regex* asked : {&regex, &stored}) {
                std::vector<Span> found;
                asked->find_all(Subject(text), found);
                EXPECT_EQ(found, expected) << each.pattern << " in " << text;
                EXPECT_EQ(asked->is_match(text), !expected.empty()) << each.pattern;
            }
        }
    }
}

TEST(Regex, replaces_as_go_does) {
    EXPECT_EQ(compiled("a(x*)b").replace("-ab-axxb-", "${1}W"), "-W-xxW-");
    EXPECT_EQ(compiled("a(x*)b").replace("-ab-axxb-", "$1W"), "---") << "a group named 1W";
    EXPECT_EQ(compiled("(?P<x>a)|b").replace("ab", "[$x]"), "[a][]");
    EXPECT_EQ(compiled("a").replace("a", "$$ $ ${ $-"), "$ $ ${ $-");
    EXPECT_EQ(compiled("a*").replace_literal("baac", "$x"), "$xb$xc$x");
    EXPECT_EQ(compiled("").replace_literal("\xC3\xA9\xFF", "-"), "-\xC3\xA9-\xFF-");
}

TEST(Regex, splits_as_go_does) {
    using Pieces = std::vector<std::string_view>;
    EXPECT_EQ(compiled("a").split("banana", -1), (Pieces{"b", "n", "n", ""}));
    EXPECT_EQ(compiled("a").split("banana", 2), (Pieces{"b", "nana"}));
    EXPECT_EQ(compiled("z+").split("pizza", 1), Pieces{"pizza"});
    EXPECT_EQ(compiled("").split("ab", -1), (Pieces{"a", "b"}));
    EXPECT_EQ(compiled("a").split("", -1), Pieces{""});
    EXPECT_EQ(compiled("a").split("a", 0), Pieces{});
}

TEST(Regex, knows_what_stands_around_a_range) {
    const Regex word = compiled("\\bkey\\b");
    EXPECT_TRUE(word.find_in({"a key.", 2, 5, Anchor::kBegin}));
    EXPECT_FALSE(word.find_in({"akey.", 1, 4, Anchor::kBegin}));
    EXPECT_FALSE(word.find_in({"a keys", 2, 5, Anchor::kNone}));
    EXPECT_FALSE(compiled("key$").find_in({"key.", 0, 3, Anchor::kNone}));
    EXPECT_TRUE(compiled("(?m)key$").find_in({"key\n", 0, 3, Anchor::kNone}));
}

TEST(Regex, names_its_groups) {
    EXPECT_EQ(compiled("(?P<a>x)(y)(?<b>z)").capture_names(),
              (std::vector<std::string>{"", "a", "", "b"}));
}

TEST(Regex, limits_are_those_of_go) {
    EXPECT_EQ(failure(repeated("(", 1000) + "a" + repeated(")", 1000)),
              "error parsing regexp: expression nests too deeply: `" + repeated("(", 1000) + "a" +
                  repeated(")", 1000) + "`");
    EXPECT_EQ(failure(repeated("(", 999) + "a" + repeated(")", 999)), "");
    EXPECT_EQ(failure("(?:(?:a{10}){10}){11}"),
              "error parsing regexp: invalid repeat count: `{11}`");
    EXPECT_NE(failure(repeated("x{1000}", 3356)).find("expression too large"), std::string::npos);
    CompileOptions small;
    small.program.max_bytes = 10'000;
    EXPECT_NE(failure("(?:abcdefghij){1000}(?:abcdefghij){1000}(?:abcdefghij){1000}"
                      "(?:abcdefghij){1000}(?:abcdefghij){1000}",
                      small)
                  .find("takes more than 10000 bytes"),
              std::string::npos);
}

// Under any limit: an error of compile(), or an expression that finds what it finds without one.
TEST(Regex, a_limit_on_the_program_is_an_error_at_once_and_never_a_silent_no_match) {
    for (const char* pattern :
         {"a", "[a-z]+@[a-z]+", "\\pL{20}x?", "(?i)(key|token)=(\\w{5,30})"}) {
        const std::string text = "kEy=abcdef a@b \xC3\x89t\xC3\x89lllllllllllllllllllllx";
        const auto wanted = compiled(pattern).find(text);
        std::size_t refused = 0;
        std::size_t accepted = 0;
        for (std::size_t bytes = 16; bytes < std::size_t{1} << 28; bytes *= 2) {
            CompileOptions options;
            options.program.max_bytes = bytes;
            const auto regex = Regex::compile(pattern, options);
            if (regex.ok()) {
                ++accepted;
                EXPECT_EQ(regex.value().find(text), wanted) << pattern << " " << bytes;
            } else {
                ++refused;
                EXPECT_NE(regex.error().message.find(std::to_string(bytes) + " bytes"),
                          std::string::npos);
            }
        }
        EXPECT_GT(refused, 0u) << pattern;
        EXPECT_GT(accepted, 0u) << pattern;
    }
}

// Where all of a text is asked for and there is one way at most, no automaton is asked first.
TEST(Regex, groups_of_a_whole_text_are_those_of_every_engine) {
    for (const char* pattern :
         {"^(\\w+)=(\\d*);$", "^([A-Z0-9]+);([^;]+);([^;]*)$", "^a?(b)?\\b(c*)$", "^(\\s*)\\z",
          "\\A(?:(a)|(b))*$", "^(a)$|^(b)$", "^([^\\pL]*)(?:\\pL(x)?)?$"}) {
        CompileOptions options;
        options.engine = EngineChoice::kPike;
        const Regex slow = compiled(pattern, options);
        const Regex fast = compiled(pattern);
        for (const std::string_view text :
             {"", "a=1;", "key=;", "key=1;\n", "A1;x\xFF;", "A;b;c;", "ab", "bcc", " ", "abab", "a",
              "b", "\xC3\xA9", "1\xC3\xA9x", "\xC3", "ab\n"}) {
            std::vector<Span> wanted, groups;
            const bool is_there = slow.captures(text, wanted);
            EXPECT_EQ(fast.captures(text, groups), is_there) << pattern << " in " << text;
            if (is_there) {
                EXPECT_EQ(groups, wanted) << pattern << " in " << text;
            }
            // A part of a text: its end is no end of the text.
            for (std::size_t to = 0; to <= text.size(); ++to) {
                const std::string clean(Subject(text).searchable());
                const SearchInput part{clean, 0, to, Anchor::kNone};
                const bool has_part = slow.captures_in(part, wanted);
                EXPECT_EQ(fast.captures_in(part, groups), has_part) << pattern << " in " << text;
                if (has_part) {
                    EXPECT_EQ(groups, wanted) << pattern << " in " << text;
                }
            }
        }
    }
}

// What is exponential or quadratic for others must end within its time, far below the limit here.
class Pathological : public testing::Test {
  protected:
    void SetUp() override { begin_ = std::clock(); }
    void TearDown() override { EXPECT_LT((std::clock() - begin_) / CLOCKS_PER_SEC, 20); }

  private:
    std::clock_t begin_ = 0;  // of the processor's time
};

TEST_F(Pathological, nested_stars) {
    EXPECT_EQ(found(compiled("(a*)*b"), repeated("a", 100'000)), "none");
    EXPECT_EQ(found(compiled("^(a+)+$"), repeated("a", 100'000) + "!"), "none");
    EXPECT_EQ(found(compiled("(x+x+)+y"), repeated("x", 100'000)), "none");
}

TEST_F(Pathological, optional_letters) {
    for (const std::size_t n : {20, 200, 1000}) {
        const std::string count = std::to_string(n);
        EXPECT_EQ(found(compiled("(a?){" + count + "}a{" + count + "}"), repeated("a", n)),
                  "0-" + count);
    }
}

TEST_F(Pathological, many_states) {
    // The automaton has 2^n states: its cache overflows all the time.
    std::mt19937 random(5);
    std::string text;
    for (int i = 0; i < 40'000; ++i) text.push_back(random() % 2 == 0 ? '0' : '1');
    for (const std::size_t n : {11, 50, 200}) {
        const Regex regex = compiled("[01]*1[01]{" + std::to_string(n) + "}$");
        text[text.size() - 1 - n] = '1';
        EXPECT_TRUE(regex.find(text)) << n;
        EXPECT_FALSE(regex.find(text + "2")) << n;
    }
}

TEST_F(Pathological, a_pattern_of_a_megabyte) {
    const Regex literal = compiled(repeated("abcdefgh", 131'072));
    EXPECT_EQ(found(literal, repeated("abcdefgh", 131'073)), "0-1048576");
    EXPECT_NE(failure(repeated("[ab]", 131'072) + "x|" + repeated("[ab]", 131'072) + "y")
                  .find("nests too deeply"),
              std::string::npos);
    const Regex sets = compiled(repeated("[a-z]?", 100'000));
    EXPECT_EQ(found(sets, "abc"), "0-3");
}

TEST_F(Pathological, ten_thousand_alternatives) {
    std::string pattern;
    for (int i = 0; i < 10'000; ++i) pattern += "word" + std::to_string(i * 7919) + "x|";
    pattern += "last";
    const Regex regex = compiled(pattern);
    EXPECT_EQ(found(regex, "word" + std::to_string(9'999 * 7919) + "x"), "0-13");
    EXPECT_EQ(found(regex, repeated("word1 ", 10'000) + "last"), "60000-60004");
}

TEST_F(Pathological, nested_counts) {
    const Regex regex = compiled("(?:(?:(?:a{10}){10}){10})");
    EXPECT_EQ(found(regex, repeated("a", 2'000)), "0-1000");
    EXPECT_EQ(found(compiled("((a{0,10}){0,10}){0,10}b"), repeated("a", 5'000)), "none");
    EXPECT_EQ(found(compiled("\\pL{500}"), repeated("\xC3\xA9", 499)), "none");
}

// Under any limit an answer is the one without, or an error that names the limit.
TEST(Regex, a_limit_on_steps_is_told_and_never_a_wrong_answer) {
    const std::string texts[] = {"", "needle in a haystack with a needle",
                                 repeated("ab", 40) + "c key=0123456789abcdef0123 z",
                                 repeated("x\xFF\xC3\xA9 word ", 9)};
    for (const char* pattern : {"needle", "(a|b)*c", "(\\w+) (word)", "[a-f0-9]{16,20}", "^n.*?e",
                                "x*", "(?i)K[e]y=(\\d+)", "\\bw\\pL+\\b", "(a*)*b$", "[^a-z]+|q",
                                "(?:needle in|needle)", "need(?:le)?", "(?:ab)?(?:abab)"}) {
        for (const EngineChoice engine : {EngineChoice::kAuto, EngineChoice::kPike,
                                          EngineChoice::kBacktracker, EngineChoice::kAutomata}) {
            CompileOptions options;
            options.engine = engine;
            const Regex regex = compiled(pattern, options);
            for (const std::string& text : texts) {
                std::vector<Span> matches, groups;
                regex.find_all(Subject(text), matches);
                if (!regex.captures(text, groups)) groups.clear();
                std::size_t answers = 0;
                for (std::size_t steps = 0; steps < 4000; steps += 1 + steps / 9) {
                    const auto all = regex.find_all_within(Subject(text), steps);
                    const auto first = regex.find_within(text, steps);
                    const auto any = regex.is_match_within(text, steps);
                    const auto parts = regex.captures_within(text, steps);
                    if (all.ok()) {
                        EXPECT_EQ(all.value(), matches) << pattern << " " << steps;
                    }
                    if (first.ok()) {
                        EXPECT_EQ(first.value(), regex.find(text)) << pattern;
                    }
                    if (any.ok()) {
                        EXPECT_EQ(any.value(), regex.is_match(text)) << pattern;
                    }
                    if (parts.ok()) {
                        EXPECT_EQ(parts.value(), groups) << pattern;
                    }
                    if (!all.ok()) {
                        EXPECT_NE(all.error().message.find(std::to_string(steps) + " steps"),
                                  std::string::npos);
                    }
                    answers += all.ok() ? 1 : 0;
                }
                EXPECT_GT(answers, 0u) << pattern;
                EXPECT_TRUE(regex.find_all_within(Subject(text), 1'000'000).ok()) << pattern;
            }
        }
    }
    const std::string text = repeated("a", 100'000);
    for (const char* pattern : {"(a*)*b", "needle", "[a-f0-9]{40}b", "(?:a{0,30}){0,30}b"}) {
        EXPECT_FALSE(compiled(pattern).find_within(text, 10).ok()) << pattern;
    }
}

TEST(Regex, is_shared_by_threads) {
    const Regex regex = compiled("(\\w+)@(\\w+)\\.com");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&regex, i] {
            const std::string text = repeated(" ", static_cast<std::size_t>(i)) + "a@b.com";
            for (int round = 0; round < 500; ++round) {
                std::vector<Span> groups;
                ASSERT_TRUE(regex.captures(text, groups));
                ASSERT_EQ(groups[1].begin, static_cast<std::size_t>(i));
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace merlon::match
