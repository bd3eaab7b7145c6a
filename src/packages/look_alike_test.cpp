#include "packages/look_alike.h"

#include <gtest/gtest.h>

namespace merlon::packages {
namespace {

std::string imitated(Ecosystem ecosystem, std::string_view name) {
    const auto found = PopularNames::own().find(ecosystem, name);
    return found ? found->name : "";
}

TEST(LookAlike, one_slip_is_an_insertion_a_deletion_a_replacement_or_a_swap) {
    for (const auto& [left, right] :
         std::initializer_list<std::pair<const char*, const char*>>{{"lodash", "lodas"},
                                                                    {"lodash", "loodash"},
                                                                    {"lodash", "lodesh"},
                                                                    {"lodash", "ldoash"},
                                                                    {"a", ""}}) {
        EXPECT_TRUE(is_one_slip(left, right)) << left << ' ' << right;
        EXPECT_TRUE(is_one_slip(right, left)) << left << ' ' << right;
    }
    for (const auto& [left, right] :
         std::initializer_list<std::pair<const char*, const char*>>{{"lodash", "lodash"},
                                                                    {"lodash", "ladesh"},
                                                                    {"lodash", "dlosah"},
                                                                    {"abc", "cba"},
                                                                    {"", ""},
                                                                    {"abcde", "abc"}})
        EXPECT_FALSE(is_one_slip(left, right)) << left << ' ' << right;
}

TEST(LookAlike, names_of_known_attacks_are_found) {
    EXPECT_EQ(imitated(Ecosystem::kNpm, "crossenv"), "cross-env");
    EXPECT_EQ(imitated(Ecosystem::kNpm, "loadsh"), "lodash");
    EXPECT_EQ(imitated(Ecosystem::kNpm, "types-node"), "@types/node");
    EXPECT_EQ(imitated(Ecosystem::kPypi, "reqeusts"), "requests");
    EXPECT_EQ(imitated(Ecosystem::kPypi, "dateutil-python"), "python-dateutil");
    EXPECT_EQ(imitated(Ecosystem::kPypi, "co1orama"), "colorama");
    EXPECT_EQ(imitated(Ecosystem::kGo, "github.com/boltdb-go/bolt"), "");
    EXPECT_EQ(imitated(Ecosystem::kGo, "github.com/stretchr/testfy"),
              "github.com/stretchr/testify");
}

TEST(LookAlike, the_names_themselves_and_other_spellings_of_them_are_not) {
    EXPECT_EQ(imitated(Ecosystem::kNpm, "lodash"), "");
    EXPECT_EQ(imitated(Ecosystem::kPypi, "Python_DateUtil"), "");
    EXPECT_EQ(imitated(Ecosystem::kNuget, "newtonsoft.json"), "");
    EXPECT_EQ(imitated(Ecosystem::kNpm, "a-name-of-our-own"), "");
    EXPECT_EQ(imitated(Ecosystem::kDeb, "bash"), "");
}

TEST(LookAlike, what_is_well_known_itself_imitates_nobody) {
    const auto names = PopularNames::parse("pypi attrs\n~pypi Attr.X\n~pypi attr\n", "names.txt");
    ASSERT_TRUE(names.ok());
    EXPECT_FALSE(names.value().find(Ecosystem::kPypi, "attr"));
    EXPECT_TRUE(names.value().has(Ecosystem::kPypi, "attr-x"));
    EXPECT_EQ(names.value().find(Ecosystem::kPypi, "atttrs")->name, "attrs");
    EXPECT_EQ(imitated(Ecosystem::kPypi, "requestss"), "requests");
}

TEST(LookAlike, a_slip_is_found_wherever_it_is) {
    for (const char* name : {"xabcde", "bcdef", "bacdef", "acbdef", "abdcef", "abcedf", "abcdfe",
                             "abcdex", "abcdefx", "xbcdef", "abxdef", "abcde"}) {
        const auto names = PopularNames::parse("npm abcdef\n", "names.txt");
        EXPECT_EQ(names.value().find(Ecosystem::kNpm, name).has_value(),
                  is_one_slip("abcdef", name))
            << name;
    }
}

TEST(LookAlike, a_list_of_ones_own_takes_the_place_of_ours) {
    const auto names = PopularNames::parse("# ours\nnpm acme-core\n", "names.txt");
    ASSERT_TRUE(names.ok());
    EXPECT_EQ(names.value().find(Ecosystem::kNpm, "acmecore")->name, "acme-core");
    EXPECT_FALSE(names.value().find(Ecosystem::kNpm, "loadsh"));
    EXPECT_TRUE(names.value().has(Ecosystem::kNpm, "acme-core"));
    const auto wrong = PopularNames::parse("npm a\nlodash\n", "names.txt");
    ASSERT_FALSE(wrong.ok());
    EXPECT_EQ(wrong.error().line, 2u);
}

}  // namespace
}  // namespace merlon::packages
