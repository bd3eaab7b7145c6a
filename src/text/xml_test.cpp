#include "text/xml.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

TEST(Xml, gives_elements_texts_attributes_and_places) {
    Arena arena;
    const std::string_view text =
        "<?xml version=\"1.0\"?>\n<!-- c --><p:a xmlns:p=\"u\" x=\"1 &amp; 2\">\n"
        "  <b> one <!-- not --> two </b><c/><b><![CDATA[<three>]]></b>\n</p:a>";
    const auto read = read_xml(text, arena);
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    const XmlElement* root = read.value();
    EXPECT_EQ(root->name, "a");
    EXPECT_EQ(root->attribute("x"), "1 & 2");
    EXPECT_EQ(root->attribute("y"), "");
    EXPECT_EQ(root->child_text("b"), "one  two");
    EXPECT_EQ(root->child("c")->next->text, "<three>");
    EXPECT_EQ(root->child("d"), nullptr);
    EXPECT_EQ(text.substr(root->child("c")->offset, 4), "<c/>");
    EXPECT_EQ(root->child("c")->parent, root);
}

TEST(Xml, says_where_it_is_broken) {
    Arena arena;
    const auto read = read_xml("<a>\n <b></c>\n</a>", arena);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().line, 2u);
    EXPECT_EQ(read.error().message, "XML: mismatched tag");
    EXPECT_FALSE(read_xml("", arena).ok());
    EXPECT_FALSE(read_xml("<a>", arena).ok());
}

TEST(Xml, refuses_entities_and_too_much) {
    Arena arena;
    const auto entities = read_xml("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", arena);
    ASSERT_FALSE(entities.ok());
    EXPECT_EQ(entities.error().message, "XML: it declares entities, which are not read");
    EXPECT_FALSE(
        read_xml("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>", arena).ok());
    EXPECT_TRUE(read_xml("<!DOCTYPE a SYSTEM \"a.dtd\"><a/>", arena).ok());
    EXPECT_EQ(read_xml("<a><b><c/></b></a>", arena, {.max_depth = 2}).error().message,
              "XML: elements nest too deep");
    EXPECT_EQ(read_xml("<a><b/><b/></a>", arena, {.max_elements = 2}).error().message,
              "XML: too many elements");
}

TEST(Xml, is_utf_8_whatever_it_declares) {
    Arena arena;
    EXPECT_EQ(
        read_xml("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>\xC3\xA9</a>", arena).value()->text,
        "\xC3\xA9");
    EXPECT_FALSE(read_xml("<a>\xFF</a>", arena).ok());
}

TEST(Xml, what_is_no_utf_8_is_what_it_declares) {
    Arena arena;
    const std::string_view text =
        "<?xml version=\"1.0\" encoding='ISO-8859-1'?><a b=\"\xE9\">\x80\xE9</a>";
    const auto read = read_xml(text, arena);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read.value()->text, "\xE2\x82\xAC\xC3\xA9");
    EXPECT_EQ(read.value()->attribute("b"), "\xC3\xA9");
    const std::string_view wide("\xFF\xFE<\0a\0>\0\xE9\0<\0/\0a\0>\0", 18);
    EXPECT_EQ(read_xml(wide, arena).value()->text, "\xC3\xA9");
    EXPECT_FALSE(read_xml("<?xml version=\"1.0\" encoding=\"EBCDIC\"?><a>\xFF</a>", arena).ok());
}

}  // namespace
}  // namespace merlon::text
