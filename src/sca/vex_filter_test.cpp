#include "sca/vex_filter.h"

#include <gtest/gtest.h>

#include "sca/test_database.h"

namespace merlon::sca {
namespace {

using exchange::VexStatus;

exchange::VexDocument document_of(std::string id, exchange::VexProduct product, VexStatus status,
                                  std::string time = "2024-01-01T00:00:00Z") {
    exchange::VexDocument document;
    document.id = "doc";
    document.statements.push_back(
        {{std::move(id)}, status, {std::move(product)}, "because", "", std::move(time)});
    return document;
}

std::optional<VexVerdict> verdict(const std::vector<exchange::VexDocument>& documents,
                                  std::vector<std::string> scanned = {}) {
    const std::vector<packages::Package> packages{
        package_of(packages::Ecosystem::kNpm, "x", "1.0.0")};
    Match match;
    match.ids = {"CVE-2024-1", "GHSA-1"};
    return apply_vex({&match, 1}, packages, documents, scanned).front();
}

TEST(VexFilter, a_statement_applies_to_its_product) {
    const auto of = [](std::string product) {
        return verdict(
            {document_of("GHSA-1", {std::move(product), {}, {}}, VexStatus::kNotAffected)});
    };
    EXPECT_EQ(of("pkg:npm/x"), (VexVerdict{VexStatus::kNotAffected, "because", "", "doc"}));
    EXPECT_TRUE(of("pkg:npm/x@1.0.0").has_value());
    EXPECT_FALSE(of("pkg:npm/x@1.0.1").has_value());
    EXPECT_FALSE(of("pkg:npm/x@1.0.0?arch=arm64").has_value());
    EXPECT_FALSE(of("pkg:npm/%40scope/x").has_value());
    EXPECT_FALSE(of("pkg:pypi/x").has_value());
    EXPECT_FALSE(of("x").has_value());
    EXPECT_FALSE(
        verdict({document_of("CVE-2024-2", {"pkg:npm/x", {}, {}}, VexStatus::kNotAffected)})
            .has_value());
}

TEST(VexFilter, a_component_counts_in_its_product_alone) {
    const auto document =
        document_of("CVE-2024-1", {"pkg:oci/app", {}, {"pkg:npm/x"}}, VexStatus::kNotAffected);
    EXPECT_FALSE(verdict({document}).has_value());
    EXPECT_FALSE(verdict({document}, {"pkg:oci/other"}).has_value());
    EXPECT_TRUE(verdict({document}, {"pkg:oci/app"}).has_value());
}

TEST(VexFilter, the_last_statement_counts) {
    const exchange::VexProduct product{"pkg:npm/x", {}, {}};
    const auto early = document_of("CVE-2024-1", product, VexStatus::kNotAffected);
    const auto late = document_of("GHSA-1", product, VexStatus::kAffected, "2024-02-01T00:00:00Z");
    EXPECT_EQ(verdict({early, late})->status, VexStatus::kAffected);
    EXPECT_EQ(verdict({late, early})->status, VexStatus::kAffected);
}

}  // namespace
}  // namespace merlon::sca
