#include "templates/go_path.h"

namespace merlon::templates {

std::vector<std::string_view> path_parts(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        if (slash != 0) parts.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) break;
        path.remove_prefix(slash + 1);
    }
    return parts;
}

std::string clean_path(std::string_view path) {
    const bool rooted = path.starts_with('/');
    std::vector<std::string_view> kept;
    for (const std::string_view part : path_parts(path)) {
        if (part == ".") continue;
        if (part != "..") {
            kept.push_back(part);
        } else if (!kept.empty() && kept.back() != "..") {
            kept.pop_back();
        } else if (!rooted) {
            kept.push_back(part);
        }
    }
    std::string cleaned = rooted ? "/" : "";
    for (const std::string_view part : kept) {
        if (!cleaned.empty() && cleaned.back() != '/') cleaned.push_back('/');
        cleaned += part;
    }
    return cleaned.empty() ? "." : cleaned;
}

}  // namespace merlon::templates
