#include "rego/compiler/type_json.h"

#include <span>

namespace merlon::rego::compiler {
namespace {

constexpr std::string_view kWords[] = {"null",   "boolean", "number", "string",   "array",
                                       "object", "set",     "any",    "function", "recursive"};

void write_types(text::JsonWriter& json, std::string_view key, std::span<const Type* const> types) {
    if (types.empty()) return;
    json.key(key).begin_array();
    for (const Type* type : types) write_type(json, type);
    json.end_array();
}

void write_object(text::JsonWriter& json, const Type& object) {
    if (object.has_others) {
        write_type(json.key("dynamic").begin_object().key("key"), object.key);
        write_type(json.key("value"), object.value);
        json.end_object();
    }
}

void write_properties(text::JsonWriter& json, std::span<const Property> properties) {
    if (properties.empty()) return;
    json.key("static").begin_array();
    for (const Property& one : properties) {
        json.begin_object().key("key").value(one.key);
        write_type(json.key("value"), one.type);
        json.end_object();
    }
    json.end_array();
}

}  // namespace

// Keys are in their order, as those of Go's maps.
void write_type(text::JsonWriter& json, const Type* type, std::string_view name) {
    if (type == nullptr) {
        json.null();
        return;
    }
    json.begin_object();
    if (type->kind == TypeKind::kRecursive) {
        json.member("name", type->name).end_object();
        return;
    }
    if (type->kind == TypeKind::kFunction) {
        write_types(json, "args", type->parts);
    } else if (type->kind == TypeKind::kArray && type->value != nullptr) {
        write_type(json.key("dynamic"), type->value);
    } else if (type->kind == TypeKind::kObject) {
        write_object(json, *type);
    }
    if (!name.empty()) json.member("name", name);
    if (type->kind == TypeKind::kAny) {
        write_types(json, "of", type->parts);
    } else if (type->kind == TypeKind::kSet && type->value != nullptr) {
        write_type(json.key("of"), type->value);
    } else if (type->kind == TypeKind::kFunction && type->value != nullptr) {
        write_type(json.key("result"), type->value);
    } else if (type->kind == TypeKind::kArray) {
        write_types(json, "static", type->parts);
    } else if (type->kind == TypeKind::kObject) {
        write_properties(json, type->properties);
    }
    json.member("type", kWords[static_cast<std::size_t>(type->kind)]);
    if (type->is_variadic) write_type(json.key("variadic"), &kAnyType);
    json.end_object();
}

}  // namespace merlon::rego::compiler
