#include <algorithm>

#include "rego/compiler/declarations.h"
#include "rego/compiler/emitter.h"
#include "rego/compiler/variables.h"
#include "rego/syntax/print.h"

namespace merlon::rego::compiler {
namespace {

constexpr Operand kInput = 0;
constexpr Operand kData = 1;

const Term* root_of(const Term& term, std::string_view name) {
    const bool is_root =
        term.kind == TermKind::kReference && syntax::is_variable(*term.terms[0], name);
    return is_root ? &term : nullptr;
}

}  // namespace

void Emitter::body(Body body) {
    for (const Expression* one : body) expression(*one);
}

void Emitter::expression(const Expression& expression) {
    const Place place = code_.place();
    code_.set_place(file_, expression.location);
    if (expression.with.empty()) {
        expression_without_with(expression);
    } else {
        with_expression(expression);
    }
    code_.set_place(place);
}

void Emitter::expression_without_with(const Expression& expression) {
    if (expression.is_negated || expression.kind == ExpressionKind::kNot) {
        negation(expression);
    } else {
        positive(expression);
    }
}

void Emitter::truth(Operand operand) {
    code_.emit({.opcode = Opcode::kNotEqual, .a = operand, .b = code_.boolean(false)});
}

void Emitter::positive(const Expression& expression) {
    switch (expression.kind) {
        case ExpressionKind::kTerm: {
            const Operand operand = term(*expression.terms[0]);
            const TermKind kind = expression.terms[0]->kind;
            if (kind == TermKind::kVariable || kind == TermKind::kReference ||
                kind == TermKind::kBoolean) {
                truth(operand);
            }
            return;
        }
        case ExpressionKind::kCall:
            return call(expression);
        case ExpressionKind::kEvery:
            return every(expression);
        case ExpressionKind::kAnd:
            return logical_and(expression);
        case ExpressionKind::kOr:
            return logical_or(expression);
        case ExpressionKind::kNot:
            return body(expression.left);
        case ExpressionKind::kSome:
            return;
    }
}

// What holds fails, and what fails holds.
void Emitter::negation(const Expression& expression) {
    const Label holds = code_.new_label();
    const Scope scope = enter(holds);
    positive(expression);
    leave(scope);
    code_.jump(code_.fail());
    code_.bind(holds);
}

// One success of each operand is enough, and nothing that they bind is seen outside.
void Emitter::logical_and(const Expression& expression) {
    for (const Body operand : {expression.left, expression.right}) {
        const Scope scope = enter(code_.fail());
        body(operand);
        leave(scope);
    }
}

void Emitter::logical_or(const Expression& expression) {
    const Label otherwise = code_.new_label();
    const Label holds = code_.new_label();
    Scope scope = enter(otherwise);
    body(expression.left);
    leave(scope);
    code_.jump(holds);
    code_.bind(otherwise);
    scope = enter(code_.fail());
    body(expression.right);
    leave(scope);
    code_.bind(holds);
}

void Emitter::every(const Expression& expression) {
    const Operand domain = term(*expression.terms[2]);
    const Label all_hold = code_.new_label();
    const Label undefined = code_.fail();
    const Scope scope = enter(undefined);
    // An empty collection ends the loop at once; what is no collection is undefined.
    const CodeWriter::Round round = code_.scan(domain, all_hold);
    const Label next = code_.fail();
    const Label counterexample = code_.new_label();
    code_.set_fail(counterexample);
    unify_operand(round.key, *expression.terms[0]);
    unify_operand(round.element, *expression.terms[1]);
    body(expression.left);
    code_.jump(next);
    leave(scope);
    code_.bind(counterexample);
    code_.jump(undefined);
    code_.bind(all_hold);
}

std::uint32_t Emitter::builtin_number(std::string_view name) {
    const auto [at, added] = builtins_.try_emplace(std::string(name), 0);
    if (added) {
        const Declaration* const declaration = known_.declaration(name);
        Program& program = code_.program();
        at->second = static_cast<std::uint32_t>(program.builtins.size());
        program.builtins.push_back(
            {.name = std::string(name),
             .builtin = known_.function(name),
             .has_result = declaration == nullptr || !declaration->result.empty()});
    }
    return at->second;
}

bool Emitter::emit_comparison(std::string_view name, Terms operands) {
    struct Row {
        std::string_view name;
        Opcode opcode;
        Order order = Order::kLess;
    };
    static constexpr Row kRows[] = {
        {"neq", Opcode::kNotEqual},
        {"lt", Opcode::kCompare, Order::kLess},
        {"lte", Opcode::kCompare, Order::kLessOrEqual},
        {"gt", Opcode::kCompare, Order::kGreater},
        {"gte", Opcode::kCompare, Order::kGreaterOrEqual},
        {"internal.member_2", Opcode::kIsIn},
    };
    if (operands.size() != 2 || replaced_.contains(name)) return false;
    const auto* const row = std::ranges::find(kRows, name, &Row::name);
    if (row == std::end(kRows)) return false;
    const std::vector<Operand> values = this->operands(operands);
    code_.emit({.opcode = row->opcode,
                .count = static_cast<std::uint16_t>(row->order),
                .a = values[0],
                .b = values[1]});
    return true;
}

void Emitter::call(const Expression& expression) {
    const std::string name = operator_name(*expression.terms[0]);
    const Terms operands = expression.terms.subspan(1);
    // `==` without a result says what `=` says.
    const bool is_equal = is_equality(expression) || (name == "equal" && operands.size() == 2);
    if (is_equal) return unify(*operands[0], *operands[1]);
    if (emit_comparison(name, operands)) return;
    const Term& operation = *expression.terms[0];
    const Declaration* const declaration = known_.declaration(name);
    RuleNode* const node =
        root_of(operation, "data") != nullptr ? tree_.find(operation.terms) : nullptr;
    const bool is_rule = node != nullptr && !node->rules.empty();
    if (!is_rule && declaration == nullptr) {
        errors_.add(kTypeError, expression.location,
                    "undefined function " + syntax::to_text(operation));
        return code_.jump(code_.fail());
    }
    // What was printed goes nowhere here, and is not even evaluated.
    if (!is_rule && declaration->is_variadic()) return;
    const std::size_t arity =
        is_rule ? node->arity() : static_cast<std::size_t>(declaration->arity());
    if (operands.size() < arity || operands.size() > arity + 1) {
        errors_.add(kTypeError, expression.location,
                    "function " + syntax::to_text(operation) + " has arity " +
                        std::to_string(arity) + ", got " + std::to_string(operands.size()) +
                        (operands.size() == 1 ? " argument" : " arguments"));
        return code_.jump(code_.fail());
    }
    const Terms inputs = operands.first(arity);
    const auto needs = [this](const Term* input) { return needs_unbound(*input); };
    // What stands for the result may be a reference that binds what an input needs.
    while (operands.size() > arity && std::ranges::any_of(inputs, needs)) {
        if (!evaluate_inside(*operands[arity])) break;
    }
    std::vector<Operand> arguments;
    if (is_rule) arguments = {kInput, kData};
    const std::vector<Operand> values = this->operands(inputs);
    arguments.insert(arguments.end(), values.begin(), values.end());
    const Operand result = code_.new_register();
    code_.emit({.opcode = is_rule ? Opcode::kCall : Opcode::kCallBuiltin,
                .count = static_cast<std::uint16_t>(arguments.size()),
                .a = is_rule ? function_of(*node) : builtin_number(name),
                .b = code_.list(arguments),
                .c = result});
    const bool has_output = operands.size() > arity;
    if (!is_rule && declaration->is_relation()) {
        const CodeWriter::Round round = code_.scan(result);
        if (has_output) unify_operand(round.element, *operands[arity]);
    } else if (has_output) {
        unify_operand(result, *operands[arity]);
    } else if (is_rule || !declaration->result.empty()) {
        truth(result);
    }
}

// Whether the target is a function, which the value then stands for.
bool Emitter::push_replacement(const syntax::With& with) {
    if (root_of(*with.target, "input") != nullptr) return false;
    RuleNode* const target =
        root_of(*with.target, "data") != nullptr ? tree_.find(with.target->terms) : nullptr;
    const std::string target_name = operator_name(*with.target);
    const bool is_function = target != nullptr && target->arity() > 0;
    if (!is_function && known_.declaration(target_name) == nullptr) return false;

    Instruction instruction{.opcode = Opcode::kPushReplacement};
    if (is_function) {
        instruction.a = function_of(*target);
    } else {
        instruction.a = builtin_number(target_name) | kBuiltinBit;
    }
    RuleNode* const value =
        root_of(*with.value, "data") != nullptr ? tree_.find(with.value->terms) : nullptr;
    const bool is_name = with.value->kind == TermKind::kReference ||
                         (with.value->kind == TermKind::kVariable && !is_bound(with.value->text));
    if (value != nullptr && value->arity() > 0) {
        instruction.b = function_of(*value);
        instruction.count = kReplacedByFunction;
    } else if (is_name && known_.declaration(operator_name(*with.value)) != nullptr) {
        instruction.b = builtin_number(operator_name(*with.value));
        instruction.count = kReplacedByBuiltin;
    } else {
        instruction.b = term(*with.value);
        instruction.count = kReplacedByValue;
    }
    code_.emit(instruction);
    return true;
}

std::uint16_t Emitter::push_with(const syntax::With& with, Operand value) {
    const Terms target = with.target->terms;
    std::vector<Operand> path;
    for (const Term* step : target.subspan(1)) path.push_back(term(*step));
    const bool is_data = syntax::is_variable(*target[0], "data");
    code_.emit({.opcode = Opcode::kPushWith,
                .count = static_cast<std::uint16_t>(path.size()),
                .a = is_data ? kData : kInput,
                .b = value,
                .c = code_.list(path)});
    if (!is_data) return 1;
    const RuleNode* const node = tree_.find(target);
    if (node == nullptr) return 1;
    // Which functions there are below is known at the end.
    shadows_.push_back({code_.size(), node});
    code_.emit({.opcode = Opcode::kPushShadow});
    return 2;
}

// Inside, what fails must first put the documents back. Where the expression iterates, what it
// finds is gathered, and the rest of the body goes on with the documents as they were.
void Emitter::with_expression(const Expression& expression) {
    std::vector<std::pair<const syntax::With*, Operand>> documents;
    std::vector<const syntax::With*> functions;
    for (const syntax::With* with : expression.with) {
        const bool is_document = root_of(*with->target, "input") != nullptr ||
                                 (root_of(*with->target, "data") != nullptr &&
                                  (tree_.find(with->target->terms) == nullptr ||
                                   tree_.find(with->target->terms)->arity() == 0));
        if (is_document) {
            documents.emplace_back(with, term(*with->value));
        } else {
            functions.push_back(with);
        }
    }
    const Operand list = code_.new_register();
    const std::size_t list_at = code_.size();
    code_.emit({.opcode = Opcode::kMakeArray, .a = list});
    std::uint16_t pushed = 0;
    for (const syntax::With* with : functions) {
        if (push_replacement(*with)) {
            ++pushed;
        } else {
            errors_.add(kTypeError, with->target->location,
                        "with keyword target must reference existing input, data, or a function");
        }
    }
    for (const auto& [with, value] : documents) {
        pushed = static_cast<std::uint16_t>(pushed + push_with(*with, value));
    }
    const Instruction pop{.opcode = Opcode::kPopWith, .count = pushed};
    const Label outer = code_.fail();
    const Label end = code_.new_label();
    code_.set_fail(end);
    const std::size_t bound_before = bound_.size();
    expression_without_with(expression);
    if (code_.fail() == end) {
        code_.program().code[list_at].opcode = Opcode::kReset;
        const Label holds = code_.new_label();
        code_.emit(pop);
        code_.jump(holds);
        code_.bind(end);
        code_.emit(pop);
        code_.jump(outer);
        code_.bind(holds);
        code_.set_fail(outer);
        return;
    }
    const std::vector<std::string_view> names(
        bound_.begin() + static_cast<std::ptrdiff_t>(bound_before), bound_.end());
    keep_tuple(list, names, code_.boolean(true));
    code_.jump(code_.fail());
    code_.bind(end);
    code_.emit(pop);
    code_.set_fail(outer);
    for (const std::string_view name : names) variables_.erase(name);
    bound_.resize(bound_before);
    scan_tuples(list, names);
}

}  // namespace merlon::rego::compiler
