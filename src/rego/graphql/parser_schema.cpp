#include <algorithm>
#include <functional>
#include <vector>

#include "rego/graphql/parser.h"

namespace merlon::rego::graphql {

using value::Value;

Result<Value> Parser::schema_document() {
    Items schemas;
    Items schema_extensions;
    Items marks;
    Items definitions;
    Items extensions;
    while (token_.kind != TokenKind::kEnd) {
        const std::string described = MERLON_TRY(description());
        if (token_.kind != TokenKind::kName) return unexpected();
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
    if (token_.kind != TokenKind::kString && token_.kind != TokenKind::kBlockString)
        return std::string();
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

}  // namespace merlon::rego::graphql
