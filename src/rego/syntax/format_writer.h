#pragma once

// The formatter itself, for the files format_*.cpp; the way in is rego/syntax/format.h.
//
// The idea: each function writes its part and takes the comments before and at it out of
// `comments`. Two comments at the end of one line are too many: that stops the part, and the
// nearest term or rule around it is written as it stood.

#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "rego/syntax/format.h"
#include "rego/syntax/tree.h"

namespace merlon::rego::syntax {

enum class Written : std::uint8_t {
    kFine,
    kUnexpectedComment,
    kFailed,  // the reason is among the errors
};
// Those not written yet, by row.
using Comments = std::span<Comment*>;

struct FormatState {
    bool uses_contains = false;
    bool uses_if = false;
    bool has_reference_heads = false;
    bool is_v1 = false;
    bool is_v2 = false;
    bool imports_v1 = false;
    bool imports_v2 = false;
    bool quotes_keywords = false;    // in paths, also where they were written without
    KeywordSet future_keywords = 0;  // that the module imports by name
};

// A place before one that has none.
bool is_before(const Location* left, const Location* right);

class FormatWriter {
  public:
    FormatWriter(Arena& arena, const FormatState& state) : arena_(arena), state_(state) {}

    void write_module(Module& module);
    void write_query(Body query);
    // The text so far, with one line break at its end.
    std::string finish() &&;
    const std::vector<SyntaxError>& errors() const { return errors_; }

  private:
    // An element of a list, or a key and value.
    struct Item {
        Term* term;
        Term* value = nullptr;
    };
    using Items = std::vector<Item>;
    using WriteItem = Written (FormatWriter::*)(const Item& item, Comments& comments);
    struct Operand {
        Body body;
        bool is_explicit = false;
        bool has_parentheses = false;
        const Location* brace = nullptr;
    };
    struct Step {
        std::string_view operation;
        Operand right;
        int left_end_row = 0;
    };
    struct Brackets {
        char open;
        char close;
    };
    enum class Parentheses : std::uint8_t { kNo, kYes };

    // format_module.cpp
    Written write_package(Package& package, Comments& comments);
    Written write_imports(std::vector<Import*> imports, Comments& comments);
    void write_import(const Import& import);
    void write_rules(std::span<Rule* const> rules, Comments& comments);
    bool is_groupable(const Rule& rule) const;

    // format_rules.cpp
    enum class RuleKind : std::uint8_t { kFirst, kElse };
    Written write_rule(Rule& rule, RuleKind kind, Comments& comments);
    Written write_if(Rule& rule, Comments& comments, bool& is_over);
    Written write_block(Rule& rule, Comments& comments);
    Written write_else(Rule& rule, Comments& comments);
    Written write_head(Head& head, bool is_default, bool is_constant, Comments& comments);
    Written write_head_reference(Head& head, Comments& comments, bool& is_over);
    Written write_head_value(Head& head, bool is_default, bool is_constant, Comments& comments);
    Written write_body(Body body, Comments& comments);

    // format_expressions.cpp
    Written write_expression(Expression& expression, Comments& comments);
    Written write_expression_terms(Expression& expression, Comments& comments);
    Written write_withs(Expression& expression, Comments& comments);
    Written write_with(With& with, Comments& comments, bool is_indented);
    Written write_some(Expression& some, Comments& comments);
    Written write_every(Expression& every, Comments& comments);
    Written write_not(Expression& expression, Comments& comments);
    Written write_logical(Expression& expression, Comments& comments);
    Written write_operand(const Operand& operand, Comments& comments);
    Operand flatten(const Expression& expression, std::vector<Step>& steps);
    Operand make_operand(Body body, bool is_explicit, std::string_view operation, bool is_right,
                         const Location* node);
    const Location* brace_of(const Location* node, Body body);
    Written write_call_expression(Expression& expression, Comments& comments);
    Written write_plain_call(Terms terms, Comments& comments);
    void mark_leading_union(Expression& expression);

    // format_terms.cpp
    Written write_term(Term& term, Comments& comments);
    Written write_term(Term& term, Parentheses parentheses, Comments& comments);
    Written write_term_inside(Term& term, Parentheses parentheses, Comments& comments);
    Written write_unformatted(const Location& location, Comments& comments);
    void write_string(const Term& term);
    Written write_template(Term& term, Comments& comments);
    Written write_template_expression(std::span<const TemplatePart> parts, Comments& comments);
    Written write_reference(Terms reference, Comments& comments);
    void write_path_string(const Term& part);
    bool needs_brackets(const Term& part) const;
    Written write_call(Term& call, Parentheses parentheses, Comments& comments);
    Written write_in(Terms operands, std::size_t arity, Parentheses parentheses,
                     const Location* location, Comments& comments);
    Written write_collection(Term& term, Comments& comments);
    Written write_comprehension(Term& term, Comments& comments);
    Written write_comprehension_body(Brackets brackets, Body body, const Location& term,
                                     const Location& whole, Comments& comments);
    void fail_arity(Terms operands, std::string_view operation, std::size_t arity,
                    std::string_view type, const Location* location);

    // format_lines.cpp
    Written write_items(Items items, const Location& around, int close_row, Comments& comments,
                        WriteItem write_item);
    Written write_item_line(std::span<const Item> line, Comments& comments, WriteItem write_item);
    Written write_argument(const Item& item, Comments& comments);
    Written write_element(const Item& item, Comments& comments);
    Written write_list_item(const Item& item, bool has_parentheses, Comments& comments);
    Written write_pair(const Item& item, Comments& comments);
    std::vector<std::size_t> line_starts(Items& items, const Location& around);
    std::size_t count_lines(Body body, const Location& around);
    Written insert_comments(Comments& comments, int row);
    void write_comments(Comments comments);
    struct Partition {
        Comments before, after;
        Comment* at = nullptr;
    };
    Partition partition(Comments comments, int row);
    Written register_comment(Comment* comment);
    void write(std::string_view text) { out_ += text; }
    void write_line(std::string_view text);
    void start_line();
    void end_line();
    void blank_line();
    Written down();
    void fail(std::string message);

    Arena& arena_;
    FormatState state_;
    std::string out_;
    int level_ = 0;
    bool is_in_line_ = false;
    bool is_delayed_ = false;
    bool writes_comment_on_last_line_ = false;
    Comment* at_line_end_ = nullptr;
    const Expression* parenthesized_expression_ = nullptr;
    const Term* parenthesized_term_ = nullptr;
    std::vector<SyntaxError> errors_;
};

inline int row_of(const Location* location) {
    return location == nullptr ? 0 : static_cast<int>(location->row);
}
// The row on which the text of `location` ends.
int end_row(const Location& location);
// The row of the bracket that closes the first `brackets.open` in the text, or -1; `skipped` is a
// pair to be passed before, where it is not {0, 0}.
int closing_row(char skip_open, char skip_close, char open, char close, const Location& location);

// format_expressions.cpp: whether the text begins with a brace, is a bare union.
bool begins_with_brace(const Expression& expression);
bool is_union_call(const Term& term);
bool is_reference_to(const Term& operation, std::string_view name);

}  // namespace merlon::rego::syntax
