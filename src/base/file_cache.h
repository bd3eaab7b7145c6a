#pragma once

// A cache of bytes by key in a directory: compiled programs, facts.
//
// The idea: an entry is one file that carries its key and a checksum and appears by rename, so a
// reader sees a whole entry or none, whatever other processes write or delete. The cache is only
// ever a shortcut: what is damaged, foreign or gone is a miss, what cannot be written is dropped,
// and anybody may delete the directory at any time.
//
// Thread-safe and safe among processes. Bounded: when the entries outgrow `max_bytes`, those used
// least recently go first. Cost: an open and a read for a hit; a write, no fsync, for a put. A
// mapped hit costs no copy and, per 64 KiB, one page fault.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace merlon {

// Bytes of a mapped entry, aligned to a page, there as long as `owner` is. Nobody writes into an
// entry (one appears whole, by rename, and goes by unlinking, which leaves the mapping be), so
// these bytes are as safe as those of the running program itself.
struct CachedBytes {
    std::shared_ptr<const void> owner;
    std::string_view bytes;
};

class FileCache {
  public:
    // `directory` is made, for its user alone, at the first put. Keys are any bytes; a caller puts
    // into them everything that the value depends on, its own format's version too.
    FileCache(std::string directory, std::uint64_t max_bytes, const Clock& clock)
        : directory_(std::move(directory)), max_bytes_(max_bytes), clock_(clock) {}

    std::optional<std::string> get(std::string_view key) const;
    // The same without a copy, for large entries that are used where they lie.
    std::optional<CachedBytes> map(std::string_view key) const;
    void put(std::string_view key, std::string_view bytes);

    const std::string& directory() const { return directory_; }

  private:
    std::string path_of(std::string_view key) const;
    void note_use(const std::string& path) const;
    void drop_oldest();

    std::string directory_;
    std::uint64_t max_bytes_;
    const Clock& clock_;
    std::atomic<std::uint64_t> put_bytes_{0};  // since the directory was last measured
    std::atomic<bool> measured_{false};
};

}  // namespace merlon
