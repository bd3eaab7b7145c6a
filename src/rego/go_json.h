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
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "base/result.h"
#include "value/value.h"

namespace merlon::rego {

enum class JsonReader : unsigned char {
    kWhole,   // json.Unmarshal: one value and nothing behind it
    kStream,  // json.Decoder, and then one token, as OPA reads
};

// Nothing where Go takes the text.
std::optional<std::string> go_json_error(std::string_view text, JsonReader reader);

// What json.Decoder.Decode takes: the first value without what stands around it, or its error.
// What comes behind the value is not looked at.
Result<std::string_view> first_json_value(std::string_view text);

// The document that OPA reads from a file or a bundle: json.Decoder's, with its errors, and where
// our reader stopped. U+FFFD stands for what is no UTF-8. `kFirst`: whatever comes behind it.
enum class JsonEnd : unsigned char { kChecked, kFirst };
Result<value::Value> read_go_json(std::string_view text, Arena& arena, Interner& interner,
                                  JsonEnd end = JsonEnd::kChecked);

// The parts of one JSON value in the order in which they stand, none where it is of another kind.
// A name that comes twice is there twice; U+FFFD stands for what is no UTF-8.
struct JsonMember {
    std::string name;
    std::string_view value;
};
std::vector<JsonMember> json_members(std::string_view object);
std::vector<std::string_view> json_elements(std::string_view array);

}  // namespace merlon::rego
