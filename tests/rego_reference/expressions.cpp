#include <algorithm>
#include <utility>

#include "reference.h"
#include "rego/compiler/nodes.h"

// Bodies and expressions: what has a solution.

namespace merlon::rego::reference {

using compiler::operator_name;
using syntax::ExpressionKind;
using syntax::TermKind;

namespace {

bool begins_with(const Term& term, std::string_view name) {
    return term.kind == TermKind::kReference && syntax::is_variable(*term.terms[0], name);
}

}  // namespace

Evaluator::Evaluator(const compiler::Analysis& analysis, const compiler::KnownBuiltins& known,
                     MachineOptions options)
    : analysis_(analysis),
      known_(known),
      options_(std::move(options)),
      context_(builder_, options_.world, options_.cancel) {}

Evaluation Evaluator::run(std::size_t query, const std::optional<Value>& input, const Value& data) {
    documents_ = {input, data, {}, {}, {}};
    variables_.clear();
    place_ = {.file = UINT32_MAX};
    error_.reset();
    context_.reset();
    Evaluation evaluation;
    solve(analysis_.queries[query], [&] {
        std::vector<value::Builder::Entry> bindings;
        for (const auto& [name, value] : variables_) {
            const auto found = analysis_.written_names.find(name);
            const std::string_view written =
                found == analysis_.written_names.end() ? name : found->second;
            if (syntax::is_wildcard(written) || compiler::is_generated(written)) continue;
            bindings.emplace_back(builder_.string(written), value);
        }
        evaluation.results.push_back(builder_.object(bindings));
        return true;
    });
    evaluation.error = error_;
    if (error_) evaluation.results.clear();
    return evaluation;
}

bool Evaluator::fail(ErrorKind kind, std::string message) {
    if (error_) return false;
    EvaluationError& error = error_.emplace();
    error.kind = kind;
    error.message = std::move(message);
    if (place_.file < analysis_.modules.size()) error.file = analysis_.modules[place_.file].file;
    error.row = place_.row;
    error.column = place_.column;
    return false;
}

bool Evaluator::with_variable(std::string_view name, const Value& value, const Next& next) {
    variables_.emplace(name, value);
    const bool goes_on = next();
    variables_.erase(name);
    return goes_on;
}

// A body holds where all of its expressions do.
bool Evaluator::solve(Body body, const Next& next) {
    if (body.empty()) return next();
    return solve(*body[0], [&] { return solve(body.subspan(1), next); });
}

// What comes behind an expression does not stand at its place.
bool Evaluator::solve(const Expression& expression, const Next& next) {
    Place place = place_;
    if (expression.location != nullptr) {
        place.row = expression.location->row;
        place.column = expression.location->column;
    }
    std::swap(place_, place);
    const Next behind = [&] {
        std::swap(place_, place);
        const bool goes_on = next();
        std::swap(place_, place);
        return goes_on;
    };
    const bool goes_on = expression.with.empty() ? solve_without_with(expression, behind)
                                                 : solve_with(expression, behind);
    std::swap(place_, place);
    return goes_on;
}

bool Evaluator::has_solution(const std::function<bool(const Next&)>& attempt) {
    bool found = false;
    attempt([&found] {
        found = true;
        return false;
    });
    return found && !has_failed();
}

bool Evaluator::solve_without_with(const Expression& expression, const Next& next) {
    if (!expression.is_negated && expression.kind != ExpressionKind::kNot) {
        return solve_positive(expression, next);
    }
    const bool holds = has_solution([&](const Next& found) {
        return expression.kind == ExpressionKind::kNot ? solve(expression.left, found)
                                                       : solve_positive(expression, found);
    });
    if (has_failed()) return false;
    return holds || next();
}

bool Evaluator::solve_positive(const Expression& expression, const Next& next) {
    const auto holds = [this](Body body) {
        return has_solution([&](const Next& found) { return solve(body, found); });
    };
    bool is_so = true;
    switch (expression.kind) {
        case ExpressionKind::kTerm:
            return values(*expression.terms[0], [&](const Value& value) {
                return value == builder_.boolean(false) || next();
            });
        case ExpressionKind::kCall:
            return solve_call(expression, next);
        case ExpressionKind::kEvery:
            return solve_every(expression, next);
        case ExpressionKind::kAnd:
            is_so = holds(expression.left) && holds(expression.right);
            break;
        case ExpressionKind::kOr:
            is_so = holds(expression.left) || (!has_failed() && holds(expression.right));
            break;
        case ExpressionKind::kNot:
        case ExpressionKind::kSome:
            break;
    }
    if (has_failed()) return false;
    return !is_so || next();
}

// Holds where no element of the domain makes the body fail.
bool Evaluator::solve_every(const Expression& expression, const Next& next) {
    return values(*expression.terms[2], [&](const Value& domain) {
        if (!domain.is_array() && !domain.is_object() && !domain.is_set()) return true;
        for (std::size_t i = 0; i < domain.size(); ++i) {
            const Value& element = domain.is_object() ? domain.values()[i] : domain.items()[i];
            const Value key = domain.is_object() ? domain.keys()[i]
                              : domain.is_set()  ? element
                                                 : builder_.integer(static_cast<std::int64_t>(i));
            const bool holds = has_solution([&](const Next& found) {
                return match(key, *expression.terms[0], [&] {
                    return match(element, *expression.terms[1],
                                 [&] { return solve(expression.left, found); });
                });
            });
            if (has_failed()) return false;
            if (!holds) return true;
        }
        return next();
    });
}

// What the name in a call, or in a `with`, stands for.
std::optional<Evaluator::Callee> Evaluator::callee_of(const Term& name) const {
    const RuleNode* const node =
        begins_with(name, "data") ? analysis_.rules.find(name.terms) : nullptr;
    const std::string text = operator_name(name);
    if (node != nullptr && !node->rules.empty()) return Callee{node, "", {}};
    if (known_.declaration(text) != nullptr) return Callee{nullptr, text, {}};
    return std::nullopt;
}

bool Evaluator::solve_call(const Expression& expression, const Next& next) {
    const Term& name = *expression.terms[0];
    const Terms operands = expression.terms.subspan(1);
    const bool is_equality = compiler::is_equality(expression) ||
                             (compiler::is_call_of(expression, "equal") && operands.size() == 2);
    if (is_equality) return unify({{operands[0], operands[1]}}, next);
    const auto callee = callee_of(name);
    if (!callee) return fail(ErrorKind::kInternal, "an unknown function: " + operator_name(name));
    const auto* const declaration = known_.declaration(callee->builtin);
    if (declaration != nullptr && declaration->is_variadic()) return next();  // print is dropped
    const std::size_t arity = declaration != nullptr
                                  ? static_cast<std::size_t>(declaration->arity())
                                  : callee->rules->arity();
    const Term* const output = operands.size() > arity ? operands[arity] : nullptr;
    return lists(operands.first(arity), [&](std::span<const Value> arguments) {
        const auto replaced = documents_.replaced.find(operator_name(name));
        const std::optional<Value> result = replaced == documents_.replaced.end()
                                                ? apply(*callee, arguments)
                                                : apply_instead(replaced->second, arguments);
        if (has_failed()) return false;
        return !result || solve_result(*callee, *result, output, next);
    });
}

// Without an output, a function that yields something must not yield false.
bool Evaluator::solve_result(const Callee& callee, const Value& result, const Term* output,
                             const Next& next) {
    const auto* const declaration = known_.declaration(callee.builtin);
    if (declaration != nullptr && declaration->is_relation()) {
        for (const Value& one : result.items()) {
            if (!(output == nullptr ? next() : match(one, *output, next))) return false;
        }
        return true;
    }
    if (output != nullptr) return match(result, *output, next);
    const bool yields = declaration == nullptr || !declaration->result.empty();
    return (yields && result == builder_.boolean(false)) || next();
}

bool Evaluator::is_document(const Term& target) const {
    if (begins_with(target, "input")) return true;
    if (!begins_with(target, "data")) return false;
    const RuleNode* const node = analysis_.rules.find(target.terms);
    return node == nullptr || node->arity() == 0;
}

// The expression is solved with the documents and functions replaced, what comes behind it is not.
bool Evaluator::solve_with(const Expression& expression, const Next& next) {
    std::vector<const Term*> given;
    const auto names_function = [this](const syntax::With& with) {
        const auto named = callee_of(*with.value);
        return !is_document(*with.target) && named &&
               (named->rules == nullptr || named->rules->arity() > 0);
    };
    const Term nothing{};
    for (const syntax::With* with : expression.with) {
        given.push_back(names_function(*with) ? &nothing : with->value);
    }
    return lists(given, [&](std::span<const Value> values) {
        Documents inner = documents_;
        inner.known.clear();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const syntax::With& with = *expression.with[i];
            if (is_document(*with.target)) {
                replace(inner, with, values[i]);
            } else if (names_function(with)) {
                inner.replaced[operator_name(*with.target)] = *callee_of(*with.value);
            } else {
                inner.replaced[operator_name(*with.target)] = {nullptr, "", values[i]};
            }
        }
        std::swap(documents_, inner);
        const bool goes_on = solve_without_with(expression, [&] {
            std::swap(documents_, inner);
            const bool more = next();
            std::swap(documents_, inner);
            return more;
        });
        std::swap(documents_, inner);
        return goes_on;
    });
}

void Evaluator::replace(Documents& documents, const syntax::With& with, const Value& value) {
    const Terms path = with.target->terms.subspan(1);
    if (begins_with(*with.target, "input")) {
        documents.input = put_at(documents.input ? &*documents.input : nullptr, path, value);
        return;
    }
    documents.data = put_at(&documents.data, path, value);
    const RuleNode* const node = analysis_.rules.find(with.target->terms);
    if (node != nullptr) documents.shadowed.push_back(node);
}

}  // namespace merlon::rego::reference
