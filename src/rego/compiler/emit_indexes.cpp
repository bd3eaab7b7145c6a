#include <algorithm>
#include <utility>

#include "rego/compiler/emitter.h"
#include "rego/compiler/variables.h"
#include "rego/syntax/walk.h"

// Comprehensions inside of loops and functions.
//
// The idea: `[x.name | some x in input.items; x.team == team]` says the same list each time that
// the loop around comes by with the same team. It becomes a function without arguments that goes
// over the items once and gathers them by team; asking is a look-up, so that grouping is linear.
// What depends on nothing outside is evaluated once. The machine keeps what such functions give, as
// it does for rules, until `with` changes a document.
//
// Such a function looks at items that nobody may ask for, and what goes wrong there is an error all
// the same, as in OPA, whose index does that as well. Objects whose keys clash are an error where
// they are asked for: gathering them is an attempt, and where it fails the comprehension is
// evaluated as it stands.

namespace merlon::rego::compiler {
namespace {

bool is_in_pattern(const Term& pattern, std::string_view name) {
    if (pattern.kind == TermKind::kVariable) return pattern.text == name;
    if (pattern.kind == TermKind::kArray) {
        return std::ranges::any_of(pattern.terms,
                                   [&](const Term* part) { return is_in_pattern(*part, name); });
    }
    for (std::size_t i = 1; pattern.kind == TermKind::kObject && i < pattern.terms.size(); i += 2) {
        if (is_in_pattern(*pattern.terms[i], name)) return true;
    }
    return false;
}

// Whether the expression says that the variable is equal to something else: `==` unifies as well.
bool equates(const Expression& expression, std::string_view name) {
    if (expression.is_negated || !expression.with.empty() || expression.terms.size() != 3 ||
        !(is_equality(expression) || is_call_of(expression, "equal"))) {
        return false;
    }
    for (std::size_t side = 1; side < 3; ++side) {
        const Term& other = *expression.terms[3 - side];
        const bool is_value =
            other.kind == TermKind::kReference || other.kind == TermKind::kVariable;
        if (is_value && is_in_pattern(*expression.terms[side], name)) {
            return !variables_of(other).contains(name);
        }
    }
    return false;
}

// What bodies inside of a comprehension have in them that says no.
struct Hindrances {
    bool has_requests = false;  // to others, who need not be asked about each item
    Names names;                // in bodies inside of the body

    bool enter(Term& term) {
        if (is_comprehension(term)) VariableCollector(names, kSkipNothing).term(term);
        return true;
    }
    bool enter(Expression& expression) {
        if (expression.kind == ExpressionKind::kCall) {
            has_requests =
                has_requests || reach_of(operator_name(*expression.terms[0])) == Reach::kNetwork;
        } else if (expression.kind != ExpressionKind::kTerm) {
            VariableCollector(names, kSkipNothing).expression(expression);
        }
        return true;
    }
    static bool enter(syntax::With& /*with*/) { return true; }
};

Opcode opcode_for(const Term& comprehension) {
    return comprehension.kind == TermKind::kArrayComprehension ? Opcode::kMakeArray
           : comprehension.kind == TermKind::kSetComprehension ? Opcode::kMakeSet
                                                               : Opcode::kMakeObject;
}

int group_of(const Term& comprehension) {
    return comprehension.kind == TermKind::kArrayComprehension ? 0
           : comprehension.kind == TermKind::kSetComprehension ? 1
                                                               : 2;
}

Hindrances hindrances_of(const Term& comprehension) {
    Hindrances found;
    syntax::walk(comprehension.body, found);
    return found;
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

// The variables from outside, by which a comprehension can be gathered: each is equal to something
// inside, so that nothing needs it from outside. Nothing where one of them is none of those.
std::optional<std::vector<std::string_view>> Emitter::index_keys(const Term& term) const {
    std::vector<std::string_view> keys;
    const Hindrances hindrances = hindrances_of(term);
    if (hindrances.has_requests) return std::nullopt;
    for (const std::string_view name : variables_of(term)) {
        if (!is_bound(name)) continue;
        const bool is_equated = std::ranges::any_of(
            term.body, [name](const Expression* one) { return equates(*one, name); });
        if (!is_equated || hindrances.names.contains(name)) return std::nullopt;
        keys.push_back(name);
    }
    return keys;
}

// In loops and functions what is asked for once may be asked for again.
bool Emitter::is_worth_an_index(const Term& term) const {
    if (is_without_indexes_) return false;
    if (code_.open_iterators() > open_choices_) return true;
    // What one call goes over is often the call's own.
    return is_in_function_ && std::ranges::any_of(term.body, [](const Expression* one) {
               return std::ranges::any_of(one->terms, [](const Term* part) {
                   return part != nullptr && part->kind == TermKind::kReference &&
                          syntax::is_root_document(*part->terms[0]);
               });
           });
}

std::optional<Operand> Emitter::indexed_comprehension(const Term& term) {
    if (!is_worth_an_index(term)) return std::nullopt;
    const auto keys = index_keys(term);
    if (!keys) return std::nullopt;
    Term* const copied = syntax::copy(&term, arena_);
    unify_equals(*copied, arena_);
    if (!order_(copied->body)) return std::nullopt;

    Program& program = code_.program();
    const auto number = static_cast<std::uint32_t>(program.functions.size());
    Function& function = program.functions.emplace_back();
    function.name = "comprehension";
    function.parameters = {0, 1};
    function.is_rule = true;
    function.is_attempt = keys->empty() || term.kind == TermKind::kObjectComprehension;
    pending_indexes_.push_back({number, copied, *keys, file_});

    const Operand documents[] = {0, 1};
    const Operand group = code_.new_register();
    const Operand all = keys->empty() ? group : code_.new_register();
    const Label plain = code_.new_label();
    const Label done = code_.new_label();
    code_.emit(
        {.opcode = Opcode::kCall, .count = 2, .a = number, .b = code_.list(documents), .c = all},
        plain);
    if (!keys->empty()) emit_look_up(term, *keys, all, group);
    code_.jump(done);
    code_.bind(plain);
    // Once more without indexes inside, so that there are not ever more of them.
    const bool was_without = std::exchange(is_without_indexes_, true);
    fill_comprehension(term, group);
    is_without_indexes_ = was_without;
    code_.bind(done);
    return group;
}

void Emitter::emit_look_up(const Term& term, const std::vector<std::string_view>& keys, Operand all,
                           Operand group) {
    const Operand key = index_key(keys);
    const Label absent = code_.new_label();
    const Label present = code_.new_label();
    code_.emit({.opcode = Opcode::kDot, .a = group, .b = all, .c = key}, absent);
    code_.jump(present);
    code_.bind(absent);
    // What was never gathered is empty.
    code_.emit({.opcode = opcode_for(term), .a = group});
    code_.bind(present);
}

Operand Emitter::index_key(const std::vector<std::string_view>& keys) {
    if (keys.size() == 1) return variables_.at(keys[0]);
    std::vector<Operand> parts;
    for (const std::string_view name : keys) parts.push_back(variables_.at(name));
    return array_of(parts);
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
        Operand element = this->term(*term.terms[0]);
        if (term.kind == TermKind::kObjectComprehension) {
            const Operand pair[] = {element, this->term(*term.terms[1])};
            element = array_of(pair);
        }
        code_.emit({.opcode = Opcode::kGather,
                    .count = static_cast<std::uint16_t>(group_of(term)),
                    .a = made,
                    .b = index_key(index.keys),
                    .c = element});
        code_.jump(code_.fail());
        leave(scope);
        code_.bind(end);
    }
    code_.emit({.opcode = Opcode::kReturn, .a = made});
    code_.end_function(code_.program().functions[index.function]);
}

}  // namespace merlon::rego::compiler
