#include "rego/compiler/nodes.h"

#include <algorithm>
#include <string>

#include "value/value.h"

namespace merlon::rego::compiler {

std::string_view NodeMaker::fresh_name() {
    if (owner_ == Owner::kModules) {
        return interner_.intern("__local" + std::to_string(made_for_modules_++) + "~");
    }
    std::string name;
    do {
        name = "__localq" + std::to_string(made_for_queries_++) + "~";
    } while (used_.contains(name));
    return interner_.intern(name);
}

Term* NodeMaker::variable(std::string_view name, Location* location) {
    Term* const made = arena_.make<Term>();
    made->kind = TermKind::kVariable;
    made->text = name;
    made->location = location;
    return made;
}

Term* NodeMaker::string(std::string_view text, Location* location) {
    Term* const made = arena_.make<Term>();
    made->kind = TermKind::kString;
    made->text = interner_.intern(text);
    made->constant = value::Builder(arena_, interner_).string(text);
    made->location = location;
    return made;
}

Term* NodeMaker::boolean(bool truth, Location* location) {
    Term* const made = arena_.make<Term>();
    made->kind = TermKind::kBoolean;
    made->constant = value::Builder(arena_, interner_).boolean(truth);
    made->location = location;
    return made;
}

Term* NodeMaker::composite(TermKind kind, std::span<Term* const> terms, Location* location) {
    Term* const made = arena_.make<Term>();
    made->kind = kind;
    made->terms = arena_.make_array<Term*>(terms.size());
    std::ranges::copy(terms, made->terms.begin());
    made->location = location;
    return made;
}

Term* NodeMaker::operation(std::initializer_list<std::string_view> words, Location* location) {
    std::vector<Term*> parts;
    for (const std::string_view word : words) {
        parts.push_back(parts.empty() ? variable(word, location) : string(word, location));
    }
    return composite(TermKind::kReference, parts, location);
}

Expression* NodeMaker::expression(ExpressionKind kind, std::initializer_list<Term*> terms,
                                  Location* location) {
    auto* const made = arena_.make<Expression>();
    made->kind = kind;
    made->terms = arena_.make_array<Term*>(terms.size());
    std::ranges::copy(terms, made->terms.begin());
    made->location = location;
    return made;
}

Expression* NodeMaker::equality(Term* left, Term* right, Location* location) {
    return expression(ExpressionKind::kCall, {operation({kEquality}, location), left, right},
                      location);
}

std::string operator_name(const Term& operation) {
    if (operation.kind == TermKind::kVariable) return std::string(operation.text);
    std::string name;
    for (const Term* part : operation.terms) {
        if (!name.empty()) name += '.';
        name += part->text;
    }
    return name;
}

bool requires_evaluation(const Term& term) {
    if (term.kind == TermKind::kReference || is_comprehension(term)) return true;
    return std::ranges::any_of(term.terms,
                               [](const Term* part) { return requires_evaluation(*part); });
}

void append_expressions(std::vector<Expression*>& body, std::span<Expression* const> more) {
    if (more.empty()) return;
    const bool says_nothing = body.size() == 1 && body[0]->kind == ExpressionKind::kTerm &&
                              !body[0]->is_negated && body[0]->with.empty() &&
                              body[0]->terms[0]->kind == TermKind::kBoolean &&
                              body[0]->terms[0]->constant.as_boolean();
    if (says_nothing) body.clear();
    body.insert(body.end(), more.begin(), more.end());
}

}  // namespace merlon::rego::compiler
