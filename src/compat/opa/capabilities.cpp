#include "compat/opa/capabilities.h"

#include <algorithm>

namespace merlon::compat::opa {
namespace {

using value::Value;

constexpr int kMaxTypeDepth = 50;

std::string text_at(const Value& object, std::string_view key) {
    const Value* const found = object.find(key);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

std::string type_text(const Value* type, int depth);

std::string list_text(const Value* types, int depth) {
    std::string text;
    if (types == nullptr || !types->is_array()) return text;
    for (const Value& type : types->items()) {
        text += (text.empty() ? "" : ", ") + type_text(&type, depth);
    }
    return text.empty() ? text : "<" + text + ">";
}

std::string properties_text(const Value* properties, int depth) {
    std::string text;
    if (properties == nullptr || !properties->is_array()) return text;
    for (const Value& property : properties->items()) {
        text += (text.empty() ? "" : ", ") + text_at(property, "key") + ": " +
                type_text(property.find("value"), depth);
    }
    return text.empty() ? text : "<" + text + ">";
}

// As the compiler's declarations have types.
std::string type_text(const Value* type, int depth) {
    if (type == nullptr || !type->is_object() || depth > kMaxTypeDepth) return "any";
    const std::string kind = text_at(*type, "type");
    const auto inside = [&](std::string_view key) {
        const Value* const found = type->find(key);
        return found == nullptr ? "" : "[" + type_text(found, depth + 1) + "]";
    };
    if (kind == "any") return "any" + list_text(type->find("of"), depth + 1);
    if (kind == "set") return "set" + inside("of");
    if (kind == "array") {
        return "array" + list_text(type->find("static"), depth + 1) + inside("dynamic");
    }
    if (kind != "object") return kind;
    std::string text = "object" + properties_text(type->find("static"), depth + 1);
    const Value* const dynamic = type->find("dynamic");
    if (dynamic == nullptr) return text;
    return text + "[" + type_text(dynamic->find("key"), depth + 1) + ": " +
           type_text(dynamic->find("value"), depth + 1) + "]";
}

std::string operand_text(const Value& operand) {
    const std::string name = text_at(operand, "name");
    return (name.empty() ? "" : name + ": ") + type_text(&operand, 0);
}

}  // namespace

Result<Capabilities> Capabilities::read(const Value& document) {
    const Value* const builtins = document.find("builtins");
    if (builtins == nullptr || !builtins->is_array()) {
        return Error{"capabilities: expected an object with a list of builtins"};
    }
    Capabilities capabilities;
    const auto has_feature = [&document](std::string_view name) {
        const Value* const features = document.find("features");
        return features != nullptr && features->is_array() &&
               std::ranges::any_of(features->items(), [name](const Value& feature) {
                   return feature.is_string() && feature.as_string() == name;
               });
    };
    capabilities.has_new_language_ = has_feature("rego_v1");
    capabilities.has_keywords_in_paths_ = has_feature("keywords_in_refs");
    const rego::compiler::KnownBuiltins known;
    for (const Value& builtin : builtins->items()) {
        const std::string name = text_at(builtin, "name");
        const Value* const declaration = builtin.find("decl");
        if (name.empty()) return Error{"capabilities: a built-in has no name"};
        capabilities.names_.insert(name);
        if (known.declaration(name) != nullptr || declaration == nullptr) continue;
        std::string operands;
        const Value* const arguments = declaration->find("args");
        if (arguments != nullptr && arguments->is_array()) {
            for (const Value& operand : arguments->items()) {
                operands += (operands.empty() ? "" : "; ") + operand_text(operand);
            }
        }
        const Value* const result = declaration->find("result");
        const std::string_view kept = capabilities.keep(name);
        capabilities.extras_.push_back(
            {.declaration = {kept, capabilities.keep(operands),
                             capabilities.keep(result == nullptr ? "" : operand_text(*result))},
             .builtin = {.name = kept, .operands = "", .function = nullptr}});
    }
    return capabilities;
}

}  // namespace merlon::compat::opa
