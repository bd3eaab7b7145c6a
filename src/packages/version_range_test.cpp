#include "packages/version_range.h"

#include <gtest/gtest.h>

namespace merlon::packages {
namespace {

using Scheme = VersionScheme;

VersionRange read(RangeSyntax syntax, Scheme scheme, std::string_view text) {
    auto range = parse_version_range(syntax, scheme, text);
    EXPECT_TRUE(range.ok()) << text << ": " << (range.ok() ? "" : range.error().message);
    return range.ok() ? std::move(range).value() : VersionRange{};
}

struct Case {
    RangeSyntax syntax;
    Scheme scheme;
    std::string_view range;
    std::vector<std::string_view> inside, outside;
};

TEST(VersionRange, each_ecosystem_is_read_as_its_own_tool_reads_it) {
    const Case cases[] = {
        {RangeSyntax::kNpm,
         Scheme::kNpm,
         "^1.2.3",
         {"1.2.3", "1.9.0"},
         {"1.2.2", "2.0.0", "2.0.0-rc.1"}},
        {RangeSyntax::kNpm, Scheme::kNpm, "^0.0.3", {"0.0.3"}, {"0.0.4", "0.0.2"}},
        {RangeSyntax::kNpm,
         Scheme::kNpm,
         "~1.2 || 3.x",
         {"1.2.9", "3.0.0", "3.9.9"},
         {"1.3.0", "4.0.0"}},
        {RangeSyntax::kNpm, Scheme::kNpm, "1.0 - 2.1", {"1.0.0", "2.1.9"}, {"2.2.0"}},
        {RangeSyntax::kNpm, Scheme::kNpm, ">1.2 <= 1.4", {"1.3.0", "1.4.7"}, {"1.2.9", "1.5.0"}},
        {RangeSyntax::kNpm, Scheme::kNpm, "", {"0.0.1"}, {}},
        {RangeSyntax::kCargo, Scheme::kCargo, "1.2", {"1.2.0", "1.9.9"}, {"1.1.9", "2.0.0"}},
        {RangeSyntax::kCargo, Scheme::kCargo, "=1.2, <1.2.5", {"1.2.4"}, {"1.2.5", "1.3.0"}},
        {RangeSyntax::kPip, Scheme::kPypi, "~=2.2", {"2.2", "2.9"}, {"3.0", "3.0.dev1", "2.1"}},
        {RangeSyntax::kPip,
         Scheme::kPypi,
         "==1.2.*,!=1.2.5",
         {"1.2", "1.2.4"},
         {"1.3", "1.2.5", "1.2.5.0"}},
        {RangeSyntax::kPip, Scheme::kPypi, "!=1.2.*", {"1.1", "1.3"}, {"1.2.7"}},
        {RangeSyntax::kPip,
         Scheme::kPypi,
         ">1.0,<2.0",
         {"1.0.1", "1.9"},
         {"1.0", "1.0.post1", "2.0rc1"}},
        {RangeSyntax::kPip, Scheme::kPypi, "==1.0", {"1.0", "1.0+local"}, {"1.0.post1"}},
        {RangeSyntax::kPoetry, Scheme::kPypi, "^0.3 || ~1.2.3", {"0.3.9", "1.2.9"}, {"0.4", "1.3"}},
        {RangeSyntax::kGem,
         Scheme::kGem,
         "~> 2.0.8, != 2.0.9",
         {"2.0.8", "2.0.10"},
         {"2.0.9", "2.1", "2.1.0.pre"}},
        {RangeSyntax::kComposer,
         Scheme::kComposer,
         "~1.2 | ^3.0@dev",
         {"1.9.0", "3.5"},
         {"2.0.0", "4.0", "2.0.0-beta1"}},
        {RangeSyntax::kMaven,
         Scheme::kMaven,
         "(,1.0],[1.2,1.5)",
         {"0.9", "1.0", "1.2", "1.4.9"},
         {"1.1", "1.5"}},
        {RangeSyntax::kNuget, Scheme::kNuget, "1.0", {"1.0.0", "9.0"}, {"0.9"}},
        {RangeSyntax::kNuget, Scheme::kNuget, "1.*", {"1.7"}, {"2.0"}},
        {RangeSyntax::kHex, Scheme::kHex, "~> 2.1.3 or 4.0.0", {"2.1.9", "4.0.0"}, {"2.2.0"}},
        {RangeSyntax::kHex, Scheme::kHex, "~> 2.0 and != 2.5.0", {"2.9.0"}, {"2.5.0", "3.0.0"}},
        {RangeSyntax::kPub, Scheme::kPub, "^0.0.3", {"0.0.9"}, {"0.1.0"}},
        {RangeSyntax::kPub, Scheme::kPub, "any", {"0.0.9"}, {}},
        {RangeSyntax::kGo, Scheme::kGo, "v1.2.3", {"v1.2.3", "v1.99.0"}, {"v1.2.2", "v2.0.0"}},
        {RangeSyntax::kAdvisory,
         Scheme::kSemver,
         ">= 1.0, < 1.5 || = 3",
         {"1.4.9", "3"},
         {"1.5.0", "2"}},
        {RangeSyntax::kAdvisory, Scheme::kDpkg, "<1:2.0-1", {"9"}, {"1:2.0-1"}},
    };
    for (const Case& c : cases) {
        const VersionRange range = read(c.syntax, c.scheme, c.range);
        for (const auto version : c.inside)
            EXPECT_TRUE(range.contains(version)) << c.range << ' ' << version;
        for (const auto version : c.outside)
            EXPECT_FALSE(range.contains(version)) << c.range << ' ' << version;
    }
}

TEST(VersionRange, intervals_are_sorted_and_do_not_touch) {
    const VersionRange range = read(RangeSyntax::kNpm, Scheme::kNpm,
                                    ">=3.0.0 <4.0.0 || >=1.0.0 <2.0.0 || >=1.5.0 <=3.0.0 || 9.0.0");
    const auto intervals = range.intervals();
    ASSERT_EQ(intervals.size(), 2U);
    EXPECT_EQ(intervals[0].lower->version, "1.0.0");
    EXPECT_EQ(intervals[0].upper->version, "4.0.0");
    EXPECT_EQ(intervals[1].lower->version, "9.0.0");
    EXPECT_TRUE(read(RangeSyntax::kNpm, Scheme::kNpm, ">2.0.0 <1.0.0").intervals().empty());
    EXPECT_EQ(read(RangeSyntax::kNpm, Scheme::kNpm, "*").intervals(), std::vector<Interval>{{}});
    EXPECT_EQ(read(RangeSyntax::kPip, Scheme::kPypi, "!=1.0").intervals().size(), 2U);
}

TEST(VersionRange, what_is_no_range_is_refused) {
    const struct {
        RangeSyntax syntax;
        std::string_view text;
    } cases[] = {
        {RangeSyntax::kNpm, ">="},      {RangeSyntax::kNpm, "1.0 - "},
        {RangeSyntax::kPip, "~=1"},     {RangeSyntax::kMaven, "[1.0"},
        {RangeSyntax::kMaven, "(1.0)"}, {RangeSyntax::kMaven, "[1,2],"},
        {RangeSyntax::kMaven, ""},      {RangeSyntax::kNginx, "1,,2"},
    };
    for (const auto& c : cases)
        EXPECT_FALSE(parse_version_range(c.syntax, Scheme::kSemver, c.text).ok()) << c.text;
}

TEST(VersionRange, a_hostile_range_is_refused_and_not_computed) {
    std::string exclusions, doubling, many;
    for (int number = 0; number < 5000; ++number) {
        exclusions += "!=" + std::to_string(number) + ',';
        doubling += "!=" + std::to_string(number) + ".*,";
        many += "<9,";
    }
    for (const std::string& text : {exclusions, doubling, many, std::string(70000, ' ')})
        EXPECT_FALSE(parse_version_range(RangeSyntax::kPip, Scheme::kPypi, text).ok());
    EXPECT_FALSE(parse_vers("vers:pypi/" + std::string(70000, '1')).ok());
}

TEST(Vers, is_read_and_written) {
    const auto vers = parse_vers("vers:npm/>=2.0.0|1.2.3|!=3.1.0|<5.0.0");
    ASSERT_TRUE(vers.ok());
    EXPECT_EQ(to_string(vers.value()), "vers:npm/1.2.3|>=2.0.0|!=3.1.0|<5.0.0");
    const VersionRange range = vers.value().range();
    EXPECT_TRUE(range.contains("1.2.3"));
    EXPECT_TRUE(range.contains("4.9.9"));
    EXPECT_FALSE(range.contains("3.1.0"));
    EXPECT_FALSE(range.contains("1.2.4"));
    EXPECT_EQ(range.intervals().size(), 3U);
}

TEST(Vers, a_strict_reader_wants_the_canonical_form) {
    for (const std::string_view text :
         {"vers:npm/2|1", "vers:npm/1|1", "vers:npm/1||2", "vers:npm/1|", "vers:npm/ 1",
          "vers:NPM/1", "vers:npm/1%2e0", "vers:npm/", "vers:no-such/1", "npm/1"})
        EXPECT_FALSE(parse_vers(text, VersSpelling::kCanonical).ok()) << text;
    EXPECT_TRUE(parse_vers("vers:npm/1|2", VersSpelling::kCanonical).ok());
}

TEST(Vers, only_exclusions_leave_everything_else_inside) {
    const VersionRange range = parse_vers("vers:pypi/!=5").value().range();
    EXPECT_TRUE(range.contains("4"));
    EXPECT_FALSE(range.contains("5.0"));
}

}  // namespace
}  // namespace merlon::packages
