#include "connect/git/remote.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>

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

// "NAME" of "remote.NAME.anything".
std::string_view remote_of(std::string_view key) {
    constexpr std::string_view kRemote = "remote.";
    if (!key.starts_with(kRemote)) return {};
    key.remove_prefix(kRemote.size());
    const std::size_t dot = key.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

std::string name_of(const ConfigFile& config, std::string_view head_branch) {
    constexpr std::string_view kHeads = "refs/heads/";
    if (head_branch.starts_with(kHeads)) head_branch.remove_prefix(kHeads.size());
    const std::string key = "branch." + std::string(head_branch) + ".remote";
    if (auto named = config.find(key); !head_branch.empty() && named) return *named;
    std::set<std::string_view> names;
    for (const ConfigFile::Entry& entry : config.entries()) {
        if (const std::string_view name = remote_of(entry.key); !name.empty()) names.insert(name);
    }
    return names.size() == 1 ? std::string(*names.begin()) : "origin";
}

constexpr std::string_view kInsteadOf = ".insteadof";
constexpr std::string_view kPushInsteadOf = ".pushinsteadof";

// git-config, url.<base>.insteadOf: the longest prefix wins. Nothing where none fits.
std::optional<std::string> try_rewrite(std::span<const ConfigFile::Entry> entries,
                                       const std::string& address, std::string_view setting) {
    std::string_view best;
    std::string_view base;
    for (const ConfigFile::Entry& entry : entries) {
        const std::string_view name = middle_of(entry.key, "url.", setting);
        if (name.empty() || !address.starts_with(entry.value)) continue;
        if (entry.value.size() <= best.size()) continue;
        best = entry.value;
        base = name;
    }
    if (best.empty()) return std::nullopt;
    return std::string(base) + address.substr(best.size());
}

std::string rewritten(std::span<const ConfigFile::Entry> entries, const std::string& address) {
    return try_rewrite(entries, address, kInsteadOf).value_or(address);
}

struct Refspec {
    std::string from;
    std::string to;
};

// git-fetch(1): "refs/" and "refs/heads/" may be left out.
std::string whole_name(std::string_view name) {
    if (name.empty() || name == "HEAD" || name.starts_with("refs/")) return std::string(name);
    const bool has_kind =
        name.starts_with("heads/") || name.starts_with("tags/") || name.starts_with("remotes/");
    return (has_kind ? "refs/" : "refs/heads/") + std::string(name);
}

// git-fetch(1), "<refspec>". One that excludes, or writes nothing, is empty.
Refspec refspec_of(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    const std::size_t colon = text.find(':');
    if (text.starts_with('^') || colon == std::string_view::npos) return {};
    return {whole_name(text.substr(0, colon)), whole_name(text.substr(colon + 1))};
}

// What the '*' of a pattern stands for in `name`; of a pattern without one, nothing at all.
std::optional<std::string_view> matched(std::string_view pattern, std::string_view name) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) {
        return name == pattern ? std::optional(std::string_view()) : std::nullopt;
    }
    const std::string_view end = pattern.substr(star + 1);
    if (name.size() < star + end.size() || !name.starts_with(pattern.substr(0, star)) ||
        !name.ends_with(end)) {
        return std::nullopt;
    }
    return name.substr(star, name.size() - star - end.size());
}

}  // namespace

std::string tracking_name(const RemoteSetup& remote, std::string_view name) {
    for (const std::string& text : remote.fetch) {
        const Refspec refspec = refspec_of(text);
        const auto part = matched(refspec.from, name);
        if (!part || refspec.to.empty()) continue;
        std::string local(refspec.to);
        if (const std::size_t star = local.find('*'); star != std::string::npos) {
            local.replace(star, 1, *part);
        }
        return local;
    }
    return {};
}

bool writes_tracking(const RemoteSetup& remote, std::string_view local) {
    return std::ranges::any_of(remote.fetch, [local](const std::string& text) {
        const Refspec refspec = refspec_of(text);
        return !refspec.to.empty() && matched(refspec.to, local).has_value();
    });
}

Result<std::optional<std::string>> remote_address(const Repository& repository) {
    const std::string path = repository.common_folder() + "/config";
    if (!file_status(path, FollowLinks::kYes).ok()) return std::optional<std::string>();
    const std::string text = MERLON_TRY(read_text_file(path, 1 << 24));
    const ConfigFile config = MERLON_TRY(ConfigFile::parse(text));
    const std::string name = name_of(config, repository.references().head_branch());
    const std::string key = "remote." + name + ".url";
    for (const ConfigFile::Entry& entry : config.entries()) {
        if (entry.key == key && entry.has_value)
            return std::optional(rewritten(config.entries(), entry.value));
    }
    // A branch may name an address, or another repository's folder, in place of a remote.
    if (name.find('/') != std::string::npos || name == ".") {
        return std::optional(rewritten(config.entries(), name));
    }
    return std::optional<std::string>();
}

Result<std::vector<RemoteSetup>> configured_remotes(const Repository& repository,
                                                    const Variables& variables) {
    std::vector<std::string> files = user_config_files(variables);
    files.push_back(repository.common_folder() + "/config");
    files.push_back(repository.git_folder() + "/config.worktree");
    std::vector<ConfigFile::Entry> entries;
    for (const std::string& file : files) {
        const ConfigFile config = MERLON_TRY(read_config_file(file));
        entries.insert(entries.end(), config.entries().begin(), config.entries().end());
    }
    std::map<std::string, RemoteSetup> found;  // the first url of each
    for (const ConfigFile::Entry& entry : entries) {
        const std::string name(remote_of(entry.key));
        if (name.empty()) continue;
        RemoteSetup& remote = found[name];
        std::string& url = remote.address;
        if (url.empty() && entry.key == "remote." + name + ".url") url = entry.value;
        if (entry.key == "remote." + name + ".fetch") remote.fetch.push_back(entry.value);
    }
    std::vector<RemoteSetup> remotes;
    for (auto& [name, remote] : found) {
        remote.name = name;
        const std::string url = std::move(remote.address);
        remote.address = rewritten(entries, url);
        remote.push_address = try_rewrite(entries, url, kPushInsteadOf).value_or(remote.address);
        remotes.push_back(std::move(remote));
    }
    return remotes;
}

}  // namespace merlon::connect::git
