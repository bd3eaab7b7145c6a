#include "connect/git/tree_store.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "connect/git/history_changes.h"
#include "connect/git/loose_object.h"
#include "connect/git/object_map.h"

namespace merlon::connect::git {
namespace {

constexpr std::uint64_t kBlockBytes = std::uint64_t{512} << 10;  // what a worker asks for at once

// A database of loose objects beside the same objects in a map.
class TreeStoreTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = testing::TempDir() + "/tree_store_" +
                  testing::UnitTest::GetInstance()->current_test_info()->name();
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    ObjectId keep(const ObjectId& id) {
        const Object object = objects_.read(id).value();
        std::string whole(name(object.type));
        whole += ' ' + std::to_string(object.bytes().size());
        whole += '\0';
        whole += object.bytes();
        std::string packed(compressBound(whole.size()), '\0');
        uLongf size = packed.size();
        compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                 reinterpret_cast<const Bytef*>(whole.data()), whole.size());
        packed.resize(size);
        const std::string path = loose_path(folder_, id);
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        EXPECT_TRUE(write_file_atomically(path, packed).ok());
        return id;
    }
    ObjectId tree(const std::vector<ObjectMap::Entry>& entries) {
        return keep(objects_.tree(entries));
    }
    ObjectId blob(std::string_view text) { return keep(objects_.blob(text)); }

    // A tree of `count` files whose names begin with `start`.
    ObjectId large_tree(const std::string& start, std::size_t count) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < count; ++i)
            names.push_back(start + std::to_string(100'000 + i));
        std::vector<ObjectMap::Entry> entries;
        for (const std::string& name : names)
            entries.push_back({"100644", name, objects_.blob("x")});
        return tree(entries);
    }

    void open() {
        database_ = ObjectDatabase::open(folder_, HashAlgorithm::kSha1).value();
        catalog_ = ObjectCatalog::of(*database_);
    }

    std::vector<std::string> changes(const ObjectId& after, const std::vector<ObjectId>& parents,
                                     const TreeStore* store) {
        std::vector<std::string> lines;
        ChangeVisitor visitor;
        visitor.on_tree = [&](const ObjectId& id) { lines.push_back("tree " + id.hex()); };
        visitor.on_problem = [&](const DiffProblem& problem) { lines.push_back(problem.message); };
        visitor.on_change = [&](const PathChange& change) {
            lines.push_back(std::string(change.path) + ' ' + change.after.id.hex());
        };
        ChangeFinder(*database_, store).find(after, parents, visitor);
        return lines;
    }

    std::string folder_;
    ObjectMap objects_;
    std::unique_ptr<ObjectDatabase> database_;
    ObjectCatalog catalog_;
};

TEST_F(TreeStoreTest, KeepsEntriesAsTheyAre) {
    const ObjectId file = blob("a");
    const ObjectId absent = objects_.blob("nowhere in the database");
    const ObjectId inner = tree({{"100644", "f", file}});
    const ObjectId root = tree({{"100755", "a", file},
                                {"120000", "b", absent},
                                {"40000", "d", inner},
                                {"100644", "e", file},
                                {"160000", "s", absent}});
    open();
    TreeStore store(catalog_);
    store.read({.threads = 2});
    const auto kept = store.find(root);
    ASSERT_TRUE(kept.has_value());
    ASSERT_EQ(kept->size(), 5U);
    const auto is = [&](std::size_t at, FileMode mode, std::string_view name, const ObjectId& id) {
        const TreeStore::Entry& entry = (*kept)[at];
        return store.mode(entry) == mode && store.name(entry) == name && store.id(entry) == id;
    };
    EXPECT_TRUE(is(0, FileMode::kExecutable, "a", file));
    EXPECT_TRUE(is(1, FileMode::kSymlink, "b", absent));
    EXPECT_TRUE(is(2, FileMode::kTree, "d", inner));
    EXPECT_TRUE(is(3, FileMode::kRegular, "e", file));
    EXPECT_TRUE(is(4, FileMode::kSubmodule, "s", absent));
    EXPECT_EQ((*kept)[1].object, (*kept)[4].object) << "one number for one id";
    EXPECT_FALSE(store.find(file).has_value()) << "no tree";
    EXPECT_FALSE(store.find(absent).has_value());
}

TEST_F(TreeStoreTest, MalformedTreesAreLeftToWhoeverReadsThem) {
    const ObjectId good = tree({{"100644", "a", blob("a")}});
    const ObjectId cut = keep(objects_.put(ObjectType::kTree, "100644 a"));
    const ObjectId short_id =
        keep(objects_.put(ObjectType::kTree, std::string_view("100644 a\0 12", 12)));
    const ObjectId odd_mode =
        keep(objects_.put(ObjectType::kTree, std::string("x a") + '\0' + std::string(20, 'i')));
    const ObjectId empty = keep(objects_.put(ObjectType::kTree, ""));
    open();
    TreeStore store(catalog_);
    store.read({.threads = 1});
    EXPECT_TRUE(store.find(good).has_value());
    EXPECT_TRUE(store.find(empty).has_value());
    for (const ObjectId& bad : {cut, short_id, odd_mode}) {
        EXPECT_FALSE(store.find(bad).has_value());
        EXPECT_EQ(changes(bad, {good}, &store), changes(bad, {good}, nullptr));
        EXPECT_FALSE(changes(bad, {good}, &store).empty()) << "it is told of";
    }
}

TEST_F(TreeStoreTest, WhatFindsNoRoomIsReadById) {
    const std::vector<ObjectId> trees = {large_tree("a", 40'000), large_tree("b", 40'000),
                                         large_tree("c", 40'000)};
    const ObjectId one = tree({{"40000", "d", trees[0]}, {"40000", "e", trees[1]}});
    const ObjectId two = tree({{"40000", "d", trees[2]}, {"40000", "e", trees[1]}});
    open();
    const std::vector<std::string> expected = changes(two, {one}, nullptr);
    EXPECT_EQ(expected.size(), 40'000U + 40'000 + 2) << "added, gone, and two trees";
    for (const std::uint64_t room :
         {std::uint64_t{0}, kBlockBytes, 2 * kBlockBytes, 8 * kBlockBytes}) {
        TreeStore store(catalog_, room);
        store.read({.threads = 1});
        EXPECT_LE(store.bytes(), room);
        std::size_t kept = 0;
        for (const ObjectId& id : trees) kept += store.find(id).has_value() ? 1 : 0;
        EXPECT_EQ(kept, std::min<std::size_t>(room / kBlockBytes, 3)) << "one fits into a block";
        if (room > kBlockBytes) continue;
        EXPECT_TRUE(changes(two, {one}, &store) == expected) << room;
    }
}

}  // namespace
}  // namespace merlon::connect::git
