// Which references of a remote count for a push, and what is kept of an address. Beside a real git:
// tests/git/hook_check.py.

#include "connect/git/remote_memory.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "base/file.h"

namespace merlon::connect::git {
namespace {

namespace fs = std::filesystem;
using Address = RemoteMemory::Trust::Address;

constexpr std::string_view kFirst = "1111111111111111111111111111111111111111";
constexpr std::string_view kSecond = "2222222222222222222222222222222222222222";

std::optional<std::string> no_variable(std::string_view) { return std::nullopt; }

class RemoteMemoryTest : public testing::Test {
  protected:
    RemoteMemoryTest() {
        folder_ = testing::TempDir() + "remote_memory_" +
                  testing::UnitTest::GetInstance()->current_test_info()->name();
        fs::remove_all(folder_);
        fs::create_directories(folder_ + "/.git/objects");
        fs::create_directories(folder_ + "/.git/merlon");
        write("HEAD", "ref: refs/heads/main\n");
        set_address("/srv/old");
        set_tip("main", kFirst);
        set_tip("side", kSecond);
    }
    ~RemoteMemoryTest() override { fs::remove_all(folder_); }

    void write(const std::string& name, const std::string& text) {
        const std::string path = folder_ + "/.git/" + name;
        fs::create_directories(fs::path(path).parent_path());
        ASSERT_TRUE(write_file_atomically(path, text).ok());
    }
    void set_address(const std::string& address, const std::string& more = {}) {
        write("config", "[remote \"origin\"]\n\turl = " + address + "\n" + more);
    }
    void set_tip(const std::string& branch, std::string_view id) {
        write("refs/remotes/origin/" + branch, std::string(id) + "\n");
    }
    Result<RemoteMemory> open() const {
        const Result<Repository> repository = Repository::open(folder_);
        if (!repository.ok()) return repository.error();
        return RemoteMemory::open(repository.value(), no_variable);
    }
    RemoteMemory::Trust trust(const std::string& address,
                              const std::string& remote = "origin") const {
        return open().value().trust({remote, address});
    }
    void learn_push(const std::string& address, std::string_view scanned) {
        RemoteMemory memory = open().value();
        const std::array ids = {*ObjectId::parse(scanned)};
        memory.learn_push({"origin", address}, ids);
        if (memory.has_changed()) ASSERT_TRUE(memory.save().ok());
    }
    void learn_configured() {
        RemoteMemory memory = open().value();
        memory.learn_configured();
        if (memory.has_changed()) ASSERT_TRUE(memory.save().ok());
    }

    std::string folder_;
};

TEST_F(RemoteMemoryTest, WithoutARecordTheConfiguredAddressCounts) {
    EXPECT_EQ(trust("/srv/old").address, Address::kConfigured);
    EXPECT_EQ(trust("/srv/old").tips.size(), 2U);
    EXPECT_EQ(trust("/srv/new").address, Address::kOther);
    EXPECT_EQ(trust("/srv/new").doubted, 2U);
    EXPECT_EQ(trust("").doubted, 2U);
    EXPECT_EQ(trust("/srv/old", "").doubted, 0U);
}

TEST_F(RemoteMemoryTest, AnotherPlaceForPushesIsNotTheOneOfTheReferences) {
    set_address("/srv/old", "\tpushurl = /srv/new\n");
    EXPECT_EQ(trust("/srv/new").address, Address::kOther);
    set_address("/srv/old", "[url \"ssh://srv/\"]\n\tpushInsteadOf = /srv/\n");
    EXPECT_EQ(trust("ssh://srv/old").address, Address::kConfigured);
    set_address("srv:old", "[url \"/srv/\"]\n\tinsteadOf = srv:\n");
    EXPECT_EQ(trust("/srv/old").address, Address::kConfigured);
    EXPECT_EQ(trust("srv:old").address, Address::kOther);
}

TEST_F(RemoteMemoryTest, WhatIsRememberedDoesNotFollowTheConfiguration) {
    learn_configured();
    EXPECT_EQ(trust("/srv/old").address, Address::kRemembered);
    set_address("/srv/new");
    learn_configured();
    EXPECT_EQ(trust("/srv/new").address, Address::kOther);
    EXPECT_EQ(trust("/srv/old").address, Address::kOther);
    set_address("/srv/old");
    EXPECT_EQ(trust("/srv/old").address, Address::kRemembered);
}

TEST_F(RemoteMemoryTest, ANewAddressHasWhatWasScannedAndWhatCameLater) {
    learn_configured();
    set_address("/srv/new");
    learn_push("/srv/new", kFirst);
    const RemoteMemory::Trust trusted = trust("/srv/new");
    EXPECT_EQ(trusted.address, Address::kRemembered);
    ASSERT_EQ(trusted.tips.size(), 1U);
    EXPECT_EQ(trusted.tips.front().hex(), kFirst);
    set_tip("side", "3333333333333333333333333333333333333333");
    EXPECT_EQ(trust("/srv/new").tips.size(), 2U);
    set_address("/srv/old");
    EXPECT_EQ(trust("/srv/old").address, Address::kOther);
}

TEST_F(RemoteMemoryTest, TheReferencesOfALongerNameAreNotThoseOfAShorter) {
    set_address("/srv/old", "[remote \"origin/more\"]\n\turl = /srv/more\n");
    set_tip("more/main", "3333333333333333333333333333333333333333");
    EXPECT_EQ(trust("/srv/old").tips.size(), 2U);
    EXPECT_EQ(trust("/srv/more", "origin/more").tips.size(), 1U);
}

TEST_F(RemoteMemoryTest, ADamagedRecordIsAnError) {
    for (const std::string text :
         {"", "{", "[]", "null", "{\"version\": 2, \"remotes\": []}", "{\"version\": 1}",
          "{\"version\": 1, \"remotes\": [1]}", "{\"version\": 1, \"remotes\": [{\"name\": 1}]}",
          "{\"version\": 1, \"remotes\": [{\"name\": \"a\", \"fetchedFrom\": \"b\"}]}",
          "{\"version\": 1, \"remotes\": [{\"name\": \"a\", \"fetchedFrom\": \"b\", \"addresses\": "
          "[{\"address\": \"b\", \"foreign\": [\"x\"]}]}]}"}) {
        write("merlon/remotes.json", text);
        const Result<RemoteMemory> memory = open();
        ASSERT_FALSE(memory.ok()) << text;
        EXPECT_NE(memory.error().to_string().find("remotes.json"), std::string::npos);
    }
}

TEST_F(RemoteMemoryTest, NamesAndPasswordsOfAddressesAreLeftOut) {
    EXPECT_EQ(shown_address("https://user:word@host/a@b.git"), "https://host/a@b.git");
    EXPECT_EQ(shown_address("https://token@host:8443/a"), "https://host:8443/a");
    EXPECT_EQ(shown_address("ssh://git:word@host/a"), "ssh://git@host/a");
    EXPECT_EQ(shown_address("ssh://git@host:22/a"), "ssh://git@host:22/a");
    EXPECT_EQ(shown_address("git@host:a/b.git"), "git@host:a/b.git");
    EXPECT_EQ(shown_address("/srv/a@b"), "/srv/a@b");
    learn_push("https://user:word@host/a", kFirst);
    const std::string kept = read_text_file(folder_ + "/.git/merlon/remotes.json").value();
    EXPECT_EQ(kept.find("word"), std::string::npos);
    EXPECT_EQ(trust("https://other:one@host/a").address, Address::kRemembered);
}

}  // namespace
}  // namespace merlon::connect::git
