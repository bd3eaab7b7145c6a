#include <algorithm>

#include "rego/syntax/copy.h"
#include "rego/syntax/parser_state.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"

// Rules: heads, bodies, `else`, `default`, and bodies in a chain.

namespace merlon::rego::syntax {
namespace {

// What, behind a keyword, makes the statement a rule with a name that is not allowed.
struct Followers {
    Token keyword;
    std::initializer_list<Token> next;
};
constexpr std::initializer_list<Token> kRuleName = {Token::kAssign, Token::kUnify, Token::kIf,
                                                    Token::kContains, Token::kLeftParenthesis};
// `not (x)` is a group and `or(x, y)` a call.
constexpr std::initializer_list<Token> kOperator = {Token::kAssign, Token::kUnify, Token::kIf,
                                                    Token::kContains};
// A path may be named after a keyword: `package contains`.
constexpr std::initializer_list<Token> kPath = {Token::kAssign, Token::kUnify,
                                                Token::kLeftParenthesis};
// `contains := x` is a query as it stands; as a rule the checks of v1 find it.
constexpr std::initializer_list<Token> kContainsName = {Token::kIf, Token::kContains};

constexpr Followers kFollowers[] = {
    {Token::kEvery, kRuleName},        {Token::kIf, kRuleName},
    {Token::kIn, kRuleName},           {Token::kSome, kRuleName},
    {Token::kAs, kRuleName},           {Token::kPackage, kPath},
    {Token::kImport, kPath},           {Token::kNot, kOperator},
    {Token::kLogicalAnd, kOperator},   {Token::kLogicalOr, kOperator},
    {Token::kContains, kContainsName},
};

struct SetLocations {
    Location* location;
    bool enter(Term& term) {
        term.location = location;
        return true;
    }
    bool enter(Expression& expression) {
        expression.location = location;
        if (expression.declaration != nullptr) expression.declaration = location;
        return true;
    }
    bool enter(With& with) {
        with.location = location;
        return true;
    }
};

}  // namespace

bool Parser::fail_keyword_as_rule_name(bool is_default) {
    const auto* row = std::ranges::find(kFollowers, state_.token, &Followers::keyword);
    if (row == std::end(kFollowers)) return false;
    if (!is_default) {
        const Token next = peek(Whitespace::kSkip);
        if (std::ranges::find(row->next, next) == row->next.end()) return false;
    }
    fail(here(), "{} keyword cannot be used for rule name", name(state_.token));
    return true;
}

std::vector<Rule*> Parser::parse_rules() {
    Rule* const rule = arena_.make<Rule>();
    rule->location = here();
    take_reference_ahead();
    if (at(Token::kDefault)) {
        scan();
        rule->is_default = true;
        take_reference_ahead();
    }
    if (!at(Token::kIdentifier)) {
        if (rule->is_default) fail_keyword_as_rule_name(true);
        return {};
    }
    rule->head = parse_head(rule->is_default);
    if (rule->head == nullptr) return {};
    if (rule->is_default) {
        if (!check_default_value(*rule)) return {};
        if (!rule->head->arguments.empty() && !check_default_arguments(*rule)) return {};
        rule->body = implied_body(rule->location);
        return {rule};
    }
    const bool has_if = at(Token::kIf);
    if (!settle_key(*rule->head, has_if)) return {};
    bool is_over = false;
    if (!parse_rule_body(*rule, has_if, is_over)) return {};
    if (is_over) return {rule};

    // `else.x := 1` is the next rule, whose reference begins with a keyword.
    if (at(Token::kElse) && !take_reference_ahead()) {
        const Terms reference = rule->head->reference;
        if (reference.size() > 1 && !is_ground_reference(reference)) {
            fail(here(), "else keyword cannot be used on rules with variables in head");
            return {};
        }
        if (rule->head->key != nullptr) {
            fail(here(), "else keyword cannot be used on multi-value rules");
            return {};
        }
        rule->otherwise = parse_else(*rule->head);
        if (rule->otherwise == nullptr) return {};
    }
    rule->location->text = text_since(rule->location->offset);
    std::vector<Rule*> rules{rule};
    if (!parse_chained_bodies(rules)) return {};
    return rules;
}

// What `p[x]` is depends on what follows: with `if` a rule of one value, else a set of many.
bool Parser::settle_key(Head& head, bool has_if) {
    if (head.has_contains || head.reference.size() != 2) return true;
    Term* const key = head.reference[1];
    const bool has_name = head.reference[0]->kind == TermKind::kVariable;
    if (has_if) {
        if ((!is_ground(*key) || key->kind == TermKind::kReference) && head.arguments.empty())
            head.key = key;
        if (head.value == nullptr) {
            head.is_value_generated = true;
            head.value = make_boolean(true, head.location);
        } else {
            if (!has_name) return false;
            head.name = head.reference[0]->text;
        }
        return true;
    }
    if (!head.arguments.empty()) return true;
    if (!has_name) return false;
    head.name = head.reference[0]->text;
    head.key = key;
    if (head.value == nullptr) head.reference = head.reference.first(1);
    return true;
}

// `is_over`: there is no body, and nothing may follow.
bool Parser::parse_rule_body(Rule& rule, bool has_if, bool& is_over) {
    if (has_if) {
        rule.head->has_if = true;
        scan();
        bool needs_braces = false;
        if (!parse_if_body(rule, needs_braces)) return false;
        if (!needs_braces) return true;
    } else if (!at(Token::kLeftBrace)) {
        if (!rule.head->has_contains) return false;
        rule.body = implied_body(rule.location);
        rule.is_body_generated = true;
        rule.location = rule.head->location;
        is_over = true;
        return true;
    }
    scan();
    rule.body = parse_body(Token::kRightBrace);
    if (rule.body.empty()) return false;
    scan();
    return true;
}

// `if x`; braces are a body unless they can only be an object or a comprehension.
bool Parser::parse_if_body(Rule& rule, bool& needs_braces) {
    const State before = save();
    const bool has_brace = at(Token::kLeftBrace);
    if (Expression* const expression = parse_literal()) {
        // A set is never false: `if { true }` is a body.
        const bool is_set = has_brace && expression->kind == ExpressionKind::kTerm &&
                            expression->terms[0]->kind == TermKind::kSet;
        if (!is_set) {
            rule.body = body_of(expression);
            return true;
        }
    }
    // Without a brace there is no other reading, and the errors are those to show.
    if (!has_brace) return false;
    restore(before);
    needs_braces = true;
    return true;
}

bool Parser::parse_chained_bodies(std::vector<Rule*>& rules) {
    while (at(Token::kLeftBrace)) {
        if (rules[0]->otherwise != nullptr) {
            fail(here(), "expected else keyword");
            return false;
        }
        Location* const location = here();
        scan();
        Rule* const next = arena_.make<Rule>();
        next->body = parse_body(Token::kRightBrace);
        if (next->body.empty()) return false;
        scan();
        location->text = text_since(location->offset);
        next->location = location;
        next->head = copy_head(*rules[0]->head);
        next->head->has_if = rules[0]->head->has_if;
        next->head->has_contains = rules[0]->head->has_contains;
        SetLocations set{location};
        next->head->location = location;
        walk(*next->head, set);
        rules.push_back(next);
    }
    return true;
}

Head* Parser::copy_head(const Head& head) {
    Head* const copied = arena_.make<Head>(head);
    copied->reference = copy(head.reference, arena_);
    copied->arguments = copy(head.arguments, arena_);
    copied->key = copy(head.key, arena_);
    copied->value = copy(head.value, arena_);
    copied->has_if = copied->has_contains = false;
    for (Term* argument : copied->arguments) {
        if (argument->kind == TermKind::kVariable && is_wildcard(argument->text))
            argument->text = next_wildcard();
    }
    return copied;
}

Rule* Parser::parse_else(const Head& head) {
    Rule* const rule = arena_.make<Rule>();
    rule->location = here();
    rule->head = copy_head(head);
    rule->head->is_value_generated = false;
    rule->head->location = here();
    scan();
    if (at_any({Token::kLeftBrace, Token::kIf})) {
        rule->head->is_value_generated = true;
        rule->head->value = make_boolean(true, nullptr);
    } else if (at_any({Token::kAssign, Token::kUnify})) {
        rule->head->is_assigned = at(Token::kAssign);
        scan();
        rule->head->value = parse_infix();
        if (rule->head->value == nullptr) return nullptr;
        rule->head->location->text = text_since(rule->head->location->offset);
    } else {
        illegal("expected else value term or rule body");
        return nullptr;
    }
    const bool is_fine = parse_else_body(*rule);
    if (is_fine && !rule->is_body_generated && at(Token::kElse)) {
        rule->otherwise = parse_else(head);
        if (rule->otherwise == nullptr) return nullptr;
    }
    rule->location->text = text_since(rule->location->offset);
    return is_fine ? rule : nullptr;
}

bool Parser::parse_else_body(Rule& rule) {
    const bool has_if = at(Token::kIf);
    if (!has_if && !at(Token::kLeftBrace)) {
        rule.body = implied_body(rule.location);
        rule.is_body_generated = true;
        return true;
    }
    if (has_if) {
        rule.head->has_if = true;
        scan();
    }
    if (at(Token::kLeftBrace)) {
        scan();
        rule.body = parse_body(Token::kRightBrace);
        if (rule.body.empty()) return false;
        scan();
        return true;
    }
    if (at(Token::kEof)) {
        illegal("rule body expected");
        return false;
    }
    Expression* const expression = parse_literal();
    if (expression == nullptr) return false;
    rule.body = body_of(expression);
    SetLocations set{rule.location};
    walk(rule.body, set);
    return true;
}

Head* Parser::parse_head(bool is_default) {
    Location* const location = here();
    Head* const head = arena_.make<Head>();
    if (!parse_head_reference(*head)) return nullptr;
    const std::string head_text = to_text(head->reference);
    if (at(Token::kContains)) {
        const std::string example = fmt::format("(e.g., {} contains <VALUE> {{ ... }})", head_text);
        if (head->is_called) {
            illegal("the contains keyword can only be used with multi-value rule definitions " +
                    example);
        }
        scan();
        head->has_contains = true;
        head->key = parse_infix();
        if (head->key == nullptr) illegal("expected rule key term " + example);
    } else {
        parse_head_value(*head, head_text, is_default);
        if (head->value == nullptr && head->key == nullptr &&
            (head->reference.size() != 2 || !head->arguments.empty())) {
            head->is_value_generated = true;
            head->value = make_boolean(true, nullptr);
        }
    }
    head->location = location;
    location->text = text_since(location->offset);
    return head;
}

bool Parser::parse_head_reference(Head& head) {
    Term* const term = parse_head_finish(parse_variable());
    if (term == nullptr) {
        illegal("expected rule head name");
        return false;
    }
    switch (term->kind) {
        case TermKind::kVariable:
            head.name = term->text;
            head.reference = terms_of({make_variable(term->text, term->location)});
            return true;
        case TermKind::kReference:
            head.reference = term->terms;
            break;
        case TermKind::kCall: {
            Term* const operation = term->terms[0];
            if (operation->kind == TermKind::kReference) {
                if (operation->terms[0]->kind != TermKind::kVariable) {
                    illegal(fmt::format("rule head ref {} invalid", to_text(*operation)));
                    return false;
                }
                head.reference = operation->terms;
            } else {
                head.reference = terms_of({operation});
            }
            head.arguments = term->terms.subspan(1);
            head.is_called = true;
            break;
        }
        default:
            return false;
    }
    if (head.reference.size() < 2) head.name = head.reference[0]->text;
    return true;
}

void Parser::parse_head_value(Head& head, std::string_view head_text, bool is_default) {
    if (!at_any({Token::kUnify, Token::kAssign})) return;
    head.is_assigned = at(Token::kAssign);
    scan();
    head.value = parse_infix();
    if (head.value != nullptr) return;
    if (!head.is_assigned) {
        illegal(fmt::format("expected rule value term (e.g., {}[<nil>] = <VALUE> {{ ... }})",
                            head_text));
    } else if (!head.arguments.empty()) {
        illegal(fmt::format("expected function value term (e.g., {}(...) := <VALUE> {{ ... }})",
                            head_text));
    } else if (is_default) {
        illegal(fmt::format("expected default rule value term (e.g., default {} := <VALUE>)",
                            head_text));
    } else {
        illegal(fmt::format("expected rule value term (e.g., {} := <VALUE> {{ ... }})", head_text));
    }
}

bool Parser::check_default_value(const Rule& rule) {
    if (rule.head->value == nullptr) {
        fail(rule.location, "illegal default rule (must have a value)");
        return false;
    }
    struct Check {
        Parser& parser;
        const Rule& rule;
        bool is_valid = true;
        bool enter(Term& term) {
            switch (term.kind) {
                case TermKind::kArrayComprehension:
                case TermKind::kObjectComprehension:
                case TermKind::kSetComprehension:
                    return false;
                case TermKind::kReference:
                case TermKind::kVariable:
                case TermKind::kCall:
                    parser.fail(rule.location, "illegal default rule (value cannot contain {})",
                                name(term.kind));
                    is_valid = false;
                    return false;
                default:
                    return true;
            }
        }
        bool enter(Expression&) { return true; }
        bool enter(With&) { return true; }
    };
    Check check{*this, rule};
    walk(*rule.head->value, check);
    return check.is_valid;
}

bool Parser::check_default_arguments(const Rule& rule) {
    bool is_valid = true;
    std::vector<std::string_view> seen;
    struct Check {
        Parser& parser;
        const Rule& rule;
        bool& is_valid;
        std::vector<std::string_view>& seen;
        bool enter(Term& term) {
            if (term.kind != TermKind::kVariable) {
                parser.fail(rule.location, "illegal default rule (arguments cannot contain {})",
                            name(term.kind));
                is_valid = false;
                return true;
            }
            if (std::ranges::find(seen, term.text) != seen.end()) {
                parser.fail(rule.location, "illegal default rule (arguments cannot be repeated {})",
                            term.text);
                is_valid = false;
            }
            seen.push_back(term.text);
            return false;
        }
        bool enter(Expression&) { return true; }
        bool enter(With&) { return true; }
    };
    Check check{*this, rule, is_valid, seen};
    for (Term* argument : rule.head->arguments) walk(*argument, check);
    return is_valid;
}

}  // namespace merlon::rego::syntax
