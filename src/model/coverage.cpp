#include "model/coverage.h"

#include <algorithm>
#include <tuple>

namespace merlon::model {

void sort(std::vector<Gap>& gaps) {
    std::stable_sort(gaps.begin(), gaps.end(), [](const Gap& left, const Gap& right) {
        return std::tie(left.path, left.cause, left.detail) <
               std::tie(right.path, right.cause, right.detail);
    });
}

void append(const std::vector<Gap>& more, std::vector<Gap>& gaps) {
    gaps.insert(gaps.end(), more.begin(), more.end());
}

}  // namespace merlon::model

template class std::vector<merlon::model::Gap>;
