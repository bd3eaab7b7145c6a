#include "secrets/checks.h"

#include <gtest/gtest.h>

#include "secrets/check_families.h"
#include "secrets/checksums.h"
#include "text/base64.h"

namespace merlon::secrets {
namespace {

const Timestamp kNow = parse_date("2026-06-01").value();

CheckVerdict verdict_of(std::string_view check, std::string_view secret) {
    return check_secret(check, secret, kNow).verdict;
}

std::string base64(std::string_view text) {
    return text::encode_base64(text, text::Base64Alphabet::kStandard);
}

std::string base64url(std::string_view text) {
    return text::encode_base64(text, text::Base64Alphabet::kUrl);
}

TEST(Checks, are_found_by_name_and_each_says_what_and_where) {
    for (const Check& check : checks()) {
        EXPECT_EQ(find_check(check.name), &check);
        EXPECT_FALSE(check.looks_at.empty());
        EXPECT_TRUE(check.source.starts_with("https://")) << check.name;
        EXPECT_NE(checks_table().find("| `" + std::string(check.name) + "` |"), std::string::npos);
    }
    EXPECT_EQ(find_check("no-such-check"), nullptr);
    EXPECT_EQ(verdict_of("", "x"), CheckVerdict::kUnknown);
}

TEST(Checks, take_any_bytes) {
    const std::string strange[] = {"",
                                   "=",
                                   "_",
                                   "-",
                                   ".",
                                   "..",
                                   "a-b.c",
                                   std::string(52, '\xff'),
                                   std::string(90, 'A'),
                                   std::string("\0\0\0", 3)};
    for (const Check& check : checks()) {
        for (const std::string& secret : strange) {
            const CheckResult result = check.run(secret, kNow);
            EXPECT_EQ(result.verdict == CheckVerdict::kInvalid && result.remark.empty(), false);
        }
    }
}

TEST(Checks, a_token_with_its_own_checksum_is_told_from_one_without) {
    // The body is synthetic: thirty zeros, and the checksum that follows from them.
    for (const bool of_npm : {false, true}) {
        std::string token = of_npm ? "npm_" : "ghp_";
        token += std::string(30, '0');
        token += "2C8GjS";
        const std::string_view check = of_npm ? "npm-crc32" : "github-crc32";
        EXPECT_EQ(verdict_of(check, token), CheckVerdict::kValid);
        token.back() = 'T';
        EXPECT_EQ(verdict_of(check, token), CheckVerdict::kInvalid);
    }
    EXPECT_EQ(verdict_of("github-crc32", "no underscore"), CheckVerdict::kUnknown);
}

TEST(Checks, a_routable_token_has_its_length_its_payload_and_its_checksum) {
    const auto token = [](const std::string& prefix, std::string routing, int wrong_length) {
        routing = std::string(16, 'r') + routing + static_cast<char>(routing.size());
        const std::string payload = base64url(routing);
        const auto length = payload.size() + static_cast<std::size_t>(wrong_length);
        const std::string before = prefix + payload + ".01." + in_digits(length, kBase36, 2);
        return before + gitlab_checksum(before);
    };
    const std::string glpat = "glpat-";
    std::string good = token(glpat, "o:1\nu:2", 0);
    EXPECT_EQ(verdict_of("gitlab-routable", good), CheckVerdict::kValid);
    EXPECT_EQ(verdict_of("gitlab-routable", token("SIE-" + glpat, "o:1\nu:2", 0)),
              CheckVerdict::kValid)
        << "an instance's own prefix is part of what is summed";
    EXPECT_EQ(verdict_of("gitlab-routable", "x-" + good), CheckVerdict::kValid)
        << "what stands in front by chance is not";
    EXPECT_EQ(verdict_of("gitlab-routable", token(glpat, "o:1", 1)), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("gitlab-routable", token(glpat, "o1", 0)), CheckVerdict::kInvalid);
    good[8] = good[8] == 'a' ? 'b' : 'a';
    EXPECT_EQ(verdict_of("gitlab-routable", good), CheckVerdict::kInvalid);
}

TEST(Checks, a_grafana_token_ends_in_the_checksum_of_what_stands_before) {
    const std::string before = "glsa_" + std::string(32, 'x');
    EXPECT_EQ(verdict_of("grafana-crc32", before + "_" + grafana_checksum(before)),
              CheckVerdict::kValid);
    EXPECT_EQ(verdict_of("grafana-crc32", before + "_00000000"), CheckVerdict::kInvalid);
}

TEST(Checks, a_checksum_that_its_provider_does_not_publish_only_confirms) {
    const std::string before = "ATBB" + std::string(24, 'x');
    EXPECT_EQ(verdict_of("atlassian-crc32", before + atlassian_checksum(before)),
              CheckVerdict::kValid);
    EXPECT_EQ(verdict_of("atlassian-crc32", before + "00000000"), CheckVerdict::kUnknown);
    EXPECT_EQ(verdict_of("atlassian-crc32", "ATBB"), CheckVerdict::kUnknown);
}

TEST(Checks, an_age_key_is_bech32) {
    const std::vector<std::uint8_t> values(52, 0);
    std::string key =
        "age-secret-key-1" + std::string(52, 'q') + bech32_checksum("age-secret-key-", values);
    for (char& c : key) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    EXPECT_EQ(verdict_of("age-key", key), CheckVerdict::kValid);
    key[20] = 'P';
    EXPECT_EQ(verdict_of("age-key", key), CheckVerdict::kInvalid);
}

TEST(Checks, an_aws_key_id_names_its_account) {
    // The id and the account of a published article; the key itself is none.
    const CheckResult known =
        check_secret("aws-key-id", std::string("ASIA") + "Y34FZKBOKMUTVV7A", kNow);
    EXPECT_EQ(known.verdict, CheckVerdict::kUnknown);
    EXPECT_NE(known.remark.find("609629065308"), std::string::npos);
    EXPECT_EQ(verdict_of("aws-key-id", std::string("AKIA") + std::string(16, '7')),
              CheckVerdict::kInvalid)
        << "no account has thirteen digits";
    EXPECT_TRUE(
        check_secret("aws-key-id", std::string("AKIA") + std::string(16, 'A'), kNow).remark.empty())
        << "keys of before 2019 name none";
    EXPECT_EQ(verdict_of("aws-key-id", std::string("AKIA") + std::string(16, '1')),
              CheckVerdict::kInvalid);
}

TEST(Checks, a_macaroon_of_pypi_is_read_to_its_end) {
    const auto field = [](char type, const std::string& bytes) {
        return std::string{type, static_cast<char>(bytes.size())} + bytes;
    };
    const std::string zero(1, '\0');
    const auto token = [&](const std::string& location, const std::string& signature) {
        return "pypi-" + base64url("\x02" + field(1, location) + field(2, std::string(36, 'i')) +
                                   zero + field(2, "[0,1]") + zero + zero + field(6, signature));
    };
    const std::string signature(32, 's');
    EXPECT_EQ(verdict_of("pypi-macaroon", token("pypi.org", signature)), CheckVerdict::kValid);
    EXPECT_EQ(verdict_of("pypi-macaroon", token("test.pypi.org", signature)), CheckVerdict::kValid);
    EXPECT_EQ(verdict_of("pypi-macaroon", token("example.org", signature)), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("pypi-macaroon", token("pypi.org", signature + "x")),
              CheckVerdict::kInvalid);
    const std::string whole = token("pypi.org", signature);
    EXPECT_EQ(verdict_of("pypi-macaroon", whole.substr(0, whole.size() - 4)),
              CheckVerdict::kInvalid);
}

TEST(Checks, ids_in_slack_tokens_do_not_count) {
    const std::string bot = std::string("xoxb") + "-";
    EXPECT_EQ(verdict_of("slack-token", bot + "2483758102-2910375829-abcdef"),
              CheckVerdict::kUnknown);
    EXPECT_EQ(verdict_of("slack-token", bot + "1234567890-2910375829-abcdef"),
              CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("slack-token", bot + "2483758102-1111111111-abcdef"),
              CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("slack-token", bot + "0483758102-2910375829-abcdef"),
              CheckVerdict::kInvalid);
}

TEST(Checks, texts_in_base64_hold_what_they_should) {
    EXPECT_EQ(verdict_of("user-password", base64("me:k3v9Qz7pLw")), CheckVerdict::kValid);
    EXPECT_EQ(verdict_of("user-password", base64("me:secret")), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("user-password", base64("Aladdin:open sesame")), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("user-password", base64("s6BhdRkqt3:gX1fBat3bV")), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("user-password", base64("test:123")), CheckVerdict::kUnknown);
    EXPECT_EQ(verdict_of("user-password", base64("me:")), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("user-password", base64("nobody")), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("user-password", base64("a:\x01")), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("docker-config", base64("{\"auths\": {}}")), CheckVerdict::kValid);
    EXPECT_EQ(verdict_of("docker-config", base64("{}")), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("discord-token", base64url("184729103847561029") + ".x.y"),
              CheckVerdict::kValid);
    EXPECT_EQ(verdict_of("discord-token", base64url("no number there no") + ".x.y"),
              CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("grafana-json", "glc_" + base64("{\"k\":\"x\",\"n\":\"y\"}")),
              CheckVerdict::kValid);
    EXPECT_EQ(verdict_of("grafana-json", "glc_" + base64("[1]")), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("mapbox-token", "sk." + base64url("{\"u\":\"x\"}") + ".y"),
              CheckVerdict::kValid);
    EXPECT_EQ(verdict_of("onepassword-token",
                         "ops_" + base64url("{\"signInAddress\":\"a\",\"secretKey\":\"b\"}")),
              CheckVerdict::kValid);
    const std::string sentry = "sntrys_" + base64("{\"iat\":1,\"org\":\"shop\"}") + "_";
    EXPECT_EQ(verdict_of("sentry-token", sentry + base64(std::string(32, 's'))),
              CheckVerdict::kValid);
    EXPECT_EQ(verdict_of("sentry-token", sentry + base64(std::string(31, 's'))),
              CheckVerdict::kInvalid);
}

TEST(Checks, a_reference_token_says_when_it_ends) {
    const auto token = [](const std::string& expiry) {
        return base64("reftkn:01:" + expiry + ":" + std::string(27, 'r'));
    };
    EXPECT_EQ(verdict_of("jfrog-reference", token("0000000000")), CheckVerdict::kUnknown);
    EXPECT_EQ(verdict_of("jfrog-reference", token("4000000000")), CheckVerdict::kUnknown);
    EXPECT_EQ(verdict_of("jfrog-reference", token("1500000000")), CheckVerdict::kExpired);
    EXPECT_EQ(verdict_of("jfrog-reference", base64("reftkn:01")), CheckVerdict::kInvalid);
}

TEST(Checks, a_web_token_has_a_header_with_an_algorithm) {
    const std::string header = base64url("{\"alg\":\"none\"}");
    const CheckResult unsigned_token = check_secret("jwt", header + ".e30.x", kNow);
    EXPECT_EQ(unsigned_token.verdict, CheckVerdict::kUnknown);
    EXPECT_NE(unsigned_token.remark.find("not signed"), std::string::npos);
    EXPECT_EQ(verdict_of("jwt", header + ".!!.x"), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("jwt", "e30.e30.x"), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("jwt", "abc"), CheckVerdict::kInvalid);
}

TEST(Checks, a_web_token_that_is_over_or_an_example_is_doubtful) {
    const std::string header = base64url("{\"alg\":\"HS256\"}");
    const auto judge = [&](const std::string& claims) {
        return check_secret("jwt", header + "." + base64url(claims) + ".c2ln", kNow);
    };
    EXPECT_EQ(judge("{\"iss\":\"shop\"}").verdict, CheckVerdict::kUnknown);
    EXPECT_EQ(judge("{\"exp\":4000000000}").verdict, CheckVerdict::kUnknown);
    const CheckResult over = judge("{\"exp\":1500000000.5}");
    EXPECT_EQ(over.verdict, CheckVerdict::kExpired);
    EXPECT_NE(over.remark.find("2017-07-14"), std::string::npos);
    EXPECT_EQ(judge("{\"exp\":1e300}").verdict, CheckVerdict::kUnknown);
    EXPECT_EQ(judge("{\"sub\":\"1234567890\",\"name\":\"John Doe\"}").verdict,
              CheckVerdict::kInvalid);
    EXPECT_EQ(verdict_of("jwt", "ghs_1234_" + header + "." + base64url("{}") + ".c2ln"),
              CheckVerdict::kUnknown)
        << "GitHub's installation tokens carry one behind their prefix";
}

}  // namespace
}  // namespace merlon::secrets
