#include <algorithm>

#include "rego/syntax/annotations.h"
#include "rego/syntax/builtin_table.h"
#include "rego/syntax/checks.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/parser_state.h"
#include "rego/syntax/print.h"

// Statements become a module; what was read as a query becomes a rule where it can be one.

namespace merlon::rego::syntax {
namespace {

SyntaxError error_at(const Location* location, std::string message) {
    SyntaxError error{.message = std::move(message)};
    if (location != nullptr) {
        error.row = location->row;
        error.column = location->column;
    }
    return error;
}

// `x := 1`, `p[x]`, `f(x)`: rules without a body, which the parser cannot tell from queries.
class RuleMaker {
  public:
    explicit RuleMaker(Arena& arena) : arena_(arena) {}

    Result<Rule*> from_body(Body body);

  private:
    static Error refuse_name(const Term& term, std::string_view plural = {}) {
        return Error{fmt::format("{}{} cannot be used for rule name", name(term.kind), plural)};
    }
    static Status check_head(Terms reference) {
        if (reference[0]->kind == TermKind::kVariable) return {};
        return Error{"invalid rule head: " + to_text(reference)};
    }
    Result<Rule*> from_reference(Term& term);
    Result<Rule*> from_equality(Term& left, Term& right);
    Result<Rule*> from_call(Terms terms);
    Rule* make(Terms reference, Term* value, Location* head_location, Location* location,
               Location* body_location);
    Term* truth(Location* location) {
        Term* const term = arena_.make<Term>();
        term->kind = TermKind::kBoolean;
        term->location = location;
        term->constant = value::Builder(arena_, interner_).boolean(true);
        return term;
    }

    Arena& arena_;
    Interner interner_;
};

Rule* RuleMaker::make(Terms reference, Term* value, Location* head_location, Location* location,
                      Location* body_location) {
    Rule* const rule = arena_.make<Rule>();
    rule->head = arena_.make<Head>();
    rule->head->reference = reference;
    if (reference.size() < 2) rule->head->name = reference[0]->text;
    rule->head->value = value;
    rule->head->location = head_location;
    rule->location = location;
    auto* expression = arena_.make<Expression>();
    expression->location = body_location;
    expression->is_generated = true;
    Term* const body_term = truth(body_location);
    expression->terms = keep_pointers({body_term}, arena_);
    rule->body = keep_pointers({expression}, arena_);
    rule->is_body_generated = true;
    return rule;
}

Result<Rule*> RuleMaker::from_body(Body body) {
    if (body.size() != 1) return Error{"multiple expressions cannot be used for rule head"};
    Expression& expression = *body[0];
    if (!expression.with.empty())
        return Error{"expressions using with keyword cannot be used for rule head"};
    if (expression.is_negated) return Error{"negated expressions cannot be used for rule head"};
    if (expression.kind == ExpressionKind::kSome)
        return Error{"'some' declarations cannot be used for rule head"};
    if (expression.kind == ExpressionKind::kTerm) return from_reference(*expression.terms[0]);
    if (expression.kind != ExpressionKind::kCall)
        return Error{"expression cannot be used for rule head"};

    const std::string operation = to_text(*expression.terms[0]);
    if (operation == "eq" || operation == "assign") {
        if (expression.terms.size() < 3) return Error{"assignment requires two operands"};
        Rule* const rule = MERLON_TRY(from_equality(*expression.terms[1], *expression.terms[2]));
        rule->location = rule->head->location = expression.location;
        if (operation == "assign") rule->head->is_assigned = true;
        return rule;
    }
    if (is_builtin(operation)) return Error{"rule name conflicts with built-in function"};
    return from_call(expression.terms);
}

Result<Rule*> RuleMaker::from_reference(Term& term) {
    if (term.kind != TermKind::kReference) return refuse_name(term);
    if (term.terms.size() == 1) return Error{"refs cannot be used for rule head"};
    const Status is_fine = check_head(term.terms);
    if (!is_fine.ok()) return is_fine.error();
    if (term.terms.size() > 2) {
        Rule* const rule =
            make(term.terms, truth(term.location), term.location, term.location, term.location);
        rule->head->is_value_generated = true;
        return rule;
    }
    Rule* const rule =
        make(term.terms.first(1), nullptr, term.location, term.location, term.location);
    rule->head->key = term.terms[1];
    return rule;
}

Result<Rule*> RuleMaker::from_equality(Term& left, Term& right) {
    if (left.kind == TermKind::kCall && left.terms[0]->kind == TermKind::kReference &&
        left.terms[0]->terms[0]->kind == TermKind::kVariable) {
        Rule* const rule =
            make(left.terms[0]->terms, &right, left.location, left.location, right.location);
        rule->head->arguments = left.terms.subspan(1);
        rule->head->is_called = true;
        return rule;
    }
    if (left.kind == TermKind::kVariable) {
        Term* const head = arena_.make<Term>(left);
        return make(keep_pointers({head}, arena_), &right, left.location, left.location,
                    right.location);
    }
    if (left.kind != TermKind::kReference) return refuse_name(left);
    const Status is_fine = check_head(left.terms);
    if (!is_fine.ok()) return is_fine.error();
    Rule* const rule = make(left.terms, &right, right.location, right.location, right.location);
    if (left.terms.size() == 2) {
        rule->head->name = left.terms[0]->text;
        rule->head->key = left.terms[1];
    }
    return rule;
}

Result<Rule*> RuleMaker::from_call(Terms terms) {
    if (terms.size() <= 1) return Error{"rule argument list must take at least one argument"};
    const Status is_fine = check_head(terms[0]->terms);
    if (!is_fine.ok()) return is_fine.error();
    Location* const location = terms[0]->location;
    Rule* const rule = make(terms[0]->terms, truth(location), location, location, location);
    rule->head->arguments = terms.subspan(1);
    rule->head->is_called = true;
    return rule;
}

// The word of the future that a statement of v0 was misread around: `p if { … }` is the query `p`
// and a rule of the name `if`.
std::string_view head_word(const Statement& statement) {
    std::string_view word;
    if (statement.kind == StatementKind::kRule) {
        word = statement.rule->head->name;
    } else if (statement.kind == StatementKind::kBody && statement.body.size() == 1 &&
               statement.body[0]->kind == ExpressionKind::kTerm &&
               statement.body[0]->terms[0]->kind == TermKind::kVariable) {
        word = statement.body[0]->terms[0]->text;
    }
    return word == "if" || word == "contains" ? word : std::string_view{};
}

class ModuleMaker {
  public:
    ModuleMaker(std::span<const Statement> statements, RegoVersion version, Arena& arena)
        : statements_(statements), arena_(arena), rule_maker_(arena) {
        module_ = arena.make<Module>();
        module_->version = version;
        module_->latest_version =
            version == RegoVersion::kV0CompatibleV1 ? RegoVersion::kV1 : version;
    }

    Module* make(std::vector<SyntaxError>& errors);

  private:
    void add(std::size_t index, std::vector<SyntaxError>& errors);
    void add_import(Import* import);
    std::string missing_word_hint(std::size_t index) const;

    std::span<const Statement> statements_;
    Arena& arena_;
    RuleMaker rule_maker_;
    Module* module_;
    std::vector<Import*> imports_;
    std::vector<Rule*> rules_;
};

void ModuleMaker::add_import(Import* import) {
    imports_.push_back(import);
    const Terms path = import->path->terms;
    if (path.size() != 2 || path[0]->text != "rego") return;
    const RegoVersion said = path[1]->text == "v2" ? RegoVersion::kV2 : RegoVersion::kV1;
    module_->latest_version = std::max(module_->latest_version, said);
}

std::string ModuleMaker::missing_word_hint(std::size_t index) const {
    if (module_->latest_version != RegoVersion::kV0) return {};
    std::string_view word = head_word(statements_[index]);
    if (word.empty() && index + 1 < statements_.size()) {
        const Location* const here = location_of(statements_[index]);
        const Location* const next = location_of(statements_[index + 1]);
        if (here != nullptr && next != nullptr && here->row == next->row)
            word = head_word(statements_[index + 1]);
    }
    if (word.empty()) return {};
    return fmt::format(" (hint: `import future.keywords.{}` for `{}` rules)", word,
                       word == "if" ? "p if { ... }" : "p contains x");
}

void ModuleMaker::add(std::size_t index, std::vector<SyntaxError>& errors) {
    const Statement& statement = statements_[index];
    switch (statement.kind) {
        case StatementKind::kPackage:
            errors.push_back(error_at(statement.package->location, "unexpected package"));
            return;
        case StatementKind::kImport:
            return add_import(statement.import);
        case StatementKind::kRule:
            rules_.push_back(statement.rule);
            return;
        case StatementKind::kBody:
            break;
    }
    const Result<Rule*> rule = rule_maker_.from_body(statement.body);
    if (rule.ok()) {
        rules_.push_back(rule.value());
    } else {
        errors.push_back(
            error_at(statement.body[0]->location, rule.error().message + missing_word_hint(index)));
    }
}

Module* ModuleMaker::make(std::vector<SyntaxError>& errors) {
    if (statements_.empty()) {
        errors.push_back({.message = "empty module"});
        return nullptr;
    }
    if (statements_[0].kind == StatementKind::kPackage) {
        module_->package = statements_[0].package;
    } else {
        errors.push_back(error_at(location_of(statements_[0]), "package expected"));
    }
    for (std::size_t i = 1; i < statements_.size(); ++i) add(i, errors);
    module_->imports = keep_pointers(imports_, arena_);
    module_->rules = keep_pointers(rules_, arena_);
    if (module_->latest_version != RegoVersion::kV0) {
        for (const Rule* first : rules_) {
            for (const Rule* rule = first; rule != nullptr; rule = rule->otherwise)
                check_rule_of_v1(*rule, RuleChecks{}, errors);
        }
    }
    return errors.empty() ? module_ : nullptr;
}

std::string_view keep(std::string_view source, Arena& arena) { return arena.copy(source); }

std::vector<SyntaxError> too_large(const ParseOptions& options) {
    return {{.message = fmt::format("the module is larger than {} bytes", options.max_bytes)}};
}

}  // namespace

ParsedModule parse_module(std::string_view source, Arena& arena, Interner& interner,
                          const ParseOptions& options) {
    if (source.size() > options.max_bytes) return {nullptr, too_large(options)};
    source = keep(source, arena);
    Parser parser(source, arena, interner, options);
    const std::vector<Statement> statements = parser.parse_statements();
    ParsedModule parsed;
    parsed.errors = parser.errors();
    const std::vector<Comment*> comments = parser.comments();
    std::vector<Annotations*> annotations;
    if (options.annotations == ReadAnnotations::kYes)
        annotations = read_annotations(comments, source, arena, interner, parsed.errors);
    if (!parsed.errors.empty()) return parsed;

    if (statements.empty() && !annotations.empty()) {
        parsed.errors.push_back(error_at(annotations[0]->location, "package expected"));
        return parsed;
    }
    Module* const module = ModuleMaker(statements, options.version, arena).make(parsed.errors);
    if (module == nullptr) return parsed;
    module->comments = keep_pointers(comments, arena);
    module->annotations = keep_pointers(annotations, arena);
    attach_annotations(*module, arena, parsed.errors);
    if (parsed.errors.empty()) parsed.module = module;
    return parsed;
}

ParsedQuery parse_query(std::string_view source, Arena& arena, Interner& interner,
                        const ParseOptions& options) {
    if (source.size() > options.max_bytes) return {{}, too_large(options)};
    source = keep(source, arena);
    Parser parser(source, arena, interner, options);
    const std::vector<Statement> statements = parser.parse_statements();
    ParsedQuery query{{}, parser.errors()};
    if (!query.errors.empty()) return query;
    std::vector<Expression*> expressions;
    for (const Statement& statement : statements) {
        if (statement.kind != StatementKind::kBody) {
            constexpr std::string_view kNames[] = {"Package", "Import", "Rule"};
            query.errors.push_back(
                {.code = {},
                 .message = "expected body but got *ast." +
                            std::string(kNames[static_cast<std::size_t>(statement.kind)])});
            return query;
        }
        for (Expression* expression : statement.body) {
            expression->index = static_cast<std::uint32_t>(expressions.size());
            expressions.push_back(expression);
        }
    }
    query.body = keep_pointers(expressions, arena);
    return query;
}

ParsedStatements parse_statements(std::string_view source, Arena& arena, Interner& interner,
                                  const ParseOptions& options) {
    if (source.size() > options.max_bytes) return {{}, too_large(options)};
    Parser parser(keep(source, arena), arena, interner, options);
    ParsedStatements parsed{parser.parse_statements(), parser.errors()};
    if (!parsed.errors.empty()) parsed.statements.clear();
    return parsed;
}

Result<Rule*> rule_of_body(Body body, Arena& arena) { return RuleMaker(arena).from_body(body); }

Result<Term*> parse_term(std::string_view source, Arena& arena, Interner& interner) {
    const ParsedQuery query = parse_query(source, arena, interner, {.rules = ReadRules::kNo});
    if (!query.errors.empty()) return Error{"failed to parse term: " + to_string(query.errors, "")};
    if (query.body.size() != 1) {
        std::string text;
        for (const Expression* expression : query.body)
            text += (text.empty() ? "" : "; ") + to_text(*expression);
        return Error{"expected exactly one term but got: " + text};
    }
    if (query.body[0]->kind != ExpressionKind::kTerm)
        return Error{"expected term but got " + to_text(*query.body[0])};
    return query.body[0]->terms[0];
}

Result<Term*> parse_reference(std::string_view source, Arena& arena, Interner& interner) {
    Result<Term*> term = parse_term(source, arena, interner);
    if (!term.ok()) return Error{"failed to parse ref: " + term.error().message};
    if (term.value()->kind != TermKind::kReference)
        return Error{"expected ref but got " + to_text(*term.value())};
    return term;
}

std::string to_string(std::span<const SyntaxError> errors, std::string_view file) {
    std::string out = errors.size() == 1 ? std::string("1 error occurred: ")
                                         : fmt::format("{} errors occurred:\n", errors.size());
    for (std::size_t i = 0; i < errors.size(); ++i) {
        if (i > 0) out += '\n';
        out += errors[i].to_string(file);
    }
    return out;
}

}  // namespace merlon::rego::syntax
