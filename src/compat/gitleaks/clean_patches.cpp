#include "compat/gitleaks/clean_patches.h"

#include <utility>

namespace merlon::compat::gitleaks {

void CleanPatches::add_recent(Shard& shard, const Key& key, const Patch& patch) {
    if (shard.recent.size() >= kMostRecent) {
        shard.older = std::move(shard.recent);
        shard.recent = {};
    }
    shard.recent.emplace(key, patch);
}

std::optional<CleanPatches::Patch> CleanPatches::find(const Key& key) {
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    if (const auto found = shard.recent.find(key); found != shard.recent.end()) {
        return found->second;
    }
    const auto found = shard.older.find(key);
    if (found == shard.older.end()) return std::nullopt;
    const Patch patch = found->second;
    add_recent(shard, key, patch);
    return patch;
}

void CleanPatches::add(const Key& key, const Patch& patch) {
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    add_recent(shard, key, patch);
}

}  // namespace merlon::compat::gitleaks
