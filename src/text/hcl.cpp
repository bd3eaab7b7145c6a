#include "text/hcl.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "text/hcl_lexer.h"
#include "text/hcl_template.h"

namespace merlon::text {
namespace {

using HclExpressions = std::vector<const HclExpression*>;

// spec.md, "Operations": the binary operators, what binds least first.
constexpr std::string_view kHclLevels[][4] = {
    {"||"}, {"&&"}, {"==", "!="}, {">", ">=", "<", "<="}, {"+", "-"}, {"*", "/", "%"}};
constexpr std::size_t kHclLevelCount = std::size(kHclLevels);
// Of one level in a row: each makes the tree one deeper.
constexpr std::size_t kMaxOperators = 1'000;

class HclParser {
  public:
    HclParser(std::vector<HclLexeme> tokens, Arena& arena, const HclLimits& limits)
        : tokens_(std::move(tokens)), arena_(arena), limits_(limits) {}

    Result<HclBody> file() { return body(HclToken::kEnd); }

  private:
    // Line feeds end attributes, and mean nothing inside of brackets. One for each open bracket.
    class Newlines {
      public:
        Newlines(HclParser& parser, bool counts)
            : parser_(parser), before_(parser.newlines_count_) {
            parser_.newlines_count_ = counts;
        }
        ~Newlines() { parser_.newlines_count_ = before_; }

      private:
        HclParser& parser_;
        bool before_;
    };
    class Depth {
      public:
        explicit Depth(std::size_t& depth) : depth_(depth) { ++depth_; }
        ~Depth() { --depth_; }

      private:
        std::size_t& depth_;
    };

    // The next token that counts; a line comment is the line feed at its end.
    const HclLexeme& peek() {
        while (!newlines_count_ && is_newline(tokens_[at_])) ++at_;
        return tokens_[at_];
    }
    const HclLexeme& read() {
        const HclLexeme& token = peek();
        if (token.kind != HclToken::kEnd) ++at_;
        return token;
    }
    static bool is_newline(const HclLexeme& token) {
        return token.kind == HclToken::kNewline || token.kind == HclToken::kLineComment;
    }
    Error wrong(std::string message) { return Error{std::move(message), peek().begin}; }
    Status expect(std::string_view operator_text, std::string message) {
        if (!peek().is(operator_text)) return wrong(std::move(message));
        read();
        return {};
    }
    Status expect(HclToken kind, std::string message) {
        if (peek().kind != kind) return wrong(std::move(message));
        read();
        return {};
    }
    bool take(std::string_view operator_text) {
        if (!peek().is(operator_text)) return false;
        read();
        return true;
    }
    std::size_t last_end() const { return at_ == 0 ? 0 : tokens_[at_ - 1].end(); }

    const HclExpression* make(HclKind kind, HclSpan span, std::string_view text = {},
                              const HclExpressions& operands = {}) {
        return arena_.make<HclExpression>(
            HclExpression{.kind = kind, .span = span, .text = text, .operands = kept(operands)});
    }
    template <typename T>
    std::span<const T> kept(const std::vector<T>& elements) {
        return kept_in(arena_, std::span<const T>(elements));
    }

    Result<HclBody> body(HclToken end) {
        const Depth depth(depth_);
        if (depth_ > limits_.max_depth) return wrong("blocks are nested too deeply");
        std::vector<HclAttribute> attributes;
        std::vector<const HclBlock*> blocks;
        std::unordered_set<std::string_view> names;
        while (peek().kind != end) {
            if (is_newline(peek())) {
                read();
                continue;
            }
            if (peek().kind != HclToken::kName) {
                return wrong("an argument or block definition is required here");
            }
            const HclLexeme name = read();
            if (peek().is("=")) {
                if (!names.insert(name.text).second) {
                    return Error{"the argument '" + std::string(name.text) + "' was already set",
                                 name.begin};
                }
                attributes.push_back(MERLON_TRY(attribute(name)));
            } else {
                blocks.push_back(MERLON_TRY(block(name)));
            }
            MERLON_TRY(end_of_item());
        }
        read();
        return HclBody{kept(attributes), kept(blocks)};
    }

    // A definition ends with its line.
    Status end_of_item() {
        if (peek().kind == HclToken::kEnd) return {};
        if (!is_newline(peek())) return wrong("a definition must end with a line feed");
        read();
        return {};
    }

    Result<HclAttribute> attribute(const HclLexeme& name) {
        read();  // "="
        const HclExpression* const value = MERLON_TRY(expression());
        return HclAttribute{name.text, value, {name.begin, last_end()}};
    }

    Result<const HclBlock*> block(const HclLexeme& type) {
        std::vector<std::string_view> labels;
        while (peek().kind != HclToken::kOpenBrace) {
            if (peek().kind == HclToken::kName) {
                labels.push_back(read().text);
            } else if (peek().kind == HclToken::kOpenQuote) {
                labels.push_back(MERLON_TRY(label()));
            } else {
                return wrong("a label in quotes, '{', or '=' behind a name is expected here");
            }
        }
        read();
        HclBody content;
        if (is_newline(peek()) || peek().kind == HclToken::kCloseBrace) {
            content = MERLON_TRY(body(HclToken::kCloseBrace));
        } else {
            // A block of one line has one argument.
            if (peek().kind != HclToken::kName) {
                return wrong("an argument is required here, or a line feed");
            }
            const HclLexeme name = read();
            if (!peek().is("=")) return wrong("a block of one line can only hold an argument");
            content.attributes = kept(std::vector{MERLON_TRY(attribute(name))});
            MERLON_TRY(expect(HclToken::kCloseBrace, "a block of one line ends with '}'"));
        }
        return arena_.make<HclBlock>(
            HclBlock{type.text, kept(labels), content, {type.begin, last_end()}});
    }

    Result<std::string_view> label() {
        read();  // the quote
        std::string text;
        while (peek().kind == HclToken::kQuotedText) {
            MERLON_TRY(append_hcl_text(read(), text));
        }
        MERLON_TRY(expect(HclToken::kCloseQuote, "a label is a text without templates"));
        return arena_.copy(text);
    }

    // spec.md, "Conditional Operator".
    Result<const HclExpression*> expression() {
        const Depth depth(depth_);
        if (depth_ > limits_.max_depth) return wrong("expressions are nested too deeply");
        const HclExpression* const condition = MERLON_TRY(binary(0));
        if (!take("?")) return condition;
        const HclExpression* const yes = MERLON_TRY(expression());
        MERLON_TRY(expect(":", "a conditional needs a false expression behind ':'"));
        const HclExpression* const no = MERLON_TRY(expression());
        return make(HclKind::kConditional, {condition->span.begin, no->span.end}, {},
                    {condition, yes, no});
    }

    // The level of a binary operator; kHclLevelCount: it is none.
    static std::size_t level_of(const HclLexeme& token) {
        if (token.kind != HclToken::kOperator) return kHclLevelCount;
        for (std::size_t level = 0; level < kHclLevelCount; ++level) {
            if (std::ranges::find(kHclLevels[level], token.text) != std::end(kHclLevels[level])) {
                return level;
            }
        }
        return kHclLevelCount;
    }

    // Precedence climbing: what binds at `least` or more, from the left.
    Result<const HclExpression*> binary(std::size_t least) {
        const HclExpression* left = MERLON_TRY(with_traversals());
        for (std::size_t operators = 0;; ++operators) {
            const std::size_t level = level_of(peek());
            if (level == kHclLevelCount || level < least) return left;
            if (operators == kMaxOperators) return wrong("the expression has too many operators");
            const std::string_view sign = read().text;
            const HclExpression* const right = MERLON_TRY(binary(level + 1));
            left = make(HclKind::kBinary, {left->span.begin, right->span.end}, sign, {left, right});
        }
    }

    Result<const HclExpression*> with_traversals() { return traversals(MERLON_TRY(term())); }

    Result<const HclExpression*> traversals(const HclExpression* from) {
        for (std::size_t steps = 0;; ++steps) {
            // Each step is a level of the tree.
            if (steps + depth_ > limits_.max_depth) return wrong("too many steps of a reference");
            if (peek().is(".")) {
                from = MERLON_TRY(attribute_step(from));
            } else if (peek().is("[")) {
                from = MERLON_TRY(index_step(from));
            } else {
                return from;
            }
        }
    }

    // ".name", ".0" of old, ".*".
    Result<const HclExpression*> attribute_step(const HclExpression* from) {
        const HclLexeme dot = read();
        const HclLexeme step = peek();
        if (step.is("*")) {
            read();
            const HclExpression* each = make(HclKind::kEach, {dot.begin, step.end()});
            const std::size_t begin = peek().begin;
            while (peek().is(".")) {
                read();
                if (peek().kind != HclToken::kName && !is_index(peek())) {
                    return wrong("an attribute name is required after a dot");
                }
                const HclLexeme name = read();
                each = make(HclKind::kAttribute, {begin, name.end()}, name.text, {each});
            }
            return make(HclKind::kSplat, {from->span.begin, each->span.end}, {}, {from, each});
        }
        if (step.kind != HclToken::kName && !is_index(step)) {
            return wrong("an attribute name is required after a dot");
        }
        read();
        return make(HclKind::kAttribute, {from->span.begin, step.end()}, step.text, {from});
    }

    // "a.0.1" would be the number 0.1, and is refused as HCL does.
    static bool is_index(const HclLexeme& token) {
        return token.kind == HclToken::kNumber && token.text.find('.') == std::string_view::npos;
    }

    Result<const HclExpression*> index_step(const HclExpression* from) {
        const HclLexeme open = read();
        if (peek().is("*")) {
            read();
            MERLON_TRY(expect("]", "a splat's '*' is followed by ']'"));
            const HclExpression* const element = make(HclKind::kEach, {open.begin, last_end()});
            const Depth depth(depth_);
            if (depth_ > limits_.max_depth) return wrong("splats are nested too deeply");
            const HclExpression* const each = MERLON_TRY(traversals(element));
            return make(HclKind::kSplat, {from->span.begin, each->span.end}, {}, {from, each});
        }
        const HclExpression* key = nullptr;
        {
            const Newlines none(*this, false);
            key = MERLON_TRY(expression());
            MERLON_TRY(expect("]", "an index ends with ']'"));
        }
        return make(HclKind::kIndex, {from->span.begin, last_end()}, {}, {from, key});
    }

    Result<const HclExpression*> term() {
        const HclLexeme start = peek();
        switch (start.kind) {
            case HclToken::kNumber:
                read();
                return make(HclKind::kNumber, {start.begin, start.end()}, start.text);
            case HclToken::kName:
                return name_term();
            case HclToken::kOpenQuote:
            case HclToken::kOpenHeredoc:
                return template_term();
            case HclToken::kOpenBrace:
                return object();
            case HclToken::kOperator:
                break;
            default:
                return wrong("the start of an expression is expected here");
        }
        if (start.text == "(") return parentheses();
        if (start.text == "[") return tuple();
        if (start.text == "-" || start.text == "!") {
            const Depth depth(depth_);
            if (depth_ > limits_.max_depth) return wrong("operators are nested too deeply");
            read();
            const HclExpression* const operand = MERLON_TRY(with_traversals());
            return make(HclKind::kUnary, {start.begin, operand->span.end}, start.text, {operand});
        }
        return wrong("the start of an expression is expected here");
    }

    Result<const HclExpression*> parentheses() {
        const HclLexeme open = read();
        const Newlines none(*this, false);
        const HclExpression* const inside = MERLON_TRY(expression());
        MERLON_TRY(expect(")", "a closing parenthesis is expected here"));
        return make(HclKind::kParentheses, {open.begin, last_end()}, {}, {inside});
    }

    Result<const HclExpression*> name_term() {
        const HclLexeme name = read();
        const HclSpan span{name.begin, name.end()};
        if (peek().is("(") || peek().is("::")) return call(name);
        if (name.text == "null") return make(HclKind::kNull, span);
        if (name.text == "true" || name.text == "false") {
            return make(HclKind::kBoolean, span, name.text);
        }
        return make(HclKind::kVariable, span, name.text);
    }

    Result<const HclExpression*> call(const HclLexeme& first) {
        std::string name(first.text);
        while (take("::")) {
            if (peek().kind != HclToken::kName) return wrong("'::' is followed by a name");
            name += "::";
            name += read().text;
        }
        if (!peek().is("(")) return wrong("a function's name is followed by '('");
        read();
        const Newlines none(*this, false);
        HclExpressions arguments;
        bool is_expanded = false;
        while (!take(")")) {
            arguments.push_back(MERLON_TRY(expression()));
            if (take("...")) {
                is_expanded = true;
                if (!peek().is(")")) return wrong("'...' is followed by ')'");
            } else if (!peek().is(")")) {
                MERLON_TRY(expect(",", "a comma is required between arguments"));
            }
        }
        HclExpression made{.kind = HclKind::kCall,
                           .is_expanded = is_expanded,
                           .span = {first.begin, last_end()},
                           .text = arena_.copy(name),
                           .operands = kept(arguments)};
        return arena_.make<HclExpression>(made);
    }

    Result<const HclExpression*> tuple() {
        const HclLexeme open = read();
        const Newlines none(*this, false);
        if (peek().is_name("for")) return for_expression(open);
        HclExpressions elements;
        while (!take("]")) {
            elements.push_back(MERLON_TRY(expression()));
            if (!peek().is("]"))
                MERLON_TRY(expect(",", "a comma is expected before the next item"));
        }
        return make(HclKind::kTuple, {open.begin, last_end()}, {}, elements);
    }

    Result<const HclExpression*> object() {
        const HclLexeme open = read();
        {
            const Newlines none(*this, false);
            const std::size_t before = at_;
            if (peek().is_name("for")) return for_expression(open);
            at_ = before;
        }
        const Newlines all(*this, true);
        HclExpressions items;
        while (peek().kind != HclToken::kCloseBrace) {
            if (is_newline(peek())) {
                read();
                continue;
            }
            const bool has_parentheses = peek().is("(");
            HclExpression key = *MERLON_TRY(expression());
            key.has_parentheses = has_parentheses;
            items.push_back(arena_.make<HclExpression>(key));
            if (!take("=")) MERLON_TRY(expect(":", "an attribute's value is introduced by '='"));
            items.push_back(MERLON_TRY(expression()));
            if (peek().kind == HclToken::kCloseBrace || is_newline(peek())) continue;
            MERLON_TRY(expect(",", "a line feed or comma is expected before the next attribute"));
        }
        read();
        return make(HclKind::kObject, {open.begin, last_end()}, {}, items);
    }

    struct Names {
        std::string_view key = {};
        std::string_view value = {};
    };
    // "for k, v in".
    Result<Names> for_names() {
        read();  // "for"
        Names names;
        if (peek().kind != HclToken::kName) return wrong("'for' is followed by a name");
        names.value = read().text;
        if (take(",")) {
            if (peek().kind != HclToken::kName) return wrong("a name is required after the comma");
            names.key = names.value;
            names.value = read().text;
        }
        if (!peek().is_name("in")) return wrong("the names of 'for' are followed by 'in'");
        read();
        return names;
    }

    Result<const HclExpression*> for_expression(const HclLexeme& open) {
        const Newlines none(*this, false);
        const bool is_object = open.kind == HclToken::kOpenBrace;
        const Names names = MERLON_TRY(for_names());
        const HclExpression* const collection = MERLON_TRY(expression());
        MERLON_TRY(expect(":", "'for' requires a colon after the collection"));
        const HclExpression* key = nullptr;
        const HclExpression* value = MERLON_TRY(expression());
        if (take("=>")) {
            key = value;
            value = MERLON_TRY(expression());
        }
        const bool is_expanded = take("...");
        const HclExpression* condition = nullptr;
        if (peek().is_name("if")) {
            read();
            condition = MERLON_TRY(expression());
        }
        if (is_object != (key != nullptr) || (is_expanded && !is_object)) {
            return wrong("an object of 'for' has keys, and a tuple has neither keys nor '...'");
        }
        if (is_object) {
            MERLON_TRY(expect(HclToken::kCloseBrace, "'for' ends with '}' here"));
        } else {
            MERLON_TRY(expect("]", "'for' ends with ']' here"));
        }
        HclExpression made{.kind = HclKind::kFor,
                           .is_object = is_object,
                           .is_expanded = is_expanded,
                           .span = {open.begin, last_end()},
                           .text = names.value,
                           .key_name = names.key,
                           .operands = kept(HclExpressions{collection, key, value, condition})};
        return arena_.make<HclExpression>(made);
    }

    // spec.md, "Template HclExpressions".
    Result<const HclExpression*> template_term() {
        const HclLexeme open = read();
        const bool is_quoted = open.kind == HclToken::kOpenQuote;
        const HclToken end = is_quoted ? HclToken::kCloseQuote : HclToken::kCloseHeredoc;
        std::vector<HclTemplatePart> parts;
        bool trims_next = false;
        while (peek_raw().kind != end) {
            const bool trims = std::exchange(trims_next, false);
            switch (peek_raw().kind) {
                case HclToken::kQuotedText:
                case HclToken::kHeredocText: {
                    const HclLexeme token = tokens_[at_++];
                    HclTemplatePart part{.kind = HclTemplatePart::Kind::kText,
                                         .span = {token.begin, token.end()}};
                    MERLON_TRY(append_hcl_text(token, part.text));
                    if (trims) trim_start(part.text);
                    parts.push_back(std::move(part));
                    break;
                }
                case HclToken::kOpenInterpolation:
                case HclToken::kOpenControl:
                    trims_next = MERLON_TRY(sequence(parts));
                    break;
                default:
                    return wrong("no closing marker was found for the string");
            }
        }
        ++at_;
        return join_hcl_template(
            std::move(parts), {open.begin, last_end()},
            open.text.starts_with("<<-") ? HclIndent::kFlush : HclIndent::kKept, arena_);
    }
    // Inside of templates all tokens count.
    const HclLexeme& peek_raw() const { return tokens_[at_]; }

    // "${…}" or "%{…}". Whether white space behind it is to be trimmed.
    Result<bool> sequence(std::vector<HclTemplatePart>& parts) {
        const HclLexeme open = tokens_[at_++];
        if (open.text.ends_with('~') && !parts.empty() &&
            parts.back().kind == HclTemplatePart::Kind::kText) {
            trim_end(parts.back().text);
        }
        const Newlines none(*this, false);
        HclTemplatePart part{.span = {open.begin, open.end()}};
        if (open.kind == HclToken::kOpenInterpolation) {
            part.kind = HclTemplatePart::Kind::kExpression;
            part.expression = MERLON_TRY(expression());
        } else {
            MERLON_TRY(directive(part));
        }
        const HclLexeme close = peek();
        MERLON_TRY(expect(HclToken::kCloseSequence, "a template sequence ends with '}' here"));
        part.span.end = close.end();
        parts.push_back(std::move(part));
        return close.text.starts_with('~');
    }

    Status directive(HclTemplatePart& part) {
        using Kind = HclTemplatePart::Kind;
        const HclLexeme word = peek();
        if (word.is_name("if")) {
            read();
            part.kind = Kind::kIf;
            part.expression = MERLON_TRY(expression());
            return {};
        }
        if (word.is_name("for")) {
            const Names names = MERLON_TRY(for_names());
            part.kind = Kind::kFor;
            part.key_name = names.key;
            part.value_name = names.value;
            part.expression = MERLON_TRY(expression());
            return {};
        }
        constexpr std::pair<std::string_view, Kind> kWords[] = {
            {"else", Kind::kElse}, {"endif", Kind::kEndIf}, {"endfor", Kind::kEndFor}};
        for (const auto& [name, kind] : kWords) {
            if (!word.is_name(name)) continue;
            read();
            part.kind = kind;
            return {};
        }
        return wrong("if, else, endif, for or endfor is expected here");
    }

    std::vector<HclLexeme> tokens_;
    Arena& arena_;
    const HclLimits& limits_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    bool newlines_count_ = true;
};

}  // namespace

Result<HclBody> read_hcl(std::string_view source, Arena& arena, const HclLimits& limits) {
    if (source.size() > limits.max_bytes) return Error{"the file is too large", limits.max_bytes};
    std::vector<HclLexeme> tokens = MERLON_TRY(lex_hcl(source));
    return HclParser(std::move(tokens), arena, limits).file();
}

}  // namespace merlon::text
