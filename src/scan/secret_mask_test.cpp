#include "scan/secret_mask.h"

#include <gtest/gtest.h>

#include "model/fingerprint.h"

namespace merlon::scan {
namespace {

// Put together here, so that no file of ours holds a whole token.
const std::string kToken = std::string("tok") + "en_4f9a8b7c6d5e";

SecretMask mask_of(std::initializer_list<std::string> secrets, std::string_view key = "key") {
    SecretMask mask(key);
    for (const std::string& secret : secrets) mask.add(mask.print_of(secret));
    return mask;
}

TEST(SecretMask, masks_a_secret_wherever_it_stands_in_a_text) {
    const SecretMask mask = mask_of({kToken});
    const std::string stars = model::mask_secret(kToken);
    EXPECT_EQ(mask.masked(kToken), stars);
    EXPECT_EQ(mask.masked("a/" + kToken + "/b/" + kToken), "a/" + stars + "/b/" + stars);
    EXPECT_EQ(mask.masked(kToken.substr(1)), kToken.substr(1));
    EXPECT_EQ(mask.masked("a/b"), "a/b");
    EXPECT_EQ(mask.masked(""), "");
    EXPECT_TRUE(mask.is_in("a/" + kToken));
    EXPECT_FALSE(mask.is_in("a/" + kToken.substr(1)));
}

TEST(SecretMask, masks_what_two_secrets_cover_together) {
    const std::string longer = kToken + "AB01";
    const SecretMask mask = mask_of({kToken, longer, "5eAB01xyzw"});
    EXPECT_EQ(mask.masked("x" + longer + "xyzw-"), "x" + model::mask_secret(longer + "xyzw") + "-");
}

TEST(SecretMask, leaves_what_may_as_well_be_a_name) {
    for (const char* name : {"pass1", "postgres", "Some-Name.txt", ""}) {
        EXPECT_EQ(mask_of({name}).masked(name), name);
    }
    for (const char* secret : {"hunter42", "twelve$words", "a-name-of-sixteen"}) {
        EXPECT_NE(mask_of({secret}).masked(secret), secret);
    }
}

TEST(SecretMask, knows_a_secret_by_its_print_alone_and_only_under_its_key) {
    const SecretPrint print = SecretMask("key").print_of(kToken);
    SecretMask same("key");
    same.add(print);
    EXPECT_NE(same.masked(kToken), kToken);
    SecretMask other("other key");
    other.add(print);
    EXPECT_EQ(other.masked(kToken), kToken);
}

TEST(SecretMask, reaches_every_text_of_a_report) {
    model::Report report;
    report.analysis.ref = "refs/heads/" + kToken;
    report.analysis.scope = {kToken};
    report.notices = {kToken};
    report.coverage.gaps = {{model::GapCause::kReadError, kToken, kToken}};
    report.coverage.accepted = {{{model::GapCause::kReadError, kToken, kToken}, "", ""}};
    model::Finding& finding = report.findings.emplace_back();
    finding.message = finding.match = finding.suppression_reason = kToken;
    finding.location = model::FileLocation{kToken, {kToken}, {}};
    finding.also_at = {model::FileLocation{kToken, {}, {}}};
    finding.properties["place"] = kToken;
    finding.excerpt.first_line = finding.excerpt.mark_line = 3;
    finding.excerpt.lines = {kToken + " = [****]", kToken};
    finding.excerpt.mark_start_column = static_cast<std::uint32_t>(kToken.size()) + 5;
    finding.excerpt.mark_end_column = finding.excerpt.mark_start_column + 3;
    finding.history.emplace();
    finding.history->references = {kToken};
    model::HistoryPlace place;
    place.author = place.email = kToken;
    place.location = model::FileLocation{kToken, {}, {}};
    finding.history->places = {place};
    mask_of({kToken}).apply(report);

    const std::string stars = model::mask_secret(kToken);
    EXPECT_EQ(report.analysis.ref, "refs/heads/" + stars);
    EXPECT_EQ(report.analysis.scope, std::vector{stars});
    EXPECT_EQ(report.notices, std::vector{stars});
    EXPECT_EQ(report.coverage.gaps[0].path + report.coverage.gaps[0].detail, stars + stars);
    const model::Gap& accepted = report.coverage.accepted[0].gap;
    EXPECT_EQ(accepted.path + accepted.detail, stars + stars);
    const model::Finding& shown = report.findings[0];
    EXPECT_EQ(shown.message, stars);
    EXPECT_EQ(shown.match, stars);
    EXPECT_EQ(shown.suppression_reason, stars);
    EXPECT_EQ(shown.location, model::Location(model::FileLocation{stars, {stars}, {}}));
    EXPECT_EQ(shown.also_at[0], model::Location(model::FileLocation{stars, {}, {}}));
    EXPECT_EQ(shown.properties.at("place"), stars);
    EXPECT_EQ(shown.excerpt.lines, (std::vector{stars + " = [****]", stars}));
    EXPECT_EQ(shown.excerpt.mark_start_column, stars.size() + 5);
    EXPECT_EQ(shown.excerpt.mark_end_column, stars.size() + 8);
    EXPECT_EQ(shown.history->references, std::vector{stars});
    EXPECT_EQ(shown.history->places[0].author, stars);
    EXPECT_EQ(shown.history->places[0].email, stars);
    EXPECT_EQ(shown.history->places[0].location,
              model::Location(model::FileLocation{stars, {}, {}}));
}

}  // namespace
}  // namespace merlon::scan
