#include "connect/git/fan_out.h"

#include <cstring>

#include "connect/git/byte_order.h"

namespace merlon::connect::git {

bool FanOut::read(const char* table) {
    std::uint32_t before = 0;
    for (std::size_t i = 0; i < ends_.size(); ++i) {
        ends_[i] = load_be32(table + 4 * i);
        if (ends_[i] < before) return false;
        before = ends_[i];
    }
    return true;
}

bool FanOut::has_any_like(std::string_view id) const {
    const auto first = static_cast<std::uint8_t>(id.front());
    return begin_of(first) < ends_[first];
}

std::optional<std::uint32_t> FanOut::find(std::string_view id, const char* ids,
                                          std::size_t stride) const {
    const auto first = static_cast<std::uint8_t>(id.front());
    std::uint32_t low = begin_of(first);
    std::uint32_t high = ends_[first];
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        const int order = std::memcmp(ids + middle * stride, id.data(), id.size());
        if (order == 0) return middle;
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return std::nullopt;
}

}  // namespace merlon::connect::git
