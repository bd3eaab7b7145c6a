#include "connect/git/remote.h"

#include <set>
#include <string_view>

#include "base/file.h"
#include "connect/git/config_file.h"

namespace merlon::connect::git {
namespace {

// "NAME" of "remote.NAME.url".
std::string_view middle_of(std::string_view key, std::string_view before, std::string_view after) {
    if (!key.starts_with(before) || !key.ends_with(after)) return {};
    if (key.size() <= before.size() + after.size()) return {};
    return key.substr(before.size(), key.size() - before.size() - after.size());
}

std::string name_of(const ConfigFile& config, std::string_view head_branch) {
    constexpr std::string_view kHeads = "refs/heads/";
    if (head_branch.starts_with(kHeads)) head_branch.remove_prefix(kHeads.size());
    const std::string key = "branch." + std::string(head_branch) + ".remote";
    if (auto named = config.find(key); !head_branch.empty() && named) return *named;
    std::set<std::string_view> names;
    for (const ConfigFile::Entry& entry : config.entries()) {
        constexpr std::string_view kRemote = "remote.";
        const std::string_view rest = std::string_view(entry.key).starts_with(kRemote)
                                          ? std::string_view(entry.key).substr(kRemote.size())
                                          : std::string_view();
        if (const std::size_t dot = rest.rfind('.'); dot != std::string_view::npos && dot > 0) {
            names.insert(rest.substr(0, dot));
        }
    }
    return names.size() == 1 ? std::string(*names.begin()) : "origin";
}

// git-config, url.<base>.insteadOf: the longest prefix wins.
std::string rewritten(const ConfigFile& config, const std::string& address) {
    std::string_view best;
    std::string_view base;
    for (const ConfigFile::Entry& entry : config.entries()) {
        const std::string_view name = middle_of(entry.key, "url.", ".insteadof");
        if (name.empty() || !address.starts_with(entry.value)) continue;
        if (entry.value.size() <= best.size()) continue;
        best = entry.value;
        base = name;
    }
    return best.empty() ? address : std::string(base) + address.substr(best.size());
}

}  // namespace

Result<std::optional<std::string>> remote_address(const Repository& repository) {
    const std::string path = repository.common_folder() + "/config";
    if (!file_status(path, FollowLinks::kYes).ok()) return std::optional<std::string>();
    const std::string text = MERLON_TRY(read_text_file(path, 1 << 24));
    const ConfigFile config = MERLON_TRY(ConfigFile::parse(text));
    const std::string name = name_of(config, repository.references().head_branch());
    const std::string key = "remote." + name + ".url";
    for (const ConfigFile::Entry& entry : config.entries()) {
        if (entry.key == key && entry.has_value)
            return std::optional(rewritten(config, entry.value));
    }
    // A branch may name an address, or another repository's folder, in place of a remote.
    if (name.find('/') != std::string::npos || name == ".") {
        return std::optional(rewritten(config, name));
    }
    return std::optional<std::string>();
}

}  // namespace merlon::connect::git
