#include "text/notebook.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

const CancelToken kGoOn;

std::string_view line_of(const ReadableText& readable, std::size_t line) {
    std::string_view rest = readable.text;
    for (; line > 0; --line) rest.remove_prefix(rest.find('\n') + 1);
    return rest.substr(0, rest.find('\n'));
}

TEST(NotebookText, gives_the_lines_of_cells_with_their_names) {
    const std::string json = R"({"cells": [
      {"cell_type": "markdown", "source": "# one\ntwo"},
      {"cell_type": "code", "source": ["a = \"b\"\n", "c"],
       "outputs": [{"output_type": "stream", "text": ["out\n"]},
                   {"data": {"text/plain": "shown", "image/png": "AAAA"}}],
       "metadata": {"key": "value"}}], "nbformat": 4})";
    const auto read = notebook_text(json, kGoOn);
    ASSERT_TRUE(read);
    std::vector<std::pair<std::string, std::string>> lines;
    for (std::size_t i = 0; i < read->lines.size(); ++i)
        lines.emplace_back(read->lines[i].name, line_of(*read, i));
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"cell 1, cell_type", "markdown"},
        {"cell 1, line 1", "# one"},
        {"cell 1, line 2", "two"},
        {"cell 2, cell_type", "code"},
        {"cell 2, metadata, key", "\"key\": \"value\""},
        {"cell 2, output, output_type", "stream"},
        {"cell 2, output, line 1", "out"},
        {"cell 2, output, line 1", "shown"},
        {"cell 2, line 1", "a = \"b\""},
        {"cell 2, line 2", "c"}};
    EXPECT_EQ(lines, expected);
}

TEST(NotebookText, knows_where_each_line_stands_in_the_file) {
    const std::string json = R"({"cells":[{"source":["x\n","q = \"\u00e9\\tok\""]}]})";
    const auto read = notebook_text(json, kGoOn);
    ASSERT_TRUE(read);
    ASSERT_EQ(line_of(*read, 1), "q = \"\xC3\xA9\\tok\"");
    const auto& line = read->lines[1];
    EXPECT_TRUE(line.is_escaped);
    const std::size_t into = line_of(*read, 1).find("tok");
    EXPECT_EQ(json.substr(json_source_offset(json, line.source_offset, into), 3), "tok");
}

TEST(NotebookText, leaves_what_is_no_notebook_as_it_is) {
    for (const std::string_view other :
         {"", "[]", "{\"cells\": 1}", "{\"cells\": [", "{\"a\": []}"})
        EXPECT_FALSE(notebook_text(other, kGoOn)) << other;
    const auto odd =
        notebook_text(R"({"cells": [1, "text", {"source": 5, "outputs": {}}], "x": "y"})", kGoOn);
    ASSERT_TRUE(odd) << "cells of other kinds are read too";
    EXPECT_EQ(odd->text, "text\ny\n");
}

TEST(JsonSourceOffset, walks_surrogate_pairs_and_stops_at_the_end) {
    const std::string_view json = R"(\ud83d\ude00x)";
    EXPECT_EQ(json_source_offset(json, 0, 4), 12u);
    EXPECT_EQ(json_source_offset(json, 0, 5), 13u);
    EXPECT_EQ(json_source_offset(json, 0, 99), 13u);
}

}  // namespace
}  // namespace merlon::text
