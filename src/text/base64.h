#pragma once

// Base64 and base64url (RFC 4648, sections 4 and 5).
//
// The idea: one table for each alphabet gives a byte's six bits or says that it has none. Decoding
// is strict: no white space, the padding that the alphabet asks for and no other, and no bits
// behind the last byte (section 3.5), so that no two texts stand for the same bytes.
//
// Thread-safe: no state. Cost: one pass.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace merlon::text {

enum class Base64Alphabet : std::uint8_t {
    kStandard,  // + and /, padded with '='
    kUrl,       // - and _, without padding, as JOSE has it (RFC 7515, section 2)
};

// The bytes that `encoded` stands for. Fails with the offset of the first byte that does not
// belong.
Result<std::string> decode_base64(std::string_view encoded, Base64Alphabet alphabet);

// `bytes` as text; cannot fail.
std::string encode_base64(std::string_view bytes, Base64Alphabet alphabet);

}  // namespace merlon::text
