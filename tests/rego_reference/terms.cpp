#include <algorithm>
#include <numeric>

#include "reference.h"
#include "rego/compiler/nodes.h"
#include "rego/syntax/compare.h"

// Terms, unification and references: what has values.

namespace merlon::rego::reference {

using syntax::TermKind;

// Whether it needs a value from elsewhere: unification gives it one.
bool Evaluator::is_open(const Term& term) const {
    switch (term.kind) {
        case TermKind::kVariable:
            return !variables_.contains(term.text) && !syntax::is_root_document(term);
        case TermKind::kArray:
            return std::ranges::any_of(term.terms,
                                       [this](const Term* one) { return is_open(*one); });
        case TermKind::kObject:
            for (std::size_t i = 1; i < term.terms.size(); i += 2) {
                if (is_open(*term.terms[i])) return true;
            }
            return false;
        default:
            return false;
    }
}

bool Evaluator::values(const Term& term, const Yield& yield) {
    switch (term.kind) {
        case TermKind::kNull:
        case TermKind::kBoolean:
        case TermKind::kNumber:
        case TermKind::kString:
            return yield(term.constant);
        case TermKind::kVariable: {
            if (const auto found = variables_.find(term.text); found != variables_.end()) {
                const Value value = found->second;
                return yield(value);
            }
            return fail(ErrorKind::kInternal, "no value for " + std::string(term.text));
        }
        case TermKind::kReference:
            return references(term, yield);
        case TermKind::kArray:
        case TermKind::kSet:
        case TermKind::kObject:
            return collections(term, yield);
        default: {
            const std::optional<Value> made = comprehension(term);
            return made && yield(*made);
        }
    }
}

// All combinations of the terms' values. Those that wait for a variable come last: others may give
// it a value.
bool Evaluator::lists(std::span<const Term* const> terms, const YieldList& yield) {
    std::vector<std::size_t> order(terms.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_partition(order, [&](std::size_t i) { return !is_open(*terms[i]); });
    std::vector<Value> made(terms.size());
    const std::function<bool(std::size_t)> from = [&](std::size_t place) {
        if (place == order.size()) return yield(made);
        return values(*terms[order[place]], [&](const Value& value) {
            made[order[place]] = value;
            return from(place + 1);
        });
    };
    return from(0);
}

bool Evaluator::collections(const Term& term, const Yield& yield) {
    std::vector<Term*> parts(term.terms.begin(), term.terms.end());
    if (term.kind != TermKind::kArray) parts = syntax::sorted_elements(term);
    const std::vector<const Term*> terms(parts.begin(), parts.end());
    return lists(terms, [&](std::span<const Value> made) {
        if (term.kind == TermKind::kArray) return yield(builder_.array(made));
        if (term.kind == TermKind::kSet) return yield(builder_.set(made));
        std::vector<value::Builder::Entry> entries;
        for (std::size_t i = 0; i < made.size(); i += 2) entries.emplace_back(made[i], made[i + 1]);
        return yield(builder_.object(entries));
    });
}

std::optional<Value> Evaluator::comprehension(const Term& term) {
    const Place place = place_;
    place_.row = term.location->row;
    place_.column = term.location->column;
    std::vector<Value> items;
    std::vector<value::Builder::Entry> entries;
    const std::vector<const Term*> parts(term.terms.begin(), term.terms.end());
    solve(term.body, [&] {
        return lists(parts, [&](std::span<const Value> made) {
            if (term.kind != TermKind::kObjectComprehension) {
                items.push_back(made[0]);
                return true;
            }
            for (const auto& [key, value] : entries) {
                if (key != made[0]) continue;
                return value == made[1] || fail(ErrorKind::kConflict, "object keys must be unique");
            }
            entries.emplace_back(made[0], made[1]);
            return true;
        });
    });
    place_ = place;
    if (has_failed()) return std::nullopt;
    if (term.kind == TermKind::kObjectComprehension) return builder_.object(entries);
    return term.kind == TermKind::kSetComprehension ? builder_.set(items) : builder_.array(items);
}

// Makes both of each pair equal. Where neither side has a value, arrays and objects are taken
// apart, and variables wait for another pair.
bool Evaluator::unify(std::vector<Pair> pairs, const Next& next) {
    if (pairs.empty()) return next();
    const auto take = [&pairs](std::size_t place) {
        const Pair taken = pairs[place];
        pairs.erase(pairs.begin() + static_cast<std::ptrdiff_t>(place));
        return taken;
    };
    const auto give = [&](const Term& term, const Term& pattern) {
        return values(term, [&](const Value& value) {
            return match(value, pattern, [&] { return unify(pairs, next); });
        });
    };
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (!is_open(*pairs[i].left)) {
            const Pair pair = take(i);
            return give(*pair.left, *pair.right);
        }
        if (!is_open(*pairs[i].right)) {
            const Pair pair = take(i);
            return give(*pair.right, *pair.left);
        }
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const auto [left, right] = pairs[i];
        if (left->kind != right->kind || left->kind == TermKind::kVariable) continue;
        if (left->terms.size() != right->terms.size()) return true;
        take(i);
        for (std::size_t part = 0; part < left->terms.size(); ++part) {
            if (left->kind == TermKind::kArray) {
                pairs.push_back({left->terms[part], right->terms[part]});
                continue;
            }
            const Term& key = *left->terms[part++];
            std::size_t other = 0;
            while (other < right->terms.size() && syntax::compare(*right->terms[other], key) != 0) {
                other += 2;
            }
            if (other == right->terms.size()) return true;
            pairs.push_back({left->terms[part], right->terms[other + 1]});
        }
        return unify(pairs, next);
    }
    // A reference inside of a collection gives its other parts their values.
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        for (const bool is_left : {true, false}) {
            const Term& term = is_left ? *pairs[i].left : *pairs[i].right;
            if (term.kind == TermKind::kVariable) continue;
            const Pair pair = take(i);
            return give(term, is_left ? *pair.right : *pair.left);
        }
    }
    return fail(ErrorKind::kInternal, "no value for " + std::string(pairs[0].left->text));
}

bool Evaluator::match(const Value& value, const Term& pattern, const Next& next) {
    if (!is_open(pattern)) {
        return values(pattern, [&](const Value& other) { return other != value || next(); });
    }
    if (pattern.kind == TermKind::kVariable) return with_variable(pattern.text, value, next);
    std::vector<const Value*> parts;
    std::vector<const Term*> patterns;
    if (pattern.kind == TermKind::kArray) {
        if (!value.is_array() || value.size() != pattern.terms.size()) return true;
        for (const Value& item : value.items()) parts.push_back(&item);
        patterns.assign(pattern.terms.begin(), pattern.terms.end());
        return match_all(parts, patterns, next);
    }
    if (!value.is_object() || value.size() * 2 != pattern.terms.size()) return true;
    std::vector<const Term*> keys;
    for (std::size_t i = 0; i < pattern.terms.size(); i += 2) {
        keys.push_back(pattern.terms[i]);
        patterns.push_back(pattern.terms[i + 1]);
    }
    return lists(keys, [&](std::span<const Value> names) {
        parts.clear();
        for (const Value& name : names) parts.push_back(value.find(name));
        if (std::ranges::find(parts, nullptr) != parts.end()) return true;
        return match_all(parts, patterns, next);
    });
}

bool Evaluator::match_all(std::span<const Value* const> values,
                          std::span<const Term* const> patterns, const Next& next) {
    if (values.empty()) return next();
    return match(*values[0], *patterns[0],
                 [&] { return match_all(values.subspan(1), patterns.subspan(1), next); });
}

bool Evaluator::references(const Term& term, const Yield& yield) {
    const Term& head = *term.terms[0];
    const Terms path = term.terms.subspan(1);
    if (!variables_.contains(head.text)) {
        if (syntax::is_variable(head, "data")) {
            return walk_data(&analysis_.rules.root(), {}, path, yield);
        }
        if (syntax::is_variable(head, "input")) {
            if (!documents_.input) return true;
            const Value input = *documents_.input;
            return walk(input, path, Keys::kExact, yield);
        }
    }
    return values(head, [&](const Value& value) { return walk(value, path, Keys::kExact, yield); });
}

// A set has what was asked for, as it was asked for. A base document has its keys as text.
const Value* Evaluator::step(const Value& container, const Value& key, Keys keys) const {
    const Value* const found = element_of(container, key);
    if (found != nullptr) return container.is_set() ? &key : found;
    const bool may_be_text = keys == Keys::kNumbersAsText && container.is_object();
    return may_be_text && key.is_number() ? container.find(key.number_text()) : nullptr;
}

bool Evaluator::walk(const Value& value, Terms path, Keys keys, const Yield& yield) {
    if (path.empty()) return yield(value);
    const Term& next = *path[0];
    if (!is_open(next)) {
        return values(next, [&](const Value& key) {
            const Value* const found = step(value, key, keys);
            return found == nullptr || walk(*found, path.subspan(1), keys, yield);
        });
    }
    const bool is_list = value.is_array() || value.is_set();
    for (std::size_t i = 0; i < value.size() && (is_list || value.is_object()); ++i) {
        const Value& element = is_list ? value.items()[i] : value.values()[i];
        const Value key = value.is_array() ? builder_.integer(static_cast<std::int64_t>(i))
                          : value.is_set() ? element
                                           : value.keys()[i];
        const bool goes_on =
            match(key, next, [&] { return walk(element, path.subspan(1), keys, yield); });
        if (!goes_on) return false;
    }
    return true;
}

const Value* Evaluator::base_document(std::span<const Value> path) const {
    const Value* found = &documents_.data;
    for (const Value& key : path) {
        found = step(*found, key, Keys::kNumbersAsText);
        if (found == nullptr) return nullptr;
    }
    return found;
}

bool Evaluator::is_shadowed(const RuleNode& node) const {
    const auto& shadowed = documents_.shadowed;
    for (const RuleNode* one = &node; one != nullptr; one = one->parent) {
        if (std::ranges::find(shadowed, one) != shadowed.end()) return true;
    }
    return false;
}

// Below `data` rules come first: `node` is where those of the path so far stand. Where there are
// none, or a `with` has replaced them, it is the base document.
bool Evaluator::walk_data(const RuleNode* node, std::vector<Value> before, Terms path,
                          const Yield& yield) {
    if (node == nullptr || is_shadowed(*node)) {
        const Value* const found = base_document(before);
        return found == nullptr || walk(*found, path, Keys::kNumbersAsText, yield);
    }
    if (!node->rules.empty() || path.empty()) {
        if (node->arity() > 0) return true;  // a function is no document
        const std::optional<Value> made = document(*node);
        if (has_failed()) return false;
        return !made || walk(*made, path, Keys::kExact, yield);
    }
    if (is_open(*path[0])) return walk_children(*node, before, path, yield);
    return values(*path[0], [&](const Value& key) {
        std::vector<Value> behind = before;
        behind.push_back(key);
        const RuleNode* const child = node->child(key);
        return walk_data(child, std::move(behind), path.subspan(1), yield);
    });
}

bool Evaluator::walk_children(const RuleNode& node, const std::vector<Value>& before, Terms path,
                              const Yield& yield) {
    const auto enter = [&](const RuleNode* child, const Value& key) {
        std::vector<Value> behind = before;
        behind.push_back(key);
        return match(key, *path[0],
                     [&] { return walk_data(child, behind, path.subspan(1), yield); });
    };
    for (const auto& [key, child] : node.children) {
        if (!enter(child.get(), key)) return false;
    }
    const Value* const base = base_document(before);
    if (base == nullptr || !base->is_object()) return true;
    for (const Value& key : base->keys()) {
        if (node.child(key) == nullptr && !enter(nullptr, key)) return false;
    }
    return true;
}

}  // namespace merlon::rego::reference
