#pragma once

// Files of one JSON record a line (jsonlines.org), empty lines among them, and maybe a byte order
// mark in front.
//
// Thread-safe: no state. Cost: that of what is done with the lines.

#include <functional>
#include <string_view>

#include "base/result.h"

namespace merlon::exchange {

// Hands over each line that is not empty. An error of `use` gets the line's number and ends it.
Status each_json_line(std::string_view bytes,
                      const std::function<Status(std::string_view line)>& use);

}  // namespace merlon::exchange
