#include "text/base64.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

TEST(Base64, gives_the_vectors_of_rfc_4648_section_10) {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, encoded] : vectors) {
        EXPECT_EQ(encode_base64(bytes, Base64Alphabet::kStandard), encoded);
        EXPECT_EQ(decode_base64(encoded, Base64Alphabet::kStandard).value(), bytes);
    }
}

TEST(Base64, refuses_a_second_spelling_of_the_same_bytes) {
    for (const std::string_view wrong : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9v\n", "Zm 9", "Zm9-"}) {
        EXPECT_FALSE(decode_base64(wrong, Base64Alphabet::kStandard).ok()) << wrong;
    }
    for (const std::string_view wrong : {"Zg==", "Zh", "Zm9vY", "Zm9+"}) {
        EXPECT_FALSE(decode_base64(wrong, Base64Alphabet::kUrl).ok()) << wrong;
    }
    EXPECT_EQ(decode_base64("Zm9v!a==", Base64Alphabet::kStandard).error().offset, 4u);
}

TEST(Base64, decoding_undoes_encoding) {
    std::string bytes;
    for (int i = 0; i < 260; ++i) {
        bytes.push_back(static_cast<char>(i * 89));
        for (const auto alphabet : {Base64Alphabet::kStandard, Base64Alphabet::kUrl}) {
            EXPECT_EQ(decode_base64(encode_base64(bytes, alphabet), alphabet).value(), bytes);
        }
    }
}

}  // namespace
}  // namespace merlon::text
