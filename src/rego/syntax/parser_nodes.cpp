#include "rego/syntax/compare.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/literal.h"
#include "rego/syntax/parser_state.h"
#include "rego/syntax/print.h"

namespace merlon::rego::syntax {

Term* Parser::make_term(TermKind kind, Location* location) {
    Term* term = arena_.make<Term>();
    term->kind = kind;
    term->location = location;
    return term;
}

Term* Parser::make_variable(std::string_view name, Location* location) {
    Term* term = make_term(TermKind::kVariable, location);
    term->text = name;
    return term;
}

Term* Parser::make_string(std::string_view content, Location* location) {
    Term* term = make_term(TermKind::kString, location);
    term->text = content;
    term->constant = builder_.string(content);
    return term;
}

Term* Parser::make_boolean(bool truth, Location* location) {
    Term* term = make_term(TermKind::kBoolean, location);
    term->constant = builder_.boolean(truth);
    return term;
}

Term* Parser::make_terms(TermKind kind, const std::vector<Term*>& terms) {
    Term* term = make_term(kind, nullptr);
    if (kind == TermKind::kSet) {
        std::vector<Term*> unequal = terms;
        drop_equal_elements(unequal);
        term->terms = keep_pointers(unequal, arena_);
    } else {
        term->terms = keep_pointers(terms, arena_);
    }
    return term;
}

Terms Parser::terms_of(std::initializer_list<Term*> terms) { return keep_pointers(terms, arena_); }

Term* Parser::make_comprehension(TermKind kind, const std::vector<Term*>& terms, Body body) {
    Term* term = make_terms(kind, terms);
    term->body = body;
    return term;
}

// A reference to a built-in, all of it at the place of its symbol.
Term* Parser::make_operator(std::initializer_list<std::string_view> path, Location* location) {
    std::vector<Term*> parts;
    for (const std::string_view part : path) {
        parts.push_back(parts.empty() ? make_variable(part, location)
                                      : make_string(part, location));
    }
    Term* term = make_terms(TermKind::kReference, parts);
    term->location = location;
    return term;
}

Expression* Parser::make_expression(ExpressionKind kind, Location* location) {
    auto* expression = arena_.make<Expression>();
    expression->kind = kind;
    expression->location = location;
    return expression;
}

Body Parser::body_of(Expression* expression) {
    expression->index = 0;
    return keep_pointers({expression}, arena_);
}

Body Parser::make_body(const std::vector<Expression*>& expressions) {
    return keep_pointers(expressions, arena_);
}

Body Parser::implied_body(Location* location) {
    Expression* expression = make_expression(ExpressionKind::kTerm, location);
    expression->terms = terms_of({make_boolean(true, location)});
    expression->is_generated = true;
    return body_of(expression);
}

Term* Parser::parse_number() {
    Location* const location = here();
    std::string prefix;
    if (at(Token::kSubtract)) {
        prefix = "-";
        scan();
        if (!at_any({Token::kNumber, Token::kDot})) {
            illegal("expected number");
            return nullptr;
        }
    }
    if (at(Token::kDot)) {
        prefix += ".";
        scan();
        if (!at(Token::kNumber)) {
            illegal("expected number");
            return nullptr;
        }
    }
    const std::string_view literal = state_.literal;
    if (!prefix.ends_with('.') && literal.size() > 1 && literal[0] == '0') {
        const bool is_scientific = literal.size() > 2 && (literal[1] == 'e' || literal[1] == 'E');
        if (literal[1] != '.' && !is_scientific) {
            illegal("expected number without leading zero");
            return nullptr;
        }
    }
    const std::string number = prefix.append(literal);
    const NumberState checked = check_number(number);
    if (checked == NumberState::kTooBig) {
        fail(here(), "number too big");
        return nullptr;
    }
    const Result<value::Value> constant = builder_.number(json_number(number));
    if (checked == NumberState::kInvalid || !constant.ok()) {
        illegal("invalid float");
        return nullptr;
    }
    Term* term = make_term(TermKind::kNumber, location);
    term->text = arena_.copy(std::string_view(number));
    term->constant = constant.value();
    return term;
}

Term* Parser::parse_string() {
    const std::string_view literal = state_.literal;
    if (literal.size() < 2) return nullptr;
    const std::string_view inside = literal.substr(1, literal.size() - 2);
    if (literal[0] == '`' || inside.find('\\') == std::string_view::npos)
        return make_string(inside, here());
    const auto content = unquote_json(literal);
    if (!content) {
        fail(here(), "illegal string literal: {}", literal);
        return nullptr;
    }
    return make_string(arena_.copy(std::string_view(*content)), here());
}

std::string_view Parser::next_wildcard() {
    return arena_.copy(std::string_view(fmt::format("${}", state_.wildcards++)));
}

Term* Parser::parse_variable() {
    // Each `_` is a variable of its own.
    return make_variable(state_.literal == "_" ? next_wildcard() : state_.literal, here());
}

Term* Parser::parse_template(TemplateMode mode) {
    Location* const location = here();
    if (options_.version == RegoVersion::kV0 || options_.version == RegoVersion::kV0CompatibleV1) {
        fail(location, "template strings are not supported by current capabilities");
        return nullptr;
    }
    std::vector<TemplatePart> parts;
    while (true) {
        const std::string_view literal = state_.literal;
        const std::string_view inside =
            literal.size() < 2 ? std::string_view{} : literal.substr(1, literal.size() - 2);
        std::string_view content = inside;
        if (mode == TemplateMode::kQuoted && inside.find('\\') != std::string_view::npos) {
            const auto unquoted = unquote_json(fmt::format("\"{}\"", inside));
            if (!unquoted) {
                fail(here(), "illegal template-string part: {}", literal);
                return nullptr;
            }
            content = arena_.copy(std::string_view(*unquoted));
        }
        if (!content.empty()) parts.push_back({.term = make_string(content, here())});
        if (at_any({Token::kTemplateEnd, Token::kRawTemplateEnd})) break;
        if (!parse_template_expression(parts)) return nullptr;
        scan(Whitespace::kKeep, mode);
        // What goes on with a string and is none, for a wrong byte in it.
        if (!at_any({Token::kTemplatePart, Token::kTemplateEnd, Token::kRawTemplatePart,
                     Token::kRawTemplateEnd})) {
            fail(here(), "expected template-string part");
            return nullptr;
        }
    }
    location->text = text(location->offset, state_.token_end);
    Term* term = make_term(TermKind::kTemplateString, location);
    term->is_multi_line = mode == TemplateMode::kRaw;
    term->template_parts = arena_.copy(std::span<const TemplatePart>(parts));
    return term;
}

// What stands between the braces; the state is at the right one afterwards.
bool Parser::parse_template_expression(std::vector<TemplatePart>& parts) {
    const CommentNode* const comments_before = state_.comments;
    scan();
    const bool has_comment = state_.comments != comments_before;
    Expression* const expression = parse_literal();
    if (expression == nullptr) {
        fail(here(), "invalid template-string expression");
        return false;
    }
    const auto refuse = [&](std::string_view what) {
        fail(expression->location, "unexpected {} in template-string expression", what);
        return false;
    };
    if (expression->is_negated) return refuse("negation ('not')");
    if (expression->kind == ExpressionKind::kCall) {
        const std::string operation = to_text(*expression->terms[0]);
        if (operation == "eq") return refuse("unification ('=')");
        if (operation == "assign") return refuse("assignment (':=')");
    }
    if (expression->kind == ExpressionKind::kEvery) return refuse("'every'");
    if (expression->kind == ExpressionKind::kSome) return refuse("'some'");

    // A constant is always defined, so it needs no expression, but for a comment to stand at.
    if (expression->kind == ExpressionKind::kTerm && !has_comment &&
        expression->terms[0]->kind <= TermKind::kString) {
        parts.push_back({.term = expression->terms[0]});
    } else {
        parts.push_back({.expression = expression});
    }
    if (!at(Token::kRightBrace)) {
        fail(here(), "expected } to end template string expression");
        return false;
    }
    return true;
}

}  // namespace merlon::rego::syntax
