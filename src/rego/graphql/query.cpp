#include <algorithm>
#include <functional>
#include <optional>

#include "rego/graphql/schema.h"

// GraphQL October 2021, section 5: what holds of a query that a schema answers.

namespace merlon::rego::graphql {
namespace {

using value::Value;

constexpr int kMaxDepth = 200;
constexpr std::size_t kMaxSteps = 200'000;

// gqlparser's numbers of kinds of values.
constexpr std::int64_t kVariable = 0;
constexpr std::int64_t kInteger = 1;
constexpr std::int64_t kFloat = 2;
constexpr std::int64_t kString = 3;
constexpr std::int64_t kBlock = 4;
constexpr std::int64_t kBoolean = 5;
constexpr std::int64_t kNull = 6;
constexpr std::int64_t kEnum = 7;
constexpr std::int64_t kList = 8;
constexpr std::int64_t kObject = 9;

std::int64_t kind_of(const Value& literal) {
    const Value* kind = literal.find("Kind");
    return kind != nullptr && kind->is_number() ? kind->as_integer().value_or(-1) : -1;
}

bool is_field(const Value& selection) { return selection.find("Alias") != nullptr; }
bool is_spread(const Value& selection) {
    return !is_field(selection) && selection.find("TypeCondition") == nullptr;
}

// Whose arguments are looked at, as gqlparser's rules call it.
struct ArgumentOwner {
    std::string title;  // Field "name"
    std::string whose;  // field "Type.name"
};

class QueryChecker {
  public:
    QueryChecker(const Value& query, const Schema& schema)
        : schema_(schema),
          operations_(list_of(query, "Operations")),
          fragments_(list_of(query, "Fragments")) {}

    Status check();

  private:
    Status check_names();
    Status check_operation(const Value& operation);
    Status check_variables(const Value& operation);
    Status check_fragment(const Value& fragment);
    Status check_circles(const Value& fragment, std::vector<std::string>& way);
    Status check_selections(std::span<const Value> selections, const Type* parent, int depth);
    Status check_field(const Value& field, const Type* parent, int depth);
    Status check_spread(const Value& spread, const Type* parent, int depth);
    Status check_inline(const Value& fragment, const Type* parent, int depth);
    Status check_condition(const Value& fragment, const std::string& condition,
                           std::string_view what);
    Status check_arguments(const Value& node, std::span<const Value> definitions,
                           const ArgumentOwner& owner, const Value& place);
    Status check_directives(const Value& node, std::string_view location);
    Status check_literal(const Value& literal, const Value& type, bool has_default);  // NOLINT
    Status check_scalar(const Value& literal, const Type& type, const Value& written);
    Status check_object(const Value& literal, const Type& type);
    Status check_variable(const Value& literal, const Value& type, bool has_default);  // NOLINT
    Status check_overlaps(std::span<const Value> selections, const Type* parent, int depth);
    using Flat = std::vector<std::pair<const Value*, const Type*>>;
    Status flatten(std::span<const Value> selections, const Type* parent, int depth, Flat& fields);
    std::optional<Value> definition_of(const Value& field, const Type& parent) const;
    bool may_be(const Type& left, const Type& right) const;
    Status spend() {
        if (++steps_ > kMaxSteps) return Error{"the query is too complex"};
        return {};
    }

    const Schema& schema_;
    std::span<const Value> operations_;
    std::span<const Value> fragments_;
    std::span<const Value> variables_;  // of the operation that is looked at
    std::set<std::string> used_variables_;
    std::set<std::string> used_fragments_;
    bool is_in_operation_ = false;
    std::size_t steps_ = 0;
};

Status QueryChecker::check_names() {
    std::set<std::string> seen;
    for (const Value& operation : operations_) {
        const std::string name = text_of(operation, "Name");
        if (name.empty() && operations_.size() > 1) {
            return at_node(operation,
                           "This anonymous operation must be the only defined operation.");
        }
        if (!seen.insert(name).second) {
            return at_node(operation,
                           "There can be only one operation named " + quoted(name) + ".");
        }
    }
    seen.clear();
    for (const Value& fragment : fragments_) {
        const std::string name = text_of(fragment, "Name");
        if (!seen.insert(name).second) {
            return at_node(fragment, "There can be only one fragment named " + quoted(name) + ".");
        }
    }
    return {};
}

Status QueryChecker::check() {
    MERLON_TRY(check_names());
    for (const Value& fragment : fragments_) {
        std::vector<std::string> way;
        MERLON_TRY(check_circles(fragment, way));
    }
    for (const Value& fragment : fragments_) MERLON_TRY(check_fragment(fragment));
    for (const Value& operation : operations_) MERLON_TRY(check_operation(operation));
    for (const Value& fragment : fragments_) {
        const std::string name = text_of(fragment, "Name");
        if (used_fragments_.contains(name)) continue;
        return at_node(fragment, "Fragment " + quoted(name) + " is never used.");
    }
    return {};
}

Status QueryChecker::check_circles(const Value& fragment, std::vector<std::string>& way) {
    const std::string name = text_of(fragment, "Name");
    if (std::ranges::find(way, name) != way.end()) {
        return at_node(fragment, "Cannot spread fragment " + quoted(name) + " within itself.");
    }
    if (way.size() > static_cast<std::size_t>(kMaxDepth)) return Error{"the query is too deep"};
    way.push_back(name);
    std::vector<std::span<const Value>> sets{list_of(fragment, "SelectionSet")};
    while (!sets.empty()) {
        const std::span<const Value> set = sets.back();
        sets.pop_back();
        for (const Value& selection : set) {
            MERLON_TRY(spend());
            sets.push_back(list_of(selection, "SelectionSet"));
            if (!is_spread(selection)) continue;
            const Value* other = named(fragments_, text_of(selection, "Name"));
            if (other != nullptr) MERLON_TRY(check_circles(*other, way));
        }
    }
    way.pop_back();
    return {};
}

Status QueryChecker::check_variables(const Value& operation) {
    variables_ = list_of(operation, "VariableDefinitions");
    std::set<std::string> seen;
    for (const Value& variable : variables_) {
        const std::string name = text_of(variable, "Variable");
        if (!seen.insert(name).second) {
            return at_node(variable,
                           "There can be only one variable named " + quoted("$" + name) + ".");
        }
        const std::string type = type_name(type_of(variable));
        const Type* known = schema_.find(type);
        if (known == nullptr) return at_node(variable, "Unknown type " + quoted(type) + ".");
        if (!known->is_input()) {
            return at_node(variable, "Variable " + quoted("$" + name) +
                                         " cannot be non-input type " +
                                         quoted(type_text(type_of(variable))) + ".");
        }
        if (const Value* preset = variable.find("DefaultValue")) {
            MERLON_TRY(check_literal(*preset, type_of(variable), true));
        }
        MERLON_TRY(check_directives(variable, "VARIABLE_DEFINITION"));
    }
    return {};
}

Status QueryChecker::check_operation(const Value& operation) {
    const std::string kind = text_of(operation, "Operation");
    const Type* root = schema_.root(kind);
    if (root == nullptr) {
        return at_node(operation, "Schema does not support operation type " + quoted(kind) + ".");
    }
    used_variables_.clear();
    is_in_operation_ = true;
    MERLON_TRY(check_variables(operation));
    const std::string location = kind == "query"      ? "QUERY"
                                 : kind == "mutation" ? "MUTATION"
                                                      : "SUBSCRIPTION";
    MERLON_TRY(check_directives(operation, location));
    const auto selections = list_of(operation, "SelectionSet");
    const std::string name = text_of(operation, "Name");
    if (kind == "subscription") {
        Flat fields;
        MERLON_TRY(flatten(selections, root, 0, fields));
        std::set<std::string> aliases;
        for (const auto& [field, parent] : fields) aliases.insert(text_of(*field, "Alias"));
        if (aliases.size() > 1) {
            return at_node(operation, (name.empty() ? std::string("Anonymous Subscription")
                                                    : "Subscription " + quoted(name)) +
                                          " must select only one top level field.");
        }
    }
    MERLON_TRY(check_selections(selections, root, 0));
    MERLON_TRY(check_overlaps(selections, root, 0));
    for (const Value& variable : variables_) {
        const std::string variable_name = text_of(variable, "Variable");
        if (used_variables_.contains(variable_name)) continue;
        std::string message = "Variable " + quoted("$" + variable_name) + " is never used";
        if (!name.empty()) message += " in operation " + quoted(name);
        return at_node(variable, message + ".");
    }
    is_in_operation_ = false;
    return {};
}

Status QueryChecker::check_condition(const Value& fragment, const std::string& condition,
                                     std::string_view what) {
    const Type* type = schema_.find(condition);
    if (type == nullptr) return at_node(fragment, "Unknown type " + quoted(condition) + ".");
    if (type->is_composite()) return {};
    return at_node(fragment, std::string(what) + " cannot condition on non composite type " +
                                 quoted(condition) + ".");
}

Status QueryChecker::check_fragment(const Value& fragment) {
    is_in_operation_ = false;
    const std::string condition = text_of(fragment, "TypeCondition");
    MERLON_TRY(
        check_condition(fragment, condition, "Fragment " + quoted(text_of(fragment, "Name"))));
    MERLON_TRY(check_directives(fragment, "FRAGMENT_DEFINITION"));
    return check_selections(list_of(fragment, "SelectionSet"), schema_.find(condition), 0);
}

Status QueryChecker::check_selections(std::span<const Value> selections, const Type* parent,
                                      int depth) {
    if (depth > kMaxDepth) return Error{"the query is nested too deeply"};
    for (const Value& selection : selections) {
        MERLON_TRY(spend());
        if (is_field(selection)) {
            MERLON_TRY(check_field(selection, parent, depth));
        } else if (is_spread(selection)) {
            MERLON_TRY(check_spread(selection, parent, depth));
        } else {
            MERLON_TRY(check_inline(selection, parent, depth));
        }
    }
    return {};
}

// The field as the type has it; its type alone for the fields that all have (section 4.1).
std::optional<Value> QueryChecker::definition_of(const Value& field, const Type& parent) const {
    const std::string name = text_of(field, "Name");
    const Value* found = named(parent.fields, name);
    if (found != nullptr) return *found;
    const Type* query = schema_.root("query");
    const bool is_root = query != nullptr && query->name == parent.name;
    const Type* meta = schema_.find("__Type");
    if (meta == nullptr) return std::nullopt;
    // __Type's own fields have the types that are wanted here.
    if (name == "__typename" && parent.is_composite()) return *named(meta->fields, "description");
    if (is_root && name == "__type") return *named(meta->fields, "ofType");
    const Type* schema = schema_.find("__Schema");
    if (is_root && name == "__schema" && schema != nullptr) {
        return *named(schema->fields, "queryType");
    }
    return std::nullopt;
}

Status QueryChecker::check_field(const Value& field, const Type* parent, int depth) {
    const std::string name = text_of(field, "Name");
    MERLON_TRY(check_directives(field, "FIELD"));
    if (parent == nullptr) return {};
    const auto definition = definition_of(field, *parent);
    if (!definition) {
        return at_node(
            field, "Cannot query field " + quoted(name) + " on type " + quoted(parent->name) + ".");
    }
    const auto selections = list_of(field, "SelectionSet");
    if (name == "__schema") {
        return check_selections(selections, schema_.find("__Schema"), depth + 1);
    }
    if (name != "__type") {
        MERLON_TRY(check_arguments(
            field, list_of(*definition, "Arguments"),
            {"Field " + quoted(name), "field " + quoted(parent->name + "." + name)}, field));
    }
    const Value& type = type_of(*definition);
    const Type* known = schema_.find(type_name(type));
    if (known == nullptr) return {};
    if (!known->is_composite() && !selections.empty()) {
        return at_node(field, "Field " + quoted(name) + " must not have a selection since type " +
                                  quoted(type_text(type)) + " has no subfields.");
    }
    if (known->is_composite() && selections.empty()) {
        return at_node(field, "Field " + quoted(name) + " of type " + quoted(type_text(type)) +
                                  " must have a selection of subfields. Did you mean " +
                                  quoted(name + " { ... }") + "?");
    }
    return check_selections(selections, known, depth + 1);
}

bool QueryChecker::may_be(const Type& left, const Type& right) const {
    const auto possible = [this](const Type& type) {
        const auto found = schema_.possible.find(type.name);
        return found == schema_.possible.end() ? std::set<std::string>() : found->second;
    };
    const std::set<std::string> others = possible(right);
    return std::ranges::any_of(possible(left),
                               [&](const std::string& name) { return others.contains(name); });
}

Status QueryChecker::check_spread(const Value& spread, const Type* parent, int depth) {
    const std::string name = text_of(spread, "Name");
    MERLON_TRY(check_directives(spread, "FRAGMENT_SPREAD"));
    const Value* fragment = named(fragments_, name);
    if (fragment == nullptr) return at_node(spread, "Unknown fragment " + quoted(name) + ".");
    const Type* type = schema_.find(text_of(*fragment, "TypeCondition"));
    if (parent != nullptr && type != nullptr && !may_be(*parent, *type)) {
        return at_node(
            spread, "Fragment " + quoted(name) + " cannot be spread here as objects of type " +
                        quoted(parent->name) + " can never be of type " + quoted(type->name) + ".");
    }
    if (!is_in_operation_) return {};
    used_fragments_.insert(name);
    return check_selections(list_of(*fragment, "SelectionSet"), type, depth + 1);
}

Status QueryChecker::check_inline(const Value& fragment, const Type* parent, int depth) {
    MERLON_TRY(check_directives(fragment, "INLINE_FRAGMENT"));
    const std::string condition = text_of(fragment, "TypeCondition");
    const Type* type = parent;
    if (!condition.empty()) {
        MERLON_TRY(check_condition(fragment, condition, "Fragment"));
        type = schema_.find(condition);
        if (parent != nullptr && !may_be(*parent, *type)) {
            return at_node(fragment, "Fragment cannot be spread here as objects of type " +
                                         quoted(parent->name) + " can never be of type " +
                                         quoted(condition) + ".");
        }
    }
    return check_selections(list_of(fragment, "SelectionSet"), type, depth + 1);
}

Status QueryChecker::check_arguments(const Value& node, std::span<const Value> definitions,
                                     const ArgumentOwner& owner, const Value& place) {
    const auto arguments = list_of(node, "Arguments");
    std::set<std::string> seen;
    for (const Value& argument : arguments) {
        const std::string name = text_of(argument, "Name");
        if (!seen.insert(name).second) {
            return at_node(argument, "There can be only one argument named " + quoted(name) + ".");
        }
        const Value* definition = named(definitions, name);
        if (definition == nullptr) {
            return at_node(place, "Unknown argument " + quoted(name) + " on " + owner.whose + ".");
        }
        const Value* literal = argument.find("Value");
        if (literal == nullptr) return at_node(argument, "an argument without value");
        MERLON_TRY(check_literal(*literal, type_of(*definition),
                                 definition->find("DefaultValue") != nullptr));
    }
    for (const Value& definition : definitions) {
        const std::string name = text_of(definition, "Name");
        const bool is_required =
            truth_of(type_of(definition), "NonNull") && definition.find("DefaultValue") == nullptr;
        if (!is_required || seen.contains(name)) continue;
        return at_node(place, owner.title + " argument " + quoted(name) + " of type " +
                                  quoted(type_text(type_of(definition))) +
                                  " is required, but it was not provided.");
    }
    return {};
}

Status QueryChecker::check_directives(const Value& node, std::string_view location) {
    std::set<std::string> seen;
    for (const Value& directive : list_of(node, "Directives")) {
        const std::string name = text_of(directive, "Name");
        const auto found = schema_.directives.find(name);
        if (found == schema_.directives.end()) {
            return at_node(directive, "Unknown directive " + quoted("@" + name) + ".");
        }
        const auto locations = list_of(found->second, "Locations");
        const bool fits = std::ranges::any_of(locations, [location](const Value& one) {
            return one.is_string() && one.as_string() == location;
        });
        if (!fits) {
            return at_node(directive, "Directive " + quoted("@" + name) + " may not be used on " +
                                          std::string(location) + ".");
        }
        if (!seen.insert(name).second && !truth_of(found->second, "IsRepeatable")) {
            return at_node(directive, "The directive " + quoted("@" + name) +
                                          " can only be used once at this location.");
        }
        MERLON_TRY(check_arguments(
            directive, list_of(found->second, "Arguments"),
            {"Directive " + quoted("@" + name), "directive " + quoted("@" + name)}, directive));
    }
    return {};
}

// Section 5.8.5: a variable of a type that may be null fits one that may not only with a default.
Status QueryChecker::check_variable(const Value& literal, const Value& type,
                                    bool has_default) {  // NOLINT: private
    const std::string name = text_of(literal, "Raw");
    if (!is_in_operation_) return {};
    used_variables_.insert(name);
    const auto variable = std::ranges::find_if(
        variables_, [&name](const Value& one) { return text_of(one, "Variable") == name; });
    if (variable == variables_.end()) {
        return at_node(literal, "Variable " + quoted("$" + name) + " is not defined.");
    }
    const Value* preset = variable->find("DefaultValue");
    const bool is_preset = (preset != nullptr && kind_of(*preset) != kNull) || has_default;
    const std::function<bool(const Value&, const Value&, bool)> fits =
        [&fits](const Value& given, const Value& wanted, bool may_be_null) {  // NOLINT
            if (truth_of(wanted, "NonNull") && !truth_of(given, "NonNull") && !may_be_null) {
                return false;
            }
            const Value* inner = given.find("Elem");
            const Value* other = wanted.find("Elem");
            if (inner == nullptr || other == nullptr) {
                return inner == other &&
                       text_of(given, "NamedType") == text_of(wanted, "NamedType");
            }
            return fits(*inner, *other, false);
        };
    if (fits(type_of(*variable), type, is_preset)) return {};
    return at_node(literal, "Variable " + quoted("$" + name) + " of type " +
                                quoted(type_text(type_of(*variable))) +
                                " used in position expecting type " + quoted(type_text(type)) +
                                ".");
}

Status QueryChecker::check_literal(const Value& literal, const Value& type,
                                   bool has_default) {  // NOLINT: private
    MERLON_TRY(spend());
    const std::int64_t kind = kind_of(literal);
    if (kind == kVariable) return check_variable(literal, type, has_default);
    if (kind == kNull) {
        if (!truth_of(type, "NonNull")) return {};
        return at_node(literal,
                       "Expected value of type " + quoted(type_text(type)) + ", found null.");
    }
    if (const Value* element = type.find("Elem")) {
        if (kind != kList) return check_literal(literal, *element, false);
        for (const Value& child : list_of(literal, "Children")) {
            const Value* item = child.find("Value");
            if (item != nullptr) MERLON_TRY(check_literal(*item, *element, false));
        }
        return {};
    }
    const Type* known = schema_.find(text_of(type, "NamedType"));
    if (known == nullptr) return {};
    if (known->kind == "INPUT_OBJECT") {
        if (kind == kObject) return check_object(literal, *known);
        return at_node(literal, "Expected value of type " + quoted(type_text(type)) + ", found " +
                                    text_of(literal, "Raw") + ".");
    }
    return check_scalar(literal, *known, type);
}

Status QueryChecker::check_scalar(const Value& literal, const Type& type, const Value& written) {
    const std::int64_t kind = kind_of(literal);
    const std::string raw = text_of(literal, "Raw");
    if (type.kind == "ENUM") {
        if (kind == kEnum && named(type.choices, raw) != nullptr) return {};
        const std::string shown = kind == kString || kind == kBlock ? quoted(raw) : raw;
        return at_node(
            literal,
            kind == kEnum
                ? "Value " + quoted(raw) + " does not exist in " + quoted(type.name) + " enum."
                : "Enum " + quoted(type.name) + " cannot represent non-enum value: " + shown + ".");
    }
    const bool is_text = kind == kString || kind == kBlock;
    const bool fits = type.name == "Int"       ? kind == kInteger
                      : type.name == "Float"   ? kind == kInteger || kind == kFloat
                      : type.name == "String"  ? is_text
                      : type.name == "Boolean" ? kind == kBoolean
                      : type.name == "ID"      ? is_text || kind == kInteger
                                               : true;
    if (fits) return {};
    return at_node(
        literal, type.name + " cannot represent " +
                     (type.name == "Int"                               ? "non-integer"
                      : type.name == "Float" || type.name == "Boolean" ? "non " + type_name(written)
                                                                       : "a non string") +
                     " value: " + (is_text ? quoted(raw) : raw) + ".");
}

Status QueryChecker::check_object(const Value& literal, const Type& type) {
    std::set<std::string> seen;
    for (const Value& child : list_of(literal, "Children")) {
        const std::string name = text_of(child, "Name");
        if (!seen.insert(name).second) {
            return at_node(child, "There can be only one input field named " + quoted(name) + ".");
        }
        const Value* field = named(type.fields, name);
        if (field == nullptr) {
            return at_node(child, "Field " + quoted(name) + " is not defined by type " +
                                      quoted(type.name) + ".");
        }
        const Value* item = child.find("Value");
        if (item != nullptr) {
            MERLON_TRY(
                check_literal(*item, type_of(*field), field->find("DefaultValue") != nullptr));
        }
    }
    for (const Value& field : type.fields) {
        const std::string name = text_of(field, "Name");
        const bool is_required =
            truth_of(type_of(field), "NonNull") && field.find("DefaultValue") == nullptr;
        if (!is_required || seen.contains(name)) continue;
        return at_node(literal, "Field " + quoted(type.name + "." + name) + " of required type " +
                                    quoted(type_text(type_of(field))) + " was not provided.");
    }
    return {};
}

// All fields that stand at one place of an answer, those of fragments among them.
Status QueryChecker::flatten(std::span<const Value> selections, const Type* parent, int depth,
                             Flat& fields) {
    if (depth > kMaxDepth) return Error{"the query is nested too deeply"};
    for (const Value& selection : selections) {
        MERLON_TRY(spend());
        if (is_field(selection)) {
            fields.emplace_back(&selection, parent);
            continue;
        }
        const Value* fragment =
            is_spread(selection) ? named(fragments_, text_of(selection, "Name")) : &selection;
        if (fragment == nullptr) continue;
        const std::string condition = text_of(*fragment, "TypeCondition");
        MERLON_TRY(flatten(list_of(*fragment, "SelectionSet"),
                           condition.empty() ? parent : schema_.find(condition), depth + 1,
                           fields));
    }
    return {};
}

// Section 5.3.2: what has one name in the answer is one field with the same arguments, unless no
// object can be of both types.
Status QueryChecker::check_overlaps(std::span<const Value> selections, const Type* parent,
                                    int depth) {
    Flat fields;
    MERLON_TRY(flatten(selections, parent, depth, fields));
    const auto shape = [](const Value& field) {
        std::set<std::string> texts;
        for (const Value& argument : list_of(field, "Arguments")) {
            const Value* literal = argument.find("Value");
            std::string text = text_of(argument, "Name") + ":";
            if (literal != nullptr) text += text_of(*literal, "Raw");
            texts.insert(std::move(text));
        }
        return texts;
    };
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto& [field, type] = fields[i];
        const std::string alias = text_of(*field, "Alias");
        for (std::size_t j = 0; j < i; ++j) {
            MERLON_TRY(spend());
            const auto& [other, other_type] = fields[j];
            if (text_of(*other, "Alias") != alias) continue;
            const bool are_apart = type != nullptr && other_type != nullptr && type != other_type &&
                                   type->kind == "OBJECT" && other_type->kind == "OBJECT";
            const std::string message = "Fields " + quoted(alias) + " conflict because ";
            const std::string remedy =
                ". Use different aliases on the fields to fetch both if this was intentional.";
            if (!are_apart && text_of(*field, "Name") != text_of(*other, "Name")) {
                return at_node(*other, message + quoted(text_of(*other, "Name")) + " and " +
                                           quoted(text_of(*field, "Name")) +
                                           " are different fields" + remedy);
            }
            if (!are_apart && shape(*field) != shape(*other)) {
                return at_node(*other, message + "they have differing arguments" + remedy);
            }
        }
        const auto below = list_of(*field, "SelectionSet");
        const auto definition = type == nullptr ? std::nullopt : definition_of(*field, *type);
        if (!below.empty() && definition) {
            MERLON_TRY(
                check_overlaps(below, schema_.find(type_name(type_of(*definition))), depth + 1));
        }
    }
    return {};
}

}  // namespace

Status check_query(const Value& query, const Value& schema, value::Builder& values) {
    const Schema loaded = MERLON_TRY(load_schema(schema, values));
    return QueryChecker(query, loaded).check();
}

}  // namespace merlon::rego::graphql
