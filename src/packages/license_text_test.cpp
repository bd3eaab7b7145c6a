#include "packages/license_text.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "packages/license.h"

namespace merlon::packages {
namespace {

std::string ids(std::string_view text) {
    std::string all;
    for (const FoundLicense& one : recognize_licenses(text))
        all += (all.empty() ? "" : " ") + one.id;
    return all;
}

// The texts that Debian's base-files has on each machine; empty where it is another system.
std::string common_license(const std::string& name) {
    std::ifstream file("/usr/share/common-licenses/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(LicenseText, knows_the_texts_that_debian_carries) {
    if (common_license("GPL-3").empty()) GTEST_SKIP() << "no /usr/share/common-licenses";
    const std::pair<const char*, const char*> cases[] = {
        {"Apache-2.0", "Apache-2.0"},  {"Artistic", "Artistic-1.0-Perl"},
        {"BSD", "BSD-3-Clause"},       {"CC0-1.0", "CC0-1.0"},
        {"GFDL-1.2", "GFDL-1.2-only"}, {"GPL-1", "GPL-1.0-only"},
        {"GPL-2", "GPL-2.0-only"},     {"GPL-3", "GPL-3.0-only"},
        {"LGPL-2", "LGPL-2.0-only"},   {"LGPL-2.1", "LGPL-2.1-only"},
        {"LGPL-3", "LGPL-3.0-only"},   {"MPL-1.1", "MPL-1.1"},
        {"MPL-2.0", "MPL-2.0"}};
    for (const auto& [file, id] : cases) EXPECT_EQ(ids(common_license(file)), id) << file;
}

TEST(LicenseText, finds_each_of_several_texts_in_one_file) {
    const std::string bsd = common_license("BSD"), apache = common_license("Apache-2.0");
    if (bsd.empty()) GTEST_SKIP() << "no /usr/share/common-licenses";
    EXPECT_EQ(ids("This product has parts of others.\n" + apache + "\n----\n" + bsd + bsd),
              "Apache-2.0 BSD-3-Clause");
}

TEST(LicenseText, layout_case_comment_signs_and_copyright_lines_do_not_count) {
    const std::string bsd = common_license("BSD");
    if (bsd.empty()) GTEST_SKIP() << "no /usr/share/common-licenses";
    std::string changed = "/*\n * Copyright (c) 2026 Somebody Else\n";
    for (const char c : bsd) {
        changed += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        if (c == '\n') changed += " *   ";
    }
    EXPECT_EQ(ids(changed), "BSD-3-Clause");
}

TEST(LicenseText, half_a_text_is_no_licence) {
    const std::string apache = common_license("Apache-2.0");
    EXPECT_EQ(ids(apache.substr(0, apache.size() / 2)), "");
    EXPECT_EQ(ids(""), "");
    EXPECT_EQ(ids("All rights reserved. Nobody may use this."), "");
}

TEST(LicenseText, identifier_lines_are_taken_at_their_word) {
    EXPECT_EQ(ids("// SPDX-License-Identifier: MIT OR apache-2.0\n"), "MIT OR Apache-2.0");
    EXPECT_EQ(ids("/* SPDX-License-Identifier: ISC */ <!-- SPDX-License-Identifier: ISC -->"),
              "ISC");
    EXPECT_EQ(ids("SPDX-License-Identifier: Some-Thing-Else\n"), "");
}

TEST(LicenseText, runs_are_the_same_for_words_that_the_guidelines_call_equal) {
    const std::string_view one =
        "1. The Licence of this Organisation, see http://example.com\nCopyright (c) 2026 A\n";
    const std::string_view other =
        "  * the  \"license\" of this organization (see https://example.com)";
    EXPECT_EQ(license_runs(one), license_runs(other));
    EXPECT_FALSE(license_runs(one).empty());
    EXPECT_TRUE(license_runs("four words, no more").empty());
}

TEST(LicenseText, a_print_says_how_long_a_text_is_and_nothing_of_it) {
    const std::string print =
        license_print("one two three four five six", LicenseApproval::kOpenSource);
    EXPECT_TRUE(print.starts_with("2 osi ")) << print;
    EXPECT_EQ(license_print("too short", LicenseApproval::kNone), "");
}

TEST(LicenseText, a_large_file_is_looked_at_in_parts) {
    const std::string bsd = common_license("BSD");
    if (bsd.empty()) GTEST_SKIP() << "no /usr/share/common-licenses";
    std::string text;
    while (text.size() < (3u << 20)) text += "these are words that no licence has in it\n";
    EXPECT_EQ(ids(text + bsd), "BSD-3-Clause");
}

}  // namespace
}  // namespace merlon::packages
