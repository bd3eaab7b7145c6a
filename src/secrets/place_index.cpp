#include "secrets/place_index.h"

#include <algorithm>

namespace merlon::secrets {

void PlaceIndex::finish() {
    std::stable_sort(places_.begin(), places_.end(),
                     [](const Place& a, const Place& b) { return a.begin < b.begin; });
    std::uint64_t reach = 0;
    for (Place& place : places_) place.reach = reach = std::max(reach, place.end);
}

std::size_t PlaceIndex::first_reaching(std::uint64_t offset) const {
    const auto found =
        std::partition_point(places_.begin(), places_.end(),
                             [offset](const Place& place) { return place.reach <= offset; });
    return static_cast<std::size_t>(found - places_.begin());
}

bool PlaceIndex::overlaps(std::uint64_t begin, std::uint64_t end) const {
    const std::size_t first = first_reaching(begin);
    return first < places_.size() && places_[first].begin < end;
}

}  // namespace merlon::secrets
