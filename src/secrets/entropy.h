#pragma once

// How evenly the characters of a secret are spread.
//
// Thread-safe: no state. Cost: linear; no allocation for ASCII.

#include <string_view>

namespace merlon::secrets {

// Bits for each byte: Shannon's entropy of the code points, divided by the length in bytes, as
// gitleaks computes it.
double shannon_entropy(std::string_view text);

}  // namespace merlon::secrets
