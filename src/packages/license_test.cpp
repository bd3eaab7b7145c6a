#include "packages/license.h"

#include <gtest/gtest.h>

namespace merlon::packages {
namespace {

std::string canonical(std::string_view text) {
    const auto expression = parse_license(text);
    return expression.ok() ? to_string(expression.value()) : expression.error().message;
}

TEST(License, the_list_knows_identifiers_in_any_case) {
    EXPECT_EQ(find_license("apache-2.0"), "Apache-2.0");
    EXPECT_EQ(find_license("0bsd"), "0BSD");
    EXPECT_EQ(find_license("zlib"), "Zlib");
    EXPECT_FALSE(find_license("No-Such"));
    EXPECT_EQ(find_license_exception("classpath-exception-2.0"), "Classpath-exception-2.0");
    EXPECT_TRUE(is_deprecated_license("GPL-2.0"));
    EXPECT_FALSE(is_deprecated_license("MIT"));
}

TEST(License, binds_with_before_and_before_or) {
    EXPECT_EQ(canonical("mit or apache-2.0 and bsd-3-clause"),
              "MIT OR Apache-2.0 AND BSD-3-Clause");
    EXPECT_EQ(canonical("(MIT OR Apache-2.0) AND BSD-3-Clause"),
              "(MIT OR Apache-2.0) AND BSD-3-Clause");
    EXPECT_EQ(canonical("((MIT))"), "MIT");
    EXPECT_EQ(canonical("GPL-2.0 WITH Classpath-exception-2.0"),
              "GPL-2.0-only WITH Classpath-exception-2.0");
    EXPECT_EQ(canonical("MIT AND (ISC AND (0BSD))"), "MIT AND ISC AND 0BSD");
    EXPECT_EQ(canonical("MIT/Apache-2.0"), "MIT OR Apache-2.0");
}

TEST(License, a_plus_becomes_or_later_where_the_list_has_it) {
    EXPECT_EQ(canonical("GPL-2.0+"), "GPL-2.0-or-later");
    EXPECT_EQ(canonical("GPL-2.0-with-classpath-exception"),
              "GPL-2.0-only WITH Classpath-exception-2.0");
    EXPECT_EQ(canonical("(gpl-3.0-with-gcc-exception OR MIT)"),
              "GPL-3.0-only WITH GCC-exception-3.1 OR MIT");
    EXPECT_EQ(canonical("Apache-2.0+"), "Apache-2.0+");
    EXPECT_EQ(canonical("LGPL-2.1-only+"), "LGPL-2.1-or-later");
}

TEST(License, references_and_the_special_words_are_kept) {
    EXPECT_EQ(parse_license("LicenseRef-A.b-1").value().term.kind, LicenseTerm::Kind::kReference);
    EXPECT_EQ(parse_license("DocumentRef-x:LicenseRef-y").value().term.kind,
              LicenseTerm::Kind::kReference);
    EXPECT_EQ(parse_license("NONE").value().term.kind, LicenseTerm::Kind::kNone);
    EXPECT_EQ(parse_license("NOASSERTION").value().term.kind, LicenseTerm::Kind::kNoAssertion);
    EXPECT_EQ(parse_license("My-Own").value().term.kind, LicenseTerm::Kind::kUnknown);
}

TEST(License, what_is_no_expression_is_refused_with_its_place) {
    for (const std::string_view text : {"", "AND", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0",
                                        "MIT WITH", "(", "MIT AND AND ISC", "MIT && ISC"})
        EXPECT_FALSE(parse_license(text).ok()) << text;
    for (const std::string_view text :
         {"My-Own", "MIT/ISC", "MIT WITH Nothing", "DocumentRef-:LicenseRef-a"})
        EXPECT_FALSE(parse_license(text, LicenseSpelling::kStandard).ok()) << text;
    EXPECT_EQ(parse_license("MIT OR )").error().offset, 7U);
    EXPECT_FALSE(parse_license(std::string(100, '(') + "MIT" + std::string(100, ')')).ok());
}

TEST(License, equal_expressions_have_one_normal_form) {
    const auto normal = [](std::string_view text) {
        return to_string(normalize(parse_license(text).value()));
    };
    EXPECT_EQ(normal("MIT OR Apache-2.0 OR MIT"), "Apache-2.0 OR MIT");
    EXPECT_EQ(normal("(ISC OR MIT) AND (MIT OR ISC)"), "ISC OR MIT");
}

TEST(License, of_an_or_the_best_counts_and_of_an_and_the_worst) {
    const LicensePolicy policy{
        .allowed = {"MIT", "apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"},
        .denied = {"GPL-*", "AGPL-3.0-only"}};
    const auto verdict = [&](std::string_view text) {
        return evaluate(parse_license(text).value(), policy);
    };
    EXPECT_EQ(verdict("MIT OR GPL-3.0-only"), LicenseVerdict::kAllowed);
    EXPECT_EQ(verdict("MIT AND GPL-3.0-only"), LicenseVerdict::kDenied);
    EXPECT_EQ(verdict("ISC"), LicenseVerdict::kReview);
    EXPECT_EQ(verdict("ISC OR (MIT AND Apache-2.0)"), LicenseVerdict::kAllowed);
    EXPECT_EQ(verdict("NOASSERTION"), LicenseVerdict::kReview);
    EXPECT_EQ(verdict("GPL-2.0-only WITH LLVM-exception"), LicenseVerdict::kDenied);
    EXPECT_EQ(verdict("GPL-2.0-only WITH Classpath-exception-2.0"), LicenseVerdict::kAllowed);
    EXPECT_EQ(verdict("Apache-2.0 WITH LLVM-exception"), LicenseVerdict::kAllowed);
}

TEST(License, a_review_wins_over_allowed_and_denied_over_both) {
    const LicensePolicy policy{.allowed = {"*"}, .denied = {"MPL-1.*"}, .review = {"MPL-*"}};
    const auto verdict = [&](std::string_view text) {
        return evaluate(parse_license(text).value(), policy);
    };
    EXPECT_EQ(verdict("MIT"), LicenseVerdict::kAllowed);
    EXPECT_EQ(verdict("MPL-2.0"), LicenseVerdict::kReview);
    EXPECT_EQ(verdict("MPL-1.1"), LicenseVerdict::kDenied);
    EXPECT_EQ(parse_license_verdict("deny"), LicenseVerdict::kDenied);
    EXPECT_FALSE(parse_license_verdict("Deny"));
}

TEST(License, what_is_unknown_is_never_simply_allowed) {
    const LicensePolicy policy{.allowed = {}, .denied = {}, .unlisted = LicenseVerdict::kAllowed};
    EXPECT_EQ(evaluate(parse_license("ISC").value(), policy), LicenseVerdict::kAllowed);
    EXPECT_EQ(evaluate(parse_license("Whatever").value(), policy), LicenseVerdict::kReview);
    EXPECT_EQ(evaluate(parse_license("NONE").value(), policy), LicenseVerdict::kReview);
}

}  // namespace
}  // namespace merlon::packages
