#include <algorithm>

#include "rego/graphql/query_checker.h"
#include "rego/graphql/query_overlaps.h"
#include "rego/graphql/suggestions.h"

// GraphQL October 2021, section 5: what holds of a query that a schema answers.

namespace merlon::rego::graphql {

using value::Value;

namespace {

// How many lists of types may stand in each other, of what a schema says of itself.
constexpr int kMaxIntrospectedLists = 3;

std::string_view location_of(std::string_view operation) {
    return operation == "mutation"       ? "MUTATION"
           : operation == "subscription" ? "SUBSCRIPTION"
                                         : "QUERY";
}

// The spreads of all sets inside, those of one set after those of the set around it.
std::vector<const Value*> spreads_below(std::span<const Value> selections) {
    std::vector<const Value*> spreads;
    std::vector<std::span<const Value>> sets{selections};
    while (!sets.empty()) {
        const std::span<const Value> set = sets.back();
        sets.pop_back();
        for (const Value& selection : set) {
            if (is_spread(selection)) {
                spreads.push_back(&selection);
            } else {
                sets.push_back(list_of(selection, "SelectionSet"));
            }
        }
    }
    return spreads;
}

// Which fields a set has at the top of an answer, each once.
class TopFields {
  public:
    explicit TopFields(std::span<const Value> fragments) : fragments_(fragments) {}

    void gather(std::span<const Value> selections, int depth) {
        for (const Value& selection : selections) {
            if (is_field(selection)) {
                if (names_.insert(text_of(selection, "Name")).second) found_.push_back(&selection);
            } else if (depth > kMaxQueryDepth) {
                return;
            } else if (!is_spread(selection)) {
                gather(list_of(selection, "SelectionSet"), depth + 1);
            } else {
                const std::string name = text_of(selection, "Name");
                const Value* const fragment = named(fragments_, name);
                if (fragment == nullptr) return;
                if (!spread_.insert(name).second) continue;
                gather(list_of(*fragment, "SelectionSet"), depth + 1);
            }
        }
    }
    const std::vector<const Value*>& found() const { return found_; }

  private:
    std::span<const Value> fragments_;
    std::set<std::string> names_;
    std::set<std::string> spread_;
    std::vector<const Value*> found_;
};

}  // namespace

QueryChecker::QueryChecker(const Value& query, const Schema& schema, value::Builder& values)
    : schema_(schema),
      operations_(list_of(query, "Operations")),
      fragments_(list_of(query, "Fragments")) {
    // What each type has (section 4.1).
    const value::Builder::Entry named_type[] = {{values.key("NamedType"), values.string("String")}};
    const value::Builder::Entry members[] = {{values.key("Name"), values.string("__typename")},
                                             {values.key("Type"), values.object(named_type)}};
    type_name_field_ = values.object(members);
}

Result<std::vector<Error>> QueryChecker::check() {
    for (const Value& operation : operations_) MERLON_TRY(walk_operation(operation));
    for (const Value& fragment : fragments_) MERLON_TRY(walk_fragment(fragment));
    return std::move(errors_);
}

// ---- the walk ----

Status QueryChecker::walk_operation(const Value& operation) {
    operation_ = &operation;
    walked_spreads_.clear();
    used_variables_.clear();
    variables_ = list_of(operation, "VariableDefinitions");
    const auto wanted_of = [this](const Value& variable) {
        return Wanted{&type_of(variable), schema_.find(type_name(type_of(variable))), false};
    };
    for (const Value& variable : variables_) {
        if (wanted_of(variable).definition != nullptr) continue;
        add(variable, "Unknown type " + in_quotes(type_name(type_of(variable))) + ".");
    }
    const std::string kind = text_of(operation, "Operation");
    const Type* const root = schema_.root(kind.empty() ? "query" : kind);
    for (const Value& variable : variables_) {
        if (const Value* preset = variable.find("DefaultValue")) {
            MERLON_TRY(walk_literal(*preset, wanted_of(variable), 0));
        }
        MERLON_TRY(walk_directives(variable, "VARIABLE_DEFINITION"));
    }
    MERLON_TRY(walk_directives(operation, location_of(kind)));
    MERLON_TRY(walk_selections(list_of(operation, "SelectionSet"), root, 0));
    MERLON_TRY(after_operation(operation, root));
    operation_ = nullptr;
    variables_ = {};
    return {};
}

Status QueryChecker::walk_fragment(const Value& fragment) {
    walked_spreads_.clear();
    const Type* const type = schema_.find(text_of(fragment, "TypeCondition"));
    MERLON_TRY(walk_directives(fragment, "FRAGMENT_DEFINITION"));
    MERLON_TRY(walk_selections(list_of(fragment, "SelectionSet"), type, 0));
    return after_fragment(fragment, type);
}

Status QueryChecker::walk_directives(const Value& node, std::string_view location) {
    const auto directives = list_of(node, "Directives");
    const auto definition_of = [this](const Value& directive) -> const Value* {
        const auto found = schema_.directives.find(text_of(directive, "Name"));
        return found == schema_.directives.end() ? nullptr : &found->second;
    };
    for (const Value& directive : directives) {
        const Value* const definition = definition_of(directive);
        for (const Value& argument : list_of(directive, "Arguments")) {
            const Value* const known =
                definition == nullptr
                    ? nullptr
                    : named(list_of(*definition, "Arguments"), text_of(argument, "Name"));
            MERLON_TRY(walk_argument(known, argument));
        }
        after_directive(directive, definition, location);
    }
    std::set<std::string> seen;
    for (const Value& directive : directives) {
        const std::string name = text_of(directive, "Name");
        const Value* const definition = definition_of(directive);
        const bool may_repeat = definition != nullptr && truth_of(*definition, "IsRepeatable");
        if (seen.insert(name).second || may_repeat) continue;
        add(directive,
            "The directive " + in_quotes("@" + name) + " can only be used once at this location.");
    }
    return {};
}

Status QueryChecker::walk_argument(const Value* definition, const Value& argument) {
    const Value* const literal = argument.find("Value");
    if (literal == nullptr) return {};
    Wanted wanted;
    if (definition != nullptr) {
        const Value* const preset = definition->find("DefaultValue");
        wanted = {&type_of(*definition), schema_.find(type_name(type_of(*definition))),
                  preset != nullptr && kind_of(*preset) != LiteralKind::kNull};
    }
    return walk_literal(*literal, wanted, 0);
}

Status QueryChecker::walk_selections(Selections selections, const Type* parent, int depth) {
    if (depth > kMaxQueryDepth) return Error{"the query is nested too deeply"};
    for (const Value& selection : selections) {
        MERLON_TRY(spend());
        MERLON_TRY(is_field(selection)    ? walk_field(selection, parent, depth)
                   : is_spread(selection) ? walk_spread(selection, parent, depth)
                                          : walk_inline(selection, parent, depth));
    }
    return {};
}

Status QueryChecker::walk_field(const Value& field, const Type* parent, int depth) {
    const std::string name = text_of(field, "Name");
    FieldFacts facts{parent, nullptr};
    if (name == "__typename") {
        facts.definition = &type_name_field_;
    } else if (parent != nullptr) {
        facts.definition = named(parent->fields, name);
    }
    fields_[&field] = facts;
    const Type* const type =
        facts.definition == nullptr ? nullptr : schema_.find(type_name(type_of(*facts.definition)));
    for (const Value& argument : list_of(field, "Arguments")) {
        const Value* const known =
            facts.definition == nullptr
                ? nullptr
                : named(list_of(*facts.definition, "Arguments"), text_of(argument, "Name"));
        MERLON_TRY(walk_argument(known, argument));
    }
    MERLON_TRY(walk_directives(field, "FIELD"));
    MERLON_TRY(walk_selections(list_of(field, "SelectionSet"), type, depth + 1));
    return after_field(field, facts);
}

Status QueryChecker::walk_inline(const Value& fragment, const Type* parent, int depth) {
    const std::string condition = text_of(fragment, "TypeCondition");
    const Type* const named_type = schema_.find(condition);
    const Type* const type = condition.empty() ? parent : named_type;
    const auto selections = list_of(fragment, "SelectionSet");
    MERLON_TRY(walk_directives(fragment, "INLINE_FRAGMENT"));
    MERLON_TRY(walk_selections(selections, type, depth + 1));
    if (named_type != nullptr && !named_type->is_composite()) {
        add(fragment,
            "Fragment cannot condition on non composite type " + in_quotes(condition) + ".");
    }
    if (!condition.empty() && named_type == nullptr) {
        add(fragment, "Unknown type " + in_quotes(condition) + ".");
    }
    MERLON_TRY(merge_fields(selections));
    if (!can_be_spread(parent, named_type)) {
        add(fragment, "Fragment cannot be spread here as objects of type " +
                          in_quotes(parent->name) + " can never be of type " +
                          in_quotes(condition) + ".");
    }
    return {};
}

Status QueryChecker::walk_spread(const Value& spread, const Type* parent, int depth) {
    const std::string name = text_of(spread, "Name");
    const Value* const fragment = named(fragments_, name);
    const std::string condition =
        fragment == nullptr ? std::string() : text_of(*fragment, "TypeCondition");
    const Type* const type = fragment == nullptr ? nullptr : schema_.find(condition);
    MERLON_TRY(walk_directives(spread, "FRAGMENT_SPREAD"));
    if (fragment != nullptr && walked_spreads_.insert(name).second) {
        MERLON_TRY(walk_directives(*fragment, "FRAGMENT_DEFINITION"));
        MERLON_TRY(walk_selections(list_of(*fragment, "SelectionSet"), type, depth + 1));
    }
    if (fragment == nullptr) add(spread, "Unknown fragment " + in_quotes(name) + ".");
    // As gqlparser has it: what the first fragment spreads is used, before that one is left.
    if (!has_left_fragment_) used_fragments_.insert(name);
    if (!can_be_spread(parent, type)) {
        add(spread, "Fragment " + in_quotes(name) + " cannot be spread here as objects of type " +
                        in_quotes(parent->name) + " can never be of type " + in_quotes(condition) +
                        ".");
    }
    return {};
}

// ---- the rules ----

Status QueryChecker::after_operation(const Value& operation, const Type* root) {
    const std::string kind = text_of(operation, "Operation");
    const std::string name = text_of(operation, "Name");
    if (root == nullptr) {
        add(operation, "Schema does not support operation type " + in_quotes(kind));
    }
    if (name.empty() && operations_.size() > 1) {
        add(operation, "This anonymous operation must be the only defined operation.");
    }
    for (const Value& variable : variables_) {
        if (used_variables_.contains(&variable)) continue;
        add(variable, "Variable " + in_quotes("$" + text_of(variable, "Variable")) +
                          " is never used" +
                          (name.empty() ? "." : " in operation " + in_quotes(name) + "."));
    }
    MERLON_TRY(merge_fields(list_of(operation, "SelectionSet")));
    if (root != nullptr && kind == "subscription") check_subscription(operation);
    if (!known_operations_.insert(name).second) {
        add(operation, "There can be only one operation named " + in_quotes(name) + ".");
    }
    std::map<std::string, int> counts;
    for (const Value& variable : variables_) {
        const std::string variable_name = text_of(variable, "Variable");
        if (counts[variable_name]++ != 1) continue;
        add(variable,
            "There can be only one variable named " + in_quotes("$" + variable_name) + ".");
    }
    for (const Value& variable : variables_) {
        const Type* const type = schema_.find(type_name(type_of(variable)));
        if (type == nullptr || type->is_input()) continue;
        add(variable, "Variable " + in_quotes("$" + text_of(variable, "Variable")) +
                          " cannot be non-input type " + in_quotes(type_text(type_of(variable))) +
                          ".");
    }
    return {};
}

void QueryChecker::check_subscription(const Value& operation) {
    TopFields top(fragments_);
    top.gather(list_of(operation, "SelectionSet"), 0);
    const std::string name = text_of(operation, "Name");
    const std::string title =
        name.empty() ? "Anonymous Subscription" : "Subscription " + quoted(name);
    if (top.found().size() > 1) {
        add(*top.found()[1], title + " must select only one top level field.");
    }
    for (const Value* field : top.found()) {
        if (!text_of(*field, "Name").starts_with("__")) continue;
        add(*field, title + " must not select an introspection top level field.");
    }
}

// What the implementations and their interfaces have, those that are used most in front.
void QueryChecker::suggest_field(const Value& field, const Type& parent) {
    const std::string name = text_of(field, "Name");
    std::string message =
        "Cannot query field " + in_quotes(name) + " on type " + in_quotes(parent.name) + ".";
    std::vector<std::string> types;
    std::map<std::string, int> counts;
    const auto possible = schema_.possible.find(parent.name);
    const bool is_abstract = parent.kind == "INTERFACE" || parent.kind == "UNION";
    if (is_abstract && possible != schema_.possible.end()) {
        for (const std::string& one : possible->second) {
            const Type* const type = schema_.find(one);
            if (type == nullptr || named(type->fields, name) == nullptr) continue;
            types.push_back(one);
            for (const std::string& other : type->interfaces) {
                const Type* const interface = schema_.find(other);
                if (interface == nullptr || named(interface->fields, name) == nullptr) continue;
                if (counts[other]++ == 0) types.push_back(other);
            }
        }
    }
    std::ranges::sort(types, [&counts](const std::string& left, const std::string& right) {
        return std::pair(-counts[left], left) < std::pair(-counts[right], right);
    });
    if (!types.empty()) {
        message +=
            " Did you mean to use an inline fragment on " + listed_names(types, Quotes::kYes) + "?";
    } else if (parent.kind == "OBJECT" || parent.kind == "INTERFACE") {
        message += suggestion("Did you mean", name, names_of(parent.fields));
    }
    add(field, std::move(message));
}

Status QueryChecker::after_field(const Value& field, const FieldFacts& facts) {
    const std::string name = text_of(field, "Name");
    const auto selections = list_of(field, "SelectionSet");
    if (facts.parent != nullptr && facts.definition == nullptr) {
        suggest_field(field, *facts.parent);
    }
    if (facts.parent != nullptr && facts.definition != nullptr) {
        check_unknown_arguments(field, list_of(*facts.definition, "Arguments"),
                                "field " + in_quotes(facts.parent->name + "." + name));
    }
    std::set<std::string> spread;
    if ((name == "__schema" || name == "__type") &&
        exceeds_introspection(selections, spread, 0, 0)) {
        add(field, "Maximum introspection depth exceeded");
    }
    if (operation_ != nullptr) MERLON_TRY(merge_fields(selections));
    if (facts.definition != nullptr) {
        check_required_arguments(field, list_of(*facts.definition, "Arguments"),
                                 "Field " + in_quotes(name));
        const Value& type = type_of(*facts.definition);
        const Type* const known = schema_.find(type_name(type));
        const bool has_no_fields =
            known != nullptr && (known->kind == "SCALAR" || known->kind == "ENUM");
        if (has_no_fields && !selections.empty()) {
            add(field, "Field " + in_quotes(name) + " must not have a selection since type " +
                           in_quotes(known->name) + " has no subfields.");
        }
        if (known != nullptr && !has_no_fields && selections.empty()) {
            add(field, "Field " + in_quotes(name) + " of type " + in_quotes(type_text(type)) +
                           " must have a selection of subfields. Did you mean " +
                           in_quotes(name + " { ... }") + "?");
        }
    }
    check_unique_arguments(field);
    return {};
}

void QueryChecker::after_directive(const Value& directive, const Value* definition,
                                   std::string_view location) {
    const std::string name = text_of(directive, "Name");
    const std::string title = in_quotes("@" + name);
    if (definition == nullptr) {
        add(directive, "Unknown directive " + title + ".");
        return check_unique_arguments(directive);
    }
    const auto arguments = list_of(*definition, "Arguments");
    check_unknown_arguments(directive, arguments, "directive " + title);
    const auto locations = list_of(*definition, "Locations");
    const bool fits = std::ranges::any_of(locations, [location](const Value& one) {
        return one.is_string() && one.as_string() == location;
    });
    Error misplaced = at_node(
        directive, "Directive " + title + " may not be used on " + std::string(location) + ".");
    if (!fits && misplaced_directives_.emplace(name, misplaced.line, misplaced.column).second) {
        errors_.push_back(std::move(misplaced));
    }
    check_required_arguments(directive, arguments, "Directive " + title);
    check_unique_arguments(directive);
}

Status QueryChecker::after_fragment(const Value& fragment, const Type* type) {
    const std::string name = text_of(fragment, "Name");
    const std::string condition = text_of(fragment, "TypeCondition");
    if (type != nullptr && !condition.empty() && !type->is_composite()) {
        add(fragment, "Fragment " + in_quotes(name) + " cannot condition on non composite type " +
                          in_quotes(condition) + ".");
    }
    if (type == nullptr) {
        std::vector<std::string> types;
        for (const auto& [known, one] : schema_.types) types.push_back(known);
        add(fragment, "Unknown type " + in_quotes(condition) + "." +
                          suggestion("Did you mean", condition, types));
    }
    check_circles(fragment);
    has_left_fragment_ = true;
    if (!used_fragments_.contains(name)) {
        add(fragment, "Fragment " + in_quotes(name) + " is never used.");
    }
    MERLON_TRY(merge_fields(list_of(fragment, "SelectionSet")));
    if (!known_fragments_.insert(name).second) {
        add(fragment, "There can be only one fragment named " + in_quotes(name) + ".");
    }
    return {};
}

// Each fragment is looked at once, by the first way that leads to it.
void QueryChecker::check_circles(const Value& fragment) {
    struct Level {
        std::string name;
        std::vector<const Value*> spreads;
        std::size_t next = 0;
    };
    std::vector<Level> levels;
    std::vector<const Value*> way;  // the spreads that lead to the last level
    const auto enter = [&](const Value& one) {
        const std::string name = text_of(one, "Name");
        if (!fragments_without_circle_.insert(name).second) return false;
        levels.push_back({name, spreads_below(list_of(one, "SelectionSet"))});
        return true;
    };
    enter(fragment);
    while (!levels.empty()) {
        Level& level = levels.back();
        if (level.next == level.spreads.size()) {
            levels.pop_back();
            if (!way.empty()) way.pop_back();
            continue;
        }
        const Value* const spread = level.spreads[level.next++];
        const std::string name = text_of(*spread, "Name");
        const auto around = std::ranges::find(levels, name, &Level::name);
        if (around == levels.end()) {
            const Value* const other = named(fragments_, name);
            if (other != nullptr && enter(*other)) way.push_back(spread);
            continue;
        }
        std::string via;
        const auto first = static_cast<std::size_t>(around - levels.begin());
        for (const Value* step : std::span(way).subspan(first)) {
            via += (via.empty() ? " via " : ", ") + in_quotes(text_of(*step, "Name"));
        }
        add(*spread, "Cannot spread fragment " + in_quotes(name) + " within itself" + via + ".");
    }
}

void QueryChecker::check_unknown_arguments(const Value& node, std::span<const Value> definitions,
                                           const std::string& owner) {
    for (const Value& argument : list_of(node, "Arguments")) {
        const std::string name = text_of(argument, "Name");
        if (named(definitions, name) != nullptr) continue;
        add(node, "Unknown argument " + in_quotes(name) + " on " + owner + "." +
                      suggestion("Did you mean", name, names_of(definitions)));
    }
}

void QueryChecker::check_required_arguments(const Value& node, std::span<const Value> definitions,
                                            const std::string& owner) {
    for (const Value& definition : definitions) {
        const std::string name = text_of(definition, "Name");
        const bool is_required =
            truth_of(type_of(definition), "NonNull") && definition.find("DefaultValue") == nullptr;
        if (!is_required || named(list_of(node, "Arguments"), name) != nullptr) continue;
        add(node, owner + " argument " + in_quotes(name) + " of type " +
                      in_quotes(type_text(type_of(definition))) +
                      " is required, but it was not provided.");
    }
}

void QueryChecker::check_unique_arguments(const Value& node) {
    std::map<std::string, int> counts;
    for (const Value& argument : list_of(node, "Arguments")) {
        const std::string name = text_of(argument, "Name");
        if (counts[name]++ != 1) continue;
        add(argument, "There can be only one argument named " + in_quotes(name) + ".");
    }
}

// Whether some object may be of both types; also where too little is known of them.
bool QueryChecker::can_be_spread(const Type* parent, const Type* type) const {
    if (parent == nullptr || type == nullptr) return true;
    if (!parent->is_composite() || !type->is_composite()) return true;
    const auto possible = [this](const Type& one) {
        const auto found = schema_.possible.find(one.name);
        return found == schema_.possible.end() ? std::set<std::string>() : found->second;
    };
    const std::set<std::string> own =
        parent->kind == "OBJECT" ? std::set<std::string>{parent->name} : possible(*parent);
    return std::ranges::any_of(possible(*type),
                               [&own](const std::string& name) { return own.contains(name); });
}

bool QueryChecker::exceeds_introspection(Selections selections, std::set<std::string>& spread,
                                         int lists, int depth) const {
    if (depth > kMaxQueryDepth) return true;
    for (const Value& selection : selections) {
        const std::string name = text_of(selection, "Name");
        if (is_field(selection)) {
            const bool is_list = name == "fields" || name == "interfaces" ||
                                 name == "possibleTypes" || name == "inputFields";
            const int inside = lists + (is_list ? 1 : 0);
            if (is_list && inside >= kMaxIntrospectedLists) return true;
            if (exceeds_introspection(list_of(selection, "SelectionSet"), spread, inside,
                                      depth + 1)) {
                return true;
            }
        } else if (!is_spread(selection)) {
            if (exceeds_introspection(list_of(selection, "SelectionSet"), spread, lists,
                                      depth + 1)) {
                return true;
            }
        } else if (const Value* fragment = named(fragments_, name);
                   fragment != nullptr && spread.insert(name).second) {
            const bool exceeds =
                exceeds_introspection(list_of(*fragment, "SelectionSet"), spread, lists, depth + 1);
            spread.erase(name);
            if (exceeds) return true;
        }
    }
    return false;
}

Status QueryChecker::merge_fields(Selections selections) {
    OverlapFinder finder(schema_, fragments_, fields_, compared_fragments_,
                         [this] { return spend(); });
    std::vector<Error> found = MERLON_TRY(finder.find(selections));
    std::ranges::move(found, std::back_inserter(errors_));
    return {};
}

Result<std::vector<Error>> check_query(const Value& query, const Schema& schema,
                                       value::Builder& values) {
    return QueryChecker(query, schema, values).check();
}

}  // namespace merlon::rego::graphql
