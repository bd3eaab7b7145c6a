#include <algorithm>
#include <iterator>
#include <span>
#include <string>

#include "base/ascii.h"
#include "rego/builtins.h"
#include "rego/graphql/graphql.h"
#include "rego/graphql/schema.h"

// GraphQL (OPA: graphql.go).

namespace merlon::rego {
namespace {

using value::Value;
using Read = Result<Value> (*)(std::string_view text, value::Builder& values);

constexpr std::string_view kConversion =
    "Error in gqlparser SchemaDocument to Schema conversion: input:";

// As OPA writes gqlparser's errors: with the place behind.
std::string shown(const Error& error) {
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

// gqlparser's list of errors as OPA shows it: the first one's place behind, the others' where they
// stand.
std::string shown(std::span<const Error> errors) {
    std::string text;
    for (const Error& one : errors) {
        text += "input:";
        if (one.line > 0) {
            text += std::to_string(one.line) + ":" + std::to_string(one.column) + ":";
        }
        text += " " + one.message + "\n";
    }
    if (errors[0].line == 0) return "GraphQL parse error: " + text;
    // OPA takes what the first place begins with off, and the full stop that ends the last error.
    text.erase(0, text.find(": ") + 2);
    if (text.ends_with(".\n")) text.resize(text.size() - 2);
    return text + " in GraphQL string at location " + std::to_string(errors[0].line) + ":" +
           std::to_string(errors[0].column);
}

// Both documents where the query is one of the schema; an error has OPA's whole text.
Result<std::pair<Value, Value>> checked(Context& context, Operands operands) {
    const auto read_both = [&]() -> Result<std::pair<Value, Value>> {
        const Value query = MERLON_TRY(document_of(context, operands[0], graphql::parse_query));
        return std::pair(query,
                         MERLON_TRY(document_of(context, operands[1], graphql::parse_schema)));
    };
    const auto read = read_both();
    if (!read.ok()) return Error{shown(read.error())};
    const auto& [query, schema] = read.value();
    const auto loaded = graphql::load_schema(schema, context.builder);
    if (!loaded.ok()) {
        const Error& wrong = loaded.error();
        return Error{std::string(kConversion) + std::to_string(wrong.line) + ":" +
                     std::to_string(wrong.column) + ": " + wrong.message};
    }
    const auto found = graphql::check_query(query, loaded.value(), context.builder);
    if (!found.ok()) return Error{shown(found.error())};
    if (!found.value().empty()) return Error{shown(std::span(found.value()))};
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
    if (!both.ok()) return context.error(both.error().message);
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
