#pragma once

// Types out of JSON Schemas, and which schemas a rule sees: those of `# METADATA` blocks.
//
// The idea: a schema says less to the type checker than to a validator: kinds, properties, items,
// `anyOf` and `allOf`. A schema that refers to itself is a recursive type.
//
// Standard: OPA's schemaParser and AnnotationSet (1.22.2). Not thread-safe. Cost: linear in the
// schema.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rego/compiler/errors.h"
#include "rego/compiler/rule_tree.h"
#include "rego/compiler/type_environment.h"
#include "rego/compiler/types.h"
#include "value/value.h"

namespace merlon::rego::compiler {

// A schema with its place behind `schema`; that of `input` has an empty one. Null is none, as in
// OPA.
struct NamedSchema {
    std::vector<std::string> path;
    value::Value schema;
};

// Fails with OPA's text.
Result<const Type*> type_of_schema(const value::Value& schema, Types& types);

// What metadata says of packages, documents and rules, by scope.
class AnnotationSet {
  public:
    // Adds those of a module, whose file is the one that `errors` was told.
    void add(const syntax::Module& module, std::string_view file, ErrorList& errors);
    // From the widest scope to the narrowest.
    std::vector<const syntax::SchemaAnnotation*> schemas_of(const syntax::Rule& rule,
                                                            Terms package) const;

  private:
    struct Placed {
        const syntax::Annotations* annotations;
        std::string place;
    };
    using ByPath = std::map<std::string, Placed, std::less<>>;

    static void add(ByPath& placed, const std::string& path, const syntax::Annotations& annotations,
                    std::string_view file, ErrorList& errors);

    ByPath packages_;
    ByPath paths_;  // of documents and subpackages
};

// Puts the types of schemas into the layer in which a rule is checked.
class SchemaTypes {
  public:
    SchemaTypes(std::span<const NamedSchema> schemas, TypeEnvironment& environment, Arena& arena)
        : schemas_(schemas), environment_(environment), arena_(arena) {}

    std::vector<CompileError> apply(std::span<const syntax::SchemaAnnotation* const> annotations,
                                    const syntax::Rule& rule, TypeLayer& layer);
    // What is known of `input` by the schema that has no path; null: nothing.
    Result<const Type*> of_input();

  private:
    Result<const Type*> type_of(const syntax::SchemaAnnotation& annotation);
    const Type* with_path(const Type* type, Terms path, const Type* value);

    std::span<const NamedSchema> schemas_;
    TypeEnvironment& environment_;
    Arena& arena_;
    std::map<std::string, const Type*, std::less<>> known_;
};

}  // namespace merlon::rego::compiler
