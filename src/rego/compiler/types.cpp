#include "rego/compiler/types.h"

#include <algorithm>

#include "rego/term.h"

namespace merlon::rego::compiler {

const Type kNullType{.kind = TypeKind::kNull};
const Type kBooleanType{.kind = TypeKind::kBoolean};
const Type kNumberType{.kind = TypeKind::kNumber};
const Type kStringType{.kind = TypeKind::kString};
const Type kAnyType{.kind = TypeKind::kAny};

const Type* bare(const Type* type) {
    return is_kind(type, TypeKind::kRecursive) ? type->value : type;
}

namespace {

using TypeList = std::span<const Type* const>;

int sign(std::size_t left, std::size_t right) { return left < right ? -1 : left > right ? 1 : 0; }

int compare_lists(TypeList left, TypeList right) {
    for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
        if (const int order = compare(left[i], right[i]); order != 0) return order;
    }
    return sign(left.size(), right.size());
}

int compare_objects(const Type& left, const Type& right) {
    if (left.has_others != right.has_others) return left.has_others ? 1 : -1;
    if (const int order = compare(left.key, right.key); order != 0) return order;
    if (const int order = compare(left.value, right.value); order != 0) return order;
    const std::size_t both = std::min(left.properties.size(), right.properties.size());
    for (std::size_t i = 0; i < both; ++i) {
        const Property& one = left.properties[i];
        const Property& other = right.properties[i];
        if (const int order = value::compare(one.key, other.key); order != 0) return order;
        if (const int order = compare(one.type, other.type); order != 0) return order;
    }
    return sign(left.properties.size(), right.properties.size());
}

const Property* find_property(const Type& object, const value::Value& key) {
    const auto found = std::ranges::lower_bound(
        object.properties, key,
        [](const value::Value& left, const value::Value& right) {
            return value::compare(left, right) < 0;
        },
        &Property::key);
    return found != object.properties.end() && value::compare(found->key, key) == 0 ? &*found
                                                                                    : nullptr;
}

// An array's item, also where only the type of the others says what it is.
const Type* item_of(const Type& array, std::size_t place) {
    return place < array.parts.size() ? array.parts[place] : array.value;
}

bool unify_items(const Type& left, const Type& right) {
    for (std::size_t i = 0; i < left.parts.size(); ++i) {
        if (!unify(left.parts[i], item_of(right, i))) return false;
    }
    return true;
}

const Type* scalar_type(const value::Value& value) {
    switch (value.kind()) {
        case value::Kind::kNull:
            return &kNullType;
        case value::Kind::kBoolean:
            return &kBooleanType;
        case value::Kind::kNumber:
            return &kNumberType;
        case value::Kind::kString:
            return &kStringType;
        default:
            return nullptr;
    }
}

// Whether an object may have this key among those that are not known.
bool is_other_key(const Type& object, const value::Value& key) {
    if (!object.has_others || object.key == nullptr) return false;
    const Type* const scalar = scalar_type(key);
    return scalar == nullptr ? is_everything(object.key) : contains(*object.key, scalar);
}

bool unify_properties(const Type& left, const Type& right) {
    for (const Property& property : left.properties) {
        const Property* const other = find_property(right, property.key);
        const Type* type = other == nullptr ? nullptr : other->type;
        if (other == nullptr && is_other_key(right, property.key)) type = right.value;
        if (type == nullptr) {
            const bool has_others = (left.has_others && left.value != nullptr) ||
                                    (right.has_others && right.value != nullptr);
            if (!has_others) return false;
            continue;
        }
        if (!unify(property.type, type)) return false;
    }
    return true;
}

bool unify_members(const Type& any, const Type* other) {
    if (other->kind == TypeKind::kFunction) return false;
    return any.parts.empty() || std::ranges::any_of(any.parts, [other](const Type* member) {
               return unify(member, other);
           });
}

// As Go prints what it has for JSON.
std::string go_text(const value::Value& value) {
    switch (value.kind()) {
        case value::Kind::kNull:
            return "<nil>";
        case value::Kind::kString:
            return std::string(value.as_string());
        case value::Kind::kArray: {
            std::string text;
            for (const value::Value& item : value.items()) {
                text += (text.empty() ? "" : " ") + go_text(item);
            }
            return "[" + text + "]";
        }
        case value::Kind::kObject: {
            std::string text;
            for (std::size_t i = 0; i < value.size(); ++i) {
                text += (text.empty() ? "" : " ") + go_text(value.keys()[i]) + ":" +
                        go_text(value.values()[i]);
            }
            return "map[" + text + "]";
        }
        default:
            return term_text(value);
    }
}

std::string list_text(TypeList types) {
    std::string text;
    for (const Type* type : types) {
        if (!text.empty()) text += ", ";
        text += to_text(type);
    }
    return text;
}

}  // namespace

std::string property_text(const Property& property, std::string_view type) {
    return go_text(property.key) + ": " + std::string(type);
}

int compare(const Type* left, const Type* right) {
    if (left == right) return 0;
    if (is_kind(left, TypeKind::kRecursive) && is_kind(right, TypeKind::kRecursive)) {
        return left->name.compare(right->name);
    }
    left = bare(left);
    right = bare(right);
    if (left == nullptr || right == nullptr) return left == right ? 0 : left == nullptr ? -1 : 1;
    if (left->kind != right->kind) return left->kind < right->kind ? -1 : 1;
    switch (left->kind) {
        case TypeKind::kArray:
            if ((left->value == nullptr) != (right->value == nullptr)) {
                return left->value == nullptr ? -1 : 1;
            }
            if (const int order = compare(left->value, right->value); order != 0) return order;
            return compare_lists(left->parts, right->parts);
        case TypeKind::kObject:
            return compare_objects(*left, *right);
        case TypeKind::kSet:
            return compare(left->value, right->value);
        case TypeKind::kAny:
            return compare_lists(left->parts, right->parts);
        case TypeKind::kFunction:
            if (left->parts.size() != right->parts.size()) {
                return sign(left->parts.size(), right->parts.size());
            }
            if (const int order = compare_lists(left->parts, right->parts); order != 0) {
                return order;
            }
            return compare(left->value, right->value);
        default:
            return 0;
    }
}

bool is_unknown(const Type* type) {
    type = bare(type);
    if (type == nullptr) return true;
    const bool has_unknown_part = std::ranges::any_of(type->parts, is_unknown);
    switch (type->kind) {
        case TypeKind::kFunction:
            return has_unknown_part || is_unknown(type->value);
        case TypeKind::kArray:
            return has_unknown_part || (type->value != nullptr && is_unknown(type->value));
        case TypeKind::kObject:
            return std::ranges::any_of(type->properties,
                                       [](const Property& one) { return is_unknown(one.type); }) ||
                   (type->has_others && (is_unknown(type->key) || is_unknown(type->value)));
        case TypeKind::kSet:
            return is_unknown(type->value);
        default:
            return false;
    }
}

bool contains(const Type& whole, const Type* part) {
    if (whole.kind != TypeKind::kAny) return compare(&whole, part) == 0;
    if (is_kind(part, TypeKind::kFunction)) return false;
    return whole.parts.empty() ||
           std::ranges::binary_search(whole.parts, part, [](const Type* left, const Type* right) {
               return compare(left, right) < 0;
           });
}

bool unify(const Type* left, const Type* right) {
    if (left == nullptr || right == nullptr) return false;
    if (left->kind == TypeKind::kRecursive && right->kind == TypeKind::kRecursive) {
        if (left->name == right->name) return true;
        // What two of them are might go on for ever.
        const Type* const one = bare(left);
        const Type* const other = bare(right);
        return one == nullptr || other == nullptr || one->kind == other->kind;
    }
    left = bare(left);
    right = bare(right);
    if (left == nullptr || right == nullptr) return false;
    const bool is_any = left->kind == TypeKind::kAny || right->kind == TypeKind::kAny;
    if (left->kind == TypeKind::kAny && unify_members(*left, right)) return true;
    if (right->kind == TypeKind::kAny && unify_members(*right, left)) return true;
    if (is_any || left->kind != right->kind) return false;
    switch (left->kind) {
        case TypeKind::kArray:
            return unify_items(*left, *right) && unify_items(*right, *left) &&
                   (left->value == nullptr || right->value == nullptr ||
                    unify(left->value, right->value));
        case TypeKind::kObject:
            return unify_properties(*left, *right) && unify_properties(*right, *left) &&
                   (left->value == nullptr || right->value == nullptr ||
                    unify(left->value, right->value));
        case TypeKind::kSet:  // the empty set is one of every type
            return left->value == nullptr || right->value == nullptr ||
                   unify(left->value, right->value);
        case TypeKind::kFunction:
            return left->parts.size() == right->parts.size() &&
                   std::ranges::equal(left->parts, right->parts, unify);
        default:
            return true;
    }
}

bool is_empty_collection(const Type* type) {
    type = bare(type);
    if (type == nullptr) return false;
    if (type->kind == TypeKind::kObject) return type->properties.empty() && !type->has_others;
    if (type->kind == TypeKind::kArray) return type->parts.empty() && type->value == nullptr;
    return type->kind == TypeKind::kSet && type->value == nullptr;
}

std::string to_text(const Type* type) {
    if (type == nullptr) return "???";
    switch (type->kind) {
        case TypeKind::kNull:
            return "null";
        case TypeKind::kBoolean:
            return "boolean";
        case TypeKind::kNumber:
            return "number";
        case TypeKind::kString:
            return "string";
        case TypeKind::kArray: {
            std::string text = "array";
            if (!type->parts.empty()) text += "<" + list_text(type->parts) + ">";
            if (type->value != nullptr) text += "[" + to_text(type->value) + "]";
            return text;
        }
        case TypeKind::kObject: {
            std::string text;
            for (const Property& property : type->properties) {
                text +=
                    (text.empty() ? "<" : ", ") + property_text(property, to_text(property.type));
            }
            if (!text.empty()) text += ">";
            if (type->has_others) {
                text += "[" + to_text(type->key) + ": " + to_text(type->value) + "]";
            }
            return "object" + text;
        }
        case TypeKind::kSet:
            return type->value == nullptr ? "set" : "set[" + to_text(type->value) + "]";
        case TypeKind::kAny:
            return type->parts.empty() ? "any" : "any<" + list_text(type->parts) + ">";
        case TypeKind::kFunction: {
            std::string operands = list_text(type->parts);
            if (type->is_variadic) operands += operands.empty() ? "any..." : ", any...";
            return "(" + operands + ") => " + to_text(type->value);
        }
        case TypeKind::kRecursive:
            return "recursive(" + std::string(type->name) + ")";
    }
    return "";
}

const Type* Types::kept(Type type) {
    std::uint64_t weight = 1;
    std::uint32_t depth = 0;
    const auto add = [&](const Type* part) {
        weight += part == nullptr ? 1 : part->weight;
        depth = std::max(depth, part == nullptr ? 0 : part->depth);
    };
    for (const Type* part : type.parts) add(part);
    for (const Property& one : type.properties) add(one.type);
    add(type.key);
    add(type.value);
    if (weight > kMaxTypeWeight || depth >= kMaxTypeDepth) return &kAnyType;
    type.weight = static_cast<std::uint32_t>(weight);
    type.depth = depth + 1;
    return arena_.make<Type>(type);
}

const Type* Types::array(TypeList items, const Type* others) {
    return kept({.kind = TypeKind::kArray, .parts = arena_.copy(items), .value = others});
}

const Type* Types::object(std::vector<Property> properties, std::optional<Others> others) {
    std::ranges::stable_sort(properties, [](const Property& left, const Property& right) {
        return value::compare(left.key, right.key) < 0;
    });
    Type made{.kind = TypeKind::kObject, .has_others = others.has_value()};
    made.properties = arena_.copy(std::span<const Property>(properties));
    if (others) {
        made.key = others->key;
        made.value = others->value;
    }
    return kept(made);
}

const Type* Types::set(const Type* elements) {
    return kept({.kind = TypeKind::kSet, .value = elements});
}

const Type* Types::function(TypeList operands, const Type* result) {
    return kept({.kind = TypeKind::kFunction, .parts = arena_.copy(operands), .value = result});
}

Type* Types::recursive(std::string_view name) {
    Type* const made = arena_.make<Type>();
    made->kind = TypeKind::kRecursive;
    made->name = arena_.copy(name);
    return made;
}

const Type* Types::any_of(std::vector<const Type*> members) {
    std::ranges::stable_sort(
        members, [](const Type* left, const Type* right) { return compare(left, right) < 0; });
    return kept(
        {.kind = TypeKind::kAny, .parts = arena_.copy(std::span<const Type* const>(members))});
}

const Type* Types::with_member(const Type& any, const Type* member) {
    const auto is_before = [](const Type* left, const Type* right) {
        return compare(left, right) < 0;
    };
    std::vector<const Type*> members;
    if (member->kind == TypeKind::kAny) {
        if (any.parts.empty()) return &any;
        if (member->parts.empty()) return member;
        std::ranges::set_union(any.parts, member->parts, std::back_inserter(members), is_before);
        return any_of(std::move(members));
    }
    if (contains(any, member)) return &any;
    members.assign(any.parts.begin(), any.parts.end());
    members.push_back(member);
    return any_of(std::move(members));
}

const Type* Types::function_of_both(const Type& left, const Type& right) {
    if (left.parts.size() != right.parts.size()) return nullptr;
    std::vector<const Type*> operands;
    for (std::size_t i = 0; i < left.parts.size(); ++i) {
        operands.push_back(either(left.parts[i], right.parts[i]));
    }
    return function(operands, either(left.value, right.value));
}

const Type* Types::either(const Type* left, const Type* right) {
    if (left == nullptr) return right;
    if (right == nullptr) return left;
    const bool is_function = left->kind == TypeKind::kFunction;
    if (is_function && right->kind == TypeKind::kFunction) return function_of_both(*left, *right);
    if (is_function || right->kind == TypeKind::kFunction) return nullptr;
    if (left->kind == TypeKind::kAny) return with_member(*left, right);
    if (right->kind == TypeKind::kAny) return with_member(*right, left);
    return compare(left, right) == 0 ? left : any_of({left, right});
}

const Type* Types::merge(const Type* left, const Type* right) {
    if (left == nullptr) return right;
    if (right == nullptr) return left;
    left = bare(left);
    right = bare(right);
    if (left->kind == TypeKind::kAny && right->kind != TypeKind::kAny) std::swap(left, right);
    if (left->kind == TypeKind::kSet && right->kind == TypeKind::kSet) {
        return set(either(left->value, right->value));
    }
    const auto is_open = [](const Type& type) {
        return type.kind == TypeKind::kObject && type.properties.empty();
    };
    if (!is_open(*left)) return either(left, right);
    if (is_open(*right)) {
        if (!left->has_others) return right;
        if (!right->has_others) return left;
        return object({}, Others{either(left->key, right->key), merge(left->value, right->value)});
    }
    if (right->kind != TypeKind::kAny || !left->has_others) return either(left, right);
    for (std::size_t i = 0; i < right->parts.size(); ++i) {
        const Type& member = *right->parts[i];
        if (!is_open(member) || !member.has_others) continue;
        std::vector<const Type*> members(right->parts.begin(), right->parts.end());
        members[i] =
            object({}, Others{either(member.key, left->key), either(member.value, left->value)});
        return any_of(std::move(members));
    }
    return either(left, right);
}

const Type* Types::with_entry(const Type& object, TypeList path, const Type* value) {
    if (path.empty()) return &object;
    const Type* entry = value;
    for (std::size_t i = path.size(); i > 1; --i)
        entry = this->object({}, Others{path[i - 1], entry});
    Others others{path[0], entry};
    if (object.has_others) {
        others = {either(object.key, others.key), either(object.value, others.value)};
    }
    return this->object({object.properties.begin(), object.properties.end()}, others);
}

const Type* Types::type_of(const value::Value& value) {
    if (const Type* const scalar = scalar_type(value)) return scalar;
    switch (value.kind()) {
        case value::Kind::kObject: {
            std::vector<Property> properties;
            for (std::size_t i = 0; i < value.size(); ++i) {
                properties.push_back({value.keys()[i], type_of(value.values()[i])});
            }
            return object(std::move(properties), std::nullopt);
        }
        case value::Kind::kArray:
        case value::Kind::kSet: {
            std::vector<const Type*> items;
            for (const value::Value& item : value.items()) items.push_back(type_of(item));
            return array(items, nullptr);
        }
        default:
            return &kAnyType;
    }
}

const Type* Types::keys_of(const Type* type) {
    type = bare(type);
    if (type == nullptr) return nullptr;
    const Type* keys = nullptr;
    switch (type->kind) {
        case TypeKind::kArray:
            return &kNumberType;
        case TypeKind::kSet:
            return type->value;
        case TypeKind::kObject:
            for (const Property& one : type->properties) keys = either(keys, type_of(one.key));
            return type->has_others ? either(keys, type->key) : keys;
        case TypeKind::kAny:
            if (type->parts.empty()) return type;
            for (const Type* member : type->parts) keys = either(keys_of(member), keys);
            return keys;
        default:
            return nullptr;
    }
}

const Type* Types::values_of(const Type* type) {
    type = bare(type);
    if (type == nullptr) return nullptr;
    const Type* values = nullptr;
    switch (type->kind) {
        case TypeKind::kArray:
            for (const Type* item : type->parts) values = either(values, item);
            return either(values, type->value);
        case TypeKind::kSet:
            return type->value;
        case TypeKind::kObject:
            for (const Property& one : type->properties) values = either(values, one.type);
            return type->has_others ? either(values, type->value) : values;
        case TypeKind::kAny:
            if (type->parts.empty()) return type;
            for (const Type* member : type->parts) values = either(values_of(member), values);
            return values;
        default:
            return nullptr;
    }
}

const Type* Types::select(const Type* type, const value::Value& key) {
    type = bare(type);
    if (type == nullptr) return nullptr;
    switch (type->kind) {
        case TypeKind::kArray: {
            if (!key.is_number()) return nullptr;
            if (!key.is_plain_integer() && key.number_text() != "-0") return nullptr;
            const std::int64_t place = key.as_integer().value_or(-1);
            return place < 0 ? nullptr : item_of(*type, static_cast<std::size_t>(place));
        }
        case TypeKind::kObject: {
            if (const Property* const found = find_property(*type, key)) return found->type;
            return is_other_key(*type, key) ? type->value : nullptr;
        }
        case TypeKind::kSet: {
            const Type* const element = type_of(key);
            if (compare(type->value, element) == 0) return type->value;
            const bool is_one =
                is_kind(type->value, TypeKind::kAny) && contains(*type->value, element);
            return is_one ? element : nullptr;
        }
        case TypeKind::kAny: {
            if (type->parts.empty()) return type;
            const Type* selected = nullptr;
            for (const Type* member : type->parts) selected = either(select(member, key), selected);
            return selected;
        }
        default:
            return nullptr;
    }
}

}  // namespace merlon::rego::compiler
