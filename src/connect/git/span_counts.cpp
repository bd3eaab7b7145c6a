#include "connect/git/span_counts.h"

#include <algorithm>
#include <bit>

namespace merlon::connect::git {
namespace {

constexpr std::uint32_t kNumbers = 107'927;
constexpr std::uint32_t kLongestPiece = 64;

// A 64-bit register that turns by 7 bits before each byte is added to its low half.
std::uint32_t number_of(std::uint64_t turned) {
    const auto low = static_cast<std::uint32_t>(turned);
    const auto high = static_cast<std::uint32_t>(turned >> 32);
    return (low + high * 0x61) % kNumbers;
}

}  // namespace

SpanCounts SpanCounter::count(std::string_view content, ContentKind kind) {
    if (bytes_.empty()) bytes_.resize(kNumbers);
    SpanCounts counts;
    std::uint64_t turned = 0;
    std::uint32_t length = 0;
    // A last piece that neither ends a line nor is full does not count.
    for (std::size_t i = 0; i < content.size(); ++i) {
        const char c = content[i];
        if (c == '\r' && kind == ContentKind::kText && i + 1 < content.size() &&
            content[i + 1] == '\n')
            continue;
        turned = std::rotl(turned, 7);
        const std::uint32_t low =
            static_cast<std::uint32_t>(turned) + static_cast<unsigned char>(c);
        turned = (turned & ~std::uint64_t{0xFFFFFFFF}) | low;
        ++length;
        if (length < kLongestPiece && c != '\n') continue;
        const std::uint32_t number = number_of(turned);
        if (bytes_[number] == 0) counts.push_back({number, 0});
        bytes_[number] += length;
        turned = 0;
        length = 0;
    }
    std::ranges::sort(counts, {}, &SpanCount::number);
    for (SpanCount& count : counts) {
        count.bytes = bytes_[count.number];
        bytes_[count.number] = 0;
    }
    return counts;
}

std::uint64_t common_bytes(const SpanCounts& before, const SpanCounts& after) {
    std::uint64_t common = 0;
    auto left = before.begin();
    auto right = after.begin();
    while (left != before.end() && right != after.end()) {
        if (left->number < right->number) {
            ++left;
        } else if (right->number < left->number) {
            ++right;
        } else {
            common += std::min(left->bytes, right->bytes);
            ++left;
            ++right;
        }
    }
    return common;
}

}  // namespace merlon::connect::git
