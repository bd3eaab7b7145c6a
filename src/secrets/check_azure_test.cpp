#include "secrets/check_families.h"

#include <gtest/gtest.h>

#include "secrets/azure_keys.h"
#include "secrets/checksums.h"

namespace merlon::secrets {
namespace {

const Timestamp kNow = parse_date("2026-06-01").value();

CheckVerdict key_verdict(const std::string& key) { return check_azure_key(key, kNow).verdict; }

TEST(AzureKeys, agree_with_the_examples_of_microsofts_own_tests) {
    // One letter throughout, then mark and checksum as security-utilities expects them.
    const struct {
        char letter;
        std::size_t count;
        std::string_view end;
    } cases[] = {
        {'a', 33, "+ARmD7h+qo="},  {'a', 33, "+AEhG2s/8w="},  {'a', 33, "+ASbHpHeAI="},
        {'a', 33, "AIoTOumzco="},  {'b', 33, "AZEGLiQbng="},  {'a', 42, "AzSeCjhzCu"},
        {'d', 42, "+ACRCUDxQE"},   {'d', 44, "AzFu182vhA=="}, {'a', 76, "+ASt5mnCaw=="},
        {'a', 76, "ACDbOpqrYA=="}, {'a', 76, "+ABa13FZVQ=="}, {'a', 76, "+AMCFNqWyA=="},
        {'a', 76, "APIMHbKhsQ=="},
    };
    for (const auto& c : cases) {
        std::string key = std::string(c.count, c.letter) + std::string(c.end);
        EXPECT_EQ(key_verdict(key), CheckVerdict::kValid) << c.end;
        key[3] = 'z';
        EXPECT_EQ(key_verdict(key), CheckVerdict::kInvalid) << c.end;
    }
}

TEST(AzureKeys, of_each_service_are_made_as_they_are_checked) {
    for (const std::string_view mark : {"+ASt", "ACDb", "AIoT", "AzSe", "+ACR", "AzFu"}) {
        const AzureService* service = find_azure_service(mark);
        ASSERT_NE(service, nullptr);
        const std::string key = make_azure_key(*service, std::string(service->bytes, '\x5A'));
        EXPECT_EQ(key_verdict(key), CheckVerdict::kValid) << key;
    }
    EXPECT_EQ(find_azure_service("none"), nullptr);
    EXPECT_EQ(find_azure_service("+ASt", 32), nullptr);
}

TEST(AzureKeys, annotated_ones_carry_a_checksum_in_either_writing) {
    const std::string before = std::string(52, 'H') + "JQQJ99AE" + std::string(16, 'A') + "AZFU";
    // What a second implementation of the published algorithm gives for these 80 characters.
    for (const char* checksum : {"xIXY", "NDoZ", "xIXYzw==", "NDoZHQ=="}) {
        const CheckResult result = check_azure_key(before + checksum, kNow);
        EXPECT_EQ(result.verdict, CheckVerdict::kValid) << checksum << result.remark;
        EXPECT_NE(result.remark.find("AZFU"), std::string::npos);
    }
    EXPECT_EQ(key_verdict(before + "xIXZ"), CheckVerdict::kInvalid);
    EXPECT_EQ(key_verdict(before + "xIXYzx"), CheckVerdict::kInvalid);
    EXPECT_EQ(key_verdict(before + "xI"), CheckVerdict::kInvalid);
    EXPECT_EQ(key_verdict(before + "===="), CheckVerdict::kInvalid) << "nothing but padding";
    EXPECT_EQ(key_verdict(std::string(52, 'H') + "JQQJ9H" + std::string(24, '=')),
              CheckVerdict::kInvalid)
        << "the padding is longer than what stands behind the mark";
}

TEST(AzureKeys, without_a_mark_stay_as_they_are) {
    EXPECT_EQ(key_verdict(std::string(43, 'A') + "="), CheckVerdict::kUnknown);
    EXPECT_EQ(key_verdict("not base64!"), CheckVerdict::kInvalid);
    // Redis changes characters once the checksum is made.
    EXPECT_EQ(key_verdict(std::string(33, 'a') + "AzCaAAAAAA="), CheckVerdict::kUnknown);
}

TEST(AzureKeys, a_storage_key_is_64_bytes) {
    const auto verdict = [](const std::string& key) {
        return check_azure_storage_key(key, kNow).verdict;
    };
    EXPECT_EQ(verdict(std::string(86, 'A') + "=="), CheckVerdict::kValid);
    EXPECT_EQ(verdict(std::string(76, 'a') + "+ASt5mnCaw=="), CheckVerdict::kValid);
    EXPECT_EQ(verdict(std::string(76, 'a') + "+ASt5mnCbw=="), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict(std::string(84, 'A')), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict(std::string(85, 'A') + "B=="), CheckVerdict::kInvalid)
        << "bits behind the last byte";
    EXPECT_EQ(verdict("not base64!"), CheckVerdict::kInvalid);
}

TEST(AzureKeys, a_shared_access_signature_has_32_bytes_and_an_end) {
    const std::string signature = "&sig=" + std::string(43, 'A') + "%3D";
    const auto verdict = [](const std::string& query) {
        return check_azure_sas(query, kNow).verdict;
    };
    EXPECT_EQ(verdict("sv=2022-11-02&se=2027-01-01T00:00:00Z" + signature), CheckVerdict::kUnknown);
    EXPECT_EQ(verdict("sv=2022-11-02&se=2020-01-01T00%3A00%3A00Z" + signature),
              CheckVerdict::kExpired);
    EXPECT_EQ(verdict("sv=2022-11-02&se=2026-06-01" + signature), CheckVerdict::kUnknown)
        << "it still holds today";
    EXPECT_EQ(verdict("sv=2022-11-02&sig=" + std::string(50, 'A')), CheckVerdict::kInvalid);
    EXPECT_EQ(verdict("sv=2022-11-02&se=never" + signature), CheckVerdict::kUnknown);
}

TEST(AzureKeys, an_entra_secret_may_end_in_its_checksum) {
    const std::string before = "zzz" + std::string("8Q~") + std::string(31, 'z');
    EXPECT_EQ(check_entra_secret(before + "blP", kNow).verdict, CheckVerdict::kValid);
    EXPECT_EQ(check_entra_secret(before + "xxx", kNow).verdict, CheckVerdict::kUnknown);
}

TEST(AzureKeys, a_devops_token_carries_its_checksum_inside) {
    // 28 zero bytes, and the four bytes of the checksum at 2, 7, 8 and 22, then the last half byte.
    for (const std::uint32_t mask : kDevOpsMasks) {
        const std::uint32_t checksum = devops_checksum(std::string(28, '\0'), mask);
        std::string bytes(33, '\0');
        bytes[2] = static_cast<char>(checksum >> 24);
        bytes[7] = static_cast<char>(checksum >> 16);
        bytes[8] = static_cast<char>(checksum >> 8);
        bytes[22] = static_cast<char>(checksum);
        std::string token;
        for (std::size_t bit = 0; bit < 260; bit += 5) {
            const auto pair = static_cast<std::uint32_t>(
                static_cast<unsigned char>(bytes[bit / 8]) << 8 |
                (bit / 8 + 1 < bytes.size() ? static_cast<unsigned char>(bytes[bit / 8 + 1]) : 0));
            const char c = kBase32[pair >> (11 - bit % 8) & 31];
            token += c >= 'A' ? static_cast<char>(c + 32) : c;
        }
        EXPECT_EQ(check_azure_devops_token(token, kNow).verdict, CheckVerdict::kValid) << token;
        token[0] = token[0] == 'b' ? 'c' : 'b';
        EXPECT_EQ(check_azure_devops_token(token, kNow).verdict, CheckVerdict::kInvalid);
    }
}

}  // namespace
}  // namespace merlon::secrets
