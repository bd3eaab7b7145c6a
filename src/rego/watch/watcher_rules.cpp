#include <set>

#include "rego/documents.h"
#include "rego/syntax/token.h"
#include "rego/term.h"
#include "rego/watch/saving.h"

namespace merlon::rego::watch {

using value::Value;

namespace {

struct ValueOrder {
    bool operator()(const Value& left, const Value& right) const {
        return value::compare(left, right) < 0;
    }
};

using FindElement = const Value* (*)(const Value& container, const Value& step);
const Value* find_at(const Value& document, std::span<const Value> path,
                     FindElement find = element_of) {
    const Value* found = &document;
    for (const Value& step : path) {
        found = find(*found, step);
        if (found == nullptr) break;
    }
    return found;
}

bool is_name(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !text.empty() && is_letter(text[0]) && std::ranges::all_of(text, [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9');
    });
}

// data.a["b c"][1]
std::string path_text(std::span<const Value> path) {
    std::string text = "data";
    for (const Value& step : path) {
        if (step.is_string() && is_name(step.as_string()) &&
            !syntax::is_keyword(step.as_string(), syntax::RegoVersion::kV1)) {
            text += "." + std::string(step.as_string());
        } else {
            text += "[" + term_text(step) + "]";
        }
    }
    return text;
}

// Who asks for all of `data` is not shown what the engine keeps there for itself.
constexpr std::string_view kSystemDocument = "system";

bool is_false(const Value& value) { return value.is_boolean() && !value.as_boolean(); }

}  // namespace

struct Watcher::Growing {
    std::map<Value, Growing, ValueOrder> entries = {};
    std::set<Value, ValueOrder> elements = {};
    std::optional<Value> leaf = {};
    bool is_set = false;
    bool is_whole = false;  // a rule has given it, and not what leads to its entries

    bool is_empty() const { return entries.empty() && !is_set && !leaf; }
    // False where it is another value.
    bool becomes_set() {
        if (leaf && !leaf->is_set()) return false;
        if (leaf) elements.insert(leaf->items().begin(), leaf->items().end());
        leaf.reset();
        is_set = true;
        return true;
    }
    Value freeze(value::Builder& values) const {
        if (leaf) return *leaf;
        if (is_set) return values.set(std::vector<Value>(elements.begin(), elements.end()));
        std::vector<value::Builder::Entry> made;
        for (const auto& [key, below] : entries) made.emplace_back(key, below.freeze(values));
        return values.object(made);
    }
};

bool Watcher::is_replaced(const Path& path) const {
    const auto is_above = [&path](const Path& target) {
        return target.size() <= path.size() &&
               std::equal(target.begin(), target.end(), path.begin());
    };
    return std::ranges::any_of(targets_, [&](const std::vector<Path>& targets) {
        return std::ranges::any_of(targets, is_above);
    });
}

std::optional<Value> Watcher::merged(const Value& over, const Value& under) {
    if (!over.is_object() || !under.is_object()) return over;
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i < under.size(); ++i) {
        if (over.find(under.keys()[i]) == nullptr) {
            entries.emplace_back(under.keys()[i], under.values()[i]);
        }
    }
    for (std::size_t i = 0; i < over.size(); ++i) {
        const Value* const below = under.find(over.keys()[i]);
        entries.emplace_back(over.keys()[i], below == nullptr ? over.values()[i]
                                                              : *merged(over.values()[i], *below));
    }
    return values_.object(entries);
}

// What stands in the data at this path, as `with` has changed it.
std::optional<Value> Watcher::document(const Frame& frame, const Path& path) const {
    const Value* const over = frame.data ? find_at(*frame.data, path) : nullptr;
    std::optional<Value> found;
    if (over != nullptr) found = *over;
    if (is_replaced(path)) return found;
    const Value* const under = find_at(data_, path, stored_element);
    if (under == nullptr) return found;
    if (!found) return *under;
    return const_cast<Watcher*>(this)->merged(*found, *under);
}

Watcher::Flow Watcher::tree(Way way, const compiler::RuleNode* node, Path path, Then then) {
    if (way.position == way.reference.size()) {
        const Nodes whole = is_partial() ? plugged_way(way, path) : Nodes();
        if (is_unknown(whole, way.bindings)) {
            return save_unification(way.frame, {made_reference(whole), way.bindings}, way.result,
                                    then);
        }
        Flow flow = nullptr;
        const auto value = extent(way.frame, node, path, flow);
        if (flow != nullptr || !value) return flow;
        return unify(way.frame, way.result, {maker_.value(*value), way.bindings}, then);
    }
    const Value* const key = maker_.plugged_value(way.reference[way.position], way.bindings);
    if (key == nullptr) return tree_enumerate(way, node, path, then);
    return tree_at(way, node, std::move(path), *key, then);
}

Watcher::Flow Watcher::tree_at(Way way, const compiler::RuleNode* node, Path path, const Value& key,
                               Then then) {
    path.push_back(key);
    const compiler::RuleNode* below = nullptr;
    if (node != nullptr && !is_replaced(path)) {
        below = node->child(key);
        const RuleSet* const set = below == nullptr ? nullptr : library_.rules_at(*below);
        if (set != nullptr) return rules(way, *below, *set, path, then);
    }
    ++way.position;
    return tree(way, below, std::move(path), then);
}

Watcher::Flow Watcher::tree_enumerate(const Way& way, const compiler::RuleNode* node,
                                      const Path& path, Then then) {
    if (is_partial()) {
        const Nodes whole = plugged_way(way, path);
        const Node* const above = made_reference(whole.first(way.position));
        if (saving_->inlining.is_disabled(above->parts, Inlining::Those::kAskedOnly) ||
            saving_->unknowns.contains(*above, nullptr)) {
            return save_unification(way.frame, {made_reference(whole), way.bindings}, way.result,
                                    then);
        }
    }
    const Node* const step = way.reference[way.position];
    const auto take = [&](const Value& key) -> Flow {
        return unify(way.frame, {maker_.value(key), way.bindings}, {step, way.bindings},
                     [&]() -> Flow { return tree_at(way, node, path, key, then); });
    };
    Flow deferred = nullptr;
    const std::optional<Value> base = document(way.frame, path);
    const bool is_array = base && base->is_array();
    const std::size_t size =
        base && (is_array || base->is_object() || base->is_set()) ? base->size() : 0;
    for (std::size_t i = 0; i < size; ++i) {
        const Value key = is_array            ? values_.integer(static_cast<std::int64_t>(i))
                          : base->is_object() ? base->keys()[i]
                                              : base->items()[i];
        const Flow flow = take(key);
        if (flow == nullptr) continue;
        if (flow->kind != Exit::Kind::kDeferred) return flow;
        if (deferred == nullptr) deferred = flow;
    }
    if (deferred != nullptr || node == nullptr) return deferred;
    for (const auto& [key, child] : node->children) {
        if (base && base->is_object() && base->find(key) != nullptr) continue;
        if (const Flow flow = take(key)) return flow;
    }
    return nullptr;
}

std::optional<Value> Watcher::extent(Frame& frame, const compiler::RuleNode* node, const Path& path,
                                     Flow& flow) {
    std::optional<Value> base = document(frame, path);
    if (path.empty() && base && base->find(kSystemDocument) != nullptr) {
        const std::string name(kSystemDocument);
        base = without(*base, std::span(&name, 1), values_);
    }
    if (node == nullptr) return base;
    Path below = path;
    const std::optional<Value> made = leaves(frame, *node, below, flow);
    if (flow != nullptr || !made) return base;
    return base ? merged(*made, *base) : made;
}

// All that rules make below this place.
std::optional<Value> Watcher::leaves(Frame& frame, const compiler::RuleNode& node, Path& path,
                                     Flow& flow) {
    std::vector<value::Builder::Entry> entries;
    for (const auto& [key, child] : node.children) {
        if (path.empty() && key.is_string() && key.as_string() == kSystemDocument) continue;
        path.push_back(key);
        std::optional<Value> found;
        if (library_.rules_at(*child) != nullptr) {
            std::vector<const Node*> parts{maker_.variable("data")};
            for (const Value& step : path) parts.push_back(maker_.value(step));
            Node reference;
            reference.kind = NodeKind::kReference;
            reference.parts = syntax::keep_pointers(parts, arena_);
            const Node* const leaf = maker_.variable("$_leaf");
            flow = unify(frame, {arena_.make<Node>(reference), frame.bindings},
                         {leaf, frame.bindings}, [&]() -> Flow {
                             const Value* const value = maker_.plugged_value(leaf, frame.bindings);
                             if (value != nullptr) found = *value;
                             return nullptr;
                         });
        } else {
            found = leaves(frame, *child, path, flow);
        }
        if (flow != nullptr) return std::nullopt;
        if (found) entries.emplace_back(path.back(), *found);
        path.pop_back();
    }
    return values_.object(entries);
}

Candidates Watcher::candidates(Frame& frame, const compiler::RuleNode& /*node*/, const RuleSet& set,
                               Nodes operands, std::string subject) {
    std::optional<Stopwatch> watch(std::in_place, options_.instruments,
                                   &Instruments::index_nanoseconds);
    const auto finder = finders_.try_emplace(&set, set, *library_.prepared().tree).first;
    const auto resolve = [&](const KnownReference& reference) -> std::optional<Value> {
        if (is_partial() && is_unknown(reference)) return values_.unknown();
        if (reference.root == Root::kArgument) {
            // Who goes through all of a package calls no function.
            if (reference.argument >= operands.size()) return values_.unknown();
            const Value* const value =
                maker_.plugged_value(operands[reference.argument], frame.bindings);
            return value == nullptr ? std::nullopt : std::optional<Value>(*value);
        }
        if (reference.root == Root::kData) return document(frame, reference.path);
        const Value* const found = frame.input ? find_at(*frame.input, reference.path) : nullptr;
        return found == nullptr ? std::nullopt : std::optional<Value>(*found);
    };
    Candidates found = finder->second.find(
        resolve, options_.indexing,
        is_partial() ? CandidateFinder::Asked::kAll : CandidateFinder::Asked::kFirstThatHolds);
    watch.reset();
    found.ends_early = found.ends_early && options_.early_exits == EarlyExits::kTaken;
    const std::size_t count = found.chains.size();
    std::string message = "(matched " + std::to_string(count) + (count == 1 ? " rule" : " rules");
    message += found.ends_early ? ", early exit)" : ")";
    tell(frame, {.operation = Operation::kIndex,
                 .location = frame.step().source->location,
                 .step = &frame.step(),
                 .subject = std::move(subject),
                 .message = std::move(message)});
    return found;
}

Watcher::Flow Watcher::rules(Way way, const compiler::RuleNode& node, const RuleSet& set,
                             const Path& path, Then then) {
    const Candidates found = candidates(way.frame, node, set, {}, path_text(path));
    // Rules whose order counts are kept as they are.
    if (is_partial() && found.has_else() && is_unknown(way.reference, way.bindings)) {
        return save_unification(way.frame, {made_reference(way.reference), way.bindings},
                                way.result, then);
    }
    if (set.is_multi_value || !set.has_ground_references) {
        return partial(way, set, found, path, then);
    }
    // Functions are no documents.
    if (found.is_empty() || node.arity() > 0) return nullptr;
    if (is_unknown(way.reference, way.bindings)) {
        return unknown_complete(way, found, path, then);
    }
    return complete(way, found, path, then);
}

Watcher::Flow Watcher::complete(const Way& way, const Candidates& candidates, const Path& path,
                                Then then) {
    if (const auto* const known = cached(path)) {
        note_cache_hit();
        if (!*known) return nullptr;
        Way on = way;
        ++on.position;
        return walk(on, {maker_.value(**known), way.bindings}, then);
    }
    note_cache_miss();
    std::optional<Value> previous;
    Flow deferred = nullptr;
    const auto take = [&](const RuleSteps& rule, bool& has_result) -> Flow {
        std::optional<Value> before = previous;
        const Flow flow = with_conflicts(
            complete_rule(way, rule, path, candidates.ends_early, before, has_result, then), rule,
            candidates, [&](const RuleSteps& one, Conflicts& found) {
                Bindings bindings;
                Frame inside = child(way.frame, *one.body, bindings, one.file);
                inside.finds_one = candidates.ends_early;
                tell(inside, Operation::kEnter, one);
                gather_value(inside, one, found);
            });
        if (has_result) previous = before;
        if (flow == nullptr || flow->kind != Exit::Kind::kDeferred) return flow;
        if (deferred == nullptr) deferred = flow;
        return nullptr;
    };
    for (const auto& chain : candidates.chains) {
        for (const RuleSteps* rule : chain) {
            bool has_result = false;
            if (const Flow flow = take(*rule, has_result)) return suppressed(flow);
            if (has_result) break;
        }
    }
    if (candidates.fallback != nullptr && !previous) {
        bool has_result = false;
        return suppressed(complete_rule(way, *candidates.fallback, path, candidates.ends_early,
                                        previous, has_result, then));
    }
    if (!previous) keep(path, std::nullopt);
    return suppressed(deferred);
}

Watcher::Flow Watcher::complete_rule(const Way& way, const RuleSteps& rule, const Path& path,
                                     bool finds_one, std::optional<Value>& previous,
                                     bool& has_result, Then then) {
    Bindings bindings;
    Frame inside = child(way.frame, *rule.body, bindings, rule.file);
    inside.finds_one = finds_one;
    tell(inside, Operation::kEnter, rule);
    return expression(inside, [&](Frame& found) -> Flow {
        tell(found, Operation::kExit, rule);
        const Value* const plugged = maker_.plugged_value(rule.value, found.bindings);
        if (plugged == nullptr) return nullptr;
        const Value result = *plugged;
        has_result = true;
        if (previous) {
            if (!(*previous == result)) {
                return conflict(found, rule,
                                "rule " + path_text(path) + " produced conflicting values");
            }
            tell(found, Operation::kRedo, rule);
            return nullptr;
        }
        previous = result;
        keep(path, result);
        Way on = way;
        ++on.position;
        if (const Flow flow = walk(on, {rule.value, found.bindings}, then)) return flow;
        tell(found, Operation::kRedo, rule);
        return nullptr;
    });
}

Watcher::Flow Watcher::partial(const Way& way, const RuleSet& set, const Candidates& candidates,
                               const Path& path, Then then) {
    Growing result;
    result.is_set = set.is_multi_value && set.has_ground_references;
    Way on = way;
    ++on.position;
    const auto walk_result = [&](const Value& value) -> Flow {
        return walk(on, {maker_.value(value), way.bindings}, then);
    };
    if (is_partial()) {
        bool is_done = false;
        const Flow flow = unknown_partial(way, set, candidates, path, then, is_done);
        if (is_done) return flow;
    }
    if (const auto* const known = cached(path); known != nullptr && *known) {
        if (on.position < way.reference.size() || !candidates.is_empty()) {
            note_cache_hit();
            return walk_result(**known);
        }
    }
    const auto make_all = [&]() -> Flow {
        note_cache_miss();
        if (const Flow flow = partial_all(way.frame, candidates, way.position, result)) return flow;
        const Value made = result.freeze(values_);
        keep(path, made);
        return walk_result(made);
    };
    if (on.position == way.reference.size()) return make_all();
    if (candidates.is_empty()) return nullptr;
    const Node* const first = maker_.plug(way.reference[on.position], way.bindings);
    if (first->kind == NodeKind::kVariable) return make_all();

    // Known steps narrow what is looked for; results are kept by them, and by the steps behind
    // the first unknown one.
    Path key = path;
    std::vector<Value> behind;
    std::size_t known_end = on.position;
    bool is_narrowed = false;
    const std::size_t end = longest_path(candidates, way.reference.size());
    for (std::size_t i = on.position; i < end; ++i) {
        const Node* const step = maker_.plug(way.reference[i], way.bindings);
        const bool is_known = step->kind == NodeKind::kValue;
        if (is_known && behind.empty()) {
            key.push_back(step->value);
            known_end = i + 1;
            is_narrowed = true;
        } else {
            if (!is_narrowed) break;
            behind.push_back(is_known ? step->value : values_.unknown());
        }
        Path asked = key;
        if (!behind.empty()) asked.push_back(values_.array(behind));
        if (const auto* const known = cached(asked); known != nullptr && *known) {
            note_cache_hit();
            on.position = known_end;
            return walk_result(**known);
        }
    }
    note_cache_miss();
    while (!behind.empty() && behind.back().kind() == value::Kind::kUnknown) behind.pop_back();
    for (const auto& chain : candidates.chains) {
        for (const RuleSteps* rule : chain) {
            if (const Flow flow = partial_rule(way, *rule, result)) return flow;
        }
    }
    const Value made = result.freeze(values_);
    if (is_narrowed) {
        const std::span<const Value> steps = std::span(key).subspan(path.size());
        if (const Value* const found = find_at(made, steps)) {
            Path kept = key;
            if (!behind.empty()) kept.push_back(values_.array(behind));
            keep(kept, *found);
        }
    }
    return walk_result(made);
}

Watcher::Flow Watcher::partial_all(Frame& frame, const Candidates& candidates, std::size_t position,
                                   Growing& result) {
    for (const auto& chain : candidates.chains) {
        for (const RuleSteps* rule : chain) {
            Bindings bindings;
            Frame inside = child(frame, *rule->body, bindings, rule->file);
            tell(inside, Operation::kEnter, *rule);
            const Flow flow = expression(inside, [&](Frame& found) -> Flow {
                tell(found, Operation::kExit, *rule);
                bool is_duplicate = false;
                if (const Flow wrong = reduce(found, *rule, position, result, is_duplicate)) {
                    return wrong;
                }
                tell(found, Operation::kRedo, *rule);
                return nullptr;
            });
            if (flow != nullptr) return flow;
        }
    }
    return nullptr;
}

Watcher::Flow Watcher::partial_rule(const Way& way, const RuleSteps& rule, Growing& result) {
    Bindings bindings;
    Frame inside = child(way.frame, *rule.body, bindings, rule.file);
    tell(inside, Operation::kEnter, rule);
    const Flow flow = unify_head(way, rule, inside, &bindings, way.position + 1, [&]() -> Flow {
        inside.is_defined = true;
        return expression(inside, [&](Frame& found) -> Flow {
            tell(found, Operation::kExit, rule);
            bool is_duplicate = false;
            if (const Flow wrong = reduce(found, rule, way.position, result, is_duplicate)) {
                return wrong;
            }
            if (is_duplicate) tell(found, Operation::kDuplicate, rule);
            tell(found, Operation::kRedo, rule);
            return nullptr;
        });
    });
    if (flow == nullptr && !inside.is_defined) tell(inside, Operation::kFail, rule);
    return flow;
}

// The steps of the reference with the variables of the rule's path, and with what it adds to a set.
Watcher::Flow Watcher::unify_head(const Way& way, const RuleSteps& rule, Frame& frame,
                                  Bindings* rule_bindings, std::size_t position, Then then) {
    if (position < way.reference.size() && position < rule.reference.size()) {
        return unify(frame, {way.reference[position], way.bindings},
                     {rule.reference[position], rule_bindings}, [&]() -> Flow {
                         return unify_head(way, rule, frame, rule_bindings, position + 1, then);
                     });
    }
    const bool has_element = rule.is_multi_value && position < way.reference.size() &&
                             rule.reference.size() <= way.reference.size();
    if (!has_element) return then();
    return unify(frame, {way.reference[position], way.bindings}, {rule.key, rule_bindings}, then);
}

Watcher::Flow Watcher::reduce(Frame& inside, const RuleSteps& rule, std::size_t position,
                              Growing& result, bool& is_duplicate) {
    const auto conflict = [&] {
        return fail(inside, ErrorKind::kConflict, "object keys must be unique",
                    rule.source->head->location);
    };
    Growing* place = &result;
    for (const Node* step : rule.reference.subspan(std::min(position + 1, rule.reference.size()))) {
        const Value* const key = maker_.plugged_value(step, inside.bindings);
        if (key == nullptr) return nullptr;
        // What a rule has given at a shorter path gets no entries.
        if (place != &result && place->is_whole) return conflict();
        place = &place->entries[*key];
    }
    const Node* const element = rule.is_multi_value ? rule.key : rule.value;
    const Value* const value = maker_.plugged_value(element, inside.bindings);
    if (value == nullptr) return nullptr;
    if (rule.is_multi_value) {
        if (!place->entries.empty() || !place->becomes_set()) return conflict();
        is_duplicate = !place->elements.insert(*value).second;
    } else if (place->is_empty()) {
        place->leaf = *value;
    } else {
        if (place->freeze(values_) != *value) return conflict();
        is_duplicate = true;
    }
    place->is_whole = true;
    return nullptr;
}

Watcher::Flow Watcher::function(Frame& frame, const Callee& callee, Nodes operands, Then then) {
    const RuleSet* const set = library_.rules_at(*callee.rules);
    if (set == nullptr) return nullptr;
    Path path;
    for (const syntax::Term* step : callee.rules->path()) path.push_back(step->constant);
    const Candidates found =
        candidates(frame, *callee.rules, *set, is_partial() ? Nodes() : operands, path_text(path));
    if (found.is_empty()) return nullptr;
    if (is_partial()) {
        if (found.has_else() && is_unknown(frame.step(), frame.bindings)) {
            return save_call(frame, operation_of(callee), callee.arity, operands, then);
        }
        if (is_function_kept(frame, callee, operands, found)) {
            return support_function(frame, callee, operands, found, then);
        }
    }
    const bool has_output = operands.size() > callee.arity;
    Path key{values_.string(callee.name)};
    for (const Node* operand : operands.first(std::min(operands.size(), callee.arity))) {
        const Value* const value = maker_.plugged_value(operand, frame.bindings);
        key.push_back(value == nullptr ? values_.unknown() : *value);
    }
    if (const auto* const known = cached(key); known != nullptr && *known && !is_partial()) {
        note_cache_hit();
        const Value result = **known;
        if (has_output) {
            return unify(frame, {operands.back(), frame.bindings},
                         {maker_.value(result), frame.bindings}, then);
        }
        return result.is_boolean() && !result.as_boolean() ? nullptr : then();
    }
    note_cache_miss();
    std::optional<Value> previous;
    Flow deferred = nullptr;
    for (const auto& chain : found.chains) {
        for (const RuleSteps* rule : chain) {
            bool has_result = false;
            std::optional<Value> before = previous;
            const Flow flow = with_conflicts(
                function_rule(frame, *rule, operands, found.ends_early, key, before, has_result,
                              then),
                *rule, found, [&](const RuleSteps& one, Conflicts& conflicts) {
                    gather_function(frame, one, operands, found.ends_early, conflicts);
                });
            if (has_result) previous = before;
            if (flow != nullptr) {
                if (flow->kind != Exit::Kind::kDeferred) return suppressed(flow);
                if (deferred == nullptr) deferred = flow;
            }
            if (has_result) break;
        }
    }
    if (found.fallback != nullptr && !previous) {
        bool has_result = false;
        return suppressed(function_rule(frame, *found.fallback, operands, found.ends_early, key,
                                        previous, has_result, then));
    }
    return suppressed(deferred);
}

void Watcher::gather_function(Frame& frame, const RuleSteps& rule, Nodes operands, bool finds_one,
                              Conflicts& found) {
    Bindings bindings;
    Frame inside = child(frame, *rule.body, bindings, rule.file);
    inside.finds_one = finds_one;
    std::vector<const Node*> arguments(rule.arguments.begin(), rule.arguments.end());
    if (operands.size() > arguments.size()) arguments.push_back(rule.value);
    tell(inside, Operation::kEnter, rule);
    unify_all(inside, operands, frame.bindings, arguments, inside.bindings, 0, [&]() -> Flow {
        gather_value(inside, rule, found);
        return nullptr;
    });
}

Watcher::Flow Watcher::function_rule(Frame& frame, const RuleSteps& rule, Nodes operands,
                                     bool finds_one, const Path& key,
                                     std::optional<Value>& previous, bool& has_result, Then then) {
    Bindings bindings;
    Frame inside = child(frame, *rule.body, bindings, rule.file);
    inside.finds_one = finds_one;
    std::vector<const Node*> arguments(rule.arguments.begin(), rule.arguments.end());
    const bool has_output = operands.size() > arguments.size();
    if (has_output) arguments.push_back(rule.value);
    tell(inside, Operation::kEnter, rule);
    const auto done = [&](Frame& found) -> Flow {
        tell(found, Operation::kExit, rule);
        if (!has_output && is_kept({rule.value, found.bindings})) {
            const Flow flow = save_term(frame, {rule.value, found.bindings}, then);
            tell(found, Operation::kRedo, rule);
            return flow;
        }
        const Value* const plugged = maker_.plugged_value(rule.value, found.bindings);
        if (plugged == nullptr && !is_partial()) return nullptr;
        const Value result = plugged == nullptr ? values_.unknown() : *plugged;
        has_result = true;
        if (is_partial() && (has_output || !is_false(result))) {
            previous = result;
            if (const Flow flow = then()) return flow;
            tell(found, Operation::kRedo, rule);
            return nullptr;
        }
        keep(key, result);
        if (previous && !(*previous == result)) {
            return conflict(found, rule,
                            "function " + std::string(key[0].as_string()) +
                                " produced conflicting values for the same inputs");
        }
        if (!has_output && result.is_boolean() && !result.as_boolean()) {
            previous = result;
            return nullptr;
        }
        if (!previous) {
            previous = result;
            if (const Flow flow = then()) return flow;
        }
        tell(found, Operation::kRedo, rule);
        return nullptr;
    };
    return unify_all(inside, operands, frame.bindings, arguments, inside.bindings, 0,
                     [&]() -> Flow { return expression(inside, done); });
}

}  // namespace merlon::rego::watch
