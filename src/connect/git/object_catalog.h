#pragma once

// A number for every object of a database: packs in the order of their names, each in the order of
// its index, then the loose ones. Numbers depend on the database alone, not on threads, so that
// what workers find is put together in one order. Where an object stands several times, its first
// copy counts.
//
// While another process packs, the catalog holds every object that was there all the time: what
// moved from a loose file to a pack between two looks is in the packs of a last one.
//
// Immutable, thread-safe.

#include <cstdint>
#include <optional>
#include <vector>

#include "connect/git/object_database.h"

namespace merlon::connect::git {

class ObjectCatalog {
  public:
    // Lists the database, which must outlive the catalog.
    static ObjectCatalog of(const ObjectDatabase& database);

    // Numbers are below this. Second copies have numbers too, which find() never gives.
    std::uint32_t count() const { return loose_begin_ + static_cast<std::uint32_t>(loose_.size()); }
    std::optional<std::uint32_t> find(const ObjectId& id) const;
    Result<ObjectId> id_of(std::uint32_t number) const;
    // Whether this number is the one that find() gives for its id.
    bool is_first_copy(std::uint32_t number) const;

    const ObjectDatabase& database() const { return *database_; }
    const std::vector<const Pack*>& packs() const { return packs_; }
    std::uint32_t pack_begin(std::size_t pack) const { return begins_[pack]; }
    std::uint32_t loose_begin() const { return loose_begin_; }
    const std::vector<ObjectId>& loose() const { return loose_; }

  private:
    const ObjectDatabase* database_ = nullptr;
    std::vector<const Pack*> packs_;     // those of the database, and what came since
    std::vector<std::uint32_t> begins_;  // first number of each pack
    std::uint32_t loose_begin_ = 0;
    std::vector<ObjectId> loose_;
    std::vector<bool> second_copy_;  // by number; empty where there are none
};

inline constexpr std::uint32_t kNoObject = UINT32_MAX;

}  // namespace merlon::connect::git
