#include <algorithm>
#include <iterator>

#include "base/ascii.h"
#include "rego/builtins.h"
#include "rego/graphql/graphql.h"

// GraphQL (OPA: graphql.go).

namespace merlon::rego {
namespace {

using value::Value;
using Read = Result<Value> (*)(std::string_view text, value::Builder& values);

constexpr std::string_view kConversion =
    "Error in gqlparser SchemaDocument to Schema conversion: input:";

// As OPA writes gqlparser's errors: with the place behind.
std::string shown(const Error& error) {
    if (error.message.starts_with(kConversion)) return error.message;
    if (error.line == 0) return "GraphQL parse error: " + error.message;
    return error.message + " in GraphQL string at location " + std::to_string(error.line) + ":" +
           std::to_string(error.column);
}

Outcome parsed(Context& context, const Value& text, Read read) {
    const auto document = read(text.as_string(), context.builder);
    if (!document.ok()) return context.error(shown(document.error()));
    return graphql::without_places(document.value(), context.builder);
}
Outcome parse_query(Context& context, Operands operands) {
    return parsed(context, operands[0], graphql::parse_query);
}
Outcome parse_schema(Context& context, Operands operands) {
    return parsed(context, operands[0], graphql::parse_schema);
}

// What a document has at its top: gqlparser's structs know no more.
constexpr std::string_view kMembers[] = {"operations",      "fragments",  "schema",
                                         "schemaextension", "directives", "definitions",
                                         "extensions",      "position",   "comment"};

// A document, or text of one. An error for what is neither.
Result<Value> document_of(Context& context, const Value& operand, Read read) {
    if (operand.is_string()) return read(operand.as_string(), context.builder);
    if (operand.is_object()) {
        std::vector<value::Builder::Entry> known;
        for (std::size_t i = 0; i < operand.size(); ++i) {
            const Value& key = operand.keys()[i];
            const std::string name = key.is_string() ? lower_case(key.as_string()) : "";
            if (std::ranges::find(kMembers, name) == std::end(kMembers)) continue;
            known.emplace_back(key, operand.values()[i]);
        }
        return context.builder.object(known);
    }
    return Error{"must be one of {string, object} but got " + std::string(kind_name(operand))};
}

Result<std::pair<Value, Value>> checked(Context& context, Operands operands) {
    const Value query = MERLON_TRY(document_of(context, operands[0], graphql::parse_query));
    const Value schema = MERLON_TRY(document_of(context, operands[1], graphql::parse_schema));
    if (auto is_valid = graphql::check_query(query, schema, context.builder); !is_valid.ok()) {
        const auto schema_is_valid = graphql::check_schema(schema, context.builder);
        if (!schema_is_valid.ok()) {
            const Error& wrong = schema_is_valid.error();
            return Error{std::string(kConversion) + std::to_string(wrong.line) + ":" +
                         std::to_string(wrong.column) + ": " + wrong.message};
        }
        // OPA takes the full stop off what the checks say, and leaves it on what parsers say.
        Error error = std::move(is_valid).error();
        if (error.message.ends_with('.')) error.message.pop_back();
        return error;
    }
    return std::pair(graphql::without_places(query, context.builder),
                     graphql::without_places(schema, context.builder));
}

Outcome parse(Context& context, Operands operands) {
    constexpr Read kReads[] = {graphql::parse_query, graphql::parse_schema};
    for (std::size_t i = 0; i < operands.size(); ++i) {
        if (!operands[i].is_string() && !operands[i].is_object()) {
            // OPA counts from 0 here.
            return context.wrong_kind(i, operands[i], {"string", "object"});
        }
        const auto read = document_of(context, operands[i], kReads[i]);
        if (!read.ok()) return context.error(shown(read.error()));
    }
    const auto both = checked(context, operands);
    if (!both.ok()) return context.error(shown(both.error()));
    const Value pair[] = {both.value().first, both.value().second};
    return context.builder.array(pair);
}

Outcome parse_and_verify(Context& context, Operands operands) {
    const auto both = checked(context, operands);
    const Value nothing = context.builder.object({});
    const Value parts[] = {context.boolean(both.ok()), both.ok() ? both.value().first : nothing,
                           both.ok() ? both.value().second : nothing};
    return context.builder.array(parts);
}

Outcome is_valid(Context& context, Operands operands) {
    return context.boolean(checked(context, operands).ok());
}

Outcome schema_is_valid(Context& context, Operands operands) {
    const auto schema = document_of(context, operands[0], graphql::parse_schema);
    return context.boolean(schema.ok() &&
                           graphql::check_schema(schema.value(), context.builder).ok());
}

constexpr Builtin kGraphqlBuiltins[] = {
    {"graphql.parse", "vv", parse},
    {"graphql.parse_and_verify", "vv", parse_and_verify},
    {"graphql.parse_query", "s", parse_query},
    {"graphql.parse_schema", "s", parse_schema},
    {"graphql.is_valid", "vv", is_valid},
    {"graphql.schema_is_valid", "v", schema_is_valid},
};

}  // namespace

std::span<const Builtin> graphql_builtins() { return kGraphqlBuiltins; }

}  // namespace merlon::rego
