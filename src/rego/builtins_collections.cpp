#include <algorithm>
#include <set>
#include <utility>

#include "base/recycled.h"
#include "base/stable_sort.h"
#include "rego/builtins.h"
#include "rego/number.h"
#include "text/utf8.h"

// Aggregates, arrays, sets, membership and graphs (OPA: aggregates.go, array.go, sets.go,
// binary.go, reachable.go, walk.go).

namespace merlon::rego {
namespace {

using value::Value;

bool ascending(const Value& left, const Value& right) { return value::compare(left, right) < 0; }

bool contains(const Value& set, const Value& element) {
    const auto items = set.items();
    return std::binary_search(items.begin(), items.end(), element, ascending);
}

Outcome count(Context& context, Operands operands) {
    const Value& operand = operands[0];
    const std::size_t size =
        operand.is_string() ? text::count_code_points(operand.as_string()) : operand.size();
    return context.integer(static_cast<std::int64_t>(size));
}

// In floats of OPA's precision: it begins sums with none, which is 64 bits then, and products with
// that of a float64.
Outcome accumulate_floats(Context& context, const Value& numbers, Operation operation) {
    const bool is_sum = operation == Operation::kPlus;
    Float total{false, is_sum ? 0 : 1, 0, is_sum ? 64U : 53U};
    for (const Value& number : numbers.items()) {
        const auto next = float_of(number);
        if (!next.ok()) return context.error(next.error().message);
        if (!context.spend(1)) return Outcome::error();
        total = is_sum ? add(total, next.value(), total.precision)
                       : multiply(total, next.value(), total.precision);
    }
    return number_value(context.builder, total);
}

// Exact as long as all are integers.
Outcome accumulate(Context& context, const Value& numbers, Operation operation,
                   std::int64_t start) {
    bool is_exact = true;
    for (const Value& number : numbers.items()) {
        if (!number.is_number()) return context.wrong_element(1, numbers, number, {"number"});
        is_exact = is_exact && (number.as_integer() || integer_of(number).has_value());
    }
    if (!is_exact) return accumulate_floats(context, numbers, operation);
    const bool is_sum = operation == Operation::kPlus;
    std::int64_t small = start;
    const auto items = numbers.items();
    std::size_t at = 0;
    for (; at < items.size(); ++at) {
        const auto next = items[at].as_integer();
        std::int64_t result = 0;
        if (!next || (is_sum ? __builtin_add_overflow(small, *next, &result)
                             : __builtin_mul_overflow(small, *next, &result))) {
            break;
        }
        if (!context.spend(1)) return Outcome::error();
        small = result;
    }
    if (at == items.size()) return context.integer(small);
    mpz_class total = small;
    for (; at < items.size(); ++at) {
        const std::optional<mpz_class> next = integer_of(items[at]);
        total = is_sum ? mpz_class(total + *next) : mpz_class(total * *next);
        // Numbers that become long take as much time as memory.
        if (!context.spend(1 + mpz_size(total.get_mpz_t()))) return Outcome::error();
    }
    return number_value(context.builder, total);
}

Outcome sum(Context& context, Operands operands) {
    return accumulate(context, operands[0], Operation::kPlus, 0);
}
Outcome product(Context& context, Operands operands) {
    return accumulate(context, operands[0], Operation::kMultiply, 1);
}

// Of equals (1 and 1.0) OPA gives the last. A set has no equals.
Outcome largest(Context&, Operands operands) {
    const auto items = operands[0].items();
    if (items.empty()) return Outcome::undefined();
    return *std::max_element(items.rbegin(), items.rend(), ascending);
}
Outcome smallest(Context&, Operands operands) {
    const auto items = operands[0].items();
    if (items.empty()) return Outcome::undefined();
    return *std::min_element(items.rbegin(), items.rend(), ascending);
}

Outcome sort(Context& context, Operands operands) {
    const auto items = operands[0].items();
    // Sets are in order, and so are many arrays.
    if (std::ranges::is_sorted(items, ascending)) return context.builder.array(items);
    std::vector<Value>& sorted = context.value_list();
    sorted.assign(items.begin(), items.end());
    sort_stably(std::span(sorted), ascending);
    return context.builder.array(sorted);
}

bool is_true(const Value& value) { return value.is_boolean() && value.as_boolean(); }

Outcome all(Context& context, Operands operands) {
    return context.boolean(std::ranges::all_of(operands[0].items(), is_true));
}
Outcome any(Context& context, Operands operands) {
    return context.boolean(std::ranges::any_of(operands[0].items(), is_true));
}

Outcome member(Context& context, Operands operands) {
    const Value& wanted = operands[0];
    const Value& collection = operands[1];
    if (collection.is_set()) return context.boolean(contains(collection, wanted));
    const auto has = [&wanted](std::span<const Value> values) {
        return std::ranges::find(values, wanted) != values.end();
    };
    if (collection.is_array()) return context.boolean(has(collection.items()));
    if (collection.is_object()) return context.boolean(has(collection.values()));
    return context.boolean(false);
}

Outcome member_with_key(Context& context, Operands operands) {
    const Value& key = operands[0];
    const Value& wanted = operands[1];
    const Value& collection = operands[2];
    if (collection.is_set()) return context.boolean(key == wanted && contains(collection, key));
    if (collection.is_object()) {
        const Value* found = collection.find(key);
        return context.boolean(found != nullptr && *found == wanted);
    }
    if (collection.is_array() && key.is_number()) {
        const auto index = key.as_integer();
        return context.boolean(index && *index >= 0 &&
                               static_cast<std::size_t>(*index) < collection.size() &&
                               collection.items()[static_cast<std::size_t>(*index)] == wanted);
    }
    return context.boolean(false);
}

Outcome concatenated(Context& context, Operands operands) {
    RecycledVector<Value> all_items(operands[0].items().begin(), operands[0].items().end());
    all_items.insert(all_items.end(), operands[1].items().begin(), operands[1].items().end());
    return context.builder.array(all_items);
}

Outcome flatten(Context& context, Operands operands) {
    RecycledVector<Value> flat;
    for (const Value& item : operands[0].items()) {
        if (item.is_array()) {
            flat.insert(flat.end(), item.items().begin(), item.items().end());
        } else {
            flat.push_back(item);
        }
    }
    return context.builder.array(flat);
}

Outcome slice(Context& context, Operands operands) {
    const auto items = operands[0].items();
    const auto start = written_integer(operands[1]);
    const auto stop = written_integer(operands[2]);
    const auto end = std::clamp<std::int64_t>(*stop, 0, static_cast<std::int64_t>(items.size()));
    const auto begin = std::clamp<std::int64_t>(*start, 0, end);
    return context.builder.array(
        items.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
}

Outcome reverse(Context& context, Operands operands) {
    RecycledVector<Value> turned(operands[0].items().rbegin(), operands[0].items().rend());
    return context.builder.array(turned);
}

Outcome intersection_of(Context& context, Operands operands) {
    std::vector<Value>& both = context.value_list();
    std::ranges::set_intersection(operands[0].items(), operands[1].items(),
                                  std::back_inserter(both), ascending);
    return context.builder.set(both);
}

Outcome union_of(Context& context, Operands operands) {
    std::vector<Value>& either = context.value_list();
    std::ranges::set_union(operands[0].items(), operands[1].items(), std::back_inserter(either),
                           ascending);
    return context.builder.set(either);
}

Outcome difference(Context& context, Operands operands) {
    std::vector<Value>& kept = context.value_list();
    std::ranges::set_difference(operands[0].items(), operands[1].items(), std::back_inserter(kept),
                                ascending);
    return context.builder.set(kept);
}

Outcome intersection(Context& context, Operands operands) {
    const auto sets = operands[0].items();
    if (sets.empty()) return context.builder.set({});
    for (const Value& set : sets) {
        if (!set.is_set()) return context.wrong_kind(1, set, {"set"});
    }
    Value common = sets[0];
    for (const Value& set : sets.subspan(1)) {
        if (!context.spend(common.size() + set.size())) return Outcome::error();
        const Value pair[] = {common, set};
        common = intersection_of(context, pair).value();
    }
    return common;
}

Outcome union_of_all(Context& context, Operands operands) {
    std::vector<Value>& everything = context.value_list();
    for (const Value& set : operands[0].items()) {
        if (!set.is_set()) return context.wrong_kind(1, set, {"set"});
        if (!context.spend(set.size())) return Outcome::error();
        everything.insert(everything.end(), set.items().begin(), set.items().end());
    }
    return context.builder.set(everything);
}

// The neighbours of a node: elements of an array or a set; of anything else there are none.
std::span<const Value> neighbours(const Value& edges) {
    if (edges.is_array() || edges.is_set()) return edges.items();
    return {};
}

struct ByOrder {
    bool operator()(const Value& left, const Value& right) const { return ascending(left, right); }
};

Outcome wrong_start(Context& context, const Value& got) {
    return context.wrong_kind(2, got, {"{array, set}"});
}

Outcome reachable(Context& context, Operands operands) {
    const Value& graph = operands[0];
    const Value& initial = operands[1];
    if (!initial.is_array() && !initial.is_set()) return wrong_start(context, initial);
    RecycledVector<Value> queue(initial.items().begin(), initial.items().end());
    std::set<Value, ByOrder, Recycler<Value>> reached;
    std::set<Value, ByOrder, Recycler<Value>> queued(queue.begin(), queue.end());
    for (std::size_t i = 0; i < queue.size(); ++i) {
        const Value node = queue[i];
        const Value* edges = graph.find(node);
        if (edges == nullptr) continue;
        reached.insert(node);
        if (!context.spend(1 + neighbours(*edges).size())) return Outcome::error();
        for (const Value& neighbour : neighbours(*edges)) {
            if (queued.insert(neighbour).second) queue.push_back(neighbour);
        }
    }
    return context.builder.set(RecycledVector<Value>(reached.begin(), reached.end()));
}

// All paths that begin at a node and end where the graph does, or before a node would be seen
// twice.
class PathFinder {
  public:
    PathFinder(Context& context, const Value& graph) : context_(context), graph_(graph) {}

    // The node may follow itself once. False after an error, as below.
    bool begin(const Value& node) {
        const Value* const edges = graph_.find(node);
        if (edges == nullptr) return true;
        path_ = {node};
        if (neighbours(*edges).empty()) keep();
        return std::ranges::all_of(neighbours(*edges),
                                   [this](const Value& next) { return follow(next); });
    }
    // False after an error: there are more paths than an evaluation may look for.
    bool follow(const Value& node) {
        constexpr std::size_t kMaxLength = 2'000;
        if (path_.size() > kMaxLength) {
            static_cast<void>(context_.fail(ErrorKind::kLimit, "a path is too long"));
            return false;
        }
        // Whether a node was seen is looked up in the path.
        const std::size_t steps = 1 + path_.size();
        if (!context_.spend(steps)) return false;
        const Value* edges = graph_.find(node);
        if (edges == nullptr) {
            keep();
            return true;
        }
        path_.push_back(node);
        bool within_limits = true;
        bool is_kept = false;  // one circle's end says what another one's does
        if (neighbours(*edges).empty()) keep();
        for (const Value& neighbour : neighbours(*edges)) {
            if (std::ranges::find(path_, neighbour) != path_.end()) {
                within_limits = context_.spend(steps);
                if (!std::exchange(is_kept, true)) keep();
            } else {
                within_limits = follow(neighbour);
            }
            if (!within_limits) break;
        }
        path_.pop_back();
        return within_limits;
    }
    Value found() { return context_.builder.set(paths_); }

  private:
    void keep() { paths_.push_back(context_.builder.array(path_)); }

    Context& context_;
    const Value& graph_;
    RecycledVector<Value> path_;
    RecycledVector<Value> paths_;
};

Outcome reachable_paths(Context& context, Operands operands) {
    const Value& initial = operands[1];
    if (!initial.is_array() && !initial.is_set()) return wrong_start(context, initial);
    PathFinder finder(context, operands[0]);
    for (const Value& node : initial.items()) {
        if (!finder.begin(node)) return Outcome::error();
    }
    return finder.found();
}

// False after an error.
bool walk_into(Context& context, RecycledVector<Value>& path, const Value& value,
               RecycledVector<Value>& pairs) {
    if (!context.spend(1 + path.size() / 4)) return false;
    const Value pair[] = {context.builder.array(path), value};
    pairs.push_back(context.builder.array(pair));
    const auto below = [&](const Value& key, const Value& element) {
        path.push_back(key);
        const bool is_done = walk_into(context, path, element, pairs);
        path.pop_back();
        return is_done;
    };
    const bool has_items = value.is_array() || value.is_set();
    const std::size_t count = has_items || value.is_object() ? value.size() : 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Value& element = has_items ? value.items()[i] : value.values()[i];
        const Value key = value.is_object() ? value.keys()[i]
                          : value.is_set()  ? element
                                            : context.integer(static_cast<std::int64_t>(i));
        if (!below(key, element)) return false;
    }
    return true;
}

// All pairs of path and value at once: a plan scans them.
Outcome walk(Context& context, Operands operands) {
    RecycledVector<Value> path;
    RecycledVector<Value> pairs;
    if (!walk_into(context, path, operands[0], pairs)) return Outcome::error();
    return context.builder.array(pairs);
}

constexpr Builtin kCollectionsBuiltins[] = {
    {"count", "l", count},
    {"sum", "d", sum},
    {"product", "d", product},
    {"max", "d", largest},
    {"min", "d", smallest},
    {"sort", "d", sort},
    {"all", "c", all},
    {"any", "c", any},
    {"internal.member_2", "vv", member},
    {"internal.member_3", "vvv", member_with_key},
    {"array.concat", "aa", concatenated},
    {"array.flatten", "a", flatten},
    {"array.slice", "aii", slice},
    {"array.reverse", "a", reverse},
    {"and", "tt", intersection_of},
    {"or", "tt", union_of},
    {"set_diff", "tt", difference},
    {"intersection", "t", intersection},
    {"union", "t", union_of_all},
    {"graph.reachable", "ov", reachable},
    {"graph.reachable_paths", "ov", reachable_paths},
    {"walk", "v", walk},
};

}  // namespace

std::span<const Builtin> collection_builtins() { return kCollectionsBuiltins; }

}  // namespace merlon::rego
