#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "rego/graphql/graphql.h"
#include "rego/syntax/literal.h"
#include "text/utf8.h"

namespace merlon::rego::graphql {
namespace {

using value::Value;
using Entries = std::vector<value::Builder::Entry>;

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
constexpr int kMaxDepth = 200;

enum class Kind : std::uint8_t {
    kInvalid,
    kEnd,
    kPunctuator,  // its text says which
    kName,
    kInteger,
    kFloat,
    kString,
    kBlockString,
};

struct Token {
    Kind kind = Kind::kEnd;
    std::string text;
    std::uint32_t line = 1;
    std::uint32_t column = 1;

    bool is(std::string_view punctuator) const {
        return kind == Kind::kPunctuator && text == punctuator;
    }
    // "Name", "{", "<EOF>": what messages call it.
    std::string kind_text() const {
        switch (kind) {
            case Kind::kInvalid:
                return "<Invalid>";
            case Kind::kEnd:
                return "<EOF>";
            case Kind::kPunctuator:
                return text;
            case Kind::kName:
                return "Name";
            case Kind::kInteger:
                return "Int";
            case Kind::kFloat:
                return "Float";
            case Kind::kString:
                return "String";
            case Kind::kBlockString:
                return "BlockString";
        }
        return "";
    }
    std::string shown() const {
        if (kind == Kind::kPunctuator || text.empty()) return kind_text();
        return kind_text() + " " + syntax::go_quoted(text);
    }
};

Error wrong(const Token& token, std::string message) {
    Error error{std::move(message)};
    error.line = token.line;
    error.column = token.column;
    return error;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// Section 2.1, and section 2.9.4 for strings.
class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    Token next() {
        skip_ignored();
        Token token;
        token.line = line_;
        token.column = column_;
        if (at_ == text_.size()) return token;
        const char c = text_[at_];
        if (text_.substr(at_).starts_with("...")) return punctuator(token, 3);
        if (std::string_view("!$&():=@[]{}|").find(c) != std::string_view::npos) {
            return punctuator(token, 1);
        }
        if (is_name_start(c)) {
            std::size_t end = at_;
            while (end < text_.size() && (is_name_start(text_[end]) || is_digit(text_[end]))) ++end;
            token.kind = Kind::kName;
            return taken(token, end);
        }
        if (c == '-' || is_digit(c)) return number(token);
        if (text_.substr(at_).starts_with("\"\"\"")) return block_string(token);
        if (c == '"') return string(token);
        return invalid(token, at_);
    }

  private:
    void advance(std::size_t bytes) {
        column_ += static_cast<std::uint32_t>(text::count_code_points(text_.substr(at_, bytes)));
        at_ += bytes;
    }
    void line_break() {
        if (text_.substr(at_).starts_with("\r\n")) ++at_;
        ++at_;
        ++line_;
        column_ = 1;
    }
    void skip_to(std::size_t end) {
        while (at_ < end) {
            if (text_[at_] == '\n' || text_[at_] == '\r') {
                line_break();
            } else {
                advance(text::decode_utf8(text_.substr(at_)).width);
            }
        }
    }
    void skip_ignored() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == ' ' || c == '\t' || c == ',') {
                advance(1);
            } else if (c == '\n' || c == '\r') {
                line_break();
            } else if (c == '#') {
                const std::size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());
                advance(end - at_);
            } else if (text_.substr(at_).starts_with("\xEF\xBB\xBF")) {
                advance(3);
            } else {
                return;
            }
        }
    }
    Token taken(Token token, std::size_t end) {
        token.text = text_.substr(at_, end - at_);
        advance(end - at_);
        return token;
    }
    Token punctuator(Token token, std::size_t width) {
        token.kind = Kind::kPunctuator;
        return taken(token, at_ + width);
    }

    // What is no token. gqlparser tells what it is not, where it stands, and never why.
    Token invalid(Token token, std::size_t at) const {
        token.kind = Kind::kInvalid;
        token.text.clear();
        token.column +=
            static_cast<std::uint32_t>(text::count_code_points(text_.substr(at_, at - at_)));
        return token;
    }
    Token number(Token token) {
        std::size_t end = at_ + (text_[at_] == '-' ? 1 : 0);
        const auto digits = [&] {
            const std::size_t begin = end;
            while (end < text_.size() && is_digit(text_[end])) ++end;
            return end - begin;
        };
        token.kind = Kind::kInteger;
        if (end < text_.size() && text_[end] == '0') {
            ++end;
            if (end < text_.size() && is_digit(text_[end])) {
                return invalid(token, end);
            }
        } else if (digits() == 0) {
            return invalid(token, end);
        }
        if (end < text_.size() && text_[end] == '.') {
            ++end;
            token.kind = Kind::kFloat;
            if (digits() == 0) return invalid(token, end);
        }
        if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
            ++end;
            token.kind = Kind::kFloat;
            if (end < text_.size() && (text_[end] == '-' || text_[end] == '+')) ++end;
            if (digits() == 0) return invalid(token, end);
        }
        return taken(token, end);
    }

    Token string(Token token) {
        token.kind = Kind::kString;
        std::string content;
        for (std::size_t at = at_ + 1; at < text_.size();) {
            const char c = text_[at];
            if (c == '\n' || c == '\r') return invalid(token, at);
            if (c == '"') {
                token.text = std::move(content);
                ++token.column;  // gqlparser's places of strings are behind the quote
                advance(at + 1 - at_);
                return token;
            }
            if (c != '\\') {
                content += c;
                ++at;
                continue;
            }
            const std::string_view escape = text_.substr(at + 1, 1);
            constexpr std::string_view kEscapes = "\"\\/bfnrt";
            constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
            if (const std::size_t known = kEscapes.find(escape);
                !escape.empty() && known != std::string_view::npos) {
                content += kMeaning[known];
                at += 2;
                continue;
            }
            const auto point = unicode(text_.substr(std::min(at + 2, text_.size()), 4));
            if (escape != "u" || !point) {
                return invalid(token, at + 1);
            }
            text::append_utf8(content, *point);
            at += 6;
        }
        return invalid(token, text_.size());
    }
    static std::optional<char32_t> unicode(std::string_view digits) {
        if (digits.size() != 4) return std::nullopt;
        char32_t point = 0;
        for (const char c : digits) {
            const bool is_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
            if (!is_digit(c) && !is_letter) return std::nullopt;
            const int digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
            point = point * 16 + static_cast<char32_t>(digit);
        }
        return point >= 0xD800 && point < 0xE000 ? text::kReplacement : point;
    }
    Token block_string(Token token) {
        token.kind = Kind::kBlockString;
        std::string content;
        std::size_t at = at_ + 3;
        while (at < text_.size() && !text_.substr(at).starts_with("\"\"\"")) {
            const bool is_escaped = text_.substr(at).starts_with("\\\"\"\"");
            content += is_escaped ? "\"\"\"" : std::string(1, text_[at]);
            at += is_escaped ? 4 : 1;
        }
        if (at >= text_.size()) {
            skip_to(text_.size());
            token.line = line_;
            token.column = column_;
            return invalid(token, at_);
        }
        // Further quotes belong to the content.
        while (text_.substr(at + 1).starts_with("\"\"\"")) {
            content += '"';
            ++at;
        }
        token.text = unindented(content);
        skip_to(at + 3);
        return token;
    }

    // Section 2.9.4, BlockStringValue(): common indentation and empty lines around go away.
    static std::string unindented(const std::string& content) {
        std::vector<std::string> lines(1);
        for (std::size_t i = 0; i < content.size(); ++i) {
            if (content[i] == '\r' && i + 1 < content.size() && content[i + 1] == '\n') continue;
            if (content[i] == '\n' || content[i] == '\r') {
                lines.emplace_back();
            } else {
                lines.back() += content[i];
            }
        }
        std::size_t common = std::string::npos;
        for (std::size_t i = 1; i < lines.size(); ++i) {
            common = std::min(common, lines[i].find_first_not_of(" \t"));
        }
        for (std::size_t i = 1; i < lines.size() && common != std::string::npos; ++i) {
            lines[i].erase(0, std::min(common, lines[i].size()));
        }
        const auto is_blank = [](const std::string& line) {
            return line.find_first_not_of(" \t") == std::string::npos;
        };
        while (!lines.empty() && is_blank(lines.front())) lines.erase(lines.begin());
        while (!lines.empty() && is_blank(lines.back())) lines.pop_back();
        std::string text;
        for (const std::string& line : lines) {
            if (&line != &lines.front()) text += '\n';
            text += line;
        }
        return text;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    std::uint32_t column_ = 1;
};

enum class Constant : std::uint8_t { kNo, kYes };

// gqlparser's numbers of kinds of values.
enum ValueKind : std::int64_t {
    kVariable,
    kIntValue,
    kFloatValue,
    kStringValue,
    kBlockValue,
    kBooleanValue,
    kNullValue,
    kEnumValue,
    kListValue,
    kObjectValue,
};

class Parser {
  public:
    Parser(std::string_view text, value::Builder& values)
        : lexer_(text), values_(values), token_(lexer_.next()) {}

    Result<Value> query_document();
    Result<Value> schema_document();

  private:
    using Items = std::vector<Value>;

    // A node with what it says; empty lists are not said.
    Value node(const Token& place, std::initializer_list<value::Builder::Entry> members);
    value::Builder::Entry text(std::string_view name, std::string_view content) {
        return {values_.key(name), values_.string(content)};
    }
    value::Builder::Entry truth(std::string_view name, bool holds) {  // NOLINT: a value
        return {values_.key(name), values_.boolean(holds)};
    }
    value::Builder::Entry list(std::string_view name, const Items& items) {
        return {values_.key(name), values_.array(items)};
    }
    value::Builder::Entry member(std::string_view name, const Value& content) {
        return {values_.key(name), content};
    }

    bool at(std::string_view punctuator) const { return token_.is(punctuator); }
    bool at_name(std::string_view name) const {
        return token_.kind == Kind::kName && token_.text == name;
    }
    void take() {
        before_ = std::exchange(token_, {});
        token_ = lexer_.next();
    }
    bool skip(std::string_view punctuator) {
        const bool is_there = at(punctuator);
        if (is_there) take();
        return is_there;
    }
    Status expect(std::string_view punctuator) {
        if (at(punctuator)) {
            take();
            return {};
        }
        return wrong(token_,
                     "Expected " + std::string(punctuator) + ", found " + token_.kind_text());
    }
    Status expect_keyword(std::string_view word) {
        if (at_name(word)) {
            take();
            return {};
        }
        return wrong(token_, "Expected \"" + std::string(word) + "\", found " + token_.shown());
    }
    Error unexpected() const { return wrong(token_, "Unexpected " + token_.shown()); }
    Result<std::string> name() {
        if (token_.kind != Kind::kName) {
            return wrong(token_, "Expected Name, found " + token_.kind_text());
        }
        std::string taken = token_.text;
        take();
        return taken;
    }

    using Read = std::function<Status()>;
    Status some(std::string_view open, std::string_view close, const Read& read);

    Result<Value> operation();
    Result<std::string> operation_type();
    Result<Items> variable_definitions();
    Result<Items> selection_set();
    Result<Value> selection();
    Result<Value> field();
    Result<Value> fragment();
    Result<Value> fragment_definition();
    Result<std::string> fragment_name();
    Result<Items> arguments(Constant constant);
    Result<Items> directives(Constant constant);
    Result<Value> value_literal(Constant constant);
    Result<Value> composite_literal(Constant constant);
    Result<Value> type_reference();

    Result<std::string> description();
    Result<Value> schema_definition(const std::string& description, bool is_extension);  // NOLINT
    Result<Value> definition(const std::string& description, bool is_extension);         // NOLINT
    Result<Items> names_behind(std::string_view separator);
    Result<Items> field_definitions(bool is_input);  // NOLINT: private
    Result<Items> argument_definitions();
    Result<Value> input_value();
    Result<Items> enum_values();
    Result<Value> directive_definition(const std::string& description);

    struct Level {
        explicit Level(int& counted) : depth(counted) { ++depth; }
        ~Level() { --depth; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        int& depth;
    };
    Error too_deep() const { return wrong(token_, "the document is nested too deeply"); }

    Lexer lexer_;
    value::Builder& values_;
    Token token_;
    Token before_;
    int depth_ = 0;
};

Value Parser::node(const Token& place, std::initializer_list<value::Builder::Entry> members) {
    Entries entries;
    for (const value::Builder::Entry& entry : members) {
        const bool is_empty_list = entry.second.is_array() && entry.second.size() == 0;
        if (!entry.second.is_null() && !is_empty_list) entries.push_back(entry);
    }
    const Value at[] = {values_.integer(place.line), values_.integer(place.column)};
    entries.push_back(member(kPlace, values_.array(at)));
    return values_.object(entries);
}

Status Parser::some(std::string_view open, std::string_view close, const Read& read) {
    if (!skip(open)) return {};
    if (at(close)) {
        return wrong(token_, "expected at least one definition, found " + token_.kind_text());
    }
    while (!at(close)) MERLON_TRY(read());
    take();
    return {};
}

Result<Value> Parser::query_document() {
    Items operations;
    Items fragments;
    while (token_.kind != Kind::kEnd) {
        if (at("{") || at_name("query") || at_name("mutation") || at_name("subscription")) {
            operations.push_back(MERLON_TRY(operation()));
        } else if (at_name("fragment")) {
            fragments.push_back(MERLON_TRY(fragment_definition()));
        } else {
            return unexpected();
        }
    }
    return node({}, {list("Operations", operations), list("Fragments", fragments)});
}

Result<std::string> Parser::operation_type() {
    if (!at_name("query") && !at_name("mutation") && !at_name("subscription")) return unexpected();
    return name();
}

Result<Value> Parser::operation() {
    const Token place = token_;
    if (at("{")) {
        const Items selections = MERLON_TRY(selection_set());
        return node(place, {text("Operation", "query"), text("Name", ""),
                            list("SelectionSet", selections)});
    }
    const std::string type = MERLON_TRY(operation_type());
    const std::string called = token_.kind == Kind::kName ? MERLON_TRY(name()) : "";
    const Items variables = MERLON_TRY(variable_definitions());
    const Items marks = MERLON_TRY(directives(Constant::kNo));
    const Items selections = MERLON_TRY(selection_set());
    return node(place, {text("Operation", type), text("Name", called),
                        list("VariableDefinitions", variables), list("Directives", marks),
                        list("SelectionSet", selections)});
}

Result<Parser::Items> Parser::variable_definitions() {
    Items found;
    const Read read = [&]() -> Status {
        const Token place = token_;
        MERLON_TRY(expect("$"));
        const std::string variable = MERLON_TRY(name());
        MERLON_TRY(expect(":"));
        const Value type = MERLON_TRY(type_reference());
        Value preset;
        if (skip("=")) preset = MERLON_TRY(value_literal(Constant::kYes));
        const Items marks = MERLON_TRY(directives(Constant::kNo));
        found.push_back(node(place, {text("Variable", variable), member("Type", type),
                                     member("DefaultValue", preset), list("Directives", marks),
                                     truth("Used", false)}));
        return {};
    };
    MERLON_TRY(some("(", ")", read));
    return found;
}

Result<Parser::Items> Parser::selection_set() {
    const Level level(depth_);
    if (depth_ > kMaxDepth) return too_deep();
    if (!at("{")) return wrong(token_, "Expected {, found " + token_.kind_text());
    Items found;
    const Read read = [&]() -> Status {
        found.push_back(MERLON_TRY(selection()));
        return {};
    };
    MERLON_TRY(some("{", "}", read));
    return found;
}

Result<Value> Parser::selection() { return at("...") ? fragment() : field(); }

Result<Value> Parser::field() {
    const Token place = token_;
    const std::string alias = MERLON_TRY(name());
    std::string called = alias;
    if (skip(":")) called = MERLON_TRY(name());
    const Items given = MERLON_TRY(arguments(Constant::kNo));
    const Items marks = MERLON_TRY(directives(Constant::kNo));
    Items selections;
    if (at("{")) selections = MERLON_TRY(selection_set());
    return node(place, {text("Alias", alias), text("Name", called), list("Arguments", given),
                        list("Directives", marks), list("SelectionSet", selections)});
}

Result<std::string> Parser::fragment_name() {
    if (at_name("on")) return unexpected();
    return name();
}

Result<Value> Parser::fragment() {
    MERLON_TRY(expect("..."));
    const Token place = token_;
    if (token_.kind == Kind::kName && token_.text != "on") {
        const std::string called = MERLON_TRY(fragment_name());
        const Items marks = MERLON_TRY(directives(Constant::kNo));
        return node(place, {text("Name", called), list("Directives", marks)});
    }
    std::string condition;
    if (at_name("on")) {
        take();
        condition = MERLON_TRY(name());
    }
    const Items marks = MERLON_TRY(directives(Constant::kNo));
    const Items selections = MERLON_TRY(selection_set());
    return node(place, {text("TypeCondition", condition), list("Directives", marks),
                        list("SelectionSet", selections)});
}

Result<Value> Parser::fragment_definition() {
    const Token place = token_;
    MERLON_TRY(expect_keyword("fragment"));
    const std::string called = MERLON_TRY(fragment_name());
    const Items variables = MERLON_TRY(variable_definitions());
    MERLON_TRY(expect_keyword("on"));
    const std::string condition = MERLON_TRY(name());
    const Items marks = MERLON_TRY(directives(Constant::kNo));
    const Items selections = MERLON_TRY(selection_set());
    return node(place, {text("Name", called), list("VariableDefinition", variables),
                        text("TypeCondition", condition), list("Directives", marks),
                        list("SelectionSet", selections)});
}

Result<Parser::Items> Parser::arguments(Constant constant) {
    Items found;
    const Read read = [&]() -> Status {
        const Token place = token_;
        const std::string called = MERLON_TRY(name());
        MERLON_TRY(expect(":"));
        const Value given = MERLON_TRY(value_literal(constant));
        found.push_back(node(place, {text("Name", called), member("Value", given)}));
        return {};
    };
    MERLON_TRY(some("(", ")", read));
    return found;
}

Result<Parser::Items> Parser::directives(Constant constant) {
    Items found;
    while (at("@")) {
        take();
        const Token place = token_;
        const std::string called = MERLON_TRY(name());
        const Items given = MERLON_TRY(arguments(constant));
        found.push_back(
            node(place, {text("Name", called), list("Arguments", given), text("Location", "")}));
    }
    return found;
}

Result<Value> Parser::composite_literal(Constant constant) {
    const Token place = token_;
    const bool is_list = at("[");
    const std::string_view close = is_list ? "]" : "}";
    take();
    Items children;
    while (!at(close)) {
        const Token child_place = token_;
        std::string called;
        if (!is_list) {
            called = MERLON_TRY(name());
            MERLON_TRY(expect(":"));
        }
        const Value child = MERLON_TRY(value_literal(constant));
        children.push_back(node(child_place, {text("Name", called), member("Value", child)}));
    }
    take();
    return node(place, {text("Raw", ""), list("Children", children),
                        member("Kind", values_.integer(is_list ? kListValue : kObjectValue)),
                        truth("ExpectedTypeHasDefault", false)});
}

Result<Value> Parser::value_literal(Constant constant) {
    const Level level(depth_);
    if (depth_ > kMaxDepth) return too_deep();
    if (at("[") || at("{")) return composite_literal(constant);
    const Token place = token_;
    std::string raw = token_.text;
    ValueKind kind = kEnumValue;
    if (at("$")) {
        if (constant == Constant::kYes) return unexpected();
        take();
        raw = MERLON_TRY(name());
        kind = kVariable;
    } else {
        switch (token_.kind) {
            case Kind::kInteger:
                kind = kIntValue;
                break;
            case Kind::kFloat:
                kind = kFloatValue;
                break;
            case Kind::kString:
                kind = kStringValue;
                break;
            case Kind::kBlockString:
                kind = kBlockValue;
                break;
            case Kind::kName:
                if (raw == "true" || raw == "false") kind = kBooleanValue;
                if (raw == "null") kind = kNullValue;
                break;
            default:
                return unexpected();
        }
        take();
    }
    return node(place, {text("Raw", raw), member("Kind", values_.integer(kind)),
                        truth("ExpectedTypeHasDefault", false)});
}

Result<Value> Parser::type_reference() {
    const Level level(depth_);
    if (depth_ > kMaxDepth) return too_deep();
    Value inner;
    std::string called;
    const bool is_list = skip("[");
    const Token place = token_;
    if (is_list) {
        inner = MERLON_TRY(type_reference());
        MERLON_TRY(expect("]"));
    } else {
        called = MERLON_TRY(name());
    }
    const bool is_required = skip("!");
    return node(place,
                {text("NamedType", called), member("Elem", inner), truth("NonNull", is_required)});
}

Result<Value> Parser::schema_document() {
    Items schemas;
    Items schema_extensions;
    Items marks;
    Items definitions;
    Items extensions;
    while (token_.kind != Kind::kEnd) {
        const std::string described = MERLON_TRY(description());
        if (token_.kind != Kind::kName) return unexpected();
        if (at_name("extend")) {
            if (!described.empty()) return wrong(before_, "Unexpected " + before_.shown());
            take();
            if (at_name("schema")) {
                schema_extensions.push_back(MERLON_TRY(schema_definition("", true)));
            } else {
                extensions.push_back(MERLON_TRY(definition("", true)));
            }
        } else if (at_name("schema")) {
            schemas.push_back(MERLON_TRY(schema_definition(described, false)));
        } else if (at_name("directive")) {
            marks.push_back(MERLON_TRY(directive_definition(described)));
        } else {
            definitions.push_back(MERLON_TRY(definition(described, false)));
        }
    }
    return node({}, {list("Schema", schemas), list("SchemaExtension", schema_extensions),
                     list("Directives", marks), list("Definitions", definitions),
                     list("Extensions", extensions)});
}

Result<std::string> Parser::description() {
    if (token_.kind != Kind::kString && token_.kind != Kind::kBlockString) return std::string();
    std::string described = token_.text;
    take();
    return described;
}

Result<Value> Parser::schema_definition(const std::string& description,
                                        bool is_extension) {  // NOLINT: private
    MERLON_TRY(expect_keyword("schema"));
    const Token place = token_;
    const Items marks = MERLON_TRY(directives(Constant::kYes));
    Items types;
    const Read read = [&]() -> Status {
        const Token type_place = token_;
        const std::string operation = MERLON_TRY(operation_type());
        MERLON_TRY(expect(":"));
        const std::string type = MERLON_TRY(name());
        types.push_back(node(type_place, {text("Operation", operation), text("Type", type)}));
        return {};
    };
    MERLON_TRY(some("{", "}", read));
    if (is_extension && marks.empty() && types.empty()) return unexpected();
    return node(place, {text("Description", description), list("Directives", marks),
                        list("OperationTypes", types)});
}

Result<Value> Parser::definition(const std::string& description,
                                 bool is_extension) {  // NOLINT: private
    constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
        {"scalar", "SCALAR"}, {"type", "OBJECT"}, {"interface", "INTERFACE"},
        {"union", "UNION"},   {"enum", "ENUM"},   {"input", "INPUT_OBJECT"},
    };
    const auto kind =
        std::ranges::find_if(kKinds, [this](const auto& known) { return at_name(known.first); });
    if (kind == std::end(kKinds)) return unexpected();
    take();
    const Token place = token_;
    const std::string called = MERLON_TRY(name());
    Items interfaces;
    Items fields;
    Items types;
    Items choices;
    const bool implements = kind->first == "type" || (kind->first == "interface" && !is_extension);
    if (implements && at_name("implements")) {
        take();
        interfaces = MERLON_TRY(names_behind("&"));
    }
    const Items marks = MERLON_TRY(directives(Constant::kYes));
    if (kind->first == "union") {
        if (skip("=")) types = MERLON_TRY(names_behind("|"));
    } else if (kind->first == "enum") {
        choices = MERLON_TRY(enum_values());
    } else if (kind->first != "scalar") {
        fields = MERLON_TRY(field_definitions(kind->first == "input"));
    }
    if (is_extension && interfaces.empty() && marks.empty() && fields.empty() && types.empty() &&
        choices.empty()) {
        return unexpected();
    }
    return node(place,
                {text("Kind", kind->second), text("Description", description), text("Name", called),
                 list("Directives", marks), list("Interfaces", interfaces), list("Fields", fields),
                 list("Types", types), list("EnumValues", choices), truth("BuiltIn", false)});
}

// "A & B", perhaps with a separator in front.
Result<Parser::Items> Parser::names_behind(std::string_view separator) {
    Items names;
    skip(separator);
    do {
        names.push_back(values_.string(MERLON_TRY(name())));
    } while (skip(separator));
    return names;
}

Result<Parser::Items> Parser::field_definitions(bool is_input) {  // NOLINT: private
    Items found;
    const Read read = [&]() -> Status {
        if (is_input) {
            found.push_back(MERLON_TRY(input_value()));
            return {};
        }
        const std::string described = MERLON_TRY(description());
        const Token place = token_;
        const std::string called = MERLON_TRY(name());
        const Items given = MERLON_TRY(argument_definitions());
        MERLON_TRY(expect(":"));
        const Value type = MERLON_TRY(type_reference());
        const Items marks = MERLON_TRY(directives(Constant::kYes));
        found.push_back(node(
            place, {text("Description", described), text("Name", called), list("Arguments", given),
                    member("Type", type), list("Directives", marks)}));
        return {};
    };
    MERLON_TRY(some("{", "}", read));
    return found;
}

Result<Parser::Items> Parser::argument_definitions() {
    Items found;
    const Read read = [&]() -> Status {
        found.push_back(MERLON_TRY(input_value()));
        return {};
    };
    MERLON_TRY(some("(", ")", read));
    return found;
}

Result<Value> Parser::input_value() {
    const std::string described = MERLON_TRY(description());
    const Token place = token_;
    const std::string called = MERLON_TRY(name());
    MERLON_TRY(expect(":"));
    const Value type = MERLON_TRY(type_reference());
    Value preset;
    if (skip("=")) preset = MERLON_TRY(value_literal(Constant::kYes));
    const Items marks = MERLON_TRY(directives(Constant::kYes));
    return node(place, {text("Description", described), text("Name", called), member("Type", type),
                        member("DefaultValue", preset), list("Directives", marks)});
}

Result<Parser::Items> Parser::enum_values() {
    Items found;
    const Read read = [&]() -> Status {
        const std::string described = MERLON_TRY(description());
        const Token place = token_;
        const std::string called = MERLON_TRY(name());
        const Items marks = MERLON_TRY(directives(Constant::kYes));
        found.push_back(node(place, {text("Description", described), text("Name", called),
                                     list("Directives", marks)}));
        return {};
    };
    MERLON_TRY(some("{", "}", read));
    return found;
}

Result<Value> Parser::directive_definition(const std::string& description) {
    MERLON_TRY(expect_keyword("directive"));
    MERLON_TRY(expect("@"));
    const Token place = token_;
    const std::string called = MERLON_TRY(name());
    const Items given = MERLON_TRY(argument_definitions());
    const bool is_repeatable = at_name("repeatable");
    if (is_repeatable) take();
    MERLON_TRY(expect_keyword("on"));
    // Section 3.13.
    constexpr std::string_view kLocations[] = {"QUERY",
                                               "MUTATION",
                                               "SUBSCRIPTION",
                                               "FIELD",
                                               "SCHEMA",
                                               "SCALAR",
                                               "OBJECT",
                                               "FIELD_DEFINITION",
                                               "INTERFACE",
                                               "UNION",
                                               "ENUM",
                                               "ENUM_VALUE",
                                               "INPUT_OBJECT",
                                               "INPUT_FIELD_DEFINITION",
                                               "FRAGMENT_SPREAD",
                                               "INLINE_FRAGMENT",
                                               "FRAGMENT_DEFINITION",
                                               "VARIABLE_DEFINITION",
                                               "ARGUMENT_DEFINITION"};
    Items locations;
    skip("|");
    do {
        const Token location = token_;
        const std::string word = MERLON_TRY(name());
        if (std::ranges::find(kLocations, word) == std::end(kLocations)) {
            return wrong(location, "Unexpected " + location.shown());
        }
        locations.push_back(values_.string(word));
    } while (skip("|"));
    return node(place,
                {text("Description", description), text("Name", called), list("Arguments", given),
                 list("Locations", locations), truth("IsRepeatable", is_repeatable)});
}

}  // namespace

Result<Value> parse_query(std::string_view text, value::Builder& values) {
    if (text.size() > kMaxBytes) return Error{"the document is too large"};
    return Parser(text, values).query_document();
}

Result<Value> parse_schema(std::string_view text, value::Builder& values) {
    if (text.size() > kMaxBytes) return Error{"the document is too large"};
    return Parser(text, values).schema_document();
}

Value without_places(const Value& node, value::Builder& values) {
    const auto is_shown = [](const Value& value) {
        const bool is_container = value.is_array() || value.is_object();
        return !value.is_null() && !(is_container && value.size() == 0);
    };
    if (node.is_array()) {
        std::vector<Value> items;
        for (const Value& item : node.items()) {
            const Value shown = without_places(item, values);
            if (is_shown(shown)) items.push_back(shown);
        }
        return values.array(items);
    }
    if (!node.is_object()) return node;
    Entries entries;
    for (std::size_t i = 0; i < node.size(); ++i) {
        const Value& key = node.keys()[i];
        if (key.is_string() && key.as_string() == kPlace) continue;
        const Value shown = without_places(node.values()[i], values);
        if (is_shown(shown)) entries.emplace_back(key, shown);
    }
    return values.object(entries);
}

}  // namespace merlon::rego::graphql
