#pragma once

// Rows of the database in one hash, which an event can keep.
//
// The idea: numbers are 8 bytes, least significant first; texts and bytes are led by their length
// in the same form; so no two lists of rows give the same bytes.
//
// Not thread-safe: one list each. Cost: linear.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "crypto/digest.h"
#include "evidence/database.h"

namespace merlon::evidence {

class RowHash {
  public:
    void take(Cells row) {
        for (const Cell& cell : row) {
            if (std::holds_alternative<std::int64_t>(cell)) {
                append(static_cast<std::uint64_t>(integer_of(cell)));
                continue;
            }
            const bool is_text = std::holds_alternative<std::string_view>(cell);
            const std::string_view view = is_text ? text_of(cell) : bytes_of(cell);
            append(view.size());
            bytes_ += view;
        }
        ++rows_;
        if (bytes_.size() < kHashedAtOnce) return;
        hasher_.update(bytes_);
        bytes_.clear();
    }

    std::uint64_t rows() const { return rows_; }
    // "sha256:…"; once.
    std::string finish() { return hasher_.update(bytes_).finish().to_string(); }

  private:
    static constexpr std::size_t kHashedAtOnce = 1 << 16;

    void append(std::uint64_t number) {
        for (std::size_t i = 0; i < sizeof number; ++i, number >>= 8)
            bytes_ += static_cast<char>(number & 0xFF);
    }

    crypto::Hasher hasher_{crypto::DigestAlgorithm::kSha256};
    std::string bytes_;
    std::uint64_t rows_ = 0;
};

}  // namespace merlon::evidence
