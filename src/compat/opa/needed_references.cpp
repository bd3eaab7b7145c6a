#include "compat/opa/needed_references.h"

#include <algorithm>
#include <optional>

#include "rego/syntax/compare.h"
#include "rego/syntax/walk.h"

namespace merlon::compat::opa {

using rego::compiler::Names;
using rego::syntax::Body;
using rego::syntax::Expression;
using rego::syntax::Term;
using rego::syntax::TermKind;

namespace {

// Of a circle of names there is no end.
constexpr std::size_t kMostSteps = 1'000;

// What a reference begins with may be a reference itself.
DocumentReference flat(const Term& reference) {
    DocumentReference steps(reference.terms.begin(), reference.terms.end());
    while (steps[0]->kind == TermKind::kReference) {
        const rego::syntax::Terms inner = steps[0]->terms;
        steps.erase(steps.begin());
        steps.insert(steps.begin(), inner.begin(), inner.end());
    }
    return steps;
}

bool begins_with(const DocumentReference& reference, const DocumentReference& prefix) {
    return reference.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), reference.begin(),
                      [](const Term* left, const Term* right) {
                          return rego::syntax::compare(*left, *right) == 0;
                      });
}

// Calls `visit` with each reference, and with those inside of it.
template <typename Visit>
struct ReferenceVisitor {
    Visit visit;

    bool enter(Term& term) {
        if (term.kind == TermKind::kReference) visit(term);
        return true;
    }
    static bool enter(Expression& /*expression*/) { return true; }
    static bool enter(rego::syntax::With& /*with*/) { return true; }
};
template <typename Node, typename Visit>
void walk_references(Node& node, Visit visit) {
    ReferenceVisitor<Visit> visitor{visit};
    rego::syntax::walk(node, visitor);
}

// `name = reference`, either way round.
struct Naming {
    std::string_view name;
    DocumentReference reference;
};
std::optional<Naming> naming_of(const Expression& expression) {
    if (!rego::compiler::is_equality(expression)) return std::nullopt;
    const Term& left = *expression.terms[1];
    const Term& right = *expression.terms[2];
    if (left.kind == TermKind::kVariable) {
        if (right.kind != TermKind::kReference) return std::nullopt;
        return Naming{left.text, flat(right)};
    }
    if (right.kind != TermKind::kVariable || left.kind != TermKind::kReference) return std::nullopt;
    return Naming{right.text, flat(left)};
}

// The documents that a reference leads to.
DocumentReferences expanded(const DocumentReference& reference,
                            const std::map<std::string_view, DocumentReferences>& joined) {
    if (rego::syntax::is_root_document(*reference[0])) return {reference};
    const auto named =
        reference[0]->kind == TermKind::kVariable ? joined.find(reference[0]->text) : joined.end();
    DocumentReferences found;
    if (named == joined.end()) return found;
    for (DocumentReference one : named->second) {
        one.insert(one.end(), reference.begin() + 1, reference.end());
        if (one.size() <= kMostSteps) found.insert(std::move(one));
    }
    return found;
}

// A name that stands for one reference and is used nowhere else.
bool is_alias(std::string_view name, const DocumentReferences& references, const Names& used,
              const Names& head) {
    return references.size() == 1 && !head.contains(name) && !used.contains(name);
}

}  // namespace

bool DocumentOrder::operator()(const DocumentReference& left,
                               const DocumentReference& right) const {
    const std::size_t common = std::min(left.size(), right.size());
    for (std::size_t i = 0; i < common; ++i) {
        const int order = rego::syntax::compare(*left[i], *right[i]);
        if (order != 0) return order < 0;
    }
    return left.size() < right.size();
}

void NeededReferences::add(const rego::syntax::Rule& rule) {
    for (const rego::syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
        const rego::syntax::Head& head = *part->head;
        Names names;
        rego::compiler::VariableCollector collector(names, rego::compiler::kSkipNothing);
        collector.terms(head.arguments);
        if (head.key != nullptr) collector.term(*head.key);
        if (head.value != nullptr) collector.term(*head.value);
        collector.terms(head.reference.subspan(1));
        add(part->body, names);
    }
}

// All that a query names is asked for.
void NeededReferences::add_query(Body body) {
    Names names;
    rego::compiler::VariableCollector(names, rego::compiler::kSkipNothing).body(body);
    std::erase_if(names, rego::syntax::is_wildcard);
    add(body, names);
}

void NeededReferences::resolve(const Term& reference, const Joined& joined) {
    const DocumentReferences references = expanded(flat(reference), joined);
    found_.insert(found_.end(), references.begin(), references.end());
}

void NeededReferences::resolve_inside(const DocumentReference& reference, const Joined& joined) {
    for (const Term* step : reference) {
        walk_references(*const_cast<Term*>(step),
                        [&](const Term& inner) { resolve(inner, joined); });
    }
}

void NeededReferences::add(Body body, const Names& head) {
    std::vector<Naming> namings;
    std::vector<Expression*> others;
    for (Expression* one : body) {
        if (auto naming = naming_of(*one)) {
            namings.push_back(std::move(*naming));
        } else {
            others.push_back(one);
        }
    }
    Joined joined;
    for (bool goes_on = true; goes_on;) {
        goes_on = false;
        for (const Naming& naming : namings) {
            for (const DocumentReference& one : expanded(naming.reference, joined)) {
                goes_on = joined[naming.name].insert(one).second || goes_on;
            }
        }
    }
    // `x[y]` alone, where the head has y: of what stands below it nothing is needed.
    DocumentReferences asked;
    Names used;
    for (Expression* one : others) {
        if (one->kind == rego::syntax::ExpressionKind::kTerm &&
            one->terms[0]->kind == TermKind::kReference) {
            const Term& last = *one->terms[0]->terms.back();
            if (last.kind == TermKind::kVariable && head.contains(last.text)) {
                asked.merge(expanded(flat(*one->terms[0]), joined));
                continue;
            }
        }
        walk_references(*one, [&](const Term& reference) { resolve(reference, joined); });
        rego::compiler::VariableCollector(used, rego::compiler::kSkipReferenceHead)
            .expression(*one);
    }
    for (const DocumentReference& one : asked) {
        const bool is_known = std::ranges::any_of(
            found_, [&](const DocumentReference& other) { return begins_with(other, one); });
        if (!is_known) found_.push_back(one);
        resolve_inside(one, joined);
    }
    walk_references(body, [&](const Term& reference) {
        for (const Term* step : reference.terms.subspan(1)) {
            if (step->kind == TermKind::kVariable) used.insert(step->text);
        }
    });
    for (const auto& [name, references] : joined) {
        for (const DocumentReference& one : references) {
            if (!is_alias(name, references, used, head)) found_.push_back(one);
            resolve_inside(one, joined);
        }
    }
    add_alias(joined, used, head);
}

// What an unused name stands for must be there all the same; where something else says so already,
// it is not told again.
void NeededReferences::add_alias(const Joined& joined, const Names& used, const Names& head) {
    const std::size_t known = found_.size();
    for (const auto& [name, references] : joined) {
        if (!is_alias(name, references, used, head)) continue;
        const DocumentReference& one = *references.begin();
        const bool is_covered =
            std::any_of(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(known),
                        [&](const DocumentReference& other) {
                            return begins_with(other, one) || begins_with(one, other);
                        });
        if (!is_covered) found_.push_back(one);
    }
}

std::vector<DocumentReference> NeededReferences::minimal() const {
    const DocumentReferences sorted(found_.begin(), found_.end());
    std::vector<DocumentReference> kept;
    for (const DocumentReference& one : sorted) {
        if (kept.empty() || !begins_with(one, kept.back())) kept.push_back(one);
    }
    return kept;
}

}  // namespace merlon::compat::opa
