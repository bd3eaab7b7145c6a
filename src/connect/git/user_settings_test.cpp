#include "connect/git/user_settings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace merlon::connect::git {
namespace {

namespace fs = std::filesystem;

// A machine's file and a user's, and a folder that may be safe.
class SafeFolder : public testing::Test {
  protected:
    SafeFolder() {
        fs::remove_all(top_);
        fs::create_directories(folder_);
        fs::create_directories(top_ / "elsewhere");
        set("HOME", top_ / "home");
        set("GIT_CONFIG_SYSTEM", top_ / "system");
        set("GIT_CONFIG_GLOBAL", top_ / "global");
    }
    ~SafeFolder() override { fs::remove_all(top_); }

    void set(const std::string& name, const std::string& value) { variables_[name] = value; }
    void write(const char* file, const std::string& text) const {
        std::ofstream(top_ / file) << text;
    }
    void say(const char* file, const std::string& value) const {
        write(file, "[safe]\n\tdirectory = \"" + value + "\"\n");
    }
    bool is_safe(const fs::path& folder) const {
        return is_safe_folder(folder, [this](std::string_view name) -> std::optional<std::string> {
            const auto found = variables_.find(name);
            if (found == variables_.end()) return std::nullopt;
            return found->second;
        });
    }
    bool is_safe() const { return is_safe(folder_); }

    const fs::path top_ =
        fs::temp_directory_path() /
        ("merlon-user-settings-" +
         std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    const fs::path folder_ = top_ / "home/work/app";
    std::map<std::string, std::string, std::less<>> variables_;
};

TEST_F(SafeFolder, is_not_safe_where_nobody_says_so) {
    EXPECT_FALSE(is_safe());
    say("global", top_ / "elsewhere");
    EXPECT_FALSE(is_safe());
    say("global", "home/work/app");  // not from the root of the file system
    EXPECT_FALSE(is_safe());
}

TEST_F(SafeFolder, is_safe_by_its_path_its_folder_the_home_or_a_star) {
    for (const std::string& value :
         {folder_.string(), (top_ / "home/work/*").string(), (top_ / "home/*").string(),
          std::string("~/work/app"), std::string("~/work/*"), std::string("*")}) {
        say("global", value);
        EXPECT_TRUE(is_safe()) << value;
    }
    say("global", (folder_ / "*").string());  // what stands below it, not itself
    EXPECT_FALSE(is_safe());
    say("global", (top_ / "home/wor").string());
    EXPECT_FALSE(is_safe());
}

TEST_F(SafeFolder, goes_by_the_last_word) {
    write("global", "[safe]\ndirectory = *\ndirectory =\n");
    EXPECT_FALSE(is_safe());
    write("global", "[safe]\ndirectory =\n[SAFE]\nDirectory = *\n");
    EXPECT_TRUE(is_safe());
    say("system", "*");
    say("global", "");  // the user takes the machine's back
    EXPECT_FALSE(is_safe());
    set("GIT_CONFIG_NOSYSTEM", "1");
    write("global", "");
    EXPECT_FALSE(is_safe());
    set("GIT_CONFIG_NOSYSTEM", "0");
    EXPECT_TRUE(is_safe());
}

TEST_F(SafeFolder, counts_variables_behind_the_files) {
    set("GIT_CONFIG_COUNT", "2");
    set("GIT_CONFIG_KEY_0", "core.editor");
    set("GIT_CONFIG_VALUE_0", "*");
    set("GIT_CONFIG_KEY_1", "Safe.Directory");
    set("GIT_CONFIG_VALUE_1", folder_);
    EXPECT_TRUE(is_safe());
    set("GIT_CONFIG_COUNT", "1");
    EXPECT_FALSE(is_safe());
    say("global", "*");
    set("GIT_CONFIG_COUNT", "2");
    set("GIT_CONFIG_VALUE_1", "");
    EXPECT_FALSE(is_safe());
}

TEST_F(SafeFolder, follows_links_on_both_sides) {
    fs::create_directory_symlink(folder_, top_ / "link");
    say("global", (top_ / "link").string());
    EXPECT_TRUE(is_safe());
    say("global", folder_.string());
    EXPECT_TRUE(is_safe(top_ / "link"));
}

TEST_F(SafeFolder, is_not_safe_where_a_file_cannot_be_read_as_configuration) {
    set("GIT_CONFIG_COUNT", "1");
    set("GIT_CONFIG_KEY_0", "safe.directory");
    set("GIT_CONFIG_VALUE_0", "*");
    write("global", "[safe\ndirectory = *\n");
    EXPECT_FALSE(is_safe());
}

}  // namespace
}  // namespace merlon::connect::git
