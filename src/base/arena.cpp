#include "base/arena.h"

#include <algorithm>

#include "base/assert.h"
#include "base/large_pages.h"

namespace merlon {
namespace {

constexpr std::size_t kLargestBlock = std::size_t{8} << 20;

}  // namespace

Arena::Arena(std::size_t first_block_bytes) : next_block_bytes_(first_block_bytes) {}

void* Arena::allocate_in_new_block(std::size_t bytes, std::size_t alignment) {
    MERLON_ASSERT(alignment != 0 && (alignment & (alignment - 1)) == 0);
    const std::size_t size = std::max(next_block_bytes_, bytes + alignment);
    blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
    next_block_bytes_ = std::min(std::max(next_block_bytes_ * 2, size), kLargestBlock);
    cursor_ = blocks_.back().bytes.get();
    limit_ = cursor_ + size;
    ask_for_large_pages(cursor_, size);
    return allocate(bytes, alignment);
}

std::string_view Arena::copy(std::string_view text) {
    if (text.empty()) return {};
    char* first = static_cast<char*>(allocate(text.size(), 1));
    std::memcpy(first, text.data(), text.size());
    return {first, text.size()};
}

void Arena::reset() {
    bytes_used_ = 0;
    if (blocks_.empty()) return;
    if (blocks_.size() > 1) {
        std::size_t total = 0;
        for (const Block& block : blocks_) total += block.size;
        // The next time one block is enough, if it is not too large to be kept.
        constexpr std::size_t kLargestKept = std::size_t{16} << 20;
        if (total <= kLargestKept) {
            blocks_.clear();
            cursor_ = limit_ = nullptr;
            next_block_bytes_ = total;
            return;
        }
    }
    const auto largest = std::max_element(
        blocks_.begin(), blocks_.end(),
        [](const Block& left, const Block& right) { return left.size < right.size; });
    std::swap(*largest, blocks_.front());
    blocks_.resize(1);
    cursor_ = blocks_.front().bytes.get();
    limit_ = cursor_ + blocks_.front().size;
}

}  // namespace merlon
