#include "secrets/checks.h"

#include <gtest/gtest.h>

namespace merlon::secrets {
namespace {

TEST(Checks, a_token_with_its_own_checksum_is_told_from_one_without) {
    // The body is synthetic: thirty zeros, and the checksum that follows from them.
    const auto verdict = [](const std::string& checksum) {
        const std::string token = std::string("ghp") + "_" + std::string(30, '0') + checksum;
        return check_secret("github-crc32", token).verdict;
    };
    EXPECT_EQ(verdict("2C8GjS"), CheckVerdict::kValid);
    EXPECT_EQ(verdict("2C8GjT"), CheckVerdict::kInvalid);
    EXPECT_EQ(check_secret("github-crc32", "no underscore").verdict, CheckVerdict::kUnknown);
    EXPECT_EQ(check_secret("no-such-check", "x").verdict, CheckVerdict::kUnknown);
}

TEST(Checks, a_storage_key_is_64_bytes) {
    EXPECT_EQ(check_secret("azure-storage-key", std::string(86, 'A') + "==").verdict,
              CheckVerdict::kValid);
    EXPECT_EQ(check_secret("azure-storage-key", std::string(84, 'A')).verdict,
              CheckVerdict::kInvalid);
    EXPECT_EQ(check_secret("azure-storage-key", std::string(85, 'A') + "B==").verdict,
              CheckVerdict::kInvalid)
        << "bits behind the last byte";
    EXPECT_EQ(check_secret("azure-storage-key", "not base64!").verdict, CheckVerdict::kInvalid);
}

TEST(Checks, a_web_token_has_a_header_with_an_algorithm) {
    // {"alg":"none"} and {} in base64url.
    const std::string header = std::string("eyJhbGci") + "OiJub25lIn0";
    const CheckResult unsigned_token = check_secret("jwt", header + ".e30.x");
    EXPECT_EQ(unsigned_token.verdict, CheckVerdict::kUnknown);
    EXPECT_NE(unsigned_token.remark.find("not signed"), std::string::npos);
    EXPECT_EQ(check_secret("jwt", header + ".!!.x").verdict, CheckVerdict::kInvalid);
    EXPECT_EQ(check_secret("jwt", "e30.e30.x").verdict, CheckVerdict::kInvalid);
    EXPECT_EQ(check_secret("jwt", "abc").verdict, CheckVerdict::kInvalid);
}

}  // namespace
}  // namespace merlon::secrets
