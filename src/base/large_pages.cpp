#include "base/large_pages.h"

#include <sys/mman.h>

#include <cstdint>

namespace merlon {
namespace {

constexpr std::uintptr_t kPage = std::uintptr_t{2} << 20;
constexpr std::size_t kWorthIt = std::size_t{4} << 20;

}  // namespace

void ask_for_large_pages(void* begin, std::size_t bytes) {
    if (bytes < kWorthIt) return;
    const auto address = reinterpret_cast<std::uintptr_t>(begin);
    const std::uintptr_t first = (address + kPage - 1) & ~(kPage - 1);
    const std::uintptr_t end = (address + bytes) & ~(kPage - 1);
    // Refused, it is memory as any other.
    if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

}  // namespace merlon
