#pragma once

// Paths as Go's path/filepath cleans them, by their text alone.
//
// Thread-safe: no state. Cost: linear.

#include <string>
#include <string_view>
#include <vector>

namespace merlon::templates {

// What stands between the slashes, without empty parts.
std::vector<std::string_view> path_parts(std::string_view path);
// filepath.Clean: the shortest equal path; "." for the empty path.
std::string clean_path(std::string_view path);

}  // namespace merlon::templates
