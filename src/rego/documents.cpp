#include "rego/documents.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "rego/builtins.h"
#include "rego/json_patch.h"

namespace merlon::rego {

using value::Value;

namespace {

constexpr std::size_t kMaxJoinDepth = 1'000;

std::optional<Value> joined_at(const Value& left, const Value& right, std::size_t depth,
                               value::Builder& values) {
    if (!left.is_object() || !right.is_object() || depth > kMaxJoinDepth) return std::nullopt;
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i < left.size(); ++i) {
        entries.emplace_back(left.keys()[i], left.values()[i]);
    }
    for (std::size_t i = 0; i < right.size(); ++i) {
        const Value* const under = left.find(right.keys()[i]);
        std::optional<Value> both = right.values()[i];
        if (under != nullptr) both = joined_at(*under, right.values()[i], depth + 1, values);
        if (!both) return std::nullopt;
        entries.emplace_back(right.keys()[i], *both);
    }
    return values.object(entries);
}

}  // namespace

const Value* stored_element(const Value& container, const Value& step) {
    const bool is_array = container.is_array();
    if (!is_array || (step.is_number() && step.is_plain_integer())) {
        const Value* const found = element_of(container, step);
        if (found != nullptr || is_array || !step.is_number()) return found;
        return container.is_object() ? container.find(step.number_text()) : nullptr;
    }
    if (!step.is_string() && !step.is_number()) return nullptr;
    const std::string text = step.is_number() ? step.number_text() : std::string(step.as_string());
    const auto place = index_of_step(text);
    const bool is_there =
        place && *place >= 0 && static_cast<std::size_t>(*place) < container.size();
    return is_there ? &container.items()[static_cast<std::size_t>(*place)] : nullptr;
}

Value placed_at(std::span<const std::string> path, Value document, value::Builder& values) {
    for (std::size_t i = path.size(); i > 0; --i) {
        const value::Builder::Entry entry(values.key(path[i - 1]), document);
        document = values.object({&entry, 1});
    }
    return document;
}

std::vector<std::string> conflict_of(const Value& left, const Value& right) {
    std::vector<std::string_view> keys;
    for (const Value& key : right.keys()) keys.push_back(key.as_string());
    std::ranges::sort(keys);
    for (const std::string_view key : keys) {
        const Value* const found = left.find(key);
        if (found == nullptr) continue;
        const Value& added = *right.find(key);
        std::vector<std::string> path{std::string(key)};
        if (!found->is_object() || !added.is_object()) return path;
        const auto below = conflict_of(*found, added);
        if (below.empty()) continue;
        path.insert(path.end(), below.begin(), below.end());
        return path;
    }
    return {};
}

const Value* found_at(const Value& document, std::span<const std::string> path) {
    const Value* found = &document;
    for (std::size_t i = 0; found != nullptr && i < path.size(); ++i) {
        found = found->is_object() ? found->find(path[i]) : nullptr;
    }
    return found;
}

Value without(const Value& document, std::span<const std::string> path, value::Builder& values) {
    if (path.empty()) return values.object({});
    if (found_at(document, path) == nullptr) return document;
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i < document.size(); ++i) {
        const bool leads_there = document.keys()[i].as_string() == path[0];
        if (leads_there && path.size() == 1) continue;
        entries.emplace_back(document.keys()[i],
                             leads_there ? without(document.values()[i], path.subspan(1), values)
                                         : document.values()[i]);
    }
    return values.object(entries);
}

std::optional<Value> joined(const Value& left, const Value& right, value::Builder& values) {
    return joined_at(left, right, 0, values);
}

}  // namespace merlon::rego
