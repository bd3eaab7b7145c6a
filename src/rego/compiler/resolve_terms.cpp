// Names in terms: variables, references, comprehensions, template strings and what is called.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rego/compiler/declarations.h"
#include "rego/compiler/resolve.h"
#include "rego/compiler/variables.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/print.h"

namespace merlon::rego::compiler {

void Resolver::operation(Term*& operation, const Location* location) {
    if (operation->kind == TermKind::kVariable) {
        Term* const name = maker_.variable(operation->text, operation->location);
        operation = maker_.composite(TermKind::kReference, {&name, 1}, operation->location);
    }
    if (operation->kind != TermKind::kReference) return term(*operation);
    Term& head = *operation->terms[0];
    if (head.kind == TermKind::kVariable) {
        Declared* const declared = find_declared(head.text);
        if (declared != nullptr && declared->name != head.text) {
            // A call that stands alone, or in a head, is one of a function that there is not.
            if (location == nullptr || is_in_head_) {
                head.text = declared->name;
                use(*declared);
                return;
            }
            errors_.add(kCompileError, location,
                        "called function " + syntax::to_text(*operation) + " shadowed");
            return;
        }
        if (is_global(head.text)) {
            const std::string_view root = globals_->at(head.text)[0]->text;
            const Declared* const hiding = location == nullptr ? nullptr : find_declared(root);
            reference(*operation);
            if (hiding == nullptr || hiding->name == root) return;
            operation->terms[0]->text = root;
            errors_.add(kCompileError, location,
                        "called function " + syntax::to_text(*operation) + " shadowed");
            operation->terms[0]->text = hiding->name;
        } else {
            see(head.text);
        }
    }
}

Terms Resolver::global_path(std::string_view name, Location* place) {
    const Terms global = globals_->at(name);
    const Terms path = syntax::copy(global, maker_.arena());
    for (Term* part : path) part->location = place;
    Term* const root = global[0];
    path[0] = root;
    if (!kept_.contains(root)) {
        root->location = place;
        placed_.insert(root);
    }
    used_globals_.insert(name);
    // A variable that is called like a document hides the rules below it.
    if (path.size() == 1) return path;
    if (Declared* const declared = find_declared(root->text)) {
        root->text = declared->name;
        use(*declared);
    } else {
        see(root->text);
    }
    return path;
}

void Resolver::set_global(Term& term, std::string_view name) {
    Location* const location = term.location;
    const Terms path = global_path(name, location);
    term = *maker_.composite(TermKind::kReference, path, location);
}

void Resolver::variable(Term& term) {
    if (Declared* const declared = find_declared(term.text)) {
        term.text = declared->name;
        use(*declared);
    } else if (is_global(term.text)) {
        set_global(term, term.text);
    } else {
        see(term.text);
    }
}

void Resolver::reference(Term& reference) {
    Term& head = *reference.terms[0];
    const bool is_rule = head.kind == TermKind::kVariable && is_global(head.text) &&
                         find_declared(head.text) == nullptr;
    if (head.kind != TermKind::kVariable) {
        term(head);
    } else if (!is_rule && syntax::is_root_document(head)) {
        Declared* const declared = find_declared(head.text);
        // `import input`: what is looked into already is the same document by that name.
        const bool is_seen = declared != nullptr && declared->occurrence == Occurrence::kSeen;
        if (is_seen && is_global(head.text)) used_globals_.insert(head.text);
        if (declared != nullptr && declared->occurrence != Occurrence::kSeen) {
            head.text = declared->name;
            if (reference.terms.size() == 1) {
                reference = head;
            } else {
                use(*declared);
            }
        } else if (reference.terms.size() > 1) {
            see(head.text);
        }
    } else if (is_rule) {
        const Terms path = global_path(head.text, head.location);
        std::vector<Term*> whole(path.begin(), path.end());
        for (Term* part : reference.terms.subspan(1)) {
            term(*part);
            whole.push_back(part);
        }
        reference.terms = syntax::keep_pointers(whole, maker_.arena());
        return;
    } else {
        variable(head);
    }
    if (reference.kind != TermKind::kReference) return;
    for (Term* part : reference.terms.subspan(1)) term(*part);
}

void Resolver::comprehension(Term& term) {
    Names used;
    VariableCollector(used, kSkipNothing).terms(term.terms);
    push_scope(declared_in(term.body));
    const bool was_in_head = std::exchange(is_in_head_, false);
    std::set<Term*> placed_before = std::exchange(placed_, {});
    body(term.body, used);
    before_body(placed_, [&] {
        for (Term* part : term.terms) this->term(*part);
    });
    placed_.merge(placed_before);
    is_in_head_ = was_in_head;
    pop_scope();
}

namespace {

// OPA's name of what has no value that could be shown; empty: it has one.
std::string_view connective_of(const Expression& expression) {
    switch (expression.kind) {
        case ExpressionKind::kNot:
            return "*ast.Not";
        case ExpressionKind::kAnd:
            return "*ast.LogicalAnd";
        case ExpressionKind::kOr:
            return "*ast.LogicalOr";
        default:
            return {};
    }
}

}  // namespace

// $"a {x}" is internal.template_string(["a ", {l | l = x}]): a set, because what is undefined is
// shown.
void Resolver::template_string(Term& term) {
    std::vector<Term*> parts;
    for (const syntax::TemplatePart& part : term.template_parts) {
        if (part.expression == nullptr) {
            parts.push_back(part.term);
            continue;
        }
        Expression& written = *part.expression;
        if (const std::string_view type = connective_of(written); !type.empty()) {
            errors_.add_at(Stage::kTemplates, kCompileError, written.location,
                           "unexpected template-string expression type: " + std::string(type));
            continue;
        }
        push_scope({});
        expression(written);
        pop_scope();
        // A call stands nowhere for OPA, which its coverage shows.
        Location* place = written.location;
        if (written.kind == ExpressionKind::kCall && place != nullptr) {
            place = maker_.arena().make<Location>(*place);
            place->is_synthetic = true;
        }
        Term* const value = written.kind == ExpressionKind::kCall
                                ? maker_.composite(TermKind::kCall, written.terms, place)
                                : written.terms[0];
        // A variable must have a value; what else is undefined is shown as that.
        if (value->kind == TermKind::kVariable && written.with.empty()) {
            parts.push_back(maker_.composite(TermKind::kSet, {&value, 1}, written.location));
            continue;
        }
        Term* const shown = maker_.fresh(place);
        Expression* const capture = maker_.equality(shown, value, place);
        capture->with = written.with;
        Term* const set = maker_.composite(TermKind::kSetComprehension, {&shown, 1}, place);
        set->body = syntax::keep_pointers({capture}, maker_.arena());
        parts.push_back(set);
    }
    Location* const location = term.location;
    if (parts.empty()) parts.push_back(maker_.string("", location));
    Term* const operation = maker_.operation({"internal", "template_string"}, location);
    Term* const list = maker_.composite(TermKind::kArray, parts, location);
    const std::initializer_list<Term*> call = {operation, list};
    term = *maker_.composite(TermKind::kCall, std::span(call.begin(), call.size()), location);
}

namespace {

// Of keys and values in turn: a key that stands there several times stays once, at its first place
// and with its last value.
void keep_last_values(std::vector<Term*>& pairs) {
    const auto is_before = [](const Term* left, const Term* right) {
        return syntax::compare(*left, *right) < 0;
    };
    std::map<const Term*, std::size_t, decltype(is_before)> places;
    for (std::size_t i = 0; i < pairs.size(); i += 2) {
        const auto [known, is_new] = places.try_emplace(pairs[i], i);
        if (is_new) continue;
        pairs[known->second + 1] = std::exchange(pairs[i + 1], nullptr);
        pairs[i] = nullptr;
    }
    std::erase(pairs, nullptr);
}

}  // namespace

void Resolver::term(Term& term) {
    switch (term.kind) {
        case TermKind::kVariable:
            return variable(term);
        case TermKind::kReference:
            return reference(term);
        case TermKind::kTemplateString:
            return template_string(term);
        case TermKind::kCall:
            operation(term.terms[0], term.location);
            for (Term* operand : term.terms.subspan(1)) this->term(*operand);
            return;
        case TermKind::kArrayComprehension:
        case TermKind::kObjectComprehension:
        case TermKind::kSetComprehension:
            return comprehension(term);
        case TermKind::kObject: {
            std::vector<Term*> pairs(term.terms.begin(), term.terms.end());
            for (Term* part : pairs) this->term(*part);
            keep_last_values(pairs);
            if (pairs.size() != term.terms.size()) {
                term.terms = syntax::keep_pointers(pairs, maker_.arena());
            }
            return;
        }
        default:
            for (Term* part : term.terms) this->term(*part);
    }
}

}  // namespace merlon::rego::compiler
