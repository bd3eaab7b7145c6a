#include "gate/unseen.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace merlon::gate {
namespace {

// Reports name files from another folder than Git does, above or below the repository's root.
bool are_called_alike(std::string_view left, std::string_view right) {
    if (left.size() > right.size()) std::swap(left, right);
    return right.ends_with(left) &&
           (left.size() == right.size() || right[right.size() - left.size() - 1] == '/');
}

// Those that are called alike have it in common.
std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

Unseen::Unseen(const exchange::ReadReport& head, const Change& change)
    : head_(head), change_(change) {
    if (head.looked_at) paths_.insert(head.looked_at->begin(), head.looked_at->end());
    for (const model::Rule& rule : head.report.rules) rules_.insert(rule.id);
    for (const auto& [rule, former] : head.former_rules)
        rules_.insert(former.begin(), former.end());
    for (const ChangedFile& file : change.files) files_[last_part(file.path)].push_back(&file);
}

bool Unseen::may_have_stayed(const std::string& path, const std::string& rule) const {
    // The files of an image are not those of the change.
    const std::vector<std::string>& scope = head_.report.analysis.scope;
    const bool is_of_the_repository = scope.empty() || (scope.size() == 1 && scope[0] == ".");
    if (change_.is_known && is_of_the_repository) {
        const auto named = files_.find(last_part(path));
        if (named == files_.end()) return true;
        const auto file = std::ranges::find_if(named->second, [&](const ChangedFile* changed) {
            return are_called_alike(changed->path, path);
        });
        if (file == named->second.end()) return true;
        if ((*file)->kind == "deleted") return false;
    }
    if (!head_.report.analysis.complete) return true;
    if (head_.lists_rules && !rules_.contains(rule)) return true;
    return head_.looked_at && !paths_.contains(path);
}

}  // namespace merlon::gate
