#pragma once

// The values that Kubernetes Secrets in a text hold (core/v1 Secret: `data` in base64, `stringData`
// as it is), each on its own: an expression over a whole manifest finds one of them.
//
// The idea: a text without "kind: Secret" is left after one search. Each document of a YAML stream,
// or the JSON text, that has one is read as a tree with spans; Secrets inside of Lists are found
// too. A document that is no YAML (a template of a chart) has no values here; expressions still see
// it.
//
// Thread-safe: no state. Cost: one search for "Secret"; the documents that have one are parsed, up
// to kMaxManifestBytes each, and above that item by item of the list that they are. (A cluster
// takes no Secret of more than 1 MiB.)

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"

namespace merlon::secrets {

inline constexpr std::size_t kMaxManifestBytes = std::size_t{16} << 20;

struct ManifestValue {
    enum class Field : std::uint8_t { kData, kStringData };
    Field field = Field::kData;
    // Where the value stands, without quotes.
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::string plain;  // decoded from base64 where it is `data`
};

// One-line values that could be a secret: no certificates, no public keys, nothing of less than
// eight bytes. In the order of the text.
std::vector<ManifestValue> kubernetes_secret_values(std::string_view text,
                                                    const CancelToken* cancel = nullptr);

}  // namespace merlon::secrets
