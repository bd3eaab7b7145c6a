#include "text/office.h"

#include <gtest/gtest.h>

namespace merlon::text {
namespace {

const CancelToken kGoOn;

std::vector<OfficePart> read(const std::vector<std::pair<std::string, std::string>>& members) {
    OfficeReader reader(kGoOn);
    for (const auto& [name, xml] : members) {
        EXPECT_TRUE(OfficeReader::is_text_part(name)) << name;
        reader.take(name, xml);
    }
    return reader.finish();
}

TEST(OfficeReader, joins_the_runs_of_a_paragraph) {
    const auto parts =
        read({{"word/document.xml",
               "<?xml version=\"1.0\"?>\n<w:document>\n<w:body><w:p><w:r><w:t>ke</w:t></w:r>\n"
               "<w:r><w:t>y=&lt;a&#38;b&#x3E;</w:t></w:r></w:p><w:p/>"
               "<w:p><w:r><w:t>two</w:t><w:tab/><w:t>x</w:t><w:br/><w:t>y</w:t></w:r></w:p>"}});
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(parts[0].content.text, "key=<a&b>\ntwo\tx\ny\n");
    ASSERT_EQ(parts[0].content.lines.size(), 3u);
    EXPECT_EQ(parts[0].content.lines[0].name, "paragraph 1");
    EXPECT_EQ(parts[0].content.lines[2].name, "paragraph 2");
}

TEST(OfficeReader, names_the_cell_that_shows_a_string) {
    const std::string strings =
        "<sst><si><t>first</t></si><si><r><t>se</t></r><r><t>cond</t></r></si>"
        "<si><t>unused</t></si></sst>";
    const std::string sheet =
        "<worksheet><row r=\"1\"><c r=\"A1\" t=\"s\"><v>1</v></c>"
        "<c r=\"B1\"><v>42</v></c><c r=\"C1\" t=\"inlineStr\"><is><t>here</t></is></c>"
        "<c r=\"D1\" t=\"s\"><v>0</v></c><c r=\"E1\" t=\"s\"><v>1</v></c></row></worksheet>";
    for (const bool strings_first : {true, false}) {
        const std::pair<std::string, std::string> a{"xl/sharedStrings.xml", strings};
        const std::pair<std::string, std::string> b{"xl/worksheets/sheet1.xml", sheet};
        const auto parts = strings_first ? read({a, b}) : read({b, a});
        ASSERT_EQ(parts.size(), 2u);
        EXPECT_EQ(parts[0].member, "xl/worksheets/sheet1.xml");
        EXPECT_EQ(parts[0].content.text, "42\nhere\nfirst\nsecond\n");
        EXPECT_EQ(parts[0].content.lines[2].name, "cell D1");
        EXPECT_EQ(parts[0].content.lines[3].name, "cell A1");
        EXPECT_EQ(parts[1].member, "xl/sharedStrings.xml");
        EXPECT_EQ(parts[1].content.text, "unused\n");
    }
}

TEST(OfficeReader, reads_slides_and_open_documents) {
    const auto parts = read({{"ppt/slides/slide3.xml", "<a:p><a:r><a:t>one</a:t></a:r></a:p>"},
                             {"content.xml",
                              "<text:h>head</text:h><text:p>a<text:s/>b<text:span>c</text:span>"
                              "<![CDATA[<d>]]><!-- no --></text:p>"}});
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(parts[0].content.text, "one\n");
    EXPECT_EQ(parts[1].content.text, "head\na bc<d>\n");
}

TEST(OfficeReader, takes_broken_xml_for_what_it_still_says) {
    for (const std::string_view xml :
         {"<", "<a", "<a b='", "&", "&;", "&#;", "&#x110000;", "<![CDATA[", "<!--", "</",
          "<c r=\"A1\" t=\"s\"><v>99999999999999999999</v></c>", "<c"}) {
        OfficeReader reader(kGoOn);
        for (const char* member :
             {"word/document.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"})
            reader.take(member, xml);
        (void)reader.finish();
    }
    EXPECT_EQ(read({{"word/document.xml", "<w:p><w:t>text &unknown; &amp"}})[0].content.text,
              "text &unknown; &amp\n");
}

TEST(IsOfficeFile, goes_by_the_extension) {
    EXPECT_TRUE(is_office_file("a/Report.DOCX"));
    EXPECT_TRUE(is_office_file("x.ods"));
    EXPECT_FALSE(is_office_file("x.zip"));
    EXPECT_FALSE(is_office_file(""));
    EXPECT_FALSE(OfficeReader::is_text_part("word/_rels/document.xml.rels"));
}

TEST(OfficeReader, reads_no_further_once_it_is_stopped) {
    CancelToken stop;
    stop.cancel();
    OfficeReader reader(stop);
    reader.take("word/document.xml", "<w:p><w:t>text</w:t></w:p>");
    EXPECT_TRUE(reader.finish().empty());
}

}  // namespace
}  // namespace merlon::text
