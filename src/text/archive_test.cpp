#include "text/archive.h"
#include "text/tar_fixture.h"
#include "text/tar_sparse.h"
#include "text/text_input.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <snappy.h>
#include <zlib.h>

#include <clocale>
#include <map>

// libarchive's writers refer to this one, which needs libxml2; nothing here writes xar.
extern "C" int archive_write_set_format_xar(struct archive*) { return ARCHIVE_FATAL; }

namespace merlon::text {
namespace {

struct Contents {
    std::map<std::string, std::string> members;
    std::vector<ArchiveGap> gaps;
};

Contents contents_of(std::string_view bytes, std::string_view name, const Limits& limits = {},
                     Trailing trailing = Trailing::kLeave) {
    Contents contents;
    ArchiveBudget budget(limits);
    walk_archive(
        bytes, name, budget,
        {.on_member =
             [&](const ArchiveMember& m) { contents.members[m.name] = std::string(m.bytes); },
         .on_gap = [&](ArchiveGap gap) { contents.gaps.push_back(std::move(gap)); },
         .trailing = trailing});
    return contents;
}

// Packs with libarchive's writer: `setup` chooses format and filter.
std::string pack(int (*format)(struct archive*), int (*filter)(struct archive*),
                 const std::map<std::string, std::string>& members) {
    struct archive* writer = archive_write_new();
    format(writer);
    if (filter != nullptr) filter(writer);
    std::string out(std::size_t{4} << 20, '\0');
    std::size_t used = 0;
    archive_write_open_memory(writer, out.data(), out.size(), &used);
    for (const auto& [name, content] : members) {
        struct archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, name.c_str());
        archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_write_header(writer, entry);
        archive_write_data(writer, content.data(), content.size());
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    out.resize(used);
    return out;
}

const std::map<std::string, std::string> kMembers = {{"a.txt", "first"}, {"b/c.txt", "second"}};

TEST(Archive, gives_the_members_of_containers) {
    EXPECT_EQ(contents_of(pack(archive_write_set_format_zip, nullptr, kMembers), "x.zip").members,
              kMembers);
    EXPECT_EQ(contents_of(pack(archive_write_set_format_7zip, nullptr, kMembers), "x").members,
              kMembers);
    for (const auto filter : {archive_write_add_filter_gzip, archive_write_add_filter_bzip2,
                              archive_write_add_filter_xz, archive_write_add_filter_zstd,
                              archive_write_add_filter_lz4, archive_write_add_filter_lzip}) {
        const std::string packed = pack(archive_write_set_format_ustar, filter, kMembers);
        EXPECT_TRUE(is_archive(packed, "x"));
        EXPECT_EQ(contents_of(packed, "x.tar.gz").members, kMembers);
    }
}

// The same content from a stream, members of more than four bytes as streams too.
Contents streamed(std::string_view bytes, std::string_view name, const Limits& limits = {},
                  Trailing trailing = Trailing::kLeave) {
    Contents contents;
    ArchiveVisitor visitor;
    visitor.trailing = trailing;
    visitor.on_member = [&](const ArchiveMember& m) { contents.members[m.name] = m.bytes; };
    visitor.on_gap = [&](ArchiveGap gap) { contents.gaps.push_back(std::move(gap)); };
    visitor.on_large = [&](const ArchiveMember& m, ArchiveInput& content) {
        const std::string head(m.bytes);
        std::string all;
        char piece[3];
        for (auto count = content.read(piece); count.ok() && count.value() > 0;
             count = content.read(piece)) {
            all.append(piece, count.value());
        }
        EXPECT_TRUE(all.starts_with(head));
        contents.members[m.name] = all;
    };
    visitor.large_bytes = 4;
    ArchiveBudget budget(limits);
    TextInput input(bytes);
    walk_archive(input, name, budget, visitor);
    return contents;
}

TEST(Archive, gives_the_same_from_a_stream) {
    for (const auto format : {archive_write_set_format_zip, archive_write_set_format_7zip,
                              archive_write_set_format_ustar}) {
        const Contents contents = streamed(pack(format, nullptr, kMembers), "x");
        EXPECT_EQ(contents.members, kMembers);
        EXPECT_TRUE(contents.gaps.empty());
    }
    Limits limits;
    limits.max_archive_bytes = 6;
    const std::map<std::string, std::string> large = {{"a", "more than six bytes"}};
    const Contents cut =
        streamed(pack(archive_write_set_format_ustar, nullptr, large), "x", limits);
    ASSERT_EQ(cut.gaps.size(), 1u);
    EXPECT_EQ(cut.gaps[0].failure, ArchiveFailure::kLimit);
    ASSERT_EQ(streamed("", "x.br").gaps.size(), 1u);
}

TEST(Archive, opens_the_old_lzma_by_its_name) {
    const std::string packed =
        pack(archive_write_set_format_ustar, archive_write_add_filter_lzma, kMembers);
    EXPECT_TRUE(is_archive(packed, "x.tlz"));
    EXPECT_EQ(contents_of(packed, "x.tlz").members, kMembers);
}

std::string little_endian(std::uint32_t number, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xFF);
    return out;
}

std::uint32_t crc32_of(std::string_view bytes) {
    return static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

// A stored member in RAR 5's format: blocks of checksum, size, type, flags (technical note of
// RARLAB, "General archive block format"). No free program writes RAR, so the bytes are put
// together here.
std::string rar5_with(std::string_view name, std::string_view content) {
    const auto block = [](const std::string& fields) {
        const std::string sized = static_cast<char>(fields.size()) + fields;
        return little_endian(crc32_of(sized), 4) + sized;
    };
    const auto byte = [](std::size_t value) { return std::string(1, static_cast<char>(value)); };
    const std::string main_header = block({"\1\0\0", 3});
    // Type 2 with a data area; the file has a CRC (4); no attributes; stored (0); made on Unix (1).
    const std::string file_header =
        block(std::string("\2\2", 2) + byte(content.size()) + "\4" + byte(content.size()) +
              std::string("\0", 1) + little_endian(crc32_of(content), 4) + std::string("\0\1", 2) +
              byte(name.size()) + std::string(name));
    const std::string end = block({"\5\4\0", 3});
    return std::string("Rar!\x1A\7\1\0", 8) + main_header + file_header + std::string(content) +
           end;
}

TEST(Archive, opens_rar) {
    const std::string packed = rar5_with("a.txt", "first");
    EXPECT_TRUE(is_archive(packed, "x"));
    const Contents contents = contents_of(packed, "x.rar");
    EXPECT_EQ(contents.members, (std::map<std::string, std::string>{{"a.txt", "first"}}));
    EXPECT_TRUE(contents.gaps.empty());
}

std::string zlib_of(std::string_view text) {
    std::string packed(compressBound(text.size()), '\0');
    uLongf size = packed.size();
    compress(reinterpret_cast<Bytef*>(packed.data()), &size,
             reinterpret_cast<const Bytef*>(text.data()), text.size());
    packed.resize(size);
    return packed;
}

// One compressed chunk of Snappy's framing format.
std::string snappy_of(std::string_view text, std::uint32_t checksum) {
    std::string packed;
    snappy::Compress(text.data(), text.size(), &packed);
    return std::string("\xFF\6\0\0sNaPpY", 10) + std::string(1, '\0') +
           little_endian(static_cast<std::uint32_t>(packed.size() + 4), 3) +
           little_endian(checksum, 4) + packed;
}

TEST(Archive, opens_streams_that_are_told_by_name) {
    const auto member_of = [](const std::string& packed, std::string_view name) {
        const Contents contents = contents_of(packed, name);
        return contents.members.empty() ? "" : contents.members.begin()->second;
    };
    EXPECT_EQ(member_of(zlib_of("hello"), "x.zz"), "hello");
    EXPECT_EQ(member_of(zlib_of("hello"), "x.zlib"), "hello");
    EXPECT_EQ(member_of({"\x0B\2\x80hello\3", 9}, "x.br"), "hello");
    // RFC 3720, B.4 has CRC-32C of 32 zeros: 8A9136AA, here masked.
    const std::string zeros(32, '\0');
    const std::uint32_t masked = (0x8A9136AAu >> 15 | 0x8A9136AAu << 17) + 0xA282EAD8u;
    EXPECT_EQ(member_of(snappy_of(zeros, masked), "x.sz"), zeros);
    EXPECT_EQ(contents_of(snappy_of(zeros, masked + 1), "x.sz").gaps.size(), 1u);
}

TEST(Archive, opens_loose_objects_of_git) {
    const std::string object("blob 5\0hello", 12);
    const std::string packed = zlib_of(object);
    EXPECT_TRUE(is_archive(packed, "objects/b6/fc"));
    EXPECT_EQ(contents_of(packed, "objects/b6/fc").members.begin()->second, object);
    EXPECT_FALSE(is_archive(zlib_of("bloc"), "objects/b6/fc"));
    EXPECT_FALSE(is_archive("x\x9C text", "a"));
    EXPECT_FALSE(is_archive("x", "a"));
}

TEST(Archive, what_follows_a_stream_is_a_gap_and_what_came_before_is_read) {
    const Contents contents = contents_of(zlib_of("hello") + "more", "x.zz");
    EXPECT_EQ(contents.members.size(), 1u);
    EXPECT_EQ(contents.gaps.size(), 1u);
    EXPECT_EQ(contents_of({"\x0B\2\x80hello\3more", 13}, "x.br").gaps.size(), 1u);
}

TEST(Archive, archives_inside_archives_are_members) {
    const std::string inner = pack(archive_write_set_format_7zip, nullptr, kMembers);
    const Contents outer =
        contents_of(pack(archive_write_set_format_zip, nullptr, {{"in.7z", inner}}), "x.zip");
    ASSERT_EQ(outer.members.size(), 1u);
    EXPECT_TRUE(is_archive(outer.members.at("in.7z"), "in.7z"));
    EXPECT_EQ(contents_of(outer.members.at("in.7z"), "in.7z").members, kMembers);
}

TEST(Archive, a_compressed_stream_is_one_member_named_after_it) {
    const std::string packed =
        pack(archive_write_set_format_raw, archive_write_add_filter_gzip, {{"x", "text"}});
    const auto contents = contents_of(packed, "logs/app.log.gz");
    EXPECT_EQ(contents.members, (std::map<std::string, std::string>{{"app.log", "text"}}));
}

TEST(Archive, a_cut_archive_is_a_gap_and_not_silence) {
    const std::string packed =
        pack(archive_write_set_format_ustar, archive_write_add_filter_gzip, kMembers);
    const auto contents = contents_of(packed.substr(0, packed.size() / 2), "x.tar.gz");
    ASSERT_FALSE(contents.gaps.empty());
    EXPECT_EQ(contents.gaps[0].failure, ArchiveFailure::kCorrupt);
    EXPECT_FALSE(contents_of("PK\3\4 nonsense", "x.zip").gaps.empty());
}

using AddFilter = int (*)(struct archive*);
constexpr AddFilter kStreamFilters[] = {
    archive_write_add_filter_gzip, archive_write_add_filter_bzip2, archive_write_add_filter_xz,
    archive_write_add_filter_zstd, archive_write_add_filter_lz4,   archive_write_add_filter_lzip};

std::string packed_stream(AddFilter filter, const std::string& content) {
    return pack(archive_write_set_format_raw, filter, {{"x", content}});
}

TEST(Archive, a_stream_that_begins_with_zeros_is_no_empty_tar) {
    const std::string content = std::string(512, '\0') + "text";
    for (const AddFilter filter : kStreamFilters) {
        const std::string packed = packed_stream(filter, content);
        const std::map<std::string, std::string> expected = {{"x.img", content}};
        EXPECT_EQ(contents_of(packed, "x.img.gz").members, expected);
        EXPECT_EQ(streamed(packed, "x.img.gz").members, expected);
    }
}

TEST(Archive, nothing_compressed_is_no_damage) {
    for (const AddFilter filter : kStreamFilters) {
        if (filter == archive_write_add_filter_lz4) continue;  // libarchive cannot write that
        EXPECT_TRUE(contents_of(packed_stream(filter, ""), "x.gz").gaps.empty());
    }
    const std::string_view lz4("\x04\x22\x4D\x18\x64\x40\xA7\0\0\0\0\x05\x5D\xCC\x02", 15);
    EXPECT_TRUE(contents_of(lz4, "x.lz4", {}, Trailing::kSearch).gaps.empty());
}

// Text that does not become much smaller.
std::string long_text() {
    std::string text = "the begin\n";
    std::uint32_t number = 1;
    while (text.size() < 400'000) {
        number = number * 1664525 + 1013904223;
        text += std::to_string(number) + '\n';
    }
    return text;
}

TEST(Archive, a_cut_stream_gives_what_comes_before_the_cut) {
    const std::string text = long_text();
    for (const AddFilter filter : kStreamFilters) {
        // One block is all or nothing.
        if (filter == archive_write_add_filter_bzip2 || filter == archive_write_add_filter_lz4) {
            continue;
        }
        const std::string packed = packed_stream(filter, text);
        const Contents cut = contents_of(packed.substr(0, packed.size() - 12'000), "x.txt.gz");
        ASSERT_EQ(cut.gaps.size(), 1u);
        EXPECT_EQ(cut.gaps[0].failure, ArchiveFailure::kCorrupt);
        ASSERT_EQ(cut.members.size(), 1u);
        EXPECT_TRUE(cut.members.at("x.txt").starts_with("the begin"));
        EXPECT_TRUE(text.starts_with(cut.members.at("x.txt")));
    }
    // Less than one of libarchive's blocks.
    const std::string small =
        packed_stream(archive_write_add_filter_gzip, text.substr(0, 2'000)).substr(0, 900);
    EXPECT_TRUE(contents_of(small, "x.gz").members["x"].starts_with("the begin"));
}

// libarchive looks at no checksum of gzip, and at none behind the end of a tar.
TEST(Archive, a_wrong_checksum_is_a_gap_in_memory_and_in_a_stream) {
    for (const AddFilter filter : kStreamFilters) {
        if (filter == archive_write_add_filter_zstd) continue;  // libarchive writes none
        for (const auto format : {archive_write_set_format_raw, archive_write_set_format_ustar}) {
            const std::string packed = pack(format, filter, {{"x", "some text that is packed"}});
            for (std::size_t from_end = 4; from_end <= 8; ++from_end) {
                std::string damaged = packed;
                damaged[packed.size() - from_end] ^= '\x10';
                EXPECT_FALSE(contents_of(damaged, "x.gz").gaps.empty()) << from_end;
                EXPECT_FALSE(streamed(damaged, "x.gz").gaps.empty()) << from_end;
            }
            EXPECT_TRUE(streamed(packed, "x.gz").gaps.empty());
        }
    }
}

TEST(Archive, a_wrong_checksum_of_a_stream_in_a_stream_is_a_gap) {
    const std::string inner = packed_stream(archive_write_add_filter_gzip, "text in two streams");
    const auto twice = [](const std::string& packed) {
        return packed_stream(archive_write_add_filter_bzip2, packed);
    };
    const std::map<std::string, std::string> expected = {{"x", "text in two streams"}};
    std::string damaged = inner;
    damaged[inner.size() - 6] ^= '\x10';
    for (const auto read : {+[](const std::string& packed) { return contents_of(packed, "x.gz"); },
                            +[](const std::string& packed) { return streamed(packed, "x.gz"); }}) {
        EXPECT_EQ(read(twice(inner)).members, expected);
        EXPECT_TRUE(read(twice(inner)).gaps.empty());
        EXPECT_EQ(read(twice(damaged)).gaps.size(), 1u);
        EXPECT_EQ(read(twice(inner + "more")).gaps.size(), 1u);
        EXPECT_TRUE(read(twice(inner + std::string(64, '\0'))).gaps.empty());
    }
}

TEST(Archive, a_zip_without_its_end_in_a_stream_is_a_gap) {
    const std::string zip = pack(archive_write_set_format_zip, nullptr, kMembers);
    const auto packed = [](const std::string& bytes) {
        return packed_stream(archive_write_add_filter_gzip, bytes);
    };
    const std::string whole = packed(zip);
    const std::string cut = packed(zip.substr(0, zip.size() - 22));
    EXPECT_TRUE(contents_of(whole, "x.zip.gz").gaps.empty());
    EXPECT_TRUE(streamed(whole, "x.zip.gz").gaps.empty());
    EXPECT_EQ(contents_of(cut, "x.zip.gz").gaps.size(), 1u);
    EXPECT_EQ(streamed(cut, "x.zip.gz").gaps.size(), 1u);
    EXPECT_EQ(streamed(cut, "x.zip.gz").members, kMembers);
}

TEST(Archive, streams_that_are_told_by_name_are_read_from_streams) {
    const std::string packed = zlib_of("text in zlib");
    const std::map<std::string, std::string> expected = {{"x", "text in zlib"}};
    EXPECT_EQ(streamed(packed, "x.zz").members, expected);
    EXPECT_TRUE(streamed(packed, "x.zz", {}, Trailing::kSearch).gaps.empty());
    EXPECT_EQ(streamed(packed + "more", "x.zz", {}, Trailing::kSearch).members.at("(rest)"),
              "more");
    std::string damaged = packed;
    damaged.back() ^= '\x10';
    EXPECT_EQ(streamed(damaged, "x.zz").gaps.size(), 1u);
}

TEST(Archive, a_cut_compressed_tar_gives_each_member_once) {
    const std::map<std::string, std::string> members = {{"a.txt", "first"}, {"b.txt", long_text()}};
    const std::string packed =
        pack(archive_write_set_format_ustar, archive_write_add_filter_gzip, members);
    int count = 0;
    std::string last;
    ArchiveBudget budget{Limits{}};
    walk_archive(std::string_view(packed).substr(0, packed.size() - 12'000), "x.tgz", budget,
                 {.on_member =
                      [&](const ArchiveMember& m) {
                          ++count;
                          last = m.bytes;
                      },
                  .on_gap = [](const ArchiveGap&) {}});
    EXPECT_EQ(count, 2);
    EXPECT_TRUE(last.starts_with("the begin"));
    EXPECT_GT(last.size(), 300'000u);
}

TEST(Archive, what_follows_the_end_is_never_silent) {
    const std::map<std::string, std::string> rest = {{"x", "text"}, {"(rest)", "and more to read"}};
    for (const AddFilter filter : kStreamFilters) {
        const std::string packed = packed_stream(filter, "text") + "and more to read";
        const Contents found = contents_of(packed, "x.gz", {}, Trailing::kSearch);
        EXPECT_TRUE(found.members == rest || !found.gaps.empty());
        EXPECT_EQ(contents_of(packed, "x.gz").members.count("(rest)"), 0u);
    }
    const std::string first = pack(archive_write_set_format_ustar, nullptr, {{"a", "one"}});
    const std::string second = pack(archive_write_set_format_ustar, nullptr, {{"b", "two"}});
    EXPECT_EQ(contents_of(first + second, "x.tar", {}, Trailing::kSearch).members.size(), 2u);
    EXPECT_EQ(contents_of(first + second, "x.tar").members.size(), 1u);
    EXPECT_EQ(contents_of(first + "text", "x.tar", {}, Trailing::kSearch).members,
              (std::map<std::string, std::string>{{"a", "one"}, {"(rest)", "text"}}));
    for (const auto format : {archive_write_set_format_zip, archive_write_set_format_7zip}) {
        const std::string packed = pack(format, nullptr, {{"x", "text"}});
        EXPECT_EQ(contents_of(packed + rest.at("(rest)"), "x", {}, Trailing::kSearch).members,
                  rest);
        EXPECT_EQ(contents_of(packed, "x", {}, Trailing::kSearch).members.size(), 1u);
    }
    const std::string zip = pack(archive_write_set_format_zip, nullptr, {{"x", "text"}});
    const Contents twice = contents_of(zip + zip, "x.zip", {}, Trailing::kSearch);
    EXPECT_EQ(twice.members, (std::map<std::string, std::string>{{"x", "text"}, {"(rest)", zip}}));
}

TEST(Archive, what_stands_outside_is_looked_at_in_a_stream_too) {
    const auto raw = [](int (*filter)(struct archive*)) {
        return pack(archive_write_set_format_raw, filter, {{"x", "some text"}});
    };
    const std::string packed[] = {
        pack(archive_write_set_format_zip, nullptr, kMembers),
        pack(archive_write_set_format_7zip, nullptr, kMembers),
        pack(archive_write_set_format_ar_bsd, nullptr, {{"a.txt", "first"}}),
        pack(archive_write_set_format_ustar, archive_write_add_filter_gzip, kMembers),
        rar5_with("a.txt", "first"),
        raw(archive_write_add_filter_gzip),
        raw(archive_write_add_filter_xz),
        raw(archive_write_add_filter_lz4)};
    for (const std::string& bytes : packed) {
        const std::string name = "x of " + std::to_string(&bytes - packed);
        const Contents plain = streamed(bytes, name, {}, Trailing::kSearch);
        EXPECT_TRUE(plain.gaps.empty()) << name;
        EXPECT_FALSE(plain.members.contains("(rest)")) << name;
        const Contents more = streamed(bytes + "more text", name, {}, Trailing::kSearch);
        const bool is_there =
            more.members.contains("(rest)") && more.members.at("(rest)") == "more text";
        EXPECT_TRUE(is_there || !more.gaps.empty()) << name;
        Limits limits;
        limits.max_archive_member_bytes = 8;
        EXPECT_FALSE(streamed(bytes + "more text", name, limits, Trailing::kSearch).gaps.empty())
            << name;
    }
    const Contents behind = streamed("#!/bin/sh\n" + packed[0], "x.zip", {}, Trailing::kSearch);
    EXPECT_EQ(behind.members.contains("(rest)") ? behind.members.at("(rest)") : "", "#!/bin/sh\n");
    const std::string rar = packed[4];
    EXPECT_FALSE(
        streamed(rar.substr(0, rar.size() - 3), "x.rar", {}, Trailing::kSearch).gaps.empty());
}

TEST(Archive, names_need_not_be_ascii) {
    const std::map<std::string, std::string> members = {{"caf\xC3\xA9.txt", "text"}};
    const std::string old = setlocale(LC_ALL, nullptr);
    ASSERT_NE(setlocale(LC_ALL, "C.UTF-8"), nullptr);  // for the writer
    const std::string zip = pack(archive_write_set_format_zip, nullptr, members);
    const std::string seven = pack(archive_write_set_format_7zip, nullptr, members);
    ASSERT_NE(setlocale(LC_ALL, old.c_str()), nullptr);
    EXPECT_EQ(contents_of(zip, "x.zip").members, members);
    EXPECT_EQ(contents_of(seven, "x.7z").members, members);
}

TEST(Archive, a_wrong_checksum_in_a_rar_is_a_gap) {
    std::string rar = rar5_with("a.txt", "first");
    rar[rar.find("first")] = 'w';
    const std::string packed = packed_stream(archive_write_add_filter_gzip, rar);
    for (const Contents& contents :
         {contents_of(rar, "x.rar"), streamed(rar, "x.rar"), contents_of(packed, "x.rar.gz"),
          streamed(packed, "x.rar.gz")}) {
        EXPECT_EQ(contents.members.at("a.txt"), "wirst");
        ASSERT_EQ(contents.gaps.size(), 1u);
        EXPECT_EQ(contents.gaps[0].member, "a.txt");
    }
}

TEST(Archive, of_a_cut_member_what_can_be_read_is_handed_out) {
    const std::string text(700, 'x');
    const std::string tar = pack(archive_write_set_format_ustar, nullptr, {{"a.txt", text}});
    const Contents contents = contents_of(tar.substr(0, 512 + 600), "x.tar");
    EXPECT_EQ(contents.members.at("a.txt"), text.substr(0, 600));
    EXPECT_FALSE(contents.gaps.empty());
}

TEST(Archive, a_container_is_what_it_is_said_to_be) {
    const auto as = [](ContainerKind kind, std::string_view bytes) {
        Contents contents;
        ArchiveBudget budget{Limits{}};
        walk_container(
            kind, bytes, budget,
            {.on_member = [&](const ArchiveMember& m) { contents.members[m.name] = m.bytes; },
             .on_gap = [&](ArchiveGap gap) { contents.gaps.push_back(gap); }});
        return contents;
    };
    const std::string zip = pack(archive_write_set_format_zip, nullptr, kMembers);
    const std::string tar = pack(archive_write_set_format_ustar, nullptr, kMembers);
    EXPECT_EQ(as(ContainerKind::kZip, zip).members, kMembers);
    EXPECT_EQ(as(ContainerKind::kTar, tar).members, kMembers);
    const std::string gz =
        pack(archive_write_set_format_ustar, archive_write_add_filter_gzip, kMembers);
    for (const std::string& other : {zip, gz, std::string("plain text")}) {
        EXPECT_TRUE(as(ContainerKind::kTar, other).members.empty());
        EXPECT_EQ(as(ContainerKind::kTar, other).gaps.size(), 1u);
    }
}

TEST(Archive, a_damaged_rar_or_ar_is_a_gap) {
    for (const auto* bytes : {"Rar!\x1A\7\1", "Rar!\x1A\7"}) {
        const std::string packed = bytes + std::string("\0garbage that is none", 21);
        EXPECT_EQ(contents_of(packed, "x.rar", {}, Trailing::kSearch).gaps.size(), 1u);
    }
    for (const std::string& text : {std::string("short"), std::string(100, 'x')}) {
        const Contents ar = contents_of("!<arch>\n" + text, "x.a", {}, Trailing::kSearch);
        EXPECT_EQ(ar.gaps.size(), 1u);
        EXPECT_EQ(ar.members.at("(rest)"), text);
    }
}

TEST(Archive, a_bomb_ends_at_a_limit) {
    const std::string packed = pack(archive_write_set_format_ustar, archive_write_add_filter_gzip,
                                    {{"zeros", std::string(std::size_t{3} << 20, '\0')}});
    Limits limits;
    limits.max_archive_ratio = 50;
    auto contents = contents_of(packed, "x.tgz", limits);
    ASSERT_EQ(contents.gaps.size(), 1u);
    EXPECT_EQ(contents.gaps[0].failure, ArchiveFailure::kLimit);
    limits = {};
    limits.max_archive_bytes = 1000;
    contents = contents_of(packed, "x.tgz", limits);
    ASSERT_EQ(contents.gaps.size(), 1u);
    EXPECT_EQ(contents.gaps[0].failure, ArchiveFailure::kLimit);
}

TEST(Archive, a_damaged_pax_header_is_told_and_its_member_is_read) {
    const auto tar_with = [](const std::string& pax) {
        return tar_fixture::header("h", 'x', pax.size()) + tar_fixture::padded(pax) +
               tar_fixture::header("short.txt", '0', 4) + tar_fixture::padded("text") +
               std::string(1024, '\0');
    };
    const Contents whole = contents_of(tar_with("17 path=long.txt\n"), "x.tar");
    EXPECT_TRUE(whole.gaps.empty());
    EXPECT_EQ(whole.members.count("long.txt"), 1u);
    const Contents damaged = contents_of(tar_with("d7 path=long.txt\n"), "x.tar");
    ASSERT_EQ(damaged.gaps.size(), 1u);
    EXPECT_EQ(damaged.gaps[0].failure, ArchiveFailure::kCorrupt);
    EXPECT_EQ(damaged.members.at("short.txt"), "text");
}

TEST(Archive, a_tar_whose_first_header_is_damaged_gives_the_members_behind_it) {
    std::string tar = tar_fixture::member("a", "one") + tar_fixture::member("b", "two");
    tar[0] = 'x';
    const Contents contents = contents_of(tar, "x.tar");
    EXPECT_EQ(contents.members, (std::map<std::string, std::string>{{"b", "two"}}));
    EXPECT_EQ(contents.gaps.size(), 1u);
}

TEST(Archive, a_tar_of_endless_holes_is_a_gap_and_read_as_it_stands) {
    const std::string pax =
        "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n25 GNU.sparse.realsize=0\n";
    std::string map = "10000001\n";
    for (int i = 0; map.size() < 2 * kMaxTarHeaderBytes; ++i) map += fmt::format("{}\n", i * 7919);
    const std::string tar = tar_fixture::header("h", 'x', pax.size()) + tar_fixture::padded(pax) +
                            tar_fixture::header("holes", '0', map.size()) +
                            tar_fixture::padded(map) + std::string(1024, '\0');
    const std::string packed =
        pack(archive_write_set_format_raw, archive_write_add_filter_gzip, {{"holes.tar", tar}});
    for (const std::string& bytes : {tar, packed}) {
        const Contents contents = contents_of(bytes, "holes.tar.gz");
        ASSERT_EQ(contents.gaps.size(), 1u);
        EXPECT_EQ(contents.gaps[0].failure, ArchiveFailure::kCorrupt);
        EXPECT_TRUE(contents.members.at("holes") == map);
    }
}

TEST(Archive, damaged_named_streams_are_gaps) {
    for (const auto* name : {"x.br", "x.sz", "x.zz"}) {
        EXPECT_TRUE(is_archive("anything", name));
        const auto contents = contents_of("\xFF\xFF\xFF\xFFnonsense", name);
        ASSERT_EQ(contents.gaps.size(), 1u) << name;
        EXPECT_EQ(contents.gaps[0].failure, ArchiveFailure::kCorrupt);
    }
}

TEST(Archive, nothing_is_unpacked_once_the_run_is_stopped) {
    CancelToken stop;
    stop.cancel();
    ArchiveBudget budget{Limits{}};
    budget.cancel = &stop;
    ArchiveVisitor visitor;
    std::size_t gaps = 0;
    visitor.on_member = [](const ArchiveMember& member) { ADD_FAILURE() << member.name; };
    visitor.on_gap = [&](const ArchiveGap& gap) {
        EXPECT_EQ(gap.failure, ArchiveFailure::kLimit);
        ++gaps;
    };
    walk_archive(
        pack(archive_write_set_format_ustar, archive_write_add_filter_gzip, {{"a.txt", "text"}}),
        "a.tar.gz", budget, visitor);
    EXPECT_EQ(gaps, 1u);
}

}  // namespace
}  // namespace merlon::text
