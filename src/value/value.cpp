#include "value/value.h"

#include <algorithm>
#include <charconv>

#include "base/assert.h"
#include "base/hash.h"
#include "value/number.h"

namespace merlon::value {
namespace {

// A number that is no 64-bit integer: its text, and the nearest double for arithmetic.
struct Decimal {
    double nearest;
    std::uint32_t length;
    const char* text;
    std::string_view view() const { return {text, length}; }
};

struct ObjectData {
    const Shape* shape;
    const Value* values;
};

// A weight in 8 bits: its highest four bits and where they stand.
constexpr std::uint8_t packed_weight(std::uint64_t weight) {
    if (weight < 16) return static_cast<std::uint8_t>(weight);
    const auto shift = static_cast<std::uint64_t>(std::bit_width(weight)) - 4;
    return static_cast<std::uint8_t>(shift * 8 + (weight >> shift));
}
constexpr std::uint64_t unpacked_weight(std::uint8_t packed) {
    if (packed < 16) return packed;
    const int shift = packed / 8 - 1;
    return static_cast<std::uint64_t>(8 + packed % 8) << shift;
}
static_assert(unpacked_weight(packed_weight(16)) == 16);
static_assert(unpacked_weight(packed_weight(1'000)) == 960);
static_assert(unpacked_weight(packed_weight(kMaxValueWeight)) == kMaxValueWeight);

int sign(std::size_t left, std::size_t right) { return left == right ? 0 : left < right ? -1 : 1; }

int compare_lists(std::span<const Value> left, std::span<const Value> right) {
    if (left.data() == right.data() && left.size() == right.size()) return 0;
    const std::size_t common = std::min(left.size(), right.size());
    for (std::size_t i = 0; i < common; ++i) {
        if (const int order = compare(left[i], right[i]); order != 0) return order;
    }
    return sign(left.size(), right.size());
}

}  // namespace

std::string_view name(Kind kind) {
    switch (kind) {
        case Kind::kNull:
            return "null";
        case Kind::kBoolean:
            return "boolean";
        case Kind::kNumber:
            return "number";
        case Kind::kString:
            return "string";
        case Kind::kArray:
            return "array";
        case Kind::kObject:
            return "object";
        case Kind::kSet:
            return "set";
        case Kind::kUnknown:
            return "unknown";
    }
    return "unknown";
}

Kind Value::kind() const {
    switch (tag_) {
        case Tag::kNull:
            return Kind::kNull;
        case Tag::kFalse:
        case Tag::kTrue:
            return Kind::kBoolean;
        case Tag::kInteger:
        case Tag::kDecimal:
            return Kind::kNumber;
        case Tag::kInlineString:
        case Tag::kString:
            return Kind::kString;
        case Tag::kArray:
            return Kind::kArray;
        case Tag::kObject:
            return Kind::kObject;
        case Tag::kSet:
            return Kind::kSet;
        case Tag::kUnknown:
            return Kind::kUnknown;
    }
    return Kind::kUnknown;
}

bool Value::as_boolean() const {
    MERLON_ASSERT(is_boolean());
    return tag_ == Tag::kTrue;
}

std::string_view Value::as_string() const& {
    MERLON_ASSERT(is_string());
    if (tag_ == Tag::kInlineString) return {payload_, inline_length_};
    return {load<const char*>(), stored_size()};
}

std::optional<std::int64_t> Value::as_integer() const {
    MERLON_ASSERT(is_number());
    if (tag_ == Tag::kInteger) return load<std::int64_t>();
    return integer_of(load<const Decimal*>()->view());
}

double Value::as_double() const {
    MERLON_ASSERT(is_number());
    if (tag_ == Tag::kInteger) return static_cast<double>(load<std::int64_t>());
    return load<const Decimal*>()->nearest;
}

std::string Value::number_text() const {
    MERLON_ASSERT(is_number());
    if (tag_ == Tag::kInteger) return std::to_string(load<std::int64_t>());
    return std::string(load<const Decimal*>()->view());
}

std::span<const Value> Value::items() const {
    MERLON_ASSERT(is_array() || is_set());
    return {load<const Value*>(), stored_size()};
}

std::span<const Value> Value::keys() const {
    MERLON_ASSERT(is_object());
    const Shape* shape = load<const ObjectData*>()->shape;
    return {shape->keys, shape->count};
}

std::span<const Value> Value::values() const {
    MERLON_ASSERT(is_object());
    return {load<const ObjectData*>()->values, stored_size()};
}

std::size_t Value::size() const {
    switch (tag_) {
        case Tag::kInlineString:
            return inline_length_;
        case Tag::kString:
        case Tag::kArray:
        case Tag::kObject:
        case Tag::kSet:
            return stored_size();
        default:
            return 0;
    }
}

const Value* Value::find(std::string_view key) const {
    if (!is_object()) return nullptr;
    const std::span<const Value> all = keys();
    // Keys that are no strings sort before or behind all strings.
    const auto at = std::partition_point(all.begin(), all.end(), [key](const Value& candidate) {
        return candidate.is_string() ? candidate.as_string() < key
                                     : candidate.kind() < Kind::kString;
    });
    if (at == all.end() || !at->is_string() || at->as_string() != key) return nullptr;
    return &values()[static_cast<std::size_t>(at - all.begin())];
}

const Value* Value::find(const Value& key) const {
    if (!is_object()) return nullptr;
    const std::span<const Value> all = keys();
    const auto at =
        std::lower_bound(all.begin(), all.end(), key,
                         [](const Value& a, const Value& b) { return compare(a, b) < 0; });
    if (at == all.end() || compare(*at, key) != 0) return nullptr;
    return &values()[static_cast<std::size_t>(at - all.begin())];
}

int compare(const Value& left, const Value& right) {
    // The same bytes are the same value: a short string, an integer, one container.
    if (std::memcmp(&left, &right, sizeof(Value)) == 0) return 0;
    const Kind kind = left.kind();
    if (kind != right.kind()) return kind < right.kind() ? -1 : 1;
    switch (kind) {
        case Kind::kNull:
        case Kind::kUnknown:
            return 0;
        case Kind::kBoolean:
            return static_cast<int>(left.as_boolean()) - static_cast<int>(right.as_boolean());
        case Kind::kNumber:
            if (left.tag_ == Value::Tag::kInteger && right.tag_ == Value::Tag::kInteger) {
                const auto a = left.load<std::int64_t>();
                const auto b = right.load<std::int64_t>();
                return a == b ? 0 : a < b ? -1 : 1;
            }
            return compare_numbers(left.number_text(), right.number_text());
        case Kind::kString: {
            const int order = left.as_string().compare(right.as_string());
            return order == 0 ? 0 : order < 0 ? -1 : 1;
        }
        case Kind::kArray:
        case Kind::kSet:
            return compare_lists(left.items(), right.items());
        case Kind::kObject: {
            // OPA compares the sorted entries pairwise: key, then value.
            const auto a_keys = left.keys();
            const auto b_keys = right.keys();
            const auto a_values = left.values();
            const auto b_values = right.values();
            // Objects of one shape have the same keys.
            if (a_keys.data() == b_keys.data()) {
                return compare_lists(a_values, b_values);
            }
            const std::size_t common = std::min(a_keys.size(), b_keys.size());
            for (std::size_t i = 0; i < common; ++i) {
                if (const int order = compare(a_keys[i], b_keys[i]); order != 0) return order;
                if (const int order = compare(a_values[i], b_values[i]); order != 0) {
                    return order;
                }
            }
            return sign(a_keys.size(), b_keys.size());
        }
    }
    return 0;
}

std::uint64_t hash(const Value& value) {
    const auto seed = static_cast<std::uint64_t>(value.kind());
    const auto mix = [](std::uint64_t state, std::uint64_t next) {
        return hash_bytes({reinterpret_cast<const char*>(&next), sizeof(next)}, state);
    };
    switch (value.kind()) {
        case Kind::kNull:
        case Kind::kUnknown:
            return mix(seed, 0);
        case Kind::kBoolean:
            return mix(seed, value.as_boolean() ? 1 : 0);
        case Kind::kNumber:
            return mix(seed, hash_number(value.number_text()));
        case Kind::kString:
            return hash_bytes(value.as_string(), seed);
        case Kind::kArray:
        case Kind::kSet: {
            std::uint64_t state = seed;
            for (const Value& item : value.items()) state = mix(state, hash(item));
            return state;
        }
        case Kind::kObject: {
            std::uint64_t state = seed;
            for (std::size_t i = 0; i < value.size(); ++i) {
                state = mix(mix(state, hash(value.keys()[i])), hash(value.values()[i]));
            }
            return state;
        }
    }
    return seed;
}

Builder::Builder(Arena& arena, Interner& interner) : arena_(arena), interner_(interner) {}

Value Builder::unknown() const {
    Value made;
    made.tag_ = Value::Tag::kUnknown;
    return made;
}

Value Builder::boolean(bool truth) const {
    Value made;
    made.tag_ = truth ? Value::Tag::kTrue : Value::Tag::kFalse;
    return made;
}

Value Builder::integer(std::int64_t number) const {
    Value made;
    made.tag_ = Value::Tag::kInteger;
    made.store(0, number);
    return made;
}

Result<Value> Builder::number(std::string_view text) {
    if (!is_json_number(text)) {
        return Error{"'" + std::string(text.substr(0, 40)) + "' is not a JSON number"};
    }
    // Only the plain form is stored inline: number_text gives back what was written.
    std::int64_t plain = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data(), end, plain);
    if (code == std::errc{} && stopped == end && text != "-0") return integer(plain);

    const std::string_view kept = arena_.copy(text);
    double nearest = 0;
    const auto converted = std::from_chars(kept.data(), kept.data() + kept.size(), nearest);
    if (converted.ec == std::errc::result_out_of_range) {
        // from_chars leaves the value alone; strtod's answer is ±infinity or ±0.
        nearest = std::strtod(std::string(kept).c_str(), nullptr);
    }
    Value made;
    made.tag_ = Value::Tag::kDecimal;
    made.store(0, static_cast<const Decimal*>(arena_.make<Decimal>(
                      nearest, static_cast<std::uint32_t>(kept.size()), kept.data())));
    return made;
}

Value Builder::string(std::string_view text) {
    Value made;
    if (text.size() <= Value::kInlineCapacity) {
        made.tag_ = Value::Tag::kInlineString;
        made.inline_length_ = static_cast<std::uint8_t>(text.size());
        std::copy(text.begin(), text.end(), made.payload_);
        return made;
    }
    if (text.size() > UINT32_MAX) {
        refusal_ = "a text is too large";
        return null();
    }
    made.tag_ = Value::Tag::kString;
    made.store(static_cast<std::uint32_t>(text.size()), arena_.copy(text).data());
    return made;
}

Value Builder::key(std::string_view text) {
    if (text.size() <= Value::kInlineCapacity) return string(text);
    Value made;
    made.tag_ = Value::Tag::kString;
    made.store(static_cast<std::uint32_t>(text.size()), interner_.intern(text).data());
    return made;
}

Value Builder::array(std::span<const Value> items) {
    MERLON_ASSERT(items.size() <= UINT32_MAX);
    Value made;
    made.tag_ = Value::Tag::kArray;
    const Value* first = arena_.copy(items).data();
    made.store(static_cast<std::uint32_t>(items.size()), first);
    measure(made, items, {});
    return made;
}

void Builder::measure(Value& made, std::span<const Value> items, std::span<const Value> keys) {
    std::size_t depth = 0;
    std::uint64_t weight = 1;
    for (const std::span<const Value> held : {items, keys}) {
        for (const Value& one : held) {
            depth = std::max(depth, one.depth());
            const bool is_container = one.is_array() || one.is_object() || one.is_set();
            weight += is_container ? unpacked_weight(one.inline_length_) : 1;
        }
    }
    if (depth >= kMaxValueDepth) {
        refusal_ = "values stand too deep inside of each other";
        made = null();
    } else if (weight > kMaxValueWeight) {
        refusal_ = "a value holds too many others";
        made = null();
    } else {
        made.depth_ = static_cast<std::uint16_t>(depth + 1);
        made.inline_length_ = packed_weight(weight);
    }
}

const Shape* Builder::shape_of(std::span<const Entry> sorted) {
    std::uint64_t digest = sorted.size();
    for (const Entry& entry : sorted) digest = digest * 31 + hash(entry.first);
    const auto [begin, end] = shapes_.equal_range(digest);
    for (auto at = begin; at != end; ++at) {
        const Shape* shape = at->second;
        if (shape->count == sorted.size() &&
            std::equal(sorted.begin(), sorted.end(), shape->keys,
                       [](const Entry& entry, const Value& key) { return entry.first == key; })) {
            return shape;
        }
    }
    const std::span<Value> keys = arena_.make_array<Value>(sorted.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) keys[i] = sorted[i].first;
    const Shape* shape = arena_.make<Shape>(static_cast<std::uint32_t>(sorted.size()), keys.data());
    shapes_.emplace(digest, shape);
    return shape;
}

Value Builder::object(std::span<const Entry> entries) {
    MERLON_ASSERT(entries.size() <= UINT32_MAX);
    std::vector<Entry> sorted(entries.begin(), entries.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const Entry& left, const Entry& right) {
        return compare(left.first, right.first) < 0;
    });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const bool repeats = i + 1 < sorted.size() && sorted[i].first == sorted[i + 1].first;
        if (!repeats) sorted[kept++] = sorted[i];
    }
    sorted.resize(kept);
    const std::span<Value> values = arena_.make_array<Value>(kept);
    for (std::size_t i = 0; i < kept; ++i) values[i] = sorted[i].second;
    const Shape* shape = shape_of(sorted);
    Value made;
    made.tag_ = Value::Tag::kObject;
    made.store(static_cast<std::uint32_t>(kept),
               static_cast<const ObjectData*>(
                   arena_.make<ObjectData>(shape, static_cast<const Value*>(values.data()))));
    measure(made, values, {shape->keys, shape->count});
    return made;
}

Value Builder::set(std::span<const Value> items) {
    std::vector<Value> sorted(items.begin(), items.end());
    std::sort(sorted.begin(), sorted.end(),
              [](const Value& left, const Value& right) { return compare(left, right) < 0; });
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    Value made = array(sorted);
    if (made.is_array()) made.tag_ = Value::Tag::kSet;
    return made;
}

void SpanTable::add(const Value* element, Span value, Span key) {
    spans_.emplace(element, std::pair{value, key});
}

std::optional<Span> SpanTable::value_span(const Value* element) const {
    const auto found = spans_.find(element);
    if (found == spans_.end()) return std::nullopt;
    return found->second.first;
}

std::optional<Span> SpanTable::key_span(const Value* element) const {
    const auto found = spans_.find(element);
    if (found == spans_.end() || found->second.second.begin == kNoOffset) return std::nullopt;
    return found->second.second;
}

}  // namespace merlon::value
