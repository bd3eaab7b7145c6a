#include <algorithm>
#include <array>

#include "rego/compiler/emitter.h"

namespace merlon::rego::compiler {
void Emitter::emit_query(std::string_view name, Body query,
                         const std::map<std::string_view, std::string_view>& written_names,
                         const std::vector<std::string_view>* captured) {
    Program& program = code_.program();
    Function plan;
    plan.name = name;
    plan.parameters = {0, 1};
    plan.entry = static_cast<std::uint32_t>(code_.size());
    code_.begin_function(2);
    file_ = UINT32_MAX;
    const Label end = code_.new_label();
    const Scope scope = enter(end);
    body(query);
    const Operand result = code_.new_register();
    std::vector<Operand> parts;
    for (const std::string_view variable : bound_) {
        const auto found = written_names.find(variable);
        const std::string_view shown = found == written_names.end() ? variable : found->second;
        if (syntax::is_wildcard(shown) || is_generated(shown)) continue;
        parts.push_back(code_.string(shown));
        parts.push_back(variables_.at(variable));
    }
    if (const auto keys = object_keys(parts)) {
        object_of(result, *keys, parts);
    } else {
        code_.emit({.opcode = Opcode::kMakeObject, .a = result});
        for (std::size_t i = 0; i < parts.size(); i += 2) {
            code_.emit({.opcode = Opcode::kInsert, .a = result, .b = parts[i], .c = parts[i + 1]});
        }
    }
    if (captured == nullptr) {
        code_.emit({.opcode = Opcode::kAddResult, .a = result});
    } else {
        std::vector<Operand> shown;
        for (const std::string_view variable : *captured) {
            const auto found = variables_.find(variable);
            shown.push_back(found == variables_.end() ? code_.boolean(true) : found->second);
        }
        const Operand values = array_of(shown);
        code_.emit({.opcode = Opcode::kAddResult, .a = array_of(std::array{result, values})});
    }
    code_.jump(code_.fail());
    leave(scope);
    code_.bind(end);
    code_.emit({.opcode = Opcode::kReturnUndefined});
    code_.end_function(plan);
    program.plans.push_back(std::move(plan));
}

void Emitter::finish() {
    while (!pending_.empty() || !pending_indexes_.empty() || !pending_keyed_.empty()) {
        if (!pending_keyed_.empty()) {
            const auto [node, known] = std::move(pending_keyed_.back());
            pending_keyed_.pop_back();
            emit_keyed(*node, known);
            continue;
        }
        if (pending_.empty()) {
            const Index index = pending_indexes_.back();
            pending_indexes_.pop_back();
            emit_index(index);
            continue;
        }
        RuleNode* const node = pending_.back();
        pending_.pop_back();
        emit_function(*node);
    }
    for (const Shadow& shadow : shadows_) {
        std::vector<std::uint32_t> functions;
        std::vector<const RuleNode*> nodes{shadow.node};
        while (!nodes.empty()) {
            const RuleNode* const node = nodes.back();
            nodes.pop_back();
            if (node->function != kNoFunction) functions.push_back(node->function);
            for (const auto& [name, child] : node->children) nodes.push_back(child.get());
        }
        Instruction& instruction = code_.program().code[shadow.instruction];
        instruction.b = code_.list(functions);
        instruction.c = static_cast<std::uint32_t>(functions.size());
    }
    finish_keyed();
    code_.finish();
}

void Emitter::emit_function(RuleNode& node) {
    const std::uint32_t number = node.function;
    code_.program().functions[number].entry = static_cast<std::uint32_t>(code_.size());
    code_.begin_function(static_cast<std::uint32_t>(2 + node.arity()));
    is_in_function_ = node.arity() > 0;
    if (node.rules.empty()) {
        emit_extent(node);
    } else {
        emit_rules(node);
    }
    is_in_function_ = false;
    code_.end_function(code_.program().functions[number]);
}

// All documents below a package: what rules make, over what stands in the base documents.
void Emitter::emit_extent(RuleNode& node) {
    file_ = UINT32_MAX;
    const Operand made = code_.new_register();
    code_.emit({.opcode = Opcode::kMakeObject, .a = made});
    // Who asks for all of `data` is not shown what the engine keeps there for itself.
    const bool is_root = node.parent == nullptr;
    const auto is_system = [](const Term& key) {
        return key.kind == TermKind::kString && key.text == "system";
    };
    for (const auto& [name, child] : node.children) {
        if (child->arity() > 0 || (is_root && is_system(*child->key))) continue;
        const Label next = code_.new_label();
        const Scope scope = enter(next);
        const Operand below = call_node(*child);
        code_.emit({.opcode = Opcode::kInsert, .a = made, .b = term(*child->key), .c = below});
        leave(scope);
        code_.bind(next);
    }
    const Label no_base = code_.new_label();
    const Scope scope = enter(no_base);
    std::vector<Operand> path;
    for (const Term* step : node.path()) path.push_back(term(*step));
    const Operand base = base_document(path);
    const Operand merged = code_.new_register();
    code_.emit({.opcode = Opcode::kMerge,
                .count = static_cast<std::uint16_t>(is_root ? 1 : 0),
                .a = merged,
                .b = base,
                .c = made});
    code_.emit({.opcode = Opcode::kReturn, .a = merged});
    leave(scope);
    code_.bind(no_base);
    code_.emit({.opcode = Opcode::kReturn, .a = made});
}

void Emitter::emit_rules(RuleNode& node) {
    const std::vector<PlacedRule> rules = node.all_rules();
    const Operand result = code_.new_register();
    file_ = rules[0].file;
    code_.set_place(file_, rules[0].rule->head->location);
    if (node.longest_key() > 0) {
        emit_entries(node, result);
    } else {
        emit_group(rules, result);
    }
    code_.emit({.opcode = Opcode::kReturn, .a = result});
}

void Emitter::emit_entries(RuleNode& node, Operand result) {
    const std::vector<PlacedRule> rules = node.all_rules();
    const std::size_t depth = node.path().size() + 1;
    const bool makes_object = std::ranges::any_of(rules, [depth](const PlacedRule& placed) {
        return placed.rule->head->reference.size() > depth;
    });
    code_.emit({.opcode = makes_object ? Opcode::kMakeObject : Opcode::kMakeSet, .a = result});
    const bool is_flat = std::ranges::none_of(rules, [depth](const PlacedRule& placed) {
        const syntax::Head& head = *placed.rule->head;
        return head.reference.size() > depth + 1 || is_multi_value(head);
    });
    const Entries entries = is_flat ? Entries::kFlat : Entries::kNested;
    emit_alternatives(rules, [&](const PlacedRule& placed) {
        emit_partial(*placed.rule, depth, entries, result);
    });
}

// A complete document or a function. Where every rule gives the same constant, the first one that
// holds decides.
void Emitter::emit_group(std::span<const PlacedRule> rules, Operand result) {
    code_.emit({.opcode = Opcode::kReset, .a = result});
    std::optional<Operand> constant;
    bool is_same = true;
    for (const PlacedRule& placed : rules) {
        if (placed.rule->is_default) continue;
        const auto value = constant_of(*placed.rule->head->value);
        const bool is_constant = value.has_value() && placed.rule->otherwise == nullptr;
        is_same = is_same && is_constant && (!constant || *constant == code_.constant(*value));
        if (is_same) constant = code_.constant(*value);
    }
    emit_alternatives(rules, [&](const PlacedRule& placed) {
        emit_chain(*placed.rule, result, is_same ? AfterSuccess::kReturn : AfterSuccess::kGoOn);
    });
    for (const PlacedRule& placed : rules) {
        file_ = placed.file;
        if (placed.rule->is_default) emit_default(*placed.rule, result);
    }
}

void Emitter::emit_rule_body(const syntax::Rule& rule, const std::function<void()>& success) {
    const Label end = code_.new_label();
    const std::uint32_t registers = code_.next_register();
    const Scope scope = enter(end);
    code_.set_place(file_, rule.head->location);
    for (std::size_t i = 0; i < rule.head->arguments.size(); ++i) {
        unify_operand(static_cast<Operand>(2 + i), *rule.head->arguments[i]);
    }
    take_keys(rule);
    body(rule.body);
    success();
    code_.jump(code_.fail());
    leave(scope);
    awaited_.clear();
    code_.release_registers(registers);
    code_.bind(end);
}

// A rule and what follows its `else`: the first that holds gives the value.
void Emitter::emit_chain(const syntax::Rule& rule, Operand result, AfterSuccess after) {
    if (rule.otherwise == nullptr) {
        emit_rule_body(rule, [&] {
            const Operand value = term(*rule.head->value);
            if (after == AfterSuccess::kReturn) {
                code_.emit({.opcode = Opcode::kMove, .a = result, .b = value});
                code_.emit({.opcode = Opcode::kReturn, .a = result});
            } else {
                code_.emit({.opcode = Opcode::kMoveOnce, .a = result, .b = value});
            }
        });
        return;
    }
    const std::uint32_t registers = code_.next_register();
    const Operand chosen = code_.new_register();
    code_.emit({.opcode = Opcode::kReset, .a = chosen});
    const Label decided = code_.new_label();
    for (const syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        emit_rule_body(*part, [&] {
            const Operand value = term(*part->head->value);
            code_.emit({.opcode = Opcode::kMoveOnce, .a = chosen, .b = value});
            // At once: what differs from another rule's value is not looked for to its end.
            code_.emit({.opcode = Opcode::kMoveOnce, .a = result, .b = value});
        });
        if (part->otherwise != nullptr) {
            code_.emit({.opcode = Opcode::kIsUndefined, .a = chosen}, decided);
        }
    }
    code_.bind(decided);
    code_.release_registers(registers);
}

void Emitter::emit_default(const syntax::Rule& rule, Operand result) {
    const Label defined = code_.new_label();
    code_.emit({.opcode = Opcode::kIsUndefined, .a = result}, defined);
    emit_rule_body(rule, [&] {
        const Operand value = term(*rule.head->value);
        code_.emit({.opcode = Opcode::kMoveOnce, .a = result, .b = value});
    });
    code_.bind(defined);
}

// An element of a set or an entry of an object, perhaps inside of objects that other rules make as
// well.
void Emitter::emit_partial(const syntax::Rule& rule, std::size_t depth, Entries entries,
                           Operand result) {
    emit_rule_body(rule, [&] {
        const syntax::Head& head = *rule.head;
        const bool is_set = is_multi_value(head);
        const Operand value = term(is_set ? *head.key : *head.value);
        std::vector<Operand> keys;
        for (const Term* step : head.reference.subspan(depth)) keys.push_back(term(*step));
        if (keys.empty() && !is_set) return;  // a complete rule is none of these
        check_keys(rule, keys);
        code_.set_place(file_, head.location);
        if (keys.empty()) {
            code_.emit({.opcode = Opcode::kAdd, .a = result, .b = value});
            return;
        }
        if (entries == Entries::kFlat) {
            code_.emit({.opcode = Opcode::kInsertOnce, .a = result, .b = keys[0], .c = value});
            return;
        }
        keys.push_back(value);
        code_.emit({.opcode = is_set ? Opcode::kPutElement : Opcode::kPut,
                    .count = static_cast<std::uint16_t>(keys.size()),
                    .a = result,
                    .b = code_.list(keys)});
    });
}

}  // namespace merlon::rego::compiler
