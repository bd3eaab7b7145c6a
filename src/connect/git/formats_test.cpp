// The small formats, by the examples of their documents. What needs a repository is held beside the
// git binary in tests/git.

#include <gtest/gtest.h>

#include "connect/git/approximate_date.h"
#include "connect/git/chunk_table.h"
#include "connect/git/clean_content.h"
#include "connect/git/commit.h"
#include "connect/git/config_file.h"
#include "connect/git/delta.h"
#include "connect/git/inflate.h"
#include "connect/git/refs.h"
#include "connect/git/truth.h"

namespace merlon::connect::git {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::string_view kIdA = "1111111111111111111111111111111111111111";
constexpr std::string_view kIdB = "2222222222222222222222222222222222222222";

std::string applied(std::string_view base, std::string_view delta) {
    const auto header = read_delta_header(delta);
    if (!header.ok()) return "refused: " + header.error().message;
    if (header.value().result_size > 1000) return "refused: too long";
    std::string result(static_cast<std::size_t>(header.value().result_size), '?');
    const Status status = apply_delta(base, delta, header.value(), result.data());
    return status.ok() ? result : "refused: " + status.error().message;
}

TEST(Delta, copies_and_inserts) {
    // Sizes 10 and 7; copy 4 bytes from offset 3; insert "xyz".
    EXPECT_EQ(applied("0123456789", "\x0A\x07\x91\x03\x04\x03xyz"sv), "3456xyz");
    EXPECT_EQ(applied("", "\x00\x02\x02hi"sv), "hi");
    EXPECT_EQ(applied("abc", "\x03\x00"sv), "");
}

TEST(Delta, is_refused_where_it_leaves_its_base_or_its_result) {
    for (const std::string_view delta : {
             "\x0A\x07\x91\x08\x04\x03xyz"sv,  // copies from behind the end
             "\x0A\x06\x91\x03\x04\x03xyz"sv,  // gives more than announced
             "\x0A\x08\x91\x03\x04\x03xyz"sv,  // gives less
             "\x0B\x07\x91\x03\x04\x03xyz"sv,  // is for another base
             "\x0A\x07\x91\x03"sv,             // ends in an instruction
             "\x0A\x07\x91\x03\x04\x03xy"sv,   // ends in an insertion
             "\x0A\x01\x00"sv,                 // the reserved instruction
             "\x0A"sv, ""sv,
             "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\x00"sv,  // a size of 70 bits
         }) {
        EXPECT_TRUE(applied("0123456789", delta).starts_with("refused"))
            << testing::PrintToString(delta);
    }
}

TEST(Inflate, refuses_a_size_that_the_bytes_cannot_give) {
    EXPECT_FALSE(inflate_exactly("x\x9C", std::uint64_t{1} << 40).ok());
    EXPECT_FALSE(inflate_exactly("", 0).ok());
}

TEST(Config, reads_sections_quotes_escapes_and_comments) {
    const auto config = ConfigFile::parse(
        "; comment\n[core]\n\tbare = true # yes\n\trepositoryFormatVersion = 1\n"
        "[remote \"Origin \\\"x\\\"\"]\n url = \"a;b\" c \\\n  d\n promisor\n"
        "[Extensions] objectFormat=sha256\n[old.Style]\nKey=v\n[core]\nbare = off\n");
    ASSERT_TRUE(config.ok()) << config.error().to_string();
    EXPECT_FALSE(config.value().is_true("core.bare"));
    EXPECT_EQ(config.value().find("core.repositoryformatversion"), "1");
    EXPECT_EQ(config.value().find("remote.Origin \"x\".url"), "a;b c   d");
    EXPECT_TRUE(config.value().is_true("remote.Origin \"x\".promisor"));
    EXPECT_EQ(config.value().find("extensions.objectformat"), "sha256");
    EXPECT_EQ(config.value().find("old.style.key"), "v");
    EXPECT_FALSE(config.value().find("core.nothing").has_value());
}

TEST(Truth, is_what_git_takes_for_it) {
    for (const std::string_view yes :
         {"true", "TRUE", "yEs", "on",  "1",          "7",           "-1",   "+3",
          "1k",   "1K",   "1m",  "1g",  "2147483647", "-2147483647", "0x10", "0X1F",
          "010",  " 5",   "\t1", "\v1", "-1k",        "2097151k"}) {
        EXPECT_EQ(parse_truth(yes), true) << yes;
    }
    for (const std::string_view no :
         {"false", "No", "OFF", "", "0", "00", "-0", "0k", "0K", "0x0", "0g"}) {
        EXPECT_EQ(parse_truth(no), false) << no;
    }
    for (const std::string_view neither : {"2g",
                                           "2147483648",
                                           "-2147483648",
                                           "-2g",
                                           "0x",
                                           "0xg",
                                           "08",
                                           "5 ",
                                           "k",
                                           "1kb",
                                           "1.5",
                                           "- 1",
                                           "--1",
                                           "99999999999999999999",
                                           "99999999999999999999g",
                                           "maybe",
                                           "true ",
                                           " true",
                                           "t",
                                           "y",
                                           "0b1",
                                           "1 k",
                                           "0xk",
                                           "2097152k",
                                           " ",
                                           "+",
                                           "-"}) {
        EXPECT_EQ(parse_truth(neither), std::nullopt) << neither;
    }
}

TEST(Truth, of_a_configuration_is_there_without_a_value) {
    const auto config =
        ConfigFile::parse("[core]\n\tautocrlf\n\tfilemode = 1k\n\tsymlinks =\n\tbare = maybe\n");
    ASSERT_TRUE(config.ok());
    EXPECT_TRUE(config.value().is_true("core.autocrlf"));
    EXPECT_TRUE(config.value().is_true("core.filemode"));
    EXPECT_FALSE(config.value().is_true("core.symlinks"));
    EXPECT_FALSE(config.value().is_true("core.bare"));
    EXPECT_EQ(auto_crlf_of(config.value()), AutoCrlf::kOn);
    const auto auto_crlf = [](const std::string& value) {
        return auto_crlf_of(ConfigFile::parse("[core]\nautocrlf = " + value).value());
    };
    EXPECT_EQ(auto_crlf("Input"), AutoCrlf::kInput);
    EXPECT_EQ(auto_crlf("2"), AutoCrlf::kOn);
    EXPECT_EQ(auto_crlf("0"), AutoCrlf::kOff);
    EXPECT_EQ(auto_crlf_of(ConfigFile::parse("").value()), AutoCrlf::kOff);
}

TEST(Config, names_the_line_that_is_wrong) {
    for (const std::string_view wrong : {"[core\n", "\nkey = value\n", "[a]\nb = \"c\n", "[a]\n!\n",
                                         "[a \"b\n", "[a]\nb = \\q\n"}) {
        EXPECT_FALSE(ConfigFile::parse(wrong).ok()) << wrong;
    }
    const auto config = ConfigFile::parse("[a]\n\nb = \\q\n");
    ASSERT_FALSE(config.ok());
    EXPECT_EQ(config.error().line, 3u);
}

TEST(Commit, reads_headers_and_message) {
    const std::string bytes =
        "tree "s + std::string(kIdA) + "\nparent " + std::string(kIdB) + "\nparent " +
        std::string(kIdA) +
        "\nauthor A U Thor <a@example.com> 1112911993 -0700\n"
        "committer C O Mitter <c@example.com> 1112911994 +0130\n"
        "gpgsig -----BEGIN PGP SIGNATURE-----\n author no\n -----END PGP SIGNATURE-----\n"
        "encoding ISO-8859-1\n\nTitle\n\nbody\n";
    const auto commit = parse_commit(bytes, HashAlgorithm::kSha1);
    ASSERT_TRUE(commit.ok());
    EXPECT_EQ(commit.value().tree.hex(), kIdA);
    ASSERT_EQ(commit.value().parents.size(), 2u);
    EXPECT_EQ(commit.value().parents[0].hex(), kIdB);
    EXPECT_EQ(commit.value().date, 1112911994u);
    EXPECT_EQ(commit.value().encoding, "ISO-8859-1");
    EXPECT_EQ(commit.value().message, "Title\n\nbody\n");
    const auto author = parse_identity(commit.value().author);
    ASSERT_TRUE(author.has_value());
    EXPECT_EQ(author->name, "A U Thor");
    EXPECT_EQ(author->email, "a@example.com");
    EXPECT_EQ(author->seconds, 1112911993u);
    EXPECT_EQ(author->zone_minutes(), -7 * 60);
}

TEST(Commit, is_refused_without_a_tree_or_with_a_parent_that_is_none) {
    EXPECT_FALSE(parse_commit("", HashAlgorithm::kSha1).ok());
    EXPECT_FALSE(parse_commit("tree 123\n", HashAlgorithm::kSha1).ok());
    EXPECT_FALSE(
        parse_commit("tree "s + std::string(kIdA) + "\nparent x\n\n", HashAlgorithm::kSha1).ok());
    EXPECT_FALSE(parse_commit("tree "s + std::string(kIdA) + "\n\n", HashAlgorithm::kSha256).ok());
}

TEST(Identity, is_what_gits_log_makes_of_a_broken_one) {
    const struct {
        std::string_view line, name, email, zone;
        std::uint64_t seconds;
    } cases[] = {
        {"A <a@b> 1 +0000", "A", "a@b", "+0000", 1},
        {"<a@b> 1 +0000", "", "a@b", "+0000", 1},
        {"A  <a@b>", "A", "a@b", "", 0},
        {"A <a@b> x +0000", "A", "a@b", "", 0},
        {"A <a@b> 12", "A", "a@b", "", 0},
        {"A <a<x>b> 12 -0100", "A", "a<x", "-0100", 12},
        {"A <> 99999999999999999999 +0000", "A", "", "+0000", UINT64_MAX},
    };
    for (const auto& c : cases) {
        const auto identity = parse_identity(c.line);
        ASSERT_TRUE(identity.has_value()) << c.line;
        EXPECT_EQ(identity->name, c.name);
        EXPECT_EQ(identity->email, c.email);
        EXPECT_EQ(identity->zone, c.zone);
        EXPECT_EQ(identity->seconds, c.seconds) << c.line;
    }
    EXPECT_FALSE(parse_identity("nobody").has_value());
    EXPECT_FALSE(parse_identity("A <a").has_value());
}

TEST(Tag, reads_target_and_tagger) {
    const std::string bytes = "object "s + std::string(kIdA) +
                              "\ntype tree\ntag v1\ntagger T <t@example.com> 5 +0000\n\nwords\n";
    const auto tag = parse_tag(bytes, HashAlgorithm::kSha1);
    ASSERT_TRUE(tag.ok());
    EXPECT_EQ(tag.value().target.hex(), kIdA);
    EXPECT_EQ(tag.value().target_type, ObjectType::kTree);
    EXPECT_EQ(tag.value().name, "v1");
    EXPECT_EQ(tag.value().message, "words\n");
    EXPECT_FALSE(
        parse_tag("object "s + std::string(kIdA) + "\ntype thing\n", HashAlgorithm::kSha1).ok());
}

TEST(References, have_names_by_the_rules_of_check_ref_format) {
    for (const std::string_view good :
         {"refs/heads/main", "HEAD", "a/b.c", "refs/heads/@x", "x@y"}) {
        EXPECT_TRUE(is_reference_name(good)) << good;
    }
    for (const std::string_view bad :
         {"",     "@",    "a//b",   "/a",       "a/",    "a.",  ".a",  "a/.b",
          "a..b", "a b",  "a~b",    "a^b",      "a:b",   "a?b", "a*b", "a[b",
          "a\\b", "a@{b", "a.lock", "a.lock/b", "a\x7F", "a\n"}) {
        EXPECT_FALSE(is_reference_name(bad)) << bad;
    }
}

TEST(References, are_read_from_packed_refs_and_wrong_lines_are_told) {
    const std::string text = "# pack-refs with: peeled fully-peeled sorted \n"s +
                             std::string(kIdA) + " refs/heads/main\n" + std::string(kIdB) +
                             " refs/tags/v1\n^" + std::string(kIdA) + "\nnonsense\n" +
                             std::string(kIdA) + " refs/bad..name\n";
    const PackedReferences packed = parse_packed_references(text, HashAlgorithm::kSha1);
    ASSERT_EQ(packed.references.size(), 2u);
    EXPECT_EQ(packed.references[1].peeled->hex(), kIdA);
    EXPECT_EQ(packed.problems.size(), 2u);
    EXPECT_EQ(parse_packed_references("# pack-refs with: pee", HashAlgorithm::kSha1).problems,
              std::vector{"line 1: has no line end, so references behind it may be lost"s});
}

TEST(References, every_line_of_packed_refs_that_git_refuses_is_told_of) {
    const std::string id(kIdA);
    const std::string head = "# pack-refs with: peeled fully-peeled sorted \n";
    const std::string line = id + " refs/heads/main\n";
    const auto read = [](const std::string& text) {
        return parse_packed_references(text, HashAlgorithm::kSha1);
    };
    const std::vector<std::string> sound{
        head + line, line, "", head, id + "\trefs/heads/main\n", head + line + "^" + id + "\n"};
    for (const std::string& text : sound) EXPECT_TRUE(read(text).problems.empty()) << text;
    const auto told = [&](const std::string& text, std::string_view where) {
        const PackedReferences packed = read(text);
        ASSERT_EQ(packed.problems.size(), 1U) << text;
        EXPECT_TRUE(packed.problems[0].starts_with(where)) << packed.problems[0];
        EXPECT_EQ(packed.references.size(), 1U) << text;
    };
    told(head + "\n" + line, "line 2: is blank");
    told(head + line + "\n", "line 3: is blank");
    told("\n" + line, "line 1: is blank");
    told(head + line + "junk\n", "line 3: is not an id");
    told(head + line + "# comment\n", "line 3: is not an id");
    told("# other\n" + line, "line 1: is not an id");
    told(head + "^" + id + "\n" + line, "line 2: a peeled id");
    told(head + line + "^" + id + "\n^" + id + "\n", "line 4: a peeled id");
    told(head + line + "^xyz\n", "line 3: a peeled id");
    told(head + line + id + " refs/heads/a..b\n^" + std::string(kIdB) + "\n", "line 3: 'refs");
    EXPECT_FALSE(read(head + line + id + " refs/heads/a..b\n^" + std::string(kIdB) + "\n")
                     .references[0]
                     .peeled.has_value());
}

TEST(Reflog, reads_both_ids_and_the_message) {
    std::vector<std::string> problems;
    const std::string text = std::string(kIdA) + " " + std::string(kIdB) +
                             " A <a@b> 1 +0000\tcommit: x\n" + std::string(kIdB) + " " +
                             std::string(kIdA) + " A <a@b> 2 +0000\nno entry\n";
    const auto entries = parse_reflog(text, HashAlgorithm::kSha1, problems);
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0].message, "commit: x");
    EXPECT_EQ(entries[1].who, "A <a@b> 2 +0000");
    EXPECT_EQ(problems.size(), 1u);
}

TEST(CommitText, is_the_message_and_what_headers_tell) {
    const std::string plain = "tree "s + std::string(kIdA) + "\nparent " + std::string(kIdB) +
                              "\nauthor A <a@b> 1 +0000\ncommitter C <c@d> 1 +0000\n";
    const auto text = [&](const std::string& more) {
        return text_of(ObjectType::kCommit, plain + more, HashAlgorithm::kSha1);
    };
    EXPECT_EQ(text("\nmessage\n"), "message\n");
    EXPECT_EQ(text("\n"), "");
    EXPECT_EQ(text(""), "");
    EXPECT_EQ(text("x-token one\n\nmessage"), "message\nx-token one\n");
    EXPECT_EQ(text("mergetag object 1\n type commit\n \n of the tag\ngpgsig -----B\n sig\n\nm\n"),
              "m\nmergetag object 1\ntype commit\n\nof the tag\ngpgsig -----B\nsig\n");
    // Not even a second header of a known name, or lines behind one, pass.
    EXPECT_EQ(text("author again\nparent one\nencoding e\n behind\n\nm\n"),
              "m\nauthor again\nparent one\nencoding e\nbehind\n");
    EXPECT_EQ(text("parent " + std::string(kIdA) + "\n\nm\n"), "m\n");
    EXPECT_EQ(text_of(ObjectType::kTag,
                      "object "s + std::string(kIdA) +
                          "\ntype commit\ntag v1\ntagger T <t@u> 5 +0000\ngpgsig-sha256 s\n\nw\n",
                      HashAlgorithm::kSha1),
              "w\ngpgsig-sha256 s\n");
    EXPECT_EQ(text_of(ObjectType::kCommit, "none", HashAlgorithm::kSha1), "");
}

TEST(ApproximateDate, reads_what_is_beyond_doubt_and_refuses_the_rest) {
    // 2023-11-14T22:13:20Z, seen from one hour east.
    const Now now{1'700'000'000, 60};
    const struct {
        std::string_view text;
        std::uint64_t seconds;
    } cases[] = {
        {"1234567890", 1'234'567'890},
        {"2009-02-13T23:31:30Z", 1'234'567'890},
        {"2009-02-13 23:31:30 +0000", 1'234'567'890},
        {"2009-02-14T00:31:30", 1'234'567'890},
        {"2009-02-13T23:31:30.5+00:00", 1'234'567'890},
        {"Fri, 13 Feb 2009 23:31:30 +0000", 1'234'567'890},
        {"Feb 13 2009 23:31:30 GMT", 1'234'567'890},
        {"2023/11/14", 1'700'000'000},  // the present time of that day
        {"now", 1'700'000'000},
        {"yesterday", 1'700'000'000 - 86'400},
        {"2 weeks ago", 1'700'000'000 - 14 * 86'400},
        {"2.weeks.ago", 1'700'000'000 - 14 * 86'400},
        {"1 day 2 hours", 1'700'000'000 - 26 * 3600},
        {"1 month ago", 1'700'000'000 - 31 * 86'400},
        {"1 year ago", 1'700'000'000 - 365 * 86'400},
        // It is Tuesday, 23:13:20 there.
        {"last.week", 1'700'000'000 - 7 * 86'400},
        {"last tuesday", 1'700'000'000 - 7 * 86'400},
        {"last.friday", 1'700'000'000 - 4 * 86'400},
        {"three.days.ago", 1'700'000'000 - 3 * 86'400},
        {"2weeks", 1'700'000'000 - 14 * 86'400},
        {"midnight", 1'699'916'400},
        {"noon", 1'699'916'400 + 12 * 3600},
        {"yesterday.noon", 1'699'916'400 - 12 * 3600},
        {"3pm yesterday", 1'699'916'400 - 9 * 3600},
        {"3.days.ago.14:00", 1'699'916'400 - 3 * 86'400 + 14 * 3600},
        {"10:30", 1'699'916'400 + 10 * 3600 + 1800},
        {"12:30 am", 1'699'916'400 + 1800},
        {"nov 20th", 1'700'000'000 + 6 * 86'400},
        {"5.Dec", 1'700'000'000 - 344 * 86'400},
        {"May.5.2024", 1'700'000'000 + 173 * 86'400},
        {"2024-01-01.12:00", 1'704'106'800},
        {"20240101T101010", 1'704'100'210},
        {"never", 0},
    };
    for (const auto& c : cases) {
        const auto seconds = parse_approximate_date(c.text, now);
        ASSERT_TRUE(seconds.ok()) << c.text;
        EXPECT_EQ(seconds.value(), c.seconds) << c.text;
    }
    for (const std::string_view wrong :
         {"", "tuesday", "10/11/2012", "ago", "2024-13-01", "2024-01-01 25:00", "3 fortnights ago",
          "31 12", "@0", "@5", "a week ago", "0am", "last", "99999999999", "@99999999999", "5",
          "2023", "week"}) {
        EXPECT_FALSE(parse_approximate_date(wrong, now).ok()) << wrong;
    }
}

TEST(ChunkTable, is_refused_where_a_chunk_leaves_the_file) {
    const auto table = [](std::initializer_list<std::pair<std::string_view, int>> rows) {
        std::string bytes;
        for (const auto& [name, at] : rows) {
            bytes += name;
            bytes += std::string(7, '\0') + static_cast<char>(at);
        }
        bytes.resize(60, '\0');
        return bytes;
    };
    const auto good =
        read_chunk_table(table({{"OIDF", 36}, {"OIDL", 40}, {"\0\0\0\0"sv, 50}}), 0, 2, 10);
    ASSERT_TRUE(good.ok());
    EXPECT_EQ(good.value()[0].size, 4u);
    EXPECT_EQ(good.value()[1].size, 10u);
    EXPECT_FALSE(
        read_chunk_table(table({{"OIDF", 36}, {"OIDL", 40}, {"\0\0\0\0"sv, 51}}), 0, 2, 10).ok());
    EXPECT_FALSE(
        read_chunk_table(table({{"OIDF", 41}, {"OIDL", 40}, {"\0\0\0\0"sv, 50}}), 0, 2, 10).ok());
    EXPECT_FALSE(
        read_chunk_table(table({{"OIDF", 35}, {"OIDL", 40}, {"\0\0\0\0"sv, 50}}), 0, 2, 10).ok());
    EXPECT_FALSE(read_chunk_table("abc", 0, 200, 0).ok());
}

}  // namespace
}  // namespace merlon::connect::git
