#include "secrets/checksums.h"

#include <gtest/gtest.h>

namespace merlon::secrets {
namespace {

TEST(Checksums, digits_are_filled_up_in_front) {
    EXPECT_EQ(in_digits(0, kBase62, 3), "000");
    EXPECT_EQ(in_digits(61, kBase62, 1), "z");
    EXPECT_EQ(in_digits(62, kBase62, 1), "10");
    EXPECT_EQ(in_digits(35, kBase36, 2), "0z");
}

TEST(Checksums, marvin_agrees_with_the_vectors_of_symcrypt) {
    // marvin32.c, its self test, and the table that Microsoft's security-utilities tests with.
    EXPECT_EQ(marvin("abc", 0xd53cd9cecd0893b7), 0x22c74339492769bfu);
    EXPECT_EQ(marvin("abcdefghijklmnopqrstuvwxyz", 0xddddeeeeffff000), 0xa128eb7e7260aca2u);
    const struct {
        std::string_view bytes;
        std::uint64_t hash;
    } cases[] = {
        {"", 0x30ed35c100cd3c7d},
        {"\xaf", 0x48e73fc77d75ddc1},
        {"\xe7\x0f", 0xb5f6e1fc485dbff8},
        {"\x37\xf4\x95", 0xf0b07c789b8cf7e8},
        {"\x86\x42\xdc\x59", 0x7008f2e87e9cf556},
        {"\x15\x3f\xb7\x98\x26", 0xe6c08c6da2afa997},
        {"\x09\x32\xe6\x24\x6c\x47", 0x6f04bf1a5ea24060},
    };
    for (const auto& c : cases) EXPECT_EQ(marvin(c.bytes, 0x004fb61a001bdbcc), c.hash);
    EXPECT_EQ(marvin32("abc", 0xd53cd9cecd0893b7), 0x22c74339u ^ 0x492769bfu);
}

TEST(Checksums, an_entra_secret_ends_as_in_microsofts_own_example) {
    EXPECT_EQ(entra_checksum("zzz" + std::string("8Q~") + std::string(31, 'z')), "blP");
}

TEST(Checksums, github_counts_as_in_the_sample_that_circulates) {
    // The body alone, without its prefix: the sample of articles about the format.
    EXPECT_EQ(base62_checksum("zQWBuTSOoRi4A9spHcVY5" + std::string("ncnsDkxkJ")), "0mLq17");
}

TEST(Checksums, crc_32_is_written_as_each_provider_does) {
    // CRC-32's check value, of "123456789", is 0xCBF43926.
    EXPECT_EQ(grafana_checksum("123456789"), "2639f4cb");
    EXPECT_EQ(atlassian_checksum("123456789"), "CBF43926");
    EXPECT_EQ(gitlab_checksum("123456789"), in_digits(0xCBF43926, kBase36, 7));
}

TEST(Checksums, crates_io_agrees_with_the_test_in_its_source) {
    EXPECT_EQ(crates_io_checksum(std::string(31, '0')), 'w');
    EXPECT_EQ(crates_io_checksum("gGK6jurSwKyl9V3A" + std::string("z19z7YEFQI9aoOO")), 'd');
}

TEST(Checksums, bech32_agrees_with_a_valid_string_of_bip_173) {
    // "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw": all 32 values in order.
    std::uint8_t values[32];
    for (std::uint8_t i = 0; i < 32; ++i) values[i] = i;
    EXPECT_EQ(bech32_checksum("abcdef", values), "mqqqxw");
}

}  // namespace
}  // namespace merlon::secrets
