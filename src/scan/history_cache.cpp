#include "scan/history_cache.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace merlon::scan {
namespace {

constexpr std::string_view kFormat = "secrets-history/2";
constexpr std::size_t kReadingBytes = 8;
constexpr std::size_t kValueBytes = 16;  // size, left out, members

// Little endian: a cache may be shared by machines.
void append_number(std::string& out, std::uint64_t number, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(number >> 8 * i & 0xFF);
}

std::uint64_t read_number(std::string_view bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
    }
    return number;
}

std::string key_of(const connect::git::ObjectId& id, std::uint64_t reading) {
    std::string key(id.bytes());
    append_number(key, reading, kReadingBytes);
    return key;
}

}  // namespace

HistoryCache::HistoryCache(FileCache& files, const std::string& scope,
                           connect::git::HashAlgorithm algorithm)
    : files_(files),
      key_(std::string(kFormat) + '\n' + scope),
      key_bytes_(connect::git::hash_bytes_of(algorithm) + kReadingBytes),
      record_bytes_(key_bytes_ + kValueBytes),
      stored_(files.get(key_)) {
    if (stored_ && stored_->size() % record_bytes_ != 0) stored_.reset();
    used_.assign(stored_count(), 0);
}

std::size_t HistoryCache::stored_count() const {
    return stored_ ? stored_->size() / record_bytes_ : 0;
}

std::string_view HistoryCache::record(std::size_t i) const {
    return std::string_view(*stored_).substr(i * record_bytes_, record_bytes_);
}

std::optional<HistoryCache::Clean> HistoryCache::find(const connect::git::ObjectId& id,
                                                      std::uint64_t reading) {
    const std::string key = key_of(id, reading);
    std::size_t low = 0;
    std::size_t high = stored_count();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (record(middle).substr(0, key_bytes_) < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == stored_count() || record(low).substr(0, key_bytes_) != key) return std::nullopt;
    std::atomic_ref<std::uint8_t>(used_[low]).store(1, std::memory_order_relaxed);
    const std::string_view value = record(low).substr(key_bytes_);
    return Clean{read_number(value.substr(0, 8)),
                 static_cast<std::uint32_t>(read_number(value.substr(8, 4))),
                 static_cast<std::uint32_t>(read_number(value.substr(12)))};
}

void HistoryCache::add(const connect::git::ObjectId& id, std::uint64_t reading,
                       const Clean& clean) {
    std::string added = key_of(id, reading);
    append_number(added, clean.bytes, 8);
    append_number(added, clean.left_out, 4);
    append_number(added, clean.members, 4);
    added_.push_back(std::move(added));
}

void HistoryCache::store(Asked asked) {
    const auto used = static_cast<std::size_t>(std::ranges::count(used_, 1));
    const std::size_t kept = asked == Asked::kEverything ? used : stored_count();
    if (added_.empty() && kept == stored_count()) return;
    std::ranges::sort(added_);
    std::string list;
    list.reserve((kept + added_.size()) * record_bytes_);
    auto next = added_.begin();
    for (std::size_t i = 0; i < stored_count(); ++i) {
        if (asked == Asked::kEverything && used_[i] == 0) continue;
        while (next != added_.end() && *next < record(i)) list += *next++;
        list += record(i);
    }
    while (next != added_.end()) list += *next++;
    files_.put(key_, list);
}

}  // namespace merlon::scan
