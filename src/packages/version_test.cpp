#include "packages/version.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace merlon::packages {
namespace {

using enum VersionScheme;

char sign(VersionScheme scheme, std::string_view left, std::string_view right) {
    const auto order = compare_versions(scheme, left, right);
    return order < 0 ? '<' : order > 0 ? '>' : '=';
}

// "A < B = C": each to its neighbour, and the other way round.
struct Chain {
    VersionScheme scheme;
    std::vector<std::string_view> words;
};

void expect_chain(const Chain& chain) {
    for (std::size_t at = 0; at + 2 < chain.words.size(); at += 2) {
        const auto left = chain.words[at], wanted = chain.words[at + 1],
                   right = chain.words[at + 2];
        EXPECT_EQ(sign(chain.scheme, left, right), wanted[0]) << left << ' ' << right;
        const char opposite = wanted == "<" ? '>' : wanted == ">" ? '<' : '=';
        EXPECT_EQ(sign(chain.scheme, right, left), opposite) << right << ' ' << left;
    }
}

TEST(Version, semver_follows_the_example_of_section_11) {
    expect_chain({kSemver, {"1.0.0-alpha", "<", "1.0.0-alpha.1", "<", "1.0.0-alpha.beta", "<",
                            "1.0.0-beta",  "<", "1.0.0-beta.2",  "<", "1.0.0-beta.11",    "<",
                            "1.0.0-rc.1",  "<", "1.0.0",         "=", "1.0.0+build",      "=",
                            "v1",          "<", "1.0.1"}});
}

TEST(Version, numbers_have_any_size) {
    for (const VersionScheme scheme :
         {kSemver, kNpm, kGo, kPypi, kMaven, kGem, kComposer, kNuget, kDpkg, kRpm, kApk, kAlpm,
          kGentoo, kConan, kConda, kIntdot}) {
        EXPECT_EQ(sign(scheme, "1.99999999999999999999999999999998",
                       "1.99999999999999999999999999999999"),
                  '<')
            << name(scheme);
        EXPECT_EQ(sign(scheme, "1.18446744073709551616", "1.18446744073709551615"), '>')
            << name(scheme);
        EXPECT_EQ(sign(scheme, "1.9999999999999999999", "1.10000000000000000000"), '<')
            << name(scheme);
        EXPECT_EQ(sign(scheme, "1.199", "1.200"), '<') << name(scheme);
        EXPECT_EQ(sign(scheme, "1.255", "1.256"), '<') << name(scheme);
    }
}

TEST(Version, each_family_has_its_own_ideas) {
    expect_chain({kPub, {"1.0.0-a", "<", "1.0.0", "<", "1.0.0+1", "<", "1.0.0+a"}});
    expect_chain(
        {kNuget, {"1.0.0-ALPHA", "=", "1.0-alpha", "<", "1.0.0", "=", "1", "<", "1.0.0.1"}});
    expect_chain({kGo,
                  {"go1.21beta1", "<", "1.21.0-rc.2", "=", "go1.21rc2", "<", "go1.21rc10", "<",
                   "go1.21", "=", "v1.21.0+incompatible", "<", "v1.21.1-0.20230101000000-abcdef"}});
    expect_chain({kPypi,
                  {"1.0-bulbasaur",
                   "<",
                   "1.0-charmander",
                   "<",
                   "1.dev0",
                   "<",
                   "1.0.dev456",
                   "<",
                   "1.0a1",
                   "<",
                   "1.0a2.dev456",
                   "<",
                   "1.0a12.dev456",
                   "<",
                   "1.0a12",
                   "<",
                   "1.0b1.dev456",
                   "<",
                   "1.0b2",
                   "<",
                   "1.0b2.post345.dev456",
                   "<",
                   "1.0b2.post345",
                   "<",
                   "1.0rc1.dev456",
                   "<",
                   "1.0rc1",
                   "=",
                   "1.0-C.1",
                   "<",
                   "1.0",
                   "<",
                   "1.0+abc.5",
                   "<",
                   "1.0+abc.7",
                   "<",
                   "1.0+5",
                   "<",
                   "1.0.post456.dev34",
                   "<",
                   "1.0.post456",
                   "=",
                   "1.0-456",
                   "<",
                   "1.1.dev1",
                   "<",
                   "1!0.1"}});
    expect_chain(
        {kGem, {"1.0.b1", "<", "1.0.c", "<", "1", "=", "1.0", "<", "1.0.1", ">", "1.0.1-1"}});
    expect_chain({kComposer,
                  {"1.0foo", "=", "1.0xyz", "<", "1.0-dev", "<", "1.0a1", "<", "1.0beta", "<",
                   "v1.0RC1", "=", "1.0rc1", "<", "1.0", "<", "1.0.0", "<", "1.0pl1"}});
    expect_chain({kDpkg,
                  {"1.0~~", "<", "1.0~~a", "<", "1.0~", "<", "1.0", "=", "0:1.0-0", "<",
                   "1.0-1~bpo1", "<", "1.0-1", "<", "1.0a", "<", "1.0+", "<", "1:0.1"}});
    expect_chain({kRpm,
                  {"1.0~rc1", "<", "1.0", "<", "1.0-", "<", "1.0-1", "<", "1.0^git1", "<", "1.0a",
                   "<", "1.0.1", "<", "1:0", "=", "01:00"}});
    expect_chain({kApk,
                  {"1.0_alpha", "<", "1.0_rc1", "<", "1.0", "<", "1.0-r1", "<", "1.0_p1", "<",
                   "1.0a", "<", "1.0.1", "<", "1.0.2"}});
    expect_chain({kGentoo,
                  {"1.0_alpha", "<", "1.0", "=", "1.0-r0", "<", "1.0_p", "<", "1.0b", "<", "1.0.0",
                   "<", "1.01", "<", "1.1"}});
    expect_chain({kHackage, {"1", "<", "1.0", "<", "1.1"}});
    expect_chain({kCran, {"1.0", "<", "1.0-0", "=", "1.0.0", "<", "1-1"}});
    expect_chain({kOpenssl,
                  {"1.0.2-beta1", "<", "1.0.2", "<", "1.0.2a", "<", "1.0.2za", "<", "3.0.0-alpha1",
                   "<", "3.0.0"}});
    expect_chain({kDatetime,
                  {"2023-12-31T23:59:59.9Z", "<", "2024-01-01T00:00:00Z", "=",
                   "2024-01-01T01:30:00.00+01:30", "<", "2024-03-01T00:00:00Z"}});
    expect_chain(
        {kConan, {"1.1-a", "<", "1.1", "=", "1.1.0", "<", "1.1+b1", "<", "1.1.a", "<", "1.2"}});
}

// The order that conda's documentation gives.
TEST(Version, conda_follows_its_documentation) {
    expect_chain({kConda, {"0.4",        "=", "0.4.0",      "<", "0.4.1.rc",  "=", "0.4.1.RC",  "<",
                           "0.4.1",      "<", "0.5a1",      "<", "0.5b3",     "<", "0.5C1",     "<",
                           "0.5",        "<", "0.9.6",      "<", "0.960923",  "<", "1.0",       "<",
                           "1.1dev1",    "<", "1.1_",       "<", "1.1a1",     "<", "1.1.0dev1", "=",
                           "1.1.dev1",   "<", "1.1.a1",     "<", "1.1.0rc1",  "<", "1.1.0",     "=",
                           "1.1",        "<", "1.1.0post1", "=", "1.1.post1", "<", "1.1post1",  "<",
                           "1996.07.12", "<", "1!0.4.1",    "<", "1!3.1.1.6", "<", "2!0.4.1"}});
}

TEST(Version, maven_goes_in_circles_and_so_do_we) {
    EXPECT_EQ(sign(kMaven, "1.sp", "1-alpha"), '<');
    EXPECT_EQ(sign(kMaven, "1-alpha", "1"), '<');
    EXPECT_EQ(sign(kMaven, "1", "1.sp"), '<');
    EXPECT_FALSE(has_exact_keys(kMaven));
}

TEST(Version, pacman_and_conan_go_in_circles_too) {
    EXPECT_EQ(sign(kAlpm, "1.0-1", "1.0"), '=');
    EXPECT_EQ(sign(kAlpm, "1.0", "1.0-2"), '=');
    EXPECT_EQ(sign(kAlpm, "1.0-1", "1.0-2"), '<');
    EXPECT_EQ(sign(kConan, "9", "10"), '<');
    EXPECT_EQ(sign(kConan, "10", "1a"), '<');
    EXPECT_EQ(sign(kConan, "1a", "9"), '<');
}

// int() of Python takes underscores, and Conan asks it whether a part is a number.
TEST(Version, conan_reads_numbers_as_python_does) {
    EXPECT_EQ(sign(kConan, "1_76_0", "1760"), '=');
    EXPECT_EQ(sign(kConan, "1-a.-0", "1-a"), '=');
    EXPECT_EQ(sign(kConan, "1__7", "18"), '>');
}

TEST(Version, keys_say_what_the_comparison_says_or_nothing) {
    const std::vector<std::string_view> versions{
        "",        "0",       "1",     "1.0",  "1.0.0-alpha",
        "1.sp",    "1-alpha", "1.0.1", "1.a",  "1.0-r1",
        "2~rc",    "1:0.1",   "1_p1",  "v1.0", "1.2.3.4",
        "-",       ".",       "1..2",  "a",    "1.0.0.0.0.0.0.0.0.0.1",
        "1.post1", "\x01",    "1.10",  "1.9"};
    for (auto scheme = kSemver;;
         scheme = static_cast<VersionScheme>(static_cast<int>(scheme) + 1)) {
        for (const auto left : versions) {
            for (const auto right : versions) {
                std::string l, r;
                append_version_key(scheme, left, l);
                append_version_key(scheme, right, r);
                const auto said = compare_version_keys(scheme, l, r);
                if (said) {
                    EXPECT_EQ(*said, compare_versions(scheme, left, right))
                        << name(scheme) << ": '" << left << "' '" << right << "'";
                }
                EXPECT_TRUE(said || !has_exact_keys(scheme));
            }
        }
        if (scheme == kLexicographic) break;
    }
}

TEST(Version, a_refused_version_is_named_and_has_a_place) {
    EXPECT_FALSE(parse_problem(kNpm, "1.2.3"));
    EXPECT_TRUE(parse_problem(kNpm, "1.2"));
    EXPECT_TRUE(parse_problem(kNpm, "9007199254740992.0.0"));
    EXPECT_TRUE(parse_problem(kPypi, "1.0-bulbasaur"));
    EXPECT_TRUE(parse_problem(kDpkg, "a1"));
    EXPECT_TRUE(parse_problem(kGem, "1beta"));
    EXPECT_TRUE(parse_problem(kGo, "1.2.3"));
    EXPECT_FALSE(parse_problem(kGo, "v1.2"));
    EXPECT_FALSE(parse_problem(kMaven, "anything at all"));
}

TEST(Version, what_no_tool_calls_a_version_is_told) {
    for (const std::string_view text : {"${V}", "2.2#comment", "latest", "^1.0", "~> 1", "{{ v }}"})
        EXPECT_TRUE(is_no_version(kPypi, text)) << text;
    for (const std::string_view text : {"1!2.0+local.1", "2004d", "1.0^git1~rc", "1:2.3-4"})
        EXPECT_FALSE(is_no_version(kRpm, text)) << text;
    EXPECT_FALSE(is_no_version(kMaven, "Finchley.RELEASE"));
    EXPECT_TRUE(is_no_version(kMaven, "RELEASE"));
    EXPECT_FALSE(is_no_version(kComposer, "dev-main"));
    EXPECT_EQ(sign(kNpm, "1.2", "1.2.1"), '<');
}

TEST(Version, the_explanation_names_what_decided) {
    EXPECT_EQ(explain_comparison(kSemver, "2.10.0", "2.9.0"),
              "2.10.0 > 2.9.0: the second number, 10 > 9");
    EXPECT_EQ(explain_comparison(kSemver, "1.0.0-rc.1", "1.0.0"),
              "1.0.0-rc.1 < 1.0.0: the prerelease, -rc.1 < release");
    EXPECT_EQ(explain_comparison(kSemver, "1", "1.0.1"),
              "1 < 1.0.1: the second number, release < 0");
    EXPECT_EQ(explain_comparison(kGem, "1.0.a", "1.0"), "1.0.a < 1.0: the second part, a < end");
    EXPECT_EQ(explain_comparison(kApk, "1.0_rc1", "1.0-r2"),
              "1.0_rc1 < 1.0-r2: the first suffix, suffix rc < revision 2");
    EXPECT_EQ(explain_comparison(kRpm, "1:0", "2"), "1:0 > 2: the epoch, 1 > 0");
    EXPECT_EQ(explain_comparison(kMaven, "1-alpha", "1"),
              "1-alpha < 1: part, a qualifier after a hyphen < nothing");
    EXPECT_EQ(explain_comparison(kDpkg, "1.0", "1.0-0"),
              "1.0 = 1.0-0: nothing in which they differ counts");
}

TEST(Version, schemes_have_names_and_other_names) {
    EXPECT_EQ(parse_version_scheme("dpkg"), kDpkg);
    EXPECT_EQ(parse_version_scheme("deb"), kDpkg);
    EXPECT_EQ(parse_version_scheme("golang"), kGo);
    EXPECT_FALSE(parse_version_scheme("no-such"));
}

}  // namespace
}  // namespace merlon::packages
