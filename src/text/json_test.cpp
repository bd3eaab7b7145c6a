#include "text/json.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

class Json : public testing::Test {
  protected:
    Result<value::ValueDocument> read(std::string_view text, const JsonOptions& options = {}) {
        return read_json(text, arena, interner, options);
    }
    std::string rewritten(std::string_view text) {
        std::string out;
        JsonWriter(out).value(*read(text).value().root);
        return out;
    }

    Arena arena;
    Interner interner;
};

TEST_F(Json, reads_what_it_wrote) {
    for (const std::string_view text :
         {"null", "true", "[]", "{}", "[1,2.50,-3e-7]", R"({"a":{"b":["c",false]}})",
          R"("\"\\\n\u0000")", "123456789012345678901234567890"}) {
        EXPECT_EQ(rewritten(text), text);
    }
    EXPECT_EQ(rewritten("\"\\ud83d\\ude00\\u00e9\""), "\"\xF0\x9F\x98\x80\xC3\xA9\"");
}

TEST_F(Json, is_read_no_further_once_the_run_is_stopped) {
    CancelToken stop;
    JsonOptions options;
    options.cancel = &stop;
    EXPECT_TRUE(read("[1]", options).ok());
    stop.cancel();
    const auto stopped = read("[1]", options);
    ASSERT_FALSE(stopped.ok());
    EXPECT_NE(stopped.error().message.find("stopped"), std::string::npos);
}

TEST_F(Json, names_the_place_and_what_was_expected) {
    const struct {
        std::string_view text;
        std::uint32_t line, column;
        std::string_view message;
    } cases[] = {
        {"{\n  \"a\": 1,\n}", 3, 1, "expected a key in double quotes"},
        {"[1 2]", 1, 4, "expected ',' or ']'"},
        {"{\"a\" 1}", 1, 6, "expected ':' behind the key"},
        {"[1] x", 1, 5, "expected the end of the document"},
        {"\"abc", 1, 5, "this string has no closing quote"},
        {"[01]", 1, 2, "is not a JSON number"},
        {"", 1, 1, "found the end of the text"},
    };
    for (const auto& c : cases) {
        const auto read_back = read(c.text);
        ASSERT_FALSE(read_back.ok()) << c.text;
        EXPECT_EQ(read_back.error().line, c.line) << c.text;
        EXPECT_EQ(read_back.error().column, c.column) << c.text;
        EXPECT_NE(read_back.error().message.find(c.message), std::string::npos)
            << read_back.error().message;
    }
}

TEST_F(Json, lenient_mode_takes_comments_and_trailing_commas) {
    const JsonOptions lenient{.mode = JsonMode::kLenient};
    EXPECT_TRUE(read("// c\n{\"a\": [1, /* two */ 2,],}", lenient).ok());
    EXPECT_FALSE(read("[1,]").ok());
    EXPECT_FALSE(read("[,]", lenient).ok());
    EXPECT_FALSE(read("/* open", lenient).ok());
}

TEST_F(Json, depth_is_bounded) {
    EXPECT_TRUE(read(std::string(512, '[') + std::string(512, ']')).ok());
    EXPECT_FALSE(read(std::string(513, '[') + std::string(513, ']')).ok());
    EXPECT_FALSE(read(std::string(1'000'000, '[')).ok());
}

TEST_F(Json, duplicate_keys_are_a_choice) {
    EXPECT_EQ(rewritten(R"({"a":1,"a":2})"), R"({"a":2})");
    EXPECT_FALSE(read(R"({"a":1,"a":2})", {.duplicate_keys = DuplicateKeys::kRefuse}).ok());
}

TEST_F(Json, spans_lead_back_to_the_text) {
    const std::string_view text = R"({"key": [10, "x"]})";
    const auto document = read(text, {.spans = KeepSpans::kYes});
    const value::Value* list = document.value().root->find("key");
    const auto span = document.value().spans.value_span(list);
    EXPECT_EQ(text.substr(span->begin, span->end - span->begin), R"([10, "x"])");
    const auto key = document.value().spans.key_span(list);
    EXPECT_EQ(text.substr(key->begin, key->end - key->begin), "\"key\"");
    EXPECT_EQ(document.value().spans.value_span(&list->items()[1])->begin, 13u);
}

TEST(JsonWriter, indents_like_go_and_escapes_like_go) {
    std::string out;
    JsonWriter writer(out, " ", JsonEscapes::kGo);
    writer.begin_array().begin_object().member("a", "<&>\xFF").key("n").integer(-1);
    writer.key("empty").begin_array().end_array().end_object().end_array();
    EXPECT_EQ(
        out,
        "[\n {\n  \"a\": \"\\u003c\\u0026\\u003e\\ufffd\",\n  \"n\": -1,\n  \"empty\": []\n }\n]");
}

}  // namespace
}  // namespace merlon::text
