#include "text/utf8_scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "text/utf8.h"

namespace merlon::text {
namespace {

// One byte after the other, as table 3-7 has it.
std::size_t first_invalid(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const CodePoint point = decode_utf8(text.substr(at));
        if (!point.valid) return at;
        at += point.width;
    }
    return at;
}

void expect_same(const std::string& text) {
    std::size_t ascii = 0;
    while (ascii < text.size() && static_cast<unsigned char>(text[ascii]) < 0x80) ++ascii;
    for (const SimdPath path : kSimdPaths) {
        if (!is_available(path)) continue;
        ASSERT_EQ(find_invalid_utf8(text, path), first_invalid(text))
            << static_cast<int>(path) << " " << testing::PrintToString(text);
        ASSERT_EQ(find_non_ascii(text, path), ascii) << static_cast<int>(path);
    }
    std::string marked = text;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode_utf8(std::string_view(text).substr(at));
        if (!point.valid) marked[at] = kInvalidMark;
        at += point.width;
    }
    ASSERT_EQ(mark_invalid_utf8(text), marked);
}

TEST(Utf8Scan, every_path_knows_every_sequence_of_two_and_three_bytes_at_every_edge) {
    // Bytes on both sides of every limit of table 3-7.
    constexpr char kEdges[] = {'\x00', '\x41', '\x7F', '\x80', '\x8F', '\x90', '\x9F',
                               '\xA0', '\xBF', '\xC0', '\xC1', '\xC2', '\xDF', '\xE0',
                               '\xE1', '\xEC', '\xED', '\xEE', '\xEF', '\xF0', '\xF1',
                               '\xF3', '\xF4', '\xF5', '\xFF'};
    const auto bytes = [](std::initializer_list<char> list) { return std::string(list); };
    for (const std::size_t before : {0u, 13u, 30u, 31u, 61u, 62u, 63u, 64u}) {
        const std::string padding(before, 'a');
        for (const char a : kEdges) {
            for (const char b : kEdges) {
                expect_same(padding + bytes({a, b}) + std::string(40, 'z'));
                for (const char c : kEdges) {
                    expect_same(padding + bytes({a, b, c}));
                    if (before == 30) {
                        for (const char d : kEdges) {
                            expect_same(padding + bytes({a, b, c, d}) + std::string(30, 'z'));
                        }
                    }
                }
            }
        }
    }
}

TEST(Utf8Scan, every_path_agrees_on_random_texts) {
    std::mt19937 random(11);
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        const std::size_t length = random() % 300;
        const unsigned kind = random() % 4;
        while (text.size() < length) {
            if (kind == 0) {
                text.push_back(static_cast<char>(random()));
            } else if (kind == 1 || random() % 4 == 0) {
                const char32_t limits[] = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF};
                append_utf8(text, static_cast<char32_t>(random()) % limits[random() % 4]);
            } else {
                text.append(random() % 40, 'a');
            }
        }
        if (kind >= 2 && !text.empty() && random() % 2 == 0) {
            text[random() % text.size()] = static_cast<char>(random());
        }
        expect_same(text);
    }
}

}  // namespace
}  // namespace merlon::text
