#include "sca/patched_ranges.h"

#include <gtest/gtest.h>

#include "sca/draft.h"
#include "sca/matcher.h"

namespace merlon::sca {
namespace {

std::string ranges_of(std::string_view ecosystem, std::vector<std::string> patched,
                      std::vector<std::string> unaffected = {}) {
    exchange::PatchedAdvisory advisory;
    advisory.record.id = "A-1";
    advisory.record.affected.emplace_back();
    advisory.record.affected[0].ecosystem = ecosystem;
    advisory.record.affected[0].name = "x";
    advisory.patched = std::move(patched);
    advisory.unaffected = std::move(unaffected);
    const auto record = with_ranges(std::move(advisory));
    if (!record.ok()) return "error";
    std::string out;
    for (const auto& range : record.value().affected[0].ranges) {
        for (const auto& event : range.events) {
            out += (event.kind == exchange::OsvEventKind::kFixed ? "fixed " : "introduced ") +
                   event.version + " ";
        }
    }
    return out;
}

TEST(PatchedRanges, what_no_requirement_holds_is_affected) {
    EXPECT_EQ(ranges_of("crates.io", {">= 0.4.5"}), "introduced 0 fixed 0.4.5 ");
    EXPECT_EQ(ranges_of("crates.io", {">= 0.4.5", "^0.3.2"}, {"< 0.1.4"}),
              "introduced 0.1.4 fixed 0.3.2 introduced 0.4.0 fixed 0.4.5 ");
    EXPECT_EQ(ranges_of("crates.io", {}), "introduced 0 ");
    EXPECT_EQ(ranges_of("crates.io", {}, {"< 1"}), "introduced 1.0.0 ");
    EXPECT_EQ(ranges_of("crates.io", {"*"}), "");
}

TEST(PatchedRanges, an_edge_that_includes_its_version_ends_behind_it) {
    EXPECT_EQ(ranges_of("crates.io", {"> 1.2.3"}), "introduced 0 fixed 1.2.4-0 ");
    EXPECT_EQ(ranges_of("crates.io", {">= 2.0.0"}, {"<= 1.2.3-rc.1"}),
              "introduced 1.2.3-rc.1.0 fixed 2.0.0 ");
    EXPECT_EQ(ranges_of("crates.io", {"= 1.2.3"}), "introduced 0 fixed 1.2.3 introduced 1.2.4-0 ");
}

TEST(PatchedRanges, reads_the_signs_of_cargo_and_of_gems) {
    EXPECT_EQ(ranges_of("crates.io", {"~1.2", ">= 2"}),
              "introduced 0 fixed 1.2.0 introduced 1.3.0 fixed 2.0.0 ");
    EXPECT_EQ(ranges_of("crates.io", {"1.2.3"}), "introduced 0 fixed 1.2.3 introduced 2.0.0 ");
    EXPECT_EQ(ranges_of("RubyGems", {"~> 5.2.4, >= 5.2.4.3", ">= 6.0.3.1"}),
              "introduced 0 fixed 5.2.4.3 introduced 5.3.a fixed 6.0.3.1 ");
    EXPECT_EQ(ranges_of("RubyGems", {"~> 1.2"}), "introduced 0 fixed 1.2 introduced 2.a ");
}

TEST(PatchedRanges, refuses_what_is_no_requirement) {
    for (const char* text : {"", ">=", "!= 1.0.0", ">= x.y", ">= 1.0.0, "}) {
        EXPECT_EQ(ranges_of("crates.io", {text}), "error") << text;
    }
}

}  // namespace
}  // namespace merlon::sca
