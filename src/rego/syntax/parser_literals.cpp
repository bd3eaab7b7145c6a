#include <algorithm>

#include "rego/syntax/copy.h"
#include "rego/syntax/parser_state.h"
#include "rego/syntax/print.h"

// Bodies and what they are made of: expressions, `some`, `every`, `with`.

namespace merlon::rego::syntax {
namespace {

// "x in xs" and "k, v in xs" by the built-ins that they stand for.
enum class Membership : std::uint8_t { kNone, kValue, kKeyAndValue };

Membership membership_of(const Term& term) {
    if (term.kind != TermKind::kCall) return Membership::kNone;
    const std::string operation = to_text(*term.terms[0]);
    if (operation == "internal.member_2") return Membership::kValue;
    return operation == "internal.member_3" ? Membership::kKeyAndValue : Membership::kNone;
}

struct InfixWord {
    std::string_view word;
    std::string_view example;
};
constexpr InfixWord kInfixWords[] = {{"in", "x in xs"}, {"and", "x and y"}, {"or", "x or y"}};

}  // namespace

Body Parser::parse_body(Token end) {
    const Level level(*this);
    if (!level) return {};
    const BodyLevel body_level(*this);
    return body_level ? parse_query(Separator::kOptional, end) : Body{};
}

Body Parser::parse_query(Separator separator, Token end) {
    if (at(end)) {
        fail(here(), "found empty body");
        return {};
    }
    std::vector<Expression*> expressions;
    while (true) {
        Expression* const expression = parse_literal();
        if (expression == nullptr) return {};
        expression->index = static_cast<std::uint32_t>(expressions.size());
        expressions.push_back(expression);
        if (at(Token::kSemicolon)) {
            scan();
            continue;
        }
        if (at(end) || separator == Separator::kRequired) return make_body(expressions);
        if (state_.skipped_line_break) continue;
        if (!has_errors()) {
            hint_at_missing_keyword();
            illegal(fmt::format("expected \\n or ; or {}", name(end)));
        }
        return {};
    }
}

Expression* Parser::parse_literal() {
    Location* const location = here();
    Expression* const expression = parse_literal_inside();
    if (expression == nullptr) return nullptr;
    location->text = text_since(location->offset);
    expression->location = location;
    // An operand without braces spans what `not` spans.
    if (expression->kind == ExpressionKind::kNot && !expression->has_explicit_left) {
        for (Expression* inside : expression->left) inside->location = location;
    }
    return expression;
}

// `{ body } and …`. True: `expression` is the answer, null where it is wrong.
bool Parser::parse_braced_operand(Expression*& expression) {
    if (!at(Token::kLeftBrace) || !logical_keywords_active()) return false;
    const State before = save();
    const CachedTerm* const cache = cache_;
    Location* const brace = here();
    scan();
    const Body body = parse_body(Token::kRightBrace);
    if (!body.empty()) {
        scan();
        if (at_logical()) {
            if (is_ambiguous_union(body)) {
                fail_ambiguous_union(brace, brace->offset, body, "");
                expression = nullptr;
            } else {
                Expression* const chain = parse_logical_or({body, true, brace});
                expression = chain == nullptr ? nullptr : attach_with(chain);
            }
            return true;
        }
    }
    restore(before);
    cache_ = cache;
    return false;
}

Expression* Parser::parse_literal_inside() {
    Expression* braced = nullptr;
    if (parse_braced_operand(braced)) return braced;
    if (at(Token::kLeftParenthesis) && logical_keywords_active()) {
        Operand group;
        if (parse_group(GroupPlace::kStatement, "", group))
            return group.body.empty() ? nullptr : fold_logical_tail(group);
    }
    if (take_reference_ahead()) return parse_literal_expression(nullptr);

    Location* negation = nullptr;
    if (at_negation()) {
        negation = here();
        scan();
        if (has_not_bodies_ && at(Token::kLeftBrace)) {
            Expression* const body = parse_not_body(negation);
            if (body == nullptr) return nullptr;
            return fold_logical_tail({body_of(body), false, body->location});
        }
    }
    const bool is_declaration = at_any({Token::kSome, Token::kEvery});
    if (is_declaration && negation != nullptr) {
        illegal(fmt::format("illegal negation of '{}'", name(state_.token)));
        return nullptr;
    }
    if (is_declaration) return at(Token::kSome) ? parse_some() : parse_every();
    return parse_literal_expression(negation);
}

Expression* Parser::parse_literal_expression(Location* negation) {
    const State start = save();
    if (negation != nullptr && has_not_bodies_ && at(Token::kLeftParenthesis)) {
        Operand group;
        if (parse_group(GroupPlace::kOperand, "not ", group)) {
            if (group.body.empty()) return nullptr;
            Expression* const inverse = make_not(group, negation);
            return fold_logical_tail({body_of(inverse), false, inverse->location});
        }
    }
    Expression* expression = parse_expression();
    if (expression == nullptr) return nullptr;
    Location* with_location = nullptr;
    if (at(Token::kWith)) {
        with_location = here();
        if (!parse_with(*expression)) return nullptr;
    }
    hint_at_every(*expression, start);
    if (negation != nullptr && has_not_bodies_) {
        const auto with = std::exchange(expression->with, {});
        expression = make_not({body_of(expression), false, nullptr}, negation);
        expression->with = with;
    } else {
        expression->is_negated = negation != nullptr;
    }
    if (!at_logical()) return expression;

    if (with_location != nullptr) {
        fail_with_on_operand(with_location, name(state_.token));
        return nullptr;
    }
    if (expression->location == nullptr) {
        expression->location = arena_.make<Location>(start.location);
        expression->location->text = text_since(start.location.offset);
    }
    if (negation == nullptr && expression->location->text.starts_with('{')) {
        const bool is_empty =
            expression->kind == ExpressionKind::kTerm && expression->with.empty() &&
            expression->terms[0]->kind == TermKind::kObject && expression->terms[0]->terms.empty();
        if (is_empty) {
            fail(expression->location, "found empty body");
        } else {
            fail_brace_led(expression->location, expression->location->text, name(state_.token));
        }
        return nullptr;
    }
    Expression* const chain = parse_logical_or({body_of(expression), false, expression->location});
    return chain == nullptr ? nullptr : attach_with(chain);
}

// `every` alone may be what somebody wrote who did not import it.
void Parser::hint_at_every(const Expression& expression, const State& start) {
    if (!is_word_of_future("every") || expression.kind != ExpressionKind::kTerm ||
        !is_variable(*expression.terms[0], "every"))
        return;
    const State after = save();
    restore(start);
    const bool is_every = as_in_future([this] { return parse_every(); }) != nullptr;
    restore(after);
    if (is_every) hint("`import future.keywords.every` for `every x in xs { ... }` expressions");
}

// Says what to import where an expression is followed by `in`, `and`, `or`, or `, v in xs`. Only
// before an error, lest the hint ends up at another one.
void Parser::hint_at_missing_keyword() {
    if (state_.hints != nullptr) return;
    std::string_view word = "in";
    if (at(Token::kIdentifier)) {
        word = state_.literal;
    } else if (at(Token::kComma)) {
        const State before = save();
        scan();
        Term* const term = as_in_future([this] { return parse_infix(); });
        restore(before);
        if (term == nullptr || membership_of(*term) == Membership::kNone) return;
    } else {
        return;
    }
    const auto* found = std::ranges::find(kInfixWords, word, &InfixWord::word);
    if (found == std::end(kInfixWords)) return;
    hint(fmt::format("`import future.keywords.{}` for `{}` expressions", word, found->example));
}

Expression* Parser::parse_expression() {
    Term* const left = parse_infix();
    if (left == nullptr) return nullptr;
    if (Term* const operation = parse_operator({Token::kAssign, Token::kUnify})) {
        Term* const right = parse_infix();
        if (right == nullptr) return nullptr;
        Expression* const expression = make_expression(ExpressionKind::kCall, nullptr);
        expression->terms = terms_of({operation, left, right});
        return expression;
    }
    // A call is an expression of its own, and not one that holds a term.
    if (left->kind == TermKind::kCall) {
        Expression* const expression = make_expression(ExpressionKind::kCall, nullptr);
        expression->terms = left->terms;
        return expression;
    }
    Expression* const expression = make_expression(ExpressionKind::kTerm, nullptr);
    expression->terms = terms_of({left});
    return expression;
}

bool Parser::parse_with(Expression& expression) {
    std::vector<With*> withs;
    while (at(Token::kWith)) {
        With* const with = arena_.make<With>();
        with->location = here();
        scan();
        if (!at(Token::kIdentifier)) {
            illegal("expected ident");
            return false;
        }
        with->target = parse_term();
        if (with->target == nullptr) return false;
        if (with->target->kind != TermKind::kReference && with->target->kind != TermKind::kVariable)
            illegal("expected with target path");
        if (!at(Token::kAs)) {
            illegal("expected as keyword");
            return false;
        }
        scan();
        with->value = parse_infix();
        if (with->value == nullptr) return false;
        with->location->text = text_since(with->location->offset);
        withs.push_back(with);
    }
    expression.with = keep_pointers(withs, arena_);
    return true;
}

Expression* Parser::attach_with(Expression* expression) {
    if (expression != nullptr && at(Token::kWith) && !parse_with(*expression)) return nullptr;
    return expression;
}

Expression* Parser::parse_some() {
    Expression* const declaration = make_expression(ExpressionKind::kSome, here());
    declaration->declaration = declaration->location;
    const State before = save();
    bool is_over = false;
    const bool is_fine = parse_some_in(*declaration, is_over);
    if (is_over) return is_fine ? declaration : nullptr;
    restore(before);
    hint_at_some_in();

    std::vector<Term*> symbols;
    do {
        scan();
        if (!at(Token::kIdentifier)) {
            illegal("expected var");
            return nullptr;
        }
        symbols.push_back(parse_variable());
        scan();
    } while (at(Token::kComma));
    declaration->terms = keep_pointers(symbols, arena_);
    return declaration;
}

// `some x in xs`. `is_over`: what stands there is a call, for better or worse.
bool Parser::parse_some_in(Expression& declaration, bool& is_over) {
    scan();
    Term* const term = parse_infix();
    if (term == nullptr || term->kind != TermKind::kCall) return false;
    is_over = true;
    const Membership membership = membership_of(*term);
    if (membership == Membership::kNone) {
        illegal("expected `x in xs` or `x, y in xs` expression");
        return false;
    }
    if (term->terms.size() != (membership == Membership::kValue ? 3 : 4)) {
        illegal("illegal domain");
        return false;
    }
    declaration.terms = terms_of({term});
    return !at(Token::kWith) || parse_with(declaration);
}

void Parser::hint_at_some_in() {
    if (!is_word_of_future("in")) return;
    const State before = save();
    scan();
    Term* const term = as_in_future([this] { return parse_infix(); });
    restore(before);
    if (term != nullptr && membership_of(*term) != Membership::kNone)
        hint("`import future.keywords.in` for `some x in xs` expressions");
}

Expression* Parser::parse_every() {
    Expression* const every = make_expression(ExpressionKind::kEvery, here());
    every->declaration = every->location;
    scan();
    Term* const call = parse_infix();
    if (call == nullptr || !parse_domain(*call, *every)) return nullptr;
    if (!at(Token::kLeftBrace)) {
        illegal("missing body");
        return nullptr;
    }
    scan();
    every->left = parse_body(Token::kRightBrace);
    if (every->left.empty()) return nullptr;
    scan();
    return at(Token::kWith) && !parse_with(*every) ? nullptr : every;
}

bool Parser::parse_domain(const Term& call, Expression& every) {
    const auto refuse = [&](std::string_view note) {
        illegal(note);
        return false;
    };
    const Membership membership = membership_of(call);
    if (membership == Membership::kNone)
        return refuse("expected `x[, y] in xs { ... }` expression");
    const std::size_t operands = membership == Membership::kValue ? 2 : 3;
    if (call.terms.size() != operands + 1) return refuse("illegal domain");
    Term* const key = operands == 3 ? call.terms[1] : nullptr;
    if (key != nullptr && key->kind != TermKind::kVariable)
        return refuse("expected key to be a variable");
    Term* const value = call.terms[operands - 1];
    if (value->kind != TermKind::kVariable) return refuse("expected value to be a variable");
    every.terms = terms_of({key, value, call.terms[operands]});
    return true;
}

}  // namespace merlon::rego::syntax
