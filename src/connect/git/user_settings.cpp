#include "connect/git/user_settings.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/file.h"

namespace merlon::connect::git {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxConfigBytes = 1 << 24;
constexpr unsigned kMaxVariables = 10'000;
constexpr std::string_view kSafeFolder = "safe.directory";

std::string real_path(const std::string& path) {
    std::error_code code;
    std::string real = fs::weakly_canonical(path, code).string();
    while (real.size() > 1 && real.back() == '/') real.pop_back();
    return code ? path : real;
}

// git-config(1), safe.directory: the folder, "*" for all, "FOLDER/*" for what is below it, and an
// empty value that takes back what was said before.
void apply(const std::string& value, const std::string& folder, const std::string& home,
           bool& is_safe) {
    if (value.empty()) {
        is_safe = false;
        return;
    }
    if (value == "*") {
        is_safe = true;
        return;
    }
    std::string path = value;
    if (path.starts_with("~/") && !home.empty()) path = home + path.substr(1);
    if (!path.starts_with('/')) return;
    if (path.ends_with("/*")) {
        const std::string above = real_path(path.substr(0, path.size() - 2));
        is_safe = is_safe || folder.starts_with(above == "/" ? above : above + '/');
    } else {
        is_safe = is_safe || folder == real_path(path);
    }
}

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

}  // namespace

std::vector<std::string> user_config_files(const Variables& variables) {
    const auto value = [&](std::string_view name) { return variables(name).value_or(""); };
    std::vector<std::string> files;
    if (const std::string without = value("GIT_CONFIG_NOSYSTEM");
        without.empty() || without == "0" || without == "false") {
        const std::string named = value("GIT_CONFIG_SYSTEM");
        files.push_back(named.empty() ? "/etc/gitconfig" : named);
    }
    if (const auto named = variables("GIT_CONFIG_GLOBAL"); named) {
        files.push_back(*named);
        return files;
    }
    const std::string home = value("HOME");
    const std::string config = value("XDG_CONFIG_HOME");
    if (!config.empty()) {
        files.push_back(config + "/git/config");
    } else if (!home.empty()) {
        files.push_back(home + "/.config/git/config");
    }
    if (!home.empty()) files.push_back(home + "/.gitconfig");
    return files;
}

Result<ConfigFile> read_config_file(const std::string& path) {
    // GIT_CONFIG_GLOBAL=/dev/null is how people say "none".
    const FileResult<FileStatus> status = file_status(path, FollowLinks::kYes);
    if (!status.ok() || status.result.value().kind != FileKind::kRegular) return ConfigFile{};
    const std::string text = MERLON_TRY(read_text_file(path, kMaxConfigBytes));
    Result<ConfigFile> config = ConfigFile::parse(text);
    if (!config.ok()) return std::move(config).error().at(path, config.error().line, 0);
    return config;
}

bool is_safe_folder(const std::string& folder, const Variables& variables) {
    const auto value = [&](const std::string& name) { return variables(name).value_or(""); };
    const std::string home = value("HOME");
    const std::string real = real_path(folder);
    bool is_safe = false;
    for (const std::string& file : user_config_files(variables)) {
        const Result<ConfigFile> config = read_config_file(file);
        if (!config.ok()) return false;
        for (const ConfigFile::Entry& entry : config.value().entries()) {
            if (entry.key == kSafeFolder) apply(entry.value, real, home, is_safe);
        }
    }
    const std::string count = value("GIT_CONFIG_COUNT");
    unsigned given = 0;
    std::from_chars(count.data(), count.data() + count.size(), given);
    for (unsigned i = 0; i < std::min(given, kMaxVariables); ++i) {
        if (lower(value("GIT_CONFIG_KEY_" + std::to_string(i))) != kSafeFolder) continue;
        apply(value("GIT_CONFIG_VALUE_" + std::to_string(i)), real, home, is_safe);
    }
    return is_safe;
}

}  // namespace merlon::connect::git
