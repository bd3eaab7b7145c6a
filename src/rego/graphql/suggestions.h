#pragma once

// What somebody may have meant who wrote a name that is not known.
//
// Standard: gqlparser 2.5's "Did you mean". Thread-safe: no state. Cost: for each option the
// product of both lengths.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace merlon::rego::graphql {

// The options that are like the name, the likest first.
std::vector<std::string> similar_names(std::string_view name, std::span<const std::string> options);

enum class Quotes : std::uint8_t { kNo, kYes };
// "a", "b", or "c": the first five.
std::string listed_names(std::span<const std::string> names, Quotes quotes);

// " Did you mean "a"?" with another beginning, or nothing.
std::string suggestion(std::string_view beginning, std::string_view name,
                       std::span<const std::string> options, Quotes quotes = Quotes::kYes);

}  // namespace merlon::rego::graphql
