#include "inventory/known_programs.h"

#include <gtest/gtest.h>

#include "inventory/example.h"

namespace merlon::inventory {
namespace {

using example::read_tree;

std::string text(std::initializer_list<std::string_view> parts) {
    std::string joined(1, '\0');
    for (const std::string_view part : parts) joined += std::string(part) + '\0';
    return joined;
}

std::string found(std::string_view path, std::string_view bytes) {
    std::string shown;
    for (const packages::Package& package :
         example::facts("executable", bytes, path).source.packages)
        shown += package.name + " " + package.version + "\n";
    return shown;
}

TEST(KnownPrograms, says_what_a_program_says_of_itself) {
    const struct {
        std::string_view path, shown;
        std::string bytes;
    } cases[] = {
        {"usr/sbin/nginx", "nginx 1.25.1\n", "nginx version: nginx/1.25.1\n"},
        {"usr/bin/postgres", "postgresql 15beta4\n", "PostgreSQL 15beta4 (Debian 15) on x"},
        {"bin/busybox", "busybox 1.36.1\n", "BusyBox v1.36.1 (2023-12-04)"},
        {"bin/[", "busybox 1.36.1\n", "BusyBox v1.36.1 (2023-12-04)"},
        {"bin/openssl", "openssl 1.1.1w\n", "OpenSSL 1.1.1w  11 Sep 2023"},
        {"bin/openssl", "aws-lc 1.69.0\n", "OpenSSL 1.1.1 (compatible; AWS-LC 1.69.0)"},
        {"lib/libkrb5.so.3.3", "krb5 1.17\n", "KRB5_BRAND: krb5-1.17-final 1.17 20190108"},
        {"usr/bin/redis-server", "redis 5.0.0\n", text({"5.0.05ca5019de136-1539906480000000000"})},
        {"java/bin/java", "oracle/openjdk 11.0.22+7\n",
         text({"x", "openjdk", "java", "0.0", "11.0.22+7"})},
        {"java/bin/java", "oracle/jre 19.0.1+10-21\n", text({"x", "java", "0.0", "19.0.1+10-21"})},
        {"bin/helm", "helm.sh/helm v3.10.3\n", "\x01v3.10.3" + text({""})},
        {"bin/mysqld", "mysql-server 5.7.33\nmysql-cluster 7.6.17\n",
         text({"5.7.33-ndb-7.6.17", "x"})},
        // What such a file could be, and is not.
        {"go", "", "a file that is named go"},
        {"bin/traefik", "", text({"go1.24.11"})},
        {"usr/bin/gzip", "", text({"BusyBox v1.37.0 (x)", "1.0", "x"})},
    };
    for (const auto& c : cases) EXPECT_EQ(found(c.path, c.bytes), c.shown) << c.path;
}

TEST(KnownPrograms, a_version_that_the_name_bears_out_goes_before_others) {
    EXPECT_EQ(found("bin/python3.8", text({"3.6.1", "x", "3.8.16", "y"})), "python 3.8.16\n");
    EXPECT_EQ(found("bin/python3", text({"3.6.1", "x", "3.8.16", "y"})), "python 3.6.1\n");
    // A text that stands in one place of Python only goes before a mere number.
    EXPECT_EQ(found("bin/python3", text({"3.6.1", "x", "3.8.16", "%.80s (%.80s) %.80s"})),
              "python 3.8.16\n");
}

TEST(KnownPrograms, files_are_chosen_by_their_name) {
    for (const std::string_view name :
         {"python3.11", "libpython3.7m.so.1.0", "libavcodec-9aae324f.so.59.37.100", "perl5.36.0",
          "libruby-3.2.so.3.2", "libQt5Core.so.5.15.2"})
        EXPECT_FALSE(programs_of(name).empty()) << name;
    for (const std::string_view name :
         {"python_utils.py", "python3.md", "go.mod", "java.txt", "libpython3.so.gz", "ghc-notes"})
        EXPECT_TRUE(programs_of(name).empty()) << name;
    EXPECT_EQ(reader_for("usr/bin/python3.11")->name, "executable");
    EXPECT_EQ(reader_for("python_utils.py"), nullptr);
}

TEST(KnownPrograms, finds_what_stands_across_two_windows) {
    constexpr std::size_t kWindowBytes = std::size_t{4} << 20;
    for (const std::size_t before : {kWindowBytes - 8, kWindowBytes + 8, 3 * kWindowBytes}) {
        const std::string bytes = std::string(before, '\0') + "BusyBox v1.36.1 (x)";
        EXPECT_EQ(found("bin/busybox", bytes), "busybox 1.36.1\n") << before;
    }
}

TEST(KnownPrograms, the_file_beside_a_program_says_its_version) {
    EXPECT_EQ(read_tree({{"go/bin/go", "none in here"}, {"go/VERSION", "go1.21 Fri 2003\n"}}),
              "== go/bin/go (executable)\n0:0 go 1.21 runtime\n");
    EXPECT_EQ(read_tree({{"b/firefox", "none"},
                         {"b/application.ini", "[App]\nName=Firefox\nVersion=151.0\n"}}),
              "== b/firefox (executable)\n0:0 firefox 151.0 runtime\n");
    EXPECT_EQ(read_tree({{"b/firefox", "none"},
                         {"b/application.ini", "[App]\nName=Thunderbird\nVersion=151.0\n"}}),
              "");
    EXPECT_EQ(read_tree({{"VERSION", "2.0\n"}}), "");
}

TEST(KnownPrograms, has_the_name_that_vulnerability_lists_use) {
    const Facts facts = example::facts("executable", "Apache/2.4.54", "usr/sbin/httpd");
    ASSERT_EQ(facts.source.packages.size(), 1u);
    EXPECT_EQ(facts.source.packages[0].cpe, "cpe:2.3:a:apache:http_server:2.4.54:*:*:*:*:*:*:*");
    const Facts erlang = example::facts("executable", "/otp_src_26.2/", "bin/erlexec");
    ASSERT_EQ(erlang.source.packages.size(), 1u);
    EXPECT_EQ(erlang.source.packages[0].cpe, "cpe:2.3:a:erlang:erlang\\/otp:26.2:*:*:*:*:*:*:*");
}

}  // namespace
}  // namespace merlon::inventory
