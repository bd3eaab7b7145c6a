#pragma once

// The parser itself, for the files parser_*.cpp of this room; the way in is rego/syntax/parser.h.
//
// The idea: State is everything that trying a reading changes. save() is a copy, restore() an
// assignment, also to a state that lies ahead.

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "rego/syntax/lexer.h"
#include "rego/syntax/parser.h"
#include "rego/syntax/statements.h"
#include "rego/syntax/tree.h"

namespace merlon::rego::syntax {

// Whether `{ body }` could be meant as a comprehension (parser_logical.cpp).
bool is_ambiguous_union(Body body);
// The error `message` at its place in `source`, with its line (parser_scan.cpp).
SyntaxError make_syntax_error(std::string_view source, std::string_view message,
                              const Location& location);

class Parser {
  public:
    Parser(std::string_view source, Arena& arena, Interner& interner, const ParseOptions& options);

    // Everything up to the end or the first statement that is wrong.
    std::vector<Statement> parse_statements();
    std::vector<Comment*> comments() const;
    std::vector<SyntaxError> errors() const;

  private:
    // Persistent lists, newest first.
    struct ErrorNode {
        std::string_view message;
        const Location* location;
        const ErrorNode* before;
    };
    struct CommentNode {
        Comment* comment;
        const CommentNode* before;
    };
    struct HintNode {
        std::string_view hint;
        const HintNode* before;
    };
    struct State {
        Lexer lexer;
        const ErrorNode* errors = nullptr;
        const CommentNode* comments = nullptr;
        const HintNode* hints = nullptr;
        Location location;
        std::string_view literal;
        std::uint32_t last_end = 0;  // end of the token before, white space aside
        std::uint32_t token_end = 0;
        std::uint32_t wildcards = 0;
        Token token = Token::kIllegal;
        bool skipped_line_break = false;
    };
    struct CachedTerm {
        Term* term;  // null: there is none to be read
        State after;
        std::uint32_t offset;
        const CachedTerm* next;
    };
    // A body inside of as many others; `ok` is false where there are too many.
    class BodyLevel {
      public:
        explicit BodyLevel(Parser& parser);
        ~BodyLevel() { --parser_.open_bodies_; }
        BodyLevel(const BodyLevel&) = delete;
        BodyLevel& operator=(const BodyLevel&) = delete;
        explicit operator bool() const { return ok_; }

      private:
        Parser& parser_;
        bool ok_;
    };
    // One level of recursion; `ok` is false where there are too many.
    class Level {
      public:
        explicit Level(Parser& parser);
        ~Level() { --parser_.depth_; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        explicit operator bool() const { return ok_; }

      private:
        Parser& parser_;
        bool ok_;
    };

    // parser_scan.cpp: tokens, errors, places.
    enum class Whitespace : std::uint8_t { kSkip, kKeep };
    void scan() { scan(Whitespace::kSkip, TemplateMode::kNone); }
    void scan_keeping_whitespace() { scan(Whitespace::kKeep, TemplateMode::kNone); }
    void scan(Whitespace whitespace, TemplateMode mode);
    // The token behind this one, white space included or not.
    Token peek(Whitespace whitespace);
    bool at(Token token) const { return state_.token == token; }
    bool at_any(std::initializer_list<Token> tokens) const;
    Location* here();
    std::string_view text(std::uint32_t begin, std::uint32_t end) const;
    std::string_view text_since(std::uint32_t begin) const { return text(begin, state_.last_end); }
    Location* extended(const Location& start);
    void fail(const Location* location, std::string_view message);
    template <typename... Arguments>
    void fail(const Location* location, fmt::format_string<Arguments...> format,
              Arguments&&... arguments) {
        fail(location,
             std::string_view(fmt::format(format, std::forward<Arguments>(arguments)...)));
    }
    // "unexpected X token: note"
    void illegal(std::string_view note = {});
    void hint(std::string_view text);
    bool has_errors() const { return state_.errors != nullptr; }
    bool is_allowed_in_reference(Token token) const;
    bool is_word_of_future(std::string_view word) const;
    // A keyword that a reference begins with becomes a name.
    bool take_reference_ahead();
    // Runs `read` with all future keywords known, for hints; what it does is undone.
    template <typename Read>
    auto as_in_future(Read read);

    // parser_nodes.cpp: nodes, and terms from tokens.
    Term* make_term(TermKind kind, Location* location);
    Term* make_variable(std::string_view name, Location* location);
    Term* make_string(std::string_view content, Location* location);
    Term* make_boolean(bool truth, Location* location);  // NOLINT: a value
    Term* make_terms(TermKind kind, const std::vector<Term*>& terms);
    Terms terms_of(std::initializer_list<Term*> terms);
    Term* make_comprehension(TermKind kind, const std::vector<Term*>& terms, Body body);
    Term* make_operator(std::initializer_list<std::string_view> path, Location* location);
    Expression* make_expression(ExpressionKind kind, Location* location);
    Body body_of(Expression* expression);
    Body make_body(const std::vector<Expression*>& expressions);
    Body implied_body(Location* location);
    Term* parse_number();
    Term* parse_string();
    Term* parse_variable();
    Term* parse_template(TemplateMode mode);
    bool parse_template_expression(std::vector<TemplatePart>& parts);
    std::string_view next_wildcard();

    // parser_terms.cpp: terms.
    struct Operators {
        std::initializer_list<Token> tokens;
        Term* (Parser::*next)(Term* left, std::uint32_t offset);
    };
    Term* parse_infix();
    Term* parse_infix_in_list();
    enum class KeyAndValue : std::uint8_t { kNo, kYes };
    Term* parse_in(Term* left, KeyAndValue key_and_value, std::uint32_t offset);
    Term* parse_relation(Term* left, std::uint32_t offset);
    Term* parse_or(Term* left, std::uint32_t offset);
    Term* parse_and(Term* left, std::uint32_t offset);
    Term* parse_arithmetic(Term* left, std::uint32_t offset);
    Term* parse_factor(Term* left, std::uint32_t offset);
    Term* parse_plain(Term* left, std::uint32_t offset);
    Term* parse_operators(Term* left, std::uint32_t offset, const Operators& operators);
    Term* parse_term();
    Term* parse_primary(Location*& minus);
    Term* parse_finish(Term* head);
    Term* parse_head_finish(Term* head);
    Term* root_document_or(Term* head);
    Term* parse_call(Term* operation, std::uint32_t offset);
    Term* parse_reference(Term* head, std::uint32_t offset);
    Term* parse_reference_parts(Term* head, std::uint32_t offset, std::uint32_t& end);
    Term* parse_array();
    Term* parse_array_inside();
    Term* parse_set_or_object();
    Term* parse_set_or_object_inside();
    enum class Comprehension : std::uint8_t { kImpossible, kPossible };
    Term* parse_set(const State& start, Term* head, Comprehension comprehension);
    Term* parse_object(Term* key, Comprehension comprehension);
    Term* parse_object_finish(Term* key, Term* value, Comprehension comprehension);
    bool parse_term_list(Token end, std::vector<Term*>& terms);
    bool parse_pair_list(Token end, std::vector<Term*>& terms);
    Term* parse_operator(std::initializer_list<Token> tokens);
    Term* placed(Term* term, const Location& location, std::uint32_t begin, std::uint32_t end);

    // parser_literals.cpp: bodies and expressions.
    Body parse_body(Token end);
    enum class Separator : std::uint8_t { kOptional, kRequired };
    Body parse_query(Separator separator, Token end);
    Expression* parse_literal();
    Expression* parse_literal_inside();
    bool parse_braced_operand(Expression*& expression);
    Expression* parse_literal_expression(Location* negation);
    Expression* parse_expression();
    void hint_at_every(const Expression& expression, const State& start);
    void hint_at_missing_keyword();
    bool parse_with(Expression& expression);
    Expression* parse_some();
    bool parse_some_in(Expression& declaration, bool& is_over);
    void hint_at_some_in();
    Expression* parse_every();
    bool parse_domain(const Term& call, Expression& every);

    // parser_logical.cpp: `and`, `or`, and bodies behind `not`.
    struct Operand {
        Body body = {};
        bool is_explicit = false;
        Location* location = nullptr;
    };
    bool logical_keywords_active() const;
    bool at_logical() const { return at(Token::kLogicalAnd) || at(Token::kLogicalOr); }
    bool at_negation();
    Expression* parse_not_body(Location* negation);
    Expression* make_not(const Operand& operand, Location* negation);
    Expression* fold_logical_tail(const Operand& operand);
    Expression* parse_logical_or(Operand left);
    Expression* parse_logical_and(Operand left);
    Expression* make_logical(ExpressionKind kind, const Operand& left, const Operand& right);
    Operand parse_operand(std::string_view operation);
    Operand parse_braced_operand(std::string_view operation);
    Operand parse_bare_operand(Location* negation);
    // False: no group; the state is as before. True: `operand.body` is empty where it is wrong.
    enum class GroupPlace : std::uint8_t { kStatement, kOperand };
    bool parse_group(GroupPlace place, std::string_view prefix, Operand& operand);
    bool parse_group_with(GroupPlace place, const State& start, const Location& open,
                          Operand& operand);
    bool parse_group_braces(const State& start, Location* open, std::string_view prefix,
                            const Operand& inside);
    bool expect_right_parenthesis();
    Expression* attach_with(Expression* expression);
    void fail_with_on_operand(const Location* location, std::string_view operation);
    void fail_brace_led(const Location* location, std::string_view operand,
                        std::string_view operation);
    void fail_ambiguous_union(const Location* location, std::uint32_t brace, Body body,
                              std::string_view prefix);
    void check_void_calls(Body body, std::string_view operation);

    // parser_rules.cpp: rules.
    bool fail_keyword_as_rule_name(bool is_default);
    std::vector<Rule*> parse_rules();
    bool parse_rule_body(Rule& rule, bool has_if, bool& is_over);
    bool parse_if_body(Rule& rule, bool& needs_braces);
    bool settle_key(Head& head, bool has_if);
    bool parse_chained_bodies(std::vector<Rule*>& rules);
    Rule* parse_else(const Head& head);
    bool parse_else_body(Rule& rule);
    Head* parse_head(bool is_default);
    bool parse_head_reference(Head& head);
    void parse_head_value(Head& head, std::string_view name, bool is_default);
    bool check_default_value(const Rule& rule);
    bool check_default_arguments(const Rule& rule);
    Head* copy_head(const Head& head);

    // parser_statements.cpp: packages and imports.
    bool parse_statement(std::vector<Statement>& statements);
    bool take_name();
    Package* parse_package();
    Import* parse_import();
    bool parse_import_path(Import& import);
    Import* parse_import_alias(Import& import);
    void check_import_end(const Import& import);
    void apply_import(const Import& import);
    void apply_future_import(const Import& import);
    void apply_rego_import(const Import& import);
    void reclassify_keyword();

    State save() const { return state_; }
    void restore(const State& state) { state_ = state; }

    Arena& arena_;
    value::Builder builder_;
    const ParseOptions& options_;
    std::string_view source_;
    std::uint32_t max_depth_;
    std::vector<std::string_view> lexer_messages_;
    State state_;
    const CachedTerm* cache_ = nullptr;
    std::uint32_t depth_ = 0;
    std::uint32_t open_bodies_ = 0;  // inside of each other
    std::size_t steps_left_;
    bool is_exhausted_ = false;
    bool has_not_bodies_ = false;
};

template <typename Read>
auto Parser::as_in_future(Read read) {
    const State before = save();
    const CachedTerm* const cache = cache_;
    cache_ = nullptr;
    state_.lexer.set_keywords(state_.lexer.keywords() | kAllFutureKeywords);
    auto result = read();
    restore(before);
    cache_ = cache;
    return result;
}

}  // namespace merlon::rego::syntax
