#include "connect/git/fetch_protocol.h"

#include <gtest/gtest.h>

namespace merlon::connect::git {
namespace {

constexpr std::string_view kId = "1111111111111111111111111111111111111111";
constexpr std::string_view kOther = "2222222222222222222222222222222222222222";

// Hands `bytes` to a taker in pieces of every size.
template <typename Make>
void read_in_pieces(const std::string& bytes, const Make& make) {
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        auto taker = make();
        PacketReader reader(
            [&](PacketKind kind, std::string_view payload) { return taker.take(kind, payload); });
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            ASSERT_TRUE(reader.feed(std::string_view(bytes).substr(at, piece)).ok());
        }
        ASSERT_TRUE(reader.finish().ok());
        taker.expect();
    }
}

TEST(FetchProtocol, knows_a_server_of_version_2_with_and_without_the_service_in_front) {
    struct Taker : Advertisement {
        void expect() const { EXPECT_TRUE(check().ok()); }
    };
    const std::string capabilities =
        "000eversion 2\n0013agent=git/2.39\n0012fetch=shallow\n"
        "0017object-format=sha1\n0000";
    read_in_pieces(capabilities, [] { return Taker(); });
    read_in_pieces("001e# service=git-upload-pack\n0000" + capabilities, [] { return Taker(); });
    Advertisement old;
    EXPECT_TRUE(old.take(PacketKind::kData, std::string(kId) + " HEAD").ok());
    EXPECT_FALSE(old.check().ok());
}

TEST(FetchProtocol, prefers_the_names_that_git_prefers_and_what_a_tag_is_about) {
    ReferenceAnswer answer(HashAlgorithm::kSha1, "v1");
    const auto take = [&](const std::string& line) {
        EXPECT_TRUE(answer.take(PacketKind::kData, line).ok());
    };
    take(std::string(kOther) + " refs/heads/v1\n");
    EXPECT_EQ(answer.commit()->hex(), kOther);
    take(std::string(kOther) + " refs/tags/v1 peeled:" + std::string(kId) + "\n");
    EXPECT_EQ(answer.commit()->hex(), kId);
    take(std::string(kOther) + " refs/tags/v1-rc\n");
    take(std::string(kOther) + " refs/heads/v1\n");
    take("unborn refs/tags/v1\n");
    EXPECT_EQ(answer.commit()->hex(), kId);
}

TEST(FetchProtocol, asks_for_one_commit_or_for_what_was_added_since) {
    const auto id = *ObjectId::parse(kId);
    const auto other = *ObjectId::parse(kOther);
    const ServerTraits server{HashAlgorithm::kSha1, true, true};
    const std::string alone = fetch_request(server, id);
    EXPECT_TRUE(
        alone.starts_with("0012command=fetch\n0011agent=merlon\n"
                          "0017object-format=sha1\n0001"));
    EXPECT_NE(alone.find("000ddeepen 1\n"), std::string::npos);
    EXPECT_NE(alone.find("0032want " + std::string(kId) + "\n"), std::string::npos);
    EXPECT_TRUE(alone.ends_with("0009done\n0000"));
    EXPECT_EQ(alone.find("have"), std::string::npos);
    const std::string since = fetch_request(server, id, other);
    EXPECT_NE(since.find("000ethin-pack\n"), std::string::npos);
    EXPECT_NE(since.find("0035shallow " + std::string(kOther) + "\n"), std::string::npos);
    EXPECT_NE(since.find("000ddeepen 1\n"), std::string::npos);
    EXPECT_TRUE(since.ends_with("0032have " + std::string(kOther) + "\n0000"));
    EXPECT_EQ(since.find("done"), std::string::npos);
}

TEST(FetchProtocol, says_nothing_that_the_server_did_not_say_it_takes) {
    // As Git 2.18 to 2.27 announce themselves.
    Advertisement old;
    for (const std::string_view line : {"version 2", "ls-refs", "fetch=shallow"}) {
        EXPECT_TRUE(old.take(PacketKind::kData, line).ok());
    }
    EXPECT_TRUE(old.check().ok());
    const auto id = *ObjectId::parse(kId);
    EXPECT_TRUE(fetch_request(old.traits(), id).starts_with("0012command=fetch\n0001"));
    EXPECT_TRUE(reference_request(old.traits(), "HEAD").starts_with("0014command=ls-refs\n0001"));
    Advertisement other;
    EXPECT_TRUE(other.take(PacketKind::kData, "agent=git/2.18.0\n").ok());
    EXPECT_TRUE(other.take(PacketKind::kData, "object-format=sha256\n").ok());
    EXPECT_TRUE(reference_request(other.traits(), "HEAD")
                    .starts_with("0014command=ls-refs\n0011agent=merlon\n"
                                 "0019object-format=sha256\n0001"));
}

TEST(FetchProtocol, an_answer_without_a_pack_is_whole) {
    FetchAnswer answer([](std::string_view) { return Status(); });
    EXPECT_TRUE(answer.take(PacketKind::kData, "acknowledgments\n").ok());
    EXPECT_TRUE(answer.take(PacketKind::kData, "NAK\n").ok());
    EXPECT_FALSE(answer.check().ok());
    EXPECT_TRUE(answer.take(PacketKind::kFlush, {}).ok());
    EXPECT_TRUE(answer.check().ok());
    EXPECT_FALSE(answer.has_pack());
}

TEST(FetchProtocol, takes_the_pack_out_of_the_answer) {
    struct Taker {
        std::string pack;
        FetchAnswer answer{[this](std::string_view bytes) {
            pack += bytes;
            return Status();
        }};
        Taker() = default;
        Taker(Taker&&) = delete;
        Status take(PacketKind kind, std::string_view payload) {
            return answer.take(kind, payload);
        }
        void expect() const {
            EXPECT_TRUE(answer.check().ok());
            EXPECT_EQ(pack, "PACKing");
        }
    };
    const std::string bytes = "0011shallow-info\n0035shallow " + std::string(kId) +
                              "\n0001000dpackfile\n0009\1PACK0008\2hi!0008\1ing0000";
    read_in_pieces(bytes, [] { return Taker(); });
    Taker refused;
    EXPECT_TRUE(refused.take(PacketKind::kData, "packfile\n").ok());
    EXPECT_FALSE(refused.answer.check().ok());
    const Status said = refused.take(PacketKind::kData, "\3no\nway");
    ASSERT_FALSE(said.ok());
    EXPECT_EQ(said.error().message, "the Git server says: no way");
}

TEST(FetchProtocol, refuses_what_is_no_packet) {
    PacketReader reader([](PacketKind, std::string_view) { return Status(); });
    EXPECT_FALSE(reader.feed("<html>").ok());
    PacketReader cut([](PacketKind, std::string_view) { return Status(); });
    EXPECT_TRUE(cut.feed("0009he").ok());
    EXPECT_FALSE(cut.finish().ok());
}

}  // namespace
}  // namespace merlon::connect::git
