#include "rego/watch/plugger.h"

#include "rego/term.h"

namespace merlon::rego::watch {

using syntax::Expression;
using syntax::ExpressionKind;
using syntax::Term;
using syntax::TermKind;
using value::Value;

namespace {

TermKind kind_of(NodeKind kind) {
    switch (kind) {
        case NodeKind::kReference:
            return TermKind::kReference;
        case NodeKind::kArray:
            return TermKind::kArray;
        case NodeKind::kObject:
            return TermKind::kObject;
        default:
            return TermKind::kSet;
    }
}

TermKind kind_of(value::Kind kind) {
    switch (kind) {
        case value::Kind::kBoolean:
            return TermKind::kBoolean;
        case value::Kind::kNumber:
            return TermKind::kNumber;
        case value::Kind::kString:
            return TermKind::kString;
        case value::Kind::kArray:
            return TermKind::kArray;
        case value::Kind::kObject:
            return TermKind::kObject;
        case value::Kind::kSet:
            return TermKind::kSet;
        default:
            return TermKind::kNull;
    }
}

bool is_root(std::string_view name) { return name == "data" || name == "input"; }

}  // namespace

std::string_view Plugger::shown(std::string_view name) {
    if (!name.ends_with('~')) return name;
    const std::string made = std::string(name.substr(0, name.size() - 1)) + "__";
    return maker_.arena().copy(std::string_view(made));
}

Term* Plugger::variable(std::string_view name, const Bindings* where) {
    name = shown(name);
    if (where == query_ || is_root(name)) return maker_.variable(name, nullptr);
    const std::string made = std::string(name) + std::to_string(where->id());
    return maker_.variable(maker_.arena().copy(std::string_view(made)), nullptr);
}

syntax::Terms Plugger::terms(std::span<const Value> values) {
    std::vector<Term*> made;
    for (const Value& one : values) made.push_back(value(one));
    return syntax::keep_pointers(made, maker_.arena());
}

Term* Plugger::value(const Value& value) {
    auto* const made = maker_.arena().make<Term>();
    made->kind = kind_of(value.kind());
    made->constant = value;
    switch (value.kind()) {
        case value::Kind::kNumber:
            made->text = maker_.arena().copy(std::string_view(term_text(value)));
            break;
        case value::Kind::kString:
            made->text = maker_.arena().copy(value.as_string());
            break;
        case value::Kind::kArray:
        case value::Kind::kSet:
            made->terms = terms(value.items());
            break;
        case value::Kind::kObject: {
            std::vector<Term*> parts;
            for (std::size_t i = 0; i < value.size(); ++i) {
                parts.push_back(this->value(value.keys()[i]));
                parts.push_back(this->value(value.values()[i]));
            }
            made->terms = syntax::keep_pointers(parts, maker_.arena());
            break;
        }
        default:
            break;
    }
    return made;
}

Term* Plugger::term(const Node& node, Bindings* where) {
    const Bound bound = follow(&node, where);
    if (bound.node->kind == NodeKind::kValue) return value(bound.node->value);
    if (bound.node->kind == NodeKind::kVariable) return variable(bound.node->name, bound.where);
    if (is_comprehension(*bound.node)) return shown(*bound.node->source);
    std::vector<Term*> parts;
    for (const Node* part : bound.node->parts) parts.push_back(term(*part, bound.where));
    return maker_.composite(kind_of(bound.node->kind), parts, nullptr);
}

void Plugger::rename(Term& term) {
    if (term.kind == TermKind::kVariable) term.text = shown(term.text);
    for (Term* part : term.terms) rename(*part);
    for (Expression* one : term.body) rename(*one);
}

void Plugger::rename(Expression& expression) {
    for (Term* term : expression.terms) {
        if (term != nullptr) rename(*term);
    }
    for (Expression* one : expression.left) rename(*one);
    for (Expression* one : expression.right) rename(*one);
    for (syntax::With* with : expression.with) {
        rename(*with->target);
        rename(*with->value);
    }
}

Term* Plugger::shown(const Term& term) {
    Term* const copied = syntax::copy(&term, maker_.arena());
    rename(*copied);
    return copied;
}

Expression* Plugger::shown(const Expression& expression) {
    Expression* const copied = syntax::copy(expression, maker_.arena());
    rename(*copied);
    return copied;
}

void Plugger::add_suffix(Term& term, const Bindings& where) {
    if (term.kind == TermKind::kVariable) {
        // What has another name has no place, which shows in how it is laid out.
        if (&where != query_ && !is_root(term.text)) term.location = nullptr;
        term.text = variable(term.text, &where)->text;
    } else if (!compiler::is_comprehension(term) && term.kind != TermKind::kCall) {
        for (Term* part : term.terms) add_suffix(*part, where);
    }
}

// Comprehensions inside of the term.
void Plugger::add_suffix_inside(Term& term, const Bindings& where) {
    if (compiler::is_comprehension(term)) {
        for (Term* part : term.terms) add_suffix(*part, where);
        add_suffix(term.body, where);
        return;
    }
    for (Term* part : term.terms) add_suffix_inside(*part, where);
}

void Plugger::add_suffix(syntax::Body body, const Bindings& where) {
    for (Expression* one : body) {
        const bool is_call = one->kind == ExpressionKind::kCall;
        // What `every` declares keeps its name, as in OPA.
        if (is_call || one->kind == ExpressionKind::kTerm) {
            for (Term* term : one->terms.subspan(is_call ? 1 : 0)) add_suffix(*term, where);
        }
        for (syntax::With* with : one->with) {
            add_suffix(*with->target, where);
            add_suffix(*with->value, where);
            add_suffix_inside(*with->value, where);
        }
        for (Term* term : one->terms) {
            if (term != nullptr) add_suffix_inside(*term, where);
        }
        add_suffix(one->left, where);
        add_suffix(one->right, where);
    }
}

Term* Plugger::closed_comprehension(const Term& source, Bindings* where) {
    Term* const made = shown(source);
    const compiler::Names names = compiler::variables_of(source);
    std::vector<Expression*> body(made->body.begin(), made->body.end());
    for (const Bindings::Entry& entry : where->entries()) {
        if (!names.contains(entry.name)) continue;
        Term* const known = term(*entry.bound.node, entry.bound.where);
        Term* const name = maker_.variable(shown(entry.name), nullptr);
        Expression* const equality = maker_.equality(name, known, nullptr);
        equality->index = static_cast<std::uint32_t>(body.size());
        body.push_back(equality);
    }
    made->body = syntax::keep_pointers(body, maker_.arena());
    if (where == query_) return made;
    add_suffix_inside(*made, *where);
    return made;
}

}  // namespace merlon::rego::watch
