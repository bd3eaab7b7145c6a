#pragma once

// What the sources of a database say together: which record counts of those with one id, and what
// each publisher has.
//
// The idea: of records with one id the one that was modified last counts, and of those the first by
// digest, whatever source it is in; the writer of the database chooses in the same way. So what has
// changed between two sets of blocks is known without one record at hand.
//
// Not thread-safe. The blocks stay where they are while it is used. Memory: some 50 bytes for each
// record. Cost: a look-up for each record.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "sca/database.h"
#include "scan/feed_block.h"

namespace merlon::scan {

class FeedUnion {
  public:
    struct Place {
        std::size_t block = 0;
        std::size_t row = 0;
    };

    // `taken_at_s` stands in for what the blocks say.
    explicit FeedUnion(std::optional<std::int64_t> taken_at_s) : taken_at_s_(taken_at_s) {}

    void add(const FeedBlock& block);
    const FeedBlock& block(std::size_t number) const { return *blocks_[number]; }
    const FeedBlock::Row& row(const Place& place) const {
        return blocks_[place.block]->rows()[place.row];
    }
    std::optional<Place> find(std::string_view id) const;
    void for_each(const std::function<void(std::string_view id, const Place& place)>& visit) const;

    // Of each publisher, by name: what the database says of it.
    std::vector<sca::FeedInfo> infos() const;

  private:
    struct Hash {
        std::size_t operator()(std::string_view text) const { return hash_bytes(text); }
    };
    bool is_before(const Place& left, const Place& right) const;

    std::optional<std::int64_t> taken_at_s_;
    std::vector<const FeedBlock*> blocks_;
    std::unordered_map<std::string_view, Place, Hash> records_;
};

}  // namespace merlon::scan
