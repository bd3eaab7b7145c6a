#pragma once

// What Go's encoding/json says of a text that is no JSON: policies see its words.
//
// The idea: our reader decides what is JSON; only for what it refused (or what has a byte order
// mark, which it takes) the text is read once more, to find the first byte that Go would refuse and
// what it expected there.
//
// Standard: RFC 8259, with the texts of encoding/json's scanner. Thread-safe: no state. Cost: one
// pass; depth is bounded.

#include <optional>
#include <string>
#include <string_view>

namespace merlon::rego {

enum class JsonReader : unsigned char {
    kWhole,   // json.Unmarshal: one value and nothing behind it
    kStream,  // json.Decoder, and then one token, as OPA reads
};

// Nothing where Go takes the text.
std::optional<std::string> go_json_error(std::string_view text, JsonReader reader);

}  // namespace merlon::rego
