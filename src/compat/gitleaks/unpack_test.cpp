#include "compat/gitleaks/unpack.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace merlon::compat::gitleaks {
namespace {

// A text as one metablock that is not compressed, and the empty last one (RFC 7932, section 9.2).
std::string brotli_of(const std::string& text) {
    const std::uint32_t header = static_cast<std::uint32_t>(text.size() - 1) << 4 | std::uint32_t{1}
                                                                                        << 20;
    std::string out;
    for (int i = 0; i < 3; ++i) out += static_cast<char>(header >> 8 * i & 0xFF);
    return out + text + '\x03';
}

std::string little_endian(std::uint32_t number, int width) {
    std::string out;
    for (int i = 0; i < width; ++i) out += static_cast<char>(number >> 8 * i & 0xFF);
    return out;
}

// A zip of one stored member, with this checksum, that its directory names so often
// (APPNOTE, 4.3.7, 4.3.12, 4.3.16).
std::string zip_of(const std::string& text, std::uint32_t checksum, std::uint32_t entries = 1) {
    const auto size = static_cast<std::uint32_t>(text.size());
    const std::string sizes = little_endian(checksum, 4) + little_endian(size, 4) +
                              little_endian(size, 4) + little_endian(1, 2) + little_endian(0, 2);
    const std::string common =
        little_endian(10, 2) + little_endian(0, 2) + little_endian(0, 2) + little_endian(0, 4);
    const std::string local = "PK\3\4" + common + sizes + "a" + text;
    const std::string entry = "PK\1\2" + little_endian(10, 2) + common + sizes +
                              little_endian(0, 2) + little_endian(0, 2) + little_endian(0, 2) +
                              little_endian(0, 4) + little_endian(0, 4) + "a";
    std::string directory;
    for (std::uint32_t i = 0; i < entries; ++i) directory += entry;
    return local + directory + "PK\5\6" + little_endian(0, 4) + little_endian(entries, 2) +
           little_endian(entries, 2) +
           little_endian(static_cast<std::uint32_t>(directory.size()), 4) +
           little_endian(static_cast<std::uint32_t>(local.size()), 4) + little_endian(0, 2);
}

Reach reach_of(const std::string& name, const std::string& bytes) {
    Reach reach = Reach::kNothing;
    unpack(
        bytes, packing_of(name), {},
        [&](const Member& member) {
            EXPECT_FALSE(member.bytes.empty());
            reach = member.reach;
            return Outcome::kComplete;
        },
        [](std::string_view, const std::string& reason) { EXPECT_FALSE(reason.empty()); });
    return reach;
}

TEST(Unpack, of_a_cut_brotli_stream_a_finished_piece_is_kept) {
    const std::string whole = brotli_of("one line\n\n");
    EXPECT_EQ(reach_of("a.br", whole), Reach::kWhole);
    EXPECT_EQ(reach_of("a.br", whole.substr(0, whole.size() - 1)), Reach::kButOpenPiece);
    EXPECT_EQ(reach_of("a.br", whole + "more"), Reach::kButLastPiece);
}

TEST(Unpack, thousands_of_names_for_one_member_are_not_thousands_of_members) {
    const std::string zip = zip_of(std::string(300'000, 'x'), 0, 5'000);
    int members = 0;
    int failures = 0;
    unpack(
        zip, packing_of("a.zip"), {},
        [&](const Member&) {
            ++members;
            return Outcome::kComplete;
        },
        [&](std::string_view, const std::string& reason) {
            EXPECT_NE(reason.find("shares its bytes"), std::string::npos) << reason;
            ++failures;
        });
    EXPECT_EQ(members, 3);
    EXPECT_EQ(failures, 1);
}

TEST(Unpack, a_stored_member_with_a_wrong_checksum_fails_behind_its_bytes) {
    EXPECT_EQ(reach_of("a.zip", zip_of("one line\n\n", 0x64BAA88C)), Reach::kWhole);
    EXPECT_EQ(reach_of("a.zip", zip_of("one line\n\n", 0x12345678)), Reach::kButOpenPiece);
}

}  // namespace
}  // namespace merlon::compat::gitleaks
