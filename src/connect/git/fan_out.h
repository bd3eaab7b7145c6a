#pragma once

// The fan-out table that pack indices, multi-pack-indices and commit-graphs begin with
// (gitformat-pack): how many ids begin with a byte up to each of the 256, so that a search in the
// sorted ids behind it halves one 256th of them.
//
// The idea: the table is checked once, when a file is opened; a caller that has also checked that
// the file holds count() ids may search without another look at the file's length.
//
// Immutable once read, thread-safe. Cost: 1 KiB.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace merlon::connect::git {

class FanOut {
  public:
    static constexpr std::size_t kBytes = 256 * 4;

    // Takes the kBytes at `table`; false where they do not rise, which no table of Git's does.
    bool read(const char* table);

    std::uint32_t count() const { return ends_[255]; }
    // Whether any id begins with the first byte of `id`: asked before the file is touched.
    bool has_any_like(std::string_view id) const;
    // The position of `id` among the count() sorted ids: the first of them is at `ids`, each
    // `stride` bytes behind the one before.
    std::optional<std::uint32_t> find(std::string_view id, const char* ids,
                                      std::size_t stride) const;

  private:
    std::uint32_t begin_of(std::uint8_t first) const { return first == 0 ? 0 : ends_[first - 1]; }

    std::array<std::uint32_t, 256> ends_{};
};

}  // namespace merlon::connect::git
