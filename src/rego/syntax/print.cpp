#include "rego/syntax/print.h"

#include "rego/syntax/builtin_table.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/literal.h"

namespace merlon::rego::syntax {
namespace {

class Printer {
  public:
    void term(const Term& term);
    void reference(Terms reference);
    void expression(const Expression& expression);
    void body(Body body);

    std::string out;

  private:
    template <typename Element, typename Write>
    void joined(std::span<Element> elements, std::string_view separator, Write write) {
        for (std::size_t i = 0; i < elements.size(); ++i) {
            if (i > 0) out += separator;
            write(elements[i]);
        }
    }
    void terms(Terms terms) {
        joined(terms, ", ", [this](Term* element) { term(*element); });
    }
    void call(Terms terms) {
        term(*terms[0]);
        out += '(';
        this->terms(terms.subspan(1));
        out += ')';
    }
    void object(const Term& object);
    void comprehension(const Term& term);
    void comprehension_term(const Term& term);
    void template_string(const Term& term);
    void some(const Expression& some);
    void every(const Expression& every);
    void negation(const Expression& expression);
    void logical(const Expression& expression);
    void operand(Body operand, std::string_view operation, bool is_explicit, bool is_right);
};

void Printer::term(const Term& term) {
    switch (term.kind) {
        case TermKind::kNull:
            out += "null";
            break;
        case TermKind::kBoolean:
            out += term.constant.as_boolean() ? "true" : "false";
            break;
        case TermKind::kNumber:
            out += term.text;
            break;
        case TermKind::kString:
            append_go_quoted(out, term.text);
            break;
        case TermKind::kTemplateString:
            template_string(term);
            break;
        case TermKind::kVariable:
            out += is_wildcard(term.text) ? std::string_view("_") : term.text;
            break;
        case TermKind::kReference:
            reference(term.terms);
            break;
        case TermKind::kArray:
            out += '[';
            terms(term.terms);
            out += ']';
            break;
        case TermKind::kObject:
            object(term);
            break;
        case TermKind::kSet: {
            std::vector<Term*> sorted = sorted_elements(term);
            out += sorted.empty() ? "set(" : "{";
            terms(sorted);
            out += sorted.empty() ? ')' : '}';
            break;
        }
        case TermKind::kArrayComprehension:
        case TermKind::kObjectComprehension:
        case TermKind::kSetComprehension:
            comprehension(term);
            break;
        case TermKind::kCall:
            call(term.terms);
            break;
    }
}

void Printer::object(const Term& object) {
    const std::vector<Term*> sorted = sorted_elements(object);
    out += '{';
    for (std::size_t i = 0; i < sorted.size(); i += 2) {
        if (i > 0) out += ", ";
        term(*sorted[i]);
        out += ": ";
        term(*sorted[i + 1]);
    }
    out += '}';
}

void Printer::reference(Terms reference) {
    if (reference.empty()) return;
    const Term& head = *reference[0];
    if (head.kind == TermKind::kString) {
        out += head.text;
    } else {
        term(head);
    }
    for (const Term* part : reference.subspan(1)) {
        if (part->kind != TermKind::kString) {
            out += '[';
            term(*part);
            out += ']';
        } else if (is_variable_like(part->text) && !is_keyword(part->text, RegoVersion::kV1)) {
            out += '.';
            out += part->text;
        } else {
            out += '[';
            append_go_quoted(out, part->text);
            out += ']';
        }
    }
}

// Infix, so that a union in it is not taken for the bar.
void Printer::comprehension_term(const Term& term) {
    if (term.kind == TermKind::kCall && term.terms.size() == 3) {
        const Infix* infix = find_infix(to_text(*term.terms[0]));
        if (infix != nullptr && infix->symbol != "in") {
            out += '(';
            comprehension_term(*term.terms[1]);
            out += ' ';
            out += infix->symbol;
            out += ' ';
            comprehension_term(*term.terms[2]);
            out += ')';
            return;
        }
    }
    this->term(term);
}

void Printer::comprehension(const Term& term) {
    const bool is_array = term.kind == TermKind::kArrayComprehension;
    out += is_array ? '[' : '{';
    joined(term.terms, ": ", [this](Term* part) { comprehension_term(*part); });
    out += " | ";
    body(term.body);
    out += is_array ? ']' : '}';
}

void Printer::template_string(const Term& term) {
    out += "$\"";
    for (const TemplatePart& part : term.template_parts) {
        if (part.expression != nullptr) {
            out += '{';
            expression(*part.expression);
            out += '}';
        } else if (part.term->kind == TermKind::kString) {
            const std::string quoted = go_quoted(part.term->text);
            out += escape_braces(std::string_view(quoted).substr(1, quoted.size() - 2));
        } else {
            this->term(*part.term);
        }
    }
    out += '"';
}

void Printer::body(Body body) {
    joined(body, "; ", [this](Expression* element) { expression(*element); });
}

void Printer::some(const Expression& some) {
    out += "some ";
    if (some.terms[0]->kind != TermKind::kCall) return terms(some.terms);
    const Terms call = some.terms[0]->terms;
    term(*call[1]);
    if (call.size() == 4) {
        out += ", ";
        term(*call[2]);
    }
    out += " in ";
    term(*call.back());
}

void Printer::every(const Expression& every) {
    out += "every ";
    if (every.terms[0] != nullptr) {
        term(*every.terms[0]);
        out += ", ";
    }
    term(*every.terms[1]);
    out += " in ";
    term(*every.terms[2]);
    out += " { ";
    body(every.left);
    out += " }";
}

void Printer::negation(const Expression& expression) {
    out += "not ";
    if (expression.has_explicit_left || expression.left.size() != 1) {
        out += '{';
        body(expression.left);
        out += '}';
        return;
    }
    const Expression& inside = *expression.left[0];
    const bool needs_parentheses =
        !inside.with.empty() || inside.kind == ExpressionKind::kAnd ||
        inside.kind == ExpressionKind::kOr || inside.kind == ExpressionKind::kNot ||
        (inside.kind == ExpressionKind::kTerm && is_brace_led(*inside.terms[0]));
    if (needs_parentheses) out += '(';
    this->expression(inside);
    if (needs_parentheses) out += ')';
}

void Printer::operand(Body operand, std::string_view operation, bool is_explicit, bool is_right) {
    if (is_explicit || operand.size() != 1) {
        out += "{ ";
        body(operand);
        out += " }";
        return;
    }
    const Expression& inside = *operand[0];
    bool needs_parentheses = !inside.with.empty();
    if (inside.kind == ExpressionKind::kOr) needs_parentheses |= operation == "and" || is_right;
    if (inside.kind == ExpressionKind::kAnd) needs_parentheses |= operation == "and" && is_right;
    if (inside.kind == ExpressionKind::kTerm) needs_parentheses |= is_brace_led(*inside.terms[0]);
    if (needs_parentheses) out += '(';
    expression(inside);
    if (needs_parentheses) out += ')';
}

void Printer::logical(const Expression& expression) {
    const std::string_view operation = expression.kind == ExpressionKind::kAnd ? "and" : "or";
    operand(expression.left, operation, expression.has_explicit_left, false);
    out += ' ';
    out += operation;
    out += ' ';
    operand(expression.right, operation, expression.has_explicit_right, true);
}

void Printer::expression(const Expression& expression) {
    if (expression.is_negated) out += "not ";
    switch (expression.kind) {
        case ExpressionKind::kSome:
            some(expression);
            break;
        case ExpressionKind::kTerm:
            term(*expression.terms[0]);
            break;
        case ExpressionKind::kEvery:
            every(expression);
            break;
        case ExpressionKind::kNot:
            negation(expression);
            break;
        case ExpressionKind::kAnd:
        case ExpressionKind::kOr:
            logical(expression);
            break;
        case ExpressionKind::kCall:
            if (expression.terms.size() == 3 && to_text(*expression.terms[0]) == "eq") {
                term(*expression.terms[1]);
                out += " = ";
                term(*expression.terms[2]);
            } else {
                call(expression.terms);
            }
            break;
    }
    for (const With* with : expression.with) {
        out += " with ";
        term(*with->target);
        out += " as ";
        term(*with->value);
    }
}

}  // namespace

bool is_brace_led(const Term& term) {
    switch (term.kind) {
        case TermKind::kSet:
            return !term.terms.empty();
        case TermKind::kObject:
        case TermKind::kSetComprehension:
        case TermKind::kObjectComprehension:
            return true;
        case TermKind::kReference:
            return !term.terms.empty() && is_brace_led(*term.terms[0]);
        default:
            return false;
    }
}

std::string to_text(const Term& term) {
    Printer printer;
    printer.term(term);
    return std::move(printer.out);
}

std::string to_text(Terms reference) {
    Printer printer;
    printer.reference(reference);
    return std::move(printer.out);
}

std::string to_text(const Expression& expression) {
    Printer printer;
    printer.expression(expression);
    return std::move(printer.out);
}

std::string to_text(const Import& import) {
    std::string text = "import " + to_text(*import.path);
    if (!import.alias.empty()) text.append(" as ").append(import.alias);
    return text;
}

}  // namespace merlon::rego::syntax
