#pragma once

// Memory that a thread gives out again: for what is put together and thrown away in one step, where
// an arena would grow and malloc would be asked each time.
//
// The idea: a list of free blocks for each power of two, of the thread that uses them. A block
// comes from malloc when its list is empty, and goes back to it when the list has enough, so that
// whoever does the same again asks malloc for nothing. Larger blocks are malloc's.
//
// Thread-safe: the lists belong to threads; a block may be given back by another thread than the
// one that took it. Cost: some instructions; a thread keeps at most kMostKeptBytes of each size.

#include <cstddef>
#include <string>
#include <vector>

namespace merlon {

constexpr std::size_t kMostKeptBytes = std::size_t{1} << 20;

// Never null: what malloc refuses ends the program.
void* take_recycled(std::size_t bytes);
// `bytes` as it was taken.
void give_recycled(void* block, std::size_t bytes);
// The same where nobody knows how it was taken, or malloc gave it.
void give_any_block(void* block);

template <typename T>
struct Recycler {
    using value_type = T;

    Recycler() = default;
    template <typename Other>
    Recycler(const Recycler<Other>&) {}  // NOLINT(google-explicit-constructor): an allocator

    T* allocate(std::size_t count) { return static_cast<T*>(take_recycled(count * sizeof(T))); }
    void deallocate(T* block, std::size_t count) { give_recycled(block, count * sizeof(T)); }
    bool operator==(const Recycler&) const { return true; }
};

using RecycledString = std::basic_string<char, std::char_traits<char>, Recycler<char>>;
template <typename T>
using RecycledVector = std::vector<T, Recycler<T>>;

}  // namespace merlon
