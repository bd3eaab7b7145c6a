#include "base/interner.h"

#include <algorithm>

#include "base/hash.h"

namespace merlon {

std::string_view Interner::intern(std::string_view text) {
    const std::uint64_t hash = hash_bytes(text);
    const std::size_t mask = entries_.size() - 1;
    for (std::size_t at = hash & mask; !entries_.empty() && entries_[at].is_used;
         at = (at + 1) & mask) {
        if (entries_[at].hash == hash && entries_[at].text == text) return entries_[at].text;
    }
    const Entry made{hash, arena_.copy(text), true};
    if (++count_ * 2 > entries_.size()) {
        std::vector<Entry> before(std::max<std::size_t>(16, entries_.size() * 2));
        before.swap(entries_);
        for (const Entry& entry : before) {
            if (entry.is_used) put(entry);
        }
    }
    put(made);
    return made.text;
}

void Interner::put(const Entry& entry) {
    const std::size_t mask = entries_.size() - 1;
    std::size_t at = entry.hash & mask;
    while (entries_[at].is_used) at = (at + 1) & mask;
    entries_[at] = entry;
}

void Interner::reset() {
    constexpr std::size_t kKeptEntries = 1 << 12;
    if (count_ == 0) return;
    if (entries_.size() > kKeptEntries) entries_ = {};
    std::ranges::fill(entries_, Entry{});
    count_ = 0;
    arena_.reset();
}

}  // namespace merlon
