#pragma once

// The list of feeds inside the program: rules/advisories/feeds.toml as it was built.
//
// Thread-safe: constant.

#include <string_view>

namespace merlon::cli {

std::string_view embedded_feeds();

}  // namespace merlon::cli
