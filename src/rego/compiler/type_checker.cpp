#include "rego/compiler/type_checker.h"

#include <algorithm>

#include "rego/compiler/type_details.h"
#include "rego/compiler/variables.h"
#include "rego/syntax/print.h"

namespace merlon::rego::compiler {
namespace {

CompileError type_error(const Location* location, std::string message) {
    CompileError error{.code = std::string(kTypeError), .message = std::move(message)};
    if (location != nullptr) {
        error.row = location->row;
        error.column = location->column;
    }
    return error;
}

// Comprehensions inside of each other are looked at again and again.
std::vector<CompileError> too_long(const Location* location) {
    return {type_error(location, "types take too many steps to be checked")};
}

// How many of a path's steps are constants, from `data` on.
std::size_t constant_steps(std::span<Term* const> path) {
    std::size_t count = 1;
    while (count < path.size() && is_constant(*path[count])) ++count;
    return count;
}

// The same of a rule's head, where what a composite key holds is computed by the body: it says what
// type the keys are of, and is no place of its own.
std::size_t placed_steps(std::span<Term* const> path) {
    std::size_t count = 1;
    while (count < path.size() && is_scalar(*path[count])) ++count;
    return count;
}

}  // namespace

TypeChecker::TypeChecker(Types& types, const KnownBuiltins& builtins, TypeQuestions questions)
    : types_(types),
      questions_(std::move(questions)),
      environment_(types, builtins,
                   [this](TypeLayer& layer, const Term& term) { return of_closure(layer, term); }),
      references_(environment_, unifier_, questions_.written, questions_.is_literal) {}

void TypeChecker::set_input(const Type* type, Term& input) {
    Term* const path[] = {&input};
    global_.documents.make(path).type = type;
}

// ---- bodies ----

TypeChecker::Checked TypeChecker::check_body(TypeLayer& below, Body body) {
    Checked checked{.layer = std::make_unique<TypeLayer>(&below), .errors = {}};
    for (const Expression* expression : body) {
        check_expression(*checked.layer, *expression, checked.errors);
    }
    return checked;
}

void TypeChecker::check_expression(TypeLayer& below, const Expression& expression,
                                   std::vector<CompileError>& errors) {
    if (++steps_ > kMaxTypeSteps) return;
    if (questions_.cancel != nullptr && questions_.cancel->cancelled()) return;
    Layers layers;
    TypeLayer& layer = with_layer(below, expression, layers);
    std::vector<CompileError> of_parts;
    check_closures(layer, expression, of_parts);
    std::ranges::move(references_.check(layer, expression), std::back_inserter(of_parts));
    std::optional<Mistake> mistake = check_with(layer, expression);
    if (!mistake && expression.kind == ExpressionKind::kCall) {
        mistake = check_call(layer, expression);
    }
    // What a part does wrong says more than what follows from it.
    const bool is_echo = mistake && mistake->is_echo && !of_parts.empty();
    std::ranges::move(of_parts, std::back_inserter(errors));
    if (mistake && !is_echo) errors.push_back(std::move(mistake->error));
}

void TypeChecker::check_closures(TypeLayer& layer, const Term& term,
                                 std::vector<CompileError>& errors) {
    if (is_comprehension(term)) {
        Checked checked = check_body(layer, term.body);
        if (!checked.errors.empty()) errors = std::move(checked.errors);
        return;
    }
    if (term.kind == TermKind::kObject) {
        for (const Term* part : syntax::sorted_elements(term)) check_closures(layer, *part, errors);
        return;
    }
    for (const Term* part : term.terms) check_closures(layer, *part, errors);
}

void TypeChecker::check_closures(TypeLayer& layer, const Expression& expression,
                                 std::vector<CompileError>& errors) {
    for (const Term* term : expression.terms) {
        if (term != nullptr) check_closures(layer, *term, errors);
    }
    for (const Expression* one : expression.left) check_closures(layer, *one, errors);
    for (const Expression* one : expression.right) check_closures(layer, *one, errors);
    for (const syntax::With* with : expression.with) {
        check_closures(layer, *with->target, errors);
        check_closures(layer, *with->value, errors);
    }
}

const Type* TypeChecker::of_closure(TypeLayer& layer, const Term& comprehension) {
    const Checked checked = check_body(layer, comprehension.body);
    if (!checked.errors.empty()) return nullptr;
    const Type* const first = environment_.of(*checked.layer, *comprehension.terms[0]);
    switch (comprehension.kind) {
        case TermKind::kArrayComprehension:
            return types_.array({}, first);
        case TermKind::kSetComprehension:
            return types_.set(first);
        default:
            return types_.object(
                {}, Types::Others{first, environment_.of(*checked.layer, *comprehension.terms[1])});
    }
}

// ---- with ----

// Documents that may be something else because of what `with` replaces.
const TypeNode* TypeChecker::relaxed(const Term& target, const Type* type) {
    const bool is_function = is_kind(type, TypeKind::kFunction);
    const std::string key = (is_function ? "f:" : "") + syntax::to_text(target);
    const auto known = relaxed_.find(key);
    if (known != relaxed_.end()) return known->second.get();
    std::unique_ptr<TypeNode> tree;
    if (syntax::is_variable(*target.terms[0], "data")) {
        for (const syntax::Rule* rule : questions_.affected(target.terms)) {
            const Terms path = rule->head->reference;
            if (is_function && syntax::compare(path, target.terms) == 0) continue;
            if (tree == nullptr) tree = std::make_unique<TypeNode>();
            tree->make(path.first(placed_steps(path))).type = &kAnyType;
        }
    }
    return relaxed_.emplace(key, std::move(tree)).first->second.get();
}

TypeLayer& TypeChecker::with_layer(TypeLayer& layer, const Expression& expression, Layers& layers) {
    TypeLayer* current = &layer;
    const auto add = [&]() -> TypeLayer& {
        layers.push_back(std::make_unique<TypeLayer>(current));
        layers.back()->inferred = layer.inferred;
        current = layers.back().get();
        return *current;
    };
    std::vector<std::pair<std::span<Term* const>, const Type*>> replaced;
    for (const syntax::With* with : expression.with) {
        const Term& target = *with->target;
        if (target.kind != TermKind::kReference) continue;
        const Type* const known = environment_.of_reference(layer, target.terms);
        if (const TypeNode* const tree = relaxed(target, known)) add().shared_documents = tree;
        // A function keeps its declaration, with which the one in its place is compared.
        if (is_kind(known, TypeKind::kFunction)) continue;
        const std::size_t constant = constant_steps(target.terms);
        const Type* type = nullptr;
        if (constant == target.terms.size() && known != nullptr) {
            const Type* const value = environment_.of(layer, *with->value);
            if (value != nullptr) type = types_.either(known, value);
        }
        replaced.emplace_back(target.terms.first(constant), type == nullptr ? &kAnyType : type);
    }
    if (replaced.empty()) return *current;
    TypeLayer& top = add();
    for (const auto& [path, type] : replaced) top.documents.make(path).type = type;
    return top;
}

std::optional<TypeChecker::Mistake> TypeChecker::check_with(TypeLayer& layer,
                                                            const Expression& expression) {
    for (const syntax::With* with : expression.with) {
        const Type* const target = environment_.of(layer, *with->target);
        const Type* const value = environment_.of(layer, *with->value);
        if (!is_kind(target, TypeKind::kFunction) || !is_kind(value, TypeKind::kFunction)) continue;
        if (unify(target, value)) continue;
        Mistake mistake{
            type_error(with->location, syntax::to_text(*with->target) + ": arity mismatch")};
        mistake.error.details =
            operand_details(value->parts, wanted_by(*target, WantedResult::kNo));
        mistake.is_echo = std::ranges::any_of(value->parts, is_unknown);
        return mistake;
    }
    return std::nullopt;
}

// ---- calls ----

std::optional<TypeChecker::Mistake> TypeChecker::check_call(TypeLayer& layer,
                                                            const Expression& call) {
    const std::string name = operator_name(*call.terms[0]);
    if (name == kEquality) return check_equality(layer, call);
    if (name == "internal.member_2" || name == "internal.member_3") {
        if (auto mistake = check_membership(layer, call)) return mistake;
    }
    return check_operands(layer, call);
}

std::optional<TypeChecker::Mistake> TypeChecker::check_equality(TypeLayer& layer,
                                                                const Expression& call) {
    if (call.terms.size() != 3) return check_operands(layer, call);
    const Term& left = *call.terms[1];
    const Term& right = *call.terms[2];
    const Type* const left_type = environment_.of(layer, left);
    const Type* const right_type = environment_.of(layer, right);
    if (unifier_.are_equal(layer, left, left_type, right, right_type)) return std::nullopt;
    Mistake mistake{type_error(call.location, "match error")};
    mistake.error.details = match_details(left_type, right_type);
    mistake.is_echo = is_unknown(left_type) || is_unknown(right_type);
    return mistake;
}

std::optional<TypeChecker::Mistake> TypeChecker::check_membership(TypeLayer& layer,
                                                                  const Expression& call) {
    const bool has_key = operator_name(*call.terms[0]) == "internal.member_3";
    const std::size_t collection = has_key ? 3 : 2;
    if (call.terms.size() <= collection) return std::nullopt;
    const Type* const type = environment_.of(layer, *call.terms[collection]);
    // What cannot be gone through holds nothing.
    const Type* const values = types_.values_of(type);
    if (values == nullptr) return std::nullopt;
    if (has_key) {
        if (auto mistake = check_member(layer, call, *call.terms[1], types_.keys_of(type))) {
            return mistake;
        }
    }
    return check_member(layer, call, *call.terms[collection - 1], values);
}

std::optional<TypeChecker::Mistake> TypeChecker::check_member(TypeLayer& layer,
                                                              const Expression& call,
                                                              const Term& term, const Type* type) {
    if (is_unknown(type)) return std::nullopt;
    const Type* const have = environment_.of(layer, term);
    const bool fits = (is_unknown(have) || unify(have, type)) && unifier_.fits(layer, term, type);
    if (fits) return std::nullopt;
    Mistake mistake{type_error(call.location, "match error")};
    mistake.error.details = match_details(have, type);
    mistake.is_echo = is_unknown(have);
    return mistake;
}

std::optional<TypeChecker::Mistake> TypeChecker::check_operands(TypeLayer& layer,
                                                                const Expression& call) {
    const Term& operation = *call.terms[0];
    const std::string name = syntax::to_text(operation);
    const Type* const function = environment_.of_reference(layer, operation.terms);
    if (is_everything(function)) return std::nullopt;
    const bool is_allowed = questions_.unknown_calls == UnknownCalls::kAllowed;
    if (function == nullptr && is_allowed) return std::nullopt;
    if (!is_kind(function, TypeKind::kFunction)) {
        return Mistake{type_error(call.location, "undefined function " + name)};
    }
    const std::span<Term* const> operands = call.terms.subspan(1);
    const Wanted wanted = wanted_by(*function, WantedResult::kYes);
    std::vector<const Type*> have;
    const auto refused = [&](std::string_view why) {
        Mistake mistake{type_error(call.location, name + ": " + std::string(why))};
        mistake.error.details = operand_details(have, wanted);
        mistake.is_echo = std::ranges::any_of(have, is_unknown);
        return mistake;
    };
    const auto look = [&] {
        have.clear();
        for (const Term* operand : operands) have.push_back(environment_.of(layer, *operand));
    };
    look();
    if (operands.size() > wanted.operands.size() && !wanted.is_variadic) {
        return refused("too many arguments");
    }
    if (operands.size() < function->parts.size()) return refused("too few arguments");
    const std::vector<const Type*> before = have;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const Type* const want = i < wanted.operands.size() ? wanted.operands[i].type : &kAnyType;
        if (!is_unknown(before[i]) && !unify(before[i], want)) {
            return refused("invalid argument(s)");
        }
        if (!unifier_.fits(layer, *operands[i], want)) {
            look();
            return refused("invalid argument(s)");
        }
    }
    return std::nullopt;
}

// ---- rules ----

const Type* TypeChecker::type_of_function(TypeLayer& layer, const syntax::Head& head) {
    std::vector<const Type*> operands;
    for (const Term* argument : head.arguments) {
        // What the body does not mention may be anything.
        for (const std::string_view name : variables_of(*argument)) {
            if (environment_.of_variable(layer, name) == nullptr) {
                layer.variables[name] = &kAnyType;
            }
        }
        operands.push_back(environment_.of(layer, *argument));
    }
    const Type* result = environment_.of(layer, *head.value);
    // What an unknown function gives may be anything.
    if (result == nullptr && questions_.unknown_calls == UnknownCalls::kAllowed) result = &kAnyType;
    return types_.function(operands, result);
}

const Type* TypeChecker::type_of_rule(TypeLayer& layer, const syntax::Head& head,
                                      std::size_t placed) {
    const bool is_set = head.value == nullptr;
    const Type* type = environment_.of(layer, is_set ? *head.key : *head.value);
    if (is_set && type != nullptr) type = types_.set(type);
    for (std::size_t i = head.reference.size(); i > placed && type != nullptr; --i) {
        const Type* const key = environment_.of(layer, *head.reference[i - 1]);
        type = key == nullptr ? nullptr : types_.object({}, Types::Others{key, type});
    }
    return type;
}

std::vector<CompileError> TypeChecker::check_rule(const syntax::Rule& rule, Body body) {
    steps_ = 0;
    const syntax::Head& head = *rule.head;
    TypeLayer annotated(&global_);
    std::vector<CompileError> errors;
    if (questions_.schemas) errors = questions_.schemas(annotated, rule);
    Checked checked = check_body(annotated, body);
    if (steps_ > kMaxTypeSteps) checked.errors = too_long(rule.location);
    const std::size_t placed = placed_steps(head.reference);
    if (!checked.errors.empty()) {
        // Its users are not to blame.
        std::vector<Term*> path(head.reference.begin(), head.reference.end());
        for (Term*& step : path) {
            if (step->kind != TermKind::kVariable && !is_scalar(*step)) step = &computed_key_;
        }
        global_.documents.make(path).type = &kAnyType;
        std::ranges::move(checked.errors, std::back_inserter(errors));
        return errors;
    }
    if (!head.arguments.empty()) {
        const Type* const type = type_of_function(*checked.layer, head);
        environment_.insert(global_, head.reference.first(placed), type);
        return errors;
    }
    const Type* const type = type_of_rule(*checked.layer, head, placed);
    if (type != nullptr) {
        environment_.insert(global_, head.reference.first(placed), type);
    }
    return errors;
}

std::vector<CompileError> TypeChecker::check_query(Body body) {
    steps_ = 0;
    Checked checked = check_body(global_, body);
    return steps_ > kMaxTypeSteps ? too_long(nullptr) : std::move(checked.errors);
}

}  // namespace merlon::rego::compiler
