#include "text/packing.h"

#include <gtest/gtest.h>

#include <string>

namespace merlon::text {
namespace {

using namespace std::string_literals;

constexpr std::size_t kNowhere = std::string_view::npos;

// An empty zip: its end alone.
std::string zip_end(const std::string& comment) {
    return "PK\5\6"s + std::string(16, '\0') + static_cast<char>(comment.size()) + '\0' + comment;
}

TEST(Packing, finds_a_zip_behind_a_program) {
    EXPECT_TRUE(ends_as_zip(zip_end("")));
    EXPECT_EQ(embedded_archive("anything" + zip_end("")), 0U);
    EXPECT_EQ(embedded_archive("#!/bin/sh\nPK" + zip_end("a comment")), 0U);
    EXPECT_EQ(embedded_archive("text, no program" + zip_end("a comment")), kNowhere);
}

TEST(Packing, names_the_framed_streams_that_are_not_opened) {
    EXPECT_NE(closed_format("\xFF\6\0\0MinLz\x0A"s + "more", "a.mz"), "");
    EXPECT_NE(closed_format("\xFF\6\0\0S2sTwO"s, "a"), "");
    EXPECT_EQ(closed_format("\xFF\6\0\0sNaPpY"s, "a.s2"), "");
    EXPECT_EQ(closed_format("plain text", "a.mz"), "");
}

TEST(Packing, finds_a_zip_between_a_program_and_what_was_put_behind_it) {
    std::string end = zip_end("note");
    end[12] = 46;
    const std::string zip = "PK\1\2"s + std::string(42, '\0') + end;
    for (const std::string& behind : {"\n"s, std::string(4096, '\0'), "signed by"s}) {
        EXPECT_EQ(embedded_archive("#!/usr/bin/python3\n" + zip + behind), 0U);
        EXPECT_EQ(embedded_archive("MZ\x90" + zip + behind), 0U);
    }
    // Where the directory should stand something else does, or the comment goes on.
    EXPECT_EQ(embedded_archive("MZ\x90" + zip.substr(4) + "\n"), kNowhere);
    EXPECT_EQ(embedded_archive("MZ\x90" + zip.substr(0, zip.size() - 1)), kNowhere);
}

TEST(Packing, takes_no_constant_of_a_program_for_an_end) {
    EXPECT_EQ(embedded_archive("\x7F"s + "ELF" + zip_end("") + "and more"), kNowhere);
    EXPECT_EQ(embedded_archive("MZ PK\5\6"), kNowhere);
    EXPECT_EQ(embedded_archive("#!"), kNowhere);
    EXPECT_EQ(embedded_archive(""), kNowhere);
}

TEST(Packing, finds_a_stream_behind_a_script) {
    EXPECT_EQ(embedded_archive("#!/bin/sh\nexit\n\x1F\x8B\x08..."s), 15U);
    EXPECT_EQ(embedded_archive("exit\n\x1F\x8B\x08..."s), kNowhere);
}

TEST(Packing, names_what_is_not_opened) {
    EXPECT_EQ(closed_format("MSCF\0\0\0\0rest"s, "a"), "a cabinet of Windows");
    EXPECT_TRUE(closed_format("# v2 git bundle\n0123", "a").starts_with("a bundle of Git"));
    EXPECT_EQ(closed_format("PK\3\4", "a.zip"), "");
    EXPECT_EQ(closed_format("", ""), "");
    EXPECT_EQ(closed_format("\0"s, "a.z02"), "a part of a zip in several files");
    EXPECT_EQ(closed_format("text", "a.z02"), "");
    EXPECT_EQ(closed_format("\0"s, "z02"), "");
}

}  // namespace
}  // namespace merlon::text
