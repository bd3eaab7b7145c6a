#include "base/file_cache.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"

namespace merlon {
namespace {

namespace fs = std::filesystem;

class FileCacheTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "merlon-cache-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        directory_ = fs::path(name) / "cache";
    }
    void TearDown() override { fs::remove_all(directory_.parent_path()); }
    FileCache cache(std::uint64_t max_bytes = 1 << 20) const {
        return FileCache(directory_.string(), max_bytes, system_clock());
    }
    std::vector<fs::path> files() const {
        std::vector<fs::path> found;
        for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
            if (entry.is_regular_file()) found.push_back(entry.path());
        }
        return found;
    }

    fs::path directory_;
};

TEST_F(FileCacheTest, gives_back_what_was_put_and_nothing_else) {
    FileCache first = cache();
    EXPECT_EQ(first.get("key"), std::nullopt);
    const std::string bytes("a\0b", 3);
    first.put("key", bytes);
    first.put("empty", "");
    EXPECT_EQ(cache().get("key"), bytes);
    EXPECT_EQ(cache().get("empty"), "");
    EXPECT_EQ(cache().get("other"), std::nullopt);
    first.put("key", "new");
    EXPECT_EQ(first.get("key"), "new");
}

std::string text_of(const SharedBytes& read) {
    std::string text;
    for (const std::byte byte : read.bytes) text += static_cast<char>(byte);
    return text;
}

TEST_F(FileCacheTest, an_open_value_outlives_its_entry_and_is_read_in_parts) {
    FileCache used = cache();
    EXPECT_EQ(used.open("key"), nullptr);
    std::string bytes;
    for (int i = 0; i < 20'000; ++i) bytes += std::to_string(i);
    used.put("key", bytes);
    used.put("empty", "");
    const std::shared_ptr<const BlockSource> opened = used.open("key");
    ASSERT_NE(opened, nullptr);
    EXPECT_EQ(opened->size_bytes(), bytes.size());
    EXPECT_EQ(text_of(used.open("empty")->read(0, 0).value()), "");
    used.put("key", "new");
    fs::remove_all(directory_);
    for (const std::size_t offset : {0, 4, 16'380, 16'384, 50'000}) {
        for (const std::size_t size : {0, 1, 4, 16'384, 30'000}) {
            const std::optional<SharedBytes> part = opened->read(offset, size);
            ASSERT_TRUE(part.has_value());
            EXPECT_EQ(text_of(*part), bytes.substr(offset, size)) << offset << ' ' << size;
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(part->bytes.data()) % 4, 0u);
        }
    }
    EXPECT_EQ(text_of(opened->read(0, bytes.size()).value()), bytes);
    EXPECT_FALSE(opened->read(0, bytes.size() + 1).has_value());
    EXPECT_FALSE(opened->read(bytes.size() + 1, 0).has_value());
    EXPECT_FALSE(opened->read(4, UINT64_MAX).has_value());
}

TEST_F(FileCacheTest, an_open_value_that_is_damaged_or_shortened_gives_its_sound_parts) {
    FileCache used = cache();
    used.put("key", std::string(100'000, 'v'));
    const std::shared_ptr<const BlockSource> opened = used.open("key");
    std::fstream(files().at(0), std::ios::in | std::ios::out | std::ios::binary)
        .seekp(40'000)
        .put('x');
    EXPECT_FALSE(opened->read(40'000, 4).has_value());
    EXPECT_FALSE(opened->read(0, 100'000).has_value());
    EXPECT_TRUE(opened->read(0, 32'000).has_value());
    EXPECT_EQ(used.get("key"), std::nullopt);
    fs::resize_file(files().at(0), 20'000);
    EXPECT_TRUE(opened->read(0, 16'000).has_value());
    EXPECT_FALSE(opened->read(0, 30'000).has_value());
}

TEST_F(FileCacheTest, damage_anywhere_in_an_entry_is_a_miss) {
    cache().put("key", "some value");
    const fs::path file = files().at(0);
    const std::string good = read_text_file(file.string()).value();
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        std::ofstream(file, std::ios::binary) << bad;
        EXPECT_EQ(cache().get("key"), std::nullopt) << i;
        std::ofstream(file, std::ios::binary) << good.substr(0, i);
        EXPECT_EQ(cache().get("key"), std::nullopt) << i;
    }
    std::ofstream(file, std::ios::binary) << good;
    EXPECT_EQ(cache().get("key"), "some value");
}

TEST_F(FileCacheTest, may_be_deleted_or_denied_at_any_time) {
    FileCache used = cache();
    used.put("key", "value");
    fs::remove_all(directory_);
    EXPECT_EQ(used.get("key"), std::nullopt);
    used.put("key", "value");
    EXPECT_EQ(used.get("key"), "value");
    FileCache nowhere("/dev/null/cache", 1 << 20, system_clock());
    nowhere.put("key", "value");
    EXPECT_EQ(nowhere.get("key"), std::nullopt);
}

TEST_F(FileCacheTest, stays_below_its_bound_and_drops_what_was_not_used) {
    FileCache small = cache(20'000);
    small.put("first", std::string(1000, 'x'));
    const fs::path oldest = files().at(0);
    fs::last_write_time(oldest, fs::file_time_type::clock::now() - std::chrono::hours(48));
    for (int i = 0; i < 200; ++i) small.put("key" + std::to_string(i), std::string(500, 'y'));
    std::uint64_t total = 0;
    for (const fs::path& file : files()) total += fs::file_size(file);
    EXPECT_LE(total, 20'000u + 20'000u / 8 + 1000);
    EXPECT_EQ(small.get("first"), std::nullopt);
    EXPECT_NE(small.get("key199"), std::nullopt);
    small.put("huge", std::string(30'000, 'z'));
    EXPECT_EQ(small.get("huge"), std::nullopt);
}

TEST_F(FileCacheTest, processes_that_write_at_once_never_read_a_mixture) {
    std::vector<pid_t> children;
    for (int child = 0; child < 4; ++child) {
        children.push_back(fork());
        if (children.back() != 0) continue;
        FileCache shared = cache(30'000);
        for (int round = 0; round < 200; ++round) {
            const std::string key = "key" + std::to_string(round % 5);
            shared.put(key, std::string(2000, static_cast<char>('a' + child)));
            const auto seen = shared.get(key);
            if (!seen.has_value()) continue;
            if (seen->size() != 2000 || *seen != std::string(2000, seen->at(0))) _exit(1);
            if (child == 0 && round % 20 == 0) {
                std::error_code code;
                fs::remove_all(directory_, code);
            }
        }
        _exit(0);
    }
    for (const pid_t child : children) {
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
}

}  // namespace
}  // namespace merlon
