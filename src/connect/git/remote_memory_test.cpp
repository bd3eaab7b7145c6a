// Which references of a remote count for a push, and what is kept of an address. Beside a real git:
// tests/git/hook_check.py.

#include "connect/git/remote_memory.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <list>

#include "base/file.h"

namespace merlon::connect::git {
namespace {

namespace fs = std::filesystem;
using Reason = RemoteMemory::Trust::Reason;

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
        repositories_.push_back(Repository::open(folder_).value());
        return RemoteMemory::open(repositories_.back(), no_variable);
    }
    RemoteMemory::Trust trust(const std::string& address, const std::string& remote = "origin",
                              const std::vector<RemoteMemory::Told>& told = {}) const {
        return open().value().trust({remote, address}, told);
    }
    void learn_push(const std::string& address, std::string_view scanned) {
        RemoteMemory memory = open().value();
        const std::array ids = {*ObjectId::parse(scanned)};
        const PushTarget target{"origin", address};
        memory.learn_push(target, ids);
        if (!memory.has_changed()) return;
        ASSERT_TRUE(memory.save().ok());
    }
    void learn_configured() {
        RemoteMemory memory = open().value();
        memory.learn_configured();
        if (!memory.has_changed()) return;
        ASSERT_TRUE(memory.save().ok());
    }

    std::string folder_;
    mutable std::list<Repository> repositories_;  // what was opened, which must stay
};

TEST_F(RemoteMemoryTest, WithoutARecordTheConfiguredAddressCounts) {
    EXPECT_EQ(trust("/srv/old").reason, Reason::kConfigured);
    EXPECT_EQ(trust("/srv/old").tips.size(), 2U);
    EXPECT_EQ(trust("/srv/new").reason, Reason::kOtherAddress);
    EXPECT_EQ(trust("/srv/new").doubted, 2U);
    EXPECT_EQ(trust("").doubted, 2U);
    EXPECT_EQ(trust("/srv/old", "").doubted, 0U);
}

TEST_F(RemoteMemoryTest, AnotherPlaceForPushesIsNotTheOneOfTheReferences) {
    set_address("/srv/old", "\tpushurl = /srv/new\n");
    EXPECT_EQ(trust("/srv/new").reason, Reason::kOtherAddress);
    set_address("/srv/old", "[url \"ssh://srv/\"]\n\tpushInsteadOf = /srv/\n");
    EXPECT_EQ(trust("ssh://srv/old").reason, Reason::kConfigured);
    set_address("srv:old", "[url \"/srv/\"]\n\tinsteadOf = srv:\n");
    EXPECT_EQ(trust("/srv/old").reason, Reason::kConfigured);
    EXPECT_EQ(trust("srv:old").reason, Reason::kOtherAddress);
}

TEST_F(RemoteMemoryTest, WhatIsRememberedDoesNotFollowTheConfiguration) {
    learn_configured();
    EXPECT_EQ(trust("/srv/old").reason, Reason::kRemembered);
    set_address("/srv/new");
    learn_configured();
    EXPECT_EQ(trust("/srv/new").reason, Reason::kOtherAddress);
    EXPECT_EQ(trust("/srv/old").reason, Reason::kOtherAddress);
    set_address("/srv/old");
    EXPECT_EQ(trust("/srv/old").reason, Reason::kRemembered);
}

TEST_F(RemoteMemoryTest, ANewAddressHasWhatWasScannedAndWhatCameLater) {
    learn_configured();
    set_address("/srv/new");
    learn_push("/srv/new", kFirst);
    const RemoteMemory::Trust trusted = trust("/srv/new");
    EXPECT_EQ(trusted.reason, Reason::kRemembered);
    ASSERT_EQ(trusted.tips.size(), 1U);
    EXPECT_EQ(trusted.tips.front().hex(), kFirst);
    set_tip("side", "3333333333333333333333333333333333333333");
    EXPECT_EQ(trust("/srv/new").tips.size(), 2U);
    set_address("/srv/old");
    EXPECT_EQ(trust("/srv/old").reason, Reason::kOtherAddress);
}

TEST_F(RemoteMemoryTest, TheReferencesOfALongerNameAreNotThoseOfAShorter) {
    set_address("/srv/old", "[remote \"origin/more\"]\n\turl = /srv/more\n");
    set_tip("more/main", "3333333333333333333333333333333333333333");
    EXPECT_EQ(trust("/srv/old").tips.size(), 2U);
    EXPECT_EQ(trust("/srv/more", "origin/more").tips.size(), 1U);
}

TEST_F(RemoteMemoryTest, WhatAnotherRemoteWritesIsNotTrusted) {
    set_address("/srv/old",
                "[remote \"b\"]\n\turl = /srv/b\n"
                "\tfetch = +refs/heads/*:refs/remotes/origin/si*\n");
    ASSERT_EQ(trust("/srv/old").tips.size(), 1U);
    EXPECT_EQ(trust("/srv/old").tips.front().hex(), kFirst);
}

TEST_F(RemoteMemoryTest, WhatTheRemoteItselfSaysCounts) {
    set_address("/srv/old", "\tfetch = +refs/heads/*:refs/remotes/origin/*\n");
    const auto told = [this](const std::string& name, std::string_view id) {
        return trust("/srv/old", "origin", {{name, ObjectId::parse(id)}});
    };
    EXPECT_EQ(told("refs/heads/main", kFirst).doubted, 0U);
    EXPECT_EQ(told("refs/heads/new", "").doubted, 0U);
    EXPECT_EQ(told("refs/tags/main", "").doubted, 0U);
    const RemoteMemory::Trust lost = told("refs/heads/main", "");
    EXPECT_EQ(lost.reason, Reason::kContradicted);
    EXPECT_EQ(lost.contradicted, "refs/remotes/origin/main");
    EXPECT_TRUE(lost.tips.empty());
    EXPECT_EQ(told("refs/heads/main", kSecond).reason, Reason::kContradicted);
}

TEST_F(RemoteMemoryTest, AContradictionHoldsUntilTheRemoteIsAsked) {
    set_address("/srv/old.git", "\tfetch = +refs/heads/*:refs/remotes/origin/*\n");
    write("FETCH_HEAD", std::string(kFirst) + "\t\tbranch 'main' of /srv/old\n");
    {
        RemoteMemory memory = open().value();
        memory.learn_contradiction({"origin", "/srv/old.git"});
        ASSERT_TRUE(memory.save().ok());
    }
    EXPECT_EQ(trust("/srv/old.git").reason, Reason::kContradicted);
    EXPECT_EQ(trust("/srv/old.git").doubted, 2U);
    write("FETCH_HEAD", std::string(kFirst) + "\t\tbranch 'main' of /srv/other\n");
    EXPECT_EQ(trust("/srv/old.git").reason, Reason::kContradicted);
    write("FETCH_HEAD", std::string(kFirst) + "\t\tbranch 'main' of /srv/old\n");
    EXPECT_EQ(trust("/srv/old.git").doubted, 0U);
    learn_push("/srv/old.git", kFirst);
    write("FETCH_HEAD", std::string(kFirst) + "\t\tbranch 'main' of /srv/other\n");
    EXPECT_EQ(trust("/srv/old.git").doubted, 0U);
}

TEST(Refspecs, NameWhatIsFetchedAndWhatIsWritten) {
    const RemoteSetup remote{"o",
                             "",
                             "",
                             {"^refs/heads/x", "refs/heads/a", "+refs/heads/*:refs/remotes/o/*-b",
                              "refs/tags/v1:refs/tags/o-v1", "+s:remotes/o/s"}};
    EXPECT_EQ(tracking_name(remote, "refs/heads/main"), "refs/remotes/o/main-b");
    EXPECT_EQ(tracking_name(remote, "refs/tags/v1"), "refs/tags/o-v1");
    EXPECT_EQ(tracking_name(remote, "refs/tags/v2"), "");
    EXPECT_TRUE(writes_tracking(remote, "refs/remotes/o/x/y-b"));
    EXPECT_FALSE(writes_tracking(remote, "refs/remotes/o/-"));
    EXPECT_TRUE(writes_tracking(remote, "refs/tags/o-v1"));
    EXPECT_TRUE(writes_tracking(remote, "refs/remotes/o/s"));
}

TEST_F(RemoteMemoryTest, ADamagedRecordIsAnError) {
    constexpr const char* kNoId =
        "{\"version\": 1, \"remotes\": [{\"name\": \"a\", \"fetchedFrom\": \"b\", \"addresses\": "
        "[{\"address\": \"b\", \"foreign\": [\"x\"]}]}]}";
    for (const std::string text :
         {"", "{", "[]", "null", "{\"version\": 2, \"remotes\": []}", "{\"version\": 1}",
          "{\"version\": 1, \"remotes\": [1]}", "{\"version\": 1, \"remotes\": [{\"name\": 1}]}",
          "{\"version\": 1, \"remotes\": [{\"name\": \"a\", \"fetchedFrom\": \"b\"}]}", kNoId}) {
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
    EXPECT_EQ(trust("https://other:one@host/a").reason, Reason::kRemembered);
}

}  // namespace
}  // namespace merlon::connect::git
