#include "connect/git/base_cache.h"

#include <algorithm>
#include <utility>

namespace merlon::connect::git {

std::uint64_t BaseCache::hash_of(const Key& key) {
    // Entries are some ten bytes apart at least; packs are told apart by their address.
    const std::uint64_t mixed =
        (key.offset ^ reinterpret_cast<std::uintptr_t>(key.pack) << 20) * 0x9E37'79B9'7F4A'7C15U;
    return mixed ^ mixed >> 32;
}

std::uint64_t BaseCache::bytes_of(const Object& object) {
    return object.bytes().size() + kReadPadding + kItemBytes;
}

std::optional<Object> BaseCache::find(const Key& key) {
    const std::uint64_t hash = hash_of(key);
    return shard_of(hash).find(key, hash);
}

void BaseCache::put(const Key& key, const Object& object) {
    if (bytes_of(object) > shard_bytes_) return;
    const std::uint64_t hash = hash_of(key);
    shard_of(hash).put(key, hash, object, shard_bytes_);
}

// The slot of the item, or the empty one where it would go.
std::size_t BaseCache::Shard::place_of(const Key& key, std::uint64_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].key.pack != nullptr && slots_[at].key != key) at = (at + 1) & mask;
    return at;
}

std::optional<Object> BaseCache::Shard::find(const Key& key, std::uint64_t hash) {
    const std::scoped_lock lock(mutex_);
    if (slots_.empty()) return std::nullopt;
    Slot& slot = slots_[place_of(key, hash)];
    if (slot.key.pack == nullptr) return std::nullopt;
    slot.is_wanted = true;
    return slot.object;
}

void BaseCache::Shard::put(const Key& key, std::uint64_t hash, const Object& object,
                           std::uint64_t most) {
    const std::scoped_lock lock(mutex_);
    if (slots_.size() < 2 * (items_ + 1)) grow();
    if (slots_[place_of(key, hash)].key.pack != nullptr) return;
    bytes_ += bytes_of(object);
    while (bytes_ > most) evict_one();
    slots_[place_of(key, hash)] = {key, object, true};
    ++items_;
}

void BaseCache::Shard::grow() {
    std::vector<Slot> before(std::max(kFirstSlots, 2 * slots_.size()));
    before.swap(slots_);
    hand_ = 0;
    for (Slot& slot : before) {
        if (slot.key.pack != nullptr) {
            slots_[place_of(slot.key, hash_of(slot.key))] = std::move(slot);
        }
    }
}

// Ends: behind a whole round nothing is wanted, and who calls has more bytes here than it may.
void BaseCache::Shard::evict_one() {
    while (true) {
        hand_ &= slots_.size() - 1;
        Slot& slot = slots_[hand_];
        if (slot.key.pack != nullptr && !slot.is_wanted) return erase(hand_);
        slot.is_wanted = false;
        ++hand_;
    }
}

// Moves up what stands behind, so that no way to an item leads over an empty slot.
void BaseCache::Shard::erase(std::size_t at) {
    const std::size_t mask = slots_.size() - 1;
    bytes_ -= bytes_of(slots_[at].object);
    --items_;
    for (std::size_t next = (at + 1) & mask; slots_[next].key.pack != nullptr;
         next = (next + 1) & mask) {
        const std::size_t home = hash_of(slots_[next].key) & mask;
        if (((next - home) & mask) < ((next - at) & mask)) continue;  // stands behind `at` already
        slots_[at] = std::move(slots_[next]);
        at = next;
    }
    slots_[at] = {};
}

}  // namespace merlon::connect::git
