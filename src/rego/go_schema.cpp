#include "rego/go_schema.h"

#include <algorithm>
#include <map>

#include "base/uri.h"
#include "rego/go_url.h"
#include "rego/number.h"
#include "rego/term.h"
#include "value/number.h"

namespace merlon::rego {

using value::Value;

namespace {

constexpr int kMaxDepth = 500;

Error invalid_type(std::string_view expected, std::string_view keyword) {
    return Error{"Invalid type. Expected: " + std::string(expected) +
                 ", given: " + std::string(keyword)};
}
Error must_be(std::string_view keyword, std::string_view article, std::string_view type) {
    return Error{std::string(keyword) + " must be of " + std::string(article) + " " +
                 std::string(type)};
}

// An address as Go's net/url prints it: without an empty fragment.
std::string printed(std::string address) {
    if (address.ends_with('#')) address.pop_back();
    return address;
}

// Go's URL.ResolveReference: a path that it resolves begins with a slash, also where the base has
// none.
std::string resolved(const std::string& base, std::string_view reference) {
    std::string address = printed(resolve_uri(base, reference));
    const bool is_relative = !parse_uri(address).scheme && !address.empty() &&
                             std::string_view("/#?").find(address[0]) == std::string_view::npos;
    return is_relative ? "/" + address : address;
}

Value plain_numbers(const Value& value, value::Builder& builder) {
    if (value.is_number()) return number_value(builder, value.as_double());
    if (value.is_array()) {
        std::vector<Value> items;
        for (const Value& item : value.items()) items.push_back(plain_numbers(item, builder));
        return builder.array(items);
    }
    if (!value.is_object()) return value;
    std::vector<value::Builder::Entry> entries;
    for (std::size_t i = 0; i < value.size(); ++i) {
        entries.emplace_back(value.keys()[i], plain_numbers(value.values()[i], builder));
    }
    return builder.object(entries);
}

bool is_schema(const Value& value) { return value.is_boolean() || value.is_object(); }

// What stands at a JSON pointer; the errors are gojsonpointer's.
Result<const Value*> follow(const Value& root, std::string_view pointer) {
    const Value* at = &root;
    while (pointer.starts_with('/')) {
        pointer.remove_prefix(1);
        const std::size_t end = std::min(pointer.find('/'), pointer.size());
        std::string token;
        for (std::size_t i = 0; i < end; ++i) {
            const bool is_escape = pointer[i] == '~' && i + 1 < end &&
                                   (pointer[i + 1] == '0' || pointer[i + 1] == '1');
            token += is_escape ? (pointer[i + 1] == '0' ? '~' : '/') : pointer[i];
            if (is_escape) ++i;
        }
        pointer.remove_prefix(end);
        if (at->is_object()) {
            const Value* const next = at->find(token);
            if (next == nullptr) return Error{"Object has no key '" + token + "'"};
            at = next;
        } else if (at->is_array()) {
            const auto index = value::integer_of(token);
            if (!index) return Error{"Invalid array index '" + token + "'"};
            if (*index < 0 || static_cast<std::size_t>(*index) >= at->size()) {
                return Error{"Out of bound array[0," + std::to_string(at->size()) + "] index '" +
                             token + "'"};
            }
            at = &at->items()[static_cast<std::size_t>(*index)];
        } else {
            return Error{"Invalid token reference '" + token + "'"};
        }
    }
    return at;
}

}  // namespace

std::string canonical_json(const Value& value, value::Builder& builder) {
    return json_text(plain_numbers(value, builder));
}

class GoSchemaCompiler {
  public:
    GoSchemaCompiler(GoSchema& schema, SchemaPatterns patterns, Context& context)
        : nodes_(*schema.nodes_), patterns_(patterns), context_(context) {}

    Status compile(const Value& root) {
        const auto draft = MERLON_TRY(draft_of(root));
        MERLON_TRY(note_addresses(root, "", draft, 0));
        documents_[""] = {&root, draft};
        return fill(*make("", draft.value_or(GoSchemaDraft::kHybrid)), root, 0);
    }

  private:
    struct Pooled {
        const Value* root = nullptr;
        std::optional<GoSchemaDraft> draft;
    };

    Subschema* make(std::string id, GoSchemaDraft draft) {
        Subschema& made = nodes_.emplace_back();
        made.id = std::move(id);
        made.draft = draft;
        return &made;
    }
    Result<const Subschema*> child(const Subschema& parent, const Value& schema, int depth) {
        Subschema* const made = make(parent.id, parent.draft);
        MERLON_TRY(fill(*made, schema, depth + 1));
        return made;
    }
    // The schema at a keyword, where it is a boolean or an object; `error` where it is neither.
    Status child_at(const Subschema& parent, const Value& schema, std::string_view keyword,
                    const Subschema*& place, const Error& error, int depth) {
        const Value* const found = schema.find(keyword);
        if (found == nullptr) return {};
        if (!is_schema(*found)) return error;
        place = MERLON_TRY(child(parent, *found, depth));
        return {};
    }

    static Result<std::optional<std::string>> text_at(const Value& schema,
                                                      std::string_view keyword) {
        const Value* const found = schema.find(keyword);
        if (found == nullptr) return std::optional<std::string>();
        if (!found->is_string()) return invalid_type("string", keyword);
        return std::optional(std::string(found->as_string()));
    }
    static Result<const Value*> list_at(const Value& schema, std::string_view keyword) {
        const Value* const found = schema.find(keyword);
        if (found != nullptr && !found->is_array()) return must_be(keyword, "an", "array");
        return found;
    }

    // `$schema`; drafts that are not known are a mixture.
    static Result<std::optional<GoSchemaDraft>> draft_of(const Value& document) {
        if (document.is_boolean()) return std::optional<GoSchemaDraft>();
        if (!document.is_object()) return Error{"schema is invalid"};
        const Value* const named = document.find("$schema");
        if (named == nullptr) return std::optional<GoSchemaDraft>();
        if (!named->is_string()) return Error{"$schema must be of type string"};
        const auto url = parse_url(named->as_string());
        if (!url.ok()) return url.error();
        const std::string address = printed(std::string(named->as_string()));
        for (const auto& [digit, draft] :
             {std::pair('4', GoSchemaDraft::k4), std::pair('6', GoSchemaDraft::k6),
              std::pair('7', GoSchemaDraft::k7)}) {
            if (address == std::string("http://json-schema.org/draft-0") + digit + "/schema") {
                return std::optional(draft);
            }
        }
        return std::optional<GoSchemaDraft>();
    }

    // Notes what references may lead to: whatever has an `$id` or `id`.
    Status note_addresses(const Value& document, const std::string& base,
                          std::optional<GoSchemaDraft> draft, int depth) {
        if (!context_.spend(1)) return Error{"limit"};
        if (depth > kMaxDepth) return Error{"schema is nested too deeply"};
        if (document.is_array()) {
            for (const Value& item : document.items()) {
                MERLON_TRY(note_addresses(item, base, draft, depth + 1));
            }
        }
        if (!document.is_object()) return {};
        std::string address = base;
        const Value* id = document.find("id");
        if (id == nullptr) id = document.find("$id");
        if (id != nullptr && id->is_string()) {
            address = resolved(base, id->as_string());
            if (!documents_.emplace(address, Pooled{&document, draft}).second) {
                return Error{"Reference already exists: \"" + address + "\""};
            }
        }
        bases_[&document] = address;
        for (std::size_t i = 0; i < document.size(); ++i) {
            if (!document.keys()[i].is_string()) continue;
            const std::string_view key = document.keys()[i].as_string();
            const Value& under = document.values()[i];
            if (key == "const" || key == "enum") continue;
            const bool is_named =
                key == "properties" || key == "dependencies" || key == "patternProperties";
            if (is_named && under.is_object()) {
                for (const Value& one : under.values()) {
                    MERLON_TRY(note_addresses(one, address, draft, depth + 1));
                }
            } else if (!is_named) {
                MERLON_TRY(note_addresses(under, address, draft, depth + 1));
            }
        }
        return {};
    }

    Result<Pooled> document_at(const std::string& reference) {
        if (const auto found = documents_.find(reference); found != documents_.end()) {
            return found->second;
        }
        const std::size_t hash = std::min(reference.find('#'), reference.size());
        const auto found = documents_.find(reference.substr(0, hash));
        if (found != documents_.end()) {
            const std::string pointer =
                hash < reference.size() ? percent_decode(reference.substr(hash + 1)) : "";
            return Pooled{MERLON_TRY(follow(*found->second.root, pointer)), found->second.draft};
        }
        if (!parse_uri(reference).scheme) {
            return Error{"Reference " + reference + " must be canonical"};
        }
        return Error{"remote reference loading disabled: " + reference};
    }

    // A schema behind a `$ref` is compiled once.
    Status refer(Subschema& node, const std::string& reference, int depth) {
        const Pooled pooled = MERLON_TRY(document_at(reference));
        if (!is_schema(*pooled.root)) return Error{"Valid Schema must be of type object"};
        Subschema* const made = make(reference, pooled.draft.value_or(node.draft));
        referred_[reference] = made;
        MERLON_TRY(fill(*made, *pooled.root, depth + 1));
        node.referred = made;
        return {};
    }

    Status fill(Subschema& node, const Value& schema, int depth) {
        if (!context_.spend(1)) return Error{"limit"};
        if (depth > kMaxDepth) return Error{"schema is nested too deeply"};
        if (node.draft >= GoSchemaDraft::k6 && schema.is_boolean()) {
            node.passes = schema.as_boolean();
            return {};
        }
        if (!schema.is_object()) return Error{"Expected: Valid Schema, given: Invalid JSON"};
        MERLON_TRY(fill_definitions(node, schema, depth));
        const auto reference = MERLON_TRY(text_at(schema, "$ref"));
        if (reference) {
            const auto base = bases_.find(&schema);
            const std::string address =
                resolved(base == bases_.end() ? std::string() : base->second, *reference);
            const auto known = referred_.find(address);
            if (known == referred_.end()) return refer(node, address, depth);
            node.referred = known->second;
        }
        MERLON_TRY(fill_types(node, schema));
        MERLON_TRY(fill_members(node, schema, depth));
        MERLON_TRY(fill_items(node, schema, depth));
        MERLON_TRY(fill_numbers(node, schema));
        MERLON_TRY(fill_counts(node, schema));
        MERLON_TRY(fill_values(node, schema, depth));
        return fill_combined(node, schema, depth);
    }

    Status fill_definitions(Subschema& node, const Value& schema, int depth) {
        const bool has_old = node.draft == GoSchemaDraft::k4 ||
                             (node.draft == GoSchemaDraft::kHybrid && schema.find("id") != nullptr);
        MERLON_TRY(text_at(schema, has_old ? "id" : "$id"));
        if (const Value* definitions = schema.find("definitions")) {
            const Error wrong = invalid_type("Array Of Schemas", "definitions");
            if (!definitions->is_object()) return wrong;
            for (const Value& one : definitions->values()) {
                if (!is_schema(one)) return wrong;
                MERLON_TRY(child(node, one, depth));
            }
        }
        MERLON_TRY(text_at(schema, "title"));
        MERLON_TRY(text_at(schema, "description"));
        return {};
    }

    static Status add_type(Subschema& node, std::string_view type) {
        constexpr std::string_view kTypes[] = {"array", "boolean", "integer", "number",
                                               "null",  "object",  "string"};
        if (std::ranges::find(kTypes, type) == std::end(kTypes)) {
            return Error{"has a primitive type that is NOT VALID -- given: /" + std::string(type) +
                         "/ Expected valid values are:[array boolean integer number null object "
                         "string]"};
        }
        if (std::ranges::find(node.types, type) != node.types.end()) {
            return Error{std::string(type) + " type is duplicated"};
        }
        node.types.emplace_back(type);
        return {};
    }

    static Status fill_types(Subschema& node, const Value& schema) {
        const Value* const type = schema.find("type");
        if (type == nullptr) return {};
        if (type->is_string()) return add_type(node, type->as_string());
        // OPA has both names the other way round.
        const Error wrong = invalid_type("type", "string/Array Of Strings");
        if (!type->is_array()) return wrong;
        for (const Value& one : type->items()) {
            if (!one.is_string()) return wrong;
            MERLON_TRY(add_type(node, one.as_string()));
        }
        return {};
    }

    Status fill_members(Subschema& node, const Value& schema, int depth) {
        if (const Value* properties = schema.find("properties")) {
            if (!properties->is_object()) return Error{"Properties must be of type object"};
            for (std::size_t i = 0; i < properties->size(); ++i) {
                const Subschema* const made =
                    MERLON_TRY(child(node, properties->values()[i], depth));
                node.properties.emplace_back(properties->keys()[i].as_string(), made);
            }
        }
        MERLON_TRY(fill_rest(node, schema, "additionalProperties", node.allows_additional,
                             node.additional, depth));
        if (const Value* patterns = schema.find("patternProperties")) {
            if (!patterns->is_object()) return invalid_type("Valid Schema", "patternProperties");
            for (std::size_t i = 0; i < patterns->size(); ++i) {
                const Value& key = patterns->keys()[i];
                auto compiled = match::Regex::compile(key.as_string());
                if (!compiled.ok()) {
                    return Error{"Invalid regex pattern '" + std::string(key.as_string()) + "'"};
                }
                const Subschema* const made = MERLON_TRY(child(node, patterns->values()[i], depth));
                node.patterns.emplace_back(
                    std::make_shared<const match::Regex>(std::move(compiled).value()), made);
            }
        }
        if (node.draft >= GoSchemaDraft::k6) {
            MERLON_TRY(child_at(node, schema, "propertyNames", node.names,
                                invalid_type("Valid Schema", "patternProperties"), depth));
        }
        return fill_dependencies(node, schema, depth);
    }

    // additionalProperties and additionalItems.
    Status fill_rest(const Subschema& node, const Value& schema, std::string_view keyword,
                     std::optional<bool>& allows, const Subschema*& judge, int depth) {
        const Value* const rest = schema.find(keyword);
        if (rest == nullptr) return {};
        if (rest->is_boolean()) {
            allows = rest->as_boolean();
            return {};
        }
        if (!rest->is_object()) return invalid_type("boolean/Valid Schema", keyword);
        judge = MERLON_TRY(child(node, *rest, depth));
        return {};
    }

    Status fill_dependencies(Subschema& node, const Value& schema, int depth) {
        const Value* const dependencies = schema.find("dependencies");
        if (dependencies == nullptr) return {};
        if (!dependencies->is_object()) return Error{"dependencies must be of type object"};
        const Error wrong{"Dependency must be of type Schema Or Array Of Strings"};
        for (std::size_t i = 0; i < dependencies->size(); ++i) {
            const Value& needed = dependencies->values()[i];
            const std::string name(dependencies->keys()[i].as_string());
            if (is_schema(needed)) {
                node.judged_beside.emplace_back(name, MERLON_TRY(child(node, needed, depth)));
                continue;
            }
            if (!needed.is_array()) return wrong;
            std::vector<std::string> names;
            for (const Value& one : needed.items()) {
                if (!one.is_string()) return wrong;
                names.emplace_back(one.as_string());
            }
            node.needed_beside.emplace_back(name, std::move(names));
        }
        return {};
    }

    Status fill_items(Subschema& node, const Value& schema, int depth) {
        if (const Value* items = schema.find("items")) {
            const Error wrong = invalid_type("Valid Schema/Array Of Schemas", "items");
            if (!is_schema(*items) && !items->is_array()) return wrong;
            node.has_single_items = is_schema(*items);
            if (node.has_single_items) {
                node.items.push_back(MERLON_TRY(child(node, *items, depth)));
            }
            if (items->is_array()) {
                for (const Value& item : items->items()) {
                    if (!is_schema(item)) return wrong;
                    node.items.push_back(MERLON_TRY(child(node, item, depth)));
                }
            }
        }
        return fill_rest(node, schema, "additionalItems", node.allows_additional_items,
                         node.additional_items, depth);
    }

    static Status fill_numbers(Subschema& node, const Value& schema) {
        if (const Value* factor = schema.find("multipleOf")) {
            if (!factor->is_number()) return invalid_type("Number", "multipleOf");
            if (value::compare_numbers(factor->number_text(), "0") <= 0) {
                return Error{"multipleOf must be strictly greater than 0"};
            }
            node.multiple_of = *factor;
        }
        MERLON_TRY(fill_bound(node, schema, "minimum", "exclusiveMinimum", node.minimum,
                              node.exclusive_minimum));
        return fill_bound(node, schema, "maximum", "exclusiveMaximum", node.maximum,
                          node.exclusive_maximum);
    }

    static Status fill_bound(const Subschema& node, const Value& schema, std::string_view keyword,
                             std::string_view exclusive_keyword, std::optional<Value>& bound,
                             std::optional<Value>& exclusive_bound) {
        if (const Value* found = schema.find(keyword)) {
            if (!found->is_number()) return must_be(keyword, "a", "Number");
            bound = *found;
        }
        const Value* const exclusive = schema.find(exclusive_keyword);
        if (exclusive == nullptr) return {};
        const bool takes_boolean =
            node.draft == GoSchemaDraft::k4 || node.draft == GoSchemaDraft::kHybrid;
        if (exclusive->is_number() && node.draft != GoSchemaDraft::k4) {
            exclusive_bound = *exclusive;
            return {};
        }
        if (!takes_boolean || !exclusive->is_boolean()) {
            return invalid_type(node.draft == GoSchemaDraft::k4        ? "boolean"
                                : node.draft == GoSchemaDraft::kHybrid ? "boolean/number"
                                                                       : "number",
                                exclusive_keyword);
        }
        if (!bound) {
            return Error{std::string(exclusive_keyword) + " cannot be used without " +
                         std::string(keyword)};
        }
        if (exclusive->as_boolean()) exclusive_bound = std::exchange(bound, std::nullopt);
        return {};
    }

    static Status fill_count(const Value& schema, std::string_view keyword,
                             std::optional<std::int64_t>& count) {
        const Value* const found = schema.find(keyword);
        if (found == nullptr) return {};
        // Go reads "2.0" as a number that is an integer, and then not as an int64.
        const bool is_written_whole =
            found->is_number() && found->number_text().find_first_of(".eE") == std::string::npos;
        const auto number = is_written_whole ? found->as_integer() : std::nullopt;
        if (!number) return must_be(keyword, "an", "integer");
        if (*number < 0) {
            return Error{std::string(keyword) + " must be greater than or equal to 0"};
        }
        count = number;
        return {};
    }
    static Status fill_range(const Value& schema, std::string_view least, std::string_view most,
                             std::optional<std::int64_t>& minimum,
                             std::optional<std::int64_t>& maximum) {
        MERLON_TRY(fill_count(schema, least, minimum));
        MERLON_TRY(fill_count(schema, most, maximum));
        if (minimum && maximum && *minimum > *maximum) {
            return Error{std::string(least) + " cannot be greater than " + std::string(most)};
        }
        return {};
    }

    Status fill_counts(Subschema& node, const Value& schema) {
        MERLON_TRY(fill_range(schema, "minLength", "maxLength", node.min_length, node.max_length));
        const auto pattern = MERLON_TRY(text_at(schema, "pattern"));
        if (pattern && patterns_ == SchemaPatterns::kCompiled) {
            auto compiled = match::Regex::compile(*pattern);
            if (!compiled.ok()) return Error{"pattern must be a valid regex"};
            node.pattern = std::make_shared<const match::Regex>(std::move(compiled).value());
            node.pattern_text = *pattern;
        }
        node.format = MERLON_TRY(text_at(schema, "format")).value_or("");
        MERLON_TRY(fill_range(schema, "minProperties", "maxProperties", node.min_properties,
                              node.max_properties));
        if (const Value* required = MERLON_TRY(list_at(schema, "required"))) {
            for (const Value& one : required->items()) {
                if (!one.is_string()) return invalid_type("string", "required");
                if (std::ranges::find(node.required, one.as_string()) != node.required.end()) {
                    return Error{"required items must be unique"};
                }
                node.required.emplace_back(one.as_string());
            }
        }
        MERLON_TRY(fill_count(schema, "minItems", node.min_items));
        return fill_count(schema, "maxItems", node.max_items);
    }

    Status fill_values(Subschema& node, const Value& schema, int depth) {
        if (const Value* unique = schema.find("uniqueItems")) {
            if (!unique->is_boolean()) return must_be("uniqueItems", "a", "boolean");
            node.has_unique_items = unique->as_boolean();
        }
        const bool is_late = node.draft >= GoSchemaDraft::k6;
        if (const Value* contains = schema.find("contains"); contains != nullptr && is_late) {
            node.contains = MERLON_TRY(child(node, *contains, depth));
        }
        if (const Value* constant = schema.find("const"); constant != nullptr && is_late) {
            node.constant = canonical_json(*constant, context_.builder);
        }
        const Value* const allowed = MERLON_TRY(list_at(schema, "enum"));
        if (allowed == nullptr) return {};
        node.allowed.emplace();
        for (const Value& one : allowed->items()) {
            std::string text = canonical_json(one, context_.builder);
            if (!context_.spend(node.allowed->size())) return Error{"limit"};
            if (std::ranges::find(*node.allowed, text) != node.allowed->end()) {
                return Error{"enum items must be unique"};
            }
            node.allowed->push_back(std::move(text));
        }
        return {};
    }

    Status fill_combined(Subschema& node, const Value& schema, int depth) {
        for (const auto& [keyword, place] :
             {std::pair("oneOf", &node.one_of), std::pair("anyOf", &node.any_of),
              std::pair("allOf", &node.all_of)}) {
            const Value* const list = MERLON_TRY(list_at(schema, keyword));
            if (list == nullptr) continue;
            for (const Value& one : list->items()) {
                place->push_back(MERLON_TRY(child(node, one, depth)));
            }
        }
        MERLON_TRY(
            child_at(node, schema, "not", node.negated, must_be("not", "an", "object"), depth));
        if (node.draft < GoSchemaDraft::k7) return {};
        for (const auto& [keyword, place] :
             {std::pair("if", &node.condition), std::pair("then", &node.then),
              std::pair("else", &node.otherwise)}) {
            MERLON_TRY(
                child_at(node, schema, keyword, *place, must_be(keyword, "an", "object"), depth));
        }
        return {};
    }

    std::deque<Subschema>& nodes_;
    SchemaPatterns patterns_;
    Context& context_;
    std::map<std::string, Pooled, std::less<>> documents_;
    std::map<const Value*, std::string> bases_;
    std::map<std::string, const Subschema*, std::less<>> referred_;
};

Result<GoSchema> GoSchema::compile(const Value& root, SchemaPatterns patterns, Context& context) {
    GoSchema schema;
    GoSchemaCompiler compiler(schema, patterns, context);
    MERLON_TRY(compiler.compile(root));
    return schema;
}

}  // namespace merlon::rego
