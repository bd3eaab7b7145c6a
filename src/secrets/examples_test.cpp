#include "secrets/examples.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "secrets/checks.h"

namespace merlon::secrets {
namespace {

TEST(Examples, generators_make_as_many_characters_of_their_alphabet) {
    const std::string text = expand_example("a={hex:40};{digits:3};{repeat:x:4}", "rule").value();
    ASSERT_EQ(text.size(), 2u + 40 + 1 + 3 + 1 + 4);
    EXPECT_EQ(text.substr(2, 40).find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(text.ends_with(";xxxx"));
}

TEST(Examples, are_the_same_each_time_and_differ_between_rules) {
    EXPECT_EQ(expand_example("{alnum:20}", "a").value(), expand_example("{alnum:20}", "a").value());
    EXPECT_NE(expand_example("{alnum:20}", "a").value(), expand_example("{alnum:20}", "b").value());
}

TEST(Examples, double_braces_are_plain_ones) {
    EXPECT_EQ(expand_example("{{\"a\": {digits:0}1}}", "r").value(), "{\"a\": 1}");
}

TEST(Examples, a_checksum_is_over_the_random_part) {
    const std::string text = expand_example("{crc32-base62:pre_:30}", "r").value();
    ASSERT_EQ(text.size(), 40u);
    std::uint64_t sum = 0;
    for (const char c : text.substr(34)) {
        const auto value = c <= '9' ? c - '0' : c <= 'Z' ? c - 'A' + 10 : c - 'a' + 36;
        sum = sum * 62 + static_cast<std::uint64_t>(value);
    }
    EXPECT_EQ(sum, crc32(text.substr(4, 30)));
}

TEST(Examples, tokens_of_a_format_pass_their_check_and_wrong_ones_do_not) {
    const struct {
        std::string generator;
        std::string_view check;
    } cases[] = {
        {"crc32-base62:ghp_:30", "github-crc32"},
        {"gitlab-routable:glpat-", "gitlab-routable"},
        {"grafana:glsa_", "grafana-crc32"},
        {"crates-io:cio_tp_", "crates-io-checksum"},
        {"crc32-base62:polar_oat_:37", "polar-crc32"},
        {"azure-key:+ASt", "azure-storage-key"},
        {"azure-key:AIoT", "azure-key"},
        {"azure-key:AzSe", "azure-key"},
        {"azure-key:AzFu", "azure-key"},
        {"annotated-key:AAABACOG", "azure-key"},
        {"devops-token", "azure-devops-token"},
        {"age-key", "age-key"},
    };
    for (const auto& c : cases) {
        const std::string right = expand_example("{" + c.generator + "}", "r").value();
        EXPECT_EQ(check_secret(c.check, right, {}).verdict, CheckVerdict::kValid) << right;
        const std::string wrong = expand_example("{wrong-" + c.generator + "}", "r").value();
        EXPECT_EQ(check_secret(c.check, wrong, {}).verdict, CheckVerdict::kInvalid) << wrong;
    }
    const struct {
        std::string_view generator;
        std::string_view check;
    } without_checksum[] = {
        {"{base64-bytes:64}", "azure-storage-key"},
        {"{entra-secret}", "entra-secret"},
        {"{atlassian:ATBB:24}", "atlassian-crc32"},
        {"{pypi-macaroon:pypi.org}", "pypi-macaroon"},
        {"{pem:ec}", "pem-key"},
        {"{pem-line:pkcs8}", "pem-key"},
        {"{pem-base64:rsa}", "pem-key-base64"},
        {"{putty-key}", "putty-key"},
        {"{base64-json:auths}", "docker-config"},
        {"{base64-text:9:user:}", "user-password"},
        {"{base64url-number:18}.a.b", "discord-token"},
        {"sntrys_{base64-json:iat,org}_{base64-unpadded:32}", "sentry-token"},
        {"sk.{base64url-json:u,a}.x", "mapbox-token"},
    };
    for (const auto& c : without_checksum) {
        const std::string text = expand_example(c.generator, "r").value();
        EXPECT_EQ(check_secret(c.check, text, {}).verdict, CheckVerdict::kValid) << text;
    }
    const std::string key_id = expand_example("{aws-key-id:AKIA}", "r").value();
    EXPECT_NE(check_secret("aws-key-id", key_id, {}).remark.find("account"), std::string::npos);
    EXPECT_NE(expand_example("{number:12}", "r").value()[0], '0');
}

TEST(Examples, a_generator_without_what_it_needs_is_none) {
    for (const char* text :
         {"{azure-key:none}", "{annotated-key:x}", "{annotated-key:not 64()}", "{pem:none}",
          "{pem-cut:x}", "{pem-line:x}", "{pem-base64:x}", "{base64-bytes:}", "{number:0}",
          "{base64-text:3}", "{crc32-base62:ghp_}", "{atlassian:ATBB}", "{atlassian:ATBB:x}",
          "{aws-key-id:A}", "{wrong-wrong-hex:9}", "{wrong-none}", "{base64url-number:x}",
          "{base64-unpadded:-1}"}) {
        EXPECT_FALSE(expand_example(text, "r").ok()) << text;
    }
}

TEST(Examples, an_unknown_generator_is_named) {
    EXPECT_EQ(expand_example("x{nothing:3}", "r").error().offset, 1u);
    EXPECT_FALSE(expand_example("{hex:}", "r").ok());
    EXPECT_FALSE(expand_example("{hex:3", "r").ok());
    EXPECT_EQ(expand_example("${NAME}", "r").value(), "${NAME}") << "no generator, so text";
}

}  // namespace
}  // namespace merlon::secrets
