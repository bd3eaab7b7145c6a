#include <algorithm>
#include <map>

#include "base/recycled.h"
#include "base/stable_sort.h"
#include "rego/builtins.h"
#include "rego/json_patch.h"

// Objects and paths into documents (OPA: object.go, json.go, subset.go).

namespace merlon::rego {
namespace {

using value::Value;
using Entries = RecycledVector<value::Builder::Entry>;

Value united(Context& context, const Value& left, const Value& right) {
    Entries entries;
    entries.reserve(left.size() + right.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
        entries.emplace_back(left.keys()[i], left.values()[i]);
    }
    for (std::size_t i = 0; i < right.size(); ++i) {
        const Value& over = right.values()[i];
        const Value* under = left.find(right.keys()[i]);
        const bool both = under != nullptr && under->is_object() && over.is_object();
        entries.emplace_back(right.keys()[i], both ? united(context, *under, over) : over);
    }
    return context.builder.object(entries);
}

Outcome object_union(Context& context, Operands operands) {
    return united(context, operands[0], operands[1]);
}

// Each key by itself: what later objects say of it goes over what earlier ones said.
Outcome object_union_n(Context& context, Operands operands) {
    Entries entries;
    for (const Value& object : operands[0].items()) {
        if (!object.is_object()) return context.wrong_element(1, operands[0], object, {"object"});
        if (!context.spend(1 + object.size())) return Outcome::error();
        for (std::size_t i = 0; i < object.size(); ++i) {
            entries.emplace_back(object.keys()[i], object.values()[i]);
        }
    }
    sort_stably(std::span(entries), [](const auto& left, const auto& right) {
        return value::compare(left.first, right.first) < 0;
    });
    Entries united_entries;
    for (const auto& [key, over] : entries) {
        if (united_entries.empty() || value::compare(united_entries.back().first, key) != 0) {
            united_entries.emplace_back(key, over);
            continue;
        }
        Value& under = united_entries.back().second;
        const bool both = under.is_object() && over.is_object();
        if (both && !context.spend(under.size() + over.size())) return Outcome::error();
        under = both ? united(context, under, over) : over;
    }
    return context.builder.object(united_entries);
}

// The keys that an operand names: an object's keys, or the elements of an array or a set.
std::span<const Value> named_keys(const Value& names) {
    return names.is_object() ? names.keys() : names.items();
}

Value with_keys(Context& context, const Value& object, const Value& names, bool keeps) {  // NOLINT
    const Value named = context.builder.set(named_keys(names));
    Entries entries;
    for (std::size_t i = 0; i < object.size(); ++i) {
        const bool is_named = std::ranges::binary_search(
            named.items(), object.keys()[i],
            [](const Value& a, const Value& b) { return value::compare(a, b) < 0; });
        if (is_named == keeps) entries.emplace_back(object.keys()[i], object.values()[i]);
    }
    return context.builder.object(entries);
}

Outcome object_remove(Context& context, Operands operands) {
    return with_keys(context, operands[0], operands[1], false);
}
Outcome object_filter(Context& context, Operands operands) {
    return with_keys(context, operands[0], operands[1], true);
}

Outcome object_keys(Context& context, Operands operands) {
    return context.builder.set(operands[0].keys());
}

Outcome object_get(Context&, Operands operands) {
    const Value& path = operands[1];
    if (!path.is_array()) {
        const Value* found = operands[0].find(path);
        return found == nullptr ? operands[2] : *found;
    }
    const Value* current = &operands[0];
    for (const Value& step : path.items()) {
        current = element_of(*current, step);
        if (current == nullptr) return operands[2];
    }
    return *current;
}

bool is_subset(const Value& super, const Value& sub);

bool contains(const Value& set, const Value& element) {
    return element_of(set, element) != nullptr;
}

// Whether the array holds the other one's elements, one behind the other. OPA's search does not go
// back where a try fails, and so are its answers.
bool is_part(std::span<const Value> super, std::span<const Value> sub) {
    if (sub.size() > super.size()) return false;
    std::size_t begin = 0;
    std::size_t matched = 0;
    while (matched < sub.size()) {
        if (begin + matched == super.size()) return false;
        if (super[begin + matched] == sub[matched]) {
            ++matched;
        } else {
            ++begin;
            matched = 0;
        }
    }
    return true;
}

// Whether the array has so many elements of the set as that has. OPA counts an element that stands
// there twice twice, and finds nothing in an array of nothing.
bool covers(std::span<const Value> super, const Value& sub) {
    std::size_t found = 0;
    for (const Value& element : super) {
        if (contains(sub, element)) ++found;
        if (found == sub.size()) return true;
    }
    return false;
}

bool is_object_subset(const Value& super, const Value& sub) {
    for (std::size_t i = 0; i < sub.size(); ++i) {
        const Value* found = super.find(sub.keys()[i]);
        if (found == nullptr) return false;
        const Value& wanted = sub.values()[i];
        if (*found == wanted) continue;
        if (found->kind() != wanted.kind() || !is_subset(*found, wanted)) return false;
    }
    return true;
}

bool is_subset(const Value& super, const Value& sub) {
    if (super.is_object() && sub.is_object()) return is_object_subset(super, sub);
    if (super.is_array() && sub.is_array()) return is_part(super.items(), sub.items());
    if (!sub.is_set()) return false;
    if (super.is_array()) return covers(super.items(), sub);
    return super.is_set() && std::ranges::all_of(sub.items(), [&super](const Value& element) {
               return contains(super, element);
           });
}

Outcome object_subset(Context& context, Operands operands) {
    const Value& super = operands[0];
    const Value& sub = operands[1];
    const bool is_known = (super.is_object() && sub.is_object()) ||
                          (super.is_array() && (sub.is_array() || sub.is_set())) ||
                          (super.is_set() && sub.is_set());
    if (!is_known) {
        return context.type_error(
            "both arguments object.subset must be of the same type or array and set");
    }
    // OPA looks for a set in an array while it walks the array: an empty one is never found.
    if (super.is_array() && sub.is_set() && super.size() == 0) return context.boolean(false);
    return context.boolean(is_subset(super, sub));
}

// Paths as a tree: what ends at a node, and what goes on below.
struct PathTree {
    struct Less {
        bool operator()(const Value& left, const Value& right) const {
            return value::compare(left, right) < 0;
        }
    };
    bool ends = false;
    std::map<Value, PathTree, Less, Recycler<std::pair<const Value, PathTree>>> below;
};

// False after an error.
bool read_paths(Context& context, const Value& list, PathTree& root) {
    for (const Value& written : list.items()) {
        std::vector<Value>& path = context.value_list();
        if (!read_path(context, written, path)) return false;
        if (path.empty()) continue;
        PathTree* node = &root;
        for (const Value& step : path) {
            if (node->ends) break;  // a shorter path holds
            node = &node->below[step];
        }
        node->ends = true;
        node->below.clear();
    }
    return true;
}

const PathTree* next(const PathTree& paths, const Value& step) {
    const auto found = paths.below.find(step);
    return found == paths.below.end() ? nullptr : &found->second;
}

// Nothing where the value itself is removed.
std::optional<Value> removed(Context& context, const Value& value, const PathTree* paths) {
    if (paths == nullptr) return value;
    if (paths->ends) return std::nullopt;
    if (value.is_object()) {
        Entries entries;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const auto kept = removed(context, value.values()[i], next(*paths, value.keys()[i]));
            if (kept) entries.emplace_back(value.keys()[i], *kept);
        }
        return context.builder.object(entries);
    }
    if (!value.is_array() && !value.is_set()) return value;
    RecycledVector<Value> items;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const Value& item = value.items()[i];
        const Value step = value.is_set() ? item : context.string(std::to_string(i));
        if (const auto kept = removed(context, item, next(*paths, step))) items.push_back(*kept);
    }
    return value.is_set() ? context.builder.set(items) : context.builder.array(items);
}

Outcome json_remove(Context& context, Operands operands) {
    PathTree paths;
    if (!read_paths(context, operands[1], paths)) return Outcome::error();
    const auto kept = removed(context, operands[0], &paths);
    return kept ? Outcome(*kept) : Outcome::undefined();
}

Value filtered(Context& context, const Value& value, const PathTree& paths) {
    if (paths.ends) return value;
    if (value.is_object()) {
        Entries entries;
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (const PathTree* below = next(paths, value.keys()[i])) {
                entries.emplace_back(value.keys()[i], filtered(context, value.values()[i], *below));
            }
        }
        return context.builder.object(entries);
    }
    if (!value.is_array() && !value.is_set()) return value;
    RecycledVector<Value> items;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const Value& item = value.items()[i];
        const Value step = value.is_set() ? item : context.string(std::to_string(i));
        if (const PathTree* below = next(paths, step)) {
            items.push_back(filtered(context, item, *below));
        }
    }
    return value.is_set() ? context.builder.set(items) : context.builder.array(items);
}

Outcome json_filter(Context& context, Operands operands) {
    PathTree paths;
    if (!read_paths(context, operands[1], paths)) return Outcome::error();
    return filtered(context, operands[0], paths);
}

constexpr Builtin kObjectsBuiltins[] = {
    {"object.union", "oo", object_union},   {"object.union_n", "a", object_union_n},
    {"object.remove", "oe", object_remove}, {"object.filter", "oe", object_filter},
    {"object.keys", "o", object_keys},      {"object.get", "ovv", object_get},
    {"object.subset", "vv", object_subset}, {"json.remove", "od", json_remove},
    {"json.filter", "od", json_filter},     {"json.patch", "va", json_patch},
};

}  // namespace

std::span<const Builtin> object_builtins() { return kObjectsBuiltins; }

}  // namespace merlon::rego
