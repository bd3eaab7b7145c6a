#include "gate/decisions.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "crypto/signature.h"
#include "text/base64.h"

namespace merlon::gate {
namespace {

std::string wire(std::string_view text) {
    std::string out(3, '\0');
    out += static_cast<char>(text.size());
    return out.append(text);
}

std::string as_text(const auto& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Somebody with an Ed25519 key, who signs as ssh-keygen -Y sign does.
class Somebody {
  public:
    explicit Somebody(std::string name) : name_(std::move(name)) {}
    std::string blob() const {
        return wire("ssh-ed25519") + wire(as_text(crypto::public_key_of(secret_).value()));
    }
    std::string line(const std::string& options = "") const {
        return name_ + "," + name_ + "@example.com " + options + "ssh-ed25519 " +
               text::encode_base64(blob(), text::Base64Alphabet::kStandard) + "\n";
    }
    std::string sign(const std::string& statement,
                     std::string_view name_space = kDecisionNamespace) const {
        const std::string digest = crypto::hash(crypto::HashName::kSha512, statement);
        const std::string message =
            "SSHSIG" + wire(name_space) + wire("") + wire("sha512") + wire(digest);
        const std::string signature = as_text(crypto::sign(secret_, message).value());
        const std::string bytes = std::string("SSHSIG") + std::string("\0\0\0\1", 4) +
                                  wire(blob()) + wire(name_space) + wire("") + wire("sha512") +
                                  wire(wire("ssh-ed25519") + wire(signature));
        return "-----BEGIN SSH SIGNATURE-----\n" +
               text::encode_base64(bytes, text::Base64Alphabet::kStandard) +
               "\n-----END SSH SIGNATURE-----\n";
    }
    std::string says(const Decision& decision) const {
        const std::string statement = decision_statement(decision);
        return write_signed_decision({statement, sign(statement)});
    }
    Decision approval() const {
        return {.kind = "approve",
                .person = name_,
                .repository = "acme/shop",
                .subject = "sha256:aa",
                .environment = "production",
                .verdict = "sha256:bb",
                .condition = {},
                .about = {},
                .reason = "looked at it",
                .time = "2026-11-27T11:00:00Z",
                .expires = {}};
    }
    Decision exception() const {
        Decision decision = approval();
        decision.kind = "except";
        decision.condition = "severity";
        decision.expires = "2026-12-27T00:00:00Z";
        return decision;
    }

  private:
    std::string name_;
    crypto::SecretKey secret_ = crypto::make_secret_key().value();
};

class GateDecisions : public ::testing::Test {
  protected:
    GateDecisions() {
        people_.signers = crypto::parse_allowed_signers(ana_.line() + ben_.line());
        people_.groups = {{"security", {"ana", "ben"}}, {"incident", {"ana", "ben"}}};
        rules_ = {.repository = "acme/shop",
                  .subject = "sha256:aa",
                  .environment = "production",
                  .now = {1'795'780'800'000'000'000},  // 2026-11-27, noon
                  .approval_age_s = 24 * 3'600,
                  .exceptions_by = {"security"},
                  .break_glass_by = {"incident"},
                  .break_glass_s = 4 * 3'600};
    }

    std::vector<SeenDecision> check(const std::vector<std::string>& documents) const {
        return check_decisions(documents, people_, rules_);
    }
    std::vector<HoldingException> holding(const std::vector<std::string>& documents) const {
        return holding_exceptions(check(documents), rules_);
    }
    // The approval of a decision by somebody.
    static std::string confirmed(const Somebody& who, const std::string& document) {
        Decision decision = who.approval();
        decision.about = crypto::sha256(document).to_string();
        return who.says(decision);
    }

    Somebody ana_{"ana"}, ben_{"ben"}, eve_{"eve"};
    People people_;
    DecisionRules rules_;
};

TEST_F(GateDecisions, one_person_written_in_two_ways_is_not_two) {
    const Somebody other("ANA"), unseen("an\u200ba");
    people_.signers = crypto::parse_allowed_signers(ana_.line() + other.line() + unseen.line());
    const auto seen = check(
        {ana_.says(ana_.approval()), other.says(other.approval()), unseen.says(unseen.approval())});
    ASSERT_EQ(seen.size(), 3U);
    for (const SeenDecision& one : seen) {
        EXPECT_FALSE(one.is_valid) << one.person;
        const bool is_unseen = one.person == "an\u200ba";
        EXPECT_NE(one.refused_because.find(is_unseen ? "U+200B" : "the same name"),
                  std::string::npos)
            << one.refused_because;
    }
}

TEST_F(GateDecisions, an_approval_counts_with_the_groups_of_its_person) {
    const auto seen = check({ana_.says(ana_.approval())});
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_TRUE(seen[0].is_valid) << seen[0].refused_because;
    EXPECT_EQ(seen[0].groups, (std::vector<std::string>{"incident", "security"}));
    EXPECT_EQ(seen[0].names, (std::vector<std::string>{"ana", "ana@example.com"}));
}

TEST_F(GateDecisions, it_says_nothing_about_another_subject_place_or_repository) {
    const auto changed = [&](std::string Decision::* field, const std::string& text) {
        Decision decision = ana_.approval();
        decision.*field = text;
        return ana_.says(decision);
    };
    EXPECT_TRUE(check({changed(&Decision::subject, "sha256:ab")}).empty());
    EXPECT_TRUE(check({changed(&Decision::subject, "")}).empty());
    EXPECT_TRUE(check({changed(&Decision::environment, "staging")}).empty());
    EXPECT_TRUE(check({changed(&Decision::repository, "acme/other")}).empty());
}

TEST_F(GateDecisions, a_signature_is_not_carried_over_to_another_statement) {
    const std::string statement = decision_statement(ana_.approval());
    Decision other = ana_.approval();
    other.time = "2026-11-27T11:30:00Z";
    const std::string documents[] = {
        write_signed_decision({decision_statement(other), ana_.sign(statement)}),
        write_signed_decision({statement, ben_.sign(statement)}),         // another person's key
        write_signed_decision({statement, ana_.sign(statement, "git")}),  // made for something else
        write_signed_decision({statement, ""}),
        write_signed_decision({statement + " ", ana_.sign(statement + " ")}),  // not our form
        eve_.says(eve_.approval()),                                            // whom nobody knows
        "{}",
        "",
    };
    for (const std::string& document : documents) {
        const auto seen = check({document});
        ASSERT_EQ(seen.size(), 1U) << document;
        EXPECT_FALSE(seen[0].is_valid) << document;
        EXPECT_NE(seen[0].refused_because, "") << document;
    }
}

TEST_F(GateDecisions, time_is_part_of_what_counts) {
    const auto at = [&](const std::string& time) {
        Decision decision = ana_.approval();
        decision.time = time;
        return check({ana_.says(decision)})[0].is_valid;
    };
    EXPECT_TRUE(at("2026-11-26T12:00:00Z"));
    EXPECT_FALSE(at("2026-11-26T11:59:59Z"));  // too old
    EXPECT_TRUE(at("2026-11-27T12:04:00Z"));   // clocks differ
    EXPECT_FALSE(at("2026-11-27T12:06:00Z"));  // of the future
    EXPECT_FALSE(at("2026-11-27T11:00:00+02:00"));
    EXPECT_FALSE(at("yesterday"));
}

TEST_F(GateDecisions, a_key_counts_for_its_purpose_and_while_it_holds) {
    people_.signers = crypto::parse_allowed_signers(ana_.line("namespaces=\"git\" "));
    EXPECT_FALSE(check({ana_.says(ana_.approval())})[0].is_valid);
    people_.signers = crypto::parse_allowed_signers(ana_.line("valid-before=20261127 "));
    EXPECT_FALSE(check({ana_.says(ana_.approval())})[0].is_valid);
    people_.signers = crypto::parse_allowed_signers(ana_.line("valid-before=20261128 "));
    EXPECT_TRUE(check({ana_.says(ana_.approval())})[0].is_valid);
}

TEST_F(GateDecisions, a_key_under_two_names_is_nobodys) {
    std::string other = ana_.line();
    other.replace(0, 3, "ben");
    people_.signers = crypto::parse_allowed_signers(ana_.line() + other);
    ASSERT_EQ(people_.signers.signers.size(), 2U);
    const auto seen = check({ana_.says(ana_.approval())});
    EXPECT_FALSE(seen[0].is_valid);
    EXPECT_NE(seen[0].refused_because.find("ben's"), std::string::npos) << seen[0].refused_because;
}

TEST_F(GateDecisions, an_exception_needs_two_people_a_reason_and_an_end) {
    const std::string exception = ana_.says(ana_.exception());
    EXPECT_TRUE(holding({exception}).empty());
    EXPECT_TRUE(holding({exception, confirmed(ana_, exception)}).empty());  // herself
    const auto held = holding({exception, confirmed(ben_, exception)});
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].condition, "severity");
    EXPECT_EQ(held[0].confirmed_by, "ben");
    // Taken back.
    Decision rejection = ben_.approval();
    rejection.kind = "reject";
    rejection.about = crypto::sha256(exception).to_string();
    rejection.time = "2026-11-27T11:59:00Z";
    EXPECT_TRUE(holding({exception, confirmed(ben_, exception), ben_.says(rejection)}).empty());

    Decision without = ana_.exception();
    without.reason = "";
    EXPECT_TRUE(holding({ana_.says(without), confirmed(ben_, ana_.says(without))}).empty());
    without = ana_.exception();
    without.expires = "";
    EXPECT_TRUE(holding({ana_.says(without), confirmed(ben_, ana_.says(without))}).empty());
    without.expires = "2026-11-27T11:59:59Z";
    EXPECT_TRUE(holding({ana_.says(without), confirmed(ben_, ana_.says(without))}).empty());
    rules_.exceptions_by = {};
    EXPECT_TRUE(holding({exception, confirmed(ben_, exception)}).empty());
}

TEST_F(GateDecisions, what_an_exception_is_for_is_signed_with_it) {
    Decision bound = ana_.exception();
    const std::string before = decision_statement(bound);
    EXPECT_TRUE(before.contains(R"("version":1)"));
    bound.covers = {"aa", "bb"};
    const std::string statement = decision_statement(bound);
    EXPECT_TRUE(statement.contains(R"("version":2)"));
    EXPECT_EQ(parse_decision_statement(statement).value().covers, bound.covers);
    EXPECT_EQ(parse_decision_statement(before).value().covers, std::nullopt);
    const std::string exception = ana_.says(bound);
    EXPECT_EQ(holding({exception, confirmed(ben_, exception)}).at(0).covers, bound.covers);
    for (const auto& [what, other] : std::initializer_list<std::pair<std::string, std::string>>{
             {R"("version":2)", R"("version":1)"},
             {R"(,"covers":["aa","bb"])", ""},
             {R"("bb"])", R"(7])"},
             {R"(["aa","bb"])", R"("aa")"}}) {
        std::string changed = statement;
        changed.replace(changed.find(what), what.size(), other);
        EXPECT_FALSE(parse_decision_statement(changed).ok()) << changed;
    }
}

TEST_F(GateDecisions, an_exception_may_be_for_every_subject_and_an_approval_may_not) {
    Decision exception = ana_.exception();
    exception.subject = "";
    const std::string document = ana_.says(exception);
    Decision approval = ben_.approval();
    approval.subject = "";
    approval.about = crypto::sha256(document).to_string();
    EXPECT_EQ(holding({document, ben_.says(approval)}).size(), 1U);
    rules_.subject = "sha256:ab";
    EXPECT_EQ(holding({document, ben_.says(approval)}).size(), 1U);
    approval.about = "";
    EXPECT_TRUE(check({ben_.says(approval)}).empty());
}

TEST_F(GateDecisions, break_glass_is_for_hours_and_by_its_own_groups) {
    Decision glass = ana_.exception();
    glass.kind = "break-glass";
    glass.expires = "2026-11-27T15:00:00Z";
    const std::string document = ana_.says(glass);
    const auto held = holding({document, confirmed(ben_, document)});
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].condition, "*");
    glass.expires = "2026-11-27T15:00:01Z";  // longer than four hours
    EXPECT_FALSE(check({ana_.says(glass)})[0].is_valid);
    rules_.break_glass_by = {"security"};
    people_.groups["security"] = {"ana"};
    EXPECT_TRUE(holding({document, confirmed(ben_, document)}).empty());
}

TEST_F(GateDecisions, a_rejection_does_not_lapse_and_stays_taken_back) {
    Decision rejection = ben_.approval();
    rejection.kind = "reject";
    const std::string no = ben_.says(rejection);
    rules_.now = {rules_.now.nanoseconds + std::int64_t{30} * 24 * 3'600 * 1'000'000'000};
    auto seen = check({no, ana_.says(ana_.approval())});
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_FALSE(seen[0].is_valid) << "an approval does";
    EXPECT_EQ(seen[1].kind, "reject");
    EXPECT_TRUE(seen[1].is_valid) << seen[1].refused_because;

    Decision approval = ben_.approval();
    approval.time = "2026-11-27T11:00:00.001Z";
    seen = check({ben_.says(approval), no});
    EXPECT_FALSE(seen[0].is_valid) << "of a moment before";
    EXPECT_NE(seen[0].refused_because.find("taken back"), std::string::npos);
    // Nobody takes back for another one, nor in the same moment.
    EXPECT_TRUE(check({no, ana_.says(approval)})[0].is_valid);
    approval.time = rejection.time;
    EXPECT_TRUE(check({no, ben_.says(approval)})[1].is_valid);
}

TEST_F(GateDecisions, of_two_words_of_one_moment_the_rejection_is_the_last) {
    const std::string exception = ana_.says(ana_.exception());
    // Whatever the digests, which a reason changes.
    for (const char* reason : {"a", "b", "c", "d", "e", "f"}) {
        Decision rejection = ben_.approval();
        rejection.kind = "reject";
        rejection.reason = reason;
        rejection.about = crypto::sha256(exception).to_string();
        EXPECT_TRUE(holding({exception, confirmed(ben_, exception), ben_.says(rejection)}).empty());
    }
    EXPECT_EQ(decision_time({1'795'780'800'007'999'999}), "2026-11-27T12:00:00.007Z");
}

}  // namespace
}  // namespace merlon::gate
