#pragma once

// What a re-scan remembers of a folder of bills of materials: which packages each of them holds,
// and which weaknesses those had when they were last matched.
//
// The idea: a fleet's bills share most of their packages. Each package URL stands here once, so
// that 10,000 bills are matched as the some ten thousand packages that they are made of, and no
// bill is read again unless it was changed. One block of flat arrays (base/blob.h), and its digest.
//
// Value types. Cost: linear both ways; what is damaged is an error.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::scan {

struct StoredBom {
    std::string path;  // below the folder
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;
    std::uint32_t unknowns = 0;           // components that name no package
    std::vector<std::uint32_t> packages;  // positions in RescanIndex::packages, ascending
    bool operator==(const StoredBom&) const = default;
};

struct StoredPackage {
    std::string purl;  // and a CPE name behind a space, where that is what it is looked up by
    std::vector<std::string> weaknesses;  // of each the ids, with spaces between
    bool operator==(const StoredPackage&) const = default;
};

struct RescanIndex {
    std::vector<StoredBom> boms;  // by path
    std::vector<StoredPackage> packages;
    bool operator==(const RescanIndex&) const = default;
};

std::string write_rescan_index(const RescanIndex& index);
Result<RescanIndex> read_rescan_index(std::string_view bytes);

}  // namespace merlon::scan
