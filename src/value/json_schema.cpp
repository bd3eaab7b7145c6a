#include "value/json_schema.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

namespace merlon::value {
namespace {

constexpr int kMaxDepth = 256;

std::string_view text_at(const Value& object, std::string_view key) {
    const Value* found = object.find(key);
    return found != nullptr && found->is_string() ? found->as_string() : std::string_view{};
}

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string unescape_pointer(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size()) {
            out += token[++i] == '0' ? '~' : '/';
        } else if (token[i] == '%' && i + 2 < token.size()) {
            // A URI fragment may be percent-encoded; what is no escape stays as it is.
            unsigned byte = 0;
            const char* digits = token.data() + i + 1;
            const auto [end, code] = std::from_chars(digits, digits + 2, byte, 16);
            const bool escaped = code == std::errc{} && end == digits + 2;
            out += escaped ? static_cast<char>(byte) : '%';
            i += escaped ? 2 : 0;
        } else {
            out += token[i];
        }
    }
    return out;
}

std::string escape_pointer(std::string_view token) {
    std::string out;
    for (const char c : token) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
}

bool is_type(const Value& instance, std::string_view type) {
    if (type == "integer") {
        return instance.is_number() && std::floor(instance.as_double()) == instance.as_double();
    }
    return name(instance.kind()) == type;
}

class Validator {
  public:
    Validator(const Value& root, const PatternMatcher& matches) : root_(root), matches_(matches) {
        collect_names(root, 0);
    }

    Result<std::vector<SchemaViolation>> run(const Value& instance) {
        std::vector<SchemaViolation> violations;
        check(root_, instance, "", violations, 0);
        if (problem_) return std::move(*problem_);
        return violations;
    }

  private:
    using Violations = std::vector<SchemaViolation>;

    // $id, id, $anchor anywhere in the document, so that references by name find them.
    void collect_names(const Value& schema, int depth) {
        if (depth > kMaxDepth) return;
        if (schema.is_array()) {
            for (const Value& item : schema.items()) collect_names(item, depth + 1);
        }
        if (!schema.is_object()) return;
        for (const std::string_view key : {"$id", "id"}) {
            if (const auto id = text_at(schema, key); !id.empty()) names_.emplace(id, &schema);
        }
        for (const std::string_view key : {"$anchor", "$dynamicAnchor"}) {
            if (const auto anchor = text_at(schema, key); !anchor.empty()) {
                names_.emplace("#" + std::string(anchor), &schema);
            }
        }
        for (const Value& child : schema.values()) collect_names(child, depth + 1);
    }

    const Value* resolve(std::string_view reference) {
        if (const auto named = names_.find(std::string(reference)); named != names_.end()) {
            return named->second;
        }
        const std::size_t hash = reference.find('#');
        const Value* at = &root_;
        if (hash != 0 && hash != std::string_view::npos) {
            const auto base = names_.find(std::string(reference.substr(0, hash)));
            if (base == names_.end()) return nullptr;
            at = base->second;
        } else if (hash == std::string_view::npos) {
            return nullptr;
        }
        std::string_view pointer = reference.substr(hash + 1);
        while (at != nullptr && !pointer.empty()) {
            if (pointer.front() != '/') return nullptr;
            pointer.remove_prefix(1);
            const std::size_t slash = pointer.find('/');
            const std::string token = unescape_pointer(pointer.substr(0, slash));
            pointer = slash == std::string_view::npos ? std::string_view{} : pointer.substr(slash);
            if (at->is_array()) {
                const std::size_t index = std::strtoul(token.c_str(), nullptr, 10);
                at = index < at->size() ? &at->items()[index] : nullptr;
            } else {
                at = at->find(token);
            }
        }
        return at;
    }

    void wrong_schema(std::string message) {
        if (!problem_) problem_ = Error{"JSON Schema: " + std::move(message)};
    }

    bool fits(const Value& schema, const Value& instance, const std::string& pointer, int depth) {
        Violations ignored;
        check(schema, instance, pointer, ignored, depth);
        return ignored.empty();
    }

    bool pattern_matches(std::string_view pattern, std::string_view text) {
        const Result<bool> matched = matches_(pattern, text);
        if (matched.ok()) return matched.value();
        wrong_schema(matched.error().message);
        return false;
    }

    void check(const Value& schema, const Value& instance, const std::string& pointer,
               Violations& out, int depth) {
        if (problem_) return;
        if (depth > kMaxDepth) return wrong_schema("references nest too deeply");
        if (schema.is_boolean()) {
            if (!schema.as_boolean()) out.push_back({pointer, "is not allowed here"});
            return;
        }
        if (!schema.is_object()) return wrong_schema("a schema is an object or a boolean");
        for (const std::string_view key : {"$ref", "$dynamicRef"}) {
            const std::string_view reference = text_at(schema, key);
            if (reference.empty()) continue;
            const Value* target = resolve(reference);
            if (target == nullptr) {
                return wrong_schema("there is no '" + std::string(reference) + "' in it");
            }
            check(*target, instance, pointer, out, depth + 1);
        }
        check_any(schema, instance, pointer, out);
        check_combined(schema, instance, pointer, out, depth);
        if (instance.is_number()) check_number(schema, instance, pointer, out);
        if (instance.is_string()) check_string(schema, instance, pointer, out);
        if (instance.is_array()) check_array(schema, instance, pointer, out, depth);
        if (instance.is_object()) check_object(schema, instance, pointer, out, depth);
    }

    // Validation, section 6.1: type, enum, const.
    static void check_any(const Value& schema, const Value& instance, const std::string& pointer,
                          Violations& out) {
        if (const Value* type = schema.find("type")) {
            std::string expected;
            bool fits = false;
            const auto consider = [&](const Value& one) {
                if (!one.is_string()) return;
                expected += (expected.empty() ? "" : " or ") + std::string(one.as_string());
                fits = fits || is_type(instance, one.as_string());
            };
            if (type->is_array()) {
                for (const Value& one : type->items()) consider(one);
            } else {
                consider(*type);
            }
            if (!fits) {
                out.push_back({pointer, "expected " + expected + ", found " +
                                            std::string(name(instance.kind()))});
            }
        }
        if (const Value* allowed = schema.find("enum"); allowed != nullptr && allowed->is_array()) {
            const auto items = allowed->items();
            if (std::find(items.begin(), items.end(), instance) == items.end()) {
                out.push_back({pointer, "is none of the values that are allowed here"});
            }
        }
        if (const Value* only = schema.find("const"); only != nullptr && !(*only == instance)) {
            out.push_back({pointer, "is not the one value that is allowed here"});
        }
    }

    // Core, section 10.2: allOf, anyOf, oneOf, not, if.
    void check_combined(const Value& schema, const Value& instance, const std::string& pointer,
                        Violations& out, int depth) {
        const auto count_fitting = [&](const Value& list) {
            std::size_t count = 0;
            for (const Value& one : list.items()) {
                count += fits(one, instance, pointer, depth + 1) ? 1 : 0;
            }
            return count;
        };
        if (const Value* all = schema.find("allOf"); all != nullptr && all->is_array()) {
            for (const Value& one : all->items()) check(one, instance, pointer, out, depth + 1);
        }
        if (const Value* any = schema.find("anyOf"); any != nullptr && any->is_array()) {
            if (count_fitting(*any) == 0) out.push_back({pointer, "fits none of the alternatives"});
        }
        if (const Value* one = schema.find("oneOf"); one != nullptr && one->is_array()) {
            const std::size_t count = count_fitting(*one);
            if (count != 1) {
                out.push_back({pointer, "fits " + std::to_string(count) +
                                            " of the alternatives, expected exactly one"});
            }
        }
        if (const Value* no = schema.find("not"); no != nullptr) {
            if (fits(*no, instance, pointer, depth + 1)) {
                out.push_back({pointer, "is what must not stand here"});
            }
        }
        if (const Value* condition = schema.find("if")) {
            const Value* then =
                schema.find(fits(*condition, instance, pointer, depth + 1) ? "then" : "else");
            if (then != nullptr) check(*then, instance, pointer, out, depth + 1);
        }
    }

    // Validation, section 6.2. Draft-04 makes a bound exclusive by a boolean beside it.
    static void check_number(const Value& schema, const Value& instance, const std::string& pointer,
                             Violations& out) {
        const auto bound = [&](std::string_view key, std::string_view exclusive_key,
                               int direction) {
            const Value* exclusive = schema.find(exclusive_key);
            if (const Value* limit = schema.find(key); limit != nullptr && limit->is_number()) {
                const int order = compare(instance, *limit) * direction;
                const bool open =
                    exclusive != nullptr && exclusive->is_boolean() && exclusive->as_boolean();
                if (order < 0 || (open && order == 0)) {
                    out.push_back({pointer, "is beyond the " + std::string(key) + " " +
                                                limit->number_text()});
                }
            }
            if (exclusive != nullptr && exclusive->is_number() &&
                compare(instance, *exclusive) * direction <= 0) {
                out.push_back({pointer, "is not inside the " + std::string(exclusive_key) + " " +
                                            exclusive->number_text()});
            }
        };
        bound("minimum", "exclusiveMinimum", 1);
        bound("maximum", "exclusiveMaximum", -1);
        if (const Value* factor = schema.find("multipleOf");
            factor != nullptr && factor->is_number()) {
            const double quotient = instance.as_double() / factor->as_double();
            if (std::fabs(quotient - std::round(quotient)) > 1e-9) {
                out.push_back({pointer, "is no multiple of " + factor->number_text()});
            }
        }
    }

    static std::optional<std::size_t> limit_of(const Value& schema, std::string_view key) {
        const Value* found = schema.find(key);
        if (found == nullptr || !found->is_number() || found->as_double() < 0) return std::nullopt;
        return static_cast<std::size_t>(found->as_double());
    }

    static void check_count(const Value& schema, std::string_view least, std::string_view most,
                            std::size_t count, const std::string& pointer, std::string_view what,
                            Violations& out) {
        const auto low = limit_of(schema, least);
        const auto high = limit_of(schema, most);
        if (low && count < *low) {
            out.push_back({pointer, "has " + std::to_string(count) + " " + std::string(what) +
                                        ", expected at least " + std::to_string(*low)});
        }
        if (high && count > *high) {
            out.push_back({pointer, "has " + std::to_string(count) + " " + std::string(what) +
                                        ", expected at most " + std::to_string(*high)});
        }
    }

    void check_string(const Value& schema, const Value& instance, const std::string& pointer,
                      Violations& out) {
        check_count(schema, "minLength", "maxLength", code_points(instance.as_string()), pointer,
                    "characters", out);
        const std::string_view pattern = text_at(schema, "pattern");
        if (!pattern.empty() && !pattern_matches(pattern, instance.as_string())) {
            out.push_back({pointer, "does not match " + std::string(pattern)});
        }
    }

    // prefixItems and items (2020-12), or items as a list and additionalItems (before).
    void check_array(const Value& schema, const Value& instance, const std::string& pointer,
                     Violations& out, int depth) {
        const auto items = instance.items();
        check_count(schema, "minItems", "maxItems", items.size(), pointer, "items", out);
        const Value* prefix = schema.find("prefixItems");
        const Value* rest = schema.find("items");
        if (rest != nullptr && rest->is_array()) {
            prefix = rest;
            rest = schema.find("additionalItems");
        }
        const std::size_t fixed = prefix != nullptr && prefix->is_array() ? prefix->size() : 0;
        for (std::size_t i = 0; i < items.size(); ++i) {
            const Value* item_schema = i < fixed ? &prefix->items()[i] : rest;
            if (item_schema != nullptr) {
                check(*item_schema, items[i], pointer + "/" + std::to_string(i), out, depth + 1);
            }
        }
        const Value* unique = schema.find("uniqueItems");
        if (unique != nullptr && unique->is_boolean() && unique->as_boolean()) {
            const auto less = [](const Value& a, const Value& b) { return compare(a, b) < 0; };
            const std::set<Value, decltype(less)> distinct(items.begin(), items.end(), less);
            if (distinct.size() != items.size()) out.push_back({pointer, "has equal items"});
        }
        if (const Value* wanted = schema.find("contains")) {
            std::size_t count = 0;
            for (const Value& item : items)
                count += fits(*wanted, item, pointer, depth + 1) ? 1 : 0;
            const std::size_t least = limit_of(schema, "minContains").value_or(1);
            const auto most = limit_of(schema, "maxContains");
            if (count < least || (most && count > *most)) {
                out.push_back(
                    {pointer, "has " + std::to_string(count) + " items of the wanted kind"});
            }
        }
    }

    void check_object(const Value& schema, const Value& instance, const std::string& pointer,
                      Violations& out, int depth) {
        check_count(schema, "minProperties", "maxProperties", instance.size(), pointer,
                    "properties", out);
        if (const Value* required = schema.find("required");
            required != nullptr && required->is_array()) {
            require(*required, instance, pointer, out);
        }
        const Value* properties = schema.find("properties");
        const Value* patterns = schema.find("patternProperties");
        const Value* additional = schema.find("additionalProperties");
        const Value* names = schema.find("propertyNames");
        for (std::size_t i = 0; i < instance.size(); ++i) {
            const Value& key = instance.keys()[i];
            if (!key.is_string()) continue;
            const Value& item = instance.values()[i];
            const std::string at = pointer + "/" + escape_pointer(key.as_string());
            bool known = false;
            if (properties != nullptr) {
                if (const Value* own = properties->find(key.as_string())) {
                    known = true;
                    check(*own, item, at, out, depth + 1);
                }
            }
            if (patterns != nullptr && patterns->is_object()) {
                for (std::size_t p = 0; p < patterns->size(); ++p) {
                    if (!patterns->keys()[p].is_string()) {
                        return wrong_schema("a key of patternProperties is no string");
                    }
                    if (!pattern_matches(patterns->keys()[p].as_string(), key.as_string()))
                        continue;
                    known = true;
                    check(patterns->values()[p], item, at, out, depth + 1);
                }
            }
            if (!known && additional != nullptr) check(*additional, item, at, out, depth + 1);
            if (names != nullptr) check(*names, key, at, out, depth + 1);
        }
        check_dependencies(schema, instance, pointer, out, depth);
    }

    static void require(const Value& keys, const Value& instance, const std::string& pointer,
                        Violations& out) {
        for (const Value& key : keys.items()) {
            if (key.is_string() && instance.find(key.as_string()) == nullptr) {
                out.push_back({pointer, "lacks '" + std::string(key.as_string()) + "'"});
            }
        }
    }

    // dependentRequired and dependentSchemas (2020-12); dependencies (before) is both.
    void check_dependencies(const Value& schema, const Value& instance, const std::string& pointer,
                            Violations& out, int depth) {
        for (const std::string_view keyword :
             {"dependentRequired", "dependentSchemas", "dependencies"}) {
            const Value* dependencies = schema.find(keyword);
            if (dependencies == nullptr || !dependencies->is_object()) continue;
            for (std::size_t i = 0; i < dependencies->size(); ++i) {
                if (instance.find(dependencies->keys()[i]) == nullptr) continue;
                const Value& needed = dependencies->values()[i];
                if (needed.is_array()) {
                    require(needed, instance, pointer, out);
                } else {
                    check(needed, instance, pointer, out, depth + 1);
                }
            }
        }
    }

    const Value& root_;
    const PatternMatcher& matches_;
    std::map<std::string, const Value*> names_;
    std::optional<Error> problem_;
};

}  // namespace

Result<std::vector<SchemaViolation>> validate(const Value& schema, const Value& instance,
                                              const PatternMatcher& matches) {
    return Validator(schema, matches).run(instance);
}

}  // namespace merlon::value
