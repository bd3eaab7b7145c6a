#pragma once

// JSON Schema as OPA's policies see it (json.match_schema, json.verify_schema, schemas of the type
// checker): drafts 4, 6 and 7 and their mixture, with the errors of OPA's own copy of gojsonschema.
//
// The idea: value/json_schema.h judges by the standard; policies see another reading, in which a
// schema is compiled first and refused where a keyword has the wrong type, `$ref` hides its
// neighbours, and each mistake has a kind, a field and a text. So a schema is compiled to a tree of
// its own, and judged in the order in which OPA reports. Where Go goes through a map in an order of
// its own, keys are taken in theirs. Nothing is ever fetched.
//
// Thread-safe once compiled, with a Context each. Ownership: borrows the schema's values. Cost:
// linear for ordinary schemas; steps are the Context's.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "match/regex.h"
#include "rego/builtins.h"
#include "value/value.h"

namespace merlon::rego {

enum class GoSchemaDraft : std::uint8_t { k4, k6, k7, kHybrid };

// One schema: what its keywords say. Absent: null, empty or nothing.
struct Subschema {
    using Named = std::pair<std::string, const Subschema*>;

    GoSchemaDraft draft = GoSchemaDraft::kHybrid;
    std::string id;              // the address that its references start from
    std::optional<bool> passes;  // the schema is `true` or `false`
    const Subschema* referred = nullptr;
    std::vector<std::string> types;
    std::vector<Named> properties;
    std::vector<std::pair<std::shared_ptr<const match::Regex>, const Subschema*>> patterns;
    std::optional<bool> allows_additional;
    const Subschema* additional = nullptr;
    const Subschema* names = nullptr;
    std::vector<std::pair<std::string, std::vector<std::string>>> needed_beside;
    std::vector<Named> judged_beside;
    std::vector<const Subschema*> items;
    bool has_single_items = false;
    std::optional<bool> allows_additional_items;
    const Subschema* additional_items = nullptr;
    const Subschema* contains = nullptr;
    std::optional<value::Value> multiple_of, minimum, exclusive_minimum, maximum, exclusive_maximum;
    std::optional<std::int64_t> min_length, max_length, min_items, max_items, min_properties,
        max_properties;
    std::shared_ptr<const match::Regex> pattern;
    std::string pattern_text;
    std::string format;
    std::vector<std::string> required;
    bool has_unique_items = false;
    std::optional<std::string> constant;              // as canonical JSON
    std::optional<std::vector<std::string>> allowed;  // the same
    std::vector<const Subschema*> one_of, any_of, all_of;
    const Subschema* negated = nullptr;
    const Subschema* condition = nullptr;
    const Subschema* then = nullptr;
    const Subschema* otherwise = nullptr;
};

struct SchemaMistake {
    std::string kind;         // "invalid_type"
    std::string field;        // "a.0.b"; "(root)"
    std::string description;  // "Invalid type. Expected: integer, given: string"
};

enum class SchemaPatterns : std::uint8_t {
    kCompiled,  // `pattern` is compiled and judged
    kIgnored,   // for types alone: expressions may be of another dialect
};

class GoSchema {
  public:
    // Fails with OPA's text, or with the Context's error where a limit is reached.
    static Result<GoSchema> compile(const value::Value& root, SchemaPatterns patterns,
                                    Context& context);
    const Subschema& root() const { return nodes_->front(); }

    // All that `instance` does wrong. Fails where a limit is reached: the Context has the error.
    Result<std::vector<SchemaMistake>> judge(const value::Value& instance, Context& context) const;

  private:
    friend class GoSchemaCompiler;
    // Addresses of nodes are kept.
    std::shared_ptr<std::deque<Subschema>> nodes_ = std::make_shared<std::deque<Subschema>>();
};

// The value as JSON with numbers as Go's float64: equal texts for what OPA takes for equal.
std::string canonical_json(const value::Value& value, value::Builder& builder);

// `format`: whether a text has it; what is not known always holds.
bool has_format(std::string_view format, std::string_view text, Context& context);

}  // namespace merlon::rego
