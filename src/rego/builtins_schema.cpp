#include "rego/builtins.h"
#include "rego/go_schema.h"
#include "rego/term.h"
#include "text/json.h"

// JSON Schema (OPA: jsonschema.go).

namespace merlon::rego {
namespace {

using value::Value;

// A text of JSON, or what the value is as JSON.
Result<Value> json_of(Context& context, const Value& operand) {
    if (operand.is_string()) {
        auto document = text::read_json(operand.as_string(), context.builder.arena(),
                                        context.builder.interner());
        if (!document.ok()) return Error{"invalid JSON string"};
        return *document.value().root;
    }
    if (operand.is_object() || operand.is_array()) return to_json(operand, context.builder);
    return Error{"wrong type, expected string or object"};
}

Result<GoSchema> compiled(Context& context, const Value& operand) {
    const Value schema = MERLON_TRY(json_of(context, operand));
    return GoSchema::compile(schema, SchemaPatterns::kCompiled, context);
}

Outcome verify_schema(Context& context, Operands operands) {
    const auto schema = compiled(context, operands[0]);
    if (context.is_spent()) return Outcome::error();
    const Value answer[] = {
        context.boolean(schema.ok()),
        schema.ok() ? Value() : context.string("jsonschema: " + schema.error().message)};
    return context.builder.array(answer);
}

Outcome match_schema(Context& context, Operands operands) {
    const auto document = json_of(context, operands[0]);
    if (!document.ok()) return context.error(document.error().message);
    const auto schema = compiled(context, operands[1]);
    if (context.is_spent()) return Outcome::error();
    if (!schema.ok()) return context.error(schema.error().message);
    const auto mistakes = schema.value().judge(document.value(), context);
    if (!mistakes.ok()) return Outcome::error();
    std::vector<Value> described;
    for (const SchemaMistake& one : mistakes.value()) {
        const value::Builder::Entry entries[] = {
            {context.builder.key("error"), context.string(one.field + ": " + one.description)},
            {context.builder.key("type"), context.string(one.kind)},
            {context.builder.key("field"), context.string(one.field)},
            {context.builder.key("desc"), context.string(one.description)},
        };
        described.push_back(context.builder.object(entries));
    }
    const Value answer[] = {context.boolean(described.empty()), context.builder.array(described)};
    return context.builder.array(answer);
}

constexpr Builtin kSchemaBuiltins[] = {
    {"json.match_schema", "vv", match_schema},
    {"json.verify_schema", "v", verify_schema},
};

}  // namespace

std::span<const Builtin> schema_builtins() { return kSchemaBuiltins; }

}  // namespace merlon::rego
