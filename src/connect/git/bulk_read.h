#pragma once

// Everything in an object database, each object once, as fast as it can be read.
//
// The idea: objects are read in the order of the pack, and a delta right after its base, while the
// base is still at hand: each entry is inflated exactly once and nothing is searched. A tree of
// deltas is walked with the heaviest branch last, and a base is let go before that branch is
// entered, so that at most log2(n) bases are held at a time, whatever the shape of the tree.
//
// One call at a time for each visitor, which is called from several threads. Memory: 30 bytes an
// object of the largest pack, and for each worker log2(n) objects.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "connect/git/object_catalog.h"

namespace merlon::connect::git {

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
