#include "text/csv.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

using Rows = std::vector<std::vector<std::string>>;

TEST(Csv, reads_the_forms_of_rfc_4180) {
    CsvReader reader("a,b\r\n\"c,\n\"\"d\"\"\",\r\n\n,e\n\"\"");
    Rows rows;
    std::vector<std::string> row;
    std::vector<std::uint32_t> lines;
    while (reader.next(row).value()) {
        rows.push_back(row);
        lines.push_back(reader.line());
    }
    EXPECT_EQ(rows, (Rows{{"a", "b"}, {"c,\n\"d\"", ""}, {"", "e"}, {""}}));
    EXPECT_EQ(lines, (std::vector<std::uint32_t>{1, 2, 5, 6}));
}

TEST(Csv, names_the_line_of_a_quote_that_does_not_fit) {
    const struct {
        std::string_view text;
        std::uint32_t line;
    } cases[] = {{"a\nb,\"c\n\n", 2}, {"a\"b", 1}, {"a\n\"b\"c", 2}};
    for (const auto& c : cases) {
        CsvReader reader(c.text);
        std::vector<std::string> row;
        Result<bool> read = reader.next(row);
        while (read.ok() && read.value()) read = reader.next(row);
        ASSERT_FALSE(read.ok()) << c.text;
        EXPECT_EQ(read.error().line, c.line) << c.text;
    }
}

}  // namespace
}  // namespace merlon::text
