#pragma once

// Where the data of a sparse file in a tar belong: what is between them was not stored. GNU tar has
// four ways to write that down: in the header and blocks behind it, in pax records (0.0 and 0.1),
// in front of the data (1.0).
//
// Source: the GNU tar manual, "Storing Sparse Files". A map that Go's archive/tar refuses is
// refused here.
// Thread-safe: values. Cost: one pass; a map of more than 1 MiB is none.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "text/packed_bytes.h"
#include "text/tar_header.h"
#include "text/tar_records.h"

namespace merlon::text {

// What stands in front of a member, and each part of that, has at most so many bytes.
inline constexpr std::size_t kMaxTarHeaderBytes = std::size_t{1} << 20;

// A run of data in a file; in front of it and behind it are holes.
struct TarExtent {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::uint64_t end() const { return offset + bytes; }
};

struct TarSparseMap {
    std::vector<TarExtent> extents;
    std::uint64_t size = 0;        // of the file
    std::size_t header_bytes = 0;  // that the map takes behind the header block, …
    std::size_t data_bytes = 0;    // … or of the member's content
};

// Of the header at which `packed` stands, which is one of GNU's of type 'S'. `walked_bytes`: how
// many bytes were looked at, whatever came of it.
std::optional<TarSparseMap> read_gnu_sparse_map(PackedBytes& packed, std::uint64_t& walked_bytes);

// Whether records make the member behind them a sparse file.
bool has_sparse_map(const TarRecords& records);

// Of such a member: its content is `content_bytes`, at `content_at` from where `packed` stands.
std::optional<TarSparseMap> read_pax_sparse_map(const TarRecords& records, PackedBytes& packed,
                                                std::size_t content_at,
                                                std::uint64_t content_bytes);

}  // namespace merlon::text
