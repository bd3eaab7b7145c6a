#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "rego/graphql/query_checker.h"
#include "rego/graphql/suggestions.h"

// What literals and variables of a query must be (sections 5.6 and 5.8).

namespace merlon::rego::graphql {

using value::Value;

namespace {

std::string literal_text(const Value& literal) {
    const std::string raw = text_of(literal, "Raw");
    const auto children = [&literal](char open, char close) {
        std::string text(1, open);
        for (const Value& child : list_of(literal, "Children")) {
            if (text.size() > 1) text += ',';
            if (open == '{') text += text_of(child, "Name") + ":";
            const Value* const inner = child.find("Value");
            text += inner == nullptr ? "<nil>" : literal_text(*inner);
        }
        return text + close;
    };
    switch (kind_of(literal)) {
        case LiteralKind::kVariable:
            return "$" + raw;
        case LiteralKind::kString:
        case LiteralKind::kBlock:
            return quoted(raw);
        case LiteralKind::kList:
            return children('[', ']');
        case LiteralKind::kObject:
            return children('{', '}');
        default:
            return raw;
    }
}

enum class Range : std::uint8_t { kNone, kInside, kOutside };
// Whether the text is an integer, and one of 32 or 64 bits.
template <typename Integer>
Range range_of(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    Integer number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end != text.data() + text.size() || code == std::errc::invalid_argument)
        return Range::kNone;
    return code == std::errc::result_out_of_range ? Range::kOutside : Range::kInside;
}

bool is_beyond_doubles(const std::string& text) {
    double number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    return code == std::errc::result_out_of_range && text.find("e-") == std::string::npos;
}

// Whether Go has no value for it.
bool has_no_value(const Value& literal) {
    const std::string raw = text_of(literal, "Raw");
    switch (kind_of(literal)) {
        case LiteralKind::kInteger:
            return range_of<std::int64_t>(raw) != Range::kInside;
        case LiteralKind::kFloat:
            return is_beyond_doubles(raw);
        case LiteralKind::kList:
        case LiteralKind::kObject:
            return std::ranges::any_of(list_of(literal, "Children"), [](const Value& child) {
                const Value* const inner = child.find("Value");
                return inner != nullptr && has_no_value(*inner);
            });
        default:
            return false;
    }
}

std::string unexpected_text(const Value& literal, const std::string& wanted,
                            const Type& definition) {
    const std::string shown = literal_text(literal);
    if (wanted == "Int" || wanted == "Int!") {
        const bool is_wide = range_of<std::int32_t>(text_of(literal, "Raw")) == Range::kOutside;
        return std::string("Int cannot represent non") +
               (is_wide ? " 32-bit signed integer" : "-integer") + " value: " + shown;
    }
    if (wanted == "String" || wanted == "String!" || wanted == "[String]") {
        return "String cannot represent a non string value: " + shown;
    }
    if (wanted == "Boolean" || wanted == "Boolean!") {
        return "Boolean cannot represent a non boolean value: " + shown;
    }
    if (wanted == "Float" || wanted == "Float!") {
        return "Float cannot represent non numeric value: " + shown;
    }
    if (wanted == "ID" || wanted == "ID!") {
        return "ID cannot represent a non-string and non-integer value: " + shown;
    }
    if (definition.kind == "ENUM") {
        return "Enum " + in_quotes(wanted) + " cannot represent non-enum value: " + shown + ".";
    }
    return "Expected value of type " + in_quotes(wanted) + ", found " + shown + ".";
}

bool is_one_of(const Type& type, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, type.name) != names.end();
}

// Whether a variable of the type `given` may stand where `wanted` is.
bool is_compatible(const Value& given, const Value& wanted, bool may_be_null) {  // NOLINT: private
    if (text_of(given, "NamedType") != text_of(wanted, "NamedType")) return false;
    const Value* const inner = given.find("Elem");
    const Value* const other = wanted.find("Elem");
    if (inner != nullptr && (other == nullptr || !is_compatible(*inner, *other, false))) {
        return false;
    }
    return may_be_null || !truth_of(wanted, "NonNull") || truth_of(given, "NonNull");
}

}  // namespace

LiteralKind kind_of(const Value& literal) {
    const Value* const kind = literal.find("Kind");
    const std::int64_t number =
        kind != nullptr && kind->is_number() ? kind->as_integer().value_or(-1) : -1;
    const bool is_known = number >= 0 && number <= static_cast<std::int64_t>(LiteralKind::kObject);
    return is_known ? static_cast<LiteralKind>(number) : LiteralKind::kNone;
}

const Value* QueryChecker::variable_of(const Value& literal) const {
    if (operation_ == nullptr || kind_of(literal) != LiteralKind::kVariable) return nullptr;
    const std::string name = text_of(literal, "Raw");
    const auto found = std::ranges::find_if(
        variables_, [&name](const Value& one) { return text_of(one, "Variable") == name; });
    return found == variables_.end() ? nullptr : &*found;
}

Status QueryChecker::walk_literal(const Value& literal, const Wanted& wanted, int depth) {
    if (depth > kMaxQueryDepth) return Error{"the query is nested too deeply"};
    MERLON_TRY(spend());
    const Value* const variable = variable_of(literal);
    if (variable != nullptr) used_variables_.insert(variable);
    const LiteralKind kind = kind_of(literal);
    if (kind == LiteralKind::kObject || kind == LiteralKind::kList) {
        for (const Value& child : list_of(literal, "Children")) {
            Wanted inner;
            if (kind == LiteralKind::kList) {
                const Value* const element =
                    wanted.type == nullptr ? nullptr : wanted.type->find("Elem");
                if (element != nullptr) inner = {element, wanted.definition, false};
            } else if (wanted.definition != nullptr) {
                const Value* const field = named(wanted.definition->fields, text_of(child, "Name"));
                if (field != nullptr) {
                    const Value* const preset = field->find("DefaultValue");
                    inner = {&type_of(*field), schema_.find(type_name(type_of(*field))),
                             preset != nullptr && kind_of(*preset) != LiteralKind::kNull};
                }
            }
            const Value* const value = child.find("Value");
            if (value != nullptr) MERLON_TRY(walk_literal(*value, inner, depth + 1));
        }
    }
    after_literal(literal, wanted, variable);
    return {};
}

void QueryChecker::after_literal(const Value& literal, const Wanted& wanted,
                                 const Value* variable) {
    const LiteralKind kind = kind_of(literal);
    if (operation_ != nullptr && kind == LiteralKind::kVariable && variable == nullptr) {
        const std::string name = text_of(*operation_, "Name");
        add(literal, "Variable " + in_quotes(literal_text(literal)) + " is not defined" +
                         (name.empty() ? "." : " by operation " + in_quotes(name) + "."));
    }
    if (kind == LiteralKind::kObject) {
        std::set<std::string> seen;
        for (const Value& child : list_of(literal, "Children")) {
            const std::string name = text_of(child, "Name");
            if (seen.insert(name).second) continue;
            add(child, "There can be only one input field named " + in_quotes(name) + ".");
        }
    }
    if (wanted.type != nullptr && wanted.definition != nullptr) check_value(literal, wanted);
    if (variable != nullptr && wanted.type != nullptr) check_position(literal, wanted, *variable);
    const bool is_one_of_many = kind == LiteralKind::kObject && wanted.definition != nullptr &&
                                named(wanted.definition->directives, "oneOf") != nullptr;
    if (!is_one_of_many) return;
    for (const Value& child : list_of(literal, "Children")) {
        const Value* const value = child.find("Value");
        const Value* const of = value == nullptr ? nullptr : variable_of(*value);
        if (of == nullptr || truth_of(type_of(*of), "NonNull")) continue;
        add(*of, "Variable " + in_quotes(literal_text(*value)) + " is of type " +
                     in_quotes(type_text(type_of(*of))) +
                     " but must be non-nullable to be used for OneOf Input Object " +
                     in_quotes(wanted.definition->name) + ".");
    }
}

void QueryChecker::check_value(const Value& literal, const Wanted& wanted) {
    const LiteralKind kind = kind_of(literal);
    const Type& type = *wanted.definition;
    const std::string written = type_text(*wanted.type);
    if (kind == LiteralKind::kNull && truth_of(*wanted.type, "NonNull")) {
        add(literal, "Expected value of type " + in_quotes(written) + ", found " +
                         literal_text(literal) + ".");
    }
    const bool is_own =
        type.kind == "SCALAR" && !is_one_of(type, {"Int", "Float", "String", "Boolean", "ID"});
    if (is_own) return;
    const auto refuse = [&] { add(literal, unexpected_text(literal, written, type)); };
    if (has_no_value(literal)) refuse();
    switch (kind) {
        case LiteralKind::kInteger:
            if (!is_one_of(type, {"Int", "Float", "ID"})) refuse();
            break;
        case LiteralKind::kFloat:
            if (type.name != "Float") refuse();
            break;
        case LiteralKind::kBoolean:
            if (type.name != "Boolean") refuse();
            break;
        case LiteralKind::kList:
            if (wanted.type->find("Elem") == nullptr) refuse();
            break;
        case LiteralKind::kString:
        case LiteralKind::kBlock:
        case LiteralKind::kEnum:
            check_enumerated(literal, wanted);
            break;
        case LiteralKind::kObject:
            check_members(literal, type);
            break;
        default:
            break;
    }
}

// Texts and names, which an enumeration may have meant.
void QueryChecker::check_enumerated(const Value& literal, const Wanted& wanted) {
    const Type& type = *wanted.definition;
    const std::string written = type_text(*wanted.type);
    const std::string raw = text_of(literal, "Raw");
    constexpr std::string_view kMeant = "Did you mean the enum value";
    const bool is_enum = type.kind == "ENUM";
    const std::vector<std::string> choices =
        is_enum ? names_of(type.choices) : std::vector<std::string>();
    if (kind_of(literal) == LiteralKind::kEnum) {
        if (!is_enum) {
            add(literal, unexpected_text(literal, written, type));
        } else if (named(type.choices, raw) == nullptr) {
            add(literal, "Value " + in_quotes(raw) + " does not exist in " + in_quotes(written) +
                             " enum." + suggestion(kMeant, raw, choices));
        }
    } else if (is_enum) {
        add(literal, "Enum " + in_quotes(written) + " cannot represent non-enum value: " +
                         literal_text(literal) + "." + suggestion(kMeant, raw, choices));
    } else if (!is_one_of(type, {"String", "ID"})) {
        add(literal, unexpected_text(literal, written, type));
    }
}

void QueryChecker::check_members(const Value& literal, const Type& type) {
    const auto children = list_of(literal, "Children");
    for (const Value& field : type.fields) {
        const std::string name = text_of(field, "Name");
        const bool is_required =
            truth_of(type_of(field), "NonNull") && field.find("DefaultValue") == nullptr;
        if (!is_required || named(children, name) != nullptr) continue;
        add(literal, "Field " + in_quotes(type.name + "." + name) + " of required type " +
                         in_quotes(type_text(type_of(field))) + " was not provided.");
    }
    for (const Value& directive : type.directives) {
        if (text_of(directive, "Name") != "oneOf") continue;
        if (children.size() != 1) {
            add(literal,
                "OneOf Input Object " + in_quotes(type.name) + " must specify exactly one key.");
            continue;
        }
        const Value* const value = children[0].find("Value");
        if (value != nullptr && kind_of(*value) == LiteralKind::kNull && !type.fields.empty()) {
            add(*value, "Field " + in_quotes(type.name + "." + text_of(type.fields[0], "Name")) +
                            " must be non-null.");
        }
    }
    for (const Value& child : children) {
        const std::string name = text_of(child, "Name");
        if (named(type.fields, name) != nullptr) continue;
        add(child, "Field " + in_quotes(name) + " is not defined by type " + in_quotes(type.name) +
                       "." + suggestion("Did you mean", name, names_of(type.fields)));
    }
}

// Section 5.8.5: a variable of a type that may be null fits one that may not only with a default.
void QueryChecker::check_position(const Value& literal, const Wanted& wanted,
                                  const Value& variable) {
    const Value* const preset = variable.find("DefaultValue");
    const bool is_preset = preset != nullptr && kind_of(*preset) != LiteralKind::kNull;
    if (is_compatible(type_of(variable), *wanted.type, is_preset || wanted.has_default)) return;
    add(literal, "Variable " + in_quotes(literal_text(literal)) + " of type " +
                     in_quotes(type_text(type_of(variable))) + " used in position expecting type " +
                     in_quotes(type_text(*wanted.type)) + ".");
}

}  // namespace merlon::rego::graphql
