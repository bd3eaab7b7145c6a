#include "scan/masked_text.h"

#include <algorithm>

#include "model/fingerprint.h"
#include "text/utf8.h"

namespace merlon::scan {
namespace {

constexpr std::size_t kLineHashBytes = 400;  // 100 characters that are not blank
// What is shorter is no secret whose second place has to be hidden too.
constexpr std::size_t kLeastRepeatBytes = 4;

}  // namespace

std::string masked_text(std::string_view text, std::uint64_t begin, std::uint64_t end,
                        const secrets::PlaceIndex& places, ShowSecrets show) {
    if (show == ShowSecrets::kShown) return text::to_valid_utf8(text.substr(begin, end - begin));
    std::string out;
    std::uint64_t at = begin;
    for (std::size_t i = places.first_reaching(begin); i < places.size(); ++i) {
        const secrets::PlaceIndex::Place& place = places[i];
        if (place.begin >= end) break;
        if (place.end <= at) continue;
        const std::uint64_t from = std::max(place.begin, at);
        out += text::to_valid_utf8(text.substr(at, from - at));
        out += model::mask_secret(text.substr(from, std::min(place.end, end) - from));
        at = std::min(place.end, end);
    }
    if (at < end) out += text::to_valid_utf8(text.substr(at, end - at));
    return out;
}

std::vector<std::string_view> secrets_near(std::string_view text, const secrets::Fact& fact,
                                           const secrets::PlaceIndex& places) {
    std::vector<std::string_view> near{fact.secret};
    const std::uint64_t begin = fact.begin - std::min<std::uint64_t>(fact.begin, kMaxExcerptBytes);
    const std::uint64_t end = fact.end + kMaxExcerptBytes;
    for (std::size_t i = places.first_reaching(begin); i < places.size(); ++i) {
        if (places[i].begin >= end) break;
        if (places[i].end > text.size()) continue;
        near.push_back(text.substr(places[i].begin, places[i].end - places[i].begin));
    }
    std::erase_if(near, [](std::string_view secret) { return secret.size() < kLeastRepeatBytes; });
    std::sort(near.begin(), near.end(), [](std::string_view a, std::string_view b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    near.erase(std::unique(near.begin(), near.end()), near.end());
    return near;
}

std::string without_repeats(std::string text, const std::vector<std::string_view>& secrets) {
    for (const std::string_view secret : secrets) {
        const std::string mask = model::mask_secret(secret);
        for (std::size_t at = text.find(secret); at != std::string::npos;
             at = text.find(secret, at + mask.size())) {
            text.replace(at, secret.size(), mask);
        }
    }
    return text;
}

std::string line_hash_text(std::string_view text, std::uint64_t begin,
                           const secrets::PlaceIndex& places) {
    for (std::uint64_t size = kLineHashBytes;; size *= 4) {
        const std::uint64_t end = std::min<std::uint64_t>(text.size(), begin + size);
        std::string masked = masked_text(text, begin, end, places, ShowSecrets::kMasked);
        const auto blanks = std::count_if(masked.begin(), masked.end(), [](char c) {
            return c == ' ' || c == '\t' || c == '\r' || c == '\n';
        });
        if (end == text.size() ||
            masked.size() - static_cast<std::size_t>(blanks) >= kLineHashBytes) {
            return masked;
        }
    }
}

}  // namespace merlon::scan
