#pragma once

// How many columns of a terminal a text takes, as git counts them to align tabs: combining marks
// take none, East Asian wide characters two (Unicode 15.0, UAX #11).
//
// The ranges were taken from the answers of git 2.39.5 for every code point.
//
// Thread-safe: constants. Cost: a binary search for each character beyond ASCII.

#include <cstddef>
#include <optional>
#include <string_view>

namespace merlon::connect::git {

// Nothing if the text has a control character or is not UTF-8.
std::optional<std::size_t> column_width(std::string_view text);

}  // namespace merlon::connect::git
