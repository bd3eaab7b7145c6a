#pragma once

// Encodings as Go's standard library reads and writes them: base64 (RFC 4648), hexadecimal and
// percent-encoding of queries. Unlike text/base64.h these are as lenient as Go (line breaks inside,
// bits behind the last byte), and their errors have Go's texts, because policies see both.
//
// Thread-safe: no state. Cost: one pass.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "value/value.h"

namespace merlon::rego {

enum class Base64Form : std::uint8_t {
    kStandard,     // + and /, padded
    kUrl,          // - and _, padded
    kUrlUnpadded,  // - and _, without padding
};

// Those that append leave what stands in `out` alone, and ask for memory only where it has no room.
void append_base64(std::string& out, std::string_view bytes, Base64Form form);
Status append_decoded_base64(std::string& out, std::string_view text, Base64Form form);
// The same; what is wrong is told by its place alone.
std::optional<std::size_t> wrong_base64(std::string& out, std::string_view text, Base64Form form);
std::string go_base64_encode(std::string_view bytes, Base64Form form);
Result<std::string> go_base64_decode(std::string_view text, Base64Form form);
// base64url.decode and JWT: the padding may be missing.
Status append_decoded_base64url(std::string& out, std::string_view text);
Result<std::string> base64url_decode(std::string_view text);

Status append_decoded_hex(std::string& out, std::string_view text);
Result<std::string> go_hex_decode(std::string_view text);

// url.QueryEscape and url.QueryUnescape.
void append_query_escaped(std::string& out, std::string_view text);
Status append_query_unescaped(std::string& out, std::string_view text);
// url.ParseQuery: calls `take` with each key and value in their order, until the first error.
// `room` is memory to work in.
Status parse_query(std::string_view query, std::string& room,
                   const std::function<void(std::string_view key, std::string_view value)>& take);

// OPA does not take numbers whose text would be a bomb, wherever they stand in JSON.
Status check_exponents(const value::Value& value);

}  // namespace merlon::rego
