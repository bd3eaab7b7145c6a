#include "sca/string_pool.h"

#include <algorithm>
#include <numeric>

#include "base/assert.h"

namespace merlon::sca {
namespace {

void append_number(std::string& out, std::size_t number) {
    while (number >= 0x80) {
        out.push_back(static_cast<char>(number | 0x80));
        number >>= 7;
    }
    out.push_back(static_cast<char>(number));
}

bool read_number(std::string_view& bytes, std::size_t& number) {
    number = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        if (bytes.empty()) return false;
        const auto byte = static_cast<std::uint8_t>(bytes.front());
        bytes.remove_prefix(1);
        number |= static_cast<std::size_t>(byte & 0x7F) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

std::size_t common_prefix(std::string_view left, std::string_view right) {
    const std::size_t limit = std::min(left.size(), right.size());
    std::size_t count = 0;
    while (count < limit && left[count] == right[count]) ++count;
    return count;
}

}  // namespace

std::uint32_t StringPoolWriter::add(std::string_view text) {
    const auto found = numbers_.find(text);
    if (found != numbers_.end()) return found->second;
    const auto number = static_cast<std::uint32_t>(texts_.size());
    texts_.push_back(arena_.copy(text));
    numbers_.emplace(texts_.back(), number);
    return number;
}

StringPoolWriter::Packed StringPoolWriter::finish() const {
    std::vector<std::uint32_t> order(texts_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
        return texts_[left] < texts_[right];
    });
    Packed packed;
    packed.count = static_cast<std::uint32_t>(texts_.size());
    packed.final_number.resize(texts_.size());
    std::string_view before;
    for (std::uint32_t i = 0; i < packed.count; ++i) {
        const std::string_view text = texts_[order[i]];
        packed.final_number[order[i]] = i;
        std::size_t shared = 0;
        if (i % kStringsPerBucket == 0) {
            packed.buckets.push_back(static_cast<std::uint32_t>(packed.bytes.size()));
        } else {
            shared = common_prefix(before, text);
            append_number(packed.bytes, shared);
        }
        append_number(packed.bytes, text.size() - shared);
        packed.bytes += text.substr(shared);
        before = text;
    }
    packed.buckets.push_back(static_cast<std::uint32_t>(packed.bytes.size()));
    return packed;
}

bool PooledStrings::next(std::string& text) {
    std::size_t shared = 0;
    std::size_t own = 0;
    if (!is_head_ && !read_number(rest_, shared)) return false;
    if (!read_number(rest_, own)) return false;
    if (shared > text.size() || own > rest_.size()) return false;
    is_head_ = false;
    text.replace(shared, std::string::npos, rest_.substr(0, own));
    rest_.remove_prefix(own);
    return true;
}

bool read_pooled(std::string_view bucket, std::uint32_t place, std::string& out) {
    out.clear();
    PooledStrings strings(bucket);
    for (std::uint32_t i = 0; i <= place; ++i) {
        if (!strings.next(out)) return false;
    }
    return true;
}

}  // namespace merlon::sca
