#include "base/recycled.h"

#include <malloc.h>

#include <array>
#include <bit>
#include <cstdlib>
#include <new>

#include "base/assert.h"

namespace merlon {
namespace {

constexpr std::size_t kLeastBlockBytes = 64;
constexpr std::size_t kSizes = static_cast<std::size_t>(std::countr_zero(kMostKeptBytes) -
                                                        std::countr_zero(kLeastBlockBytes) + 1);

struct Free {
    Free* next;
};

// Without a destructor, so that what other objects of the thread give back at its end is taken.
struct Lists {
    std::array<Free*, kSizes> first;
    std::array<std::size_t, kSizes> count;
    bool is_over;
};
thread_local constinit Lists lists{};

// Gives everything back when the thread ends.
struct Keeper {
    Keeper() = default;
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;
    ~Keeper() {
        lists.is_over = true;
        for (Free*& first : lists.first) {
            while (first != nullptr) {
                Free* const block = first;
                first = block->next;
                std::free(block);
            }
        }
    }
};

std::size_t size_of(std::size_t place) { return kLeastBlockBytes << place; }

// The list of blocks that have at least so many bytes; kSizes and more: none.
std::size_t place_for(std::size_t bytes) {
    if (bytes <= kLeastBlockBytes) return 0;
    return static_cast<std::size_t>(std::bit_width(bytes - 1)) -
           static_cast<std::size_t>(std::countr_zero(kLeastBlockBytes));
}

// What is in the lists has to go when the thread ends.
void keep_lists() {
    static thread_local const Keeper kKeeper;
    static_cast<void>(kKeeper);
}

void give(void* block, std::size_t place) {
    if (lists.is_over || place >= kSizes || lists.count[place] >= kMostKeptBytes / size_of(place)) {
        std::free(block);
        return;
    }
    keep_lists();
    lists.first[place] = new (block) Free{lists.first[place]};
    ++lists.count[place];
}

}  // namespace

void* take_recycled(std::size_t bytes) {
    const std::size_t place = place_for(bytes);
    if (place < kSizes && lists.first[place] != nullptr) {
        Free* const block = lists.first[place];
        lists.first[place] = block->next;
        --lists.count[place];
        return block;
    }
    void* const block = std::malloc(place < kSizes ? size_of(place) : bytes);
    MERLON_ASSERT(block != nullptr);
    return block;
}

void give_recycled(void* block, std::size_t bytes) { give(block, place_for(bytes)); }

void give_any_block(void* block) {
    const std::size_t bytes = malloc_usable_size(block);
    if (bytes < kLeastBlockBytes) {
        std::free(block);
        return;
    }
    // Of a size that it has room for.
    give(block, place_for(std::bit_floor(bytes)));
}

}  // namespace merlon
