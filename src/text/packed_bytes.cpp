#include "text/packed_bytes.h"

#include <algorithm>
#include <cstring>

namespace merlon::text {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

}  // namespace

void PackedBytes::fill(std::size_t least) {
    const std::size_t held = held_.size();
    if (held > 0 && held_.data() != buffer_.data()) {
        std::memmove(buffer_.data(), held_.data(), held);
    }
    // Of who asks for a little more each time, not every step is a longer buffer.
    if (buffer_.size() < least) buffer_.resize(least + kBufferBytes);
    std::size_t end = held;
    while (end < least && input_ != nullptr) {
        Result<std::size_t> count = input_->read({buffer_.data() + end, buffer_.size() - end});
        if (!count.ok()) error_ = count.error();
        if (!count.ok() || count.value() == 0) {
            input_ = nullptr;
        } else {
            end += count.value();
        }
    }
    held_ = {buffer_.data(), end};
}

}  // namespace merlon::text
