#include "net/http_url.h"

#include <gtest/gtest.h>

#include "net/proxy.h"

namespace merlon::net {
namespace {

TEST(HttpUrl, takes_an_address_apart_and_hides_its_credentials) {
    const auto url = parse_http_url("HTTPS://me:p%40ss@Example.ORG:8443/a%20b?c=d#e");
    ASSERT_TRUE(url.ok()) << url.error().to_string();
    EXPECT_EQ(url.value().host, "example.org");
    EXPECT_EQ(url.value().port, 8443);
    EXPECT_EQ(url.value().target, "/a%20b?c=d");
    EXPECT_EQ(url.value().credentials, "me:p@ss");
    EXPECT_EQ(url.value().text(), "https://example.org:8443/a%20b?c=d");
    EXPECT_EQ(parse_http_url("http://to%3Aken@a/").value().credentials, "to:ken:");
    EXPECT_EQ(parse_http_url("http://@a/").value().credentials, "");
}

TEST(HttpUrl, knows_the_ports_of_schemes_and_the_brackets_of_addresses) {
    EXPECT_EQ(parse_http_url("http://a").value().text(), "http://a/");
    EXPECT_EQ(parse_http_url("http://a:80?q").value().text(), "http://a/?q");
    EXPECT_EQ(parse_http_url("https://a:80").value().authority(), "a:80");
    EXPECT_EQ(parse_http_url("https://[2001:DB8::1]:443/").value().host, "2001:db8::1");
    EXPECT_EQ(parse_http_url("https://[2001:db8::1]:9/").value().authority(), "[2001:db8::1]:9");
}

TEST(HttpUrl, refuses_what_is_no_plain_address) {
    for (const std::string_view text :
         {"", "ftp://a/", "a/b", "//a/b", "http:///b", "http://a:0/", "http://a:65536/",
          "http://a:b/", "http://a b/", "http://a/\r\nx: y", "http://[::1/", "http://[x]/",
          "http://a\\b/", "http://a%41/", "file:///etc/passwd"}) {
        EXPECT_FALSE(parse_http_url(text).ok()) << text;
    }
    const auto refused = parse_http_url("ftp://me:secret@host/");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
}

TEST(Proxy, exceptions_are_names_addresses_and_blocks) {
    const struct {
        std::string_view url, no_proxy;
        bool excepted;
    } cases[] = {
        {"http://a.example.org/", "example.org", true},
        {"http://a.example.org/", ".example.org", true},
        {"http://a.example.org/", "*.Example.org", true},
        {"http://example.org/", "other.net, example.org", true},
        {"http://badexample.org/", "example.org", false},
        {"http://example.org/", "a.example.org", false},
        {"http://example.org:8080/", "example.org:8080", true},
        {"http://example.org/", "example.org:8080", false},
        {"http://anything/", "*", true},
        {"http://10.1.2.3/", "10.0.0.0/8", true},
        {"http://11.1.2.3/", "10.0.0.0/8", false},
        {"http://10.1.2.3/", "10.1.2.3", true},
        {"http://110.1.2.3/", "10.1.2.3", false},
        {"http://[2001:db8::1]/", "2001:db8::/32", true},
        {"http://[2001:db8::1]/", "[2001:db8:0::1]", true},
        {"http://a/", "", false},
        {"http://a/", "a/33, /, [", false},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(is_excepted(parse_http_url(c.url).value(), c.no_proxy), c.excepted)
            << c.url << " " << c.no_proxy;
    }
}

TEST(Proxy, is_chosen_by_the_scheme_and_the_lower_case_variable_first) {
    const auto chosen = [](std::string_view url,
                           std::vector<std::pair<std::string, std::string>> set) -> std::string {
        const auto proxy = proxy_for(parse_http_url(url).value(),
                                     [&](const std::string& name) -> std::optional<std::string> {
                                         for (const auto& [key, value] : set) {
                                             if (key == name) return value;
                                         }
                                         return std::nullopt;
                                     });
        if (!proxy.ok()) return "error";
        return proxy.value().has_value() ? proxy.value()->text() : "";
    };
    EXPECT_EQ(chosen("https://a/", {}), "");
    EXPECT_EQ(chosen("https://a/", {{"HTTPS_PROXY", "p:3128"}}), "http://p:3128/");
    EXPECT_EQ(chosen("https://a/", {{"HTTPS_PROXY", "p"}, {"https_proxy", "https://q"}}),
              "https://q/");
    EXPECT_EQ(chosen("https://a/", {{"HTTP_PROXY", "p"}}), "");
    EXPECT_EQ(chosen("http://a/", {{"HTTP_PROXY", "p"}}), "http://p/");
    EXPECT_EQ(chosen("http://a/", {{"HTTP_PROXY", "p"}, {"REQUEST_METHOD", "GET"}}), "");
    EXPECT_EQ(chosen("https://a/", {{"ALL_PROXY", "p"}}), "http://p/");
    EXPECT_EQ(chosen("https://a/", {{"ALL_PROXY", "p"}, {"NO_PROXY", "a"}}), "");
    EXPECT_EQ(chosen("https://a/", {{"HTTPS_PROXY", "socks5://p"}}), "error");
}

TEST(HttpUrl, keeps_credentials_within_one_origin_alone) {
    const std::string_view from = "https://me:p%40ss@host/a.git";
    EXPECT_EQ(with_credentials_of("https://host/b.git", from), "https://me:p%40ss@host/b.git");
    EXPECT_EQ(with_credentials_of("https://host:443/b", from), "https://me:p%40ss@host:443/b");
    EXPECT_EQ(with_credentials_of("https://own:x@host/b", from), "https://own:x@host/b");
    for (const std::string_view other :
         {"https://host:8443/b", "https://other/b", "http://host/b", "no address"}) {
        EXPECT_EQ(with_credentials_of(other, from), other);
    }
    EXPECT_EQ(with_credentials_of("https://host/b", "https://host/a"), "https://host/b");
}

}  // namespace
}  // namespace merlon::net
