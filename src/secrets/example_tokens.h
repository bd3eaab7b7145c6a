#pragma once

// Tokens of the formats that checks.h knows, whole and right, from chance: the generators of
// examples that are more than characters of an alphabet.
//
// Thread-safe: no state. Cost: linear in what is made.

#include <optional>
#include <string>
#include <string_view>

#include "secrets/example_random.h"

namespace merlon::secrets {

// What the generator `name` makes of `argument` (what stands behind the colon, maybe empty);
// nullopt where there is no such generator or it cannot be made of that.
std::optional<std::string> example_token(std::string_view name, std::string_view argument,
                                         ExampleRandom& random);

// A count of characters, within reason.
std::optional<std::size_t> read_example_length(std::string_view text);

// `text` with one letter or digit near its end replaced by its neighbour: a checksum that is wrong
// in a token that looks right.
std::string with_wrong_checksum(std::string text);

}  // namespace merlon::secrets
