#include "cli/compared_folders.h"

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/source_lines.h"

namespace merlon::cli {

gate::ChangesSinceBase changes_between(std::string base_root, std::string root) {
    using Known =
        std::map<std::pair<std::string, std::string>, std::optional<evidence::LineChanges>>;
    return [base_root = std::move(base_root), root = std::move(root),
            known = std::make_shared<Known>()](
               std::string_view then, std::string_view now) -> const evidence::LineChanges* {
        const auto [place, is_first] = known->try_emplace({std::string(then), std::string(now)});
        if (is_first) {
            const auto before = source_below(base_root, std::string(then));
            const auto after = source_below(root, std::string(now));
            if (before && after) place->second.emplace(*before, *after);
        }
        return place->second ? &*place->second : nullptr;
    };
}

}  // namespace merlon::cli
