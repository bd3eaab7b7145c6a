#pragma once

// Which objects of a repository hold nothing, across runs (DESIGN, "facts' key").
//
// The idea: nearly all blobs hold no secret, and that depends on their bytes, on the program, on
// the limits, and on what their names mean to the rules; never on a commit. One entry of the file
// cache for each repository, program and set of limits lists those objects, sorted:
// 44 bytes an object. What holds something is not kept, because it would stand there in the clear:
// it is looked at again, and so a report from the cache is the report without it, byte for byte.
//
// The entry carries a checksum and appears whole or not at all (base/file_cache.h); of two runs at
// the same time the last one's list stays, which costs time and nothing else.
//
// find(): any number of threads; all else: one. Memory: the list, and what is new beside it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_cache.h"
#include "connect/git/object_id.h"

namespace merlon::scan {

class HistoryCache {
  public:
    // `scope`: all that the list depends on beside the objects.
    HistoryCache(FileCache& files, const std::string& scope, connect::git::HashAlgorithm algorithm);

    // An object that holds nothing.
    struct Clean {
        std::uint64_t bytes = 0;
        std::uint32_t left_out = 0;  // matches that are words or placeholders
        std::uint32_t members = 0;   // of an archive
    };
    // `reading`: a number for the way in which its names make it read, and for the rules that look
    // at it.
    std::optional<Clean> find(const connect::git::ObjectId& id, std::uint64_t reading);
    void add(const connect::git::ObjectId& id, std::uint64_t reading, const Clean& clean);
    // Writes the list, where it changed. What this run did not ask for goes, where it asked for
    // everything.
    enum class Asked : std::uint8_t { kSome, kEverything };
    void store(Asked asked);

  private:
    std::string_view record(std::size_t i) const;
    std::size_t stored_count() const;

    FileCache& files_;
    std::string key_;
    std::size_t key_bytes_;  // of a record: the object's id and the reading
    std::size_t record_bytes_;
    std::optional<std::string> stored_;
    std::vector<std::uint8_t> used_;  // of the stored ones
    std::vector<std::string> added_;
};

}  // namespace merlon::scan
