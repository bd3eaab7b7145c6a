#include "rego/syntax/compare.h"

#include <algorithm>
#include <compare>
#include <numeric>

namespace merlon::rego::syntax {
namespace {

template <typename T>
int order(const T& left, const T& right) {
    return left < right ? -1 : (right < left ? 1 : 0);
}

int sign(int value) { return value < 0 ? -1 : (value > 0 ? 1 : 0); }

template <typename Element, typename Compare>
int compare_each(std::span<Element> left, std::span<Element> right, Compare compare_elements) {
    const std::size_t common = std::min(left.size(), right.size());
    for (std::size_t i = 0; i < common; ++i) {
        if (const int found = compare_elements(left[i], right[i])) return found;
    }
    return order(left.size(), right.size());
}

int compare_pointers(const Term* left, const Term* right) {
    if (left == nullptr || right == nullptr) return left == right ? 0 : (left == nullptr ? -1 : 1);
    return compare(*left, *right);
}

int compare_parts(const TemplatePart& left, const TemplatePart& right) {
    if ((left.term == nullptr) != (right.term == nullptr)) return left.term != nullptr ? -1 : 1;
    return left.term != nullptr ? compare(*left.term, *right.term)
                                : compare(*left.expression, *right.expression);
}

// Sets, and objects by key and value in turn.
int compare_sorted(const Term& left, const Term& right) {
    std::vector<Term*> left_sorted = sorted_elements(left);
    std::vector<Term*> right_sorted = sorted_elements(right);
    return compare(Terms(left_sorted), Terms(right_sorted));
}

int compare_with(const With* left, const With* right) {
    if (const int found = compare(*left->target, *right->target)) return found;
    return compare(*left->value, *right->value);
}

// Indices of `count` things in ascending order, equal ones by index.
template <typename Get>
std::vector<std::size_t> sorted_indices(std::size_t count, Get get) {
    std::vector<std::size_t> indices(count);
    std::iota(indices.begin(), indices.end(), std::size_t{0});
    std::ranges::stable_sort(indices, [&](std::size_t left, std::size_t right) {
        return compare(*get(left), *get(right)) < 0;
    });
    return indices;
}

}  // namespace

int compare(Terms left, Terms right) {
    return compare_each(left, right, [](Term* a, Term* b) { return compare_pointers(a, b); });
}

int compare(Body left, Body right) {
    return compare_each(left, right, [](Expression* a, Expression* b) { return compare(*a, *b); });
}

int compare(const Term& left, const Term& right) {
    if (&left == &right) return 0;
    if (left.kind != right.kind) return order(left.kind, right.kind);
    switch (left.kind) {
        case TermKind::kNull:
        case TermKind::kBoolean:
        case TermKind::kNumber:
        case TermKind::kString:
            return sign(value::compare(left.constant, right.constant));
        case TermKind::kVariable:
            return sign(left.text.compare(right.text));
        case TermKind::kReference:
        case TermKind::kArray:
        case TermKind::kCall:
            return compare(left.terms, right.terms);
        case TermKind::kObject:
        case TermKind::kSet:
            return compare_sorted(left, right);
        case TermKind::kTemplateString:
            if (left.is_multi_line != right.is_multi_line) return left.is_multi_line ? 1 : -1;
            return compare_each(left.template_parts, right.template_parts, compare_parts);
        case TermKind::kArrayComprehension:
        case TermKind::kObjectComprehension:
        case TermKind::kSetComprehension:
            break;
    }
    if (const int found = compare(left.terms, right.terms)) return found;
    return compare(left.body, right.body);
}

int compare(const Expression& left, const Expression& right) {
    if (&left == &right) return 0;
    if (left.kind != right.kind) return order(left.kind, right.kind);
    if (left.index != right.index) return order(left.index, right.index);
    if (left.is_negated != right.is_negated) return left.is_negated ? 1 : -1;
    if (const int found = compare(left.terms, right.terms)) return found;
    if (const int found = compare(left.left, right.left)) return found;
    if (const int found = compare(left.right, right.right)) return found;
    if (left.has_explicit_left != right.has_explicit_left) return left.has_explicit_left ? 1 : -1;
    if (left.has_explicit_right != right.has_explicit_right)
        return left.has_explicit_right ? 1 : -1;
    return compare_each(left.with, right.with, compare_with);
}

int compare(const Import& left, const Import& right) {
    if (const int found = compare(*left.path, *right.path)) return found;
    return sign(left.alias.compare(right.alias));
}

std::vector<Term*> sorted_elements(const Term& term) {
    const std::size_t stride = term.kind == TermKind::kObject ? 2 : 1;
    const auto indices = sorted_indices(term.terms.size() / stride,
                                        [&](std::size_t i) { return term.terms[i * stride]; });
    std::vector<Term*> sorted;
    sorted.reserve(term.terms.size());
    for (const std::size_t index : indices) {
        for (std::size_t i = 0; i < stride; ++i) sorted.push_back(term.terms[index * stride + i]);
    }
    return sorted;
}

void drop_equal_elements(std::vector<Term*>& elements) {
    const auto indices =
        sorted_indices(elements.size(), [&](std::size_t i) { return elements[i]; });
    std::vector<Term*> kept = elements;
    for (std::size_t i = 1, first = 0; i < indices.size(); ++i) {
        if (compare(*elements[indices[first]], *elements[indices[i]]) == 0) {
            kept[indices[i]] = nullptr;
        } else {
            first = i;
        }
    }
    std::erase(kept, nullptr);
    elements = std::move(kept);
}

}  // namespace merlon::rego::syntax
