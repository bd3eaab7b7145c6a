#include "exchange/json_lines.h"

#include <algorithm>

namespace merlon::exchange {

Status each_json_line(std::string_view bytes,
                      const std::function<Status(std::string_view line)>& use) {
    std::uint32_t number = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
        const std::string_view line = bytes.substr(at, end - at);
        at = end + 1;
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        Status used = use(line);
        if (used.ok()) continue;
        Error error = std::move(used).error();
        error.line = number;
        return error;
    }
    return {};
}

}  // namespace merlon::exchange
