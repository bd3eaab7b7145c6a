#include "rego/compiler/captures.h"

#include <algorithm>
#include <string>

#include "rego/syntax/copy.h"

namespace merlon::rego::compiler {
namespace {

// Whether a reference goes over a collection.
bool iterates(const Term& term) {
    if (is_comprehension(term)) return false;
    if (term.kind == TermKind::kReference) {
        for (const Term* step : term.terms.subspan(1)) {
            if (step->kind == TermKind::kVariable) return true;
        }
    }
    return std::ranges::any_of(term.terms, [](const Term* part) { return iterates(*part); });
}

}  // namespace

// `f(x)` becomes `f(x, value)`, and `x.y` becomes `x.y = value`. Where there are several
// expressions or several results, those that are false do not hold.
std::vector<std::string_view> capture_values(Body& query, std::size_t number,
                                             const CallKnowledge& calls, NodeMaker& maker) {
    bool checks_truth = query.size() > 1;
    for (const Expression* one : query) {
        for (const Term* term : one->terms) {
            checks_truth = checks_truth || (term != nullptr && iterates(*term));
        }
    }
    std::vector<std::string_view> names;
    std::vector<Expression*> body;
    std::vector<Expression*> truths;
    for (Expression* one : query) {
        names.emplace_back();
        body.push_back(one);
        if (one->is_negated || is_equality(*one)) continue;
        // A wildcard of its own: no number of a name is taken for it.
        const std::string name =
            "$value" + std::to_string(number) + "_" + std::to_string(body.size());
        Term* const value = maker.variable(maker.arena().copy(name), one->location);
        if (one->kind == ExpressionKind::kTerm) {
            one->kind = ExpressionKind::kCall;
            one->terms = syntax::keep_pointers(
                {maker.operation({kEquality}, one->location), one->terms[0], value}, maker.arena());
        } else if (one->kind == ExpressionKind::kCall &&
                   calls.arity(*one->terms[0]) + 1 == static_cast<int>(one->terms.size())) {
            const Declaration* const declaration =
                calls.builtins.declaration(operator_name(*one->terms[0]));
            if (declaration != nullptr && declaration->result.empty()) continue;
            std::vector<Term*> terms(one->terms.begin(), one->terms.end());
            terms.push_back(value);
            one->terms = syntax::keep_pointers(terms, maker.arena());
        } else {
            continue;
        }
        names.back() = value->text;
        if (!checks_truth) continue;
        Term* const again = maker.variable(value->text, one->location);
        truths.push_back(maker.expression(ExpressionKind::kTerm, {again}, one->location));
    }
    body.insert(body.end(), truths.begin(), truths.end());
    query = syntax::keep_pointers(body, maker.arena());
    return names;
}

}  // namespace merlon::rego::compiler
