#include "rego/compiler/type_details.h"

#include <algorithm>

#include "rego/compiler/type_json.h"
#include "text/json.h"
#include "text/utf8.h"

namespace merlon::rego::compiler {
namespace {

using Pair = std::pair<std::string, std::string>;
using TypeList = std::span<const Type* const>;

constexpr std::string_view kLeftOut = "...";
constexpr std::size_t kMaxLine = 80;   // code points; longer lines are shortened
constexpr std::size_t kMaxWhole = 32;  // code points of a type that is written in full
constexpr int kMaxDifferenceDepth = 8;

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) {
        if (!text.empty()) text += ", ";
        text += part;
    }
    return text;
}

std::string composite(std::string_view word, const std::vector<std::string>& parts,
                      std::string_view others) {
    std::string text(word);
    if (!parts.empty()) text += "<" + joined(parts) + ">";
    if (!others.empty()) text += "[" + std::string(others) + "]";
    return text;
}

std::string choice(const std::vector<std::string>& members) {
    return members.empty() ? "any" : composite("any", members, "");
}

std::string function_text(const std::vector<std::string>& operands, const std::string& result) {
    return "(" + joined(operands) + ") => " + result;
}

// The type down to `depth` levels.
std::string cut(const Type* type, int depth) {
    if (type == nullptr) return to_text(type);
    std::vector<std::string> parts;
    const bool has_parts = !type->parts.empty() || !type->properties.empty();
    const bool is_cut = depth == 0;
    if (is_cut && has_parts) {
        parts.emplace_back(kLeftOut);
    } else {
        for (const Type* part : type->parts) parts.push_back(cut(part, depth - 1));
        for (const Property& one : type->properties) {
            parts.push_back(property_text(one, cut(one.type, depth - 1)));
        }
    }
    const auto inside = [&](const Type* part) {
        return is_cut ? std::string(kLeftOut) : cut(part, depth - 1);
    };
    switch (type->kind) {
        case TypeKind::kSet:
            return type->value == nullptr ? "set" : "set[" + inside(type->value) + "]";
        case TypeKind::kArray:
            return composite("array", parts, type->value == nullptr ? "" : inside(type->value));
        case TypeKind::kObject:
            if (!type->has_others) return composite("object", parts, "");
            return composite("object", parts,
                             is_cut
                                 ? std::string(kLeftOut)
                                 : cut(type->key, depth - 1) + ": " + cut(type->value, depth - 1));
        case TypeKind::kAny:
            return choice(parts);
        case TypeKind::kFunction:
            if (type->is_variadic) parts.emplace_back(is_cut ? kLeftOut : "any...");
            return function_text(parts, type->value == nullptr ? "???" : inside(type->value));
        default:
            return to_text(type);
    }
}

std::string shortened(const Type* type, std::string_view name = {}) {
    const std::string prefix = name.empty() ? "" : std::string(name) + ": ";
    const std::string whole = prefix + to_text(type);
    return text::count_code_points(whole) <= kMaxWhole ? whole : prefix + cut(type, 0);
}

bool is_equal_text(const Type* left, const Type* right) {
    return left == right || to_text(left) == to_text(right);
}

Pair difference(const Type* left, const Type* right, int depth);

Pair difference_of_arrays(const Type& left, const Type& right, int depth) {
    const bool is_alike = left.parts.size() == right.parts.size() &&
                          (left.value == nullptr) == (right.value == nullptr);
    if (!is_alike) return {cut(&left, 1), cut(&right, 1)};
    std::vector<std::string> left_parts;
    std::vector<std::string> right_parts;
    for (std::size_t i = 0; i < left.parts.size(); ++i) {
        const Pair one = difference(left.parts[i], right.parts[i], depth + 1);
        left_parts.push_back(one.first);
        right_parts.push_back(one.second);
    }
    Pair others;
    if (left.value != nullptr) others = difference(left.value, right.value, depth + 1);
    return {composite("array", left_parts, others.first),
            composite("array", right_parts, others.second)};
}

Pair difference_of_others(const Type& left, const Type& right, int depth) {
    if (left.has_others && right.has_others) {
        const Pair keys = difference(left.key, right.key, depth + 1);
        const Pair values = difference(left.value, right.value, depth + 1);
        return {keys.first + ": " + values.first, keys.second + ": " + values.second};
    }
    const auto alone = [](const Type& object) {
        return object.has_others ? shortened(object.key) + ": " + shortened(object.value)
                                 : std::string();
    };
    return {alone(left), alone(right)};
}

Pair difference_of_objects(const Type& left, const Type& right, int depth) {
    std::vector<std::string> left_parts;
    std::vector<std::string> right_parts;
    bool leaves_out = false;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < left.properties.size() || j < right.properties.size()) {
        const Property* const one = i < left.properties.size() ? &left.properties[i] : nullptr;
        const Property* const other = j < right.properties.size() ? &right.properties[j] : nullptr;
        const int order = one == nullptr     ? 1
                          : other == nullptr ? -1
                                             : value::compare(one->key, other->key);
        if (order < 0) {
            left_parts.push_back(property_text(*one, shortened(one->type)));
        } else if (order > 0) {
            right_parts.push_back(property_text(*other, shortened(other->type)));
        } else if (is_equal_text(one->type, other->type)) {
            leaves_out = true;
        } else {
            const Pair texts = difference(one->type, other->type, depth + 1);
            left_parts.push_back(property_text(*one, texts.first));
            right_parts.push_back(property_text(*other, texts.second));
        }
        if (order <= 0) ++i;
        if (order >= 0) ++j;
    }
    if (leaves_out) {
        left_parts.emplace_back(kLeftOut);
        right_parts.emplace_back(kLeftOut);
    }
    const Pair others = difference_of_others(left, right, depth);
    return {composite("object", left_parts, others.first),
            composite("object", right_parts, others.second)};
}

Pair difference_of_choices(const Type& left, const Type& right) {
    const auto has = [](const Type& choice, const Type* member) {
        return std::ranges::any_of(
            choice.parts, [member](const Type* one) { return is_equal_text(one, member); });
    };
    const auto alone = [&](const Type& choice, const Type& other) {
        std::vector<std::string> members;
        for (const Type* member : choice.parts) {
            if (!has(other, member)) members.push_back(shortened(member));
        }
        return members;
    };
    std::vector<std::string> left_parts = alone(left, right);
    std::vector<std::string> right_parts = alone(right, left);
    if (left_parts.size() < left.parts.size()) {
        left_parts.emplace_back(kLeftOut);
        right_parts.emplace_back(kLeftOut);
    }
    return {choice(left_parts), choice(right_parts)};
}

Pair difference_of_functions(const Type& left, const Type& right, int depth) {
    std::vector<std::string> left_parts;
    std::vector<std::string> right_parts;
    for (std::size_t i = 0; i < left.parts.size(); ++i) {
        const Pair one = difference(left.parts[i], right.parts[i], depth + 1);
        left_parts.push_back(one.first);
        right_parts.push_back(one.second);
    }
    if (left.is_variadic) left_parts.emplace_back("any...");
    if (right.is_variadic) right_parts.emplace_back("any...");
    const Pair result = difference(left.value, right.value, depth + 1);
    return {function_text(left_parts, result.first), function_text(right_parts, result.second)};
}

Pair difference(const Type* left, const Type* right, int depth) {
    const Pair outermost = {shortened(left), shortened(right)};
    if (depth >= kMaxDifferenceDepth || left == nullptr || right == nullptr ||
        left->kind != right->kind || is_equal_text(left, right)) {
        return outermost;
    }
    switch (left->kind) {
        case TypeKind::kSet: {
            if (left->value == nullptr || right->value == nullptr) return outermost;
            const Pair elements = difference(left->value, right->value, depth + 1);
            return {"set[" + elements.first + "]", "set[" + elements.second + "]"};
        }
        case TypeKind::kArray:
            return difference_of_arrays(*left, *right, depth);
        case TypeKind::kObject:
            return difference_of_objects(*left, *right, depth);
        case TypeKind::kAny:
            return difference_of_choices(*left, *right);
        case TypeKind::kFunction:
            if (left->parts.size() != right->parts.size()) return outermost;
            return difference_of_functions(*left, *right, depth);
        default:
            return outermost;
    }
}

std::string named(std::string_view name, const std::string& type) {
    return name.empty() ? type : std::string(name) + ": " + type;
}

// What both sides of a comparison are, where that is the same word.
std::string_view shared_kind(const Type* left, const Type* right) {
    if (left == nullptr || right == nullptr || left->kind != right->kind) return {};
    if (left->kind == TypeKind::kObject) return "objects";
    if (left->kind == TypeKind::kArray) return "arrays";
    return left->kind == TypeKind::kSet ? "sets" : "";
}

std::string operand_json(TypeList have, const Wanted& want) {
    std::string text;
    text::JsonWriter json(text, {}, text::JsonEscapes::kGo);
    json.begin_object().key("have").begin_array();
    for (const Type* type : have) write_type(json, type);
    json.end_array().key("want").begin_object();
    if (!want.operands.empty()) {
        json.key("args").begin_array();
        for (const Wanted::Operand& one : want.operands) write_type(json, one.type, one.name);
        json.end_array();
    }
    if (want.is_variadic) write_type(json.key("variadic"), &kAnyType);
    json.end_object().end_object();
    return text;
}

std::string match_json(const Type* left, const Type* right) {
    std::string text;
    text::JsonWriter json(text, {}, text::JsonEscapes::kGo);
    write_type(json.begin_object().key("a"), left);
    write_type(json.key("b"), right);
    json.end_object();
    return text;
}

bool is_wide(const std::string& line) { return text::count_code_points(line) > kMaxLine; }

}  // namespace

Wanted wanted_by(const Type& function, WantedResult result) {
    Wanted wanted{.operands = {}, .is_variadic = function.is_variadic};
    const auto name = [&](std::size_t i) {
        return i < function.names.size() ? function.names[i] : std::string_view();
    };
    for (std::size_t i = 0; i < function.parts.size(); ++i) {
        wanted.operands.push_back({name(i), function.parts[i]});
    }
    if (result == WantedResult::kYes && function.value != nullptr) {
        wanted.operands.push_back({name(function.parts.size()), function.value});
    }
    return wanted;
}

namespace {

std::vector<std::string> operand_lines(TypeList have, const Wanted& want) {
    std::vector<std::string> found;
    std::vector<std::string> wanted;
    for (const Type* type : have) found.push_back(to_text(type));
    for (const Wanted::Operand& one : want.operands) {
        wanted.push_back(named(one.name, to_text(one.type)));
    }
    if (want.is_variadic) wanted.emplace_back("any...");
    const auto lines = [&] {
        return std::vector<std::string>{"have: (" + joined(found) + ")",
                                        "want: (" + joined(wanted) + ")"};
    };
    const std::vector<std::string> whole = lines();
    if (!is_wide(whole[0]) && !is_wide(whole[1])) return whole;
    for (std::size_t i = 0; i < have.size(); ++i) found[i] = shortened(have[i]);
    for (std::size_t i = 0; i < want.operands.size(); ++i) {
        const Wanted::Operand& one = want.operands[i];
        wanted[i] = shortened(one.type, one.name);
        if (i >= have.size() || unify(have[i], one.type)) continue;
        const Pair texts = difference(have[i], one.type, 0);
        found[i] = texts.first;
        wanted[i] = named(one.name, texts.second);
    }
    return lines();
}

std::vector<std::string> match_lines(const Type* left, const Type* right) {
    std::vector<std::string> lines = {"left  : " + to_text(left), "right : " + to_text(right)};
    if (is_wide(lines[0]) || is_wide(lines[1])) {
        const Pair texts = difference(left, right, 0);
        lines = {"left  : " + texts.first, "right : " + texts.second};
    }
    const std::string_view kind = shared_kind(left, right);
    if (!kind.empty()) {
        lines.push_back("hint  : both sides are " + std::string(kind) +
                        " but their types differ, so they can never be equal (see "
                        "https://www.openpolicyagent.org/docs/errors/rego-type-error/match-error)");
    }
    return lines;
}

}  // namespace

ErrorDetails operand_details(TypeList have, const Wanted& want) {
    return {operand_lines(have, want), operand_json(have, want)};
}

ErrorDetails match_details(const Type* left, const Type* right) {
    return {match_lines(left, right), match_json(left, right)};
}

}  // namespace merlon::rego::compiler
