#include "rego/compiler/variables.h"

#include <algorithm>
#include <map>

#include "rego/compiler/safety.h"
#include "rego/syntax/compare.h"

namespace merlon::rego::compiler {

void VariableCollector::terms(std::span<Term* const> terms) {
    for (const Term* one : terms) {
        if (one != nullptr) term(*one);
    }
}

void VariableCollector::term(const Term& term) {
    switch (term.kind) {
        case TermKind::kVariable:
            names_.insert(term.text);
            return;
        case TermKind::kReference:
            terms((skips_ & kSkipReferenceHead) != 0 ? term.terms.subspan(1) : term.terms);
            return;
        case TermKind::kObject:
            for (std::size_t i = 0; i < term.terms.size(); ++i) {
                const bool is_key = i % 2 == 0;
                if (!is_key || (skips_ & kSkipObjectKeys) == 0) this->term(*term.terms[i]);
            }
            return;
        case TermKind::kSet:
            if ((skips_ & kSkipSets) == 0) terms(term.terms);
            return;
        case TermKind::kCall:
            if ((skips_ & kSkipOperators) != 0) {
                if (term.terms[0]->kind == TermKind::kReference) {
                    terms(term.terms[0]->terms.subspan(1));
                }
                terms(term.terms.subspan(1));
            } else {
                terms(term.terms);
            }
            return;
        case TermKind::kTemplateString:
        case TermKind::kArrayComprehension:
        case TermKind::kObjectComprehension:
        case TermKind::kSetComprehension:
            if ((skips_ & kSkipClosures) != 0) return;
            terms(term.terms);
            body(term.body);
            for (const syntax::TemplatePart& part : term.template_parts) {
                if (part.expression != nullptr) expression(*part.expression);
            }
            return;
        default:
            terms(term.terms);
            return;
    }
}

void VariableCollector::operand_body(Body body, bool is_explicit) {
    if (promotes_ != nullptr) {
        if (!is_explicit) names_.merge(unbound_in_bare_body(body, *promotes_));
    } else if ((skips_ & kSkipClosures) == 0) {
        this->body(body);
    }
}

void VariableCollector::expression(const Expression& expression) {
    switch (expression.kind) {
        case ExpressionKind::kEvery:
            if ((skips_ & kSkipClosures) != 0) {
                term(*expression.terms[2]);
                return;
            }
            terms(expression.terms);
            body(expression.left);
            break;
        case ExpressionKind::kNot:
        case ExpressionKind::kAnd:
        case ExpressionKind::kOr:
            operand_body(expression.left, expression.has_explicit_left);
            if (expression.kind != ExpressionKind::kNot) {
                operand_body(expression.right, expression.has_explicit_right);
            }
            break;
        case ExpressionKind::kCall:
            if ((skips_ & kSkipOperators) != 0) {
                if (expression.terms[0]->kind == TermKind::kReference) {
                    terms(expression.terms[0]->terms.subspan(1));
                }
                terms(expression.terms.subspan(1));
                break;
            }
            terms(expression.terms);
            break;
        default:
            terms(expression.terms);
            break;
    }
    for (const syntax::With* with : expression.with) {
        const bool skips_names = (skips_ & kSkipOperators) != 0;
        for (const Term* part : {with->target, with->value}) {
            if (skips_names && part->kind == TermKind::kReference) {
                terms(part->terms.subspan(1));
            } else if (!skips_names || part == with->value) {
                term(*part);
            }
        }
    }
}

void VariableCollector::body(std::span<Expression* const> body) {
    for (const Expression* one : body) expression(*one);
}

// From here on looking up is quicker than going through both.
constexpr std::size_t kManyTimes = 8;

bool is_subset(const Names& names, const Names& of) {
    return names.size() <= of.size() &&
           std::ranges::all_of(names, [&](std::string_view name) { return of.contains(name); });
}

// A few names are looked up, so that each expression of a long body may ask for its own.
Names difference(const Names& names, const Names& without) {
    Names left;
    if (names.size() < without.size() / kManyTimes) {
        for (const std::string_view name : names) {
            if (!without.contains(name)) left.insert(left.end(), name);
        }
        return left;
    }
    std::ranges::set_difference(names, without, std::inserter(left, left.end()));
    return left;
}

bool is_reference_safe(const Term& reference, const Names& safe) {
    const Term& head = *reference.terms[0];
    if (head.kind == TermKind::kVariable) return safe.contains(head.text);
    return is_subset(variables_of(head, kSafetySkips), safe);
}

namespace {

constexpr std::uint8_t kPatternSkips = kSkipReferenceHead | kSkipObjectKeys | kSkipClosures;

bool is_composite(const Term& term) {
    return term.kind == TermKind::kArray || term.kind == TermKind::kObject;
}

// Follows what an equality says about variables: once one side is known, the other one is.
class Unifier {
  public:
    explicit Unifier(const Names& safe) : safe_(safe) {}

    void unify(const Term& left, const Term& right);
    Names unified;

  private:
    bool is_safe(std::string_view name) const {
        return safe_.contains(name) || unified.contains(name);
    }
    // Whether the value is there without the other side.
    bool is_known(const Term& term) const;
    void mark_safe(std::string_view name);
    void mark_all_safe(const Term& term) {
        for (const std::string_view name : variables_of(term, kPatternSkips)) mark_safe(name);
    }
    void unify_variable(std::string_view name, const Term& other);
    void unify_composites(const Term& left, const Term& right);

    const Names& safe_;
    std::map<std::string_view, Names> unknown_;  // what each of them waits for
};

bool Unifier::is_known(const Term& term) const {
    if (term.kind == TermKind::kReference) return is_reference_safe(term, safe_);
    if (term.kind == TermKind::kCall) return is_subset(variables_of(term, kSafetySkips), safe_);
    return is_comprehension(term);
}

void Unifier::mark_safe(std::string_view name) {
    unified.insert(name);
    if (const auto found = unknown_.find(name); found != unknown_.end()) {
        const Names waits_for = std::move(found->second);
        unknown_.erase(found);
        for (const std::string_view other : waits_for) mark_safe(other);
    }
    std::vector<std::string_view> ready;
    for (auto& [other, waits_for] : unknown_) {
        if (waits_for.erase(name) > 0 && waits_for.empty()) ready.push_back(other);
    }
    for (const std::string_view other : ready) {
        if (!unified.contains(other)) mark_safe(other);
    }
}

void Unifier::unify_variable(std::string_view name, const Term& other) {
    if (other.kind == TermKind::kVariable) {
        if (is_safe(other.text)) {
            mark_safe(name);
        } else if (is_safe(name)) {
            mark_safe(other.text);
        } else {
            unknown_[name].insert(other.text);
            unknown_[other.text].insert(name);
        }
        return;
    }
    if (is_composite(other)) {
        if (is_safe(name)) return mark_all_safe(other);
        bool is_complete = true;
        for (const std::string_view part : variables_of(other, kPatternSkips)) {
            if (is_safe(part)) continue;
            is_complete = false;
            unknown_[name].insert(part);
        }
        if (is_complete) mark_safe(name);
        return;
    }
    const bool waits = other.kind == TermKind::kReference || other.kind == TermKind::kCall;
    if (!waits || is_known(other)) mark_safe(name);
}

void Unifier::unify_composites(const Term& left, const Term& right) {
    if (left.kind != right.kind || left.terms.size() != right.terms.size()) return;
    if (left.kind == TermKind::kArray) {
        for (std::size_t i = 0; i < left.terms.size(); ++i) unify(*left.terms[i], *right.terms[i]);
        return;
    }
    for (std::size_t i = 0; i < left.terms.size(); i += 2) {
        for (std::size_t j = 0; j < right.terms.size(); j += 2) {
            if (syntax::compare(*left.terms[i], *right.terms[j]) == 0) {
                unify(*left.terms[i + 1], *right.terms[j + 1]);
            }
        }
    }
}

void Unifier::unify(const Term& left, const Term& right) {
    if (left.kind == TermKind::kVariable) return unify_variable(left.text, right);
    if (right.kind == TermKind::kVariable) return unify_variable(right.text, left);
    if (is_composite(left) && is_composite(right)) return unify_composites(left, right);
    // What a comprehension makes binds the parts of some patterns only, by the side it stands on.
    const bool binds_left = !is_comprehension(right) || left.kind == TermKind::kArray;
    if (is_composite(left) && is_known(right) && binds_left) return mark_all_safe(left);
    const bool binds_right =
        !is_comprehension(left) ||
        (left.kind == TermKind::kArrayComprehension && right.kind == TermKind::kArray) ||
        (left.kind == TermKind::kObjectComprehension && right.kind == TermKind::kObject);
    if (is_composite(right) && is_known(left) && binds_right) return mark_all_safe(right);
}

}  // namespace

Names unified_variables(const Names& safe, const Term& left, const Term& right) {
    Unifier unifier(safe);
    unifier.unify(left, right);
    return std::move(unifier.unified);
}

}  // namespace merlon::rego::compiler
