#include "rego/text_search.h"

#include <algorithm>
#include <cstring>

namespace merlon::rego {
namespace {

// What is no longer costs as many steps for a byte of the text at most.
constexpr std::size_t kShortBytes = 16;

// Whether `left` stands before `right`, read from their ends.
bool is_before_reversed(std::string_view left, std::string_view right) {
    return std::lexicographical_compare(
        left.rbegin(), left.rend(), right.rbegin(), right.rend(), [](char a, char b) {
            return static_cast<unsigned char>(a) < static_cast<unsigned char>(b);
        });
}

// Sorted, and without those that another one is the beginning (or the end) of.
template <typename Before, typename Covers>
RecycledVector<std::string_view> without_covered(RecycledVector<std::string_view> texts,
                                                 Before before, Covers covers) {
    std::ranges::sort(texts, before);
    RecycledVector<std::string_view> kept;
    for (const std::string_view text : texts) {
        if (kept.empty() || !covers(text, kept.back())) kept.push_back(text);
    }
    return kept;
}

bool begins_with(std::string_view text, std::string_view base) { return text.starts_with(base); }
bool has_end(std::string_view text, std::string_view base) { return text.ends_with(base); }

}  // namespace

std::size_t find_text(std::string_view text, std::string_view search, std::size_t from) {
    if (search.size() <= kShortBytes || from >= text.size()) return text.find(search, from);
    const void* const found =
        memmem(text.data() + from, text.size() - from, search.data(), search.size());
    if (found == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// Knuth, Morris and Pratt: how much of the search stands before a place is enough to know.
void find_overlapping(std::string_view text, std::string_view search,
                      const std::function<bool(std::size_t at)>& found) {
    RecycledVector<std::size_t> shorter(search.size() + 1,
                                        0);  // what of so much is also its beginning
    for (std::size_t i = 1, held = 0; i < search.size(); ++i) {
        while (held > 0 && search[i] != search[held]) held = shorter[held];
        if (search[i] == search[held]) ++held;
        shorter[i + 1] = held;
    }
    for (std::size_t i = 0, held = 0; i < text.size(); ++i) {
        while (held > 0 && (held == search.size() || text[i] != search[held])) held = shorter[held];
        if (text[i] == search[held]) ++held;
        if (held == search.size() && !found(i + 1 - held)) return;
    }
}

Beginnings::Beginnings(RecycledVector<std::string_view> texts)
    : sorted_(without_covered(std::move(texts), std::less(), begins_with)) {}

bool Beginnings::begin(std::string_view text) const {
    const auto behind = std::ranges::upper_bound(sorted_, text);
    return behind != sorted_.begin() && text.starts_with(*std::prev(behind));
}

Endings::Endings(RecycledVector<std::string_view> texts)
    : sorted_(without_covered(std::move(texts), is_before_reversed, has_end)) {}

bool Endings::end(std::string_view text) const {
    const auto behind = std::ranges::upper_bound(sorted_, text, is_before_reversed);
    return behind != sorted_.begin() && text.ends_with(*std::prev(behind));
}

}  // namespace merlon::rego
