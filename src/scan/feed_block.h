#pragma once

// What one source gave when it was read, without the records themselves: of each its id, when it
// was modified, and the digest of its text.
//
// The idea: which records a database must have follows from the blocks of all sources alone
// (feed_union.h), so that an update reads the sources that have changed and takes the stored blocks
// of the others. A block is flat rows (base/blob.h) behind a digest.
//
// Value type. Cost: linear both ways; what is damaged is an error.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scan/advisory_source.h"

namespace merlon::scan {

class FeedBlock {
  public:
    struct Text {
        std::uint32_t begin = 0;
        std::uint32_t size = 0;
    };
    struct Row {
        static constexpr std::uint32_t kWithdrawn = 1;

        Text id;
        Text modified;
        std::array<std::uint8_t, 32> digest{};  // SHA-256 of the record
        std::uint32_t feed = 0;
        std::uint32_t flags = 0;
        // Affected entries, and ranges, that could not be used.
        std::uint32_t without_versions = 0;
        std::uint32_t unknown_ecosystems = 0;
        std::uint32_t mixed_events = 0;
    };

    explicit FeedBlock(const SourceContent& content);

    std::int64_t taken_at_s() const { return taken_at_s_; }
    std::uint32_t unreadable() const { return unreadable_; }
    const std::vector<SourceFeed>& feeds() const { return feeds_; }
    std::span<const Row> rows() const { return rows_; }
    std::string_view text(const Text& place) const {
        return std::string_view(texts_).substr(place.begin, place.size);
    }
    // One for each threat of a source that has those; they are not stored, since such sources are
    // small and read each time.
    std::span<const std::string> threat_digests() const { return threat_digests_; }

    std::string write() const;
    static Result<FeedBlock> read(std::string_view bytes);

  private:
    FeedBlock() = default;
    Text add(std::string_view text);

    std::int64_t taken_at_s_ = 0;
    std::uint32_t unreadable_ = 0;
    std::vector<SourceFeed> feeds_;
    std::vector<Row> rows_;
    std::string texts_;
    std::vector<std::string> threat_digests_;
};

}  // namespace merlon::scan
