#include "base/flags.h"

#include <gtest/gtest.h>

namespace merlon {
namespace {

constexpr Flag kGlobal[] = {
    {.name = "format",
     .short_name = 'f',
     .kind = ValueKind::kChoice,
     .value_name = "FORMAT",
     .default_text = "table",
     .choices = "table|json|sarif",
     .help = "how to print"},
    {.name = "quiet", .short_name = 'q', .help = "print less"},
    {.name = "threads",
     .kind = ValueKind::kInteger,
     .value_name = "N",
     .help = "workers",
     .only_for = "scan|rules test"},
};
constexpr Flag kScanFlags[] = {
    {.name = "exclude",
     .kind = ValueKind::kText,
     .value_name = "GLOB",
     .help = "leave out",
     .repeat = Repeat::kMany},
    {.name = "fail-on", .kind = ValueKind::kText, .value_name = "SEVERITY", .help = "the gate"},
    {.name = "signer",
     .kind = ValueKind::kText,
     .value_name = "KEY",
     .help = "who signs",
     .in_environment = InEnvironment::kNo},
};
constexpr Verb kVerbs[] = {
    {.path = "scan",
     .summary = "Scan all",
     .arguments = "[PATH…]",
     .max_arguments = kAnyNumber,
     .flags = kScanFlags},
    {.path = "scan secrets",
     .summary = "Find secrets",
     .description = "Reads files.",
     .arguments = "[PATH…]",
     .max_arguments = kAnyNumber,
     .flags = kScanFlags,
     .examples = "tool scan secrets .   # here"},
    {.path = "scan packages",
     .summary = "Find packages",
     .arguments = "[PATH…]",
     .max_arguments = kAnyNumber},
    {.path = "rules list", .summary = "List the rules"},
    {.path = "rules test", .summary = "Test the rules"},
    {.path = "compat other",
     .summary = "As another tool",
     .arguments = "[ARGUMENTS…]",
     .rest = Verb::Rest::kForeign},
};
constexpr CommandTable kTable{.program = "tool",
                              .version = "1.2.3",
                              .summary = "A tool.",
                              .exit_codes = "0 clean\n1 findings",
                              .verbs = kVerbs,
                              .global_flags = kGlobal};

Result<ParsedCommand> parse(std::vector<std::string> words,
                            std::map<std::string, std::string> environment = {}) {
    return parse_command(kTable, words, [&](const std::string& name) {
        const auto found = environment.find(name);
        return found == environment.end() ? std::nullopt : std::optional(found->second);
    });
}

std::string message_of(const std::vector<std::string>& words) {
    const auto parsed = parse(words);
    return parsed.ok() ? "no error" : parsed.error().message;
}

TEST(Flags, every_spelling_of_a_value_means_the_same) {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"scan", "secrets", "--format", "json", "a"},
                                               {"--format=json", "scan", "secrets", "a"},
                                               {"scan", "-f", "json", "secrets", "a"},
                                               {"scan", "secrets", "a", "-fjson"}}) {
        const auto parsed = parse(words);
        ASSERT_TRUE(parsed.ok()) << parsed.error().message;
        EXPECT_EQ(parsed.value().verb->path, "scan secrets");
        EXPECT_EQ(parsed.value().text("format"), "json");
        EXPECT_EQ(parsed.value().arguments, std::vector<std::string>{"a"});
        EXPECT_EQ(parsed.value().source("format"), ValueSource::kFlag);
    }
}

TEST(Flags, words_behind_two_dashes_are_arguments) {
    const auto parsed = parse({"scan", "--", "secrets", "--quiet"});
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.value().verb->path, "scan");
    EXPECT_EQ(parsed.value().arguments, (std::vector<std::string>{"secrets", "--quiet"}));
    EXPECT_FALSE(parsed.value().is_set("quiet"));
}

TEST(Flags, repeatable_ones_gather_and_the_others_keep_the_last) {
    const auto parsed =
        parse({"scan", "--exclude", "a", "--fail-on", "low", "--exclude=b", "--fail-on", "high"});
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.value().list("exclude"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(parsed.value().text("fail-on"), "high");
}

TEST(Flags, a_flag_wins_over_environment_over_configuration_over_default) {
    auto parsed = parse({"scan"}, {{"TOOL_FORMAT", "sarif"}, {"TOOL_QUIET", "true"}}).value();
    EXPECT_EQ(parsed.text("format"), "sarif");
    EXPECT_EQ(parsed.source("format"), ValueSource::kEnvironment);
    EXPECT_TRUE(parsed.is_set("quiet"));
    ASSERT_TRUE(parsed.apply_configuration("format", {"json"}).ok());
    EXPECT_EQ(parsed.text("format"), "sarif");

    parsed = parse({"scan"}).value();
    EXPECT_EQ(parsed.text("format"), "table");
    EXPECT_EQ(parsed.source("format"), ValueSource::kDefault);
    ASSERT_TRUE(parsed.apply_configuration("format", {"json"}).ok());
    EXPECT_EQ(parsed.text("format"), "json");
    EXPECT_FALSE(parsed.apply_configuration("format", {"jsn"}).ok());

    EXPECT_FALSE(parse({"scan"}, {{"TOOL_QUIET", "0"}}).value().is_set("quiet"));
    EXPECT_FALSE(parse({"scan"}, {{"TOOL_QUIET", "perhaps"}}).ok());
    EXPECT_EQ(parse({"scan"}, {{"TOOL_EXCLUDE", "a\nb"}}).value().list("exclude").size(), 2u);
}

TEST(Flags, mistakes_name_what_was_meant) {
    EXPECT_EQ(message_of({"scan", "--frmat", "json"}),
              "unknown flag '--frmat' for 'tool scan'; did you mean '--format'?");
    EXPECT_EQ(message_of({"--verson"}),
              "unknown flag '--verson' for 'tool'; did you mean '--version'?");
    EXPECT_EQ(message_of({"scan", "--zzzzzz"}),
              "unknown flag '--zzzzzz' for 'tool scan'; see 'tool scan --help'");
    EXPECT_EQ(message_of({"scna"}),
              "unknown command 'scna' for 'tool'; did you mean 'scan'? (see 'tool --help')");
    EXPECT_EQ(message_of({"rules"}), "'tool rules' needs one more word: list, test");
    EXPECT_EQ(message_of({"rules", "tset"}),
              "unknown command 'tset' for 'tool rules'; did you mean 'test'? (see 'tool rules "
              "--help')");
    EXPECT_EQ(message_of({"scan", "--format", "jsn"}),
              "'jsn' is no value of --format (table, json, sarif); did you mean 'json'?");
    EXPECT_EQ(message_of({"scan", "--threads", "-1"}),
              "'-1' is not a number for --threads; write a whole number of at least 0");
    EXPECT_EQ(message_of({"scan", "--threads"}), "--threads needs a value: --threads N");
    EXPECT_EQ(message_of({"scan", "--quiet=1"}), "--quiet takes no value; write it alone");
    EXPECT_EQ(message_of({"rules", "list", "x"}),
              "unexpected argument 'x'; the command is 'tool rules list'");
}

TEST(Flags, short_flags_may_stand_in_one_word) {
    const ParsedCommand parsed = parse({"scan", "-qqf", "json"}).value();
    EXPECT_EQ(parsed.text("format"), "json");
    EXPECT_TRUE(parsed.is_set("quiet"));
    EXPECT_EQ(message_of({"scan", "-q="}),
              "unknown flag '-=' for 'tool scan'; see 'tool scan --help'");
}

TEST(Flags, a_global_flag_that_would_do_nothing_is_refused_and_not_named) {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"scan", "--threads", "2"},
                                               {"scan", "secrets", "--threads=2"},
                                               {"--threads", "2", "rules", "test"}}) {
        EXPECT_EQ(message_of(words), "no error");
    }
    EXPECT_EQ(message_of({"rules", "list", "--threads", "2"}),
              "--threads does nothing for 'tool rules list'; leave it out");
    EXPECT_EQ(message_of({"--threads", "2", "rules", "list"}),
              "--threads does nothing for 'tool rules list'; leave it out");
    EXPECT_EQ(message_of({"--quiet", "compat", "other"}),
              "--quiet stands before 'tool compat other', which takes only flags of its own, "
              "behind it");
    EXPECT_EQ(message_of({"rules", "list", "--thread"}),
              "unknown flag '--thread' for 'tool rules list'; see 'tool rules list --help'");
    // One in the environment is meant for others.
    const auto parsed = parse({"rules", "list"}, {{"TOOL_THREADS", "2"}});
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    EXPECT_FALSE(parsed.value().is_set("threads"));
    EXPECT_EQ(help_text(kTable, find_verb(kTable, "rules list")).find("--threads"),
              std::string::npos);
    EXPECT_NE(help_text(kTable, find_verb(kTable, "rules test")).find("--threads N"),
              std::string::npos);
}

TEST(Flags, a_longer_verb_does_not_inherit) {
    EXPECT_NE(message_of({"scan", "packages", "--exclude", "x"}).find("unknown flag"),
              std::string::npos);
    EXPECT_NE(message_of({"scan", "--exclude", "x", "packages"}).find("does nothing"),
              std::string::npos);
    EXPECT_EQ(message_of({"scan", "--exclude", "x", "secrets"}), "no error");
}

TEST(Flags, completions_know_short_flags_and_what_another_program_takes) {
    const Flag own[] = {{.name = "deep", .short_name = 'd', .help = "look deeper"}};
    const Verb verbs[] = {{.path = "dir", .summary = "look", .arguments = "[PATH]", .flags = own}};
    const CommandTable theirs{.program = "other",
                              .version = "1",
                              .summary = "",
                              .exit_codes = "",
                              .verbs = verbs,
                              .global_flags = {}};
    const ForeignTable foreign[] = {{"compat other", &theirs}};
    const auto count = [](const std::string& text, std::string_view part) {
        std::size_t found = 0;
        for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
        return found;
    };
    const std::string bash = completion(kTable, foreign, Shell::kBash);
    EXPECT_NE(bash.find("'scan secrets:--format'|'scan secrets:-f') COMPREPLY"), std::string::npos);
    EXPECT_EQ(bash.find("'compat other:--format'"), std::string::npos);
    EXPECT_NE(bash.find("'compat other dir')\n            flags='--deep -d --help'"),
              std::string::npos)
        << bash;
    EXPECT_EQ(count(bash, "'rules list:--threads'"), 0u);
    EXPECT_EQ(count(bash, "'rules test:--threads'"), 1u);
    const std::string zsh = completion(kTable, foreign, Shell::kZsh);
    EXPECT_NE(zsh.find("'(--format -f)-f+[how to print]:FORMAT:(table json sarif)'"),
              std::string::npos)
        << zsh;
    const std::string fish = completion(kTable, foreign, Shell::kFish);
    EXPECT_NE(fish.find("-n '__tool_at \\'compat other\\'' -a 'dir' -d 'look'"), std::string::npos)
        << fish;
}

TEST(Flags, a_foreign_verb_keeps_its_words_untouched) {
    const auto parsed = parse({"compat", "other", "--unknown", "-h", "--", "x"});
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    EXPECT_EQ(parsed.value().arguments, (std::vector<std::string>{"--unknown", "-h", "--", "x"}));
}

TEST(Flags, help_and_version_are_requests) {
    EXPECT_EQ(parse({}).value().request, ParsedCommand::Request::kHelp);
    EXPECT_EQ(parse({"--version"}).value().request, ParsedCommand::Request::kVersion);
    const auto parsed = parse({"--help", "scan", "secrets"});
    EXPECT_EQ(parsed.value().request, ParsedCommand::Request::kHelp);
    EXPECT_EQ(parsed.value().verb->path, "scan secrets");
}

TEST(Flags, all_documents_name_every_verb_and_flag) {
    const Verb* scan = find_verb(kTable, "scan secrets");
    const std::string page = help_text(kTable, scan, 80);
    EXPECT_NE(page.find("tool scan secrets [FLAGS] [PATH…]"), std::string::npos) << page;
    EXPECT_NE(page.find("-f, --format FORMAT"), std::string::npos) << page;
    for (const std::string& text :
         {help_text(kTable, nullptr), man_page(kTable, "2026-01-31"), markdown_reference(kTable),
          completion(kTable, {}, Shell::kBash), completion(kTable, {}, Shell::kZsh),
          completion(kTable, {}, Shell::kFish)}) {
        for (const std::string_view word : {"secrets", "format", "quiet", "threads"}) {
            EXPECT_NE(text.find(word), std::string::npos) << word << " in\n" << text;
        }
    }
    for (const std::string_view line : {std::string_view(page)}) {
        EXPECT_LE(line.substr(0, line.find('\n')).size(), 80u);
    }
}

TEST(Flags, one_without_a_variable_is_not_read_from_another_settings) {
    const auto parsed = parse({"scan"}, {{"TOOL_SIGNER", "of others"}, {"TOOL_FAIL_ON", "high"}});
    ASSERT_TRUE(parsed.ok()) << parsed.error().to_string();
    EXPECT_FALSE(parsed.value().is_set("signer"));
    EXPECT_TRUE(parsed.value().is_set("fail-on"));
    EXPECT_EQ(parse({"scan", "--signer", "k"}, {{"TOOL_SIGNER", "x"}}).value().text("signer"), "k");
    const std::string reference = markdown_reference(kTable);
    EXPECT_TRUE(reference.contains("| `--signer KEY` | who signs | none |")) << reference;
    EXPECT_FALSE(reference.contains("TOOL_SIGNER")) << reference;
}

TEST(Flags, a_variable_that_is_nearly_one_of_ours_is_known_for_what_it_was_meant) {
    static constexpr std::string_view kOthers[] = {"TOOL_KEY"};
    const auto meant = [](std::string_view name) { return meant_variable(kTable, name, kOthers); };
    EXPECT_EQ(meant("TOOL_FAIL_ONN"), "TOOL_FAIL_ON");
    EXPECT_EQ(meant("TOOL_KEYS"), "TOOL_KEY");
    EXPECT_EQ(meant("TOOL_FAIL_ON"), "");
    EXPECT_EQ(meant("TOOL_KEY"), "");
    EXPECT_EQ(meant("TOOL_SHA"), "");
    EXPECT_EQ(meant("OTHER_FAIL_ONN"), "");
    EXPECT_EQ(meant("TOOL_"), "");
}

}  // namespace
}  // namespace merlon
