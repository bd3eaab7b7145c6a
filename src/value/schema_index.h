#pragma once

// Where the references of a JSON Schema lead: resources, anchors, drafts and vocabularies.
//
// The idea: a schema document is walked once through the places where its draft has schemas; each
// subschema is noted with the resource it belongs to, so that `$id`, `$anchor` and `$ref` mean what
// Core, sections 8 and 9 say, and an `$id` inside an `enum` means nothing. Documents that
// references may lead to are handed in by address and walked when one first does; nothing is ever
// fetched.
//
// Specification: JSON Schema Core, draft-04, -06, -07, 2019-09 and 2020-12. Not thread-safe.
// Ownership: borrows all schemas. Cost: linear in the schemas that references reach.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "value/value.h"

namespace merlon::value {

// In order of time, so that `draft >= k2019` reads as it should.
enum class SchemaDraft : std::uint8_t { k4, k6, k7, k2019, k2020 };

// A schema document that others may refer to, metaschemas included.
struct SchemaDocument {
    std::string address;  // an absolute URI
    const Value* root = nullptr;
};

// A schema with an address of its own, and what can be named inside it.
struct SchemaResource {
    const Value* root = nullptr;
    std::string address;  // without fragment; may be empty
    SchemaDraft draft = SchemaDraft::k2020;
    bool has_validation = true;  // false: its metaschema leaves the validation vocabulary out
    bool is_recursive = false;   // $recursiveAnchor of 2019-09
    std::map<std::string, const Value*, std::less<>> anchors = {};
    std::map<std::string, const Value*, std::less<>> dynamic_anchors = {};
};

class SchemaIndex {
  public:
    // `draft` is for schemas that do not say theirs in `$schema`.
    SchemaIndex(std::span<const SchemaDocument> documents, SchemaDraft draft)
        : documents_(documents), default_draft_(draft) {}

    // Walks `root`, which is a document of its own. Fails on a `$schema` that no draft has and no
    // document explains, and on a vocabulary that it requires and this validator lacks.
    Result<const SchemaResource*> add(const Value& root, std::string_view address);

    // The resource that a subschema belongs to, once it was walked or resolved; null before.
    const SchemaResource* resource_of(const Value* schema) const;

    struct Target {
        const Value* schema = nullptr;
        const SchemaResource* resource = nullptr;
        std::string anchor = {};  // the fragment, where it is a dynamic anchor of the resource
    };
    // Where `reference` leads from a schema of `from`. Fails where nothing stands there.
    Result<Target> resolve(const SchemaResource& from, std::string_view reference);

  private:
    Result<SchemaResource*> add_resource(const Value& root, std::string address,
                                         SchemaDraft inherited_draft);
    Status read_dialect(const Value& root, SchemaResource& resource);
    Status walk(const Value& schema, SchemaResource* resource, int depth);
    Status walk_children(const Value& schema, SchemaResource* resource, int depth);
    Result<const SchemaResource*> find_resource(const std::string& address);
    Result<Target> follow_pointer(const SchemaResource& resource, std::string_view pointer);

    std::span<const SchemaDocument> documents_;
    SchemaDraft default_draft_;
    std::map<std::string, std::unique_ptr<SchemaResource>, std::less<>> resources_;
    std::unordered_map<const Value*, SchemaResource*> resource_of_;
};

}  // namespace merlon::value
