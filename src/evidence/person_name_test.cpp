#include "evidence/person_name.h"

#include <gtest/gtest.h>

namespace merlon::evidence {
namespace {

TEST(PersonName, NamesAsPeopleHaveThem) {
    for (const char* name : {"ann", "Ann Smith", "o'brien", "jean-luc.picard+ops@example.com",
                             "Zo\u00eb", "\u0418\u0432\u0430\u043d", "\u5c71\u7530\u592a\u90ce",
                             "Nguy\u1ec5n", "\u05d3\u05e0\u05d4", "uid 1000"})
        EXPECT_TRUE(check_person_name(name).ok()) << name;
}

TEST(PersonName, WhatCouldBeMistakenIsRefused) {
    for (const char* name : {"ann\u200b",
                             "a\u00adnn",
                             "an\u2060n",
                             "\ufeff"
                             "ann",
                             "ann\u00a0b",
                             "ann\u3164",
                             "ann\u034f",
                             "ann\ufe0f",
                             "\u202e"
                             "nna",
                             "ann\t",
                             "\uff41nn",
                             "\ufb01sh",
                             "Zoe\u0308",
                             "a\u0430nn",
                             "\u0391nn",
                             "\xff",
                             "",
                             "  ",
                             "ann\U000e0041",
                             "\u2800"
                             "ann"})
        EXPECT_FALSE(check_person_name(name).ok()) << name;
}

TEST(PersonName, SaysWhichCharacterItIs) {
    const Status status = check_person_name("ann\u200b");
    ASSERT_FALSE(status.ok());
    EXPECT_NE(status.error().message.find("U+200B"), std::string::npos);
}

TEST(PersonName, CaseMakesNobodyElse) {
    EXPECT_TRUE(is_same_person("ann", "ANN"));
    EXPECT_TRUE(is_same_person("\u00c9mile", "\u00e9mile"));
    EXPECT_TRUE(is_same_person("Ann  Smith", "ann smith"));
    EXPECT_TRUE(is_same_person("\u212aarl", "karl"));
    EXPECT_FALSE(is_same_person("ann", "anna"));
}

}  // namespace
}  // namespace merlon::evidence
