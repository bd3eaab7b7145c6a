#include "rego/graphql/schema.h"

#include <algorithm>
#include <functional>

#include "rego/syntax/literal.h"

namespace merlon::rego::graphql {
namespace {

using value::Value;

// What every schema has (GraphQL, sections 3.5, 3.13 and 4).
constexpr std::string_view kPrelude = R"(
scalar Int scalar Float scalar String scalar Boolean scalar ID
directive @defer(if: Boolean = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @deprecated(reason: String = "No longer supported")
  on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
directive @specifiedBy(url: String!) on SCALAR
directive @oneOf on INPUT_OBJECT
type __Schema {
  description: String types: [__Type!]! queryType: __Type! mutationType: __Type
  subscriptionType: __Type directives: [__Directive!]!
}
type __Type {
  kind: __TypeKind! name: String description: String specifiedByURL: String
  fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!]
  possibleTypes: [__Type!] enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
  inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type
  isOneOf: Boolean
}
enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
type __Field {
  name: String! description: String args(includeDeprecated: Boolean = false): [__InputValue!]!
  type: __Type! isDeprecated: Boolean! deprecationReason: String
}
type __InputValue {
  name: String! description: String type: __Type! defaultValue: String
  isDeprecated: Boolean! deprecationReason: String
}
type __EnumValue {
  name: String! description: String isDeprecated: Boolean! deprecationReason: String
}
type __Directive {
  name: String! description: String locations: [__DirectiveLocation!]!
  args(includeDeprecated: Boolean = false): [__InputValue!]! isRepeatable: Boolean!
}
enum __DirectiveLocation {
  QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT
  VARIABLE_DEFINITION SCHEMA SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION
  ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION
}
)";

enum class AppliedAt : std::uint8_t { kOnePlace, kSeveral };

class SchemaLoader {
  public:
    explicit SchemaLoader(value::Builder& values) : values_(values) {}

    Result<Schema> load(const Value& document);

  private:
    Status define(const Value& document, bool is_built_in);  // NOLINT: private
    Status extend(const Value& document);
    Status take_roots(std::span<const Value> definitions);
    void find_possible_types();
    Status check_type(const Type& type);
    Status check_fields(const Type& type);
    Status check_members(const Type& type);
    Status check_kind(const Type& type);
    Status check_unique(const Type& type);
    Status check_implements(const Type& type, const std::string& interface);
    Status check_same_arguments(const Type& type, const Type& other, const Value& required,
                                const Value& found);
    Status check_reference(const Value& type);
    Status check_arguments(std::span<const Value> arguments, std::string_view directive);
    Status check_directives(std::span<const Value> directives, std::string_view location,
                            std::string_view inside, AppliedAt applied);
    Status check_directive(const Value& directive, const Value& definition,
                           std::string_view location);
    Status check_circles();
    void add_introspection();
    Status find_circle(const Type& type, std::vector<const Value*>& way,
                       std::map<std::string, std::size_t>& on_way, std::set<std::string>& seen);
    bool is_covariant(const Value& required, const Value& actual) const;

    value::Builder& values_;
    Schema schema_;
};

Status check_name(const Value& node, std::string_view name) {
    if (!name.starts_with("__")) return {};
    return at_node(node, "Name \"" + std::string(name) +
                             "\" must not begin with \"__\", which is reserved by GraphQL "
                             "introspection.");
}

void append(Nodes& nodes, std::span<const Value> more) {
    nodes.insert(nodes.end(), more.begin(), more.end());
}
void append(std::vector<std::string>& names, std::span<const Value> more) {
    for (const Value& name : more) {
        if (name.is_string()) names.emplace_back(name.as_string());
    }
}
void take_parts(Type& type, const Value& node) {
    append(type.directives, list_of(node, "Directives"));
    append(type.interfaces, list_of(node, "Interfaces"));
    append(type.fields, list_of(node, "Fields"));
    append(type.members, list_of(node, "Types"));
    append(type.choices, list_of(node, "EnumValues"));
}

Status SchemaLoader::define(const Value& document, bool is_built_in) {  // NOLINT: private
    for (const Value& node : list_of(document, "Definitions")) {
        const std::string name = text_of(node, "Name");
        const auto [at, added] = schema_.types.try_emplace(name);
        if (!added) return at_node(node, "Cannot redeclare type " + name + ".");
        at->second.kind = text_of(node, "Kind");
        at->second.name = name;
        at->second.place = node;
        at->second.is_built_in = is_built_in;
        take_parts(at->second, node);
    }
    for (const Value& node : list_of(document, "Directives")) {
        const std::string name = text_of(node, "Name");
        // These may be said again.
        constexpr std::string_view kOwn[] = {"include",     "skip",  "deprecated",
                                             "specifiedBy", "defer", "oneOf"};
        const bool is_own = std::ranges::find(kOwn, name) != std::end(kOwn);
        if (schema_.directives.contains(name) && !is_own) {
            return at_node(node, "Cannot redeclare directive " + name + ".");
        }
        schema_.directives[name] = node;
    }
    return {};
}

Status SchemaLoader::extend(const Value& document) {
    for (const Value& node : list_of(document, "Extensions")) {
        const std::string name = text_of(node, "Name");
        const std::string kind = text_of(node, "Kind");
        const auto [at, added] = schema_.types.try_emplace(name);
        if (added) {
            at->second.kind = kind;
            at->second.name = name;
            at->second.place = node;
        }
        if (at->second.kind != kind) {
            return at_node(node, "Cannot extend type " + name + " because the base type is a " +
                                     at->second.kind + ", not " + kind + ".");
        }
        take_parts(at->second, node);
    }
    return {};
}

Status SchemaLoader::take_roots(std::span<const Value> definitions) {
    for (const Value& node : definitions) {
        for (const Value& root : list_of(node, "OperationTypes")) {
            const std::string operation = text_of(root, "Operation");
            const std::string type = text_of(root, "Type");
            if (schema_.find(type) == nullptr) {
                return at_node(root, "Schema root " + operation + " refers to a type " + type +
                                         " that does not exist.");
            }
            schema_.roots[operation] = type;
        }
        MERLON_TRY(
            check_directives(list_of(node, "Directives"), "SCHEMA", "", AppliedAt::kOnePlace));
    }
    return {};
}

void SchemaLoader::find_possible_types() {
    for (const auto& [name, type] : schema_.types) {
        if (type.kind == "UNION") {
            schema_.possible[name].insert(type.members.begin(), type.members.end());
            continue;
        }
        for (const std::string& interface : type.interfaces) {
            schema_.possible[interface].insert(name);
        }
        if (type.kind == "OBJECT" || type.kind == "INPUT_OBJECT") {
            schema_.possible[name].insert(name);
        }
    }
}

Status SchemaLoader::check_reference(const Value& type) {
    const std::string name = type_name(type);
    if (schema_.find(name) != nullptr) return {};
    return at_node(type, "Undefined type " + name + ".");
}

Status SchemaLoader::check_arguments(std::span<const Value> arguments, std::string_view directive) {
    for (const Value& argument : arguments) {
        const std::string name = text_of(argument, "Name");
        MERLON_TRY(check_name(argument, name));
        const Value* type = argument.find("Type");
        if (type == nullptr) return at_node(argument, "an argument without type");
        MERLON_TRY(check_reference(*type));
        const Type& known = *schema_.find(type_name(*type));
        if (!known.is_input()) {
            return at_node(argument, "cannot use " + type_text(*type) + " as argument " + name +
                                         " because " + known.kind + " is not a valid input type");
        }
        MERLON_TRY(check_directives(list_of(argument, "Directives"), "ARGUMENT_DEFINITION",
                                    directive, AppliedAt::kOnePlace));
    }
    return {};
}

Status SchemaLoader::check_directives(std::span<const Value> directives, std::string_view location,
                                      std::string_view inside, AppliedAt applied) {
    std::set<std::string> seen;
    for (const Value& directive : directives) {
        const std::string name = text_of(directive, "Name");
        MERLON_TRY(check_name(directive, name));
        if (!inside.empty() && name == inside) {
            return at_node(directive, "Directive " + name + " cannot refer to itself.");
        }
        const auto found = schema_.directives.find(name);
        if (found == schema_.directives.end()) {
            return at_node(directive, "Undefined directive " + name + ".");
        }
        const bool is_repeated = !seen.insert(name).second;
        if (applied == AppliedAt::kOnePlace && is_repeated &&
            !truth_of(found->second, "IsRepeatable")) {
            return at_node(directive,
                           "The directive " + name + " can only be used once at this location.");
        }
        MERLON_TRY(check_directive(directive, found->second, location));
    }
    return {};
}

Status SchemaLoader::check_directive(const Value& directive, const Value& definition,
                                     std::string_view location) {
    const std::string name = text_of(directive, "Name");
    const auto locations = list_of(definition, "Locations");
    const bool is_applicable = std::ranges::any_of(locations, [location](const Value& one) {
        return one.is_string() && one.as_string() == location;
    });
    if (!is_applicable) {
        return at_node(directive, "Directive " + name + " is not applicable on " +
                                      std::string(location) + ".");
    }
    const auto arguments = list_of(directive, "Arguments");
    for (const Value& argument : arguments) {
        const std::string argument_name = text_of(argument, "Name");
        if (named(list_of(definition, "Arguments"), argument_name) == nullptr) {
            return at_node(argument,
                           "Undefined argument " + argument_name + " for directive " + name + ".");
        }
    }
    for (const Value& wanted : list_of(definition, "Arguments")) {
        const Value* type = wanted.find("Type");
        const bool is_required =
            type != nullptr && truth_of(*type, "NonNull") && wanted.find("DefaultValue") == nullptr;
        const Value* given = named(arguments, text_of(wanted, "Name"));
        const Value* literal = given == nullptr ? nullptr : given->find("Value");
        const bool is_null = literal == nullptr || text_of(*literal, "Raw") == "null";
        if (is_required && is_null) {
            return at_node(directive, "Argument " + text_of(wanted, "Name") + " for directive " +
                                          name + " cannot be null.");
        }
    }
    return {};
}

Status SchemaLoader::check_fields(const Type& type) {
    const bool is_input = type.kind == "INPUT_OBJECT";
    for (const Value& field : type.fields) {
        MERLON_TRY(check_name(field, text_of(field, "Name")));
        const Value* field_type = field.find("Type");
        if (field_type == nullptr) return at_node(field, "a field without type");
        MERLON_TRY(check_reference(*field_type));
        MERLON_TRY(check_arguments(list_of(field, "Arguments"), ""));
        MERLON_TRY(check_directives(list_of(field, "Directives"),
                                    is_input ? "INPUT_FIELD_DEFINITION" : "FIELD_DEFINITION", "",
                                    AppliedAt::kOnePlace));
    }
    return {};
}

Status SchemaLoader::check_members(const Type& type) {
    for (const std::string& member : type.members) {
        const Type* known = schema_.find(member);
        if (known == nullptr) {
            return at_node(type.place, "Undefined type " + quoted(member) + ".");
        }
        if (known->kind != "OBJECT") {
            return at_node(type.place, type.kind + " type " + quoted(member) + " must be OBJECT.");
        }
    }
    return {};
}

bool SchemaLoader::is_covariant(const Value& required, const Value& actual) const {
    if (truth_of(required, "NonNull") && !truth_of(actual, "NonNull")) return false;
    const std::string name = text_of(required, "NamedType");
    if (!name.empty()) {
        const std::string other = text_of(actual, "NamedType");
        const auto possible = schema_.possible.find(name);
        return name == other ||
               (possible != schema_.possible.end() && possible->second.contains(other));
    }
    const Value* element = required.find("Elem");
    const Value* other = actual.find("Elem");
    return element == nullptr ? other == nullptr
                              : other != nullptr && is_covariant(*element, *other);
}

Status SchemaLoader::check_same_arguments(const Type& type, const Type& other,
                                          const Value& required, const Value& found) {
    const std::string field = text_of(required, "Name");
    const std::string both = "For " + type.name + " to implement " + other.name + " ";
    const auto given = list_of(found, "Arguments");
    for (const Value& wanted : list_of(required, "Arguments")) {
        const std::string name = text_of(wanted, "Name");
        const Value* same = named(given, name);
        if (same == nullptr) {
            return at_node(found, both + "the field " + field +
                                      " must have the same arguments but it is missing " + name +
                                      ".");
        }
        if (type_text(type_of(wanted)) != type_text(type_of(*same))) {
            return at_node(*same, both + "the field " + field +
                                      " must have the same arguments but " + name +
                                      " has the wrong type.");
        }
    }
    for (const Value& more : given) {
        const bool is_new = named(list_of(required, "Arguments"), text_of(more, "Name")) == nullptr;
        const Value& more_type = type_of(more);
        if (is_new && truth_of(more_type, "NonNull") && more.find("DefaultValue") == nullptr) {
            return at_node(more, both + "any additional arguments on " + field +
                                     " must be optional or have a default value but " +
                                     text_of(more, "Name") + " is required.");
        }
    }
    return {};
}

Status SchemaLoader::check_implements(const Type& type, const std::string& interface) {
    const Type* other = schema_.find(interface);
    if (other == nullptr) {
        return at_node(type.place, "Undefined type " + quoted(interface) + ".");
    }
    if (other->kind != "INTERFACE") {
        return at_node(type.place,
                       quoted(interface) + " is a non interface type " + other->kind + ".");
    }
    for (const Value& required : other->fields) {
        const std::string name = text_of(required, "Name");
        const std::string both = "For " + type.name + " to implement " + other->name + " ";
        const Value* found = named(type.fields, name);
        if (found == nullptr) {
            return at_node(type.place, both + "it must have a field called " + name + ".");
        }
        const Value* wanted = required.find("Type");
        const Value* actual = found->find("Type");
        if (wanted == nullptr || actual == nullptr) return at_node(*found, "a field without type");
        if (!is_covariant(*wanted, *actual)) {
            return at_node(
                *found, both + "the field " + name + " must have type " + type_text(*wanted) + ".");
        }
        MERLON_TRY(check_same_arguments(type, *other, required, *found));
    }
    for (const std::string& above : other->interfaces) {
        if (std::ranges::find(type.interfaces, above) != type.interfaces.end()) continue;
        if (above == type.name) {
            return at_node(type.place, "Type " + type.name + " cannot implement " + interface +
                                           " because it would create a circular reference.");
        }
        return at_node(type.place, "Type " + type.name + " must implement " + above +
                                       " because it is implemented by " + interface + ".");
    }
    return {};
}

Status SchemaLoader::check_kind(const Type& type) {
    const std::string what = type.kind + " " + type.name + ": ";
    const bool has_output = type.kind == "OBJECT" || type.kind == "INTERFACE";
    const bool has_input = type.kind == "INPUT_OBJECT";
    if ((has_output || has_input) && type.fields.empty()) {
        return at_node(type.place, what + "must define one or more " +
                                       (has_input ? "input fields." : "fields."));
    }
    for (const Value& field : type.fields) {
        const Type& used = *schema_.find(type_name(type_of(field)));
        if (has_output && used.kind == "INPUT_OBJECT") {
            return at_node(field, what +
                                      "field must be one of SCALAR, OBJECT, INTERFACE, UNION, "
                                      "ENUM.");
        }
        if (has_input && !used.is_input()) {
            return at_node(field, used.kind + " " + text_of(field, "Name") +
                                      ": field must be one of SCALAR, ENUM, INPUT_OBJECT.");
        }
    }
    if (type.kind != "ENUM") return {};
    if (type.choices.empty()) {
        return at_node(type.place, what + "must define one or more unique enum values.");
    }
    for (const Value& choice : type.choices) {
        const std::string name = text_of(choice, "Name");
        if (name == "true" || name == "false" || name == "null") {
            return at_node(type.place, what + "non-enum value " + name + ".");
        }
        MERLON_TRY(check_directives(list_of(choice, "Directives"), "ENUM_VALUE", "",
                                    AppliedAt::kOnePlace));
    }
    return {};
}

Status SchemaLoader::check_unique(const Type& type) {
    std::set<std::string> seen;
    for (const Value& field : type.fields) {
        const std::string name = text_of(field, "Name");
        if (seen.insert(name).second) continue;
        return at_node(field, "Field " + type.name + "." + name + " can only be defined once.");
    }
    seen.clear();
    for (const Value& choice : type.choices) {
        const std::string name = text_of(choice, "Name");
        if (seen.insert(name).second) continue;
        return at_node(choice,
                       "Enum value " + type.name + "." + name + " can only be defined once.");
    }
    seen.clear();
    for (const std::string& member : type.members) {
        if (seen.insert(member).second) continue;
        return at_node(type.place,
                       "Union type " + type.name + " can only include type " + member + " once.");
    }
    return {};
}

Status SchemaLoader::check_type(const Type& type) {
    MERLON_TRY(type.is_built_in ? Status() : check_fields(type));
    MERLON_TRY(check_members(type));
    for (const std::string& interface : type.interfaces) {
        MERLON_TRY(check_implements(type, interface));
    }
    MERLON_TRY(check_kind(type));
    MERLON_TRY(check_unique(type));
    if (!type.is_built_in) MERLON_TRY(check_name(type.place, type.name));
    return check_directives(type.directives, type.kind, "", AppliedAt::kSeveral);
}

// Input objects that need themselves: a circle of fields that cannot be null.
Status SchemaLoader::find_circle(const Type& type, std::vector<const Value*>& way,
                                 std::map<std::string, std::size_t>& on_way,
                                 std::set<std::string>& seen) {
    if (!seen.insert(type.name).second) return {};
    on_way[type.name] = way.size();
    for (const Value& field : type.fields) {
        const Value& field_type = type_of(field);
        const Type* next = schema_.find(text_of(field_type, "NamedType"));
        if (!truth_of(field_type, "NonNull") || next == nullptr || next->kind != "INPUT_OBJECT") {
            continue;
        }
        way.push_back(&field);
        if (const auto at = on_way.find(next->name); at != on_way.end()) {
            std::string names;
            for (std::size_t i = at->second; i < way.size(); ++i) {
                names += (names.empty() ? "" : ".") + text_of(*way[i], "Name");
            }
            return at_node(
                *way[at->second],
                "Cannot reference Input Object " + quoted(next->name) +
                    " within itself through a series of non-null fields: " + quoted(names) + ".");
        }
        constexpr std::size_t kMaxWay = 1'000;
        if (way.size() > kMaxWay) return at_node(field, "input objects are nested too deeply");
        MERLON_TRY(find_circle(*next, way, on_way, seen));
        way.pop_back();
    }
    on_way.erase(type.name);
    return {};
}

Status SchemaLoader::check_circles() {
    std::vector<const Value*> way;
    std::map<std::string, std::size_t> on_way;
    std::set<std::string> seen;
    for (const auto& [name, type] : schema_.types) {
        if (type.kind == "INPUT_OBJECT") MERLON_TRY(find_circle(type, way, on_way, seen));
    }
    return {};
}

// Section 4.2: the fields of the query type that say what the schema is.
void SchemaLoader::add_introspection() {
    const auto root = schema_.roots.find("query");
    const auto type =
        root == schema_.roots.end() ? schema_.types.end() : schema_.types.find(root->second);
    if (type == schema_.types.end()) return;
    const auto key = [this](std::string_view name) { return values_.key(name); };
    const auto named_type = [&](std::string_view name, bool is_required) {  // NOLINT: private
        const value::Builder::Entry members[] = {{key("NamedType"), values_.string(name)},
                                                 {key("NonNull"), values_.boolean(is_required)}};
        return values_.object(members);
    };
    const auto node = [&](std::string_view name, const Value& of,
                          std::span<const Value> arguments) {
        const value::Builder::Entry members[] = {{key("Name"), values_.string(name)},
                                                 {key("Type"), of},
                                                 {key("Arguments"), values_.array(arguments)}};
        return values_.object(members);
    };
    const Value name[] = {node("name", named_type("String", true), {})};
    type->second.fields.push_back(node("__schema", named_type("__Schema", true), {}));
    type->second.fields.push_back(node("__type", named_type("__Type", false), name));
}

Result<Schema> SchemaLoader::load(const Value& document) {
    const Value prelude = MERLON_TRY(parse_schema(kPrelude, values_));
    MERLON_TRY(define(prelude, true));
    MERLON_TRY(define(document, false));
    MERLON_TRY(extend(document));
    find_possible_types();
    const auto schemas = list_of(document, "Schema");
    if (schemas.size() > 1) {
        return at_node(schemas[1],
                       "Cannot have multiple schema entry points, consider schema extensions "
                       "instead.");
    }
    MERLON_TRY(take_roots(schemas));
    MERLON_TRY(take_roots(list_of(document, "SchemaExtension")));
    for (const auto& [name, type] : schema_.types) MERLON_TRY(check_type(type));
    MERLON_TRY(check_circles());
    for (const auto& [name, directive] : schema_.directives) {
        MERLON_TRY(check_name(directive, name));
        MERLON_TRY(check_arguments(list_of(directive, "Arguments"), name));
    }
    for (const auto& [operation, type] :
         {std::pair("query", "Query"), std::pair("mutation", "Mutation"),
          std::pair("subscription", "Subscription")}) {
        if (schemas.empty() && !schema_.roots.contains(operation) &&
            schema_.find(type) != nullptr) {
            schema_.roots[operation] = type;
        }
    }
    add_introspection();
    return std::move(schema_);
}

}  // namespace

std::string text_of(const Value& node, std::string_view name) {
    const Value* found = node.find(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

bool truth_of(const Value& node, std::string_view name) {
    const Value* found = node.find(name);
    return found != nullptr && found->is_boolean() && found->as_boolean();
}

std::span<const Value> list_of(const Value& node, std::string_view name) {
    const Value* found = node.find(name);
    if (found == nullptr || !found->is_array()) return {};
    return found->items();
}

const Value* named(std::span<const Value> nodes, std::string_view name) {
    const auto found = std::ranges::find_if(
        nodes, [name](const Value& node) { return text_of(node, "Name") == name; });
    return found == nodes.end() ? nullptr : &*found;
}

std::vector<std::string> names_of(std::span<const Value> nodes) {
    std::vector<std::string> names;
    for (const Value& node : nodes) names.push_back(text_of(node, "Name"));
    return names;
}

const Value& type_of(const Value& node) {
    static const Value kNothing;
    const Value* found = node.find("Type");
    return found == nullptr ? kNothing : *found;
}

std::string type_text(const Value& type) {
    const Value* element = type.find("Elem");
    std::string text =
        element == nullptr ? text_of(type, "NamedType") : "[" + type_text(*element) + "]";
    if (truth_of(type, "NonNull")) text += '!';
    return text;
}

std::string type_name(const Value& type) {
    const Value* element = type.find("Elem");
    return element == nullptr ? text_of(type, "NamedType") : type_name(*element);
}

std::string quoted(std::string_view text) { return syntax::go_quoted(text); }

Error at_node(const Value& node, std::string message) {
    Error error{std::move(message)};
    const auto place = list_of(node, kPlace);
    if (place.size() == 2 && place[0].is_number() && place[1].is_number()) {
        error.line = static_cast<std::uint32_t>(place[0].as_integer().value_or(0));
        error.column = static_cast<std::uint32_t>(place[1].as_integer().value_or(0));
    }
    return error;
}

Result<Schema> load_schema(const Value& document, value::Builder& values) {
    return SchemaLoader(values).load(document);
}

Status check_schema(const Value& schema, value::Builder& values) {
    MERLON_TRY(load_schema(schema, values));
    return {};
}

}  // namespace merlon::rego::graphql
