#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <thread>

#include "match/analysis.h"
#include "match/pattern_set.h"
#include "match/pattern_set_blob.h"
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
    EXPECT_FALSE(core_of("\\w{3}-\\w{4}"));
    EXPECT_EQ(core_of("\\d{3}-\\d{4}")->literals.size(), 10u) << "rare together";
    // Strings that begin with another, and what many of them have further on, say no more.
    EXPECT_EQ(core_of("(?:key|keys|keys_of)=?")->literals, Texts{"key"});
    EXPECT_EQ(core_of("(?:sk|pk)_(?:live|test|prod)[-_.]?(?:key|of)")->literals,
              (Texts{"pk_liv", "pk_pro", "pk_tes", "sk_liv", "sk_pro", "sk_tes"}));
    // Without a bound, from a string that tells more; of what may stand before it the bytes are
    // known.
    const auto behind_space = core_of("(?m)^[ \\t]*(?:export +)?TOKEN=");
    EXPECT_EQ(behind_space->literals, Texts{"token="});
    EXPECT_EQ(behind_space->max_prefix_bytes, kUnboundedPrefix);
    EXPECT_TRUE(contains(behind_space->prefix_bytes, '\t'));
    EXPECT_TRUE(contains(behind_space->prefix_bytes, 'x'));
    EXPECT_FALSE(contains(behind_space->prefix_bytes, '\n'));
    EXPECT_EQ(core_of("(?i)k*[^a]+key")->prefix_bytes[5], 0xFFFF'FFFF) << "not ASCII";
}

// Scans with the set, and compares with each expression alone.
void expect_same_as_alone(const std::vector<PatternSet::Pattern>& patterns, const PatternSet& set,
                          std::string_view text) {
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
            patterns[i].regex.find_all(subject, alone);
            ASSERT_EQ(found[i], alone)
                << patterns[i].regex.pattern() << " on " << testing::PrintToString(text);
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
        // The leftmost match may pass through a later literal than the first that stands.
        "(?:z.{3})?key[a-z]?",
        "(?:z.{1,9}?|y{2})?(?:key|tok)(?:=key)?",
        "(?i)(?:\\b|_)[a-z]{0,7}key[a-z]*",
        "[a\\x{17F}]b",
        "\\x{17F}key|\\x{212A}ek",
        "(?i)[^k]kk?ey",
        "z?\\x{130}",
        "(?i)x?\\x{130}y",
        // Behind what has no bound.
        "(?i)\\s*key\\s*=",
        "(?m)^[^=]*?token[;=]?",
        "(?:z+.)*key(?:=key)?",
        "(?s).*?pass: |x+?\\s*abc",
        "(?:key|tok|\\n)*token(?:=key)*",
    };
    std::vector<PatternSet::Pattern> list;
    for (const std::string& pattern : patterns)
        list.push_back({Regex::compile(pattern).value(), {}});
    const PatternSet set(list);
    std::mt19937 random(7);
    const std::string pieces[] = {
        "key",  "token",    "KEY=",        "abc",      " ",        "\n",
        "=",    "ab",       "x",           "xx",       "\xC5\xBF", "\xE2\x84\xAA",
        "\xFF", "\xC3\xA9", "pass: a1b2 ", "sk",       "cd",       "efx",
        ".",    "y",        "kek",         ";",        "z",        "y=z",
        "_",    "ek",       "\xE2\x84",    "\xC4\xB0", "i"};
    for (int i = 0; i < 4000; ++i) {
        std::string text;
        const auto count = random() % (i % 8 == 0 ? 120 : 14);
        for (unsigned j = 0; j < count; ++j) text += pieces[random() % std::size(pieces)];
        expect_same_as_alone(list, set, text);
        // Also with nothing built yet.
        if (i % 200 == 0) expect_same_as_alone(list, PatternSet(list), text);
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
    EXPECT_FALSE(runs("pass", "x pa\xC5\xBFs")) << "U+017F is lower case";
    EXPECT_TRUE(runs("pass", "x \xC5\xBFpass")) << "and no part of what stands behind it";
    EXPECT_TRUE(runs("pass", "x pas\xC5\xBF PA\xC5\xBFS pass\xC5\xBF"));
    EXPECT_TRUE(runs("\xC3\xA9t\xC3\xA9", "x \xC3\x89T\xC3\x89"));
    EXPECT_FALSE(runs("", "x"));
}

std::vector<PatternSet::Pattern> some_patterns() {
    std::vector<PatternSet::Pattern> list;
    const char* const texts[] = {"(?i)[\\w.-]{0,10}?(?:key|token)[\\s=:]{1,3}([a-z0-9]{3,})",
                                 "\\bab[a-c]+\\b", "[a-z]+@[a-z]+", "(?P<whole>secret)"};
    for (const char* text : texts) list.push_back({Regex::compile(text).value(), {}});
    list.push_back({list[2].regex, {"at", "\xC3\xA9t\xC3\xA9"}});
    return list;
}

std::string matches_of(const PatternSet& set, std::string_view text) {
    std::string found;
    PatternSet::Scratch scratch;
    set.scan(
        Subject(text), scratch, [](std::uint32_t) { return true; },
        [&](std::uint32_t i, Span span) {
            found += std::to_string(i) + ":" + std::to_string(span.begin) + "-" +
                     std::to_string(span.end) + " ";
        });
    return found;
}

TEST(PatternSet, a_stored_set_finds_what_the_first_one_found) {
    const PatternSet set(some_patterns());
    // The expressions are stored too: nothing is parsed.
    std::vector<PatternSet::Pattern> stored = some_patterns();
    for (PatternSet::Pattern& pattern : stored) {
        pattern.regex =
            Regex::restore(pattern.regex.pattern(), StoredBlock::of(pattern.regex.store()));
        EXPECT_EQ(pattern.regex.group_count(),
                  Regex::compile(pattern.regex.pattern()).value().group_count());
    }
    const PatternSet loaded = PatternSet::load(stored, set.block()).value();
    for (const std::string_view text :
         {"", "my_key = abc123; token: x ab abc", "a@b secret at", "x@y \xC3\x89T\xC3\x89",
          ("\xE2\x84\xAA"
           "EY=abc \xFF key=abc")}) {
        EXPECT_EQ(matches_of(loaded, text), matches_of(set, text)) << text;
    }
}

TEST(PatternSet, a_block_of_other_patterns_or_a_broken_one_is_refused_or_harmless) {
    const PatternSet set(some_patterns());
    const StoredBlock& block = set.block();
    std::vector<PatternSet::Pattern> others = some_patterns();
    others.pop_back();
    EXPECT_FALSE(PatternSet::load(others, block).ok());
    others.push_back({Regex::compile("other").value(), {}});
    EXPECT_FALSE(PatternSet::load(others, block).ok());
    EXPECT_FALSE(PatternSet::load(some_patterns(), block.part(0, 100).value()).ok());
    EXPECT_FALSE(PatternSet::load(some_patterns(), {}).ok());
    const SharedBytes bytes = block.read().value();
    std::vector<std::uint32_t> words(bytes.bytes.size() / sizeof(std::uint32_t));
    std::memcpy(words.data(), bytes.bytes.data(), bytes.bytes.size());
    const std::string_view text = "my_key = abc123; token: x ab abc a@b \xFF";
    const std::string expected = matches_of(set, text);
    std::size_t loads = 0;
    std::mt19937 random(17);
    for (int i = 0; i < 1500; ++i) {
        std::vector<std::uint32_t> hostile = words;
        for (std::size_t changes = 1 + random() % 3; changes > 0; --changes) {
            const std::size_t bit = random() % 32 / 8 * 8;
            std::uint32_t& word = hostile[random() % hostile.size()];
            word = (word & ~(0xFFu << bit)) | static_cast<std::uint32_t>(random() % 256) << bit;
        }
        // Damage is told from what was stored; what somebody made, by nothing but its numbers.
        const auto damaged = PatternSet::load(some_patterns(), StoredBlock::of(hostile));
        if (damaged.ok()) {
            EXPECT_EQ(matches_of(damaged.value(), text), expected);
            ++loads;
        }
        write_checksum(hostile);
        const auto made = PatternSet::load(some_patterns(), StoredBlock::of(hostile));
        if (made.ok()) matches_of(made.value(), text);
    }
    EXPECT_GT(loads, 0u) << "a program alone is damaged";
}

// The same words mean something else under other flags.
TEST(PatternSet, a_block_of_other_flags_is_refused) {
    const auto patterns = [](SyntaxKind syntax, MatchKind kind) {
        CompileOptions options;
        options.syntax = syntax;
        options.kind = kind;
        std::vector<PatternSet::Pattern> list;
        for (const char* text : {"x{0,3}?key(a|ab)*", "^key$", "[a-z]{0,9}(tok|token)"}) {
            list.push_back({Regex::compile(text, options).value(), {}});
        }
        return list;
    };
    const auto folding = static_cast<SyntaxKind>(static_cast<int>(SyntaxKind::kPerl) | 1);
    const std::string_view text = "a KEY\nkey\nkeyab xtokens";
    std::vector<std::vector<PatternSet::Pattern>> all;
    for (const SyntaxKind syntax : {SyntaxKind::kPerl, folding, static_cast<SyntaxKind>(0xC4)}) {
        all.push_back(patterns(syntax, MatchKind::kLeftmostFirst));
        all.push_back(patterns(syntax, MatchKind::kLeftmostLongest));
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        const PatternSet set(all[i]);
        for (std::size_t k = 0; k < all.size(); ++k) {
            const auto loaded = PatternSet::load(all[k], set.block());
            EXPECT_EQ(loaded.ok(), i == k) << i << ' ' << k;
            if (!loaded.ok()) continue;
            EXPECT_EQ(matches_of(loaded.value(), text), matches_of(set, text));
        }
    }
}

// A block of which one byte is not as it was written.
class DamagedSource final : public BlockSource {
  public:
    DamagedSource(const StoredBlock& block, std::uint64_t place) : block_(block), place_(place) {}
    std::uint64_t size_bytes() const override { return block_.size; }
    std::optional<SharedBytes> read(std::uint64_t offset, std::uint64_t size) const override {
        if (offset <= place_ && place_ < offset + size) return std::nullopt;
        return block_.part(offset, size).value().read();
    }

  private:
    const StoredBlock& block_;
    std::uint64_t place_;
};

TEST(PatternSet, a_damaged_block_is_refused_or_finds_the_same) {
    const PatternSet set(some_patterns());
    const std::string_view text = "my_key = abc123; token: x ab abc a@b \xFF key=abc x@y";
    const std::string expected = matches_of(set, text);
    std::size_t loads = 0;
    for (std::uint64_t place = 0; place < set.block().size; place += 64) {
        const auto source = std::make_shared<const DamagedSource>(set.block(), place);
        const auto loaded = PatternSet::load(some_patterns(), StoredBlock::whole(source));
        if (!loaded.ok()) continue;
        ++loads;
        EXPECT_EQ(matches_of(loaded.value(), text), expected) << place;
    }
    EXPECT_GT(loads, 0u);
}

// Programs of equal shape, each sound by itself, must not stand for one another.
TEST(PatternSet, a_program_in_the_place_of_another_is_not_run) {
    const auto patterns = [] {
        std::vector<PatternSet::Pattern> list;
        list.push_back({Regex::compile("[ab]{1,4}first").value(), {}});
        list.push_back({Regex::compile("[cd]{1,4}later").value(), {}});
        return list;
    };
    const PatternSet set(patterns());
    const std::string_view text = "abfirst cdfirst ablater cdlater";
    const std::string expected = matches_of(set, text);
    const SharedBytes bytes = set.block().read().value();
    std::vector<std::uint32_t> words(bytes.bytes.size() / sizeof(std::uint32_t));
    std::memcpy(words.data(), bytes.bytes.data(), bytes.bytes.size());
    PatternSetHeader header;
    std::memcpy(&header, bytes.bytes.data(), sizeof header);
    const auto entries = read_section<StoredEntry>(
        bytes.bytes, header.parts[static_cast<std::size_t>(PatternSetPart::kEntries)]);
    const StoredEntry first = entries.value()[0];
    const StoredEntry later = entries.value()[1];
    ASSERT_GT(first.prefix_count, 0u);
    ASSERT_EQ(first.prefix_count, later.prefix_count);
    const std::size_t pieces =
        header.parts[static_cast<std::size_t>(PatternSetPart::kPieces)].offset / sizeof words[0];
    const auto piece = [&](std::uint32_t begin) {
        return words.begin() + static_cast<std::ptrdiff_t>(pieces + begin);
    };
    std::swap_ranges(piece(first.prefix_begin), piece(first.prefix_begin + first.prefix_count),
                     piece(later.prefix_begin));
    const auto loaded = PatternSet::load(patterns(), StoredBlock::of(words));
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(matches_of(loaded.value(), text), expected);
}

TEST(PatternSet, groups_may_stand_anywhere_behind_what_varies) {
    for (const std::string_view pattern :
         {"[a-z]{2,4}@(h)+", "[a-z]{2,4}@((h)|(o(s)){2})?t*", "[a-z]{1,9}key(=(?:(a)|b*))*x?"}) {
        const Regex regex = Regex::compile(pattern).value();
        const PatternSet set({{regex, {}}});
        const std::string_view text = "ab@hh ab@osos abkey=a=bx =ab@ key";
        std::vector<Span> expected;
        regex.find_all(Subject(text), expected);
        PatternSet::Scratch scratch;
        std::vector<Span> found;
        set.scan(
            Subject(text), scratch, [](std::uint32_t) { return true; },
            [&](std::uint32_t, Span match) { found.push_back(match); });
        EXPECT_EQ(found, expected) << pattern;
        EXPECT_FALSE(found.empty()) << pattern;
    }
}

std::string why_slow(const char* pattern) {
    return PatternSet({{Regex::compile(pattern).value(), {}}}).slow_because(0);
}

// What is said is what is done: an expression that is said to be asked of every text is a candidate
// in every one, and the way to its places is the engine's.
TEST(PatternSet, says_why_an_expression_is_slow_and_what_is_done_instead) {
    const struct {
        const char* pattern;
        SearchWay::Kind kind;
        std::vector<const char*> words;
    } cases[] = {
        {"[a-z]+@[a-z]+",
         SearchWay::Kind::kAutomaton,
         {"a class of 26 characters 1 or more times can be more than 16 characters",
          "\"@\" is one character alone", "one without \"@\" is passed over",
          "automaton reads every byte"}},
        {"[a-z]+ab",
         SearchWay::Kind::kAutomaton,
         {"\"ab\" gives only two characters, and behind what can be of any length a string must "
          "have 3",
          "Make the string of two characters longer"}},
        {"[a-f0-9]{40}",
         SearchWay::Kind::kRun,
         {"a class of 16 characters 40 times has more than 96 beginnings of two characters",
          "are looked for by leaps"}},
        {"[a-f0-9]{8}",
         SearchWay::Kind::kRun,
         {"runs of 8 bytes that may begin a match are looked for by leaps"}},
        {"[0-9]{12}", SearchWay::Kind::kRun, {"runs of 12 bytes", "a class of 10 characters"}},
        {"\\d{4}", SearchWay::Kind::kAutomaton, {"has more than 96 beginnings"}},
        {"\\x{FFFD}",
         SearchWay::Kind::kAutomaton,
         {"is every invalid byte as well", "automaton reads every byte"}},
        {"~.", SearchWay::Kind::kStrings, {"one of \"~\" begins every match", "any character"}},
        {"[#%]\\w",
         SearchWay::Kind::kStrings,
         {"one of \"#\", \"%\" begins every match", "a class of 2 characters is one"}},
        {"[\"#]\\w", SearchWay::Kind::kStrings, {R"(one of "\"", "#" begins every match)"}},
        {"^[a-z]+$",
         SearchWay::Kind::kAtBegin,
         {"every match begins where the text does", "a class of 26"}},
        {"(?m)^[a-z]+$", SearchWay::Kind::kAutomaton, {"automaton reads every byte"}},
        {"(?i)\xC3\xA9",
         SearchWay::Kind::kStrings,
         {"is a letter outside ASCII that matches in either case"}},
        {"\\pL+", SearchWay::Kind::kAutomaton, {"can be characters outside ASCII"}},
        {"x?y?", SearchWay::Kind::kAutomaton, {"\"x\" 0 to 1 times may be absent"}},
        {"\\b", SearchWay::Kind::kAutomaton, {"it consists of assertions alone"}},
        {"[et ][aeo][a-z]",
         SearchWay::Kind::kStrings,
         {"has 9 beginnings of two characters, which stand nearly everywhere"}},
        {"(?:[a-z]*one1|[0-9]*two2)",
         SearchWay::Kind::kAutomaton,
         {"of the strings \"one1\", \"two2\" one stands in every match, but in an alternative"}},
        {"^(?:[a-z]+foo|[0-9]+bar)",
         SearchWay::Kind::kAtBegin,
         {"so each text that has one is looked at: every match begins where the text does"}},
        {"ab|\\d", SearchWay::Kind::kAutomaton, {"2 alternatives may be a class of 10"}},
    };
    for (const auto& each : cases) {
        const std::string reason = why_slow(each.pattern);
        for (const char* words : each.words) {
            EXPECT_NE(reason.find(words), std::string::npos) << each.pattern << ": " << reason;
        }
        const Regex regex = Regex::compile(each.pattern).value();
        EXPECT_EQ(regex.search_way().kind, each.kind) << each.pattern << ": " << reason;
        const PatternSet set({{regex, {}}});
        PatternSet::Scratch scratch;
        bool is_asked = false;
        set.scan(
            Subject("\n"), scratch,
            [&](std::uint32_t) {
                is_asked = true;
                return false;
            },
            [](std::uint32_t, Span) {});
        EXPECT_EQ(is_asked, !set.has_literals(0)) << each.pattern;
    }
    for (const char* fast : {"key=[a-z]+", "abc\\x{FFFD}", "\\x{FFFD}abc", "(?i)caf\xC3\xA9",
                             "(?:abc\\x{FFFD}|def)[0-9]", "[a-z]+abc"}) {
        EXPECT_EQ(why_slow(fast), "") << fast;
    }
}

TEST(PatternSet, says_which_count_is_dear_and_how_to_write_it) {
    const auto reason = why_slow;
    const std::string dear = "the count {1,60} on a class of 27 characters";
    EXPECT_NE(reason("\\b[a-z-]{1,60}-[0-9a-f]{8}").find(dear), std::string::npos);
    EXPECT_NE(reason("\\b[a-z-]{1,60}-[0-9a-f]{8}").find("write + instead of {1,60}"),
              std::string::npos);
    EXPECT_NE(reason("([a-z]{0,90})-\\w").find("write * instead of {0,90}"), std::string::npos);
    EXPECT_NE(reason("[a-z]{5,90}-\\w").find("write {5,} instead of"), std::string::npos);
    EXPECT_NE(reason("(?m)^[^:]{1,99}:[a-z]{1,99}:").find("the count"), std::string::npos);
    // One length at a time, few lengths, a string before it, nothing behind it.
    for (const char* pattern : {"(?m)^[a-z]{1,60}:[0-9]", "[a-z]{3,5}-\\w", "key=[a-z]{1,60}-[0-9]",
                                "[a-z]+-\\w{1,60}", "[0-9a-f]{32}-[0-9]"}) {
        EXPECT_EQ(reason(pattern).find("the count"), std::string::npos) << reason(pattern);
    }
}

// Where strings stand only somewhere in a match, they say whether to look at all.
TEST(PatternSet, a_string_anywhere_in_a_match_is_asked_for) {
    const std::vector<std::string> patterns = {
        "(?i)[ \\t]*(?:password|token)[ \\t]*=", "\\w+[.](?:secret|(?:x|[0-9]+)key)",
        "[a-z]+(?:zone)+[0-9]", "(?:[a-z]*one1|[0-9]*two2)", "[^=]*=(?:foo)?[0-9]"};
    std::vector<PatternSet::Pattern> all;
    for (const std::string& each : patterns) all.push_back({Regex::compile(each).value(), {}});
    const PatternSet set(all);
    EXPECT_TRUE(set.has_literals(0) && set.has_literals(1) && set.has_literals(2));
    EXPECT_FALSE(set.has_literals(4));
    for (const std::string text :
         {"  PassWord = x", "pa\xC5\xBFsword=",
          ("TO\xE2\x84\xAA"
           "EN="),
          "a.9key b.xkey c.secret", "a.ey b.secre", "azonezone7 zone1 azone", "abcone1 12two2 two",
          "a=1 b=foo2 =", ""}) {
        std::vector<std::vector<Span>> found(all.size());
        PatternSet::Scratch scratch;
        const Subject subject(text);
        set.scan(
            subject, scratch, [](std::uint32_t) { return true; },
            [&](std::uint32_t pattern, Span match) { found[pattern].push_back(match); });
        for (std::size_t i = 0; i < all.size(); ++i) {
            std::vector<Span> expected;
            all[i].regex.find_all(subject, expected);
            EXPECT_EQ(found[i], expected) << patterns[i] << " in " << text;
        }
    }
}

// Under any limit: all that the set finds without one, or an error that names the limit, and then
// no pattern with a part of its matches.
TEST(PatternSet, a_limit_on_steps_is_told_and_never_a_part_of_an_answer) {
    std::vector<PatternSet::Pattern> patterns = some_patterns();
    for (const char* more : {"(?:z.{1,9}?|y{2})?(?:key|tok)(?:=key)?", "[a-z]{1,60}-[0-9]",
                             "a.*b.*c", "\\s*secret\\s*="}) {
        patterns.push_back({Regex::compile(more).value(), {}});
    }
    const PatternSet set(patterns);
    const auto each_within = [&](std::string_view text, std::size_t steps,
                                 std::vector<std::vector<Span>>& found) {
        PatternSet::Scratch scratch;
        found.assign(patterns.size(), {});
        return set.scan_within(
            Subject(text), scratch, steps, [](std::uint32_t) { return true; },
            [&](std::uint32_t i, Span match) { found[i].push_back(match); });
    };
    std::string many;
    for (int i = 0; i < 30; ++i) many += "my_key = abc123; tok=key secret =x-1 a@b ";
    for (const std::string& text :
         {std::string(), std::string("my_key = abc123; token: x ab abc z-1 tok=key a@b secret = x"),
          many, std::string("\xC3\x89T\xC3\x89 \xE2\x84\xAA") + "EY=abc \xFF key=abc secret"}) {
        std::vector<std::vector<Span>> wanted(patterns.size());
        const Status unlimited = each_within(text, 100'000'000, wanted);
        ASSERT_TRUE(unlimited.ok()) << unlimited.error().message;
        EXPECT_EQ(matches_of(set, text).empty(),
                  std::all_of(wanted.begin(), wanted.end(),
                              [](const std::vector<Span>& each) { return each.empty(); }));
        std::size_t refused = 0;
        for (std::size_t steps = 0; steps < 60'000; steps += 1 + steps / 9) {
            std::vector<std::vector<Span>> found;
            const Status status = each_within(text, steps, found);
            if (status.ok()) {
                EXPECT_EQ(found, wanted) << steps;
                continue;
            }
            ++refused;
            EXPECT_NE(status.error().message.find(std::to_string(steps) + " steps"),
                      std::string::npos);
            for (std::size_t i = 0; i < found.size(); ++i) {
                EXPECT_TRUE(found[i].empty() || found[i] == wanted[i]) << i << " " << steps;
            }
        }
        EXPECT_EQ(refused > 0, !text.empty());
        EXPECT_LT(refused, 90u);
    }
}

// For ThreadSanitizer: programs are built at first use, by whichever thread comes first.
TEST(PatternSet, threads_share_a_set) {
    const PatternSet first(some_patterns());
    const std::string text = "my_key = abc123; token: x ab abc a@b secret \xC3\x89T\xC3\x89";
    const std::string expected = matches_of(first, text);
    const PatternSet set = PatternSet::load(some_patterns(), first.block()).value();
    std::vector<std::string> found(4);
    std::vector<std::thread> threads;
    for (std::string& each : found) {
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i) each = matches_of(set, text);
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::string& each : found) EXPECT_EQ(each, expected);
}

}  // namespace
}  // namespace merlon::match
