#include "rego/compiler/type_environment.h"

#include <algorithm>

namespace merlon::rego::compiler {

TypeNode& TypeNode::make(std::span<Term* const> path) {
    TypeNode* node = this;
    for (const Term* step : path) {
        std::unique_ptr<TypeNode>& below = node->children[step];
        if (below == nullptr) below = std::make_unique<TypeNode>();
        node = below.get();
    }
    return *node;
}

bool is_constant(const Term& term) {
    switch (term.kind) {
        case TermKind::kArray:
        case TermKind::kObject:
        case TermKind::kSet:
            return std::ranges::all_of(term.terms,
                                       [](const Term* part) { return is_constant(*part); });
        default:
            return is_scalar(term);
    }
}

value::Value TypeEnvironment::constant_value(const Term& term) {
    value::Builder& values = types_.values();
    switch (term.kind) {
        case TermKind::kObject: {
            std::vector<value::Builder::Entry> entries;
            for (std::size_t i = 0; i < term.terms.size(); i += 2) {
                entries.emplace_back(constant_value(*term.terms[i]),
                                     constant_value(*term.terms[i + 1]));
            }
            return values.object(entries);
        }
        case TermKind::kArray: {
            std::vector<value::Value> items;
            for (const Term* part : term.terms) items.push_back(constant_value(*part));
            return values.array(items);
        }
        case TermKind::kSet: {
            std::vector<value::Value> items;
            for (const Term* part : syntax::sorted_elements(term)) {
                items.push_back(constant_value(*part));
            }
            return values.array(items);
        }
        default:
            return term.constant;
    }
}

const Type* TypeEnvironment::of_object(TypeLayer& layer, const Term& term) {
    std::vector<Property> properties;
    std::optional<Types::Others> others;
    for (std::size_t i = 0; i < term.terms.size(); i += 2) {
        const Term& key = *term.terms[i];
        const Type* const value = of(layer, *term.terms[i + 1]);
        if (is_constant(key)) {
            properties.push_back({constant_value(key), value});
        } else {
            others = Types::Others{of(layer, key), value};
        }
    }
    return types_.object(std::move(properties), others);
}

const Type* TypeEnvironment::of(TypeLayer& layer, const Term& term) {
    switch (term.kind) {
        case TermKind::kNull:
            return &kNullType;
        case TermKind::kBoolean:
            return &kBooleanType;
        case TermKind::kNumber:
            return &kNumberType;
        case TermKind::kString:
        case TermKind::kTemplateString:
            return &kStringType;
        case TermKind::kVariable:
            return of_variable(layer, term.text);
        case TermKind::kReference:
            return of_reference(layer, term.terms);
        case TermKind::kArray: {
            std::vector<const Type*> items;
            for (const Term* part : term.terms) items.push_back(of(layer, *part));
            return types_.array(items, nullptr);
        }
        case TermKind::kObject:
            return of_object(layer, term);
        case TermKind::kSet: {
            const Type* elements = nullptr;
            for (const Term* part : term.terms) {
                elements = types_.either(elements, of(layer, *part));
            }
            return types_.set(elements);
        }
        case TermKind::kArrayComprehension:
        case TermKind::kObjectComprehension:
        case TermKind::kSetComprehension:
            return of_closure_(layer, term);
        case TermKind::kCall:
            return nullptr;
    }
    return nullptr;
}

const Type* TypeEnvironment::of_variable(const TypeLayer& layer, std::string_view name) {
    for (const TypeLayer* at = &layer; at != nullptr; at = at->next) {
        const auto found = at->variables.find(name);
        if (found != at->variables.end()) return found->second;
    }
    return of_builtin(name);
}

const Type* TypeEnvironment::of_reference(const TypeLayer& layer,
                                          std::span<Term* const> reference) {
    const Term& head = *reference[0];
    if (head.kind == TermKind::kVariable) {
        const auto found = layer.variables.find(head.text);
        if (found != layer.variables.end()) return select(found->second, reference.subspan(1));
    }
    const TypeNode* const node = layer.tree().child(head);
    return node == nullptr ? of_next(layer, reference) : of_path(layer, *node, reference, 1);
}

const Type* TypeEnvironment::of_next(const TypeLayer& layer, std::span<Term* const> reference) {
    if (layer.next != nullptr) return of_reference(*layer.next, reference);
    return syntax::is_root_document(*reference[0]) ? &kAnyType : of_builtin(reference);
}

const Type* TypeEnvironment::of_path(const TypeLayer& layer, const TypeNode& node,
                                     std::span<Term* const> reference, std::size_t place) {
    if (place == reference.size()) return extent(node);
    const Term& step = *reference[place];
    const TypeNode* const child = node.child(step);
    if (node.type != nullptr) {
        if (child != nullptr) return of_path(layer, *child, reference, place + 1);
        return select(node.type, reference.subspan(place));
    }
    if (!is_constant(step)) return select(extent(node), reference.subspan(place));
    return child == nullptr ? of_next(layer, reference)
                            : of_path(layer, *child, reference, place + 1);
}

const Type* TypeEnvironment::of_builtin(std::span<Term* const> reference) {
    Term whole{.kind = TermKind::kReference};
    std::vector<Term*> parts(reference.begin(), reference.end());
    whole.terms = parts;
    const bool is_name = std::ranges::all_of(parts, [](const Term* part) {
        return part->kind == TermKind::kVariable || part->kind == TermKind::kString;
    });
    return is_name ? of_builtin(operator_name(whole)) : nullptr;
}

const Type* TypeEnvironment::of_builtin(std::string_view name) {
    const auto known = declared_.find(name);
    if (known != declared_.end()) return known->second;
    const Declaration* const declaration = builtins_.declaration(name);
    const Type* type = nullptr;
    if (declaration != nullptr) {
        type = types_.read_function(
            declaration->operands, declaration->result,
            declaration->is_variadic() ? MoreOperands::kAny : MoreOperands::kNone);
    }
    declared_.emplace(name, type);
    return type;
}

const Type* TypeEnvironment::extent(const TypeNode& node) {
    if (node.type != nullptr) return node.type;
    std::vector<Property> properties;
    for (const auto& [key, child] : node.children) {
        const bool is_key = key->kind == TermKind::kString || key->kind == TermKind::kNumber ||
                            key->kind == TermKind::kBoolean;
        const Type* const type = extent(*child);
        if (is_key) properties.push_back({key->constant, type});
    }
    return types_.object(std::move(properties), Types::Others{&kStringType, &kAnyType});
}

const Type* TypeEnvironment::select_constant(const Type* type, const Term& key) {
    return is_constant(key) ? types_.select(type, constant_value(key)) : nullptr;
}

const Type* TypeEnvironment::select(const Type* type, std::span<Term* const> path) {
    for (const Term* step : path) {
        if (type == nullptr) return nullptr;
        switch (step->kind) {
            case TermKind::kVariable:
            case TermKind::kReference:
            case TermKind::kArray:
            case TermKind::kObject:
            case TermKind::kSet:
                // Nothing comes out of what is empty.
                if (is_empty_collection(type)) return &kAnyType;
                type = types_.values_of(type);
                break;
            default:
                type = select_constant(type, *step);
        }
    }
    return type;
}

const Type* TypeEnvironment::with_leaves(const Type& object, const TypeNode& node,
                                         std::vector<const Type*>& path) {
    const Type* whole = &object;
    for (const auto& [key, child] : node.children) {
        path.push_back(types_.type_of(constant_value(*key)));
        whole = child->type != nullptr && is_kind(whole, TypeKind::kObject)
                    ? types_.with_entry(*whole, path, child->type)
                    : whole;
        if (child->type == nullptr && is_kind(whole, TypeKind::kObject)) {
            whole = with_leaves(*whole, *child, path);
        }
        path.pop_back();
    }
    return whole;
}

void TypeEnvironment::insert(TypeLayer& layer, std::span<Term* const> path, const Type* type) {
    TypeNode* node = &layer.documents;
    for (std::size_t i = 0; i < path.size(); ++i) {
        std::unique_ptr<TypeNode>& below = node->children[path[i]];
        if (below == nullptr) below = std::make_unique<TypeNode>();
        node = below.get();
        // What stands above is an object that has this among its entries.
        const Type* const above = bare(node->type);
        if (i + 1 == path.size() || !is_kind(above, TypeKind::kObject)) continue;
        std::vector<const Type*> keys;
        for (const Term* step : path.subspan(i + 1)) {
            keys.push_back(types_.type_of(constant_value(*step)));
        }
        node->type = types_.with_entry(*above, keys, type);
    }
    node->type = types_.merge(node->type, type);
    const Type* const whole = bare(node->type);
    if (is_kind(bare(type), TypeKind::kObject) && is_kind(whole, TypeKind::kObject)) {
        std::vector<const Type*> keys;
        node->type = with_leaves(*whole, *node, keys);
    }
}

}  // namespace merlon::rego::compiler
