#include "rego/syntax/parser_state.h"

// Terms: the ladder of operators, from `in` down to a number, and what has brackets around it.

namespace merlon::rego::syntax {

Term* Parser::placed(Term* term, const Location& location, std::uint32_t begin, std::uint32_t end) {
    if (term == nullptr) return nullptr;
    term->location = arena_.make<Location>(location);
    term->location->text = text(begin, end);
    return term;
}

Term* Parser::parse_infix() {
    const Level level(*this);
    return level ? parse_in(nullptr, KeyAndValue::kYes, state_.location.offset) : nullptr;
}

Term* Parser::parse_infix_in_list() {
    const Level level(*this);
    return level ? parse_in(nullptr, KeyAndValue::kNo, state_.location.offset) : nullptr;
}

Term* Parser::parse_operator(std::initializer_list<Token> tokens) {
    if (!at_any(tokens)) return nullptr;
    Term* const operation = make_operator({name(state_.token)}, here());
    scan();
    return operation;
}

// `x in xs`, and `key, value in xs` where a comma means nothing else.
Term* Parser::parse_in(Term* left, KeyAndValue key_and_value, std::uint32_t offset) {
    const Level level(*this);
    if (!level) return nullptr;
    if (left == nullptr) left = parse_relation(nullptr, offset);
    if (left == nullptr) return nullptr;

    const auto finish = [&](std::initializer_list<Term*> operands,
                            std::initializer_list<std::string_view> path) -> Term* {
        Term* const operation = make_operator(path, here());
        scan();
        Term* const right = parse_relation(nullptr, state_.location.offset);
        if (right == nullptr) return nullptr;
        std::vector<Term*> terms{operation};
        terms.insert(terms.end(), operands);
        terms.push_back(right);
        Term* const call =
            placed(make_terms(TermKind::kCall, terms), *left->location, offset, state_.last_end);
        return at(Token::kIn) ? parse_in(call, key_and_value, offset) : call;
    };

    if (key_and_value == KeyAndValue::kYes && at(Token::kComma)) {
        const State before = save();
        scan();
        Term* const middle = parse_relation(nullptr, offset);
        if (middle != nullptr && at(Token::kIn)) {
            if (Term* call = finish({left, middle}, {"internal", "member_3"})) return call;
        }
        restore(before);
    }
    take_reference_ahead();
    if (at(Token::kIn)) {
        if (Term* call = finish({left}, {"internal", "member_2"})) return call;
    }
    return left;
}

// One rung of the ladder: operators of the same strength, from left to right.
Term* Parser::parse_operators(Term* left, std::uint32_t offset, const Operators& operators) {
    const Level level(*this);
    if (!level) return nullptr;
    if (left == nullptr) left = (this->*operators.next)(nullptr, offset);
    if (left == nullptr) return nullptr;
    // Each operator puts what stands to its left one level deeper.
    std::uint32_t depth = 0;
    while (Term* const operation = parse_operator(operators.tokens)) {
        if (depth_ + ++depth > max_depth_) {
            fail(here(), "max parsing recursion depth exceeded");
            return nullptr;
        }
        Term* const right = (this->*operators.next)(nullptr, state_.location.offset);
        // What stood before the operator is kept: whoever expects an end finds the error.
        if (right == nullptr) return left;
        left = placed(make_terms(TermKind::kCall, {operation, left, right}), *left->location,
                      offset, state_.last_end);
    }
    return left;
}

Term* Parser::parse_relation(Term* left, std::uint32_t offset) {
    return parse_operators(left, offset,
                           {{Token::kEqual, Token::kNotEqual, Token::kLess, Token::kGreater,
                             Token::kLessOrEqual, Token::kGreaterOrEqual},
                            &Parser::parse_or});
}

Term* Parser::parse_or(Term* left, std::uint32_t offset) {
    return parse_operators(left, offset, {{Token::kOr}, &Parser::parse_and});
}

Term* Parser::parse_and(Term* left, std::uint32_t offset) {
    return parse_operators(left, offset, {{Token::kAnd}, &Parser::parse_arithmetic});
}

Term* Parser::parse_arithmetic(Term* left, std::uint32_t offset) {
    return parse_operators(left, offset, {{Token::kAdd, Token::kSubtract}, &Parser::parse_factor});
}

Term* Parser::parse_factor(Term* left, std::uint32_t offset) {
    return parse_operators(
        left, offset,
        {{Token::kMultiply, Token::kDivide, Token::kRemainder}, &Parser::parse_plain});
}

Term* Parser::parse_plain(Term*, std::uint32_t) { return parse_term(); }

Term* Parser::parse_term() {
    const Level level(*this);
    if (!level) return nullptr;
    const std::uint32_t offset = state_.location.offset;
    for (const CachedTerm* cached = cache_; cached != nullptr && cached->offset >= offset;
         cached = cached->next) {
        if (cached->offset != offset) continue;
        restore(cached->after);
        return cached->term;
    }
    Location* minus = nullptr;
    Term* term = parse_finish(parse_primary(minus));
    if (minus != nullptr && term != nullptr) {
        Term* const zero = make_term(TermKind::kNumber, minus);
        zero->text = "0";
        zero->constant = builder_.integer(0);
        Term* const operation = make_operator({"minus"}, nullptr);
        term = placed(make_terms(TermKind::kCall, {operation, zero, term}), *minus, minus->offset,
                      state_.last_end);
    }
    // Terms that were remembered inside of this one are not asked for any more.
    const CachedTerm* before = cache_;
    while (before != nullptr && before->offset >= offset) before = before->next;
    cache_ = arena_.make<CachedTerm>(term, save(), offset, before);
    return term;
}

Term* Parser::parse_primary(Location*& minus) {
    // `and(x, y)` and `or(x, y)` call the operators of sets where a term is expected.
    if (at_logical() && peek(Whitespace::kKeep) == Token::kLeftParenthesis)
        state_.token = Token::kIdentifier;
    switch (state_.token) {
        case Token::kNull:
            return make_term(TermKind::kNull, here());
        case Token::kTrue:
            return make_boolean(true, here());
        case Token::kFalse:
            return make_boolean(false, here());
        case Token::kSubtract: {
            Location* const location = here();
            const State before = save();
            scan();
            if (at_any({Token::kIdentifier, Token::kContains})) {
                minus = location;
                return parse_variable();
            }
            restore(before);
            return parse_number();
        }
        case Token::kDot:
        case Token::kNumber:
            return parse_number();
        case Token::kString:
            return parse_string();
        case Token::kTemplatePart:
        case Token::kTemplateEnd:
            return parse_template(TemplateMode::kQuoted);
        case Token::kRawTemplatePart:
        case Token::kRawTemplateEnd:
            return parse_template(TemplateMode::kRaw);
        case Token::kIdentifier:
        case Token::kContains:
            return parse_variable();
        case Token::kLeftBracket:
            return parse_array();
        case Token::kLeftBrace:
            return parse_set_or_object();
        case Token::kLeftParenthesis: {
            const std::uint32_t offset = state_.location.offset;
            scan();
            Term* const inside = parse_infix();
            if (inside == nullptr) return nullptr;
            if (!at(Token::kRightParenthesis)) {
                fail(here(), "non-terminated expression");
                return nullptr;
            }
            inside->location->text = text(offset, state_.token_end);
            return inside;
        }
        default:
            illegal();
            return nullptr;
    }
}

Term* Parser::root_document_or(Term* head) {
    if (!is_root_document(*head)) return head;
    Term* const reference = make_terms(TermKind::kReference, {head});
    reference->location = head->location;
    return reference;
}

Term* Parser::parse_finish(Term* head) {
    if (head == nullptr) return nullptr;
    const std::uint32_t offset = state_.location.offset;
    scan_keeping_whitespace();
    if (at_any({Token::kLeftParenthesis, Token::kDot, Token::kLeftBracket}))
        return parse_reference(head, offset);
    if (at(Token::kWhitespace)) scan();
    return root_document_or(head);
}

// As parse_finish, for the name of a rule: `p [x]` is allowed, an operator behind it is not.
Term* Parser::parse_head_finish(Term* head) {
    if (head == nullptr) return nullptr;
    const std::uint32_t offset = state_.location.offset;
    scan_keeping_whitespace();
    if (at_any({Token::kAdd, Token::kSubtract, Token::kMultiply, Token::kDivide, Token::kRemainder,
                Token::kAnd, Token::kOr, Token::kEqual, Token::kNotEqual, Token::kGreater,
                Token::kGreaterOrEqual, Token::kLess, Token::kLessOrEqual})) {
        illegal();
    } else if (at(Token::kWhitespace)) {
        scan();
    }
    if (at_any({Token::kLeftParenthesis, Token::kDot, Token::kLeftBracket}))
        return parse_reference(head, offset);
    if (at(Token::kWhitespace)) scan();
    return root_document_or(head);
}

Term* Parser::parse_call(Term* operation, std::uint32_t offset) {
    const Level level(*this);
    if (!level) return nullptr;
    const Location location = *operation->location;
    scan();
    std::vector<Term*> terms{operation};
    const bool is_empty = at(Token::kRightParenthesis);
    if (!is_empty && !parse_term_list(Token::kRightParenthesis, terms)) return nullptr;
    const std::uint32_t end = state_.token_end;
    scan_keeping_whitespace();
    const bool is_set =
        is_empty && operation->terms.size() == 1 && is_variable(*operation->terms[0], "set");
    Term* const term = is_set ? make_terms(TermKind::kSet, {}) : make_terms(TermKind::kCall, terms);
    return placed(term, location, offset, end);
}

Term* Parser::parse_reference(Term* head, std::uint32_t offset) {
    const Level level(*this);
    if (!level) return nullptr;
    const Location location = *head->location;
    switch (head->kind) {
        case TermKind::kNull:
        case TermKind::kBoolean:
        case TermKind::kNumber:
        case TermKind::kString:
        case TermKind::kTemplateString:
        case TermKind::kReference:
            fail(head->location, "illegal ref (head cannot be {})", name(head->kind));
            break;
        default:
            break;
    }
    std::uint32_t end = 0;
    Term* const term = parse_reference_parts(head, offset, end);
    return placed(term, location, offset, end);
}

Term* Parser::parse_reference_parts(Term* head, std::uint32_t offset, std::uint32_t& end) {
    std::vector<Term*> parts{head};
    while (true) {
        switch (state_.token) {
            case Token::kDot:
                scan_keeping_whitespace();
                if (!at(Token::kIdentifier) && !is_allowed_in_reference(state_.token)) {
                    illegal("expected identifier");
                    return nullptr;
                }
                parts.push_back(make_string(state_.literal, here()));
                scan_keeping_whitespace();
                break;
            case Token::kLeftParenthesis: {
                Term* const operation = placed(make_terms(TermKind::kReference, parts),
                                               *head->location, offset, state_.location.offset);
                Term* term = parse_call(operation, offset);
                if (term != nullptr) {
                    if (at(Token::kWhitespace)) {
                        scan();
                    } else if (at_any({Token::kDot, Token::kLeftBracket})) {
                        term = parse_reference(term, offset);
                    }
                }
                end = state_.last_end;
                return term;
            }
            case Token::kLeftBracket: {
                scan();
                Term* const part = parse_infix();
                if (part == nullptr) return nullptr;
                if (!at(Token::kRightBracket)) {
                    illegal("expected [");
                    return nullptr;
                }
                parts.push_back(part);
                scan_keeping_whitespace();
                break;
            }
            default:
                end = state_.last_end;
                if (at(Token::kWhitespace)) scan();
                return make_terms(TermKind::kReference, parts);
        }
    }
}

Term* Parser::parse_array() {
    const Level level(*this);
    if (!level) return nullptr;
    const Location location = state_.location;
    scan();
    Term* const term = parse_array_inside();
    return placed(term, location, location.offset, state_.token_end);
}

Term* Parser::parse_array_inside() {
    if (at(Token::kRightBracket)) return make_terms(TermKind::kArray, {});
    bool can_be_comprehension = true;
    if (at(Token::kComma)) {  // a leading comma is allowed, for the sake of old modules
        can_be_comprehension = false;
        scan();
    }
    const State start = save();
    // One term first: `[a | b]` is a comprehension and not a union.
    Term* const head = parse_term();
    if (head == nullptr) return nullptr;
    std::vector<Term*> terms{head};
    if (at(Token::kRightBracket)) return make_terms(TermKind::kArray, terms);
    if (at(Token::kComma)) {
        scan();
        return parse_term_list(Token::kRightBracket, terms) ? make_terms(TermKind::kArray, terms)
                                                            : nullptr;
    }
    if (at(Token::kOr) && can_be_comprehension) {
        scan();
        const Body body = parse_body(Token::kRightBracket);
        if (!body.empty()) return make_comprehension(TermKind::kArrayComprehension, terms, body);
        if (!at(Token::kComma)) return nullptr;
    }
    restore(start);
    terms.clear();
    return parse_term_list(Token::kRightBracket, terms) ? make_terms(TermKind::kArray, terms)
                                                        : nullptr;
}

Term* Parser::parse_set_or_object() {
    const Level level(*this);
    if (!level) return nullptr;
    const Location location = state_.location;
    scan();
    Term* const term = parse_set_or_object_inside();
    return placed(term, location, location.offset, state_.token_end);
}

Term* Parser::parse_set_or_object_inside() {
    if (at(Token::kRightBrace)) return make_terms(TermKind::kObject, {});
    Comprehension comprehension = Comprehension::kPossible;
    if (at(Token::kComma)) {
        comprehension = Comprehension::kImpossible;
        scan();
    }
    const State start = save();
    Term* head = parse_term();
    if (head == nullptr) return nullptr;
    if (at_any({Token::kRightBrace, Token::kComma}) ||
        (at(Token::kOr) && comprehension == Comprehension::kPossible))
        return parse_set(start, head, comprehension);
    if (at(Token::kColon)) return parse_object(head, comprehension);

    restore(start);
    head = parse_infix_in_list();
    if (head == nullptr) return nullptr;
    if (at_any({Token::kRightBrace, Token::kComma}))
        return parse_set(start, head, Comprehension::kImpossible);
    if (at(Token::kColon)) return parse_object(head, comprehension);
    illegal("non-terminated set");
    return nullptr;
}

Term* Parser::parse_set(const State& start, Term* head, Comprehension comprehension) {
    const Level level(*this);
    if (!level) return nullptr;
    std::vector<Term*> terms{head};
    if (at(Token::kRightBrace)) return make_terms(TermKind::kSet, terms);
    if (at(Token::kComma)) {
        scan();
        return parse_term_list(Token::kRightBrace, terms) ? make_terms(TermKind::kSet, terms)
                                                          : nullptr;
    }
    if (!at(Token::kOr)) return nullptr;
    if (comprehension == Comprehension::kPossible) {
        scan();
        const Body body = parse_body(Token::kRightBrace);
        if (!body.empty()) return make_comprehension(TermKind::kSetComprehension, terms, body);
        if (!at(Token::kComma)) return nullptr;
    }
    restore(start);
    terms.clear();
    return parse_term_list(Token::kRightBrace, terms) ? make_terms(TermKind::kSet, terms) : nullptr;
}

Term* Parser::parse_object(Term* key, Comprehension comprehension) {
    const Level level(*this);
    if (!level) return nullptr;
    scan();
    const State start = save();
    Term* value = parse_term();
    if (value == nullptr) return nullptr;
    if (comprehension == Comprehension::kPossible) {
        // Before a brace or a comma there is no other reading, and its errors are the ones to show.
        if (at_any({Token::kRightBrace, Token::kComma}))
            return parse_object_finish(key, value, comprehension);
        if (at(Token::kOr)) {
            if (Term* term = parse_object_finish(key, value, comprehension)) return term;
        }
    }
    restore(start);
    value = parse_infix_in_list();
    if (value == nullptr) return nullptr;
    if (at_any({Token::kRightBrace, Token::kComma}))
        return parse_object_finish(key, value, Comprehension::kImpossible);
    illegal("non-terminated object");
    return nullptr;
}

Term* Parser::parse_object_finish(Term* key, Term* value, Comprehension comprehension) {
    const Level level(*this);
    if (!level) return nullptr;
    std::vector<Term*> terms{key, value};
    if (at(Token::kRightBrace)) return make_terms(TermKind::kObject, terms);
    if (at(Token::kOr)) {
        if (comprehension == Comprehension::kImpossible) {
            illegal("non-terminated object");
            return nullptr;
        }
        scan();
        const Body body = parse_body(Token::kRightBrace);
        return body.empty() ? nullptr
                            : make_comprehension(TermKind::kObjectComprehension, terms, body);
    }
    if (!at(Token::kComma)) return nullptr;
    scan();
    return parse_pair_list(Token::kRightBrace, terms) ? make_terms(TermKind::kObject, terms)
                                                      : nullptr;
}

bool Parser::parse_term_list(Token end, std::vector<Term*>& terms) {
    while (!at(end)) {
        Term* const term = parse_infix_in_list();
        if (term == nullptr) return false;
        terms.push_back(term);
        if (at(end)) break;
        if (!at(Token::kComma)) {
            illegal(fmt::format("expected \",\" or \"{}\"", name(end)));
            return false;
        }
        scan();
    }
    // OPA takes a list without elements for none where nothing stood before it.
    return !terms.empty();
}

bool Parser::parse_pair_list(Token end, std::vector<Term*>& terms) {
    while (!at(end)) {
        Term* const key = parse_infix_in_list();
        if (key == nullptr) return false;
        if (!at(Token::kColon)) {
            illegal("expected \":\"");
            return false;
        }
        scan();
        Term* const value = parse_infix_in_list();
        if (value == nullptr) return false;
        terms.push_back(key);
        terms.push_back(value);
        if (at(end)) break;
        if (!at(Token::kComma)) {
            illegal(fmt::format("expected \",\" or \"{}\"", name(end)));
            return false;
        }
        scan();
    }
    return true;
}

}  // namespace merlon::rego::syntax
