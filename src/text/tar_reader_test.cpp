#include "text/tar_reader.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "text/tar_fixture.h"
#include "text/text_input.h"

namespace merlon::text {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using tar_fixture::checked;
using tar_fixture::header;
using tar_fixture::kEnd;
using tar_fixture::member;
using tar_fixture::padded;
using tar_fixture::record;
using tar_fixture::with;

using Members = std::map<std::string, std::string>;

struct Contents {
    Members members;
    std::vector<std::string> problems;  // of headers, and of members as "name: problem"
    bool is_refused = false;            // members in front of that alone are there
};

Contents contents_of(PackedBytes packed, TarReading reading) {
    Contents found;
    TarReader tar(std::move(packed), reading);
    for (TarStep step = tar.next(); step != TarStep::kEnd; step = tar.next()) {
        if (step == TarStep::kRefusal) found.is_refused = true;
        if (step == TarStep::kRefusal || step == TarStep::kFlaw) {
            found.problems.push_back(tar.problem());
        }
        if (step != TarStep::kMember || found.is_refused) continue;
        std::string content;
        while (true) {
            const auto piece = tar.read(1000);
            if (!piece.ok()) {
                found.problems.push_back(tar.member().name + ": " + piece.error().message);
            }
            if (!piece.ok() || piece.value().empty()) break;
            content += piece.value();
        }
        found.members[tar.member().name] = content;
    }
    return found;
}

Contents tolerant(const std::string& tar) {
    return contents_of(PackedBytes(tar), TarReading::kTolerant);
}
Contents as_go(const std::string& tar) { return contents_of(PackedBytes(tar), TarReading::kAsGo); }

std::string pax(const std::string& records, char type = 'x') { return member("h", records, type); }

const std::string kA = member("a", "one");
const std::string kB = member("b", "two");
const Members kBoth = {{"a", "one"}, {"b", "two"}};

TEST(TarReader, gives_members_in_every_format) {
    for (const auto magic : {"ustar\00000"sv, "ustar  \0"sv, "\0\0\0\0\0\0\0\0"sv}) {
        const std::string tar = header("a", '0', 3, magic) + padded("one") + kB + kEnd;
        EXPECT_EQ(tolerant(tar).members, kBoth);
        EXPECT_EQ(as_go(tar).members, kBoth);
        EXPECT_TRUE(as_go(tar).problems.empty());
        TextInput input(tar);
        EXPECT_EQ(contents_of(PackedBytes(input), TarReading::kAsGo).members, kBoth);
    }
}

TEST(TarReader, a_prefix_stands_in_front_of_the_name_but_in_v7) {
    const std::string ustar = checked(with(header("a", '0', 0), 345, "d/e"));
    EXPECT_EQ(tolerant(ustar + kEnd).members.count("d/e/a"), 1u);
    const std::string v7 = checked(with(header("a", '0', 0, "\0\0"sv), 345, "d/e"));
    EXPECT_EQ(tolerant(v7 + kEnd).members.count("a"), 1u);
    // In GNU's format times stand there; old writers in Go had a prefix, which is no time.
    const std::string gnu = checked(with(header("a", '0', 0, "ustar  \0"sv), 345, "d/e"));
    EXPECT_EQ(as_go(gnu + kEnd).members.count("d/e/a"), 1u);
}

TEST(TarReader, sizes_are_octal_or_binary_and_padded_in_many_ways) {
    for (const auto size : {"3"sv, "00000000003 "sv, "          3\0"sv, "3\0\0\0\0\0\0\0\0\0\0\0"sv,
                            "\x80\0\0\0\0\0\0\0\0\0\0\3"sv}) {
        const std::string field = with(std::string(12, '\0'), 0, size);
        const std::string tar =
            checked(with(header("a", '0', 0), 124, field)) + padded("one") + kB + kEnd;
        EXPECT_EQ(as_go(tar).members, kBoth) << size;
    }
}

TEST(TarReader, what_go_refuses_does_not_end_the_tolerant_reading) {
    struct Case {
        std::string what;
        std::string tar;
    };
    const Case cases[] = {
        {"a date that is no number",
         checked(with(header("a", '0', 3), 136, "abc")) + padded("one")},
        {"a mode that is no number", checked(with(header("a", '0', 3), 100, "9")) + padded("one")},
        {"a value that is no time", pax("13 mtime=abc\n") + kA},
        {"a size with a blank", pax("10 size= 3\n") + kA},
        {"a record that is none", pax("junk") + kA},
        {"a name with NUL in it", pax("12 path=a\0b\n"s) + kA},
        {"type S in another format", member("a", "one", 'S')},
        {"a sparse file without a map", pax("22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n") + kA},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(tolerant(c.tar + kB + kEnd).members, kBoth) << c.what;
        const Contents strict = as_go(c.tar + kB + kEnd);
        EXPECT_TRUE(strict.is_refused) << c.what;
        EXPECT_TRUE(strict.members.empty()) << c.what;
        EXPECT_EQ(strict.problems.size(), 1u) << c.what << ": is told once";
    }
}

TEST(TarReader, behind_a_damaged_header_the_next_one_is_found) {
    std::string tar = kA + kB + kEnd;
    tar[0] = 'x';  // the checksum is another one now
    const Contents found = tolerant(tar);
    EXPECT_EQ(found.members, (Members{{"b", "two"}}));
    EXPECT_EQ(found.problems, std::vector<std::string>{"a member's header is damaged"});
    EXPECT_TRUE(as_go(tar).is_refused);
}

TEST(TarReader, a_member_of_any_type_with_content_is_a_file) {
    for (const char type : "07ADMNVXIZ\xFF"sv) {
        const Contents found = tolerant(member("a", "one", type) + kB + kEnd);
        EXPECT_EQ(found.members, kBoth) << type;
    }
    for (const char type : "07ADMNVXIZ\xFF"sv) {
        EXPECT_EQ(as_go(member("a", "one", type) + kB + kEnd).members, kBoth) << type;
    }
}

TEST(TarReader, records_of_sun_name_a_member_but_not_to_go) {
    const std::string tar = pax("10 path=n\n", 'X') + kA + kEnd;
    EXPECT_EQ(tolerant(tar).members, (Members{{"n", "one"}}));
    EXPECT_EQ(as_go(tar).members, (Members{{"h", "10 path=n\n"}, {"a", "one"}}));
}

TEST(TarReader, a_link_or_folder_has_no_content_and_go_never_reads_it) {
    const std::string bare = header("a", '1', 3) + kB + kEnd;
    EXPECT_EQ(tolerant(bare).members, (Members{{"a", ""}, {"b", "two"}}));
    EXPECT_EQ(as_go(bare).members, (Members{{"a", ""}, {"b", "two"}}));
    // pax may store the content with a hard link.
    const std::string full = member("a", "one", '1') + kB + kEnd;
    EXPECT_EQ(tolerant(full).members, kBoth);
    EXPECT_TRUE(as_go(full).is_refused);
}

TEST(TarReader, a_name_that_ends_in_a_slash_is_a_folder_where_nothing_is_in_it) {
    const auto kind_of = [](const std::string& tar, TarReading reading) {
        TarReader reader(PackedBytes(std::string_view(tar)), reading);
        EXPECT_EQ(reader.next(), TarStep::kMember);
        return reader.member().kind;
    };
    EXPECT_EQ(kind_of(member("d/", ""), TarReading::kTolerant), TarKind::kFolder);
    EXPECT_EQ(kind_of(member("d/", "x"), TarReading::kTolerant), TarKind::kFile);
    EXPECT_EQ(kind_of(member("d/", ""), TarReading::kAsGo), TarKind::kFile);
    EXPECT_EQ(kind_of(member("d/", "", '\0'), TarReading::kAsGo), TarKind::kFolder);
    // By its mode, too.
    const std::string mode = checked(with(header("d", '0', 0), 100, "0040755"));
    EXPECT_EQ(kind_of(mode, TarReading::kAsGo), TarKind::kFolder);
}

TEST(TarReader, long_names_and_records_name_the_member_behind_them) {
    const std::string name(300, 'n');
    const std::string longname = member("././@LongLink", name + '\0', 'L');
    EXPECT_EQ(as_go(longname + kA + kEnd).members, (Members{{name, "one"}}));
    EXPECT_EQ(as_go(pax("10 path=n\n") + kA + kB + kEnd).members,
              (Members{{"n", "one"}, {"b", "two"}}));
    // GNU's goes before; an empty one does not count.
    EXPECT_EQ(as_go(longname + pax("10 path=n\n") + kA + kEnd).members.count(name), 1u);
    EXPECT_EQ(as_go(member("L", "", 'L') + kA + kEnd).members, (Members{{"a", "one"}}));
}

TEST(TarReader, each_pax_header_is_one_of_its_own_to_go_alone) {
    const std::string tar = pax("10 path=n\n") + pax("11 mtime=5\n") + kA + kEnd;
    EXPECT_EQ(tolerant(tar).members.count("n"), 1u);
    EXPECT_EQ(as_go(tar).members.count("a"), 1u);
    const std::string global = pax("10 path=n\n") + pax("11 mtime=x\n", 'g') + kA + kEnd;
    EXPECT_EQ(tolerant(global).members.count("n"), 1u);
    EXPECT_EQ(as_go(global).members.count("a"), 1u);
}

TEST(TarReader, a_size_in_a_record_takes_the_place_of_the_headers) {
    const std::string tar = pax("9 size=3\n") + header("a", '0', 7) + padded("one") + kB + kEnd;
    EXPECT_EQ(as_go(tar).members, kBoth);
}

std::string pairs_of_records(std::string_view first_bytes) {
    return record("GNU.sparse.offset", "0") + record("GNU.sparse.numbytes", first_bytes) +
           record("GNU.sparse.offset", "5") + record("GNU.sparse.numbytes", "1");
}

// The tar manual, "Storing Sparse Files": the same file in each of the four ways.
std::map<std::string, std::string> sparse_files(std::string_view first_bytes = "2") {
    const std::string size = record("GNU.sparse.realsize", "8");
    const std::string count = record("GNU.sparse.numblocks", "2");
    const auto numbers = [&](std::string_view form) {
        return fmt::format(fmt::runtime(form), first_bytes);
    };
    std::string old = with(header("a", 'S', 3, "ustar  \0"sv), 386, "00000000000");
    old = with(with(std::move(old), 398, first_bytes), 410, "00000000005");
    old = with(with(std::move(old), 422, "00000000001"), 483, "00000000010");
    return {{"old", checked(old) + padded("abc")},
            {"0.0", pax(size + count + pairs_of_records(first_bytes)) + member("a", "abc")},
            {"0.1", pax(size + count + record("GNU.sparse.map", numbers("0,{},5,1"))) +
                        member("a", "abc")},
            {"1.0", pax(size + record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0")) +
                        member("a", padded(numbers("2\n0\n{}\n5\n1\n")) + "abc")}};
}

TEST(TarReader, sparse_files_have_their_holes) {
    const std::string content = "ab\0\0\0c\0\0"s;
    for (const auto& [form, tar] : sparse_files()) {
        EXPECT_EQ(as_go(tar + kB + kEnd).members, (Members{{"a", content}, {"b", "two"}})) << form;
        TextInput input(tar);
        EXPECT_EQ(contents_of(PackedBytes(input), TarReading::kTolerant).members.at("a"), content)
            << form;
    }
}

TEST(TarReader, a_sparse_file_holds_what_its_map_says) {
    for (const auto& [form, tar] : sparse_files("1")) {
        const Contents found = tolerant(tar + kB + kEnd);
        EXPECT_EQ(found.members.at("a"), "a\0\0\0\0b\0\0"s) << form;
        EXPECT_EQ(found.problems,
                  std::vector<std::string>{"a: holds more than the map of the sparse file says"});
        EXPECT_EQ(found.members.at("b"), "two") << form;
    }
    for (const auto& [form, tar] : sparse_files("3")) {
        EXPECT_EQ(tolerant(tar + kB + kEnd).problems,
                  std::vector<std::string>{"a: holds less than the map of the sparse file says"});
    }
    for (const auto& [form, tar] : sparse_files("6")) {  // one run over the other
        EXPECT_TRUE(as_go(tar + kB + kEnd).is_refused) << form;
        EXPECT_EQ(tolerant(tar + kB + kEnd).members.at("b"), "two") << form;
    }
}

TEST(TarReader, the_map_of_an_old_sparse_file_may_go_on_in_blocks) {
    std::string tar = with(header("a", 'S', 1, "ustar  \0"sv), 482, "\1"sv);
    tar = checked(with(std::move(tar), 483, "00000000003"));
    tar += with(with(std::string(512, '\0'), 0, "00000000002"), 12, "00000000001");
    EXPECT_EQ(as_go(tar + padded("x") + kB + kEnd).members,
              (Members{{"a", "\0\0x"s}, {"b", "two"}}));
    EXPECT_TRUE(as_go(tar.substr(0, 600)).is_refused);
}

TEST(TarReader, zeros_end_a_tar) {
    EXPECT_TRUE(as_go(kA + kB).problems.empty()) << "nor need they be there";
    EXPECT_TRUE(as_go(kA + kB + std::string(512, '\0')).problems.empty());
    EXPECT_TRUE(as_go(kA + std::string(512, '\0') + kB + kEnd).is_refused);
    EXPECT_TRUE(as_go(kA + std::string(700, '\0')).is_refused);
    EXPECT_TRUE(tolerant(kA + std::string(700, '\0')).problems.empty());
}

TEST(TarReader, a_cut_is_told_where_something_is_lost) {
    const std::string tar = kA + kB;
    const Contents in_header = as_go(tar.substr(0, 1100));
    EXPECT_TRUE(in_header.is_refused);
    EXPECT_EQ(in_header.members, (Members{{"a", "one"}}));
    const std::string in_content = tar.substr(0, 512 + 2);
    EXPECT_EQ(tolerant(in_content).members, (Members{{"a", "on"}}));
    EXPECT_EQ(tolerant(in_content).problems, std::vector<std::string>{"a: is cut off"});
    // Of the zeros behind the content nothing is lost.
    EXPECT_TRUE(as_go(tar.substr(0, 512 + 100)).problems.empty());
    EXPECT_EQ(tolerant(tar.substr(0, 512 + 100)).problems.size(), 1u);
}

TEST(TarReader, what_stands_in_front_of_a_member_is_bounded) {
    const std::string body(std::size_t{2} << 20, 'y');
    const std::string tar = pax(body) + kA + kEnd;
    EXPECT_TRUE(as_go(tar).is_refused);
    EXPECT_EQ(tolerant(tar).members, (Members{{"a", "one"}}));
    EXPECT_EQ(tolerant(tar).problems.size(), 1u);
}

TEST(TarReader, many_headers_in_front_of_a_member_may_have_as_much_as_one) {
    const std::string filling = pax(record("comment", std::string(std::size_t{600} << 10, 'y')));
    const std::string tar = pax("10 path=n\n") + filling + filling + kA + filling + kB + kEnd;
    EXPECT_EQ(tolerant(tar).members, (Members{{"n", "one"}, {"b", "two"}}));
    EXPECT_EQ(tolerant(tar).problems,
              std::vector<std::string>{"a member's extended header is larger than 1 MiB"});
    EXPECT_FALSE(as_go(tar).is_refused) << "each is one of its own";
}

TEST(TarReader, a_map_that_makes_no_sense_costs_what_was_walked) {
    // Each block is a header, and for the one in front of it a block of its map that goes on.
    std::string block = with(header("", 'S', 0, "ustar  \0"sv), 482, "\1"sv);
    block = checked(with(std::move(block), 504, "\1"sv));
    std::string tar;
    for (int i = 0; i < 20; ++i) tar += block;
    TarReader reader(PackedBytes(std::string_view(tar)), TarReading::kTolerant);
    while (reader.next() != TarStep::kEnd) {
    }
    EXPECT_GT(reader.taken_bytes(), 5 * tar.size());
}

}  // namespace
}  // namespace merlon::text
