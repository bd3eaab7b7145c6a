#include "text/json.h"

#include <gtest/gtest.h>

#include "text/json_plain.h"

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

// Objects of a list that are written alike are put together by what was learnt from those before.
TEST_F(Json, objects_of_a_long_list_are_as_each_by_itself) {
    const std::string_view kinds[] = {
        R"({"b":1,"a":2})",
        R"({"a":1,"b":2})",
        R"({"b":{"z":[{"b":3,"a":4}],"y":"a name that is longer than twelve bytes"},"a":5})",
        R"({"a name that is longer than twelve bytes":6,"b":7})",
        R"({"b":8,"a name that is longer than twelve bytes":9})",
        R"({"b":10,"a":11,"b":12})",
        R"({"b":13})",
        R"({})",
        R"({"a":14,"b":15,"c":16,"d":17,"e":18,"f":19,"g":20,"h":21,"i":22})",
        R"({"i":23,"h":24,"g":25,"f":26,"e":27,"d":28,"c":29,"b":30,"a":31})",
    };
    std::string all = "[";
    for (std::size_t i = 0; i < 500; ++i) {
        if (i > 0) all += ", ";
        all += kinds[i * i % std::size(kinds)];
    }
    all += "]";
    const auto items = read(all).value().root->items();
    ASSERT_EQ(items.size(), 500U);
    for (std::size_t i = 0; i < items.size(); ++i) {
        std::string out;
        JsonWriter(out).value(items[i]);
        EXPECT_EQ(out, rewritten(kinds[i * i % std::size(kinds)])) << i;
        EXPECT_EQ(value::compare(items[i], *read(kinds[i * i % std::size(kinds)]).value().root), 0);
    }
    JsonOptions strict;
    strict.duplicate_keys = DuplicateKeys::kRefuse;
    EXPECT_FALSE(read(all, strict).ok());
    JsonOptions with_spans;
    with_spans.spans = KeepSpans::kYes;
    const auto placed = read(all, with_spans);
    const value::Value& last = placed.value().root->items().back();
    EXPECT_TRUE(placed.value().spans.value_span(&last.values().front()).has_value());
}

// The last bytes of a text are looked at together with some before them.
TEST_F(Json, what_has_to_be_escaped_is_seen_at_each_place) {
    for (std::size_t length = 0; length < 40; ++length) {
        EXPECT_EQ(plain_json_run(std::string(length, 'x')), length);
        for (std::size_t at = 0; at < length; ++at)
            for (const char c : {'"', '\\', '\n', '\x1f', '\xc3', '\0'}) {
                std::string text(length, 'x');
                text[at] = c;
                EXPECT_EQ(plain_json_run(text), at) << length;
                text.back() = c;
                EXPECT_EQ(plain_json_run(text), at) << length;
            }
    }
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
