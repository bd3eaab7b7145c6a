// Packs put together by hand; tests/cli/db_git_test.py compares indexes with git's own.

#include "connect/git/pack_indexer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "base/file.h"
#include "connect/git/byte_order.h"
#include "connect/git/complete_commit.h"
#include "connect/git/inflate.h"
#include "connect/git/object_database.h"
#include "crypto/digest.h"

namespace merlon::connect::git {
namespace {

namespace fs = std::filesystem;

std::string header_of(unsigned code, std::size_t size) {
    std::string header;
    auto byte = static_cast<std::uint8_t>(code << 4 | (size & 15));
    for (size >>= 4; size != 0; size >>= 7) {
        header += static_cast<char>(byte | 0x80);
        byte = static_cast<std::uint8_t>(size & 0x7F);
    }
    return header + static_cast<char>(byte);
}

std::string whole(ObjectType type, std::string_view content) {
    return header_of(static_cast<unsigned>(type), content.size()) + deflate(content).value();
}

// A delta that copies all of a base of fewer than 128 bytes and adds `more`.
std::string delta_bytes(std::string_view base, std::string_view more) {
    std::string delta;
    delta += static_cast<char>(base.size());
    delta += static_cast<char>(base.size() + more.size());
    delta += static_cast<char>(0x90);  // copy: offset 0, one byte of size
    delta += static_cast<char>(base.size());
    delta += static_cast<char>(more.size());
    return delta.append(more);
}

std::string upon(const ObjectId& base_id, std::string_view base, std::string_view more) {
    const std::string delta = delta_bytes(base, more);
    return header_of(7, delta.size()) + std::string(base_id.bytes()) + deflate(delta).value();
}

std::string pack_of(const std::vector<std::string>& entries) {
    std::string pack("PACK");
    append_be32(pack, 2);
    append_be32(pack, static_cast<std::uint32_t>(entries.size()));
    for (const std::string& entry : entries) pack += entry;
    crypto::Hasher hasher(crypto::DigestAlgorithm::kSha1);
    hasher.update(pack);
    return pack.append(hasher.finish().bytes());
}

ObjectId id_of(ObjectType type, std::string_view content) {
    return hash_object(HashAlgorithm::kSha1, type, content);
}

std::optional<Object> blob(std::string_view content) {
    return Object{ObjectType::kBlob, padded_copy(content)};
}

class PackIndexer : public ::testing::Test {
  protected:
    void SetUp() override {
        folder_ = (fs::temp_directory_path() /
                   ("merlon_pack_indexer_" +
                    std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "_" +
                    ::testing::UnitTest::GetInstance()->current_test_info()->name()))
                      .string();
        fs::remove_all(folder_);
        fs::create_directories(folder_ + "/pack");
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string write(const std::string& bytes) {
        EXPECT_TRUE(write_file_atomically(folder_ + "/incoming", bytes).ok());
        return folder_ + "/incoming";
    }
    std::unique_ptr<ObjectDatabase> database() const {
        return ObjectDatabase::open(folder_, HashAlgorithm::kSha1).value();
    }
    std::string read(const ObjectId& id) const {
        const auto object = database()->read(id);
        return object.ok() ? std::string(object.value().bytes()) : object.error().message;
    }

    std::string folder_;
    PackIndexRequest request_;
};

TEST_F(PackIndexer, makes_a_thin_pack_whole) {
    const ObjectId base = id_of(ObjectType::kBlob, "base");
    const std::string thin =
        pack_of({upon(base, "base", "+1"), upon(id_of(ObjectType::kBlob, "base+1"), "base+1", "+2"),
                 whole(ObjectType::kBlob, "alone")});
    EXPECT_FALSE(store_pack(write(thin), folder_ + "/pack", request_).ok());
    std::size_t asked = 0;
    request_.find_base = [&](const ObjectId& id) {
        ++asked;
        return id == base ? blob("base") : std::nullopt;
    };
    const auto name = store_pack(write(thin), folder_ + "/pack", request_);
    ASSERT_TRUE(name.ok()) << name.error().to_string();
    EXPECT_TRUE(name.value().starts_with("pack-"));
    EXPECT_LE(asked, 2u);
    for (const std::string_view content : {"base", "base+1", "base+1+2", "alone"}) {
        EXPECT_EQ(read(id_of(ObjectType::kBlob, content)), content);
    }
    ASSERT_EQ(database()->packs().size(), 1u);
    EXPECT_TRUE(database()->packs()[0]->verify_trailer().ok());
    EXPECT_EQ(database()->packs()[0]->index().count(), 4u);
}

TEST_F(PackIndexer, refuses_a_base_that_is_not_what_its_name_says) {
    request_.find_base = [](const ObjectId&) { return blob("other"); };
    const auto stored =
        index_pack(pack_of({upon(id_of(ObjectType::kBlob, "base"), "base", "+1")}), request_);
    ASSERT_FALSE(stored.ok());
    EXPECT_NE(stored.error().message.find("is damaged"), std::string::npos);
}

TEST_F(PackIndexer, bounds_what_all_objects_have_together_and_can_be_ended) {
    std::vector<std::string> entries{whole(ObjectType::kBlob, std::string(100, 'x'))};
    const ObjectId base = id_of(ObjectType::kBlob, std::string(100, 'x'));
    for (int i = 0; i < 20; ++i) {
        entries.push_back(upon(base, std::string(100, 'x'), std::to_string(i)));
    }
    const std::string pack = pack_of(entries);
    EXPECT_TRUE(index_pack(pack, request_).ok());
    request_.limits.max_total_bytes = 1000;
    const auto large = index_pack(pack, request_);
    ASSERT_FALSE(large.ok());
    EXPECT_NE(large.error().message.find("more than the allowed 1000 bytes together"),
              std::string::npos);
    request_.limits = {};
    CancelToken cancel;
    cancel.cancel();
    request_.cancel = &cancel;
    EXPECT_FALSE(index_pack(pack, request_).ok());
}

TEST_F(PackIndexer, writes_nothing_of_a_pack_without_objects) {
    const auto name = store_pack(write(pack_of({})), folder_ + "/pack", request_);
    ASSERT_TRUE(name.ok());
    EXPECT_EQ(name.value(), "");
    EXPECT_TRUE(fs::is_empty(folder_ + "/pack"));
}

TEST_F(PackIndexer, a_commit_is_whole_where_all_that_its_trees_name_is_there) {
    const auto tree_of = [](std::string_view mode, const ObjectId& id) {
        return std::string(mode) + " name" + '\0' + std::string(id.bytes());
    };
    const std::string inner = tree_of("100644", id_of(ObjectType::kBlob, "content"));
    const std::string root = tree_of("40000", id_of(ObjectType::kTree, inner));
    const std::string commit = "tree " + id_of(ObjectType::kTree, root).hex() + "\n\nmessage\n";
    const ObjectId id = id_of(ObjectType::kCommit, commit);
    const std::vector<std::string> all{
        whole(ObjectType::kCommit, commit), whole(ObjectType::kTree, root),
        whole(ObjectType::kTree, inner), whole(ObjectType::kBlob, "content")};
    for (std::size_t kept = 1; kept <= all.size(); ++kept) {
        fs::remove_all(folder_ + "/pack");
        fs::create_directories(folder_ + "/pack");
        const std::vector<std::string> some(all.begin(),
                                            all.begin() + static_cast<std::ptrdiff_t>(kept));
        ASSERT_TRUE(store_pack(write(pack_of(some)), folder_ + "/pack", request_).ok());
        const auto objects = database();
        EXPECT_EQ(check_commit(*objects, id, CommitCheck::kAll, nullptr).ok(), kept == all.size());
        EXPECT_EQ(check_commit(*objects, id, CommitCheck::kRoot, nullptr).ok(), kept > 1);
        EXPECT_FALSE(
            check_commit(*objects, id_of(ObjectType::kTree, root), CommitCheck::kRoot, nullptr)
                .ok());
    }
}

}  // namespace
}  // namespace merlon::connect::git
