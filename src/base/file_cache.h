#pragma once

// A cache of bytes by key in a directory: compiled programs, facts.
//
// The idea: an entry is one file that carries its key and checksums and appears by rename, so a
// reader sees a whole entry or none, whatever other processes write or delete. The cache is only
// ever a shortcut: what is damaged, foreign or gone is a miss, what cannot be written is dropped,
// and anybody may delete the directory at any time. Large entries are opened and read in parts,
// each with the checksums of the pieces in which it lies; they are read, never mapped, so that
// somebody who shortens the file does not end the process.
//
// Thread-safe and safe among processes. Bounded: when the entries outgrow `max_bytes`, those used
// least recently go first. Cost: an open and a read for a hit; a write, no fsync, for a put.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/block_source.h"
#include "base/clock.h"

namespace merlon {

class FileCache {
  public:
    // `directory` is made, for its user alone, at the first put at the latest. Keys are any bytes;
    // a caller puts into them everything that the value depends on, its own format's version too.
    FileCache(std::string directory, std::uint64_t max_bytes, const Clock& clock)
        : directory_(std::move(directory)), max_bytes_(max_bytes), clock_(clock) {}

    std::optional<std::string> get(std::string_view key) const;
    // The same for large entries, of which few parts are needed; it keeps the file open. Null where
    // get() gives nothing for the key; damage shows when the part is read.
    std::shared_ptr<const BlockSource> open(std::string_view key) const;
    void put(std::string_view key, std::string_view bytes);
    // Makes the directory, which a process can no longer do once it may write there and nowhere
    // else.
    void make_directory() const;

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
