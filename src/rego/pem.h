#pragma once

// PEM blocks as Go's encoding/pem reads them (RFC 7468, and the headers of RFC 1421): lenient about
// what stands around a block, strict about the block; one that is damaged is passed over.
//
// Thread-safe: no state. Cost: linear.

#include <optional>
#include <string>
#include <string_view>

namespace merlon::rego {

struct PemBlock {
    std::string label;
    std::string bytes;
};

// The next block; `text` is what follows it. Where there is none, `text` stays.
std::optional<PemBlock> next_pem_block(std::string_view& text);

}  // namespace merlon::rego
