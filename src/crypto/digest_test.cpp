#include "crypto/digest.h"

#include <gtest/gtest.h>

namespace merlon::crypto {
namespace {

TEST(Digest, agrees_with_the_examples_of_fips_180) {
    EXPECT_EQ(digest(DigestAlgorithm::kSha1, "abc").hex(),
              "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(sha256("abc").to_string(),
              "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(digest(DigestAlgorithm::kSha512, "abc").hex().substr(0, 32),
              "ddaf35a193617abacc417349ae204131");
}

TEST(Digest, pieces_make_the_digest_of_the_whole) {
    Hasher hasher(DigestAlgorithm::kSha256);
    hasher.update("a").update("").update("bc");
    EXPECT_EQ(hasher.finish(), sha256("abc"));
    EXPECT_EQ(hasher.finish(), sha256("")) << "finish starts afresh";
}

TEST(Digest, is_read_as_it_is_written) {
    for (const auto algorithm :
         {DigestAlgorithm::kSha1, DigestAlgorithm::kSha256, DigestAlgorithm::kSha512}) {
        const Digest made = digest(algorithm, "x");
        EXPECT_EQ(parse_digest(made.to_string()).value(), made);
    }
    const std::string good = sha256("x").to_string();
    for (const std::string& wrong :
         {std::string(), good.substr(7), "md5:" + good.substr(7), good.substr(0, good.size() - 2),
          good + "00", "sha256:" + std::string(64, 'g'), "sha256:" + std::string(64, 'A')}) {
        EXPECT_FALSE(parse_digest(wrong).ok()) << wrong;
    }
}

TEST(Hmac, agrees_with_the_vectors_of_rfc_4231) {
    EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'),
                              "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hex, names_the_first_wrong_digit) {
    EXPECT_EQ(from_hex("00fFa9").value(), std::string("\0\xff\xa9", 3));
    EXPECT_EQ(from_hex("00g0").error().offset, 2u);
    EXPECT_EQ(from_hex("000").error().offset, 3u);
}

TEST(RandomBytes, are_as_many_as_asked_for_and_not_the_same_twice) {
    const std::string first = random_bytes(32).value();
    EXPECT_EQ(first.size(), 32u);
    EXPECT_NE(first, random_bytes(32).value());
    EXPECT_TRUE(equal_in_constant_time(first, std::string(first)));
    EXPECT_FALSE(equal_in_constant_time(first, first.substr(1)));
}

}  // namespace
}  // namespace merlon::crypto
