#include <algorithm>
#include <functional>

#include "rego/compiler/emitter.h"
#include "rego/compiler/variables.h"
#include "rego/syntax/print.h"

namespace merlon::rego::compiler {
namespace {

constexpr Operand kInput = 0;
constexpr Operand kData = 1;

}  // namespace

Operand Emitter::reference(const Term& reference) {
    const Term& head = *reference.terms[0];
    const Terms path = reference.terms.subspan(1);
    if (!is_bound(head.text) && syntax::is_variable(head, "data")) {
        return data_reference(&tree_.root(), path, {});
    }
    if (!is_bound(head.text) && syntax::is_variable(head, "input")) {
        if (!path.empty()) return walk(kInput, path, Documents::kOthers);
        // A copy: `with` may put another document into the register while the copy is in use.
        const Operand copied = code_.new_register();
        code_.emit({.opcode = Opcode::kIsDefined, .a = kInput});
        code_.emit({.opcode = Opcode::kMove, .a = copied, .b = kInput});
        return copied;
    }
    if (head.kind == TermKind::kVariable && !is_bound(head.text)) {
        // Another part of its expression binds it, and stands behind it: it is undefined here.
        code_.jump(code_.fail());
        for (const Term* step : path) bind_unreached(*step);
        return code_.boolean(false);
    }
    return walk(term(head), path, Documents::kOthers);
}

bool Emitter::leads_to_base(const Term& term) const {
    if (term.kind != TermKind::kReference || !syntax::is_variable(*term.terms[0], "data")) {
        return false;
    }
    const RuleNode* node = &tree_.root();
    for (const Term* step : term.terms.subspan(1)) {
        if (node == nullptr) return true;
        if (!node->rules.empty() || !is_scalar(*step)) return false;
        node = node->child(*step);
    }
    return node == nullptr || node->rules.empty();
}

Operand Emitter::walk(Operand operand, Terms path, Documents documents) {
    // Steps that are constants are taken in one instruction. What comes between them may need a
    // register of its own.
    std::vector<Operand> constants;
    const bool is_base = documents == Documents::kBase;
    const auto take = [&] {
        if (constants.empty()) return;
        const Operand below = code_.new_register();
        if (constants.size() == 1) {
            code_.emit({.opcode = Opcode::kDot,
                        .count = static_cast<std::uint16_t>(is_base ? 1 : 0),
                        .a = below,
                        .b = operand,
                        .c = constants[0]});
        } else {
            code_.emit(
                {.opcode = Opcode::kWalk,
                 .count = static_cast<std::uint16_t>(constants.size() | (is_base ? kBaseBit : 0U)),
                 .a = below,
                 .b = operand,
                 .c = code_.list(constants)});
        }
        constants.clear();
        operand = below;
    };
    for (const Term* step : path) {
        if (has_unbound(*step)) {
            take();
            const CodeWriter::Round round = code_.scan(operand);
            unify_operand(round.key, *step);
            operand = round.element;
            continue;
        }
        const bool is_name = step->kind == TermKind::kString;
        if (is_name && constants.size() < kMostSteps) {
            constants.push_back(term(*step));
            continue;
        }
        take();
        const Operand key = term(*step);
        const Operand below = code_.new_register();
        code_.emit({.opcode = Opcode::kDot,
                    .count = static_cast<std::uint16_t>(is_base ? 1 : 0),
                    .a = below,
                    .b = operand,
                    .c = key});
        operand = below;
    }
    take();
    return operand;
}

std::uint32_t Emitter::function_of(RuleNode& node) {
    if (node.function != kNoFunction) return node.function;
    Program& program = code_.program();
    node.function = static_cast<std::uint32_t>(program.functions.size());
    Function& function = program.functions.emplace_back();
    std::vector<Operand> path;
    std::string key;
    Term data{.kind = TermKind::kVariable, .text = "data"};
    std::vector<Term*> written{&data};
    for (const Term* step : node.path()) {
        written.push_back(const_cast<Term*>(step));
        path.push_back(term(*step));
        if (step->kind == TermKind::kString) Program::append_path_key(key, step->text);
    }
    function.name = syntax::to_text(written);
    function.path = code_.list(path);
    function.path_size = static_cast<std::uint32_t>(path.size());
    function.is_rule = node.arity() == 0;
    function.parameters = {0, 1};
    for (std::size_t i = 0; i < node.arity(); ++i) {
        function.parameters.push_back(static_cast<std::uint32_t>(2 + i));
    }
    const bool has_name = std::ranges::all_of(
        node.path(), [](const Term* step) { return step->kind == TermKind::kString; });
    if (has_name) program.functions_by_path[key] = node.function;
    pending_.push_back(&node);
    return node.function;
}

// The document that the rules of the node make, or all of them below it.
Operand Emitter::call_node(RuleNode& node) {
    const Operand arguments[] = {kInput, kData};
    const Operand result = code_.new_register();
    code_.emit({.opcode = Opcode::kCall,
                .count = 2,
                .a = function_of(node),
                .b = code_.list(arguments),
                .c = result});
    return result;
}

// A step of strings alone, all of it in one instruction.
Operand Emitter::base_document(const std::vector<Operand>& path) {
    const bool is_constant = std::ranges::all_of(path, [this](Operand step) {
        return (step & kConstantBit) != 0 &&
               code_.program().constants[step & ~kConstantBit].is_string();
    });
    if (is_constant && path.size() > 1 && path.size() <= kMostSteps) {
        const Operand found = code_.new_register();
        code_.emit({.opcode = Opcode::kWalk,
                    .count = static_cast<std::uint16_t>(path.size() | kBaseBit),
                    .a = found,
                    .b = kData,
                    .c = code_.list(path)});
        return found;
    }
    Operand operand = kData;
    for (const Operand step : path) {
        const Operand below = code_.new_register();
        code_.emit({.opcode = Opcode::kDot, .count = 1, .a = below, .b = operand, .c = step});
        operand = below;
    }
    return operand;
}

// `node` is where the virtual documents of the path so far (`before`) are; null: there are none.
Operand Emitter::data_reference(RuleNode* node, Terms path, std::vector<Operand> before) {
    for (std::size_t i = 0;; ++i) {
        if (node == nullptr) {
            if (i < path.size() && path[i]->kind == TermKind::kString) {
                before.push_back(term(*path[i]));
                continue;
            }
            return walk(base_document(before), path.subspan(i), Documents::kBase);
        }
        if (!node->rules.empty()) {
            if (node->arity() > 0) {  // a function is no document
                code_.jump(code_.fail());
                return code_.boolean(false);
            }
            const auto asked = call_by_key(*node, path.subspan(i));
            return walk(asked ? *asked : call_node(*node), path.subspan(i), Documents::kOthers);
        }
        if (i == path.size()) return call_node(*node);
        const Term& step = *path[i];
        if (is_scalar(step)) {
            node = node->child(step);
            before.push_back(term(step));
        } else {
            return alternatives(*node, path.subspan(i), before);
        }
    }
}

// Which child a step means is known only when it runs. Each one is tried, and what is no rule's is
// looked up in the base documents.
Operand Emitter::alternatives(RuleNode& node, Terms path, const std::vector<Operand>& before) {
    std::vector<std::string_view> open;
    for (const Term* step : path) {
        for (const std::string_view name : variables_of(*step, kSkipClosures)) {
            const bool is_new = !is_bound(name) && name != "data" && name != "input" &&
                                std::ranges::find(open, name) == open.end();
            if (is_new) open.push_back(name);
        }
    }
    if (open.empty()) {
        // At most one of them answers.
        const Operand result = code_.new_register();
        const Label end = code_.new_label();
        const auto found = [&](Operand operand) {
            code_.emit({.opcode = Opcode::kMove, .a = result, .b = operand});
            code_.jump(end);
        };
        alternative_children(node, path, before, found);
        const Scope scope = enter(code_.fail());
        alternative_base(node, path, before, found);
        leave(scope);
        code_.bind(end);
        return result;
    }
    const Operand list = code_.new_register();
    code_.emit({.opcode = Opcode::kMakeArray, .a = list});
    const auto found = [&](Operand operand) {
        keep_tuple(list, open, operand);
        code_.jump(code_.fail());
    };
    const bool is_enumerated = has_unbound(*path[0]);
    if (!is_enumerated) alternative_children(node, path, before, found);
    const Label end = code_.new_label();
    const Scope scope = enter(end);
    if (is_enumerated) {
        enumerate_alternatives(node, path, before, found);
    } else {
        alternative_base(node, path, before, found);
    }
    leave(scope);
    code_.bind(end);
    return scan_tuples(list, open);
}

void Emitter::alternative_children(RuleNode& node, Terms path, const std::vector<Operand>& before,
                                   const std::function<void(Operand)>& found) {
    for (const auto& [key_value, child] : node.children) {
        if (child->arity() > 0) continue;
        const Label next = code_.new_label();
        const Scope scope = enter(next);
        const Operand key = term(*child->key);
        unify_operand(key, *path[0]);
        std::vector<Operand> behind = before;
        behind.push_back(key);
        found(data_reference(child.get(), path.subspan(1), behind));
        leave(scope);
        code_.bind(next);
    }
}

void Emitter::alternative_base(RuleNode& node, Terms path, const std::vector<Operand>& before,
                               const std::function<void(Operand)>& found) {
    std::vector<value::Value> names;
    for (const auto& [name, child] : node.children) {
        if (const auto key = constant_of(*child->key)) names.push_back(*key);
    }
    const Operand virtual_keys = code_.constant(code_.values().set(names));
    const Operand base = base_document(before);
    const Operand key = term(*path[0]);
    const Label is_base = code_.new_label();
    code_.emit({.opcode = Opcode::kDot, .a = code_.new_register(), .b = virtual_keys, .c = key},
               is_base);
    code_.jump(code_.fail());
    code_.bind(is_base);
    const Operand below = code_.new_register();
    code_.emit({.opcode = Opcode::kDot, .count = 1, .a = below, .b = base, .c = key});
    found(walk(below, path.subspan(1), Documents::kBase));
}

// What stands at a node by its keys, in OPA's order: those of the base document, whoever gives what
// stands there, and then those that rules alone have.
void Emitter::enumerate_alternatives(RuleNode& node, Terms path, const std::vector<Operand>& before,
                                     const std::function<void(Operand)>& found) {
    const Operand keys = code_.new_register();
    const Operand base = code_.new_register();
    code_.emit({.opcode = Opcode::kMakeArray, .a = keys});
    code_.emit({.opcode = Opcode::kReset, .a = base});
    const Label all_of_base = code_.new_label();
    const Scope gathering = enter(all_of_base);
    code_.emit({.opcode = Opcode::kMove, .a = base, .b = base_document(before)});
    code_.emit({.opcode = Opcode::kAppend, .a = keys, .b = code_.scan(base).key});
    code_.jump(code_.fail());
    leave(gathering);
    code_.bind(all_of_base);
    for (const auto& [name, child] : node.children) {
        if (child->arity() > 0) continue;
        const Label is_new = code_.new_label();
        const Label next = code_.new_label();
        const Operand key = term(*child->key);
        code_.emit({.opcode = Opcode::kDot, .a = code_.new_register(), .b = base, .c = key},
                   is_new);
        code_.jump(next);
        code_.bind(is_new);
        code_.emit({.opcode = Opcode::kAppend, .a = keys, .b = key});
        code_.bind(next);
    }

    const Operand key = code_.scan(keys).element;
    unify_operand(key, *path[0]);
    Choice choice;
    std::vector<Label> starts;
    for (const auto& [name, child] : node.children) {
        starts.push_back(code_.new_label());
        const auto value = constant_of(*child->key);
        if (!value) continue;
        auto& places = choice.by_value[*value];
        if (child->arity() == 0) places.push_back(starts.back());
    }
    const Label of_base = code_.new_label();
    choice.otherwise.push_back(of_base);
    Program& program = code_.program();
    const std::uint32_t iterator = code_.new_iterator();
    ++open_choices_;
    code_.emit({.opcode = Opcode::kChoose,
                .a = iterator,
                .b = key,
                .c = static_cast<std::uint32_t>(program.choices.size())});
    program.choices.push_back(std::move(choice));
    const Label next = code_.new_label();
    code_.bind(next);
    code_.emit({.opcode = Opcode::kNextChoice, .a = iterator});
    auto start = starts.begin();
    for (const auto& [name, child] : node.children) {
        code_.bind(*start++);
        if (child->arity() > 0) continue;
        const Scope scope = enter(next);
        std::vector<Operand> behind = before;
        behind.push_back(term(*child->key));
        found(data_reference(child.get(), path.subspan(1), behind));
        leave(scope);
    }
    const Scope scope = enter(next);
    code_.bind(of_base);
    const Operand below = code_.new_register();
    code_.emit({.opcode = Opcode::kDot, .count = 1, .a = below, .b = base, .c = key});
    found(walk(below, path.subspan(1), Documents::kBase));
    leave(scope);
    code_.close_iterators(iterator);
    --open_choices_;
}

Operand Emitter::keep_tuple(Operand list, const std::vector<std::string_view>& names,
                            Operand result) {
    std::vector<Operand> parts;
    for (const std::string_view name : names) {
        // What was never bound stands in code that is never reached.
        const auto found = variables_.find(name);
        parts.push_back(found == variables_.end() ? code_.boolean(false) : found->second);
    }
    parts.push_back(result);
    const Operand tuple = array_of(parts);
    code_.emit({.opcode = Opcode::kAppend, .a = list, .b = tuple});
    return tuple;
}

Operand Emitter::scan_tuples(Operand list, const std::vector<std::string_view>& names) {
    const CodeWriter::Round round = code_.scan(list);
    Operand result = 0;
    for (std::size_t i = 0; i <= names.size(); ++i) {
        result = code_.new_register();
        code_.emit({.opcode = Opcode::kDot,
                    .a = result,
                    .b = round.element,
                    .c = code_.integer(static_cast<std::int64_t>(i))});
        if (i < names.size()) bind(names[i], result);
    }
    return result;
}

}  // namespace merlon::rego::compiler
