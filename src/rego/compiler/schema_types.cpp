#include "rego/compiler/schema_types.h"

#include <algorithm>
#include <deque>

#include "rego/go_schema.h"
#include "rego/syntax/print.h"

namespace merlon::rego::compiler {
namespace {

constexpr int kMaxSchemaDepth = 200;

bool is_a(const Subschema& schema, std::string_view type) {
    return std::ranges::find(schema.types, type) != schema.types.end();
}

std::string types_text(const Subschema& schema) {
    if (schema.types.empty()) return "undefined";
    if (schema.types.size() == 1) return schema.types[0];
    std::string text;
    for (const std::string& type : schema.types) text += (text.empty() ? "" : ",") + type;
    return "[" + text + "]";
}

// A schema that has members of objects or arrays is one of those.
void add_implied_type(Subschema& schema) {
    const std::string_view implied = !schema.properties.empty() ? "object"
                                     : !schema.items.empty()    ? "array"
                                                                : "";
    if (!implied.empty() && !is_a(schema, implied)) schema.types.emplace_back(implied);
}

class SchemaReader {
  public:
    explicit SchemaReader(Types& types) : types_(types) {}

    Result<const Type*> read(const Subschema& schema);

  private:
    struct Definition {
        const Type* type = nullptr;
        Type* recursive = nullptr;
        bool is_open = true;
    };

    Result<const Type*> read_definition(const Subschema& schema);
    Result<const Type*> read_plain(const Subschema& schema);
    Result<const Type*> read_any_of(const Subschema& schema);
    Result<const Type*> read_all_of(const Subschema& schema);
    Result<const Type*> read_object(const Subschema& schema);
    Result<const Type*> read_array(const Subschema& schema);
    Result<Subschema> merge(std::vector<Subschema> schemas);

    Types& types_;
    int depth_ = 0;
    std::map<std::string, Definition, std::less<>> definitions_;
};

Result<const Type*> SchemaReader::read(const Subschema& schema) {
    if (depth_ >= kMaxSchemaDepth) return Error{"schema is nested too deeply"};
    ++depth_;
    Result<const Type*> type =
        schema.referred == nullptr ? read_plain(schema) : read_definition(*schema.referred);
    --depth_;
    return type;
}

Result<const Type*> SchemaReader::read_definition(const Subschema& schema) {
    const auto [at, added] = definitions_.try_emplace(schema.id);
    Definition& definition = at->second;
    if (!added) {
        if (!definition.is_open) return definition.type;
        if (definition.recursive == nullptr) definition.recursive = types_.recursive(schema.id);
        return definition.recursive;
    }
    const Result<const Type*> type = schema.referred == nullptr ? read_plain(schema) : read(schema);
    definition.is_open = false;
    if (!type.ok()) return type.error();
    definition.type = type.value();
    if (definition.recursive != nullptr) definition.recursive->value = definition.type;
    return definition.type;
}

Result<const Type*> SchemaReader::read_any_of(const Subschema& schema) {
    const Type* either = nullptr;
    if (!schema.types.empty()) {
        Subschema core = schema;
        core.any_of.clear();
        const Type* const type = MERLON_TRY(read(core));
        const bool is_closed =
            is_kind(type, TypeKind::kObject) && !type->has_others && !type->properties.empty();
        if (is_closed) either = type;
    }
    for (const Subschema* one : schema.any_of) {
        either = types_.either(MERLON_TRY(read(*one)), either);
    }
    return either;
}

Result<Subschema> SchemaReader::merge(std::vector<Subschema> schemas) {
    for (Subschema& schema : schemas) add_implied_type(schema);
    Subschema merged = std::move(schemas[0]);
    for (std::size_t i = 1; i < schemas.size(); ++i) {
        const Subschema& next = schemas[i];
        if (types_text(merged) != types_text(next)) {
            return Error{"unable to merge these schemas: type mismatch: " + types_text(merged) +
                         " and " + types_text(next)};
        }
        if (!merged.properties.empty() && !next.properties.empty()) {
            merged.properties.insert(merged.properties.end(), next.properties.begin(),
                                     next.properties.end());
        } else if (!merged.items.empty() && !next.items.empty()) {
            for (std::size_t j = 0; j < next.items.size(); ++j) {
                if (j >= merged.items.size()) merged.items.push_back(next.items[j]);
                if (types_text(*merged.items[j]) != types_text(*next.items[j])) {
                    return Error{"unable to merge these schemas"};
                }
            }
        }
    }
    return merged;
}

Result<const Type*> SchemaReader::read_all_of(const Subschema& schema) {
    std::vector<Subschema> parts;
    for (const Subschema* part : schema.all_of) {
        for (int i = 0; part->referred != nullptr && i < kMaxSchemaDepth; ++i) {
            part = part->referred;
        }
        const bool is_choice = part->types.empty() && !part->any_of.empty() &&
                               part->properties.empty() && part->items.empty();
        if (!is_choice) parts.push_back(*part);
    }
    if (parts.empty()) return &kAnyType;
    Subschema merged = MERLON_TRY(merge(std::move(parts)));
    if (!schema.types.empty()) {
        const bool is_alike = (is_a(schema, "object") && is_a(merged, "object")) ||
                              (is_a(schema, "array") && is_a(merged, "array"));
        if (is_alike) {
            Subschema own = schema;
            own.all_of.clear();
            std::vector<Subschema> both;
            both.push_back(std::move(merged));
            both.push_back(std::move(own));
            merged = MERLON_TRY(merge(std::move(both)));
        } else if (types_text(schema) != types_text(merged)) {
            return Error{"unable to merge these schemas"};
        }
    }
    return read(merged);
}

Result<const Type*> SchemaReader::read_object(const Subschema& schema) {
    if (schema.properties.empty()) {
        return types_.object({}, Types::Others{&kAnyType, &kAnyType});
    }
    std::vector<Property> properties;
    for (const auto& [name, part] : schema.properties) {
        properties.push_back({types_.values().string(name), MERLON_TRY(read(*part))});
    }
    return types_.object(std::move(properties), std::nullopt);
}

Result<const Type*> SchemaReader::read_array(const Subschema& schema) {
    if (schema.items.empty()) return types_.array({}, &kAnyType);
    if (schema.has_single_items) return types_.array({}, MERLON_TRY(read(*schema.items[0])));
    std::vector<const Type*> items;
    for (const Subschema* item : schema.items) items.push_back(MERLON_TRY(read(*item)));
    return types_.array(items, nullptr);
}

Result<const Type*> SchemaReader::read_plain(const Subschema& schema) {
    if (!schema.any_of.empty()) return read_any_of(schema);
    if (!schema.all_of.empty()) return read_all_of(schema);
    if (is_a(schema, "boolean")) return &kBooleanType;
    if (is_a(schema, "string")) return &kStringType;
    if (is_a(schema, "integer") || is_a(schema, "number")) return &kNumberType;
    const bool is_typed = !schema.types.empty();
    if (is_a(schema, "object") || (!is_typed && !schema.properties.empty())) {
        return read_object(schema);
    }
    if (is_a(schema, "array") || (!is_typed && !schema.items.empty())) return read_array(schema);
    return &kAnyType;
}

CompileError schema_error(const syntax::Rule& rule, std::string message) {
    CompileError error{.code = std::string(kTypeError), .message = std::move(message)};
    if (rule.location != nullptr) {
        error.row = rule.location->row;
        error.column = rule.location->column;
    }
    return error;
}

std::string constant_path(Terms path) {
    std::size_t count = 1;
    while (count < path.size() && is_constant(*path[count])) ++count;
    return syntax::to_text(path.first(count));
}

}  // namespace

Result<const Type*> type_of_schema(const value::Value& schema, Types& types) {
    const World world;
    Context context(types.values(), world, nullptr);
    const auto compiled = GoSchema::compile(schema, SchemaPatterns::kIgnored, context);
    if (!compiled.ok()) {
        return Error{"unable to compile the schema: " + compiled.error().message};
    }
    const auto type = SchemaReader(types).read(compiled.value().root());
    if (!type.ok()) return Error{"type checking: " + type.error().message};
    return type.value();
}

void AnnotationSet::add(ByPath& placed, const std::string& path,
                        const syntax::Annotations& annotations, std::string_view file,
                        ErrorList& errors) {
    const std::string place = std::string(file) + ":" + std::to_string(annotations.location->row);
    const auto [at, added] = placed.try_emplace(path, Placed{&annotations, place});
    if (added) return;
    errors.add(kTypeError, annotations.location,
               std::string(annotations.scope) + " annotation redeclared: " + at->second.place);
}

void AnnotationSet::add(const syntax::Module& module, std::string_view file, ErrorList& errors) {
    const Terms package = module.package->path;
    for (const syntax::Annotations* annotations : module.annotations) {
        const bool is_rule = annotations->target == syntax::AnnotationTarget::kRule;
        if (annotations->scope == "package" && !is_rule) {
            add(packages_, syntax::to_text(package), *annotations, file, errors);
        } else if (annotations->scope == "subpackages" && !is_rule) {
            add(paths_, syntax::to_text(package), *annotations, file, errors);
        } else if (annotations->scope == "document" && is_rule) {
            std::vector<Term*> path(package.begin(), package.end());
            const Terms reference = annotations->rule->head->reference;
            Term name = *reference[0];
            name.kind = TermKind::kString;
            path.push_back(&name);
            path.insert(path.end(), reference.begin() + 1, reference.end());
            add(paths_, constant_path(path), *annotations, file, errors);
        }
    }
}

std::vector<const syntax::SchemaAnnotation*> AnnotationSet::schemas_of(const syntax::Rule& rule,
                                                                       Terms package) const {
    std::vector<const syntax::SchemaAnnotation*> schemas;
    const auto add = [&](const syntax::Annotations& annotations) {
        for (const syntax::SchemaAnnotation& one : annotations.schemas) schemas.push_back(&one);
    };
    const auto add_of = [&](const ByPath& placed, const std::string& path) {
        const auto found = placed.find(path);
        if (found != placed.end()) add(*found->second.annotations);
    };
    for (std::size_t count = 1; count <= package.size(); ++count) {
        add_of(paths_, syntax::to_text(package.first(count)));
    }
    add_of(packages_, syntax::to_text(package));
    add_of(paths_, constant_path(rule.head->reference));
    for (const syntax::Annotations* one : rule.annotations) {
        if (one->scope == "rule") add(*one);
    }
    return schemas;
}

Result<const Type*> SchemaTypes::type_of(const syntax::SchemaAnnotation& annotation) {
    if (annotation.schema.empty()) {
        if (annotation.definition == nullptr) return static_cast<const Type*>(nullptr);
        return type_of_schema(*annotation.definition, environment_.types());
    }
    if (schemas_.empty()) return static_cast<const Type*>(nullptr);
    const std::string name = syntax::to_text(annotation.schema);
    const auto known = known_.find(name);
    if (known != known_.end()) return known->second;
    const auto found = std::ranges::find_if(schemas_, [&](const NamedSchema& schema) {
        return !schema.schema.is_null() &&
               std::ranges::equal(
                   schema.path, annotation.schema.subspan(1),
                   [](const std::string& left, const Term* right) { return left == right->text; });
    });
    if (found == schemas_.end()) return Error{"undefined schema: " + name};
    const Type* const type = MERLON_TRY(type_of_schema(found->schema, environment_.types()));
    known_[name] = type;
    return type;
}

// The object with another type at the path.
const Type* SchemaTypes::with_path(const Type* type, Terms path, const Type* value) {
    if (path.empty()) return value;
    Types& types = environment_.types();
    const value::Value key = environment_.constant_value(*path[0]);
    type = bare(type);
    if (!is_kind(type, TypeKind::kObject)) {
        return types.object({{key, with_path(nullptr, path.subspan(1), value)}},
                            Types::Others{&kAnyType, &kAnyType});
    }
    std::vector<Property> properties(type->properties.begin(), type->properties.end());
    const auto found = std::ranges::find_if(properties, [&](const Property& property) {
        return value::compare(property.key, key) == 0;
    });
    std::optional<Types::Others> others;
    if (type->has_others) others = Types::Others{type->key, type->value};
    if (found != properties.end()) {
        found->type = with_path(found->type, path.subspan(1), value);
    } else {
        // What is above the value has the other keys of the whole.
        const Type* below = value;
        for (std::size_t i = path.size(); i > 1; --i) {
            below = types.object({{environment_.constant_value(*path[i - 1]), below}}, others);
        }
        properties.push_back({key, below});
    }
    return types.object(std::move(properties), others);
}

std::vector<CompileError> SchemaTypes::apply(
    std::span<const syntax::SchemaAnnotation* const> annotations, const syntax::Rule& rule,
    TypeLayer& layer) {
    std::vector<CompileError> errors;
    for (const syntax::SchemaAnnotation* annotation : annotations) {
        const Result<const Type*> type = type_of(*annotation);
        if (!type.ok()) {
            errors.push_back(schema_error(rule, type.error().message));
            continue;
        }
        if (type.value() == nullptr || annotation->path.empty()) continue;
        const Terms path = syntax::copy(annotation->path, arena_);
        // The shortest beginning that is known.
        std::size_t known = 0;
        const Type* above = nullptr;
        for (std::size_t count = 1; count < std::max<std::size_t>(path.size(), 2); ++count) {
            above = environment_.of_reference(layer, path.first(count));
            known = count;
            if (above != nullptr) break;
        }
        if (above == nullptr || known == path.size()) {
            layer.documents.make(path).type = type.value();
        } else {
            layer.documents.make(path.first(known)).type =
                with_path(above, path.subspan(known), type.value());
        }
    }
    return errors;
}

Result<const Type*> SchemaTypes::of_input() {
    for (const NamedSchema& schema : schemas_) {
        const bool is_of_input = schema.path.empty() && !schema.schema.is_null();
        if (is_of_input) return type_of_schema(schema.schema, environment_.types());
    }
    return static_cast<const Type*>(nullptr);
}

}  // namespace merlon::rego::compiler
