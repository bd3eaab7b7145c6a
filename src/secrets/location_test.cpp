#include "secrets/location.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace merlon::secrets {
namespace {

std::vector<std::uint64_t> newlines_of(std::string_view text) {
    std::vector<std::uint64_t> found;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\n') found.push_back(i);
    return found;
}

std::string as_gitleaks(std::string_view text, std::string_view match) {
    const std::size_t at = text.find(match);
    const auto place = place_as_gitleaks(newlines_of(text), text, at, at + match.size());
    return std::to_string(place.start_line) + ":" + std::to_string(place.start_column) + "-" +
           std::to_string(place.end_line) + ":" + std::to_string(place.end_column) + " " +
           std::string(text.substr(place.line_begin, place.line_end - place.line_begin));
}

TEST(PlaceAsGitleaks, counts_the_line_feed_in_front_of_every_line_but_the_first) {
    EXPECT_EQ(as_gitleaks("abc def\nghi\n", "abc"), "0:1-0:3 abc def");
    EXPECT_EQ(as_gitleaks("abc def\nghi jkl\n", "ghi"), "1:2-1:4 \nghi jkl");
    EXPECT_EQ(as_gitleaks("a\n\nghi\n", "ghi"), "2:2-2:4 \nghi");
}

TEST(PlaceAsGitleaks, a_match_over_lines_ends_on_its_last) {
    EXPECT_EQ(as_gitleaks("x ab\ncd y\nz", "ab\ncd"), "0:3-1:3 x ab\ncd y");
}

TEST(PlaceAsGitleaks, a_last_line_without_line_feed_begins_with_the_text) {
    EXPECT_EQ(as_gitleaks("one\ntwo abc", "abc"), "1:6-1:8 one\ntwo abc");
}

TEST(PlaceAsGitleaks, an_empty_match_at_a_line_feed_stays_on_the_line_that_it_starts) {
    const std::string_view text = "ab\n\ncd\n";
    const auto place = place_as_gitleaks(newlines_of(text), text, 2, 2);
    EXPECT_EQ(place.start_line, 1u);
    EXPECT_EQ(place.end_line, 1u);
    EXPECT_EQ(place.start_column, 1u);
    EXPECT_EQ(place.end_column, 2u);
}

std::string in_code_points(std::string_view text, std::string_view match) {
    const std::size_t at = text.find(match);
    ColumnCursor cursor;
    const auto place = place_in_code_points(newlines_of(text), text, at, at + match.size(), cursor);
    return std::to_string(place.start_line) + ":" + std::to_string(place.start_column) + "-" +
           std::to_string(place.end_line) + ":" + std::to_string(place.end_column) + " " +
           std::string(text.substr(place.line_begin, place.line_end - place.line_begin));
}

TEST(PlaceInCodePoints, is_the_same_on_every_line) {
    EXPECT_EQ(in_code_points("\xC3\xA9 abc\n", "abc"), "0:3-0:5 \xC3\xA9 abc");
    EXPECT_EQ(in_code_points("x\n\xC3\xA9 abc", "abc"), "1:3-1:5 \xC3\xA9 abc");
    EXPECT_EQ(in_code_points("x\nab\xC3\xA9\n", "ab\xC3\xA9"), "1:1-1:3 ab\xC3\xA9");
    EXPECT_EQ(in_code_points("x ab\ncd y\nz", "ab\ncd"), "0:3-1:2 x ab\ncd y");
}

TEST(PlaceInCodePoints, counts_on_from_where_it_was_and_back) {
    const std::string_view text = "\xC3\xA9 ab \xC3\xA9 cd\n\xC3\xA9 ef";
    ColumnCursor cursor;
    const auto start = [&](std::string_view match) {
        const std::size_t at = text.find(match);
        return place_in_code_points(newlines_of(text), text, at, at + 2, cursor).start_column;
    };
    EXPECT_EQ(start("ab"), 3u);
    EXPECT_EQ(start("cd"), 8u);
    EXPECT_EQ(start("ef"), 3u);
    EXPECT_EQ(start("ab"), 3u);
}

}  // namespace
}  // namespace merlon::secrets
