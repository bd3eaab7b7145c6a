#pragma once

// Position-independent bytes: flat arrays behind a header, written once, and read where they lie,
// from memory or from a mapped file.
//
// The idea: a header holds Sections (offset and count) instead of pointers. A writer appends arrays
// and hands out their Sections; a reader turns a Section back into a span, or says that it does not
// fit, so that a hostile file gets no further than that. Everything is aligned to four bytes, the
// block's start included; numbers are as this kind of machine has them, which the caller's version
// field has to tell (kBlobByteOrder).
//
// Not thread-safe to write; reading has no state. Cost: one copy to write, none to read.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

namespace merlon {

inline constexpr std::size_t kBlobAlignment = 4;
// Part of a block's version: a block of the other byte order is another version.
inline constexpr std::uint32_t kBlobByteOrder =
    std::endian::native == std::endian::little ? 0 : 0x8000'0000;

struct BlobSection {
    std::uint32_t offset = 0;  // bytes from the block's start
    std::uint32_t count = 0;   // elements
};

template <typename T>
concept BlobElement = std::is_trivially_copyable_v<T> && alignof(T) <= kBlobAlignment;

class BlobWriter {
  public:
    // Room for the header, which is put in its place at the end.
    explicit BlobWriter(std::size_t header_bytes) { grow(header_bytes); }

    template <BlobElement T>
    BlobSection add(std::span<const T> elements) {
        const std::size_t at = size_bytes_;
        grow(elements.size_bytes());
        if (!elements.empty()) std::memcpy(bytes() + at, elements.data(), elements.size_bytes());
        return {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(elements.size())};
    }
    template <BlobElement T>
    BlobSection add(const std::vector<T>& elements) {
        return add(std::span<const T>(elements));
    }

    template <BlobElement T>
    std::vector<std::uint32_t> finish(const T& header) && {
        std::memcpy(bytes(), &header, sizeof header);
        return std::move(words_);
    }
    std::size_t size_bytes() const { return size_bytes_; }

  private:
    std::byte* bytes() { return std::as_writable_bytes(std::span(words_)).data(); }
    void grow(std::size_t count) {
        size_bytes_ += (count + kBlobAlignment - 1) / kBlobAlignment * kBlobAlignment;
        words_.resize(size_bytes_ / kBlobAlignment);
    }

    std::vector<std::uint32_t> words_;
    std::size_t size_bytes_ = 0;
};

inline bool is_blob_aligned(std::span<const std::byte> block) {
    return reinterpret_cast<std::uintptr_t>(block.data()) % kBlobAlignment == 0;
}

// The elements of a section, or nothing where it does not lie inside the block.
template <BlobElement T>
std::optional<std::span<const T>> read_section(std::span<const std::byte> block,
                                               BlobSection section) {
    if (section.offset % kBlobAlignment != 0 || section.offset > block.size() ||
        section.count > (block.size() - section.offset) / sizeof(T)) {
        return std::nullopt;
    }
    const void* const at = block.data() + section.offset;
    return std::span(static_cast<const T*>(at), section.count);
}

}  // namespace merlon
