#include "rego/watch/comprehension_index.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "rego/compiler/safety.h"
#include "rego/syntax/walk.h"

namespace merlon::rego::watch {

using compiler::Names;
using syntax::Body;
using syntax::Expression;
using syntax::Term;

namespace {

bool share_names(const Names& left, const Names& right) {
    return std::ranges::any_of(left, [&](std::string_view name) { return right.contains(name); });
}

// Whether the body goes through all of something where what is bound outside leads to one place of
// it, or has a comprehension in it that takes something from outside.
struct Hindrance {
    const Names& candidates;
    Names seen = {};
    bool found = false;

    void check(const Names& names) {
        found = found || std::ranges::any_of(names, [this](std::string_view name) {
                    return candidates.contains(name) && !seen.contains(name);
                });
    }
    bool enter(Term& term) {
        if (compiler::is_comprehension(term)) {
            const Names inside = compiler::variables_of(term, compiler::kSkipReferenceHead);
            found = found || share_names(inside, candidates);
            return false;
        }
        if (term.kind == syntax::TermKind::kReference) {
            check(compiler::variables_of(term, compiler::kSkipReferenceHead));
        }
        if (term.kind == syntax::TermKind::kVariable) seen.insert(term.text);
        return !found;
    }
    bool enter(Expression& expression) {
        if (compiler::is_call_of(expression, "walk") && expression.terms.size() > 2) {
            check(compiler::variables_of(*expression.terms[2]));
        }
        return !found;
    }
    static bool enter(syntax::With& /*with*/) { return true; }
};

// Only `variable = comprehension` is looked at.
const Term* comprehension_of(const Expression& expression) {
    if (!compiler::is_equality(expression) || expression.is_negated || !expression.with.empty()) {
        return nullptr;
    }
    for (const std::size_t side : {2, 1}) {
        const Term& other = *expression.terms[3 - side];
        if (other.kind == syntax::TermKind::kVariable &&
            compiler::is_comprehension(*expression.terms[side])) {
            return expression.terms[side];
        }
    }
    return nullptr;
}

}  // namespace

void ComprehensionIndex::add(Body body, syntax::Terms arguments) {
    Names candidates{"input", "data"};
    compiler::VariableCollector(candidates, compiler::kSkipNothing).terms(arguments);
    add_body(body, candidates);
}

void ComprehensionIndex::add_body(Body body, Names& candidates) {
    for (const Expression* one : body) {
        if (const Term* const term = comprehension_of(*one)) {
            Keys keys = keys_of(*term, candidates);
            if (!keys.empty()) keys_.emplace(term, std::move(keys));
        }
        compiler::VariableCollector(candidates, compiler::kSafetySkips).expression(*one);
    }
    // Bodies inside come behind all of it, so that all of its variables are bound for them.
    struct Inside {
        ComprehensionIndex& index;
        Names& candidates;

        bool enter(Term& term) {
            if (!compiler::is_comprehension(term)) return true;
            for (Term* part : term.terms) syntax::walk(*part, *this);
            index.add_body(term.body, candidates);
            return false;
        }
        bool enter(Expression& expression) {
            for (Term* term : expression.terms) {
                if (term != nullptr) syntax::walk(*term, *this);
            }
            for (const Body inner : {expression.left, expression.right}) {
                if (!inner.empty()) index.add_body(inner, candidates);
            }
            for (syntax::With* with : expression.with) syntax::walk(*with->value, *this);
            return false;
        }
        static bool enter(syntax::With& /*with*/) { return true; }
    } inside{*this, candidates};
    syntax::walk(body, inside);
}

ComprehensionIndex::Keys ComprehensionIndex::keys_of(const Term& comprehension,
                                                     const Names& candidates) const {
    const std::set<const Expression*> no_assignments;
    Arena arena;
    const compiler::SafetyOrder order(arity_, no_assignments, arena);
    const Names outputs = order.outputs_of_body(comprehension.body, {"input", "data"});
    Names needed;
    compiler::VariableCollector(needed, compiler::kSafetySkips).body(comprehension.body);
    needed.erase("input");
    needed.erase("data");
    if (!compiler::is_subset(needed, outputs)) return {};
    Hindrance hindrance{candidates};
    syntax::walk(comprehension.body, hindrance);
    if (hindrance.found) return {};
    Keys keys;
    std::ranges::set_intersection(candidates, outputs, std::back_inserter(keys));
    return keys;
}

}  // namespace merlon::rego::watch
