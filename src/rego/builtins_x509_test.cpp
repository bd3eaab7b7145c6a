#include <gtest/gtest.h>

#include "rego/builtins.h"
#include "rego/pem.h"
#include "rego/term.h"

namespace merlon::rego {
namespace {

// A root, what it signed, and a host's certificate: OPA's own example of a chain.
constexpr std::string_view kRoot =
    "MIIBoDCCAUagAwIBAgIRAJXcMYZALXooNq/VV/grXhMwCgYIKoZIzj0EAwIwLjERMA8GA1UEChMIT1BBIFRlc3QxGTAXBg"
    "NVBAMTEE9QQSBUZXN0IFJvb3QgQ0EwHhcNMjEwNzAxMTc0MTUzWhcNMzEwNjI5MTc0MTUzWjAuMREwDwYDVQQKEwhPUEEg"
    "VGVzdDEZMBcGA1UEAxMQT1BBIFRlc3QgUm9vdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFqhdZA5LjsJgzsBvh"
    "gzfayZFOk+C7PmGCi7xz6zOC3xWORJZSNOyZeJYzSKFmoMZkcFMfslTW1jp9fwe1xl3HWjRTBDMA4GA1UdDwEB/wQEAwIB"
    "BjASBgNVHRMBAf8ECDAGAQH/AgEBMB0GA1UdDgQWBBTch60qxQvLl+AfDfcaXmjvT8GvpzAKBggqhkjOPQQDAgNIADBFAi"
    "BqraIP0l2U0oNuH0+rf36hDks94wSB5EGlGH3lYNMRugIhANkbukX5hOP8pJDRWP/pYuv6MBnRY4BS8gpp9Vu31qOb";
constexpr std::string_view kBetween =
    "MIIByDCCAW6gAwIBAgIQC0k4DPGrh9me73EJX5zntTAKBggqhkjOPQQDAjAuMREwDwYDVQQKEwhPUEEgVGVzdDEZMBcGA1"
    "UEAxMQT1BBIFRlc3QgUm9vdCBDQTAeFw0yMTA3MDExNzQxNTNaFw0zMTA2MjkxNzQxNTNaMDYxETAPBgNVBAoTCE9QQSBU"
    "ZXN0MSEwHwYDVQQDExhPUEEgVGVzdCBJbnRlcm1lZGlhdGUgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARvXQa7fy"
    "476gDI81nqLYb2SnD459WxBmU0hk2bA3ZuNtI+H20KXz6ISmxH3MZ2WBm6rOy7y4Gn+WMCJuxzcl5jo2YwZDAOBgNVHQ8B"
    "Af8EBAMCAQYwEgYDVR0TAQH/BAgwBgEB/wIBADAdBgNVHQ4EFgQUuslZNjJl0V8I1Gj17IIDALy/9WEwHwYDVR0jBBgwFo"
    "AU3IetKsULy5fgHw33Gl5o70/Br6cwCgYIKoZIzj0EAwIDSAAwRQIgUwsYApW9Tsm6AstWswaKGie0srB4FUkUbfKwWmUI"
    "2JgCIQCBTySNMF+EiQAMKyz/N9KUuXEckC356WvKcyJaYYcV0w==";
constexpr std::string_view kLeaf =
    "MIIB8zCCAZqgAwIBAgIRAID4gPKg7DDiuOfzUYFSXLAwCgYIKoZIzj0EAwIwNjERMA8GA1UEChMIT1BBIFRlc3QxITAfBg"
    "NVBAMTGE9QQSBUZXN0IEludGVybWVkaWF0ZSBDQTAeFw0yMTA3MDUxNzQ5NTBaFw0zNjA3MDExNzQ5NDdaMCUxIzAhBgNV"
    "BAMTGm5vdGFyZWFsc2l0ZS5vcGEubG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1YSXZXeaGGL+XeYyoP"
    "i/QdA39Ds4fgxSHJTMh+js393kByPm2PNtFkemtUii3KCRJw3SEh3z0JWr/9y4+ua2L6OBmTCBljAOBgNVHQ8BAf8EBAMC"
    "B4AwHQYDVR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUFBwMCMB0GA1UdDgQWBBRL0P0g17viZHo9CnXe3ZQJm48LXTAfBgNVHS"
    "MEGDAWgBS6yVk2MmXRXwjUaPXsggMAvL/1YTAlBgNVHREEHjAcghpub3RhcmVhbHNpdGUub3BhLmxvY2FsaG9zdDAKBggq"
    "hkjOPQQDAgNHADBEAiAtmZewL94ijN0YwUGaJM9BXCaoTQPwkzugqjCj+K912QIgKKFvbPu4asrEnwy7dzejHmQUcZ/aUN"
    "bc4VTbiv15ESk=";
constexpr std::int64_t kIn2026 = 1'790'000'000'000'000'000;

std::string pem(std::string_view base64) {
    return "-----BEGIN CERTIFICATE-----\n" + std::string(base64) + "\n-----END CERTIFICATE-----\n";
}

class CertificateBuiltins : public testing::Test {
  protected:
    CertificateBuiltins() { world_.now_nanoseconds = kIn2026; }

    std::optional<value::Value> answer(std::string_view name, std::string_view text,
                                       std::string_view options = "") {
        context_.emplace(builder_, world_, nullptr);
        std::vector<value::Value> operands = {builder_.string(text)};
        if (!options.empty()) operands.push_back(read_term(options, builder_).value());
        const Outcome outcome = call(*find_builtin(name), *context_, operands);
        if (!outcome.ok()) return std::nullopt;
        return outcome.value();
    }
    bool is_verified(const std::string& chain, std::string_view options = "{}") {
        const auto value =
            answer("crypto.x509.parse_and_verify_certificates_with_options", chain, options);
        return value && value->items()[0].as_boolean();
    }

    Arena arena_;
    Interner interner_;
    value::Builder builder_{arena_, interner_};
    World world_;
    std::optional<Context> context_;
};

TEST_F(CertificateBuiltins, a_certificate_has_the_members_of_gos) {
    const auto value = answer("crypto.x509.parse_certificates", kRoot);
    ASSERT_TRUE(value);
    const value::Value& one = value->items()[0];
    EXPECT_EQ(one.find("Subject")->find("CommonName")->as_string(), "OPA Test Root CA");
    EXPECT_EQ(one.find("NotAfter")->as_string(), "2031-06-29T17:41:53Z");
    EXPECT_EQ(term_text(*one.find("MaxPathLen")), "1");
    EXPECT_EQ(term_text(*one.find("KeyUsage")), "96");
    EXPECT_EQ(term_text(*one.find("SignatureAlgorithm")), "10");
    EXPECT_TRUE(one.find("DNSNames")->is_null());
    EXPECT_TRUE(one.find("URIStrings")->is_null());
}

TEST_F(CertificateBuiltins, a_chain_leads_from_the_last_to_the_first) {
    EXPECT_TRUE(is_verified(pem(kRoot) + pem(kBetween) + pem(kLeaf)));
    EXPECT_FALSE(is_verified(pem(kRoot) + pem(kLeaf))) << "what is between is missing";
    EXPECT_FALSE(is_verified(pem(kRoot))) << "nothing to verify";
    EXPECT_FALSE(is_verified(pem(kBetween) + pem(kRoot) + pem(kLeaf).substr(0, 400)));
}

TEST_F(CertificateBuiltins, a_chain_is_of_its_time_its_host_and_its_usage) {
    const std::string chain = pem(kRoot) + pem(kBetween) + pem(kLeaf);
    EXPECT_FALSE(is_verified(chain, R"({"CurrentTime": 2000000000000000000})"));
    EXPECT_TRUE(is_verified(chain, R"({"DNSName": "notarealsite.opa.localhost"})"));
    EXPECT_FALSE(is_verified(chain, R"({"DNSName": "other.opa.localhost"})"));
    EXPECT_TRUE(is_verified(chain, R"({"KeyUsages": ["KeyUsageClientAuth"]})"));
    EXPECT_FALSE(is_verified(chain, R"({"KeyUsages": ["KeyUsageCodeSigning"]})"));
    EXPECT_TRUE(is_verified(chain, R"({"KeyUsages": ["KeyUsageAny"]})"));
    EXPECT_FALSE(is_verified(chain, R"({"KeyUsages": ["other"]})"));
    EXPECT_EQ(context_->error_text(), "invalid entries for 'KeyUsages' found: [other]");
}

TEST_F(CertificateBuiltins, what_is_no_certificate_is_refused_with_the_text_of_go) {
    EXPECT_FALSE(answer("crypto.x509.parse_certificates", "YmFkc3RyaW5n"));
    EXPECT_EQ(context_->error_text(), "x509: malformed certificate");
    EXPECT_FALSE(answer("crypto.x509.parse_certificates",
                        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
    EXPECT_EQ(context_->error_text(), "PEM block type is 'PUBLIC KEY', expected CERTIFICATE");
    EXPECT_FALSE(answer("crypto.x509.parse_certificate_request", "YmFkc3RyaW5n"));
    EXPECT_TRUE(context_->error_text().starts_with("asn1: structure error: tags don't match"));
}

TEST(Pem, a_block_that_is_damaged_is_passed_over) {
    std::string_view text =
        "before\n-----BEGIN A-----\n!!\n-----END A-----\n-----BEGIN B-----\nheader: x\n\nAAEC\n"
        "-----END B-----\nafter";
    const auto block = next_pem_block(text);
    ASSERT_TRUE(block);
    EXPECT_EQ(block->label, "B");
    EXPECT_EQ(block->bytes, std::string("\0\1\2", 3));
    EXPECT_EQ(text, "after");
    EXPECT_FALSE(next_pem_block(text));
}

}  // namespace
}  // namespace merlon::rego
