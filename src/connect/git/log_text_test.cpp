#include "connect/git/log_text.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include "connect/git/column_width.h"
#include "connect/git/gitdiff_view.h"

namespace merlon::connect::git {
namespace {

const ObjectId kId = ObjectId::parse(std::string(40, 'a')).value();
const std::string kTree = "tree " + std::string(40, 'b') + "\n";

std::string commit(std::string_view author, std::string_view message,
                   std::string_view more_lines = "") {
    return kTree + "author " + std::string(author) + "\ncommitter C <c@x> 1 +0000\n" +
           std::string(more_lines) + "\n" + std::string(message);
}

std::string log_of(const std::string& bytes, const Mailmap& mailmap = {}) {
    return log_text(kId, bytes, mailmap, std::nullopt).value().text;
}

// The answers of git 2.39.5.
TEST(LogText, dates_are_those_of_the_author_s_clock) {
    const struct {
        std::string_view author, date;
    } cases[] = {
        {"A <a> 0 +0000", "Thu Jan 1 00:00:00 1970 +0000"},
        {"A <a> 1500000000 -0730", "Thu Jul 13 19:10:00 2017 -0730"},
        {"A <a> 1500000000 +1400", "Fri Jul 14 16:40:00 2017 +1400"},
        {"A <a> 253402300800 +0000", "Sat Jan 1 00:00:00 10000 +0000"},
        {"A <a>", "Thu Jan 1 00:00:00 1970 +0000"},
        {"A <a> 99999999999999999999 +0100", "Thu Jan 1 00:00:00 1970 +0000"},
        {"A <a> <b> 951782400 +0000", "Tue Feb 29 00:00:00 2000 +0000"},
    };
    for (const auto& c : cases) {
        const std::string text = log_of(commit(c.author, "m\n"));
        EXPECT_NE(text.find("\nDate:   " + std::string(c.date) + "\n"), std::string::npos) << text;
    }
}

TEST(LogText, the_message_is_indented_expanded_and_trimmed) {
    EXPECT_EQ(log_of(commit("A <a> 0 +0000", "\n\ntitle  \n\n\tx\na\tb \xE6\x97\xA5\tc\n\n\n")),
              "commit " + kId.hex() +
                  "\nAuthor: A <a>\nDate:   Thu Jan 1 00:00:00 1970 +0000\n\n    title\n    \n"
                  "            x\n    a       b \xE6\x97\xA5    c\n\n");
}

TEST(LogText, is_utf_8_whatever_the_commit_is_in) {
    const std::string latin = commit("M\xFC <m> 0 +0000", "\xE9\n", "encoding ISO-8859-1\n");
    EXPECT_NE(log_of(latin).find("Author: M\xC3\xBC <m>\n"), std::string::npos);
    EXPECT_NE(log_of(latin).find("    \xC3\xA9\n"), std::string::npos);
    const auto unknown =
        log_text(kId, commit("A <a> 0 +0000", "\xE9\n", "encoding none\n"), {}, std::nullopt);
    EXPECT_FALSE(unknown.value().is_recoded);
    EXPECT_NE(unknown.value().text.find("    \xE9\n"), std::string::npos);
}

TEST(Mailmap, finds_who_someone_is) {
    const Mailmap mailmap = Mailmap::parse(
        "# a comment\nNew <a@b> # behind\n<new@x> <old@x>\nProper <p@x> Other Name <A@B>\n"
        "  Z  <z@x> <>\n<> <y>\nbroken <\n");
    using Person = Mailmap::Person;
    EXPECT_EQ(mailmap.resolve("x", "A@b"), (Person{"New", "A@b"}));
    EXPECT_EQ(mailmap.resolve("x", "old@x"), (Person{"x", "new@x"}));
    EXPECT_EQ(mailmap.resolve("other name", "a@b"), (Person{"Proper", "p@x"}));
    EXPECT_EQ(mailmap.resolve("x", ""), (Person{"Z", "z@x"}));
    EXPECT_EQ(mailmap.resolve("x", "y"), (Person{"x", "y"}));
}

TEST(ColumnWidth, counts_as_git_does) {
    EXPECT_EQ(column_width("abc"), 3u);
    EXPECT_EQ(column_width("e\xCC\x81"), 1u);
    EXPECT_EQ(column_width("\xE6\x97\xA5\xF0\x9F\x98\x80"), 4u);
    EXPECT_EQ(column_width("\xC2\xAD"), 1u);
    EXPECT_EQ(column_width("\x01"), std::nullopt);
    EXPECT_EQ(column_width("\xFF"), std::nullopt);
}

GitdiffHeader gitdiff_of(const std::string& bytes) {
    return gitdiff_header(kId, bytes, {}, std::nullopt).value();
}

// The answers of go-gitdiff 0.9.1.
TEST(Gitdiff, joins_the_title_and_keeps_one_of_several_blank_lines) {
    const auto header =
        gitdiff_of(commit("A B <a@b> 1500000000 -0730", "one\ntwo \n\n\n  body\n\n\nmore\n\n"));
    ASSERT_TRUE(header.commit.has_value());
    EXPECT_EQ(header.commit->message, "one two\n\n  body\n\nmore");
    EXPECT_EQ(header.commit->date, "2017-07-14T02:40:00Z");
    EXPECT_EQ(header.commit->author_name, "A B");
    EXPECT_EQ(header.commit->author_mail, "a@b");
}

// git prints no zone for -0001, and go-gitdiff then takes the time for a local one.
TEST(Gitdiff, takes_a_date_without_a_zone_for_a_local_one) {
    EXPECT_EQ(log_date({1'500'000'000, -1}), "Fri Jul 14 02:39:00 2017");
    setenv("TZ", "UTC-2", 1);  // two hours east
    tzset();
    EXPECT_EQ(gitdiff_of(commit("A <a> 1500000000 -0001", "m\n")).commit->date,
              "2017-07-14T00:39:00Z");
    unsetenv("TZ");
    tzset();
}

// git converts what stands before the first zero; half a character of UTF-16 cannot be converted.
TEST(Gitdiff, prints_a_commit_as_it_is_where_its_encoding_does_not_fit) {
    const std::string bytes = kTree + "author A <a@b> 1500000000 +0000\nencoding UTF-16LE\n\n" +
                              std::string("h\0e\0y\0", 6);
    for (const std::string_view padding : {"", "x"}) {
        const auto header = gitdiff_of(std::string(bytes).insert(bytes.find("\nenc"), padding));
        const std::size_t before = bytes.find('\0') + padding.size();
        EXPECT_EQ(header.commit->author_name, before % 2 == 1 ? "A" : "");
    }
}

// git prints each, and go-gitdiff keeps the last.
TEST(Gitdiff, reads_the_last_of_several_author_lines) {
    const auto header =
        gitdiff_of(commit("A <a@b> 1500000000 +0000\nauthor Z <z@z> 1600000000 +0000", "m\n"));
    EXPECT_EQ(header.commit->author_name, "Z");
    EXPECT_EQ(header.commit->date, "2020-09-13T12:26:40Z");
}

TEST(Gitdiff, loses_the_header_to_odd_dates_and_to_long_lines) {
    for (const std::string_view date :
         {"253402300800 +0000", "1500000000 +0075", "1500000000 -2500", "1500000000 +51800"})
        EXPECT_FALSE(gitdiff_of(commit("A <a> " + std::string(date), "m\n")).commit.has_value());
    for (const std::string_view date : {"1500000000 +0060", "1500000000 +2400", "x", ""})
        EXPECT_TRUE(gitdiff_of(commit("A <a> " + std::string(date), "m\n")).commit.has_value());
    const std::string longest(65'536 - 4 - 1, 'x');  // with the indent and the line end, 64 KiB
    EXPECT_TRUE(gitdiff_of(commit("A <a> 0 +0000", longest)).commit.has_value());
    EXPECT_FALSE(gitdiff_of(commit("A <a> 0 +0000", longest + "x")).commit.has_value());
    EXPECT_EQ(gitdiff_of(kTree + "\nm\n").commit->date, "0001-01-01T00:00:00Z");
}

TEST(Gitdiff, loses_files_whose_names_it_cannot_split) {
    const auto path_of = [](std::string path, ChangeKind kind, PatchKind patch) {
        return gitdiff_path({kind, std::move(path), {}, {}, {}, 0}, patch);
    };
    using enum ChangeKind;
    EXPECT_EQ(path_of("a b", kAdded, PatchKind::kText), "a b");
    EXPECT_EQ(path_of("end\\", kAdded, PatchKind::kText), std::nullopt);
    EXPECT_EQ(path_of("mid\\dle", kModified, PatchKind::kText), "mid\\dle");
    EXPECT_EQ(path_of("x b/x", kAdded, PatchKind::kText), "x b/x");
    EXPECT_EQ(path_of("a b/c.zip", kModified, PatchKind::kBinary), "a b/c.zip");
}

}  // namespace
}  // namespace merlon::connect::git
