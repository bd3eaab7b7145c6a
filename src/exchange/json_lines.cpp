#include "exchange/json_lines.h"

#include <algorithm>

namespace merlon::exchange {
namespace {

// As Windows' shells write it, and no part of the first line.
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Status each_json_line(std::string_view bytes,
                      const std::function<Status(std::string_view line)>& use) {
    std::uint32_t number = 0;
    const std::size_t start = bytes.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    for (std::size_t at = start; at < bytes.size();) {
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
