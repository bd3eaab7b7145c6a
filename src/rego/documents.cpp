#include "rego/documents.h"

#include <vector>

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

Value placed_at(std::span<const std::string> path, Value document, value::Builder& values) {
    for (std::size_t i = path.size(); i > 0; --i) {
        const value::Builder::Entry entry(values.key(path[i - 1]), document);
        document = values.object({&entry, 1});
    }
    return document;
}

std::optional<Value> joined(const Value& left, const Value& right, value::Builder& values) {
    return joined_at(left, right, 0, values);
}

}  // namespace merlon::rego
