#include "base/uri.h"

#include <gtest/gtest.h>

namespace merlon {
namespace {

TEST(Uri, resolves_the_examples_of_rfc_3986_section_5_4) {
    constexpr std::string_view kBase = "http://a/b/c/d;p?q";
    const struct {
        std::string_view reference, target;
    } cases[] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"},
        {"g;x?y#s", "http://a/b/c/g;x?y#s"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        // 5.4.2, abnormal ones
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {".g", "http://a/b/c/.g"},
        {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/./x", "http://a/b/c/g?y/./x"},
        {"g#s/../x", "http://a/b/c/g#s/../x"},
        {"http:g", "http:g"},
    };
    for (const auto& c : cases) EXPECT_EQ(resolve_uri(kBase, c.reference), c.target) << c.reference;
}

TEST(Uri, a_base_need_not_be_absolute) {
    EXPECT_EQ(resolve_uri("", "a#b"), "a#b");
    EXPECT_EQ(resolve_uri("dir/file", "other"), "dir/other");
    EXPECT_EQ(resolve_uri("urn:uuid:1", "#a"), "urn:uuid:1#a");
    EXPECT_EQ(resolve_uri("http://host", "x"), "http://host/x");
}

TEST(Uri, tells_absent_from_empty) {
    const UriParts parts = parse_uri("s:?#");
    EXPECT_EQ(parts.scheme, "s");
    EXPECT_FALSE(parts.authority);
    EXPECT_EQ(parts.query, "");
    EXPECT_EQ(parts.fragment, "");
    EXPECT_FALSE(parse_uri("1a:b").scheme) << "a scheme begins with a letter";
    EXPECT_FALSE(parse_uri("a/b:c").scheme);
}

TEST(Uri, decodes_what_is_escaped_and_leaves_the_rest) {
    EXPECT_EQ(percent_decode("a%20b%zz%4"), "a b%zz%4");
    EXPECT_EQ(percent_decode("%+1"), "%+1");
}

}  // namespace
}  // namespace merlon
