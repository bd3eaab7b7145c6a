#include "rego/compiler/safety.h"

#include <algorithm>
#include <map>

namespace merlon::rego::compiler {
namespace {

constexpr std::uint8_t kOutputSkips =
    kSkipClosures | kSkipSets | kSkipObjectKeys | kSkipReferenceHead;

Names names_of_expression(const Expression& expression, const ArityOf& arity) {
    Names names;
    VariableCollector(names, kSafetySkips, &arity).expression(expression);
    return names;
}

// What stands inside of closures, and is perhaps bound outside.
Names names_in_closures(const Expression& expression);

struct ClosureNames {
    Names& names;

    void all_of(std::span<Expression* const> body) {
        VariableCollector(names, kSkipNothing).body(body);
    }
    void term(const Term& term) {
        if (is_comprehension(term)) {
            VariableCollector(names, kSkipNothing).term(term);
            return;
        }
        for (const Term* part : term.terms) {
            if (part != nullptr) this->term(*part);
        }
    }
};

Names names_in_closures(const Expression& expression) {
    Names names;
    ClosureNames closures{names};
    for (const Term* term : expression.terms) {
        if (term != nullptr && expression.kind != ExpressionKind::kEvery) closures.term(*term);
    }
    switch (expression.kind) {
        case ExpressionKind::kEvery:
        case ExpressionKind::kNot:
        case ExpressionKind::kAnd:
        case ExpressionKind::kOr:
            closures.all_of(expression.left);
            closures.all_of(expression.right);
            break;
        default:
            break;
    }
    for (const syntax::With* with : expression.with) closures.term(*with->value);
    return names;
}

// The variables of references whose heads are bound: what scanning them binds.
void add_scanned(const Term& term, const Names& safe, Names& output) {
    if (is_comprehension(term) || term.kind == TermKind::kTemplateString) return;
    if (term.kind == TermKind::kReference) {
        if (!is_reference_safe(term, safe)) return;
        VariableCollector(output, kSkipReferenceHead).term(term);
    }
    for (const Term* part : term.terms) add_scanned(*part, safe, output);
}

Names scanned(const Expression& expression, const Names& safe) {
    Names output;
    for (std::size_t i = 0; i < expression.terms.size(); ++i) {
        const bool is_operator = expression.kind == ExpressionKind::kCall && i == 0;
        if (!is_operator && expression.terms[i] != nullptr) {
            add_scanned(*expression.terms[i], safe, output);
        }
    }
    for (const syntax::With* with : expression.with) {
        add_scanned(*with->target, safe, output);
        add_scanned(*with->value, safe, output);
    }
    return output;
}

Names intersection(const Names& left, const Names& right) {
    Names both;
    std::ranges::set_intersection(left, right, std::inserter(both, both.end()));
    return both;
}

}  // namespace

Names SafetyOrder::outputs_of_equality(const Expression& expression, const Names& safe) const {
    // Of what is safe, what it is about: a body may have bound a great many.
    Names known = scanned(expression, safe);
    Names asked;
    VariableCollector(asked, kSkipNothing).terms(expression.terms.subspan(1));
    for (const std::string_view name : asked) {
        if (safe.contains(name)) known.insert(name);
    }
    // What `:=` declares gets its value from the right; it gives none to the right.
    if (assignments_.contains(&expression)) {
        for (const std::string_view name : variables_of(*expression.terms[1])) known.erase(name);
    }
    known.merge(unified_variables(known, *expression.terms[1], *expression.terms[2]));
    return difference(known, safe);
}

Names SafetyOrder::outputs_of_call(const Expression& expression, int arity,
                                   const Names& safe) const {
    Names output = scanned(expression, safe);
    const auto inputs_end = static_cast<std::size_t>(arity) + 1;
    if (inputs_end >= expression.terms.size()) return output;
    Names inputs;
    VariableCollector(inputs, kOutputSkips).terms(expression.terms.first(inputs_end));
    if (!is_subset(difference(inputs, output), safe)) return {};
    VariableCollector(output, kOutputSkips).terms(expression.terms.subspan(inputs_end));
    return output;
}

Names SafetyOrder::outputs(const Expression& expression, const Names& safe) const {
    if (expression.is_negated || expression.kind == ExpressionKind::kNot ||
        expression.kind == ExpressionKind::kAnd || expression.kind == ExpressionKind::kOr) {
        return {};
    }
    for (const syntax::With* with : expression.with) {
        Names inputs;
        Expression alone;
        alone.with = std::span(const_cast<syntax::With**>(&with), 1);
        VariableCollector(inputs, kSafetySkips).expression(alone);
        if (!is_subset(inputs, safe)) return {};
    }
    switch (expression.kind) {
        case ExpressionKind::kEvery: {
            Names output;
            add_scanned(*expression.terms[2], safe, output);
            return output;
        }
        case ExpressionKind::kCall: {
            if (is_equality(expression)) return outputs_of_equality(expression, safe);
            const int arity = arity_(*expression.terms[0]);
            return arity < 0 ? Names() : outputs_of_call(expression, arity, safe);
        }
        default:
            return scanned(expression, safe);
    }
}

Names SafetyOrder::outputs_of_body(std::span<Expression* const> body, const Names& safe) const {
    Names known = safe;
    for (const Expression* expression : body) known.merge(outputs(*expression, known));
    return difference(known, safe);
}

std::vector<UnsafeExpression> SafetyOrder::order_expressions(Body body, const Names& bound,
                                                             std::vector<Expression*>& ordered) {
    std::vector<Names> unsafe;
    std::vector<Names> closed_over;
    Names all;
    for (const Expression* expression : body) {
        unsafe.push_back(names_of_expression(*expression, arity_));
        all.insert(unsafe.back().begin(), unsafe.back().end());
    }
    Names safe = intersection(all, bound);
    for (std::size_t i = 0; i < body.size(); ++i) {
        unsafe[i] = difference(unsafe[i], safe);
        closed_over.push_back(difference(intersection(names_in_closures(*body[i]), all), bound));
    }
    std::vector<bool> is_done(body.size());
    for (bool goes_on = true; goes_on;) {
        goes_on = false;
        for (std::size_t i = 0; i < body.size(); ++i) {
            if (is_done[i]) continue;
            const Names binds = outputs(*body[i], safe);
            if (!closed_over[i].empty()) {
                // As OPA has it: what is bound already counts as open as well.
                const Names open = difference(closed_over[i], outputs_of_body(ordered, safe));
                if (!open.empty()) {
                    if (open == binds) continue;  // it would close over what it binds itself
                    unsafe[i] = open;
                }
            }
            unsafe[i] = difference(difference(unsafe[i], binds), safe);
            if (!unsafe[i].empty()) continue;
            is_done[i] = true;
            goes_on = true;
            ordered.push_back(body[i]);
            safe.insert(binds.begin(), binds.end());
        }
    }
    std::vector<UnsafeExpression> left;
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (!is_done[i]) left.push_back({body[i], unsafe[i]});
    }
    return left;
}

void SafetyOrder::order(Body& body, const Names& bound) {
    if (cancel_ != nullptr && cancel_->cancelled()) return;
    std::vector<Expression*> ordered;
    std::vector<UnsafeExpression> left = order_expressions(body, bound, ordered);
    unsafe_.insert(unsafe_.end(), left.begin(), left.end());
    Names known = bound;
    for (Expression* expression : ordered) {
        order_closures(*expression, known);
        known.merge(names_of_expression(*expression, arity_));
    }
    if (left.empty()) body = syntax::keep_pointers(ordered, arena_);
}

void SafetyOrder::order_closures(Expression& expression, const Names& bound) {
    for (Term* term : expression.terms) {
        if (term != nullptr) order_in_term(*term, expression, bound);
    }
    for (const syntax::With* with : expression.with) {
        order_in_term(*with->value, expression, bound);
    }
    if (expression.kind == ExpressionKind::kEvery) {
        Names inside = bound;
        for (std::size_t i = 0; i < 2; ++i) {
            if (expression.terms[i] != nullptr) inside.merge(variables_of(*expression.terms[i]));
        }
        return order_closure(expression.left, {}, expression, inside);
    }
    if (!expression.left.empty()) order_closure(expression.left, {}, expression, bound);
    if (!expression.right.empty()) order_closure(expression.right, {}, expression, bound);
}

void SafetyOrder::order_in_term(Term& term, const Expression& current, const Names& bound) {
    if (is_comprehension(term)) {
        Names needed;
        for (const Term* part : term.terms) needed.merge(variables_of(*part));
        return order_closure(term.body, needed, current, bound);
    }
    for (Term* part : term.terms) order_in_term(*part, current, bound);
}

void SafetyOrder::order_closure(Body& body, const Names& needed, const Expression& current,
                                const Names& bound) {
    Names known = bound;
    VariableCollector(known, kSafetySkips, &arity_).body(body);
    const Names missing = difference(needed, known);
    if (!missing.empty()) unsafe_.push_back({&current, missing});
    order(body, bound);
}

// Of a single expression every variable; of several those that none of them binds, and those that
// only one of them has: nobody in there would use what it binds.
Names unbound_in_bare_body(Body body, const ArityOf& arity) {
    std::map<std::string_view, int> occurrences;
    for (const Expression* expression : body) {
        Names names;
        VariableCollector(names, kSafetySkips).expression(*expression);
        for (const std::string_view name : names) ++occurrences[name];
    }
    Names safe{"input", "data"};
    for (const auto& [name, count] : occurrences) safe.insert(name);
    for (const Expression* expression : body) {
        if (!is_equality(*expression)) continue;
        for (const Term* side : expression->terms.subspan(1)) {
            if (side->kind == TermKind::kVariable) safe.erase(side->text);
        }
    }
    const std::set<const Expression*> no_assignments;
    Arena arena;
    const SafetyOrder order(arity, no_assignments, arena);
    Names bound;
    for (bool goes_on = body.size() > 1; goes_on;) {
        goes_on = false;
        for (const Expression* expression : body) {
            if (!is_equality(*expression)) continue;
            for (const std::string_view name : order.outputs(*expression, safe)) {
                goes_on = bound.insert(name).second || goes_on;
                safe.insert(name);
            }
        }
    }
    for (const Expression* expression : body) {
        if (body.size() < 2 || expression->kind != ExpressionKind::kCall) continue;
        const int count = arity(*expression->terms[0]);
        const auto inputs_end = static_cast<std::size_t>(count) + 1;
        if (is_equality(*expression) || count < 0 || inputs_end >= expression->terms.size()) {
            continue;
        }
        VariableCollector(bound, kOutputSkips).terms(expression->terms.subspan(inputs_end));
    }
    Names unbound;
    for (const auto& [name, count] : occurrences) {
        if (count == 1 || !bound.contains(name)) unbound.insert(name);
    }
    return unbound;
}

}  // namespace merlon::rego::compiler
