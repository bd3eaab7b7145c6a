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

}  // namespace
}  // namespace merlon::compat::gitleaks
