#include <algorithm>

#include "rego/syntax/copy.h"
#include "rego/syntax/parser_state.h"
#include "rego/syntax/print.h"

// Packages, imports, and the order in which statements are tried.

namespace merlon::rego::syntax {
namespace {

bool is_reference(const Term& term, std::initializer_list<std::string_view> path) {
    if (term.terms.size() != path.size()) return false;
    return std::ranges::equal(term.terms, path, [](const Term* part, std::string_view text) {
        return part->text == text;
    });
}

}  // namespace

Location* location_of(const Statement& statement) {
    switch (statement.kind) {
        case StatementKind::kPackage:
            return statement.package->location;
        case StatementKind::kImport:
            return statement.import->location;
        case StatementKind::kRule:
            return statement.rule->location;
        case StatementKind::kBody:
            return statement.body[0]->location;
    }
    return nullptr;
}

std::vector<Statement> Parser::parse_statements() {
    std::vector<Statement> statements;
    scan();
    while (!at(Token::kEof) && parse_statement(statements)) {
    }
    return statements;
}

// False: nothing more can be read.
bool Parser::parse_statement(std::vector<Statement>& statements) {
    const bool reads_rules = options_.rules == ReadRules::kYes;
    if (reads_rules && fail_keyword_as_rule_name(false)) return false;
    const State start = save();
    if (at(Token::kPackage)) {
        if (Package* const package = parse_package()) {
            if (at(Token::kSubtract)) {  // would be read as a minus of the next statement
                illegal();
                return false;
            }
            statements.push_back({.kind = StatementKind::kPackage, .package = package});
            return true;
        }
        if (has_errors()) return false;
        restore(start);
    }
    if (at(Token::kImport)) {
        if (Import* const import = parse_import()) {
            if (at(Token::kSubtract)) {
                illegal();
                return false;
            }
            apply_import(*import);
            statements.push_back({.kind = StatementKind::kImport, .import = import});
            return true;
        }
        if (has_errors()) return false;
        restore(start);
    }
    if (reads_rules) {
        const std::vector<Rule*> rules = parse_rules();
        for (Rule* rule : rules) statements.push_back({.kind = StatementKind::kRule, .rule = rule});
        if (!rules.empty()) return true;
        if (has_errors()) return false;
        restore(start);
    }
    const Body body = parse_query(Separator::kRequired, Token::kEof);
    if (body.empty()) return false;
    statements.push_back({.kind = StatementKind::kBody, .body = body});
    return true;
}

// A path can begin with a keyword.
bool Parser::take_name() {
    if (at(Token::kWhitespace)) scan();
    if (!at(Token::kIdentifier) && !is_allowed_in_reference(state_.token)) {
        illegal();
        return false;
    }
    state_.token = Token::kIdentifier;
    return true;
}

Package* Parser::parse_package() {
    Package* const package = arena_.make<Package>();
    package->location = here();
    scan_keeping_whitespace();
    if (at_any({Token::kDot, Token::kLeftBracket})) return nullptr;  // `package.x`, a reference
    if (!take_name()) return nullptr;
    Term* const term = parse_term();
    if (term == nullptr) {
        if (!has_errors()) fail(here(), "expected path");
        return nullptr;
    }
    if (term->kind != TermKind::kVariable && term->kind != TermKind::kReference) {
        illegal();
        return nullptr;
    }
    Term* const first = term->kind == TermKind::kVariable ? term : term->terms[0];
    std::vector<Term*> path{make_variable("data", first->location)};
    if (first->kind != TermKind::kVariable) {
        fail(first->location, "unexpected {} token: expecting var", name(first->kind));
        return nullptr;
    }
    path.push_back(make_string(first->text, first->location));
    if (term->kind == TermKind::kReference) {
        for (Term* part : term->terms.subspan(1)) {
            if (part->kind != TermKind::kString) {
                fail(part->location, "unexpected {} token: expecting string", name(part->kind));
                return nullptr;
            }
            path.push_back(part);
        }
    }
    package->path = keep_pointers(path, arena_);
    return package;
}

Import* Parser::parse_import() {
    Import* const import = arena_.make<Import>();
    import->location = here();
    scan_keeping_whitespace();
    if (at_any({Token::kDot, Token::kLeftBracket})) return nullptr;
    if (!take_name() || !parse_import_path(*import)) return nullptr;

    const Term& root = *import->path->terms[0];
    if (!is_root_document(root) && !is_variable(root, "future") && !is_variable(root, "rego")) {
        hint("if this is unexpected, try updating OPA");
        fail(import->path->location,
             "unexpected import path, must begin with one of: {{data, future, input, rego}}, got: "
             "{}",
             to_text(root));
        return nullptr;
    }
    if (at(Token::kAs)) return parse_import_alias(*import);
    check_import_end(*import);
    return import;
}

// `import future.keywords.in` must work where `in` is a keyword already, so the path is read
// without the words of the future.
bool Parser::parse_import_path(Import& import) {
    const State before = save();
    const CachedTerm* const cache = std::exchange(cache_, nullptr);
    const KeywordSet keywords = state_.lexer.keywords();
    state_.lexer.set_keywords(keywords & static_cast<KeywordSet>(~kAllFutureKeywords));
    Term* const term = parse_term();
    cache_ = cache;
    if (term != nullptr && term->kind == TermKind::kVariable) {
        import.path = make_terms(TermKind::kReference, {term});
        import.path->location = term->location;
    } else if (term != nullptr && term->kind == TermKind::kReference) {
        for (const Term* part : term->terms.subspan(1)) {
            if (part->kind == TermKind::kString) continue;
            restore(before);
            fail(part->location, "unexpected {} token: expecting string", name(part->kind));
            return false;
        }
        import.path = term;
    }
    state_.lexer.set_keywords(keywords);
    if (import.path == nullptr) fail(here(), "expected path");
    return import.path != nullptr;
}

Import* Parser::parse_import_alias(Import& import) {
    scan();
    if (!at(Token::kIdentifier)) {
        illegal("expected var");
        return nullptr;
    }
    const Term* const alias = parse_term();
    if (alias != nullptr && alias->kind == TermKind::kVariable) {
        import.alias = alias->text;
        import.alias_location = alias->location;
        return &import;
    }
    if (alias != nullptr && alias->kind == TermKind::kReference && alias->terms.size() == 1 &&
        is_root_document(*alias->terms[0])) {
        fail(alias->location, "unexpected import alias, must not be a reserved name, got: {}",
             alias->terms[0]->text);
        return nullptr;
    }
    illegal("expected var");
    return nullptr;
}

// What is imported gets the path's last name.
void Parser::check_import_end(const Import& import) {
    const Terms path = import.path->terms;
    if (path.size() > 1 && is_variable(*path[0], "future")) return;
    if (!is_keyword(path.back()->text, options_.version)) return;
    hint("import a different path or use an alias");
    fail(path.back()->location, "unexpected import path, must not end with a keyword, got: {}",
         path.back()->text);
}

void Parser::apply_import(const Import& import) {
    const Term& root = *import.path->terms[0];
    if (is_variable(root, "rego")) {
        apply_rego_import(import);
    } else if (is_variable(root, "future")) {
        apply_future_import(import);
    } else {
        return;
    }
    reclassify_keyword();
}

// The token ahead was read before its word was known to be a keyword.
void Parser::reclassify_keyword() {
    if (at(Token::kIdentifier))
        state_.token = keyword_token(state_.literal, state_.lexer.keywords());
}

void Parser::apply_future_import(const Import& import) {
    const Terms path = import.path->terms;
    const Location* const location = import.path->location;
    if (path.size() == 1 || path[1]->text != "keywords")
        return fail(location, "invalid import, must be `future.keywords`");
    if (!import.alias.empty())
        return fail(import.alias_location, "`future` imports cannot be aliased");
    KeywordSet added = importable_keywords(options_.version);
    if (path.size() == 3) {
        const FutureWord* const word = find_future_word(path[2]->text);
        if (word == nullptr || (word->keyword & added) == 0) {
            std::vector<std::string_view> names;
            for (const FutureWord& known : future_words()) names.push_back(known.name);
            return fail(location, "unexpected keyword, must be one of [{}]", fmt::join(names, " "));
        }
        added = word->keyword;
    }
    if ((added & kFutureNot) != 0) has_not_bodies_ = true;
    if ((added & kFutureEvery) != 0) added |= kFutureIn;
    state_.lexer.set_keywords(state_.lexer.keywords() | added);
}

void Parser::apply_rego_import(const Import& import) {
    const bool is_v1 = is_reference(*import.path, {"rego", "v1"});
    if (!is_v1 && !is_reference(*import.path, {"rego", "v2"})) {
        return fail(import.path->location,
                    "invalid import `{}`, must be one of: `rego.v1`, `rego.v2`",
                    to_text(*import.path));
    }
    if (!import.alias.empty())
        return fail(import.alias_location, "`rego` imports cannot be aliased");
    KeywordSet added = kKeywordsOfV0;
    if (!is_v1) {
        added = kAllFutureKeywords;
        has_not_bodies_ = true;
    }
    state_.lexer.set_keywords(state_.lexer.keywords() | added);
}

}  // namespace merlon::rego::syntax
