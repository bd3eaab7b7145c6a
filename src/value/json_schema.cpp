#include "value/json_schema.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "value/number.h"

namespace merlon::value {
namespace {

// Each level is a few frames, so this fits in a thread's stack, under the sanitizers too.
constexpr int kMaxDepth = 1'000;

const Value* array_at(const Value& schema, std::string_view keyword) {
    const Value* found = schema.find(keyword);
    return found != nullptr && found->is_array() ? found : nullptr;
}

const Value* object_at(const Value& schema, std::string_view keyword) {
    const Value* found = schema.find(keyword);
    return found != nullptr && found->is_object() ? found : nullptr;
}

std::string_view text_at(const Value& schema, std::string_view keyword) {
    const Value* found = schema.find(keyword);
    return found != nullptr && found->is_string() ? found->as_string() : std::string_view{};
}

bool is_true(const Value& schema, std::string_view keyword) {
    const Value* found = schema.find(keyword);
    return found != nullptr && found->is_boolean() && found->as_boolean();
}

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string escape_pointer(std::string_view token) {
    std::string out;
    for (const char c : token) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
}

// How a count stands to the number at `keyword`: negative, zero, positive; zero where there is
// none.
int compare_count(std::size_t count, const Value& schema, std::string_view keyword) {
    const Value* limit = schema.find(keyword);
    if (limit == nullptr || !limit->is_number()) return 0;
    return compare_numbers(std::to_string(count), limit->number_text());
}

// Which children of one instance a schema has looked at (Core, section 11): unevaluatedProperties
// and unevaluatedItems judge the others.
class Evaluated {
  public:
    explicit Evaluated(std::size_t children) : seen_(children, false) {}
    void mark(std::size_t child) { seen_[child] = true; }
    void mark_all() { seen_.assign(seen_.size(), true); }
    bool has(std::size_t child) const { return seen_[child]; }
    void merge(const Evaluated& other) {
        for (std::size_t i = 0; i < seen_.size(); ++i) seen_[i] = seen_[i] || other.seen_[i];
    }

  private:
    std::vector<bool> seen_;
};

std::size_t children_of(const Value& instance) {
    return instance.is_array() || instance.is_object() ? instance.size() : 0;
}

// One place of the instance while schemas look at it.
struct Place {
    const Value& instance;
    std::string pointer;
    Evaluated* evaluated;                    // null: nobody asks
    std::vector<SchemaViolation>* messages;  // null: only whether it fits is asked

    bool violated(std::string message) const {
        if (messages != nullptr) messages->push_back({pointer, std::move(message)});
        return false;
    }
    void mark(std::size_t child) const {
        if (evaluated != nullptr) evaluated->mark(child);
    }
};

// Each check_… says whether its keywords are satisfied. Once `problem_` is set, all answers are
// void.
class Validator {
  public:
    Validator(const PatternMatcher& matches, const SchemaOptions& options)
        : index_(options.documents, options.draft),
          matches_(matches),
          steps_left_(options.max_steps) {}

    Result<std::vector<SchemaViolation>> run(const Value& schema, const Value& instance,
                                             std::string_view address) {
        std::vector<SchemaViolation> messages;
        MERLON_TRY(index_.add(schema, address));
        check(schema, {instance, "", nullptr, &messages}, 0);
        if (problem_) return std::move(*problem_);
        return messages;
    }

  private:
    bool fail(std::string message) {
        if (!problem_) problem_ = Error{"JSON Schema: " + std::move(message)};
        return false;
    }

    bool spend(std::uint64_t steps) {
        if (problem_) return false;
        if (steps > steps_left_) return fail("judging this instance takes too many steps");
        steps_left_ -= steps;
        return true;
    }

    bool pattern_matches(std::string_view pattern, std::string_view text) {
        if (!spend(1 + text.size() / 16)) return false;
        Result<bool> matched = matches_(pattern, text);
        if (matched.ok()) return matched.value();
        if (!problem_) problem_ = std::move(matched).error();
        return false;
    }

    bool check(const Value& schema, const Place& place, int depth) {
        if (!spend(1)) return false;
        if (depth > kMaxDepth) return fail("references nest too deeply");
        if (schema.is_boolean()) {
            return schema.as_boolean() || place.violated("is not allowed here");
        }
        if (!schema.is_object()) return fail("a schema is an object or a boolean");
        // A subschema in a place that its draft has none in was not walked: it belongs to the
        // schema around it.
        const SchemaResource* resource = index_.resource_of(&schema);
        if (resource == nullptr) resource = scope_.back();
        const bool enters = scope_.empty() || scope_.back() != resource;
        if (enters) scope_.push_back(resource);
        const bool fits = check_in_resource(schema, *resource, place, depth);
        if (enters) scope_.pop_back();
        return fits && !problem_;
    }

    bool check_in_resource(const Value& schema, const SchemaResource& resource, const Place& place,
                           int depth) {
        const SchemaDraft draft = resource.draft;
        if (draft < SchemaDraft::k2019 && !text_at(schema, "$ref").empty()) {
            return check_reference(schema, "$ref", resource, place, depth);
        }
        const bool judges_the_rest =
            draft >= SchemaDraft::k2019 && (schema.find("unevaluatedProperties") != nullptr ||
                                            schema.find("unevaluatedItems") != nullptr);
        if (judges_the_rest) {
            // It sees what it has looked at itself, not what its neighbours have.
            Evaluated evaluated(children_of(place.instance));
            const Place tracked{place.instance, place.pointer, &evaluated, place.messages};
            const bool fits = check_keywords(schema, resource, tracked, depth);
            if (place.evaluated != nullptr) place.evaluated->merge(evaluated);
            return fits;
        }
        return check_keywords(schema, resource, place, depth);
    }

    bool check_keywords(const Value& schema, const SchemaResource& resource, const Place& place,
                        int depth) {
        bool fits = true;
        for (const std::string_view keyword : {"$ref", "$dynamicRef", "$recursiveRef"}) {
            if (text_at(schema, keyword).empty()) continue;
            fits = check_reference(schema, keyword, resource, place, depth) && fits;
        }
        const Value& instance = place.instance;
        if (resource.has_validation) {
            fits = check_any(schema, resource.draft, place) && fits;
            if (instance.is_number()) fits = check_number(schema, place) && fits;
            if (instance.is_string()) fits = check_string(schema, place) && fits;
        }
        fits = check_combined(schema, resource.draft, place, depth) && fits;
        if (instance.is_array()) fits = check_array(schema, resource, place, depth) && fits;
        if (instance.is_object()) fits = check_object(schema, resource, place, depth) && fits;
        return fits;
    }

    // Core, section 8.2.3. 2019-09 had `$recursiveRef`, which is a `$dynamicRef` without a name.
    bool check_reference(const Value& schema, std::string_view keyword,
                         const SchemaResource& resource, const Place& place, int depth) {
        if ((keyword == "$dynamicRef" && resource.draft != SchemaDraft::k2020) ||
            (keyword == "$recursiveRef" && resource.draft != SchemaDraft::k2019)) {
            return true;
        }
        const std::string_view reference = text_at(schema, keyword);
        auto known = targets_.find({&schema, keyword.data()});
        if (known == targets_.end()) {
            Result<SchemaIndex::Target> target = index_.resolve(resource, reference);
            if (!target.ok()) {
                if (!problem_) problem_ = std::move(target).error();
                return false;
            }
            known = targets_.emplace(std::pair{&schema, keyword.data()}, std::move(target).value())
                        .first;
        }
        const SchemaIndex::Target& target = known->second;
        const Value* at = target.schema;
        if (keyword == "$dynamicRef" && !target.anchor.empty()) {
            for (const SchemaResource* outer : scope_) {
                const auto found = outer->dynamic_anchors.find(target.anchor);
                if (found == outer->dynamic_anchors.end()) continue;
                at = found->second;
                break;
            }
        } else if (keyword == "$recursiveRef" && target.resource->is_recursive) {
            const auto outermost =
                std::find_if(scope_.begin(), scope_.end(),
                             [](const SchemaResource* outer) { return outer->is_recursive; });
            if (outermost != scope_.end()) at = (*outermost)->root;
        }
        return check(*at, place, depth + 1);
    }

    static bool is_type(const Value& instance, std::string_view type, SchemaDraft draft) {
        if (type != "integer") return name(instance.kind()) == type;
        if (!instance.is_number()) return false;
        // Draft-04, section 3.5: "a JSON number without a fraction or exponent part".
        const std::string number = instance.number_text();
        return draft == SchemaDraft::k4 ? number.find_first_of(".eE") == std::string::npos
                                        : is_whole(number);
    }

    // Validation, section 6.1: type, enum, const.
    bool check_any(const Value& schema, SchemaDraft draft, const Place& place) {
        const Value& instance = place.instance;
        bool fits = true;
        if (const Value* type = schema.find("type")) {
            std::string expected;
            bool of_type = false;
            const auto consider = [&](const Value& one) {
                if (!one.is_string()) return;
                expected += (expected.empty() ? "" : " or ") + std::string(one.as_string());
                of_type = of_type || is_type(instance, one.as_string(), draft);
            };
            if (type->is_array()) {
                for (const Value& one : type->items()) consider(one);
            } else {
                consider(*type);
            }
            if (!of_type) {
                fits = place.violated("expected " + expected + ", found " +
                                      std::string(name(instance.kind())));
            }
        }
        if (const Value* allowed = array_at(schema, "enum")) {
            const auto items = allowed->items();
            if (!spend(items.size())) return false;
            if (std::find(items.begin(), items.end(), instance) == items.end()) {
                fits = place.violated("is none of the values that are allowed here");
            }
        }
        if (const Value* only = schema.find("const");
            only != nullptr && draft > SchemaDraft::k4 && !(*only == instance)) {
            fits = place.violated("is not the one value that is allowed here");
        }
        return fits;
    }

    // Validation, section 6.2. Draft-04 makes a bound exclusive by a boolean beside it.
    bool check_number(const Value& schema, const Place& place) {
        const Value& instance = place.instance;
        bool fits = true;
        const auto bound = [&](std::string_view keyword, std::string_view exclusive_keyword,
                               int direction) {
            if (const Value* limit = schema.find(keyword); limit != nullptr && limit->is_number()) {
                const int order = compare(instance, *limit) * direction;
                if (order < 0 || (order == 0 && is_true(schema, exclusive_keyword))) {
                    fits = place.violated("is beyond the " + std::string(keyword) + " " +
                                          limit->number_text());
                }
            }
            const Value* exclusive = schema.find(exclusive_keyword);
            if (exclusive != nullptr && exclusive->is_number() &&
                compare(instance, *exclusive) * direction <= 0) {
                fits = place.violated("is not inside the " + std::string(exclusive_keyword) + " " +
                                      exclusive->number_text());
            }
        };
        bound("minimum", "exclusiveMinimum", 1);
        bound("maximum", "exclusiveMaximum", -1);
        if (const Value* factor = schema.find("multipleOf");
            factor != nullptr && factor->is_number()) {
            const std::string unit = factor->number_text();
            const std::string number = instance.number_text();
            if (compare_numbers(unit, "0") <= 0) return fail("multipleOf has to be above 0");
            if (!spend(number.size() * unit.size() + unit.size() * unit.size())) return false;
            if (!is_multiple_of(number, unit)) {
                fits = place.violated("is no multiple of " + unit);
            }
        }
        return fits;
    }

    static bool check_count(std::size_t count, const Value& schema, std::string_view least,
                            std::string_view most, std::string_view what, const Place& place) {
        for (const auto& [keyword, wrong, adverb] :
             {std::tuple{least, -1, "at least "}, std::tuple{most, 1, "at most "}}) {
            if (compare_count(count, schema, keyword) * wrong <= 0) continue;
            return place.violated("has " + std::to_string(count) + " " + std::string(what) +
                                  ", expected " + adverb + schema.find(keyword)->number_text());
        }
        return true;
    }

    // Validation, section 6.3.
    bool check_string(const Value& schema, const Place& place) {
        const std::string_view text = place.instance.as_string();
        bool fits =
            check_count(code_points(text), schema, "minLength", "maxLength", "characters", place);
        if (const std::string_view pattern = text_at(schema, "pattern");
            !pattern.empty() && !pattern_matches(pattern, text)) {
            fits = place.violated("does not match " + std::string(pattern));
        }
        return fits;
    }

    // Whether `instance` fits, without messages. What was evaluated counts only where it does
    // (Core, section 7.7.1.1).
    bool fits_quietly(const Value& schema, const Place& place, int depth) {
        if (place.evaluated == nullptr) {
            return check(schema, {place.instance, place.pointer, nullptr, nullptr}, depth + 1);
        }
        Evaluated evaluated(children_of(place.instance));
        if (!check(schema, {place.instance, place.pointer, &evaluated, nullptr}, depth + 1)) {
            return false;
        }
        place.evaluated->merge(evaluated);
        return true;
    }

    // Core, section 10.2: allOf, anyOf, oneOf, not, if.
    bool check_combined(const Value& schema, SchemaDraft draft, const Place& place, int depth) {
        bool fits = true;
        if (const Value* all = array_at(schema, "allOf")) {
            for (const Value& one : all->items()) fits = check(one, place, depth + 1) && fits;
        }
        const auto count_fitting = [&](const Value& list) {
            std::size_t count = 0;
            for (const Value& one : list.items()) count += fits_quietly(one, place, depth) ? 1 : 0;
            return count;
        };
        if (const Value* any = array_at(schema, "anyOf")) {
            if (count_fitting(*any) == 0) fits = place.violated("fits none of the alternatives");
        }
        if (const Value* one = array_at(schema, "oneOf")) {
            if (const std::size_t count = count_fitting(*one); count != 1) {
                fits = place.violated("fits " + std::to_string(count) +
                                      " of the alternatives, expected exactly one");
            }
        }
        if (const Value* no = schema.find("not")) {
            const Place apart{place.instance, place.pointer, nullptr, nullptr};
            if (check(*no, apart, depth + 1)) fits = place.violated("is what must not stand here");
        }
        if (const Value* condition = schema.find("if");
            condition != nullptr && draft >= SchemaDraft::k7) {
            const Value* then =
                schema.find(fits_quietly(*condition, place, depth) ? "then" : "else");
            if (then != nullptr) fits = check(*then, place, depth + 1) && fits;
        }
        return fits;
    }

    bool check_child(const Value& schema, const Place& place, std::size_t child,
                     const Value& instance, std::string_view token, int depth) {
        place.mark(child);
        const std::string pointer =
            place.messages == nullptr ? std::string() : place.pointer + "/" + escape_pointer(token);
        return check(schema, {instance, pointer, nullptr, place.messages}, depth + 1);
    }

    // Core, section 10.3.1, and Validation, section 6.4.
    bool check_array(const Value& schema, const SchemaResource& resource, const Place& place,
                     int depth) {
        const auto items = place.instance.items();
        bool fits = true;
        if (resource.has_validation) {
            fits = check_count(items.size(), schema, "minItems", "maxItems", "items", place);
            if (is_true(schema, "uniqueItems") && !are_distinct(items)) {
                fits = place.violated("has equal items");
            }
        }
        // Before 2020-12 an array at `items` was what prefixItems is now, and additionalItems its
        // rest.
        const Value* prefix = nullptr;
        const Value* rest = schema.find("items");
        if (resource.draft == SchemaDraft::k2020) {
            prefix = array_at(schema, "prefixItems");
        } else if (rest != nullptr && rest->is_array()) {
            prefix = std::exchange(rest, schema.find("additionalItems"));
        }
        const std::size_t fixed = prefix == nullptr ? 0 : prefix->size();
        for (std::size_t i = 0; i < items.size(); ++i) {
            const Value* judge = i < fixed ? &prefix->items()[i] : rest;
            if (judge == nullptr) continue;
            fits = check_child(*judge, place, i, items[i], std::to_string(i), depth) && fits;
        }
        if (const Value* wanted = schema.find("contains");
            wanted != nullptr && resource.draft >= SchemaDraft::k6) {
            fits = check_contains(*wanted, schema, resource, place, depth) && fits;
        }
        const Value* others = schema.find("unevaluatedItems");
        if (others == nullptr || place.evaluated == nullptr) return fits;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (place.evaluated->has(i)) continue;
            fits = check_child(*others, place, i, items[i], std::to_string(i), depth) && fits;
        }
        return fits;
    }

    bool are_distinct(std::span<const Value> items) {
        if (!spend(items.size())) return true;
        std::vector<const Value*> sorted;
        for (const Value& item : items) sorted.push_back(&item);
        std::sort(sorted.begin(), sorted.end(),
                  [](const Value* a, const Value* b) { return compare(*a, *b) < 0; });
        return std::adjacent_find(sorted.begin(), sorted.end(), [](const Value* a, const Value* b) {
                   return *a == *b;
               }) == sorted.end();
    }

    bool check_contains(const Value& wanted, const Value& schema, const SchemaResource& resource,
                        const Place& place, int depth) {
        const auto items = place.instance.items();
        std::size_t count = 0;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (!check(wanted, {items[i], {}, nullptr, nullptr}, depth + 1)) continue;
            ++count;
            if (resource.draft == SchemaDraft::k2020) place.mark(i);
        }
        const bool counted = resource.draft >= SchemaDraft::k2019 && resource.has_validation;
        const bool has_least = counted && schema.find("minContains") != nullptr;
        const bool too_few =
            has_least ? compare_count(count, schema, "minContains") < 0 : count == 0;
        if (!too_few && !(counted && compare_count(count, schema, "maxContains") > 0)) return true;
        return place.violated("has " + std::to_string(count) + " items of the wanted kind");
    }

    // Core, section 10.3.2, and Validation, section 6.5.
    bool check_object(const Value& schema, const SchemaResource& resource, const Place& place,
                      int depth) {
        const Value& instance = place.instance;
        bool fits = true;
        if (resource.has_validation) {
            fits = check_count(instance.size(), schema, "minProperties", "maxProperties",
                               "properties", place);
            if (const Value* required = array_at(schema, "required")) {
                fits = require(*required, place) && fits;
            }
        }
        const Value* names =
            resource.draft >= SchemaDraft::k6 ? schema.find("propertyNames") : nullptr;
        for (std::size_t i = 0; i < instance.size(); ++i) {
            const Value& key = instance.keys()[i];
            if (!key.is_string()) continue;
            fits = check_property(schema, place, i, depth) && fits;
            if (names == nullptr) continue;
            const std::string pointer = place.pointer + "/" + escape_pointer(key.as_string());
            fits = check(*names, {key, pointer, nullptr, place.messages}, depth + 1) && fits;
        }
        fits = check_dependencies(schema, resource, place, depth) && fits;
        const Value* others = schema.find("unevaluatedProperties");
        if (others == nullptr || place.evaluated == nullptr) return fits;
        for (std::size_t i = 0; i < instance.size(); ++i) {
            if (place.evaluated->has(i) || !instance.keys()[i].is_string()) continue;
            fits = check_child(*others, place, i, instance.values()[i],
                               instance.keys()[i].as_string(), depth) &&
                   fits;
        }
        return fits;
    }

    // properties, patternProperties, and additionalProperties for what neither names.
    bool check_property(const Value& schema, const Place& place, std::size_t i, int depth) {
        const std::string_view key = place.instance.keys()[i].as_string();
        const Value& value = place.instance.values()[i];
        bool fits = true;
        bool named = false;
        if (const Value* properties = object_at(schema, "properties")) {
            if (const Value* own = properties->find(key)) {
                named = true;
                fits = check_child(*own, place, i, value, key, depth);
            }
        }
        if (const Value* patterns = object_at(schema, "patternProperties")) {
            for (std::size_t p = 0; p < patterns->size(); ++p) {
                if (!patterns->keys()[p].is_string()) {
                    return fail("a key of patternProperties is no string");
                }
                if (!pattern_matches(patterns->keys()[p].as_string(), key)) continue;
                named = true;
                fits = check_child(patterns->values()[p], place, i, value, key, depth) && fits;
            }
        }
        const Value* additional = schema.find("additionalProperties");
        if (named || additional == nullptr) return fits;
        return check_child(*additional, place, i, value, key, depth) && fits;
    }

    static bool require(const Value& keys, const Place& place) {
        bool fits = true;
        for (const Value& key : keys.items()) {
            if (!key.is_string() || place.instance.find(key.as_string()) != nullptr) continue;
            fits = place.violated("lacks '" + std::string(key.as_string()) + "'");
        }
        return fits;
    }

    // dependentRequired and dependentSchemas (since 2019-09); dependencies (before) is both, and is
    // still heeded.
    bool check_dependencies(const Value& schema, const SchemaResource& resource, const Place& place,
                            int depth) {
        bool fits = true;
        for (const std::string_view keyword :
             {"dependentRequired", "dependentSchemas", "dependencies"}) {
            if (keyword != "dependencies" && resource.draft < SchemaDraft::k2019) continue;
            const Value* dependencies = object_at(schema, keyword);
            if (dependencies == nullptr) continue;
            for (std::size_t i = 0; i < dependencies->size(); ++i) {
                if (place.instance.find(dependencies->keys()[i]) == nullptr) continue;
                const Value& needed = dependencies->values()[i];
                if (needed.is_array()) {
                    if (resource.has_validation) fits = require(needed, place) && fits;
                } else {
                    fits = check(needed, place, depth + 1) && fits;
                }
            }
        }
        return fits;
    }

    struct TargetKeyHash {
        std::size_t operator()(const std::pair<const Value*, const char*>& key) const {
            return std::hash<const void*>()(key.first) ^
                   (std::hash<const void*>()(key.second) << 1);
        }
    };

    SchemaIndex index_;
    const PatternMatcher& matches_;
    std::uint64_t steps_left_;
    std::vector<const SchemaResource*> scope_;  // the dynamic scope, outermost first
    std::unordered_map<std::pair<const Value*, const char*>, SchemaIndex::Target, TargetKeyHash>
        targets_;
    std::optional<Error> problem_;
};

}  // namespace

Result<std::vector<SchemaViolation>> validate(const Value& schema, const Value& instance,
                                              const PatternMatcher& matches,
                                              const SchemaOptions& options) {
    return Validator(matches, options).run(schema, instance, options.address);
}

}  // namespace merlon::value
