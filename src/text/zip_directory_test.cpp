#include "text/zip_directory.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"

namespace merlon::text {
namespace {

std::string number(std::uint64_t value, int width) {
    std::string out;
    for (int i = 0; i < width; ++i) out += static_cast<char>(value >> 8 * i & 0xFF);
    return out;
}

std::string deflated(std::string_view bytes) {
    std::string out(bytes.size() + 100, '\0');
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

// One member, and what its records say of it (APPNOTE, 4.3.7 and 4.3.12).
struct Member {
    std::string name;
    std::string content;
    unsigned method = kZipDeflated;
    unsigned flags = 0;
    unsigned made_by = 0;
    std::uint32_t attributes = 0;
    std::uint32_t checksum_change = 0;
    bool has_zip64_sizes = false;
    std::string local_name = {};  // where it is another
    std::string descriptor = {};
};

std::string zip_of(const std::vector<Member>& members) {
    std::string locals;
    std::string directory;
    for (const Member& member : members) {
        const auto* bytes = reinterpret_cast<const Bytef*>(member.content.data());
        const auto crc = static_cast<std::uint32_t>(crc32_z(0, bytes, member.content.size())) ^
                         member.checksum_change;
        const std::string packed =
            member.method == kZipDeflated ? deflated(member.content) : member.content;
        const std::uint64_t in_extra = 0xFFFFFFFF;
        const std::string sizes =
            number(crc, 4) + number(member.has_zip64_sizes ? in_extra : packed.size(), 4) +
            number(member.has_zip64_sizes ? in_extra : member.content.size(), 4);
        const std::string extra = member.has_zip64_sizes ? number(1, 2) + number(16, 2) +
                                                               number(member.content.size(), 8) +
                                                               number(packed.size(), 8)
                                                         : std::string();
        const std::string common =
            number(20, 2) + number(member.flags, 2) + number(member.method, 2) + number(0, 4);
        const std::string& local_name = member.local_name.empty() ? member.name : member.local_name;
        directory += "PK\1\2" + number(member.made_by, 2) + common + sizes +
                     number(member.name.size(), 2) + number(extra.size(), 2) + number(0, 6) +
                     number(member.attributes, 4) + number(locals.size(), 4) + member.name + extra;
        locals += "PK\3\4" + common + sizes + number(local_name.size(), 2) + number(0, 2) +
                  local_name + packed + member.descriptor;
    }
    return locals + directory + "PK\5\6" + number(0, 4) + number(members.size(), 2) +
           number(members.size(), 2) + number(directory.size(), 4) + number(locals.size(), 4) +
           number(0, 2);
}

Result<ZipContent> content_of(std::string_view zip, std::size_t member = 0) {
    const auto entries = MERLON_TRY(read_zip_directory(zip));
    ArchiveBudget budget{Limits{}};
    return unpack_zip_entry(zip, entries.at(member), budget);
}

TEST(ZipDirectory, members_come_as_the_directory_lists_them) {
    const std::string zip = zip_of({{.name = "a.txt", .content = "one"},
                                    {.name = "d/", .content = "", .method = kZipStored},
                                    {.name = "d/b.txt", .content = "two", .method = kZipStored}});
    const auto entries = read_zip_directory(zip);
    ASSERT_TRUE(entries.ok()) << entries.error().message;
    ASSERT_EQ(entries.value().size(), 3U);
    EXPECT_EQ(entries.value()[0].name, "a.txt");
    EXPECT_TRUE(entries.value()[1].is_folder);
    EXPECT_EQ(content_of(zip, 0).value().bytes(), "one");
    EXPECT_EQ(content_of(zip, 2).value().bytes(), "two");
}

TEST(ZipDirectory, another_name_or_garbage_in_the_local_header_does_not_matter) {
    std::string zip = zip_of({{.name = "a.txt", .content = "one", .local_name = "other name"}});
    EXPECT_EQ(content_of(zip).value().bytes(), "one");
    for (const std::size_t at : {4U, 6U, 8U, 14U, 18U, 22U}) zip[at] = '\x55';
    EXPECT_EQ(content_of(zip).value().bytes(), "one");
}

TEST(ZipDirectory, a_missing_local_header_is_an_error_of_that_member) {
    std::string zip = zip_of({{.name = "a", .content = "one"}, {.name = "b", .content = "two"}});
    zip[0] = 'X';
    EXPECT_FALSE(content_of(zip, 0).ok());
    EXPECT_EQ(content_of(zip, 1).value().bytes(), "two");
}

TEST(ZipDirectory, content_that_is_not_what_the_directory_says_is_handed_out_with_the_reason) {
    const auto wrong = content_of(zip_of({{.name = "a", .content = "one", .checksum_change = 1}}));
    ASSERT_TRUE(wrong.ok());
    EXPECT_EQ(wrong.value().bytes(), "one");
    EXPECT_EQ(wrong.value().gap.detail, "has a wrong checksum");

    const std::string long_text(1000, 'x');
    std::string zip = zip_of({{.name = "a", .content = "y" + long_text, .method = kZipStored}});
    zip.replace(zip.find("PK\1\2") + 24, 4, number(7, 4));
    EXPECT_EQ(content_of(zip).value().gap.detail, "has another size than the directory says");
}

TEST(ZipDirectory, a_descriptor_behind_the_content_has_to_repeat_the_checksum) {
    const std::string text = "one";
    const auto crc = static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
    const auto of = [&](const std::string& descriptor) {
        return content_of(zip_of({{.name = "a",
                                   .content = text,
                                   .method = kZipStored,
                                   .flags = 8,
                                   .descriptor = descriptor}}))
            .value()
            .is_whole();
    };
    EXPECT_TRUE(of("PK\7\x8" + number(crc, 4) + number(3, 4) + number(3, 4)));
    EXPECT_TRUE(of(number(crc, 4) + number(3, 4) + number(3, 4)));
    EXPECT_FALSE(of("PK\7\x8" + number(crc + 1, 4) + number(3, 4) + number(3, 4)));
}

TEST(ZipDirectory, sizes_of_zip64_stand_in_the_extra_field) {
    const std::string zip =
        zip_of({{.name = "a", .content = "some text", .has_zip64_sizes = true}});
    EXPECT_EQ(read_zip_directory(zip).value()[0].unpacked_bytes, 9U);
    EXPECT_EQ(content_of(zip).value().bytes(), "some text");
}

TEST(ZipDirectory, bytes_in_front_need_not_be_counted) {
    const std::string zip = "#!/bin/sh\n" + zip_of({{.name = "a", .content = "one"}});
    EXPECT_EQ(content_of(zip).value().bytes(), "one");
}

TEST(ZipDirectory, folders_are_known_by_name_or_attributes) {
    constexpr unsigned kUnix = 3U << 8;
    const std::string zip =
        zip_of({{.name = "a", .content = "", .made_by = kUnix, .attributes = 0x41EDU << 16},
                {.name = "b", .content = "", .attributes = 0x10},
                {.name = "c", .content = "", .made_by = kUnix, .attributes = 0x81A4U << 16}});
    const auto entries = read_zip_directory(zip).value();
    EXPECT_TRUE(entries[0].is_folder);
    EXPECT_TRUE(entries[1].is_folder);
    EXPECT_FALSE(entries[2].is_folder);
}

TEST(ZipDirectory, what_is_no_zip_or_a_damaged_one_says_why) {
    const std::string zip = zip_of({{.name = "a", .content = "one"}});
    EXPECT_FALSE(read_zip_directory("").ok());
    EXPECT_FALSE(read_zip_directory(zip.substr(0, zip.size() - 1)).ok());
    std::string counts_two = zip;
    counts_two[zip.size() - 12] = 2;
    const auto counted = read_zip_directory(counts_two);
    ASSERT_FALSE(counted.ok());
    EXPECT_NE(counted.error().message.find("1 members stand there, not 2"), std::string::npos);
}

TEST(ZipDirectory, a_password_or_an_unknown_method_is_an_error) {
    EXPECT_EQ(content_of(zip_of({{.name = "a", .content = "one", .flags = 1}})).error().message,
              "needs a password");
    EXPECT_FALSE(content_of(zip_of({{.name = "a", .content = "one", .method = 98}})).ok());
}

TEST(ZipDirectory, a_bomb_ends_at_the_limit) {
    const std::string zip = zip_of({{.name = "a", .content = std::string(3'000'000, '0')}});
    Limits limits;
    limits.max_archive_ratio = 100;
    ArchiveBudget budget(limits);
    const auto entries = read_zip_directory(zip).value();
    const auto content = unpack_zip_entry(zip, entries[0], budget);
    ASSERT_TRUE(content.ok());
    EXPECT_EQ(content.value().gap.failure, ArchiveFailure::kLimit);
    EXPECT_LT(content.value().bytes().size(), 2'000'000U);
}

}  // namespace
}  // namespace merlon::text
