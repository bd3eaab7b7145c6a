#include "compat/gitleaks/verbose.h"

#include <gtest/gtest.h>

namespace merlon::compat::gitleaks {
namespace {

// As gitleaks 8.30.1 prints "zz abc zz" for `abc(\d*)` with secretGroup = 1.
TEST(Verbose, a_secret_of_nothing_keeps_its_style) {
    Row row;
    row.rule_id = "x";
    row.line = "zz abc zz";
    row.match = "abc";
    EXPECT_EQ(verbose_text(row, Styles::kShow),
              "Finding:     zz \x1b[1;3;m\x1b[0mabc zz\n"
              "Secret:      \x1b[1;3;m\x1b[0m\n"
              "RuleID:      x\n"
              "Entropy:     0.000000\n\n");
}

TEST(Verbose, names_the_commit_of_a_finding_in_the_history) {
    Row row;
    row.rule_id = "x";
    row.file = "f";
    row.start_line = 7;
    row.commit = "c0ffee";
    row.author = "A";
    row.email = "a@b";
    row.date = "2017-07-14T02:40:00Z";
    row.fingerprint = "c0ffee:f:x:7";
    row.link = "https://example.com/f";
    const std::string text = verbose_text(row, Styles::kPlain);
    EXPECT_EQ(text.substr(text.find("File:")),
              "File:        f\n"
              "Line:        7\n"
              "Commit:      c0ffee\n"
              "Author:      A\n"
              "Email:       a@b\n"
              "Date:        2017-07-14T02:40:00Z\n"
              "Fingerprint: c0ffee:f:x:7\n"
              "Link:        https://example.com/f\n\n");
}

}  // namespace
}  // namespace merlon::compat::gitleaks
