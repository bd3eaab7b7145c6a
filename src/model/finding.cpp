#include "model/finding.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "model/analysis.h"
#include "model/coverage.h"
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

void sort(std::vector<Finding>& findings) {
    if (std::is_sorted(findings.begin(), findings.end(), less)) return;
    // Their order first, then each into its place: a finding is long, and a sort moves what it
    // sorts a dozen times.
    std::vector<std::size_t> order(findings.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t left, std::size_t right) {
        return less(findings[left], findings[right]);
    });
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
