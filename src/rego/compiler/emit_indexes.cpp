#include <algorithm>

#include "rego/compiler/emitter.h"
#include "rego/compiler/variables.h"

// Comprehensions inside of loops.
//
// The idea: `[x.name | some x in input.items; x.team == team]` says the same list each time that
// the loop around comes by with the same team. It becomes a function without arguments that goes
// over the items once and gathers them by team; asking is a look-up, so that grouping is linear.
// What depends on nothing outside is evaluated once. The machine keeps what such functions give, as
// it does for rules, until `with` changes a document.

namespace merlon::rego::compiler {
namespace {

// Whether the expression says that the variable is equal to something else.
bool equates(const Expression& expression, std::string_view name) {
    if (expression.is_negated || !expression.with.empty() || expression.terms.size() != 3 ||
        !(is_equality(expression) || is_call_of(expression, "equal"))) {
        return false;
    }
    for (std::size_t side = 1; side < 3; ++side) {
        const Term& one = *expression.terms[side];
        const Term& other = *expression.terms[3 - side];
        const bool is_value =
            other.kind == TermKind::kReference || other.kind == TermKind::kVariable;
        if (one.kind == TermKind::kVariable && one.text == name && is_value) {
            return !variables_of(other).contains(name);
        }
    }
    return false;
}

// `==` compares what is bound; here it is what binds the variables from outside.
void unify_equals(Term& comprehension, Arena& arena) {
    for (Expression* one : comprehension.body) {
        const bool is_comparison =
            is_call_of(*one, "equal") && one->terms.size() == 3 && !one->is_negated;
        if (!is_comparison) continue;
        Term* const operation = syntax::copy(one->terms[0], arena);
        operation->terms[0]->text = kEquality;
        one->terms[0] = operation;
    }
}

}  // namespace

// The variables from outside, where each of them is only asked to be equal to something. Nothing
// where the comprehension needs them for more.
std::optional<std::vector<std::string_view>> Emitter::index_keys(const Term& term) const {
    std::vector<std::string_view> keys;
    for (const std::string_view name : variables_of(term)) {
        if (!is_bound(name)) continue;
        std::size_t uses = 0;
        bool is_equated = false;
        for (const Expression* one : term.body) {
            Names names;
            VariableCollector(names, kSkipNothing).expression(*one);
            if (!names.contains(name)) continue;
            ++uses;
            is_equated = equates(*one, name);
        }
        if (uses != 1 || !is_equated) return std::nullopt;
        keys.push_back(name);
    }
    return keys;
}

std::optional<Operand> Emitter::indexed_comprehension(const Term& term) {
    if (code_.open_iterators() == open_choices_) return std::nullopt;
    const auto keys = index_keys(term);
    if (!keys) return std::nullopt;
    // Two groups of an object may have one key with different values, and nobody may ask for them.
    if (!keys->empty() && term.kind == TermKind::kObjectComprehension) return std::nullopt;
    Term* const copied = syntax::copy(&term, arena_);
    unify_equals(*copied, arena_);
    if (!order_(copied->body)) return std::nullopt;

    Program& program = code_.program();
    const auto number = static_cast<std::uint32_t>(program.functions.size());
    Function& function = program.functions.emplace_back();
    function.name = "comprehension";
    function.parameters = {0, 1};
    function.is_rule = true;
    pending_indexes_.push_back({number, copied, *keys, file_});

    const Operand documents[] = {0, 1};
    const Operand all = code_.new_register();
    code_.emit(
        {.opcode = Opcode::kCall, .count = 2, .a = number, .b = code_.list(documents), .c = all});
    if (keys->empty()) return all;
    Operand key = variables_.at((*keys)[0]);
    if (keys->size() > 1) {
        std::vector<Operand> parts;
        for (const std::string_view name : *keys) parts.push_back(variables_.at(name));
        key = array_of(parts);
    }
    // What was never gathered is empty.
    const Operand group = code_.new_register();
    const Label absent = code_.new_label();
    const Label present = code_.new_label();
    code_.emit({.opcode = Opcode::kDot, .a = group, .b = all, .c = key}, absent);
    code_.jump(present);
    code_.bind(absent);
    const bool is_array = term.kind == TermKind::kArrayComprehension;
    code_.emit({.opcode = is_array ? Opcode::kMakeArray : Opcode::kMakeSet, .a = group});
    code_.bind(present);
    return group;
}

void Emitter::emit_index(const Index& index) {
    const Term& term = *index.comprehension;
    file_ = index.file;
    code_.set_place(file_, term.location);
    code_.program().functions[index.function].entry = static_cast<std::uint32_t>(code_.size());
    code_.begin_function(2);
    open_choices_ = 0;
    const Operand made = code_.new_register();
    if (index.keys.empty()) {
        fill_comprehension(term, made);
    } else {
        code_.emit({.opcode = Opcode::kMakeObject, .a = made});
        const Label end = code_.new_label();
        const Scope scope = enter(end);
        body(term.body);
        const Operand element = this->term(*term.terms[0]);
        Operand key = variables_.at(index.keys[0]);
        if (index.keys.size() > 1) {
            std::vector<Operand> parts;
            for (const std::string_view name : index.keys) parts.push_back(variables_.at(name));
            key = array_of(parts);
        }
        const bool is_array = term.kind == TermKind::kArrayComprehension;
        code_.emit({.opcode = Opcode::kGather,
                    .count = static_cast<std::uint16_t>(is_array ? 0 : 1),
                    .a = made,
                    .b = key,
                    .c = element});
        code_.jump(code_.fail());
        leave(scope);
        code_.bind(end);
    }
    code_.emit({.opcode = Opcode::kReturn, .a = made});
    code_.end_function(code_.program().functions[index.function]);
}

}  // namespace merlon::rego::compiler
