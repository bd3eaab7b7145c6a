#include "connect/git/lines.h"

#include <algorithm>
#include <cstring>

namespace merlon::connect::git {

namespace {

// So many bytes are compared at once.
constexpr std::size_t kBlock = 256;

}  // namespace

std::size_t equal_at_begin(std::string_view left, std::string_view right) {
    const std::size_t most = std::min(left.size(), right.size());
    std::size_t equal = 0;
    while (most - equal >= kBlock &&
           std::memcmp(left.data() + equal, right.data() + equal, kBlock) == 0) {
        equal += kBlock;
    }
    while (equal < most && left[equal] == right[equal]) ++equal;
    return equal;
}

std::size_t equal_at_end(std::string_view left, std::string_view right) {
    const std::size_t most = std::min(left.size(), right.size());
    const auto from_end = [](std::string_view text, std::size_t bytes) {
        return text.data() + (text.size() - bytes);
    };
    std::size_t equal = 0;
    while (most - equal >= kBlock && std::memcmp(from_end(left, equal + kBlock),
                                                 from_end(right, equal + kBlock), kBlock) == 0) {
        equal += kBlock;
    }
    while (equal < most && *from_end(left, equal + 1) == *from_end(right, equal + 1)) ++equal;
    return equal;
}

Lines::Lines(std::string_view text) : text_(text) {
    begins_.reserve(text.size() / 32 + 2);
    begins_.push_back(0);
    const char* const data = text.data();
    std::size_t at = 0;
    while (at < text.size()) {
        const void* end = std::memchr(data + at, '\n', text.size() - at);
        at = end == nullptr ? text.size()
                            : static_cast<std::size_t>(static_cast<const char*>(end) - data) + 1;
        begins_.push_back(static_cast<std::uint32_t>(at));
    }
}

}  // namespace merlon::connect::git
