#include "value/schema_index.h"

#include <charconv>
#include <utility>

#include "base/uri.h"

namespace merlon::value {
namespace {

constexpr int kMaxSchemaDepth = 512;

std::string_view text_at(const Value& object, std::string_view key) {
    const Value* found = object.find(key);
    return found != nullptr && found->is_string() ? found->as_string() : std::string_view{};
}

std::string without_fragment(std::string_view address) {
    return std::string(address.substr(0, address.find('#')));
}

// The addresses that the drafts' own metaschemas have, without "http:" or "https:".
std::optional<SchemaDraft> draft_of(std::string_view schema_address) {
    if (schema_address.ends_with('#')) schema_address.remove_suffix(1);
    const std::size_t colon = schema_address.find("://");
    if (colon == std::string_view::npos) return std::nullopt;
    schema_address.remove_prefix(colon + 3);
    constexpr std::pair<std::string_view, SchemaDraft> kKnown[] = {
        {"json-schema.org/draft-04/schema", SchemaDraft::k4},
        {"json-schema.org/draft-06/schema", SchemaDraft::k6},
        {"json-schema.org/draft-07/schema", SchemaDraft::k7},
        {"json-schema.org/draft/2019-09/schema", SchemaDraft::k2019},
        {"json-schema.org/draft/2020-12/schema", SchemaDraft::k2020},
    };
    for (const auto& [address, draft] : kKnown) {
        if (schema_address == address) return draft;
    }
    return std::nullopt;
}

// Where a keyword's value has schemas, and from which draft to which.
enum class Holds : std::uint8_t { kSchema, kList, kMap };
struct Applicator {
    std::string_view keyword;
    Holds holds;
    SchemaDraft first;
    SchemaDraft last = SchemaDraft::k2020;
};
constexpr Applicator kApplicators[] = {
    {"$defs", Holds::kMap, SchemaDraft::k2019},
    {"additionalItems", Holds::kSchema, SchemaDraft::k4, SchemaDraft::k2019},
    {"additionalProperties", Holds::kSchema, SchemaDraft::k4},
    {"allOf", Holds::kList, SchemaDraft::k4},
    {"anyOf", Holds::kList, SchemaDraft::k4},
    {"contains", Holds::kSchema, SchemaDraft::k6},
    {"contentSchema", Holds::kSchema, SchemaDraft::k2019},
    {"definitions", Holds::kMap, SchemaDraft::k4},
    {"dependencies", Holds::kMap, SchemaDraft::k4},
    {"dependentSchemas", Holds::kMap, SchemaDraft::k2019},
    {"else", Holds::kSchema, SchemaDraft::k7},
    {"if", Holds::kSchema, SchemaDraft::k7},
    {"items", Holds::kSchema, SchemaDraft::k4},
    {"items", Holds::kList, SchemaDraft::k4, SchemaDraft::k2019},
    {"not", Holds::kSchema, SchemaDraft::k4},
    {"oneOf", Holds::kList, SchemaDraft::k4},
    {"patternProperties", Holds::kMap, SchemaDraft::k4},
    {"prefixItems", Holds::kList, SchemaDraft::k2020},
    {"properties", Holds::kMap, SchemaDraft::k4},
    {"propertyNames", Holds::kSchema, SchemaDraft::k6},
    {"then", Holds::kSchema, SchemaDraft::k7},
    {"unevaluatedItems", Holds::kSchema, SchemaDraft::k2019},
    {"unevaluatedProperties", Holds::kSchema, SchemaDraft::k2019},
};

bool is_schema(const Value& value) { return value.is_object() || value.is_boolean(); }

// Before 2019-09, what stands beside a `$ref` is ignored, its `$id` too.
bool is_bare_reference(const Value& schema, SchemaDraft draft) {
    return draft < SchemaDraft::k2019 && !text_at(schema, "$ref").empty();
}

std::string_view id_of(const Value& schema, SchemaDraft draft) {
    if (is_bare_reference(schema, draft)) return {};
    return text_at(schema, draft == SchemaDraft::k4 ? "id" : "$id");
}

// RFC 6901, section 3.
std::string unescape_token(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const bool escape = token[i] == '~' && i + 1 < token.size();
        out += escape ? (token[++i] == '0' ? '~' : '/') : token[i];
    }
    return out;
}

const Value* child_of(const Value& parent, const std::string& token) {
    if (!parent.is_array()) return parent.find(std::string_view(token));
    std::size_t index = 0;
    const char* end = token.data() + token.size();
    const auto [at, code] = std::from_chars(token.data(), end, index);
    if (code != std::errc{} || at != end || index >= parent.size()) return nullptr;
    return &parent.items()[index];
}

}  // namespace

Result<const SchemaResource*> SchemaIndex::add(const Value& root, std::string_view address) {
    if (const SchemaResource* known = resource_of(&root)) return known;
    return MERLON_TRY(add_resource(root, without_fragment(address), default_draft_));
}

const SchemaResource* SchemaIndex::resource_of(const Value* schema) const {
    const auto found = resource_of_.find(schema);
    return found == resource_of_.end() ? nullptr : found->second;
}

Result<SchemaResource*> SchemaIndex::add_resource(const Value& root, std::string address,
                                                  SchemaDraft inherited_draft) {
    auto owned = std::make_unique<SchemaResource>();
    SchemaResource* resource = owned.get();
    resource->root = &root;
    resource->draft = inherited_draft;
    MERLON_TRY(read_dialect(root, *resource));
    if (const std::string_view id = id_of(root, resource->draft); !id.empty()) {
        address = without_fragment(resolve_uri(address, id));
    }
    resource->address = address;
    // Of two resources with one address the first is meant, as no specification says which.
    const auto [place, inserted] = resources_.emplace(address, nullptr);
    if (inserted) {
        place->second = std::move(owned);
    } else {
        resources_.emplace(address + "#" + std::to_string(resources_.size()), std::move(owned));
    }
    MERLON_TRY(walk(root, resource, 0));
    return resource;
}

// Core, section 8.1: the draft that `$schema` names, or the vocabularies of a metaschema among the
// documents.
Status SchemaIndex::read_dialect(const Value& root, SchemaResource& resource) {
    std::string_view dialect = text_at(root, "$schema");
    for (int hops = 0; !dialect.empty(); ++hops) {
        if (const auto draft = draft_of(dialect)) {
            resource.draft = *draft;
            return {};
        }
        const std::string address = without_fragment(dialect);
        const Value* metaschema = nullptr;
        for (const SchemaDocument& document : documents_) {
            if (without_fragment(document.address) == address) metaschema = document.root;
        }
        if (metaschema == nullptr || hops == 8) {
            return Error{"JSON Schema: '" + std::string(dialect) +
                         "' is not a $schema that is known here; expected a draft's own, such as "
                         "https://json-schema.org/draft/2020-12/schema"};
        }
        if (const Value* vocabularies = metaschema->find("$vocabulary");
            vocabularies != nullptr && vocabularies->is_object()) {
            resource.has_validation = false;
            for (std::size_t i = 0; i < vocabularies->size(); ++i) {
                const Value& key = vocabularies->keys()[i];
                if (!key.is_string()) continue;
                const std::string_view name = key.as_string();
                if (name.ends_with("/vocab/validation")) resource.has_validation = true;
                const Value& required = vocabularies->values()[i];
                const bool known =
                    name.find("://json-schema.org/draft/20") != std::string_view::npos &&
                    !name.ends_with("/vocab/format-assertion");
                if (!known && required.is_boolean() && required.as_boolean()) {
                    return Error{"JSON Schema: the vocabulary '" + std::string(name) +
                                 "' is required and not known here"};
                }
            }
        }
        dialect = text_at(*metaschema, "$schema");
    }
    return {};
}

Status SchemaIndex::walk(const Value& schema, SchemaResource* resource, int depth) {
    if (!is_schema(schema)) return {};
    if (depth > kMaxSchemaDepth) return Error{"JSON Schema: schemas nest too deeply"};
    if (schema.is_object() && resource->root != &schema) {
        // Before 2019-09 an `$id` of a fragment alone was how an anchor is written.
        const std::string_view id = id_of(schema, resource->draft);
        const bool is_anchor = resource->draft < SchemaDraft::k2019 && id.starts_with('#');
        if (!id.empty() && !is_anchor) {
            MERLON_TRY(add_resource(schema, resource->address, resource->draft));
            return {};
        }
    }
    if (!resource_of_.emplace(&schema, resource).second) return {};
    if (!schema.is_object()) return {};

    if (resource->draft >= SchemaDraft::k2019) {
        if (const auto name = text_at(schema, "$anchor"); !name.empty()) {
            resource->anchors.emplace(name, &schema);
        }
        if (const auto name = text_at(schema, "$dynamicAnchor");
            !name.empty() && resource->draft == SchemaDraft::k2020) {
            resource->anchors.emplace(name, &schema);
            resource->dynamic_anchors.emplace(name, &schema);
        }
        const Value* recursive = schema.find("$recursiveAnchor");
        if (resource->root == &schema && recursive != nullptr && recursive->is_boolean()) {
            resource->is_recursive = recursive->as_boolean();
        }
    } else if (const std::string_view id = id_of(schema, resource->draft);
               id.find('#') != std::string_view::npos) {
        resource->anchors.emplace(id.substr(id.find('#') + 1), &schema);
    }
    return walk_children(schema, resource, depth);
}

Status SchemaIndex::walk_children(const Value& schema, SchemaResource* resource, int depth) {
    for (const Applicator& applicator : kApplicators) {
        if (resource->draft < applicator.first || resource->draft > applicator.last) continue;
        const Value* value = schema.find(applicator.keyword);
        if (value == nullptr) continue;
        std::span<const Value> children;
        if (applicator.holds == Holds::kSchema) {
            children = {value, 1};
        } else if (applicator.holds == Holds::kList && value->is_array()) {
            children = value->items();
        } else if (applicator.holds == Holds::kMap && value->is_object()) {
            children = value->values();
        }
        for (const Value& child : children) MERLON_TRY(walk(child, resource, depth + 1));
    }
    return {};
}

Result<const SchemaResource*> SchemaIndex::find_resource(const std::string& address) {
    if (const auto known = resources_.find(address); known != resources_.end()) {
        return static_cast<const SchemaResource*>(known->second.get());
    }
    for (const SchemaDocument& document : documents_) {
        if (without_fragment(document.address) != address) continue;
        if (const SchemaResource* known = resource_of(document.root)) return known;
        const SchemaResource* added = MERLON_TRY(add(*document.root, address));
        return added;
    }
    return Error{"JSON Schema: there is no '" + address +
                 "' among the schemas; nothing is fetched"};
}

Result<SchemaIndex::Target> SchemaIndex::resolve(const SchemaResource& from,
                                                 std::string_view reference) {
    const std::string absolute = resolve_uri(from.address, reference);
    const std::string address = without_fragment(absolute);
    const SchemaResource* resource =
        address == from.address ? &from : MERLON_TRY(find_resource(address));
    const std::string fragment =
        address.size() == absolute.size()
            ? std::string()
            : percent_decode(std::string_view(absolute).substr(address.size() + 1));
    if (fragment.empty() || fragment.front() == '/') {
        Result<Target> target = follow_pointer(*resource, fragment);
        if (!target.ok()) {
            return Error{"JSON Schema: there is no '" + std::string(reference) + "' in it"};
        }
        return target;
    }
    if (const auto found = resource->anchors.find(fragment); found != resource->anchors.end()) {
        const bool dynamic = resource->dynamic_anchors.contains(fragment);
        return Target{found->second, resource, dynamic ? fragment : std::string()};
    }
    return Error{"JSON Schema: there is no '" + std::string(reference) + "' in it"};
}

// A pointer may lead through resources inside (their base address is then theirs) and to places
// that no keyword makes a schema, which become one by being referred to.
Result<SchemaIndex::Target> SchemaIndex::follow_pointer(const SchemaResource& resource,
                                                        std::string_view pointer) {
    const Value* at = resource.root;
    const SchemaResource* owner = &resource;
    while (at != nullptr && !pointer.empty()) {
        pointer.remove_prefix(1);
        const std::size_t slash = std::min(pointer.find('/'), pointer.size());
        at = child_of(*at, unescape_token(pointer.substr(0, slash)));
        pointer.remove_prefix(slash);
        if (at == nullptr) break;
        if (const SchemaResource* known = resource_of(at)) owner = known;
    }
    if (at == nullptr) return Error{"JSON Schema: the pointer leads nowhere"};
    if (resource_of(at) == nullptr) {
        MERLON_TRY(walk(*at, resource_of_.find(owner->root)->second, 0));
        if (const SchemaResource* known = resource_of(at)) owner = known;
    }
    return Target{at, owner, {}};
}

}  // namespace merlon::value
