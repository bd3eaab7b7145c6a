#include "connect/git/lines.h"

#include <cstring>

namespace merlon::connect::git {

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
