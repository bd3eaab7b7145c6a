#include "text/xml_write.h"

#include <gtest/gtest.h>

#include "text/xml.h"

namespace merlon::text {
namespace {

TEST(XmlWriter, indents_elements_and_keeps_text_beside_its_tags) {
    std::string out;
    XmlWriter xml(out, "  ");
    xml.begin("a").attribute("x", "1").begin("b").end().element("c", "text").end();
    EXPECT_EQ(out,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<a x=\"1\">\n  <b/>\n  <c>text</c>\n</a>\n");
}

TEST(XmlWriter, what_it_writes_is_read_back) {
    const std::string text = "<&>\"' \xC3\xA9\n\tz";
    std::string out;
    XmlWriter(out, "").begin("a").attribute("x", text).element("b", text).end();
    Arena arena;
    const auto root = read_xml(out, arena);
    ASSERT_TRUE(root.ok()) << root.error().to_string();
    EXPECT_EQ(root.value()->attribute("x"), text);
    EXPECT_EQ(root.value()->child_text("b"), text);
}

TEST(XmlWriter, what_xml_cannot_hold_becomes_the_replacement_character) {
    std::string out;
    XmlWriter(out, "").element("a", std::string_view("\x01\xFF\0b", 4));
    EXPECT_NE(out.find("<a>\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                       "b</a>"),
              std::string::npos)
        << out;
}

}  // namespace
}  // namespace merlon::text
