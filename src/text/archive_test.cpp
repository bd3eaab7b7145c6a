#include "text/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <array>
#include <map>

// libarchive's writers refer to this one, which needs libxml2; nothing here writes xar.
extern "C" int archive_write_set_format_xar(struct archive*) { return ARCHIVE_FATAL; }

namespace merlon::text {
namespace {

struct Contents {
    std::map<std::string, std::string> members;
    std::vector<ArchiveGap> gaps;
};

Contents contents_of(std::string_view bytes, std::string_view name, const Limits& limits = {}) {
    Contents contents;
    ArchiveBudget budget(limits);
    walk_archive(
        bytes, name, budget,
        [&](const ArchiveMember& m) { contents.members[m.name] = std::string(m.bytes); },
        [&](ArchiveGap gap) { contents.gaps.push_back(std::move(gap)); });
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

TEST(Archive, damaged_named_streams_are_gaps) {
    for (const auto* name : {"x.br", "x.sz", "x.zz"}) {
        EXPECT_TRUE(is_archive("anything", name));
        const auto contents = contents_of("\xFF\xFF\xFF\xFFnonsense", name);
        ASSERT_EQ(contents.gaps.size(), 1u) << name;
        EXPECT_EQ(contents.gaps[0].failure, ArchiveFailure::kCorrupt);
    }
}

}  // namespace
}  // namespace merlon::text
