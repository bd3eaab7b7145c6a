#pragma once

// A module as JSON, as `opa parse --format json` writes it.
//
// Standard: the JSON of OPA 1.22.2's syntax tree, places included where they are asked for. Thread-
// safe: no state. Cost: linear, but sets and objects are sorted.

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "rego/syntax/tree.h"

namespace merlon::rego::syntax {

enum class JsonComments : std::uint8_t { kNo, kYes };
enum class JsonLocations : std::uint8_t { kNo, kYes };
// What a schema is for is a list of terms to the tools, and of texts to a policy that asks for its
// metadata.
enum class SchemaPaths : std::uint8_t { kTerms, kTexts };
struct JsonOptions {
    std::string_view file = {};  // in locations
    JsonComments comments = JsonComments::kYes;
    JsonLocations locations = JsonLocations::kNo;
    std::string_view indent = "  ";
    SchemaPaths schema_paths = SchemaPaths::kTerms;
    // What a variable is called, where that is not its name in the tree. May be empty.
    std::function<std::string(std::string_view)> name_of = {};
};
std::string to_json(const Module& module, const JsonOptions& options = {});
std::string to_json(const Rule& rule, const JsonOptions& options);
std::string to_json(Body body, const JsonOptions& options);
std::string to_json(const Expression& expression, const JsonOptions& options);
std::string to_json(const Term& term, const JsonOptions& options);
// What is left of a partial evaluation, as `opa eval --partial --format json` writes it.
std::string to_json(std::span<const Body> queries, std::span<Module* const> modules);
// Terms as an array on one line, and what one of them is without its kind.
std::string to_json(Terms terms);
std::string value_to_json(const Term& term);
// What a `# METADATA` block says.
std::string to_json(const Annotations& annotations, SchemaPaths paths = SchemaPaths::kTerms);

}  // namespace merlon::rego::syntax
