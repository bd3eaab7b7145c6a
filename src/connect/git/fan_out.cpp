#include "connect/git/fan_out.h"

#include <algorithm>
#include <cstring>

#include "connect/git/byte_order.h"

namespace merlon::connect::git {
namespace {

constexpr std::uint32_t kHalvedAlone = 16;  // ids
constexpr std::uint32_t kFirstStep = 8;

}  // namespace

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

// Ids are as good as random, so that the bytes behind the first say where in the range one stands,
// nearly: a few steps from there on narrow the range to those that halving ends in two or three.
std::optional<std::uint32_t> FanOut::find(std::string_view id, const char* ids,
                                          std::size_t stride) const {
    const auto first = static_cast<std::uint8_t>(id.front());
    std::uint32_t low = begin_of(first);
    std::uint32_t high = ends_[first];
    const auto order_at = [&](std::uint32_t position) {
        return std::memcmp(ids + position * stride, id.data(), id.size());
    };
    const std::uint64_t count = high - low;
    if (count > kHalvedAlone) {
        const std::uint64_t share = load_be32(id.data() + 1);
        const auto guess = low + static_cast<std::uint32_t>(count * share >> 32);
        std::uint32_t step = kFirstStep;
        if (order_at(guess) < 0) {
            low = guess + 1;
            for (; low + step < high && order_at(low + step) < 0; step *= 4) low += step + 1;
            high = std::min(high, low + step + 1);
        } else {
            high = guess + 1;
            for (; high - low > step && order_at(high - 1 - step) >= 0; step *= 4) high -= step;
            low = std::max(low, high - std::min(high, step));
        }
    }
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        const int order = order_at(middle);
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
