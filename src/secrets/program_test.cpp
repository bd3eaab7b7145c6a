#include "secrets/program.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "secrets/entropy.h"

namespace merlon::secrets {
namespace {

Config load(const std::string& toml, const ConfigSources& sources = {}) {
    model::Diagnostics diagnostics;
    LoadedConfig loaded = load_config(toml, "test.toml", sources, BadRules::kRefuse, diagnostics);
    EXPECT_TRUE(loaded.config.ok()) << loaded.config.error().message;
    return std::move(loaded.config).value();
}

std::string rule(const std::string& regex, const std::string& more = "") {
    return "[[rules]]\nid='r'\nregex='''" + regex + "'''\n" + more;
}

// One finding as text: "rule lines columns secret", so that a wrong one can be read.
std::vector<std::string> findings(Config config, std::string_view text,
                                  const ProgramOptions& options, const std::string& path) {
    model::Diagnostics diagnostics;
    const auto program = Program::compile(std::move(config), options, diagnostics);
    EXPECT_TRUE(program.ok());
    Program::Scratch scratch;
    model::Document document;
    document.bytes = text;
    const Facts facts = program.value().examine(document, program.value().kind(path), scratch);
    model::DeniedHost host;
    std::vector<std::string> out;
    for (const SecretFinding& finding :
         program.value().conclude(std::span(&facts, 1), Inputs{path, {}, 1}, host)) {
        out.push_back(finding.rule->id + " " + std::to_string(finding.start_line) + "-" +
                      std::to_string(finding.end_line) + " " +
                      std::to_string(finding.start_column) + "-" +
                      std::to_string(finding.end_column) + " " + finding.secret);
    }
    return out;
}

// As gitleaks 8.30.1 does; each expectation was read from its report on the same input.
std::vector<std::string> as_gitleaks(const std::string& toml, std::string_view text,
                                     const std::string& path = "t/a.txt") {
    ProgramOptions options;
    options.dialect = Dialect::kGitleaks;
    return findings(load(toml), text, options, path);
}

using Texts = std::vector<std::string>;

TEST(Trap, t1_a_case_flag_in_the_first_pattern_of_a_list_holds_for_those_behind_it) {
    const std::string keep = "[[allowlists]]\nregexTarget='line'\nregexes=";
    EXPECT_EQ(
        as_gitleaks(keep + "['(?i)zzz','KEEP']\n" + rule("tok_[a-z]+"), "keep tok_abc\n tok_def\n"),
        Texts{"r 2-2 3-9 tok_def"});
    EXPECT_EQ(
        as_gitleaks(keep + "['KEEP','(?i)zzz']\n" + rule("tok_[a-z]+"), "keep tok_abc\n tok_def\n"),
        (Texts{"r 1-1 6-12 tok_abc", "r 2-2 3-9 tok_def"}));
}

TEST(Trap, t2_a_dot_and_a_negated_class_match_invalid_bytes) {
    EXPECT_EQ(as_gitleaks(rule("tok.[^x]y"), "tok\xFF\xFEy\n"), Texts{"r 1-1 1-6 tok\xFF\xFEy"});
}

TEST(Trap, t3_the_first_alternative_wins_and_not_the_longest) {
    EXPECT_EQ(as_gitleaks(rule("tok|tok_abc"), "tok_abc\n"), Texts{"r 1-1 1-3 tok"});
}

TEST(Trap, t4_the_secret_is_looked_for_again_in_the_match_without_what_stands_around_it) {
    EXPECT_EQ(as_gitleaks(rule("(tok_[a-z]{3})\\B"), "tok_abcdef\n"), Texts{"r 1-1 1-7 tok_abc"});
    EXPECT_EQ(as_gitleaks(rule("=(tok)$"), "=tok"), Texts{"r 1-1 1-4 tok"});
    EXPECT_EQ(as_gitleaks(rule("(?m)^(tok)_abc"), "x\ntok_abc\n"), Texts{"r 2-2 2-8 tok"});
}

TEST(Trap, t5_columns_are_bytes_and_one_too_high_behind_the_first_line) {
    EXPECT_EQ(as_gitleaks(rule("tok_[a-z]+"), "tok_abc\ntok_def\n  \xC3\xA9 tok_ghi"),
              (Texts{"r 1-1 1-7 tok_abc", "r 2-2 2-8 tok_def", "r 3-3 7-13 tok_ghi"}));
}

TEST(Trap, t5_the_end_forgets_a_line_feed_that_was_trimmed_in_front) {
    EXPECT_EQ(as_gitleaks(rule("\\ntok_[a-z]+"), "one\ntok_abc tail\n"),
              Texts{"r 2-2 1-7 tok_abc"});
    EXPECT_EQ(as_gitleaks(rule("(?s)tok_a.*b"), "x tok_a\ny b z\n"), Texts{"r 1-2 3-4 tok_a\ny b"});
}

TEST(Trap, t12_extending_drops_what_the_child_requires_and_skips) {
    ConfigSources sources;
    sources.read_file = [](const std::string&) -> Result<std::string> {
        return rule("tok_[a-z]+");
    };
    ProgramOptions options;
    options.dialect = Dialect::kGitleaks;
    Config merged =
        load("[extend]\npath='base.toml'\n" + rule("tok_[a-z]{3}",
                                                   "skipReport=true\n[[rules.required]]\nid='x'\n"
                                                   "[[rules]]\nid='x'\nregex='nowhere'\n"),
             sources);
    EXPECT_EQ(findings(std::move(merged), "tok_abcd\n", options, "t/a.txt"),
              Texts{"r 1-1 1-7 tok_abc"});
}

TEST(Trap, t13_a_path_alone_is_a_finding_on_line_0) {
    const std::string toml = "[[rules]]\nid='p'\npath='a\\.txt'\n";
    EXPECT_EQ(as_gitleaks(toml, "x\n"), Texts{"p 0-0 0-0 "});
    EXPECT_EQ(as_gitleaks(toml, "x\n", "t/b.txt"), Texts{});
}

TEST(Rule, runs_only_where_one_of_its_keywords_stands_in_lower_case) {
    const std::string toml = rule("tok_[a-z]+", "keywords=['KELVIN']\n");
    EXPECT_EQ(as_gitleaks(toml, "tok_abc kelvi"), Texts{});
    EXPECT_EQ(as_gitleaks(toml, "tok_abc KeLvIn"), Texts{"r 1-1 1-7 tok_abc"});
    EXPECT_EQ(as_gitleaks(toml,
                          "\xE2\x84\xAA"
                          "elvin tok_abc\n"),
              Texts{"r 1-1 10-16 tok_abc"})
        << "the kelvin sign has a lower case";
    EXPECT_EQ(as_gitleaks(rule("tok_[a-z]+", "keywords=['skel']\n"),
                          "\xC5\xBF"
                          "kel tok_abc\n"),
              Texts{})
        << "the long s has none";
}

TEST(Rule, with_path_and_expression_wants_both) {
    const std::string toml = rule("tok_[a-z]+", "path='b\\.txt'\n");
    EXPECT_EQ(as_gitleaks(toml, "tok_abc"), Texts{});
    EXPECT_EQ(as_gitleaks(toml, "tok_abc", "b.txt"), Texts{"r 1-1 1-7 tok_abc"});
}

TEST(Secret, is_the_chosen_group_or_the_first_that_is_not_empty) {
    EXPECT_EQ(as_gitleaks(rule("tok_([a-z]*)_([a-z]+)"), "tok__abc\n"), Texts{"r 1-1 1-8 abc"});
    EXPECT_EQ(as_gitleaks(rule("tok_(?:(a)|(b))", "secretGroup=1\n"), "tok_b\n"),
              Texts{"r 1-1 1-5 "})
        << "a group that took no part";
}

TEST(Entropy, counts_code_points_and_divides_by_bytes) {
    EXPECT_EQ(shannon_entropy(""), 0);
    EXPECT_EQ(shannon_entropy("aaaa"), 0);
    EXPECT_DOUBLE_EQ(shannon_entropy("abcd"), 2);
    EXPECT_DOUBLE_EQ(shannon_entropy("\xC3\xA9\xC3\xA9"), 0.5);
}

TEST(Entropy, has_to_be_above_the_rules) {
    EXPECT_EQ(as_gitleaks(rule("tok_(\\S+)", "entropy=1\n"),
                          "tok_ab tok_aa tok_abc tok_\xC3\xA9\xC3\xA9\n"),
              Texts{"r 1-1 15-21 abc"});
}

TEST(AllowComment, holds_for_every_match_on_its_line) {
    EXPECT_EQ(
        as_gitleaks(rule("tok_[a-z]+"), "tok_abc # gitleaks:allow\ntok_def\nx gitleaks:allow\n"),
        Texts{"r 2-2 2-8 tok_def"});
    EXPECT_EQ(as_gitleaks(rule("tok_[a-z]+"), "gitleaks:allow\ntok_def"), Texts{})
        << "a last line without a line feed counts from the start of the text";
}

TEST(Allowlist, with_and_wants_every_check_that_it_has) {
    EXPECT_EQ(as_gitleaks(rule("tok_[a-z]+",
                               "[[rules.allowlists]]\ncondition='&&'\nstopwords=['abc']\n"
                               "regexTarget='line'\nregexes=['L']\n"),
                          "tok_abc\nL tok_abc\nL tok_def\n"),
              (Texts{"r 1-1 1-7 tok_abc", "r 3-3 4-10 tok_def"}));
}

TEST(Allowlist, stopwords_are_looked_for_in_the_secret_in_any_case) {
    EXPECT_EQ(as_gitleaks("[[allowlists]]\nstopwords=['BC']\n" + rule("tok_[a-z]+"),
                          "tok_abc bc\n tok_def bc"),
              Texts{"r 2-2 3-9 tok_def"});
}

TEST(Allowlist, lowers_stopwords_beyond_ascii) {
    // "пар" against "ПАР", and "key" against the kelvin sign.
    EXPECT_EQ(as_gitleaks("[[allowlists]]\nstopwords=['\xD0\xBF\xD0\xB0\xD1\x80','key']\n" +
                              rule("tok_\\S+"),
                          "tok_\xD0\x9F\xD0\x90\xD0\xA0 tok_\xE2\x84\xAA"
                          "ey tok_a\n"),
              Texts{"r 1-1 22-26 tok_a"});
}

TEST(Required, wants_its_companion_within_the_lines) {
    const std::string toml = rule("tok_[a-z]+",
                                  "[[rules.required]]\nid='f'\nwithinLines=1\n"
                                  "[[rules]]\nid='f'\nregex='friend'\nskipReport=true\n");
    EXPECT_EQ(as_gitleaks(toml, "tok_abc\n\nfriend\ntok_def\n"), Texts{"r 4-4 2-8 tok_def"});
    EXPECT_EQ(as_gitleaks(toml, "tok_abc\n"), Texts{});
}

TEST(Required, a_rule_of_a_path_alone_stands_on_line_0) {
    const std::string companion = "[[rules]]\nid='p'\npath='a\\.txt'\nskipReport=true\n";
    EXPECT_EQ(as_gitleaks(rule("tok_[a-z]+", "[[rules.required]]\nid='p'\n" + companion),
                          "tok_abc\n\ntok_def\n"),
              (Texts{"r 1-1 1-7 tok_abc", "r 3-3 2-8 tok_def"}));
    EXPECT_EQ(
        as_gitleaks(rule("tok_[a-z]+", "[[rules.required]]\nid='p'\nwithinLines=1\n" + companion),
                    "tok_abc\n\ntok_def\n"),
        Texts{"r 1-1 1-7 tok_abc"});
}

TEST(Required, twice_is_satisfied_by_either_distance) {
    EXPECT_EQ(as_gitleaks(rule("tok_[a-z]+",
                               "[[rules.required]]\nid='f'\nwithinLines=0\n"
                               "[[rules.required]]\nid='f'\nwithinLines=9\n"
                               "[[rules]]\nid='f'\nregex='friend'\nskipReport=true\n"),
                          "tok_abc\n\nfriend\n"),
              Texts{"r 1-1 1-7 tok_abc"});
}

TEST(Required, is_never_found_where_only_the_asking_rule_is_enabled) {
    ProgramOptions options;
    options.dialect = Dialect::kGitleaks;
    const std::string toml = rule("tok_[a-z]+",
                                  "[[rules.required]]\nid='f'\n"
                                  "[[rules]]\nid='f'\nregex='friend'\nskipReport=true\n");
    options.enabled_rules = {"r"};
    EXPECT_EQ(findings(load(toml), "tok_abc friend\n", options, "a"), Texts{});
    options.enabled_rules = {"f", "r"};
    EXPECT_EQ(findings(load(toml), "tok_abc friend\n", options, "a"), Texts{"r 1-1 1-7 tok_abc"});
}

TEST(Generic, gives_way_to_a_specific_rule_with_its_secret_on_the_same_line) {
    EXPECT_EQ(as_gitleaks(rule("tok_[a-z]+") + "[[rules]]\nid='my-Generic'\nregex='_([a-z]+)'\n",
                          "tok_abc\n_zzz\n"),
              (Texts{"my-Generic 2-2 2-5 zzz", "r 1-1 1-7 tok_abc"}));
}

TEST(Decoding, finds_in_each_pass_what_that_pass_made_new) {
    // base64 of "tok_abcdefghijk!", twice encoded and not at all.
    const std::string once = "dG9rX2FiY2RlZmdoaWprIQ==";
    EXPECT_EQ(as_gitleaks(rule("tok_[a-z]+"), "x " + once + "\n"),
              Texts{"r 1-1 3-26 tok_abcdefghijk"});
    EXPECT_EQ(as_gitleaks(rule("tok_[a-z]+"), "tok_zzz " + once + "\n").size(), 2u);
}

TEST(OwnDialect, counts_columns_in_code_points_on_every_line) {
    ProgramOptions options;
    options.dialect = Dialect::kMerlon;
    EXPECT_EQ(findings(load(rule("tok_[a-z]+")), "tok_abc\n\xC3\xA9 tok_def\n", options, "a"),
              (Texts{"r 1-1 1-7 tok_abc", "r 2-2 3-9 tok_def"}));
}

// Every match on a line looks at that line: it must not be read again for each.
TEST(OwnDialect, stays_fast_where_one_line_holds_every_match) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "\xC3\xA9 tok_" + std::to_string(100'000 + i) + ' ';
    const auto found = findings(
        load(rule("tok_[0-9]+") + "[[rules]]\nid='generic'\nregex='ok_([0-9]+)'\n"), text, {}, "a");
    EXPECT_EQ(found.back(), "r 1-1 1299990-1299999 tok_199999");
}

// To \b the letter of an escape is a part of the word behind it.
TEST(OwnDialect, finds_a_word_right_behind_an_escape_in_a_string) {
    const std::string bounded = rule(R"(\b(tok_[a-z]+)\b)");
    EXPECT_EQ(findings(load(bounded), R"("line: \ntok_abc\n")", {}, "a"),
              Texts{"r 1-1 10-16 tok_abc"});
    EXPECT_EQ(findings(load(bounded), R"("a\r\ntok_abc")", {}, "a"), Texts{"r 1-1 7-13 tok_abc"});
    EXPECT_EQ(findings(load(bounded), R"(x: "a\ttok_abc")", {}, "a"), Texts{"r 1-1 8-14 tok_abc"});
    EXPECT_EQ(findings(load(bounded),
                       "x\n"
                       R"("{\"a\\ntok_abc\"")",
                       {}, "a"),
              Texts{"r 2-2 9-15 tok_abc"})
        << "a string in a string";
    EXPECT_EQ(findings(load(bounded), R"("tok_abc\ntok_abc\ttok_abc)", {}, "a"),
              (Texts{"r 1-1 2-8 tok_abc", "r 1-1 11-17 tok_abc", "r 1-1 20-26 tok_abc"}));
    EXPECT_EQ(findings(load(bounded), R"("a\qtok_abc ntok_abc \n_tok_abc")", {}, "a"), Texts{});
    EXPECT_EQ(as_gitleaks(bounded, R"("a\ntok_abc")"), Texts{});
}

TEST(OwnDialect, what_was_found_before_an_escape_is_looked_at_stays_as_it_is) {
    // Without \b the rule finds all of them in the text as it stands.
    EXPECT_EQ(findings(load(rule("[a-z]?tok_[a-z]+")), R"("a\ntok_abc tok_def")", {}, "a"),
              (Texts{"r 1-1 4-11 ntok_abc", "r 1-1 13-19 tok_def"}));
    // What the expression saw in front is no part of it.
    EXPECT_EQ(findings(load(rule(R"re((?:^|\s)(tok_[a-z]+)"?)re")), R"("a\ntok_abc")", {}, "a"),
              Texts{"r 1-1 5-12 tok_abc"});
}

TEST(Program, refuses_to_enable_a_rule_that_does_not_exist) {
    ProgramOptions options;
    options.enabled_rules = {"nothing"};
    model::Diagnostics diagnostics;
    EXPECT_FALSE(Program::compile(load(rule("a")), options, diagnostics).ok());
}

// Lines of which most say nothing, so that many texts do.
class SparseLines {
  public:
    explicit SparseLines(std::uint32_t seed) : random_(seed) {}

    std::string line() {
        static constexpr std::string_view kLines[] = {
            "",        "x",           "tok_",         "abc",         "end",         "key",
            "open",    "close",       "tok_abc tok_", "k: 12345678", "word key",    "friend1",
            "a = 'b'", "%74ok_ab%63", "p=open",       "tok",         "_abcd",       "lonely1 x",
            "same",    "U+0041",      "\xC5\xBF",     "12345678",    "tok_zzz stop"};
        if (random_() % 15 != 0) return "line " + std::string(random_() % 4, 'y');
        return std::string(kLines[random_() % std::size(kLines)]);
    }

  private:
    std::mt19937 random_;
};

constexpr std::string_view kManyRules = R"(
[[allowlists]]
regexTarget = 'line'
regexes = ['stop']
[[rules]]
id = 'near'
regex = 'tok_\s{0,2}([a-z]{3})\b'
keywords = ['tok_']
[[rules]]
id = 'far'
regex = '(?s)open.*?close'
[[rules]]
id = 'keyword-elsewhere'
regex = '[0-9]{8}'
keywords = ['key']
[[rules]]
id = 'boundary'
regex = '(?m)^end$\n.{0,3}x'
[[rules]]
id = 'last'
regex = 'abc\n?$'
[[rules]]
id = 'lonely'
regex = 'lonely[0-9]'
[[rules.required]]
id = 'friend'
[[rules]]
id = 'friend'
regex = 'friend[0-9]'
skipReport = true
[[rules]]
id = 'path-alone'
path = 'p'
keywords = ['p=']
)";

// Any lines of a text that may hold nothing, in any order.
TEST(Program, knows_by_literals_alone_that_lines_hold_nothing) {
    ProgramOptions options;
    options.dialect = Dialect::kGitleaks;
    model::Diagnostics diagnostics;
    const Program program =
        Program::compile(load(std::string(kManyRules)), options, diagnostics).value();
    Program::Scratch scratch;
    int told = 0;
    int something = 0;
    std::mt19937 random(5);
    for (std::uint32_t seed = 0; seed < 3'000; ++seed) {
        SparseLines sparse(seed);
        std::vector<std::string> lines;
        std::string text;
        for (auto count = random() % 30; count > 0; --count) {
            lines.push_back(sparse.line() + "\n");
            text += lines.back();
        }
        const bool may_hold = program.may_hold(text, 0, scratch);
        std::string fragment;
        for (auto count = lines.empty() ? 0 : random() % 8; count > 0; --count) {
            fragment += lines[random() % lines.size()];
        }
        model::Document document;
        document.bytes = fragment;
        const Facts facts = program.examine(document, 0, scratch);
        const bool nothing = facts.matches.empty() && facts.path_rules.empty();
        ASSERT_TRUE(may_hold || nothing) << "seed " << seed << "\n" << text << "---\n" << fragment;
        told += may_hold ? 0 : 1;
        something += nothing ? 0 : 1;
    }
    EXPECT_GT(told, 300);
    EXPECT_GT(something, 100);
    options.dialect = Dialect::kMerlon;
    const Program own =
        Program::compile(load(std::string(kManyRules)), options, diagnostics).value();
    EXPECT_TRUE(own.may_hold("nothing\n", 0, scratch));
}

TEST(Program, gives_the_same_facts_with_a_scratch_that_was_used_before) {
    model::Diagnostics diagnostics;
    const auto program = Program::compile(load(rule("tok_[a-z]+")), {}, diagnostics);
    Program::Scratch scratch;
    model::Document first, second;
    first.bytes = "tok_abc\n\n tok_def tok_abc\n";
    second.bytes = "nothing";
    EXPECT_EQ(program.value().examine(first, 0, scratch).matches.size(), 3u);
    EXPECT_EQ(program.value().examine(second, 0, scratch).matches.size(), 0u);
    EXPECT_EQ(program.value().examine(first, 0, scratch).matches.size(), 3u);
}

}  // namespace
}  // namespace merlon::secrets
