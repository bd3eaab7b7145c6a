#include "base/nearest.h"

#include <algorithm>
#include <vector>

namespace merlon {

std::size_t edit_distance(std::string_view left, std::string_view right) {
    // Three rows: a swap of neighbours looks two rows back.
    std::vector<std::size_t> before(right.size() + 1);
    std::vector<std::size_t> last(right.size() + 1);
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t j = 0; j <= right.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
            row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[right.size()];
}

namespace {

// Parts of fewer letters say nothing: "v2", "id".
constexpr std::size_t kShortestPart = 3;
constexpr std::size_t kMostNamed = 3;

std::vector<std::string_view> parts_of(std::string_view name) {
    std::vector<std::string_view> parts;
    while (!name.empty()) {
        const std::size_t end = std::min(name.find_first_of("-_ ."), name.size());
        if (end >= kShortestPart) parts.push_back(name.substr(0, end));
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return parts;
}

// Those that share the most parts with the word, where it is near to none as a whole.
std::vector<std::string_view> nearest_by_parts(std::string_view word,
                                               std::span<const std::string_view> candidates) {
    const std::vector<std::string_view> wanted = parts_of(word);
    std::vector<std::string_view> best;
    std::size_t most_shared = 1;
    for (const std::string_view candidate : candidates) {
        const std::vector<std::string_view> parts = parts_of(candidate);
        const auto shared =
            static_cast<std::size_t>(std::ranges::count_if(wanted, [&](std::string_view part) {
                return std::ranges::any_of(parts, [&](std::string_view other) {
                    return edit_distance(part, other) <= (part.size() > 4 ? 1 : 0);
                });
            }));
        if (shared < most_shared) continue;
        if (shared > most_shared) best.clear();
        most_shared = shared;
        best.push_back(candidate);
    }
    return best;
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
    std::string_view best;
    std::size_t best_distance = std::clamp<std::size_t>(word.size() / 3, 1, 3) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t longer = std::max(candidate.size(), word.size());
        if (longer - std::min(candidate.size(), word.size()) >= best_distance) continue;
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
    const std::string_view near = nearest(word, candidates);
    const std::vector<std::string_view> named =
        near.empty() ? nearest_by_parts(word, candidates) : std::vector<std::string_view>{near};
    if (named.empty()) return {};
    std::string text = "; did you mean ";
    const std::size_t shown = std::min(named.size(), kMostNamed);
    for (std::size_t i = 0; i < shown; ++i) {
        if (i > 0) text += i + 1 == shown ? " or " : ", ";
        text += "'" + std::string(named[i]) + "'";
    }
    return text + '?';
}

}  // namespace merlon
