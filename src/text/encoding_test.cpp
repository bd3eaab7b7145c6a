#include "text/encoding.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

using namespace std::string_view_literals;

TEST(Encoding, is_told_by_the_mark_or_by_where_zero_bytes_stand) {
    EXPECT_EQ(detect_encoding("plain"), Encoding::kUtf8);
    EXPECT_EQ(detect_encoding("\xEF\xBB\xBFmarked"), Encoding::kUtf8WithMark);
    EXPECT_EQ(detect_encoding("\xFF\xFEk\0"sv), Encoding::kUtf16LittleEndian);
    EXPECT_EQ(detect_encoding("\xFE\xFF\0k"sv), Encoding::kUtf16BigEndian);
    EXPECT_EQ(detect_encoding("k\0e\0y\0=\0v\0"sv), Encoding::kUtf16LittleEndian);
    EXPECT_EQ(detect_encoding("\0k\0e\0y\0=\0v"sv), Encoding::kUtf16BigEndian);
    EXPECT_EQ(detect_encoding("\x7F"
                              "ELF\0\0\0\1\2\3\0\0"sv),
              Encoding::kBinary);
    EXPECT_EQ(detect_encoding(""), Encoding::kUtf8);
}

TEST(Encoding, a_mark_before_plain_ascii_hides_nothing) {
    const std::string text = "\xFF\xFEtoken = abcdefghijkl\n";
    EXPECT_EQ(detect_encoding(text), Encoding::kBinary) << "searched as the bytes that it is";
    // Chinese in UTF-16 has no NUL either, but its low bytes are of every value.
    std::string chinese = "\xFF\xFE";
    for (int i = 0; i < 64; ++i) chinese += {static_cast<char>(i * 37), '\x4E'};
    EXPECT_EQ(detect_encoding(chinese), Encoding::kUtf16LittleEndian);
}

TEST(Encoding, utf16_becomes_utf8) {
    EXPECT_EQ(utf16_to_utf8("\xFF\xFEk\0\xE9\0"sv, Encoding::kUtf16LittleEndian), "k\xC3\xA9");
    EXPECT_EQ(utf16_to_utf8("\xD8\x3D\xDE\x00"sv, Encoding::kUtf16BigEndian), "\xF0\x9F\x98\x80");
    EXPECT_EQ(utf16_to_utf8("\xD8\x3D\0k"sv, Encoding::kUtf16BigEndian), "\xEF\xBF\xBDk");
    EXPECT_EQ(utf16_to_utf8("k\0x"sv, Encoding::kUtf16LittleEndian), "k\xEF\xBF\xBD");
    EXPECT_EQ(utf16_to_utf8("", Encoding::kUtf16LittleEndian), "");
}

}  // namespace
}  // namespace merlon::text
