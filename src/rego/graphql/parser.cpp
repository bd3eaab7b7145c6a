#include "rego/graphql/parser.h"

#include <algorithm>

namespace merlon::rego::graphql {

using value::Value;
using Entries = std::vector<value::Builder::Entry>;

namespace {

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

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

}  // namespace

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
    while (token_.kind != TokenKind::kEnd) {
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

// Where gqlparser takes the token before it looks at it, and so tells why it is none.
Result<std::string> Parser::operation_type() {
    if (const auto why = token_.kind == TokenKind::kInvalid ? lexer_.why_invalid() : std::nullopt)
        return wrong(token_, *why);
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
    const std::string called = token_.kind == TokenKind::kName ? MERLON_TRY(name()) : "";
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
    if (depth_ > kMaxDocumentDepth) return too_deep();
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
    if (token_.kind == TokenKind::kName && token_.text != "on") {
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
    if (depth_ > kMaxDocumentDepth) return too_deep();
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
            case TokenKind::kInteger:
                kind = kIntValue;
                break;
            case TokenKind::kFloat:
                kind = kFloatValue;
                break;
            case TokenKind::kString:
                kind = kStringValue;
                break;
            case TokenKind::kBlockString:
                kind = kBlockValue;
                break;
            case TokenKind::kName:
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
    if (depth_ > kMaxDocumentDepth) return too_deep();
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
