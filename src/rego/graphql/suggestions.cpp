#include "rego/graphql/suggestions.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "text/utf8.h"

namespace merlon::rego::graphql {
namespace {

constexpr std::size_t kMaxListed = 5;

std::vector<std::uint32_t> points_of(std::string_view text) {
    std::vector<std::uint32_t> points;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = text::decode_utf8(text.substr(at));
        points.push_back(point.value);
        at += point.width;
    }
    return points;
}

// Levenshtein's; other cases are one edit.
std::size_t distance(std::string_view left_text, std::string_view right_text) {
    if (left_text == right_text) return 0;
    const std::string left_lower = lower_case(left_text);
    const std::string right_lower = lower_case(right_text);
    if (left_lower == right_lower) return 1;
    const auto left = points_of(left_lower);
    const auto right = points_of(right_lower);
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

}  // namespace

std::vector<std::string> similar_names(std::string_view name,
                                       std::span<const std::string> options) {
    const std::size_t most = name.size() * 2 / 5 + 1;
    std::vector<std::pair<std::size_t, std::string>> found;
    for (const std::string& option : options) {
        const std::size_t apart = distance(name, option);
        if (apart <= most) found.emplace_back(apart, option);
    }
    std::ranges::stable_sort(found, {}, &std::pair<std::size_t, std::string>::first);
    std::vector<std::string> names;
    for (auto& [apart, option] : found) names.push_back(std::move(option));
    return names;
}

std::string listed_names(std::span<const std::string> names, Quotes quotes) {
    names = names.first(std::min(names.size(), kMaxListed));
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += names.size() == 2 ? " or " : i + 1 == names.size() ? ", or " : ", ";
        text += quotes == Quotes::kYes ? "\"" + names[i] + "\"" : names[i];
    }
    return text;
}

std::string suggestion(std::string_view beginning, std::string_view name,
                       std::span<const std::string> options, Quotes quotes) {
    const std::vector<std::string> names = similar_names(name, options);
    if (names.empty()) return {};
    return " " + std::string(beginning) + " " + listed_names(names, quotes) + "?";
}

}  // namespace merlon::rego::graphql
