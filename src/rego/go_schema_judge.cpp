#include <algorithm>
#include <unordered_map>

#include "rego/go_format.h"
#include "rego/go_schema.h"
#include "rego/term.h"
#include "value/number.h"

namespace merlon::rego {
namespace {

using value::Value;

constexpr int kMaxDepth = 500;

// What one schema says about one value. The score tells which alternative came nearest: OPA
// reports the mistakes of that one.
struct Verdict {
    std::vector<SchemaMistake> mistakes;
    int score = 0;

    bool is_valid() const { return mistakes.empty(); }
    void take(Verdict&& other) {
        score += other.score;
        std::ranges::move(other.mistakes, std::back_inserter(mistakes));
    }
};

// Keeps the verdict with the best score; of equals the first.
void keep_best(std::optional<Verdict>& best, Verdict&& verdict) {
    if (!best || verdict.score > best->score) best = std::move(verdict);
}

std::string number_name(const Value& number) { return go_float_text(number.as_double(), 'g', -1); }

bool is_whole(const Value& number) { return value::is_whole(number.number_text()); }

std::size_t rune_count(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

class Judge {
  public:
    explicit Judge(Context& context) : context_(context) {}

    bool has_failed() const { return has_failed_; }

    Verdict judge(const Subschema& schema, const Value& value, const std::string& field) {
        Verdict verdict;
        judge(schema, value, field, verdict);
        return verdict;
    }

  private:
    static void mistake(Verdict& verdict, const std::string& field, std::string kind,
                        std::string description) {
        constexpr std::string_view kRoot = "(Root).";
        const std::string shown = field.starts_with(kRoot) ? field.substr(kRoot.size()) : field;
        verdict.mistakes.push_back({std::move(kind), shown, std::move(description)});
        verdict.score -= 2;
    }

    static bool has_type(const Subschema& schema, std::string_view type) {
        return std::ranges::find(schema.types, type) != schema.types.end();
    }

    // Whether the value is of a type that the schema allows.
    static bool judge_type(const Subschema& schema, const Value& value, const std::string& field,
                           Verdict& verdict) {
        if (schema.types.empty()) return true;
        std::string_view given = value::name(value.kind());
        if (value.is_number()) {
            const bool whole = is_whole(value);
            if (has_type(schema, "number") || (whole && has_type(schema, "integer"))) return true;
            given = whole ? "integer" : "number";
        } else if (has_type(schema, given)) {
            return true;
        }
        std::string expected = schema.types[0];
        for (std::size_t i = 1; i < schema.types.size(); ++i) expected += "," + schema.types[i];
        if (schema.types.size() > 1) expected = "[" + expected + "]";
        mistake(verdict, field, "invalid_type",
                "Invalid type. Expected: " + expected + ", given: " + std::string(given));
        return false;
    }

    void judge(const Subschema& schema, const Value& value, const std::string& field,
               Verdict& verdict) {
        if (has_failed_) return;
        if (depth_ >= kMaxDepth) {
            static_cast<void>(context_.fail(ErrorKind::kLimit, "schema refers to itself for ever"));
            has_failed_ = true;
        }
        has_failed_ = has_failed_ || !context_.spend(1);
        if (has_failed_) return;
        if (schema.passes) {
            if (!*schema.passes) mistake(verdict, field, "false", "False always fails validation");
            return;
        }
        ++depth_;
        if (schema.referred != nullptr) {
            judge(*schema.referred, value, field, verdict);
        } else if (judge_type(schema, value, field, verdict)) {
            judge_combined(schema, value, field, verdict);
            judge_kind(schema, value, field, verdict);
            ++verdict.score;
        }
        --depth_;
    }

    void judge_kind(const Subschema& schema, const Value& value, const std::string& field,
                    Verdict& verdict) {
        if (value.is_array()) judge_array(schema, value, field, verdict);
        if (value.is_object()) judge_object(schema, value, field, verdict);
        if (value.is_number()) judge_number(schema, value, field, verdict);
        judge_values(schema, value, field, verdict);
        if (value.is_string()) judge_string(schema, value, field, verdict);
        if (!value.is_object()) return;
        for (const auto& [name, property] : schema.properties) {
            if (const Value* found = value.find(name)) {
                judge(*property, *found, field + "." + name, verdict);
            }
        }
    }

    void judge_combined(const Subschema& schema, const Value& value, const std::string& field,
                        Verdict& verdict) {
        if (!schema.any_of.empty()) judge_any(schema, value, field, verdict);
        if (!schema.one_of.empty()) judge_one(schema, value, field, verdict);
        bool fits_all = true;
        for (const Subschema* one : schema.all_of) {
            Verdict found = judge(*one, value, field);
            fits_all = fits_all && found.is_valid();
            verdict.take(std::move(found));
        }
        if (!fits_all) {
            mistake(verdict, field, "number_all_of", "Must validate all the schemas (allOf)");
        }
        if (schema.negated != nullptr && judge(*schema.negated, value, field).is_valid()) {
            mistake(verdict, field, "number_not", "Must not validate the schema (not)");
        }
        if (value.is_object()) judge_dependencies(schema, value, field, verdict);
        if (schema.condition != nullptr) {
            const bool holds = judge(*schema.condition, value, field).is_valid();
            const Subschema* const next = holds ? schema.then : schema.otherwise;
            if (next != nullptr) {
                Verdict found = judge(*next, value, field);
                if (!found.is_valid()) {
                    mistake(verdict, field, holds ? "condition_then" : "condition_else",
                            holds ? "Must validate \"then\" as \"if\" was valid"
                                  : "Must validate \"else\" as \"if\" was not valid");
                    verdict.take(std::move(found));
                }
            }
        }
        ++verdict.score;
    }

    void judge_any(const Subschema& schema, const Value& value, const std::string& field,
                   Verdict& verdict) {
        std::optional<Verdict> best;
        for (const Subschema* one : schema.any_of) {
            Verdict found = judge(*one, value, field);
            if (found.is_valid()) return;
            keep_best(best, std::move(found));
        }
        mistake(verdict, field, "number_any_of", "Must validate at least one schema (anyOf)");
        if (best) verdict.take(std::move(*best));
    }

    void judge_one(const Subschema& schema, const Value& value, const std::string& field,
                   Verdict& verdict) {
        int fitting = 0;
        std::optional<Verdict> best;
        for (const Subschema* one : schema.one_of) {
            Verdict found = judge(*one, value, field);
            if (found.is_valid()) {
                ++fitting;
            } else if (fitting == 0) {
                keep_best(best, std::move(found));
            }
        }
        if (fitting == 1) return;
        mistake(verdict, field, "number_one_of", "Must validate one and only one schema (oneOf)");
        if (fitting == 0 && best) verdict.take(std::move(*best));
    }

    void judge_dependencies(const Subschema& schema, const Value& value, const std::string& field,
                            Verdict& verdict) {
        for (const auto& [name, needed] : schema.needed_beside) {
            if (value.find(name) == nullptr) continue;
            for (const std::string& one : needed) {
                if (value.find(one) != nullptr) continue;
                mistake(verdict, field, "missing_dependency", "Has a dependency on " + one);
            }
        }
        for (const auto& [name, beside] : schema.judged_beside) {
            if (value.find(name) != nullptr) judge(*beside, value, field, verdict);
        }
    }

    void judge_values(const Subschema& schema, const Value& value, const std::string& field,
                      Verdict& verdict) {
        if (schema.constant || schema.allowed) {
            const std::string text = canonical_json(value, context_.builder);
            has_failed_ = has_failed_ || !context_.spend(text.size() / 16);
            if (schema.constant && text != *schema.constant) {
                mistake(verdict, field, "const",
                        shown_field(field) + " does not match: " + *schema.constant);
            }
            if (schema.allowed &&
                std::ranges::find(*schema.allowed, text) == schema.allowed->end()) {
                std::string allowed;
                for (const std::string& one : *schema.allowed) {
                    allowed += (allowed.empty() ? "" : ", ") + one;
                }
                mistake(verdict, field, "enum",
                        shown_field(field) + " must be one of the following: " + allowed);
            }
        }
        if (!schema.format.empty() && value.is_string() &&
            !has_format(schema.format, value.as_string(), context_)) {
            mistake(verdict, field, "format", "Does not match format '" + schema.format + "'");
        }
        ++verdict.score;
    }
    static std::string shown_field(const std::string& field) {
        constexpr std::string_view kRoot = "(Root).";
        return field.starts_with(kRoot) ? field.substr(kRoot.size()) : field;
    }

    static void judge_count(std::size_t size, const std::optional<std::int64_t>& least,
                            const std::optional<std::int64_t>& most, const std::string& field,
                            std::pair<std::string, std::string> too_few,
                            std::pair<std::string, std::string> too_many, std::string_view unit,
                            Verdict& verdict) {
        const auto count = static_cast<std::int64_t>(size);
        if (least && count < *least) {
            mistake(verdict, field, too_few.first,
                    too_few.second + std::to_string(*least) + std::string(unit));
        }
        if (most && count > *most) {
            mistake(verdict, field, too_many.first,
                    too_many.second + std::to_string(*most) + std::string(unit));
        }
    }

    void judge_array(const Subschema& schema, const Value& value, const std::string& field,
                     Verdict& verdict) {
        const auto items = value.items();
        const std::size_t fixed = schema.has_single_items ? items.size() : schema.items.size();
        for (std::size_t i = 0; i < items.size() && !schema.items.empty(); ++i) {
            const Subschema* const one = schema.has_single_items ? schema.items[0]
                                         : i < fixed             ? schema.items[i]
                                                                 : schema.additional_items;
            if (one == nullptr) continue;
            verdict.take(judge(*one, items[i], field + "." + std::to_string(i)));
        }
        if (!schema.items.empty() && fixed < items.size() &&
            schema.allows_additional_items == false) {
            mistake(verdict, field, "array_no_additional_items",
                    "No additional items allowed on array");
        }
        judge_count(items.size(), schema.min_items, schema.max_items, field,
                    {"array_min_items", "Array must have at least "},
                    {"array_max_items", "Array must have at most "}, " items", verdict);
        if (schema.has_unique_items) judge_unique(items, field, verdict);
        if (schema.contains != nullptr) judge_contains(schema, items, field, verdict);
        ++verdict.score;
    }

    void judge_unique(std::span<const Value> items, const std::string& field, Verdict& verdict) {
        std::unordered_map<std::string, std::size_t> places;
        for (std::size_t i = 0; i < items.size(); ++i) {
            std::string text = canonical_json(items[i], context_.builder);
            has_failed_ = has_failed_ || !context_.spend(1 + text.size() / 16);
            if (has_failed_) return;
            const auto [place, is_new] = places.try_emplace(std::move(text), i);
            if (is_new) continue;
            mistake(verdict, field, "unique",
                    "array items[" + std::to_string(place->second) + "," + std::to_string(i) +
                        "] must be unique");
            place->second = i;
        }
    }

    void judge_contains(const Subschema& schema, std::span<const Value> items,
                        const std::string& field, Verdict& verdict) {
        std::optional<Verdict> best;
        for (std::size_t i = 0; i < items.size(); ++i) {
            Verdict found = judge(*schema.contains, items[i], field + "." + std::to_string(i));
            if (found.is_valid()) return;
            keep_best(best, std::move(found));
        }
        mistake(verdict, field, "contains", "At least one of the items must match");
        if (best) verdict.take(std::move(*best));
    }

    void judge_object(const Subschema& schema, const Value& value, const std::string& field,
                      Verdict& verdict) {
        judge_count(value.size(), schema.min_properties, schema.max_properties, field,
                    {"array_min_properties", "Must have at least "},
                    {"array_max_properties", "Must have at most "}, " properties", verdict);
        for (const std::string& name : schema.required) {
            if (value.find(name) != nullptr) {
                ++verdict.score;
            } else {
                mistake(verdict, field, "required", name + " is required");
            }
        }
        for (std::size_t i = 0; i < value.size(); ++i) {
            judge_property(schema, value.keys()[i].as_string(), value.values()[i], field, verdict);
        }
        if (schema.names != nullptr) {
            for (const Value& key : value.keys()) {
                Verdict found = judge(*schema.names, key, field);
                if (found.is_valid()) continue;
                mistake(verdict, field, "invalid_property_name",
                        "Property name of \"" + std::string(key.as_string()) + "\" does not match");
                verdict.take(std::move(found));
            }
        }
        ++verdict.score;
    }

    // patternProperties, and additionalProperties for what has no name.
    void judge_property(const Subschema& schema, std::string_view name, const Value& value,
                        const std::string& field, Verdict& verdict) {
        const std::string under = field + "." + std::string(name);
        bool is_matched = false;
        for (const auto& [pattern, judge_of] : schema.patterns) {
            if (!pattern->is_match(name)) continue;
            is_matched = true;
            verdict.take(judge(*judge_of, value, under));
        }
        if (is_matched) ++verdict.score;
        if (is_matched || std::ranges::find(schema.properties, name, &Subschema::Named::first) !=
                              schema.properties.end()) {
            return;
        }
        if (schema.allows_additional == false) {
            mistake(verdict, field, "additional_property_not_allowed",
                    "Additional property " + std::string(name) + " is not allowed");
        } else if (schema.additional != nullptr) {
            verdict.take(judge(*schema.additional, value, under));
        }
    }

    static void judge_string(const Subschema& schema, const Value& value, const std::string& field,
                             Verdict& verdict) {
        const std::string_view text = value.as_string();
        judge_count(rune_count(text), schema.min_length, schema.max_length, field,
                    {"string_gte", "String length must be greater than or equal to "},
                    {"string_lte", "String length must be less than or equal to "}, "", verdict);
        if (schema.pattern != nullptr && !schema.pattern->is_match(text)) {
            mistake(verdict, field, "pattern",
                    "Does not match pattern '" + schema.pattern_text + "'");
        }
        ++verdict.score;
    }

    static void judge_number(const Subschema& schema, const Value& value, const std::string& field,
                             Verdict& verdict) {
        if (schema.multiple_of &&
            !value::is_multiple_of(value.number_text(), schema.multiple_of->number_text())) {
            mistake(verdict, field, "multiple_of",
                    "Must be a multiple of " + number_name(*schema.multiple_of));
        }
        struct Bound {
            const std::optional<Value>& limit;
            int direction;  // 1: not above it
            bool is_exclusive;
            const char* kind;
            const char* text;
        };
        const Bound bounds[] = {
            {schema.maximum, 1, false, "number_lte", "Must be less than or equal to "},
            {schema.exclusive_maximum, 1, true, "number_lt", "Must be less than "},
            {schema.minimum, -1, false, "number_gte", "Must be greater than or equal to "},
            {schema.exclusive_minimum, -1, true, "number_gt", "Must be greater than "},
        };
        for (const Bound& bound : bounds) {
            if (!bound.limit) continue;
            const int order = value::compare(value, *bound.limit) * bound.direction;
            if (order < 0 || (order == 0 && !bound.is_exclusive)) continue;
            mistake(verdict, field, bound.kind, bound.text + number_name(*bound.limit));
        }
        ++verdict.score;
    }

    Context& context_;
    int depth_ = 0;
    bool has_failed_ = false;
};

}  // namespace

Result<std::vector<SchemaMistake>> GoSchema::judge(const Value& instance, Context& context) const {
    Judge judge(context);
    Verdict verdict = judge.judge(root(), instance, "(Root)");
    if (judge.has_failed()) return Error{context.error_text()};
    return std::move(verdict.mistakes);
}

}  // namespace merlon::rego
