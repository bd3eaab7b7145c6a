#include "rego/partial/copy_propagation.h"

#include <algorithm>
#include <functional>

#include "rego/compiler/safety.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/walk.h"

namespace merlon::rego::partial {
namespace {

// Terms that stand for each other go no deeper than this.
constexpr int kMaxDepth = 1'000;

bool is_variable(const Term& term) { return term.kind == TermKind::kVariable; }

bool is_plain_equality(const Expression& expression) {
    return compiler::is_equality(expression) && !expression.is_negated && expression.with.empty();
}

// Whether the reference begins with all of the other one.
bool has_prefix(Terms reference, Terms prefix) {
    return reference.size() >= prefix.size() &&
           syntax::compare(reference.first(prefix.size()), prefix) == 0;
}

struct HeadFinder {
    const std::function<void(Term& head)>& found;
    bool enter(Term& term) {
        if (term.kind == TermKind::kReference && is_variable(*term.terms[0])) found(*term.terms[0]);
        return true;
    }
    bool enter(Expression&) { return true; }
    bool enter(syntax::With&) { return true; }
};

// Whether a term stands somewhere outside of the bodies of comprehensions and of `every`.
class Search {
  public:
    explicit Search(const Term& wanted) : wanted_(wanted) {}

    bool in(const Term& term) const {
        if (compiler::is_comprehension(term)) return false;
        if (is_it(term)) return true;
        return std::ranges::any_of(term.terms, [this](const Term* part) { return in(*part); });
    }
    bool in(const Expression& expression) const {
        const auto is_in = [this](const Term* term) { return term != nullptr && in(*term); };
        if (std::ranges::any_of(expression.terms, is_in)) return true;
        if (expression.kind != ExpressionKind::kEvery &&
            (in(expression.left) || in(expression.right))) {
            return true;
        }
        return std::ranges::any_of(expression.with, [this](const syntax::With* with) {
            return in(*with->target) || in(*with->value);
        });
    }
    bool in(std::span<Expression* const> body) const {
        return std::ranges::any_of(body, [this](const Expression* one) { return in(*one); });
    }

  private:
    bool is_it(const Term& term) const {
        if (term.kind == TermKind::kReference && wanted_.kind == TermKind::kReference) {
            return has_prefix(term.terms, wanted_.terms);
        }
        return syntax::compare(term, wanted_) == 0;
    }

    const Term& wanted_;
};

// Says nothing: it always holds.
bool is_idle(const Expression& expression) {
    if (expression.kind == ExpressionKind::kCall) {
        return compiler::is_call_of(expression, "equal") && expression.terms.size() == 3 &&
               syntax::compare(*expression.terms[1], *expression.terms[2]) == 0;
    }
    if (expression.kind != ExpressionKind::kTerm) return false;
    const Term& term = *expression.terms[0];
    const bool is_false = term.kind == TermKind::kBoolean && !term.constant.as_boolean();
    return is_constant(term) && !is_false;
}

}  // namespace

bool is_constant(const Term& term) {
    if (term.kind == TermKind::kTemplateString || is_variable(term) ||
        term.kind == TermKind::kReference || term.kind >= TermKind::kArrayComprehension) {
        return false;
    }
    return std::ranges::all_of(term.terms, [](const Term* part) { return is_constant(*part); });
}

std::optional<std::string_view> CopyPropagation::root(std::string_view name) const {
    auto found = sets_.find(name);
    if (found == sets_.end()) return std::nullopt;
    while (found->second.parent != found->first) found = sets_.find(found->second.parent);
    return found->first;
}

std::string_view CopyPropagation::make_set(std::string_view name) {
    if (const auto known = root(name)) return *known;
    sets_[name].parent = name;
    return name;
}

bool CopyPropagation::merge(std::string_view left, std::string_view right) {
    std::string_view first = make_set(left);
    std::string_view second = make_set(right);
    if (first == second) return true;
    if (!live_.contains(first)) std::swap(first, second);
    Set& kept = sets_[first];
    Set& gone = sets_[second];
    gone.parent = first;
    if (kept.constant == nullptr) {
        kept.constant = gone.constant;
        return true;
    }
    return gone.constant == nullptr || syntax::compare(*kept.constant, *gone.constant) == 0;
}

bool CopyPropagation::give_constant(std::string_view name, const Term& constant) {
    Set& set = sets_[make_set(name)];
    if (set.constant != nullptr && syntax::compare(*set.constant, constant) != 0) return false;
    set.constant = &constant;
    return true;
}

// False where a variable would have to be two constants.
bool CopyPropagation::find_sets(Body body) {
    for (const Expression* one : body) {
        if (!is_plain_equality(*one)) continue;
        const Term& left = *one->terms[1];
        const Term& right = *one->terms[2];
        if (is_variable(left) && is_variable(right)) {
            if (!merge(left.text, right.text)) return false;
        } else if (is_variable(left) && is_constant(right)) {
            if (!give_constant(left.text, right)) return false;
        } else if (is_variable(right) && is_constant(left)) {
            if (!give_constant(right.text, left)) return false;
        }
    }
    return true;
}

// What references begin with stays a variable: a constant may stand there, but helps nobody.
void CopyPropagation::find_heads(Body body) {
    const std::function<void(Term&)> found = [this](Term& head) {
        const auto known = root(head.text);
        if (known) sets_[*known].constant = nullptr;
        heads_.insert(known.value_or(head.text));
    };
    HeadFinder finder{found};
    syntax::walk(body, finder);
}

void CopyPropagation::plug_variable(Term& term) {
    if (const auto known = root(term.text)) {
        if (const Term* const constant = sets_[*known].constant; constant != nullptr) {
            term = *constant;
            return;
        }
        term.text = *known;
    }
    const Term* const value = removed(term.text);
    if (value == nullptr || (is_negated_ && !syntax::is_ground(*value))) return;
    if (compiler::variables_of(*value).contains(term.text)) return;
    term = *value;
}

void CopyPropagation::plug_reference(Term& term) {
    Term& head = *term.terms[0];
    if (!is_variable(head)) return;
    if (const auto known = root(head.text)) {
        const Term* const constant = sets_[*known].constant;
        if (constant != nullptr) {
            head = *constant;
            return;
        }
        head.text = *known;
    }
    Term* const value = removed(head.text);
    if (value == nullptr || (is_negated_ && !syntax::is_ground(*value))) return;
    std::vector<Term*> way;
    if (value->kind == TermKind::kReference) {
        way.assign(value->terms.begin(), value->terms.end());
    } else {
        way.push_back(value);
    }
    way.insert(way.end(), term.terms.begin() + 1, term.terms.end());
    term.terms = syntax::keep_pointers(way, maker_.arena());
}

// In place, where terms that were removed share their parts with those they stand for: what becomes
// known of one is known of the other.
void CopyPropagation::plug(Term& term) {
    if (depth_ >= kMaxDepth) return;
    if (is_variable(term)) plug_variable(term);
    if (term.kind == TermKind::kReference) plug_reference(term);
    ++depth_;
    for (Term* part : term.terms) plug(*part);
    plug(term.body);
    --depth_;
}

void CopyPropagation::plug(Body body) {
    for (Expression* one : body) plug(*one);
}

void CopyPropagation::plug(Expression& expression) {
    for (Term* term : expression.terms) {
        if (term != nullptr) plug(*term);
    }
    plug(expression.left);
    plug(expression.right);
    for (syntax::With* with : expression.with) {
        plug(*with->target);
        plug(*with->value);
    }
}

void CopyPropagation::plug_negation(Expression& expression) {
    Names names;
    compiler::VariableCollector(names, compiler::kSafetySkips).body(expression.left);
    Names live;
    for (const std::string_view name : names) {
        if (live_.contains(name) || root(name) || removed(name) != nullptr) live.insert(name);
    }
    expression.left =
        CopyPropagation(live, EmptyBody::kBecomesTrue, arity_, maker_).apply(expression.left);
}

// Whether one of the sides is a variable that may go, and the other one can stand for it.
bool CopyPropagation::is_equality_kept(const Term& left, const Term& right) {
    for (const auto& [name, value] : {std::pair(&left, &right), std::pair(&right, &left)}) {
        if (!is_variable(*name) || live_.contains(name->text)) continue;
        if (value->kind != TermKind::kReference && value->kind != TermKind::kCall) continue;
        removed_[name->text] = maker_.arena().make<Term>(*value);
        return false;
    }
    return true;
}

bool CopyPropagation::is_kept(Expression& expression) {
    if (expression.is_negated || !expression.with.empty()) return true;
    if (compiler::is_equality(expression)) {
        Term& left = *expression.terms[1];
        Term& right = *expression.terms[2];
        if (syntax::compare(left, right) != 0) return is_equality_kept(left, right);
        // It says nothing but that the document is there.
        const bool is_needed = left.kind == TermKind::kReference && is_variable(*left.terms[0]) &&
                               live_.contains(left.terms[0]->text);
        if (is_needed) {
            const std::string name = "__localcp" + std::to_string(next_placeholder_++) + "__";
            const std::string_view kept = maker_.arena().copy(std::string_view(name));
            placeholders_.insert(kept);
            removed_[kept] = &left;
        }
        return false;
    }
    const Terms terms = expression.terms;
    const bool has_output = expression.kind == ExpressionKind::kCall &&
                            arity_(*terms[0]) + 2 == static_cast<int>(terms.size());
    if (has_output && is_variable(*terms.back()) && !live_.contains(terms.back()->text) &&
        !heads_.contains(terms.back()->text)) {
        removed_[terms.back()->text] =
            maker_.composite(TermKind::kCall, terms.first(terms.size() - 1), expression.location);
        return false;
    }
    return !is_idle(expression);
}

void CopyPropagation::append(std::vector<Expression*>& result, Expression* expression) const {
    expression->index = static_cast<std::uint32_t>(result.size());
    result.push_back(expression);
}

void CopyPropagation::bind_live(std::vector<Expression*>& result) {
    for (const std::string_view name : live_) {
        const auto known = root(name);
        if (!known) continue;
        Term* value = nullptr;
        if (const Term* const constant = sets_[*known].constant; constant != nullptr) {
            value = maker_.arena().make<Term>(*constant);
        } else if (Term* const term = removed(*known); term != nullptr) {
            value = term;
        } else if (*known != name) {
            value = maker_.variable(*known, nullptr);
        }
        if (value == nullptr) continue;
        append(result, maker_.equality(maker_.variable(name, nullptr), value, nullptr));
    }
}

// What was removed comes back where nothing in the result asks whether it is defined, or where it
// binds what would be unsafe. False where something is unsafe all the same.
bool CopyPropagation::restore(std::vector<Expression*>& result) {
    const std::set<const Expression*> no_assignments;
    const compiler::SafetyOrder order(arity_, no_assignments, maker_.arena());
    Names safe{"data", "input"};
    safe.insert(live_.begin(), live_.end());
    safe.merge(order.outputs_of_body(result, safe));
    Names used;
    compiler::VariableCollector(used, compiler::kSafetySkips, &arity_).body(result);
    Names unsafe = compiler::difference(used, safe);
    for (auto one = removed_.rbegin(); one != removed_.rend(); ++one) {
        const auto& [name, value] = *one;
        Expression* const equality =
            maker_.equality(maker_.variable(name, nullptr), value, nullptr);
        const Names outputs = order.outputs(*equality, safe);
        const Names left = compiler::difference(unsafe, outputs);
        const bool gives_safety = left.size() < unsafe.size();
        unsafe = left;
        const bool is_document = value->kind == TermKind::kReference && value->terms.size() == 1 &&
                                 is_variable(*value->terms[0]) &&
                                 safe.contains(value->terms[0]->text);
        if (!gives_safety && (is_document || Search(*value).in(result))) continue;
        const bool is_bare = placeholders_.contains(name) && value->kind == TermKind::kReference;
        append(result,
               is_bare ? maker_.expression(ExpressionKind::kTerm, {value}, nullptr) : equality);
        safe.insert(outputs.begin(), outputs.end());
    }
    return unsafe.empty();
}

Body CopyPropagation::apply(Body body) {
    sets_.clear();
    heads_.clear();
    removed_.clear();
    if (!find_sets(body)) return body;
    find_heads(body);
    std::vector<Expression*> result;
    for (const Expression* written : body) {
        Expression* const one = syntax::copy(*written, maker_.arena());
        is_negated_ = one->is_negated;
        plug(*one);
        if (one->kind == ExpressionKind::kNot) plug_negation(*one);
        if (is_kept(*one)) append(result, one);
    }
    bind_live(result);
    if (!restore(result)) return body;
    if (empty_ == EmptyBody::kBecomesTrue && result.empty()) {
        Expression* const truth =
            maker_.expression(ExpressionKind::kTerm, {maker_.boolean(true, nullptr)}, nullptr);
        truth->is_generated = true;
        append(result, truth);
    }
    return syntax::keep_pointers(result, maker_.arena());
}

}  // namespace merlon::rego::partial
