#include "inventory/name_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "inventory/known_programs.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

std::vector<std::uint32_t> found(const NameIndex& index, std::string_view name) {
    std::vector<std::uint32_t> numbers;
    index.for_each_of(name, [&](std::uint32_t number) { numbers.push_back(number); });
    std::ranges::sort(numbers);
    return numbers;
}

TEST(NameIndex, finds_by_the_whole_name_by_its_begin_and_by_its_end) {
    NameIndex index;
    const std::vector<std::string_view> patterns{"go.mod", "LICENSE.*", "*.jar", "*", "a#.so#"};
    for (std::uint32_t i = 0; i < patterns.size(); ++i) index.add(patterns[i], i);
    EXPECT_EQ(found(index, "go.mod"), (std::vector<std::uint32_t>{0, 3}));
    EXPECT_EQ(found(index, "LICENSE.md"), (std::vector<std::uint32_t>{1, 3}));
    EXPECT_EQ(found(index, "LICENSE"), (std::vector<std::uint32_t>{3}));
    EXPECT_EQ(found(index, "x.jar"), (std::vector<std::uint32_t>{2, 3}));
    EXPECT_EQ(found(index, "a3.so.1"), (std::vector<std::uint32_t>{3, 4}));
    EXPECT_EQ(found(index, ""), (std::vector<std::uint32_t>{3}));
}

// A name that each pattern stands for, with `text` for its wildcards.
std::string name_of(std::string_view pattern, std::string_view text) {
    std::string name;
    for (const char c : pattern) {
        if (c == '*' || c == '#') {
            name += text;
        } else {
            name += c;
        }
    }
    return name;
}

TEST(NameIndex, finds_every_pattern_of_the_tables_by_the_names_that_it_stands_for) {
    NameIndex index;
    std::vector<std::string_view> patterns;
    const auto add = [&](std::string_view all) {
        for (const std::string_view pattern : split(all, ' ')) {
            index.add(pattern.substr(pattern.rfind('/') + 1),
                      static_cast<std::uint32_t>(patterns.size()));
            patterns.push_back(pattern.substr(pattern.rfind('/') + 1));
        }
    };
    for (const Reader& reader : readers()) add(reader.paths);
    for (const KnownProgram& program : known_programs()) add(program.files);
    ASSERT_GT(patterns.size(), 300u);
    for (std::uint32_t i = 0; i < patterns.size(); ++i) {
        for (const std::string_view text : {"", "3", "1.2.3"}) {
            const auto numbers = found(index, name_of(patterns[i], text));
            EXPECT_TRUE(std::ranges::binary_search(numbers, i)) << patterns[i];
        }
    }
}

}  // namespace
}  // namespace merlon::inventory
