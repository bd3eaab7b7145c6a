#pragma once

// Encodings as Go's standard library reads and writes them: base64 (RFC 4648), hexadecimal and
// percent-encoding of queries. Unlike text/base64.h these are as lenient as Go (line breaks inside,
// bits behind the last byte), and their errors have Go's texts, because policies see both.
//
// Thread-safe: no state. Cost: one pass.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "value/value.h"

namespace merlon::rego {

enum class Base64Form : std::uint8_t {
    kStandard,     // + and /, padded
    kUrl,          // - and _, padded
    kUrlUnpadded,  // - and _, without padding
};

std::string go_base64_encode(std::string_view bytes, Base64Form form);
Result<std::string> go_base64_decode(std::string_view text, Base64Form form);
// base64url.decode and JWT: the padding may be missing.
Result<std::string> base64url_decode(std::string_view text);

Result<std::string> go_hex_decode(std::string_view text);

// url.QueryEscape and url.QueryUnescape.
std::string query_escape(std::string_view text);
Result<std::string> query_unescape(std::string_view text);
// url.ParseQuery: the pairs in their order.
Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

// OPA does not take numbers whose text would be a bomb, wherever they stand in JSON.
Status check_exponents(const value::Value& value);

}  // namespace merlon::rego
