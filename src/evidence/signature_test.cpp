#include "evidence/signature.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace merlon::evidence {
namespace {

model::Finding finding_with(std::vector<model::Fingerprint> prints,
                            std::vector<std::string> lines = {}) {
    model::Finding made;
    made.rule_id = "r";
    made.message = "m";
    made.location = model::FileLocation{.path = "a.c", .region = {.start_line = 5, .end_line = 5}};
    made.fingerprints = std::move(prints);
    made.excerpt = {.first_line = 5, .lines = std::move(lines), .mark_line = 5};
    return made;
}

std::size_t count(const Signatures& signatures, Algorithm algorithm) {
    return static_cast<std::size_t>(
        std::ranges::count(signatures, algorithm, &Signature::algorithm));
}

TEST(Signatures, a_number_of_equals_is_no_part_of_a_fingerprint) {
    const auto first = signatures_of(finding_with({{"primaryLocationLineHash", "1f2e3d4c5b:1"}}));
    const auto second = signatures_of(finding_with({{"primaryLocationLineHash", "1f2e3d4c5b:2"}}));
    EXPECT_EQ(first, second);
    EXPECT_EQ(signatures_of(finding_with({{"matchBasedId/v1", "aabbccddeeff_0"}})),
              signatures_of(finding_with({{"matchBasedId/v1", "aabbccddeeff_1"}})));
    const std::string digest(32, 'c');
    EXPECT_EQ(signatures_of(finding_with({{"primaryLocationLineHash", digest + "_0"}})),
              signatures_of(finding_with({{"primaryLocationLineHash", digest + "_1"}})));
    EXPECT_EQ(signatures_of(finding_with({{"other/v1", digest + "_0"}})),
              signatures_of(finding_with({{"other/v1", digest + "_1"}})));
    // Of a name that is not known the value is taken as it is.
    EXPECT_NE(signatures_of(finding_with({{"other/v1", "aabbccddeeff_0"}})),
              signatures_of(finding_with({{"other/v1", "aabbccddeeff_1"}})));
}

TEST(Signatures, what_is_the_same_for_everything_is_no_fingerprint) {
    for (const char* value : {"requires login", "", "1", "abc"}) {
        const auto made = signatures_of(finding_with({{"matchBasedId/v1", value}}));
        EXPECT_EQ(count(made, Algorithm::kFingerprint), 0u) << value;
        EXPECT_EQ(count(made, Algorithm::kMessage), 1u) << value;
    }
}

TEST(Signatures, a_comment_behind_the_lines_is_no_part_of_the_code) {
    const auto plain = signatures_of(finding_with({}, {"  eval( said );"}));
    const auto with = signatures_of(finding_with({}, {"  eval( said );  // nosec"}));
    EXPECT_EQ(count(plain, Algorithm::kCode), 0u);
    ASSERT_EQ(count(with, Algorithm::kCode), 1u);
    const auto of = [](const Signatures& signatures, Algorithm algorithm) {
        return std::ranges::find(signatures, algorithm, &Signature::algorithm)->value;
    };
    EXPECT_EQ(of(with, Algorithm::kCode), of(plain, Algorithm::kContent));
    // What is found in the comment is about the comment.
    model::Finding todo = finding_with({}, {"  eval( said );  // todo: do not"});
    std::get<model::FileLocation>(todo.location).region.start_column = 21;
    EXPECT_EQ(count(signatures_of(todo), Algorithm::kCode), 0u);
}

TEST(Signatures, a_place_is_no_fingerprint) {
    for (const char* value : {"sql:a.c:5", "a.c#L5-L6:sql", "commit:a.c:rule:5"})
        EXPECT_EQ(count(signatures_of(finding_with({{"id/v1", value}})), Algorithm::kFingerprint),
                  0u)
            << value;
    for (const char* value : {"sql:a.c:15", "sql:aa.c:5", "sql:a.cc:5", "a.c/function"})
        EXPECT_EQ(count(signatures_of(finding_with({{"id/v1", value}})), Algorithm::kFingerprint),
                  1u)
            << value;
}

TEST(Signatures, who_wrote_it_when_is_no_fingerprint) {
    // As gitleaks' SARIF has it, and what other tools may write there under names of their own.
    const std::vector<model::Fingerprint> prints{{"commitSha", std::string(40, 'a')},
                                                 {"email", "dev@example.com"},
                                                 {"author", "A.Developer"},
                                                 {"date", "2026-01-01T00:00:00Z"},
                                                 {"commitMessage", "one-word"},
                                                 {"who", "dev@example.com"},
                                                 {"since", "2026-01-01"}};
    for (const model::Fingerprint& print : prints)
        EXPECT_EQ(count(signatures_of(finding_with({print})), Algorithm::kFingerprint), 0u)
            << print.algorithm;
    for (const char* value : {"lodash@4.17.0:GHSA-1", "2026-01-01abcdef", "commit-of-a-rule"})
        EXPECT_EQ(count(signatures_of(finding_with({{"id/v1", value}})), Algorithm::kFingerprint),
                  1u)
            << value;
}

TEST(Signatures, white_space_and_the_place_do_not_count) {
    model::Finding left = finding_with({}, {"  if (a == b) return call(c, d);"});
    model::Finding right = finding_with({}, {"if (a==b)\treturn call( c, d );\r"});
    right.location = model::FileLocation{.path = "b.c", .region = {.start_line = 5, .end_line = 5}};
    EXPECT_EQ(signatures_of(left), signatures_of(right));
    EXPECT_EQ(count(signatures_of(left), Algorithm::kDistinctContent), 1u);
    EXPECT_EQ(count(signatures_of(finding_with({}, {"eval(x)"})), Algorithm::kContent), 1u);
}

TEST(Signatures, lines_around_are_apart_from_the_marked_ones) {
    model::Finding made = finding_with({}, {"before", "marked", "behind"});
    made.excerpt.first_line = 4;
    const auto with = signatures_of(made);
    EXPECT_EQ(count(with, Algorithm::kSurround), 1u);
    made.excerpt.lines = {"another", "marked", "behind"};
    const auto other = signatures_of(made);
    EXPECT_NE(with, other);
    EXPECT_EQ(with[0], other[0]);  // the content
}

TEST(Signatures, above_and_below_are_not_the_same) {
    // A line and the one above it, where only their order differs from what was.
    model::Finding made = finding_with({}, {"run(1)", "run(2)", "other"});
    made.excerpt.first_line = 4;
    const auto below = signatures_of(made);
    made.excerpt.lines = {"run(2)", "run(1)", "other"};
    made.excerpt.first_line = 5;
    std::get<model::FileLocation>(made.location).region = {.start_line = 5, .end_line = 5};
    made.excerpt.mark_line = 5;
    const auto above = signatures_of(made);
    const auto surround = [](const Signatures& all) {
        return *std::ranges::find(all, Algorithm::kSurround, &Signature::algorithm);
    };
    EXPECT_NE(surround(below), surround(above));
}

TEST(Signatures, a_block_is_the_lines_together_if_they_are_enough) {
    const std::string line = "a line that is long enough to be told from others";
    model::Finding made = finding_with({}, {line, "x()", line});
    made.excerpt.first_line = 4;
    EXPECT_EQ(count(signatures_of(made), Algorithm::kBlock), 1u);
    made.excerpt.lines = {"{", "x()", "}"};
    EXPECT_EQ(count(signatures_of(made), Algorithm::kBlock), 0u);
}

TEST(Signatures, a_package_is_itself_and_itself_with_its_version) {
    // What our reports say besides is of all versions, and would make one of two.
    model::Finding made = finding_with({{"merlon/context/v1", "0123456789abcdef"}});
    made.secret_id = "1f2e";
    made.properties["purl"] = "pkg:npm/%40acme/a@1.0.0?x=y";
    const auto old = signatures_of(made);
    ASSERT_EQ(old.size(), 2u);
    EXPECT_EQ(count(old, Algorithm::kPackage), 1u);
    EXPECT_EQ(count(old, Algorithm::kPackageVersion), 1u);
    made.properties["purl"] = "pkg:npm/%40acme/a@1.0.1";
    const auto later = signatures_of(made);
    EXPECT_EQ(old[0], later[0]);
    EXPECT_NE(old[1], later[1]);
    made.properties["purl"] = "pkg:npm/%40acme/a";
    EXPECT_EQ(signatures_of(made).size(), 1u);
    // Without an address, as its ecosystem calls it.
    made.properties = {{"package", "a"}, {"version", "1"}, {"object", "npm/a"}};
    EXPECT_EQ(count(signatures_of(made), Algorithm::kPackageVersion), 1u);
    EXPECT_EQ(count(signatures_of(made), Algorithm::kResource), 1u);
}

TEST(Signatures, of_a_secret_without_its_value_are_its_place) {
    model::Finding made = finding_with({{"merlon/context/v1", "0123456789abcdef"}}, {"key = ***"});
    made.secret = "ab********";
    const auto first = signatures_of(made);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].algorithm, Algorithm::kPlace);
    EXPECT_TRUE(is_told_by_place_only(made));
    std::get<model::FileLocation>(made.location).region.start_line = 6;
    EXPECT_NE(signatures_of(made), first);
    made.secret_id = "1f2e";
    EXPECT_EQ(count(signatures_of(made), Algorithm::kPlace), 0u);
    EXPECT_EQ(count(signatures_of(made), Algorithm::kSecret), 1u);
    made.secret_id.clear();
    made.fingerprints.push_back({"github/alert", "https://example.test/alerts/7"});
    EXPECT_FALSE(is_told_by_place_only(made));
}

TEST(Signatures, are_the_same_when_they_are_read_back) {
    const auto made = signatures_of(finding_with({{"a", "0123456789"}}, {"x", "y"}));
    EXPECT_EQ(unpacked(packed(made)).value(), made);
    EXPECT_FALSE(unpacked("cut").ok());
}

}  // namespace
}  // namespace merlon::evidence
