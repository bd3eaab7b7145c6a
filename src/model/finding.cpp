#include "model/finding.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "model/analysis.h"
#include "model/coverage.h"
#include "model/finding_order.h"
#include "model/history.h"

namespace merlon::model {

Finding::Finding() = default;
Finding::Finding(const Finding&) = default;
Finding::Finding(Finding&&) noexcept = default;
Finding& Finding::operator=(const Finding&) = default;
Finding& Finding::operator=(Finding&&) noexcept = default;
Finding::~Finding() = default;

Report::Report() = default;
Report::Report(const Report&) = default;
Report::Report(Report&&) noexcept = default;
Report& Report::operator=(const Report&) = default;
Report& Report::operator=(Report&&) noexcept = default;
Report::~Report() = default;

bool less(const Finding& left, const Finding& right) {
    const auto* a = std::get_if<FileLocation>(&left.location);
    const auto* b = std::get_if<FileLocation>(&right.location);
    if (a != nullptr && b != nullptr) {
        if (const int order = a->path.compare(b->path); order != 0) return order < 0;
        const auto key = [](const FileLocation& file) {
            return std::tie(file.members, file.region.start_line, file.region.start_column,
                            file.region.end_line, file.region.end_column);
        };
        if (key(*a) != key(*b)) return key(*a) < key(*b);
    } else if (left.location.index() != right.location.index()) {
        return left.location.index() < right.location.index();
    } else if (const auto x = to_string(left.location), y = to_string(right.location); x != y) {
        return x < y;
    }
    return std::tie(left.rule_id, left.message, left.match) <
           std::tie(right.rule_id, right.message, right.match);
}

namespace {

// What tells most findings apart, short and side by side in memory: a finding is long, and whoever
// compares two of them waits for both.
struct SortKey {
    std::uint32_t path = 0;  // its rank among all paths; 0 where it takes more to compare
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::size_t index = 0;
};

std::vector<SortKey> sort_keys(const std::vector<Finding>& findings) {
    using Ranks = std::unordered_map<std::string_view, std::uint32_t>;
    Ranks ranks;
    std::vector<SortKey> keys(findings.size());
    std::vector<const Ranks::value_type*> places(findings.size());
    for (std::size_t i = 0; i < findings.size(); ++i) {
        keys[i].index = i;
        const auto* const file = std::get_if<FileLocation>(&findings[i].location);
        if (file == nullptr || !file->members.empty()) continue;
        places[i] = &*ranks.emplace(file->path, 0).first;
        keys[i].line = file->region.start_line;
        keys[i].column = file->region.start_column;
    }
    std::vector<Ranks::value_type*> paths;
    paths.reserve(ranks.size());
    for (Ranks::value_type& path : ranks) paths.push_back(&path);
    std::ranges::sort(paths, {}, [](const auto* path) { return path->first; });
    for (std::uint32_t rank = 0; Ranks::value_type* const path : paths) path->second = ++rank;
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (places[i] != nullptr) keys[i].path = places[i]->second;
    return keys;
}

}  // namespace

std::vector<std::size_t> order_of(const std::vector<Finding>& findings) {
    std::vector<SortKey> keys = sort_keys(findings);
    std::ranges::stable_sort(keys, [&](const SortKey& left, const SortKey& right) {
        if (left.path != 0 && right.path != 0) {
            const auto short_key = [](const SortKey& key) {
                return std::tie(key.path, key.line, key.column);
            };
            if (short_key(left) != short_key(right)) return short_key(left) < short_key(right);
        }
        return less(findings[left.index], findings[right.index]);
    });
    std::vector<std::size_t> order;
    order.reserve(keys.size());
    for (const SortKey& key : keys) order.push_back(key.index);
    return order;
}

void sort(std::vector<Finding>& findings) {
    if (std::is_sorted(findings.begin(), findings.end(), less)) return;
    // Their order first, then each into its place: a sort moves what it sorts a dozen times.
    std::vector<std::size_t> order = order_of(findings);
    for (std::size_t first = 0; first < order.size(); ++first) {
        if (order[first] == first) continue;
        Finding moved = std::move(findings[first]);
        std::size_t at = first;
        while (order[at] != first) {
            const std::size_t from = std::exchange(order[at], at);
            findings[at] = std::move(findings[from]);
            at = from;
        }
        findings[at] = std::move(moved);
        order[at] = at;
    }
}

}  // namespace merlon::model

template class std::vector<merlon::model::Rule>;
template class std::vector<merlon::model::Finding>;
template class std::vector<merlon::model::HistoryPlace>;
