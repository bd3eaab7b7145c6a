#include "rego/text_search.h"

#include <gtest/gtest.h>

#include <string>

namespace merlon::rego {
namespace {

std::vector<std::size_t> overlapping(std::string_view text, std::string_view search) {
    std::vector<std::size_t> places;
    find_overlapping(text, search, [&](std::size_t at) {
        places.push_back(at);
        return true;
    });
    return places;
}

// Every text of up to `length` letters a and b.
std::vector<std::string> all_texts(std::size_t length) {
    std::vector<std::string> texts{""};
    for (std::size_t from = 0; texts.back().size() < length;) {
        const std::size_t end = texts.size();
        for (; from < end; ++from) {
            texts.push_back(texts[from] + 'a');
            texts.push_back(texts[from] + 'b');
        }
    }
    return texts;
}

TEST(TextSearch, overlapping_places_are_those_of_a_look_at_each) {
    const std::vector<std::string> texts = all_texts(7);
    for (const std::string& search : all_texts(4)) {
        if (search.empty()) continue;
        for (const std::string& text : texts) {
            std::vector<std::size_t> wanted;
            for (std::size_t at = 0; at < text.size(); ++at) {
                if (std::string_view(text).substr(at).starts_with(search)) wanted.push_back(at);
            }
            ASSERT_EQ(overlapping(text, search), wanted) << search << " in " << text;
        }
    }
}

TEST(TextSearch, long_texts_are_found_where_short_ones_are) {
    const std::string search(40, 'a');
    const std::string text = 'x' + search + search + 'y';
    EXPECT_EQ(find_text(text, search), 1u);
    EXPECT_EQ(find_text(text, search, 2), 2u);
    EXPECT_EQ(find_text(text, search, 42), std::string_view::npos);
    EXPECT_EQ(find_text(text, search, 1'000), std::string_view::npos);
    EXPECT_EQ(find_text(text, search + 'y'), 41u);
}

TEST(TextSearch, beginnings_and_endings_are_those_of_a_look_at_all) {
    const std::vector<std::string> texts = all_texts(4);
    const std::vector<RecycledVector<std::string_view>> sets = {
        {}, {"ab", "a", "abb"}, {"bb", "ba"}, {"aab", "abab", "b"}, {""}, {"\xC3", "ab"}};
    for (const auto& set : sets) {
        const Beginnings beginnings(set);
        const Endings endings(set);
        for (const std::string& text : texts) {
            bool begins = false;
            bool ends = false;
            for (const std::string_view one : set) {
                begins = begins || text.starts_with(one);
                ends = ends || text.ends_with(one);
            }
            EXPECT_EQ(beginnings.begin(text), begins) << text;
            EXPECT_EQ(endings.end(text), ends) << text;
        }
    }
}

}  // namespace
}  // namespace merlon::rego
