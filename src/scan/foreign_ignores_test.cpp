#include "scan/foreign_ignores.h"

#include <gtest/gtest.h>

namespace merlon::scan {
namespace {

constexpr Timestamp kNow{1'700'000'000'000'000'000};  // 2023-11-14

model::Finding finding_at(const std::string& path) {
    model::Finding finding;
    model::FileLocation place;
    place.path = path;
    finding.location = place;
    return finding;
}

TEST(ForeignIgnores, of_trivy_may_mean_a_licence) {
    ForeignIgnores ignores;
    ASSERT_TRUE(read_foreign_ignores(".trivyignore.yaml",
                                     "vulnerabilities:\n  - id: CVE-1\n"
                                     "licenses:\n  - id: GPL-3.0-only\n    paths: [\"a/**\"]\n"
                                     "  - id: MIT\n    expired_at: 2023-01-01\n",
                                     ignores)
                    .ok());
    EXPECT_TRUE(ignores_license(ignores, kNow, "gpl-3.0-only", "a/b/package-lock.json"));
    EXPECT_FALSE(ignores_license(ignores, kNow, "GPL-3.0-only", "b/package-lock.json"));
    EXPECT_FALSE(ignores_license(ignores, kNow, "MIT", "a/x")) << "is over";
    EXPECT_FALSE(ignores_license(ignores, kNow, "CVE-1", "a/x"));

    std::vector<model::Finding> findings{finding_at("a/x"), finding_at("b/x"), finding_at("a/y")};
    findings[0].properties["stated"] = "Zlib, GPL-3.0-only";
    findings[1].properties["found"] = "GPL-3.0-only";
    findings[2].properties["ids"] = "GPL-3.0-only";  // a weakness of that name
    std::vector<std::string> notices;
    apply(ignores, kNow, findings, notices);
    EXPECT_EQ(findings[0].suppressed_by, "ignore");
    EXPECT_EQ(findings[1].suppressed_by, "");
    EXPECT_EQ(findings[2].suppressed_by, "");
}

TEST(ForeignIgnores, a_plain_list_of_trivy_means_both) {
    ForeignIgnores ignores;
    ASSERT_TRUE(read_foreign_ignores(".trivyignore", "CVE-1\nMIT exp:2030-01-01\n", ignores).ok());
    EXPECT_TRUE(ignores_license(ignores, kNow, "MIT", "anywhere"));
    std::vector<model::Finding> findings{finding_at("x")};
    findings[0].properties["ids"] = "CVE-1";
    std::vector<std::string> notices;
    apply(ignores, kNow, findings, notices);
    EXPECT_EQ(findings[0].suppressed_by, "ignore");
}

}  // namespace
}  // namespace merlon::scan
