#include "compat/gitleaks/options.h"

#include <gtest/gtest.h>

namespace merlon::compat::gitleaks {
namespace {

using Words = std::vector<std::string>;

Options options_of(const Words& words) {
    const ParsedOptions parsed = parse_options(words);
    EXPECT_FALSE(parsed.error) << parsed.error->message;
    return parsed.options;
}

UsageError error_of(const Words& words) {
    const ParsedOptions parsed = parse_options(words);
    return parsed.error.value_or(UsageError{"no error", -1});
}

TEST(Options, have_gitleakss_defaults) {
    const Options options = options_of({"dir"});
    EXPECT_EQ(options.command, Command::kDirectory);
    EXPECT_EQ(options.exit_code, 1);
    EXPECT_EQ(options.max_decode_depth, 5);
    EXPECT_EQ(options.max_archive_depth, 0);
    EXPECT_EQ(options.redact_percent, 0u);
    EXPECT_EQ(options.ignore_path, ".");
    EXPECT_EQ(options.compatibility, Compatibility::kLoud);
}

TEST(Options, know_every_name_of_a_command) {
    for (const std::string name : {"dir", "file", "directory"})
        EXPECT_EQ(options_of({name, "x"}).command, Command::kDirectory) << name;
    EXPECT_EQ(options_of({"stdin"}).command, Command::kStandardInput);
    EXPECT_EQ(options_of({"detect"}).command, Command::kDetect);
    EXPECT_EQ(options_of({"--version"}).command, Command::kVersion);
    EXPECT_EQ(options_of({}).command, Command::kHelp);
    EXPECT_EQ(options_of({"dir", "--help"}).command, Command::kHelp);
}

TEST(Options, take_a_value_in_every_spelling_of_pflag) {
    const Words spellings[] = {{"dir", "--config", "f"},
                               {"dir", "--config=f"},
                               {"dir", "-c", "f"},
                               {"dir", "-cf"},
                               {"dir", "-c=f"},
                               {"dir", "-vc", "f"},
                               {"dir", "-vc=f"},
                               {"-c", "f", "dir"},
                               {"--config", "f", "dir"},
                               {"-c=f", "dir"},
                               {"dir", "-c", "x", "-c", "f"}};
    for (const Words& words : spellings) {
        const Options options = options_of(words);
        EXPECT_EQ(options.config_path, "f") << testing::PrintToString(words);
        EXPECT_EQ(options.command, Command::kDirectory) << testing::PrintToString(words);
    }
}

TEST(Options, end_at_two_dashes) {
    EXPECT_EQ(options_of({"dir", "--", "-v"}).arguments, Words{"-v"});
    EXPECT_EQ(options_of({"dir", "a", "-v", "b"}).arguments, (Words{"a", "b"}));
    EXPECT_EQ(options_of({"dir", "-"}).arguments, Words{"-"});
}

TEST(Options, a_switch_takes_a_value_only_behind_an_equals_sign) {
    EXPECT_TRUE(options_of({"dir", "-v"}).verbose);
    EXPECT_FALSE(options_of({"dir", "--verbose=false"}).verbose);
    EXPECT_FALSE(options_of({"dir", "-v=F"}).verbose);
    EXPECT_EQ(options_of({"dir", "--verbose", "false"}).arguments, Words{"false"});
    EXPECT_EQ(error_of({"dir", "--verbose=maybe"}).exit_code, 1);
}

TEST(Options, redact_alone_means_everything) {
    EXPECT_EQ(options_of({"dir", "--redact"}).redact_percent, 100u);
    EXPECT_EQ(options_of({"dir", "--redact=20"}).redact_percent, 20u);
    EXPECT_EQ(options_of({"dir", "--redact", "20"}).arguments, Words{"20"});
    EXPECT_EQ(error_of({"dir", "--redact=-1"}).exit_code, 1);
}

TEST(Options, numbers_are_those_of_go) {
    EXPECT_EQ(options_of({"dir", "--exit-code=0x10"}).exit_code, 16);
    EXPECT_EQ(options_of({"dir", "--exit-code=010"}).exit_code, 8);
    EXPECT_EQ(options_of({"dir", "--exit-code=0b11"}).exit_code, 3);
    EXPECT_EQ(options_of({"dir", "--exit-code=1_000"}).exit_code, 1000);
    EXPECT_EQ(options_of({"dir", "--exit-code=-3"}).exit_code, -3);
    for (const std::string wrong : {"", "x", "1.5", "1__0", "9223372036854775808"})
        EXPECT_EQ(error_of({"dir", "--exit-code=" + wrong}).exit_code, 1) << wrong;
}

TEST(Options, rules_to_enable_are_lists_that_add_up) {
    EXPECT_EQ(options_of({"dir", "--enable-rule=a,b", "--enable-rule", "c"}).enabled_rules,
              (Words{"a", "b", "c"}));
}

TEST(Options, an_unknown_long_flag_is_126_and_every_other_mistake_1) {
    EXPECT_EQ(error_of({"dir", "--bogus"}).exit_code, 126);
    EXPECT_EQ(error_of({"dir", "--bogus"}).message, "unknown flag: --bogus");
    EXPECT_EQ(error_of({"dir", "-z"}).exit_code, 1);
    EXPECT_EQ(error_of({"bogus"}).exit_code, 1);
    EXPECT_EQ(error_of({"dir", "--config"}).message, "flag needs an argument: --config");
    EXPECT_EQ(error_of({"dir", "-c"}).message, "flag needs an argument: 'c' in -c");
    EXPECT_EQ(error_of({"dir", "--no-git"}).exit_code, 126) << "detect has it, dir has not";
}

TEST(Options, exact_exit_is_ours) {
    EXPECT_EQ(options_of({"dir", "--exact-exit"}).compatibility, Compatibility::kExact);
    EXPECT_EQ(options_of({"dir", "--threads=3"}).threads, 3);
}

}  // namespace
}  // namespace merlon::compat::gitleaks
