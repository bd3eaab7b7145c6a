#include <algorithm>
#include <utility>

#include "reference.h"
#include "rego/compiler/nodes.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/print.h"

// Rules and functions: what they give together.

namespace merlon::rego::reference {

using syntax::Rule;
using syntax::TermKind;

namespace {

bool is_set_rule(const Rule& rule) {
    return rule.head->value == nullptr && rule.head->key != nullptr;
}

bool is_constant(const Term& term) {
    if (term.kind <= TermKind::kString) return true;
    const bool is_collection = term.kind == TermKind::kArray || term.kind == TermKind::kObject ||
                               term.kind == TermKind::kSet;
    return is_collection &&
           std::ranges::all_of(term.terms, [](const Term* one) { return is_constant(*one); });
}

// Where all rules give one constant, the first that holds decides.
bool give_one_constant(std::span<const PlacedRule> rules) {
    const Term* first = nullptr;
    for (const PlacedRule& placed : rules) {
        if (placed.rule->is_default) continue;
        const Term& value = *placed.rule->head->value;
        if (placed.rule->otherwise != nullptr || !is_constant(value)) return false;
        if (first != nullptr && syntax::compare(*first, value) != 0) return false;
        first = &value;
    }
    return true;
}

}  // namespace

// The document at a place where rules are, or below: of them all.
std::optional<Value> Evaluator::document(const RuleNode& node) {
    if (const auto known = documents_.known.find(&node); known != documents_.known.end()) {
        return known->second;
    }
    std::optional<Value> made;
    std::vector<PlacedRule> rules = node.rules.empty() ? node.rules : node.all_rules();
    const std::size_t depth = node.path().size() + 1;
    const bool is_partial = std::ranges::any_of(rules, [depth](const PlacedRule& placed) {
        return placed.rule->head->reference.size() > depth || is_set_rule(*placed.rule);
    });
    if (rules.empty()) {
        made = extent(node);
    } else if (is_partial) {
        // What stands deeper comes first, so that who gives the whole object meets it.
        std::ranges::stable_sort(rules, std::greater(), [](const PlacedRule& placed) {
            return placed.rule->head->reference.size();
        });
        made = partial(node, rules);
    } else {
        made = complete(node, {});
    }
    if (!has_failed()) documents_.known[&node] = made;
    return made;
}

std::optional<Value> Evaluator::extent(const RuleNode& node) {
    std::vector<value::Builder::Entry> entries;
    std::vector<Value> path;
    for (const Term* step : node.path()) path.push_back(step->constant);
    for (const auto& [key, child] : node.children) {
        std::vector<Value> below = path;
        below.push_back(key);
        walk_data(child.get(), below, {}, [&](const Value& value) {
            entries.emplace_back(below.back(), value);
            return true;
        });
        if (has_failed()) return std::nullopt;
    }
    const Value made = builder_.object(entries);
    const Value* const base = base_document(path);
    if (base == nullptr) return made;
    return base->is_object() ? std::optional(merged(*base, made)) : std::nullopt;
}

Value Evaluator::merged(const Value& base, const Value& made) {
    if (!base.is_object() || !made.is_object()) return base;
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i < made.size(); ++i) {
        entries.emplace_back(made.keys()[i], made.values()[i]);
    }
    for (std::size_t i = 0; i < base.size(); ++i) {
        const Value* const under = made.find(base.keys()[i]);
        const Value& over = base.values()[i];
        entries.emplace_back(base.keys()[i], under == nullptr ? over : merged(over, *under));
    }
    return builder_.object(entries);
}

std::optional<Value> Evaluator::apply(const Callee& callee, std::span<const Value> arguments) {
    if (callee.rules == nullptr) return apply_builtin(callee.builtin, arguments);
    if (callee.rules->arity() == arguments.size()) return complete(*callee.rules, arguments);
    fail(ErrorKind::kInternal, "a function is replaced by one of other arguments");
    return std::nullopt;
}

// Inside of what stands for another function, functions are themselves again.
std::optional<Value> Evaluator::apply_instead(const Callee& callee,
                                              std::span<const Value> arguments) {
    if (callee.value) return callee.value;
    Documents inner = documents_;
    inner.known.clear();
    inner.replaced.clear();
    std::swap(documents_, inner);
    std::optional<Value> result = apply(callee, arguments);
    std::swap(documents_, inner);
    return result;
}

std::optional<Value> Evaluator::apply_builtin(const std::string& name,
                                              std::span<const Value> arguments) {
    const Builtin* const builtin = known_.function(name);
    if (builtin == nullptr) {
        fail(ErrorKind::kInternal, "unsupported built-in: " + name);
        return std::nullopt;
    }
    const Outcome outcome = call(*builtin, context_, arguments);
    if (outcome.ok()) return outcome.value();
    if (outcome.state() == Outcome::State::kUndefined) return std::nullopt;
    const ErrorKind kind = context_.error_kind();
    const bool is_lenient = (kind == ErrorKind::kType || kind == ErrorKind::kBuiltin) &&
                            options_.builtin_errors == BuiltinErrors::kUndefined;
    if (!is_lenient) fail(kind, name + ": " + context_.error_text());
    return std::nullopt;
}

// Solves one rule, with variables of its own, and gives the values of these terms of its head.
bool Evaluator::heads(const PlacedRule& placed, const Rule& rule, std::span<const Value> arguments,
                      std::span<const Term* const> terms, const YieldList& yield) {
    Variables outside = std::exchange(variables_, {});
    const Place place =
        std::exchange(place_, {placed.file, rule.head->location->row, rule.head->location->column});
    std::vector<const Value*> given;
    for (const Value& argument : arguments) given.push_back(&argument);
    const std::vector<const Term*> patterns(rule.head->arguments.begin(),
                                            rule.head->arguments.end());
    const bool goes_on = match_all(
        given, patterns, [&] { return solve(rule.body, [&] { return lists(terms, yield); }); });
    place_ = place;
    variables_ = std::move(outside);
    return goes_on;
}

bool Evaluator::keep_once(std::optional<Value>& kept, const Value& value, const RuleNode& node) {
    if (!kept) kept = value;
    if (*kept == value) return true;
    std::string name = "data";
    for (const Term* step : node.path()) name += "." + syntax::to_text(*step);
    return fail(ErrorKind::kConflict,
                node.arity() == 0
                    ? "rule " + name + " produced conflicting values"
                    : "function " + name + " produced conflicting values for the same inputs");
}

// The rules of a document, or of a function, must agree; of a rule and what follows its `else` the
// first that holds counts; a default counts where nothing else does.
std::optional<Value> Evaluator::complete(const RuleNode& node, std::span<const Value> arguments) {
    std::optional<Value> result;
    const bool is_enough = give_one_constant(node.rules);
    const auto evaluate = [&](const PlacedRule& placed) {
        std::optional<Value> chosen;
        for (const Rule* rule = placed.rule; rule != nullptr && !chosen; rule = rule->otherwise) {
            const Term* const terms[] = {rule->head->value};
            heads(placed, *rule, arguments, terms, [&](std::span<const Value> values) {
                return keep_once(chosen, values[0], node) && !is_enough;
            });
            if (has_failed()) return;
        }
        if (!chosen) return;
        const Place place = std::exchange(place_, {placed.file, placed.rule->head->location->row,
                                                   placed.rule->head->location->column});
        keep_once(result, *chosen, node);
        place_ = place;
    };
    for (const bool is_default : {false, true}) {
        for (const PlacedRule& placed : node.rules) {
            if (placed.rule->is_default != is_default) continue;
            if (result && (is_default || is_enough)) break;
            evaluate(placed);
            if (has_failed()) return std::nullopt;
        }
    }
    return result;
}

// Sets and objects that rules make an element at a time, perhaps inside of each other.
std::optional<Value> Evaluator::partial(const RuleNode& node, std::span<const PlacedRule> rules) {
    const std::size_t depth = node.path().size() + 1;
    std::optional<Value> made;
    for (const PlacedRule& placed : rules) {
        const syntax::Head& head = *placed.rule->head;
        const bool is_set = is_set_rule(*placed.rule);
        const Terms path = head.reference.subspan(depth);
        if (path.empty() && !is_set) continue;
        std::vector<const Term*> terms{is_set ? head.key : head.value};
        terms.insert(terms.end(), path.begin(), path.end());
        heads(placed, *placed.rule, {}, terms, [&](std::span<const Value> values) {
            const std::span<const Value> keys = values.subspan(1);
            const Value element = is_set ? builder_.set(values.first(1)) : values[0];
            made = put(made ? &*made : nullptr, keys, is_set ? nullptr : &element, element);
            return !has_failed();
        });
        if (has_failed()) return std::nullopt;
    }
    if (made) return made;
    const bool is_object = std::ranges::any_of(rules, [depth](const PlacedRule& placed) {
        return placed.rule->head->reference.size() > depth;
    });
    return is_object ? builder_.object({}) : builder_.set({});
}

// The container with one more entry at the keys; a set's elements where there is no entry.
Value Evaluator::put(const Value* container, std::span<const Value> keys, const Value* entry,
                     const Value& value) {
    if (keys.empty()) {
        if (container == nullptr) return value;
        if (entry == nullptr && container->is_set()) {
            std::vector<Value> items(container->items().begin(), container->items().end());
            items.push_back(value.items()[0]);
            return builder_.set(items);
        }
        if (*container == value) return *container;
    }
    if (keys.empty() || (container != nullptr && !container->is_object())) {
        fail(ErrorKind::kConflict, "object keys must be unique");
        return value;
    }
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; container != nullptr && i < container->size(); ++i) {
        entries.emplace_back(container->keys()[i], container->values()[i]);
    }
    const Value* const below = container == nullptr ? nullptr : container->find(keys[0]);
    entries.emplace_back(keys[0], put(below, keys.subspan(1), entry, value));
    return builder_.object(entries);
}

Value Evaluator::put_at(const Value* document, Terms path, const Value& value) {
    if (path.empty()) return value;
    std::vector<value::Builder::Entry> entries;
    const bool is_object = document != nullptr && document->is_object();
    for (std::size_t i = 0; is_object && i < document->size(); ++i) {
        entries.emplace_back(document->keys()[i], document->values()[i]);
    }
    const Value& key = path[0]->constant;
    const Value* const below = is_object ? document->find(key) : nullptr;
    entries.emplace_back(key, put_at(below, path.subspan(1), value));
    return builder_.object(entries);
}

}  // namespace merlon::rego::reference
