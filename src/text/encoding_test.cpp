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

TEST(Encoding, utf32_is_told_by_its_mark_or_its_zero_bytes) {
    const std::string_view little = "\xFF\xFE\0\0k\0\0\0\xE9\0\0\0"sv;
    EXPECT_EQ(detect_encoding(little), Encoding::kUtf32LittleEndian);
    EXPECT_EQ(utf32_to_utf8(little, Encoding::kUtf32LittleEndian), "k\xC3\xA9");
    const std::string_view big = "\0\0\0k\0\0\0e\0\0\0y\0\0\0=\0\x11\0\0\0"sv;
    EXPECT_EQ(detect_encoding(big), Encoding::kUtf32BigEndian);
    EXPECT_EQ(utf32_to_utf8(big, Encoding::kUtf32BigEndian), "key=\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_EQ(detect_encoding("k\0\0\0e\0\0\0y\0\0\0=\0\0\0"sv), Encoding::kUtf32LittleEndian);
}

TEST(Encoding, utf16_of_other_scripts_needs_no_mark) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += "\x22\x6F\x57\x5B"sv;
    text += "\r\0\n\0k\0=\0v\0\n\0"sv;
    EXPECT_EQ(detect_encoding(text), Encoding::kUtf16LittleEndian);
    EXPECT_EQ(detect_encoding(text + "\xD8\xD8\xD8\xD8"), Encoding::kBinary) << "lone surrogates";
}

std::string utf16(std::u16string_view text, std::size_t low) {
    std::string bytes;
    for (const char16_t unit : text) {
        const char pair[] = {static_cast<char>(unit & 0xFF), static_cast<char>(unit >> 8)};
        bytes += {pair[low], pair[1 - low]};
    }
    return bytes;
}

TEST(Encoding, utf16_of_east_asian_text_with_hardly_any_ascii_needs_no_mark) {
    const std::u16string chinese = u"\u8FD9\u662F\u4E00\u4E2A\u6587\u4EF6\uFF0C\u3002";
    const std::u16string korean = u"\uAC00\uB098\u0020\uD55C\uAD6D";
    for (const std::u16string& words : {chinese, korean, std::u16string(u"\u4E2D\u6587")}) {
        for (const std::size_t times : {20U, 100U, 1'000U, 5'000U}) {
            std::u16string text;
            for (std::size_t i = 0; i < times; ++i) text += words;
            text += u"\nkey = value\n";
            EXPECT_EQ(detect_encoding(utf16(text, 0)), Encoding::kUtf16LittleEndian) << times;
            EXPECT_EQ(detect_encoding(utf16(text, 1)), Encoding::kUtf16BigEndian) << times;
            text.insert(3, 1, char16_t{7});
            EXPECT_NE(detect_encoding(utf16(text, 0)), Encoding::kUtf16LittleEndian)
                << "a control character";
        }
    }
    // Latin-1 and broken UTF-8 of that length, and a NUL in them.
    std::string latin;
    while (latin.size() < 9'000) latin += "schl\xFCssel und T\xFCr\n";
    EXPECT_EQ(detect_encoding(latin), Encoding::kLatin1);
    EXPECT_EQ(detect_encoding(latin + '\0'), Encoding::kLatin1);
}

TEST(Encoding, a_mark_before_plain_ascii_hides_nothing) {
    const std::string text = "\xFF\xFEtoken = abcdefghijkl\n";
    EXPECT_EQ(detect_encoding(text), Encoding::kBinary) << "searched as the bytes that it is";
    // Chinese in UTF-16 has no NUL either, but its low bytes are of every value.
    std::string chinese = "\xFF\xFE";
    for (int i = 0; i < 64; ++i) chinese += {static_cast<char>(i * 37), '\x4E'};
    EXPECT_EQ(detect_encoding(chinese), Encoding::kUtf16LittleEndian);
}

TEST(Encoding, upper_bytes_that_are_no_utf8_are_latin1) {
    EXPECT_EQ(detect_encoding("schl\xFCssel = x\n"), Encoding::kLatin1);
    EXPECT_EQ(detect_encoding("price \x80 5"), Encoding::kLatin1) << "the euro of windows-1252";
    EXPECT_EQ(detect_encoding("schl\xC3\xBCssel"), Encoding::kUtf8);
    EXPECT_EQ(detect_encoding("\xC3\xBC and \xFC"), Encoding::kUtf8) << "broken UTF-8, not Latin-1";
    EXPECT_EQ(detect_encoding("a\x01\xFC"), Encoding::kUtf8) << "a control character";
    EXPECT_EQ(detect_encoding("a\x81z"), Encoding::kUtf8) << "no character of windows-1252";
    EXPECT_EQ(detect_encoding("\xE9\xE8\xE7\xE6"), Encoding::kUtf8) << "hardly a text";
    // A probe that ends inside a sequence says nothing.
    EXPECT_EQ(detect_encoding(std::string(7999, 'a') + "\xC3\xBC"), Encoding::kUtf8);
}

TEST(Encoding, latin1_becomes_utf8) {
    EXPECT_EQ(latin1_to_utf8("a\xFC\x80\x81"), "a\xC3\xBC\xE2\x82\xAC\xC2\x81");
}

TEST(Encoding, what_a_text_takes_in_its_own_encoding) {
    const std::string_view text = "k\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
    EXPECT_EQ(encoded_bytes(text, 1), 4U);
    EXPECT_EQ(encoded_bytes(text, 2), 10U);
    EXPECT_EQ(encoded_bytes(text, 4), 16U);
    EXPECT_EQ(mark_bytes("\xFF\xFEk\0"sv, Encoding::kUtf16LittleEndian), 2U);
    EXPECT_EQ(mark_bytes("\0\0\xFE\xFF\0\0\0k"sv, Encoding::kUtf32BigEndian), 4U);
    EXPECT_EQ(mark_bytes("\xEF\xBB\xBFk", Encoding::kUtf8WithMark), 3U);
    EXPECT_EQ(mark_bytes("k\0"sv, Encoding::kUtf16LittleEndian), 0U);
    EXPECT_EQ(mark_bytes("k", Encoding::kUtf8), 0U);
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
