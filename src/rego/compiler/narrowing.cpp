#include "rego/compiler/narrowing.h"

#include <algorithm>
#include <optional>

#include "rego/compiler/type_environment.h"
#include "rego/syntax/compare.h"

namespace merlon::rego::compiler {
namespace {

constexpr std::size_t kMaxReferences = 64;

using Values = std::optional<std::vector<Term*>>;  // nothing: not known

// The member at a constant key; null where there is none.
Term* member_at(const Term& collection, Term& key) {
    switch (collection.kind) {
        case TermKind::kArray: {
            const bool is_place = key.kind == TermKind::kNumber && key.constant.is_plain_integer();
            const auto place = is_place ? key.constant.as_integer() : std::nullopt;
            if (!place || *place < 0) return nullptr;
            const auto index = static_cast<std::size_t>(*place);
            return index < collection.terms.size() ? collection.terms[index] : nullptr;
        }
        case TermKind::kObject:
            for (std::size_t i = 0; i + 1 < collection.terms.size(); i += 2) {
                if (syntax::compare(*collection.terms[i], key) == 0) return collection.terms[i + 1];
            }
            return nullptr;
        case TermKind::kSet:
            return std::ranges::any_of(
                       collection.terms,
                       [&](const Term* element) { return syntax::compare(*element, key) == 0; })
                       ? &key
                       : nullptr;
        default:
            return nullptr;
    }
}

Values values_of(Term& term, const KnownValues& known);

Values values_of_reference(const Term& reference, const KnownValues& known) {
    Values values = values_of(*reference.terms[0], known);
    for (Term* step : reference.terms.subspan(1)) {
        if (!values) return std::nullopt;
        std::vector<Term*> next;
        for (Term* value : *values) {
            if (!is_constant(*step)) {
                if (!add_members(*value, next)) return std::nullopt;
            } else if (Term* const member = member_at(*value, *step)) {
                next.push_back(member);
            }
        }
        if (next.size() > kMaxReferences) return std::nullopt;
        values = std::move(next);
    }
    return values;
}

Values values_of(Term& term, const KnownValues& known) {
    if (term.kind == TermKind::kVariable) {
        const auto found = known.find(term.text);
        return found == known.end() ? Values() : Values(found->second);
    }
    if (term.kind == TermKind::kReference) return values_of_reference(term, known);
    return is_constant(term) ? Values(std::vector<Term*>{&term}) : std::nullopt;
}

}  // namespace

bool add_members(const Term& collection, std::vector<Term*>& members) {
    switch (collection.kind) {
        case TermKind::kArray:
        case TermKind::kSet:
            members.insert(members.end(), collection.terms.begin(), collection.terms.end());
            return true;
        case TermKind::kObject:
            for (std::size_t i = 1; i < collection.terms.size(); i += 2) {
                members.push_back(collection.terms[i]);
            }
            return true;
        default:
            return false;
    }
}

Narrowing::Narrowing(std::span<Expression* const> body) {
    KnownValues known;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const Expression& one = *body[i];
        if (!is_equality(one) || one.is_negated || !one.with.empty()) continue;
        for (const std::size_t side : {1U, 2U}) {
            const Term& variable = *one.terms[side];
            if (variable.kind != TermKind::kVariable) continue;
            Values values = values_of(*one.terms[3 - side], known);
            if (!values) continue;
            if (known.try_emplace(variable.text, *values).second) {
                bindings_.push_back({i, variable.text, std::move(*values)});
            }
            break;
        }
    }
}

KnownValues Narrowing::before(std::size_t expression) const {
    KnownValues known;
    for (const Binding& binding : bindings_) {
        if (binding.expression < expression) known[binding.variable] = binding.values;
    }
    return known;
}

std::vector<ReferencePath> narrowed(std::span<Term* const> reference, const KnownValues& known) {
    std::vector<ReferencePath> expanded{{reference.begin(), reference.end()}};
    if (known.empty()) return expanded;
    for (std::size_t i = 1; i < reference.size(); ++i) {
        if (is_constant(*reference[i])) continue;
        const Values values = values_of(*reference[i], known);
        // No value at all: the body never holds, which is no reason to forget the rules.
        if (!values || values->empty()) continue;
        if (expanded.size() * values->size() > kMaxReferences) continue;
        std::vector<ReferencePath> next;
        for (const ReferencePath& path : expanded) {
            for (Term* value : *values) {
                next.push_back(path);
                next.back()[i] = value;
            }
        }
        expanded = std::move(next);
    }
    return expanded;
}

}  // namespace merlon::rego::compiler
