#include "rego/syntax/builtin_table.h"
#include "rego/syntax/parser_state.h"
#include "rego/syntax/print.h"

// `and`, `or`, and `not` with a body: the words of v2, which v1 can import.
//
// An operand is an expression, `{ body }`, or a group in parentheses. Braces around a value, a
// union behind a brace and `with` on an operand can be read in two ways, and are errors that say
// both.

namespace merlon::rego::syntax {
namespace {

bool is_logical(Body body) {
    return body.size() == 1 &&
           (body[0]->kind == ExpressionKind::kAnd || body[0]->kind == ExpressionKind::kOr);
}

bool is_negated(Body body) {
    return body.size() == 1 && (body[0]->is_negated || body[0]->kind == ExpressionKind::kNot);
}

// What the '{' in front opens, where `term` begins with one: an infix call shows its left operand
// first.
const Term& brace_led_part(const Term& term) {
    if (term.kind != TermKind::kCall) return term;
    const Infix* infix = find_infix(to_text(*term.terms[0]));
    const bool is_infix = infix != nullptr && term.terms.size() == infix->arity + 1u;
    return is_infix ? brace_led_part(*term.terms[1]) : term;
}

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

}  // namespace

// `{ a | b }` as a body: only the first expression decides, and only where it is written with a
// bare bar.
bool is_ambiguous_union(Body body) {
    if (body.empty() || body[0]->kind != ExpressionKind::kCall) return false;
    const Term& operation = *body[0]->terms[0];
    if (to_text(operation) != "or") return false;
    if (operation.location == nullptr || operation.location->text != "|") return false;
    return body[0]->location == nullptr || !trim(body[0]->location->text).starts_with('(');
}

bool Parser::logical_keywords_active() const {
    return (state_.lexer.keywords() & (kFutureAnd | kFutureOr)) != 0;
}

// `not`, but not a reference such as `not.x`.
bool Parser::at_negation() {
    if (!at(Token::kNot)) return false;
    const Token next = peek(Whitespace::kKeep);
    return next != Token::kDot && next != Token::kLeftBracket;
}

Expression* Parser::make_not(const Operand& operand, Location* negation) {
    Expression* const inverse = make_expression(ExpressionKind::kNot, extended(*negation));
    inverse->declaration = inverse->location;
    inverse->left = operand.body;
    inverse->has_explicit_left = operand.is_explicit;
    return inverse;
}

Expression* Parser::parse_not_body(Location* negation) {
    Location* const brace = here();
    const State before = save();
    scan();
    const bool is_empty = at(Token::kRightBrace);
    const Body body = parse_body(Token::kRightBrace);
    if (body.empty()) {
        if (is_empty) return nullptr;
        // A value in braces? Then that is what to say, and else what is wrong with the body.
        const State failed = save();
        restore(before);
        if (const Term* term = parse_infix()) {
            const std::string_view operand = text_since(brace->offset);
            hint(
                fmt::format("write `not ({})` to negate the value, or `not {{{}}}` for a body "
                            "holding it",
                            operand, operand));
            fail(brace, "`{{...}}` in an operand position must contain expression(s), got: {}",
                 name(brace_led_part(*term).kind));
            return nullptr;
        }
        restore(failed);
        return nullptr;
    }
    scan();
    if (is_ambiguous_union(body)) {
        fail_ambiguous_union(brace, brace->offset, body, "not ");
        return nullptr;
    }
    return make_not({body, true, nullptr}, negation);
}

Expression* Parser::fold_logical_tail(const Operand& operand) {
    if (!at_logical()) return attach_with(operand.body[0]);
    Expression* const chain = parse_logical_or(operand);
    return chain == nullptr ? nullptr : attach_with(chain);
}

Expression* Parser::make_logical(ExpressionKind kind, const Operand& left, const Operand& right) {
    const std::string_view word = kind == ExpressionKind::kAnd ? "and" : "or";
    check_void_calls(left.body, word);
    check_void_calls(right.body, word);
    Expression* const expression = make_expression(kind, extended(*left.location));
    expression->declaration = expression->location;
    expression->left = left.body;
    expression->right = right.body;
    expression->has_explicit_left = left.is_explicit;
    expression->has_explicit_right = right.is_explicit;
    return expression;
}

// Left to right; `and` binds tighter.
Expression* Parser::parse_logical_or(Operand left) {
    const Level level(*this);
    if (!level) return nullptr;
    const auto fold_and = [this](Operand& operand) {
        if (!at(Token::kLogicalAnd)) return true;
        Expression* const chain = parse_logical_and(operand);
        if (chain == nullptr) return false;
        operand = {body_of(chain), false, chain->location};
        return true;
    };
    if (!fold_and(left)) return nullptr;
    while (at(Token::kLogicalOr)) {
        scan();
        Operand right = parse_operand("or");
        if (right.body.empty() || !fold_and(right)) return nullptr;
        Expression* const both = make_logical(ExpressionKind::kOr, left, right);
        left = {body_of(both), false, both->location};
    }
    return left.body[0];
}

Expression* Parser::parse_logical_and(Operand left) {
    const Level level(*this);
    if (!level) return nullptr;
    while (at(Token::kLogicalAnd)) {
        scan();
        const Operand right = parse_operand("and");
        if (right.body.empty()) return nullptr;
        Expression* const both = make_logical(ExpressionKind::kAnd, left, right);
        left = {body_of(both), false, both->location};
    }
    return left.body[0];
}

// `operation` is empty where the caller only tries, and goes back where it fails.
Parser::Operand Parser::parse_operand(std::string_view operation) {
    if (at(Token::kLeftBrace)) return parse_braced_operand(operation);
    Location* negation = nullptr;
    if (at_negation()) {
        negation = here();
        scan();
        if (has_not_bodies_ && at(Token::kLeftBrace)) {
            Expression* const body = parse_not_body(negation);
            return body == nullptr ? Operand{} : Operand{body_of(body), false, body->location};
        }
    }
    if (at(Token::kLeftParenthesis) && logical_keywords_active() &&
        (negation == nullptr || has_not_bodies_)) {
        Operand group;
        if (parse_group(GroupPlace::kOperand, negation != nullptr ? "not " : "", group)) {
            if (group.body.empty() || negation == nullptr) return group;
            Expression* const inverse = make_not(group, negation);
            return {body_of(inverse), false, inverse->location};
        }
    }
    return parse_bare_operand(negation);
}

Parser::Operand Parser::parse_braced_operand(std::string_view operation) {
    Location* const brace = here();
    const State before = save();
    scan();
    const bool is_empty = at(Token::kRightBrace);
    const Body body = parse_body(Token::kRightBrace);
    if (!body.empty()) {
        scan();
        if (is_ambiguous_union(body)) fail_ambiguous_union(brace, brace->offset, body, "");
        return {body, true, brace};
    }
    if (is_empty || operation.empty()) return {};
    const State failed = save();
    restore(before);
    if (parse_infix() != nullptr) {
        fail_brace_led(brace, text_since(brace->offset), operation);
        return {};
    }
    restore(failed);
    return {};
}

Parser::Operand Parser::parse_bare_operand(Location* negation) {
    Location* const start = here();
    Expression* expression = parse_expression();
    if (expression == nullptr) return {};
    if (expression->location == nullptr) {
        start->text = text_since(start->offset);
        expression->location = start;
    }
    if (negation != nullptr && has_not_bodies_) {
        expression = make_not({body_of(expression), false, nullptr}, negation);
    } else if (negation != nullptr) {
        expression->is_negated = true;
    }
    return {body_of(expression), false, expression->location};
}

bool Parser::expect_right_parenthesis() {
    if (!at(Token::kRightParenthesis)) {
        fail(here(), "expected ) to close parenthesized group");
        return false;
    }
    scan();
    return true;
}

bool Parser::parse_group(GroupPlace place, std::string_view prefix, Operand& operand) {
    const Level level(*this);
    if (!level) return true;
    const State start = save();
    Location* const open = here();
    scan();
    if (at(Token::kRightParenthesis)) {
        if (place == GroupPlace::kOperand) {
            fail(open, "empty parenthesized group");
            return true;
        }
        restore(start);
        return false;
    }
    const Operand left = parse_operand("");
    if (left.body.empty()) {
        restore(start);
        return false;
    }
    if (at_logical()) {
        Expression* const chain = attach_with(parse_logical_or(left));
        if (chain == nullptr || !expect_right_parenthesis()) return true;
        operand = {body_of(chain), false, extended(*open)};
        return true;
    }
    if (at(Token::kWith) && !left.is_explicit && left.body.size() == 1) {
        operand = left;
        return parse_group_with(place, start, *open, operand);
    }
    if (left.is_explicit) return parse_group_braces(start, open, prefix, left);
    if (is_logical(left.body) || is_negated(left.body)) {
        if (!expect_right_parenthesis()) return true;
        operand = {left.body, false, extended(*open)};
        return true;
    }
    restore(start);
    return false;
}

// `(a with x as y)`: the modifier is the operand's own.
bool Parser::parse_group_with(GroupPlace place, const State& start, const Location& open,
                              Operand& operand) {
    const Body body = std::exchange(operand.body, {});
    Location* const with_location = here();
    if (attach_with(body[0]) == nullptr) return true;
    if (at_logical()) {
        fail_with_on_operand(with_location, name(state_.token));
        return true;
    }
    if (!expect_right_parenthesis()) return true;
    if (place == GroupPlace::kOperand || at_logical()) {
        operand = {body, false, extended(open)};
        return true;
    }
    restore(start);
    return false;
}

// `({ … })`: parentheses are around values only.
bool Parser::parse_group_braces(const State& start, Location* open, std::string_view prefix,
                                const Operand& inside) {
    const std::string_view braces = text_since(inside.location->offset);
    restore(start);
    scan();
    const bool is_value = parse_term() != nullptr;
    restore(start);
    if (is_value) return false;
    hint(fmt::format("drop the parens to keep the body: `{}{}`", prefix, braces));
    fail(open, "`(...)` in an operand position cannot contain a body");
    return true;
}

void Parser::fail_with_on_operand(const Location* location, std::string_view operation) {
    hint(
        fmt::format("Wrap the operand in `(...)` or `{{...}}` to scope, or move `with` after the "
                    "`{}` expression to apply it to the whole expression",
                    operation));
    fail(location, "`with` modifier is not allowed on operand of `{}`", operation);
}

void Parser::fail_brace_led(const Location* location, std::string_view operand,
                            std::string_view operation) {
    hint(fmt::format("wrap the operand to keep the value: `({}) {} ...`", operand, operation));
    fail(location, "operand of `{}` cannot begin with `{{` unless the braces hold a body",
         operation);
}

void Parser::fail_ambiguous_union(const Location* location, std::uint32_t brace, Body body,
                                  std::string_view prefix) {
    const std::string_view braces = text_since(brace);
    std::string with_union(braces);
    if (const Location* first = body[0]->location;
        first != nullptr && first->offset > brace &&
        first->offset - brace + first->text.size() <= braces.size()) {
        const std::size_t begin = first->offset - brace;
        with_union = fmt::format("{}({}){}", braces.substr(0, begin), first->text,
                                 braces.substr(begin + first->text.size()));
    }
    hint(fmt::format("write `{}({})` for the comprehension, or `{}{}` for the set union", prefix,
                     braces, prefix, with_union));
    fail(location,
         "ambiguous `{ ... | ... }` operand: read as a body holding a set-union expression, not "
         "as a comprehension");
}

// An operand that only prints can never fail.
void Parser::check_void_calls(Body body, std::string_view operation) {
    std::string first;
    const Location* location = nullptr;
    for (const Expression* expression : body) {
        if (expression->is_negated || expression->kind != ExpressionKind::kCall) return;
        const std::string called = to_text(*expression->terms[0]);
        if (!is_void_builtin(called)) return;
        if (first.empty()) {
            first = called;
            location = expression->location;
        }
    }
    if (first.empty()) return;
    hint(
        fmt::format("`{}` produces no value and always succeeds, so the operand can never fail; "
                    "move it out of the operand, or add an expression that can fail",
                    first));
    fail(location, "operand of `{}` cannot consist only of calls to `{}`", operation, first);
}

}  // namespace merlon::rego::syntax
