#pragma once

// A bump arena: memory that is handed out piece by piece and freed all at once.
//
// The idea: what one document or one request builds dies together, so nothing in it needs a
// destructor, a reference count or a free. Only trivially destructible types may live here.
//
// Not thread-safe: one arena belongs to one thread at a time. What it holds may be read by any
// thread. Cost: a pointer bump; a malloc for each block.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace merlon {

class Arena {
  public:
    explicit Arena(std::size_t first_block_bytes = 4096);
    Arena(Arena&&) = default;
    Arena& operator=(Arena&&) = default;

    // Returns `bytes` of uninitialised memory, aligned to `alignment` (a power of two).
    void* allocate(std::size_t bytes, std::size_t alignment) {
        const auto address = reinterpret_cast<std::uintptr_t>(cursor_);
        const std::size_t padding = (alignment - address % alignment) % alignment;
        const auto room = static_cast<std::size_t>(limit_ - cursor_);
        if (cursor_ == nullptr || room < padding || room - padding < bytes) {
            return allocate_in_new_block(bytes, alignment);
        }
        std::byte* const start = cursor_ + padding;
        cursor_ = start + bytes;
        bytes_used_ += bytes;
        return start;
    }

    template <typename T, typename... Arguments>
    T* make(Arguments&&... arguments) {
        static_assert(std::is_trivially_destructible_v<T>);
        return ::new (allocate(sizeof(T), alignof(T))) T{std::forward<Arguments>(arguments)...};
    }

    // Returns `count` value-initialised elements.
    template <typename T>
    std::span<T> make_array(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T>);
        if (count == 0) return {};
        T* first = static_cast<T*>(allocate(sizeof(T) * count, alignof(T)));
        for (std::size_t i = 0; i < count; ++i) ::new (first + i) T{};
        return {first, count};
    }

    template <typename T>
    std::span<T> copy(std::span<const T> elements) {
        static_assert(std::is_trivially_copyable_v<T>);
        if (elements.empty()) return {};
        T* first = static_cast<T*>(allocate(elements.size_bytes(), alignof(T)));
        std::memcpy(static_cast<void*>(first), elements.data(), elements.size_bytes());
        return {first, elements.size()};
    }

    std::string_view copy(std::string_view text);

    // Bytes handed out since the start or the last reset.
    std::size_t bytes_used() const { return bytes_used_; }

    // Forgets everything, keeps memory for reuse: the largest block, or room for all of it in one.
    void reset();

  private:
    void* allocate_in_new_block(std::size_t bytes, std::size_t alignment);

    struct Block {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t size;
    };

    std::vector<Block> blocks_;
    std::byte* cursor_ = nullptr;
    std::byte* limit_ = nullptr;
    std::size_t next_block_bytes_;
    std::size_t bytes_used_ = 0;
};

}  // namespace merlon
