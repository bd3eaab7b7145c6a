#pragma once

// Everything in an object database, each object once, as fast as it can be read.
//
// The idea: objects are read in the order of the pack, and a delta right after its base, while the
// base is still at hand: each entry is inflated exactly once and nothing is searched. A tree of
// deltas is walked with the heaviest branch last, and a base is let go before that branch is
// entered, so that at most log2(n) bases are held at a time, whatever the shape of the tree.
//
// Every object has a number: packs in the order of their names, each in the order of its index,
// then the loose ones. Numbers depend on the database alone, not on threads, so that what workers
// find is put together in one order. Where an object stands several times, its first copy counts.
//
// ObjectCatalog: immutable, thread-safe. read_all: one call at a time for each visitor, which is
// called from several threads. While another process packs, the catalog holds every object that was
// there all the time: what moved from a loose file to a pack between two looks is in the packs of a
// last one. Memory: 30 bytes an object of the largest pack, and for each worker
// log2(n) objects.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
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

// Views are gone when the visitor returns.
struct BulkObject {
    std::uint32_t number = 0;
    ObjectType type = ObjectType::kBlob;
    std::string_view bytes;  // with kReadPadding zeros behind them
    // What it is a delta of, wanted or not, where that is an object of the same pack; the same
    // worker has visited it before, if it was wanted.
    std::uint32_t base = kNoObject;
    std::string_view base_bytes = {};
};

struct BulkOptions {
    unsigned threads = 1;
    const CancelToken* cancel = nullptr;  // may be null
    // Compares each entry with the CRC-32 that the index has for it.
    enum class Checksums : std::uint8_t { kCompare, kDisregard } checksums = Checksums::kCompare;
};

struct BulkProblem {
    std::uint32_t number = 0;
    ObjectFailure failure = ObjectFailure::kNone;
    std::string message;
    bool operator==(const BulkProblem&) const = default;
};

struct BulkReport {
    std::array<std::uint64_t, 5> objects{};  // read, by ObjectType
    std::array<std::uint64_t, 5> bytes{};
    std::vector<BulkProblem> problems;  // by number
    bool cancelled = false;
};

// The same for a few objects, by number, each read by itself through its chain of deltas: cheaper
// than planning a pack where they are one in a hundred. Bases are not told.
BulkReport read_some(const ObjectCatalog& catalog, const std::vector<std::uint32_t>& numbers,
                     const std::function<bool(std::uint32_t number, ObjectType type)>& wanted,
                     const BulkOptions& options,
                     const std::function<void(unsigned worker, const BulkObject& object)>& visit);

// Calls visit(worker, object) for each object, once, that `wanted(number, type)` says yes to.
// `wanted` may be asked from several threads.
BulkReport read_all(const ObjectCatalog& catalog,
                    const std::function<bool(std::uint32_t number, ObjectType type)>& wanted,
                    const BulkOptions& options,
                    const std::function<void(unsigned worker, const BulkObject& object)>& visit);

}  // namespace merlon::connect::git
