#include "packages/cpe.h"

#include <gtest/gtest.h>

namespace merlon::packages {
namespace {

std::string read(std::string_view text) {
    const auto name = parse_cpe(text);
    return name.ok() ? to_string(name.value()) : "refused: " + name.error().message;
}

TEST(Cpe, reads_both_spellings_of_the_examples_of_nistir_7695) {
    const struct {
        std::string_view uri, formatted;
    } cases[] = {
        // 6.1.2.3 and 6.2.2.3, examples 1 to 7.
        {"cpe:/a:microsoft:internet_explorer:8.0.6001:beta",
         "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*"},
        {"cpe:/a:microsoft:internet_explorer:8.%02:sp%01",
         R"(cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*)"},
        {"cpe:/a:hp:insight_diagnostics:7.4.0.1570::~~online~win2003~x64~",
         "cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:*:*:*:online:win2003:x64:*"},
        {"cpe:/a:hp:openview_network_manager:7.51::~~~linux~~",
         "cpe:2.3:a:hp:openview_network_manager:7.51:*:*:*:*:linux:*:*"},
        {"cpe:/a:foo%5cbar:big%24money_manager_2010:::~~special~ipod_touch~80gb~",
         R"(cpe:2.3:a:foo\\bar:big\$money_manager_2010:*:*:*:*:special:ipod_touch:80gb:*)"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(read(c.uri), c.formatted);
        EXPECT_EQ(read(c.formatted), c.formatted);
    }
    EXPECT_EQ(read("CPE:2.3:A:Apache:HTTP_Server:2\\.4\\.49:-:*:*:*:*:*:*"),
              "cpe:2.3:a:apache:http_server:2.4.49:-:*:*:*:*:*:*");
    EXPECT_EQ(read("cpe:/o:debian:debian_linux:10.0"),
              "cpe:2.3:o:debian:debian_linux:10.0:*:*:*:*:*:*:*");
    EXPECT_EQ(read("cpe:2.3:a:erlang:erlang\\/otp:26.2:*:*:*:*:*:*:*"),
              "cpe:2.3:a:erlang:erlang\\/otp:26.2:*:*:*:*:*:*:*");
}

TEST(Cpe, refuses_what_is_no_name) {
    for (const std::string_view text :
         {"", "cpe", "cpe:2.3:a:b:c", "cpe:2.3:a:b:c:1:*:*:*:*:*:*:*:*",
          "cpe:2.3:x:b:c:1:*:*:*:*:*:*:*", "cpe:2.3:a::c:1:*:*:*:*:*:*:*",
          "cpe:2.3:a:b*c:c:1:*:*:*:*:*:*:*", "cpe:2.3:a:b:c:1:*:*:*:*:*:*:\\",
          "cpe:2.3:a:b c:c:1:*:*:*:*:*:*:*", "cpe:/a:b:c:d:e:f:g:h", "cpe:/a:b%2", "cpe:/a:b%zz",
          "cpe:/a:b%00", "cpe:/a:b:c:1::~a~b"}) {
        EXPECT_FALSE(parse_cpe(text).ok()) << text;
    }
    EXPECT_FALSE(parse_cpe("cpe:/a:" + std::string(5000, 'x')).ok());
}

TEST(Cpe, compares_values_as_table_6_2_of_nistir_7696) {
    const auto value = [](std::string_view text) {
        return parse_cpe("cpe:2.3:a:" + std::string(text) + ":c:1:*:*:*:*:*:*:*")
            .value()[CpeAttribute::kVendor];
    };
    using enum CpeRelation;
    const struct {
        std::string_view source, target;
        CpeRelation relation;
    } cases[] = {
        {"*", "*", kEqual},      {"*", "-", kSuperset},    {"*", "x", kSuperset},
        {"-", "*", kSubset},     {"-", "-", kEqual},       {"-", "x", kDisjoint},
        {"x", "x", kEqual},      {"x", "y", kDisjoint},    {"x", "-", kDisjoint},
        {"x", "*", kSubset},     {"x*", "xyz", kSuperset}, {"x*", "yx", kDisjoint},
        {"*x", "yx", kSuperset}, {"??x", "yx", kSuperset}, {"?x", "yyx", kDisjoint},
        {"x*", "*", kSubset},    {"x*", "-", kDisjoint},   {"x?", "x", kSuperset},
        {"X", "x", kEqual},      {"x*", "x*", kEqual},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(compare(value(c.source), value(c.target)), c.relation)
            << c.source << " " << c.target;
    }
}

}  // namespace
}  // namespace merlon::packages
