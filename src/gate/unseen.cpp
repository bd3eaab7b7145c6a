#include "gate/unseen.h"

#include <algorithm>
#include <vector>

namespace merlon::gate {
namespace {

// Those that are called alike have it in common.
std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

Unseen::Unseen(const exchange::ReadReport& head, const Change& change)
    : head_(head), change_(change) {
    if (head.looked_at) paths_.insert(head.looked_at->begin(), head.looked_at->end());
    for (const model::Rule& rule : head.report.rules) rules_.insert(rule.id);
    rules_off_ = head.rules_off;
    for (const auto& [rule, former] : head.former_rules)
        (head.rules_off.contains(rule) ? rules_off_ : rules_).insert(former.begin(), former.end());
    const auto add = [&](std::string_view path, Became became) {
        files_.emplace(path, became);
        paths_by_name_[last_part(path)].push_back(path);
    };
    for (const ChangedFile& file : change.files) {
        if (file.kind == "added") continue;
        add(file.path, file.kind == "deleted" ? Became::kDeleted : Became::kModified);
    }
    for (const std::string& path : change.namesakes) add(path, Became::kUntouched);
}

// What became of the files that a report may mean by this path: of the one called so, or of the one
// that is named from a folder above the root; else of all that are so called in some folder.
std::vector<Unseen::Became> Unseen::fates_of(std::string_view path) const {
    for (std::string_view end = path;;) {
        const auto file = files_.find(end);
        if (file != files_.end()) return {file->second};
        const std::size_t slash = end.find('/');
        if (slash == std::string_view::npos) break;
        end.remove_prefix(slash + 1);
    }
    std::vector<Became> fates;
    const auto named = paths_by_name_.find(last_part(path));
    if (named == paths_by_name_.end()) return fates;
    for (const std::string_view file : named->second)
        if (file.ends_with(path) && file[file.size() - path.size() - 1] == '/')
            fates.push_back(files_.at(file));
    return fates;
}

bool Unseen::may_have_stayed(const std::string& path, const std::string& rule) const {
    // The files of an image are not those of the change.
    const std::vector<std::string>& scope = head_.report.analysis.scope;
    const bool is_of_the_repository = scope.empty() || (scope.size() == 1 && scope[0] == ".");
    if (change_.is_known && is_of_the_repository) {
        const std::vector<Became> fates = fates_of(path);
        if (fates.empty() || std::ranges::find(fates, Became::kUntouched) != fates.end())
            return true;
        if (std::ranges::find(fates, Became::kModified) == fates.end()) return false;
    }
    if (!head_.report.analysis.complete) return true;
    if (rules_off_.contains(rule) || (head_.lists_rules && !rules_.contains(rule))) return true;
    return head_.looked_at && !paths_.contains(path);
}

}  // namespace merlon::gate
