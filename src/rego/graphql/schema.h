#pragma once

// A checked GraphQL schema: its types and directives by name, extensions joined.
//
// Thread-safe once made. Ownership: Values are the document's.

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rego/graphql/graphql.h"
#include "value/value.h"

namespace merlon::rego::graphql {

using Nodes = std::vector<value::Value>;

struct Type {
    std::string kind;  // "OBJECT", …
    std::string name;
    value::Value place;  // a node
    Nodes directives, fields, choices;
    std::vector<std::string> interfaces, members;
    bool is_built_in = false;

    bool is_input() const { return kind == "SCALAR" || kind == "ENUM" || kind == "INPUT_OBJECT"; }
    bool is_composite() const { return kind == "OBJECT" || kind == "INTERFACE" || kind == "UNION"; }
};

struct Schema {
    std::map<std::string, Type, std::less<>> types;
    std::map<std::string, value::Value, std::less<>> directives;
    // Which object types a type may turn out to be.
    std::map<std::string, std::set<std::string>, std::less<>> possible;
    std::map<std::string, std::string, std::less<>> roots;  // "query": "Query"

    const Type* find(std::string_view name) const {
        const auto found = types.find(name);
        return found == types.end() ? nullptr : &found->second;
    }
    const Type* root(std::string_view operation) const {
        const auto found = roots.find(operation);
        return found == roots.end() ? nullptr : find(found->second);
    }
};

// The first thing that is wrong is an error.
Result<Schema> load_schema(const value::Value& document, value::Builder& values);
// All that is wrong with a query of the schema, in gqlparser's order; those without a line have no
// place. An error where a limit is reached.
Result<std::vector<Error>> check_query(const value::Value& query, const Schema& schema,
                                       value::Builder& values);

// Members of nodes; empty where they are absent or of another kind.
std::string text_of(const value::Value& node, std::string_view name);
bool truth_of(const value::Value& node, std::string_view name);
std::span<const value::Value> list_of(const value::Value& node, std::string_view name);
// The node of a list that has this name; null where there is none.
const value::Value* named(std::span<const value::Value> nodes, std::string_view name);

std::vector<std::string> names_of(std::span<const value::Value> nodes);

// Of a field, an argument or a variable; null where it has none.
const value::Value& type_of(const value::Value& node);
// "[Pet!]!"; and the name inside: "Pet".
std::string type_text(const value::Value& type);
std::string type_name(const value::Value& type);

// gqlparser's way of quoting.
std::string quoted(std::string_view text);

// An error at a node.
Error at_node(const value::Value& node, std::string message);

}  // namespace merlon::rego::graphql
