#include "value/value.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "base/hash.h"
#include "base/stable_sort.h"
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

// Up to here a look over all keys is faster than an index.
constexpr std::size_t kIndexedFrom = 8;
// Up to here insertion is faster than what needs memory of its own.
constexpr std::size_t kInsertedUpTo = 32;

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

std::uint64_t ordered_word(const char* bytes) {
    std::uint64_t word;
    std::memcpy(&word, bytes, 8);
    if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
    return word;
}

// Of two short strings of twelve bytes each, those behind their ends being zero.
int compare_inline(const char* left, const char* right, int longer) {
    const std::uint64_t first = ordered_word(left);
    const std::uint64_t other_first = ordered_word(right);
    if (first != other_first) return first < other_first ? -1 : 1;
    const std::uint64_t last = ordered_word(left + 4);
    const std::uint64_t other_last = ordered_word(right + 4);
    if (last != other_last) return last < other_last ? -1 : 1;
    return longer == 0 ? 0 : longer < 0 ? -1 : 1;
}

// Equal, and numbers with the same text: an object keeps its keys as they were given.
bool is_written_alike(const Value& left, const Value& right) {
    if (!(left == right)) return false;
    if (!left.is_number()) return left.depth() == 0;
    if (left.is_plain_integer() || right.is_plain_integer()) {
        return left.is_plain_integer() && right.is_plain_integer();
    }
    NumberRoom left_room;
    NumberRoom right_room;
    return left.number_text(left_room) == right.number_text(right_room);
}

int compare_number_texts(const Value& left, const Value& right) {
    NumberRoom left_room;
    NumberRoom right_room;
    return compare_numbers(left.number_text(left_room), right.number_text(right_room));
}

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
    NumberRoom room;
    return std::string(number_text(room));
}

std::string_view Value::number_text(NumberRoom& room) const {
    MERLON_ASSERT(is_number());
    if (tag_ != Tag::kInteger) return load<const Decimal*>()->view();
    const char* const end =
        std::to_chars(room.data(), room.data() + room.size(), load<std::int64_t>()).ptr;
    return {room.data(), end};
}

const Value* Value::find(std::string_view key) const {
    Value wanted;
    if (key.size() <= kInlineCapacity) {
        wanted.tag_ = Tag::kInlineString;
        wanted.inline_length_ = static_cast<std::uint8_t>(key.size());
        std::copy(key.begin(), key.end(), wanted.payload_);
    } else {
        if (key.size() > UINT32_MAX) return nullptr;
        wanted.tag_ = Tag::kString;
        wanted.store(static_cast<std::uint32_t>(key.size()), key.data());
    }
    return find(wanted);
}

std::size_t Value::place_of(const Shape& shape, const Value& key) {
    if (shape.index != nullptr) {
        for (std::uint64_t at = hash(key) & shape.index_mask; shape.index[at] != 0;
             at = (at + 1) & shape.index_mask) {
            const std::size_t place = shape.index[at] - 1;
            if (shape.keys[place] == key) return place;
        }
        return shape.count;
    }
    if (shape.count <= kIndexedFrom) {
        for (std::size_t i = 0; i < shape.count; ++i) {
            if (shape.keys[i] == key) return i;
        }
        return shape.count;
    }
    const Value* const end = shape.keys + shape.count;
    const Value* const at = std::lower_bound(
        shape.keys, end, key, [](const Value& a, const Value& b) { return compare(a, b) < 0; });
    return at != end && *at == key ? static_cast<std::size_t>(at - shape.keys) : shape.count;
}

bool is_equal_inside(const Value& left, const Value& right) {
    const auto are_equal = [](std::span<const Value> a, std::span<const Value> b) {
        if (a.data() == b.data()) return true;
        // What is flat first: alike objects differ in a name more often than in the lists they
        // hold.
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (a[i].depth() == 0 && !(a[i] == b[i])) return false;
            if (a[i].depth() != b[i].depth()) return false;
        }
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (a[i].depth() != 0 && !(a[i] == b[i])) return false;
        }
        return true;
    };
    switch (left.tag_) {
        case Value::Tag::kString:
            return std::memcmp(left.load<const char*>(), right.load<const char*>(),
                               left.stored_size()) == 0;
        case Value::Tag::kArray:
        case Value::Tag::kSet:
            return are_equal(left.items(), right.items());
        case Value::Tag::kObject:
            return are_equal(left.keys(), right.keys()) && are_equal(left.values(), right.values());
        default:
            return false;
    }
}

int compare(const Value& left, const Value& right) {
    // The same bytes are the same value: a short string, an integer, one container.
    if (left.first_word() == right.first_word() && left.second_word() == right.second_word()) {
        return 0;
    }
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
            return compare_number_texts(left, right);
        case Kind::kString: {
            if (left.tag_ == right.tag_ && left.tag_ == Value::Tag::kInlineString) {
                return compare_inline(left.payload_, right.payload_,
                                      left.inline_length_ - right.inline_length_);
            }
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
        return hash_words(state, next);
    };
    switch (value.tag_) {
        case Value::Tag::kInlineString:
            return hash_words(value.first_word(), value.second_word());
        case Value::Tag::kString:
            return hash_bytes(value.as_string(), seed);
        case Value::Tag::kInteger:
            return mix(seed, value.second_word());
        case Value::Tag::kDecimal:
            // Equal numbers have one hash, however they are written.
            if (const auto whole = value.as_integer()) {
                return mix(seed, static_cast<std::uint64_t>(*whole));
            }
            return mix(seed, hash_number(value.load<const Decimal*>()->view()));
        case Value::Tag::kArray:
        case Value::Tag::kSet: {
            std::uint64_t state = seed;
            for (const Value& item : value.items()) state = mix(state, hash(item));
            return state;
        }
        case Value::Tag::kObject: {
            std::uint64_t state = seed;
            for (std::size_t i = 0; i < value.size(); ++i) {
                state = mix(mix(state, hash(value.keys()[i])), hash(value.values()[i]));
            }
            return state;
        }
        default:
            return mix(seed, static_cast<std::uint64_t>(value.tag_));
    }
}

Builder::Builder(Arena& arena, Interner& interner) : arena_(arena), interner_(interner) {}

Value Builder::unknown() const {
    Value made;
    made.tag_ = Value::Tag::kUnknown;
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
        // from_chars leaves the value alone; strtod's answer is ±infinity or ±0. It wants an end.
        const auto ended = arena_.make_array<char>(kept.size() + 1);
        std::ranges::copy(kept, ended.begin());
        nearest = std::strtod(ended.data(), nullptr);
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

void Builder::reset() {
    refusal_ = {};
    constexpr std::size_t kKeptShapes = 1 << 12;
    if (shape_count_ == 0) return;
    if (shapes_.size() > kKeptShapes) shapes_ = {};
    std::ranges::fill(shapes_, KnownShape{});
    shape_count_ = 0;
}

const std::uint32_t* Builder::make_index(std::span<const Value> keys) {
    const std::span<std::uint32_t> index =
        arena_.make_array<std::uint32_t>(std::bit_ceil(keys.size() * 2));
    const std::size_t mask = index.size() - 1;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        // Keys that somebody chose for their hashes are searched for in their order instead.
        constexpr int kMostSteps = 200;
        std::uint64_t at = hash(keys[i]) & mask;
        for (int steps = 0; index[at] != 0; at = (at + 1) & mask) {
            if (++steps > kMostSteps) return nullptr;
        }
        index[at] = static_cast<std::uint32_t>(i + 1);
    }
    return index.data();
}

const Shape* Builder::make_shape(std::span<const Entry> sorted) {
    const std::span<Value> keys = arena_.make_array<Value>(sorted.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) keys[i] = sorted[i].first;
    // Places are kept in 32 bits, and there is room for twice as many.
    const bool is_indexed = keys.size() > kIndexedFrom && keys.size() < UINT32_MAX / 4;
    const std::uint32_t* const index = is_indexed ? make_index(keys) : nullptr;
    const auto mask = is_indexed ? static_cast<std::uint32_t>(std::bit_ceil(keys.size() * 2) - 1)
                                 : std::uint32_t{0};
    return arena_.make<Shape>(static_cast<std::uint32_t>(keys.size()), mask,
                              static_cast<const Value*>(keys.data()), index);
}

void Builder::keep_shape(const KnownShape& known) {
    const auto put = [this](const KnownShape& one) {
        const std::size_t mask = shapes_.size() - 1;
        std::size_t at = one.digest & mask;
        while (shapes_[at].shape != nullptr) at = (at + 1) & mask;
        shapes_[at] = one;
    };
    if (++shape_count_ * 2 > shapes_.size()) {
        std::vector<KnownShape> before(std::max<std::size_t>(16, shapes_.size() * 2));
        before.swap(shapes_);
        for (const KnownShape& one : before) {
            if (one.shape != nullptr) put(one);
        }
    }
    put(known);
}

const Shape* Builder::shape_of(std::span<const Entry> sorted) {
    // So large a one is hardly met again.
    constexpr std::size_t kSharedUpTo = 1'000;
    if (sorted.size() > kSharedUpTo) return make_shape(sorted);
    std::uint64_t digest = sorted.size();
    for (const Entry& entry : sorted) digest = hash_words(digest, hash(entry.first));
    const std::size_t mask = shapes_.size() - 1;
    for (std::size_t at = digest & mask; !shapes_.empty() && shapes_[at].shape != nullptr;
         at = (at + 1) & mask) {
        const Shape& shape = *shapes_[at].shape;
        if (shapes_[at].digest == digest && shape.count == sorted.size() &&
            std::equal(sorted.begin(), sorted.end(), shape.keys,
                       [](const Entry& entry, const Value& key) {
                           return is_written_alike(entry.first, key);
                       })) {
            return &shape;
        }
    }
    const Shape* const made = make_shape(sorted);
    keep_shape({digest, made});
    return made;
}

Value Builder::object_of(const Shape* shape, const Value* values) {
    Value made;
    made.tag_ = Value::Tag::kObject;
    made.store(shape->count,
               static_cast<const ObjectData*>(arena_.make<ObjectData>(shape, values)));
    measure(made, {values, shape->count}, {shape->keys, shape->count});
    return made;
}

Value Builder::object_like(const Value& other, std::span<const Value> values) {
    MERLON_ASSERT(other.size() == values.size());
    return object_of(other.load<const ObjectData*>()->shape, arena_.copy(values).data());
}

Value Builder::object(std::span<const Entry> entries) {
    MERLON_ASSERT(entries.size() <= UINT32_MAX);
    const auto is_before = [](const Entry& left, const Entry& right) {
        return compare(left.first, right.first) < 0;
    };
    const bool is_sorted =
        std::ranges::adjacent_find(entries, std::not_fn(is_before)) == entries.end();
    if (!is_sorted) {
        sorted_entries_.assign(entries.begin(), entries.end());
        if (entries.size() <= kInsertedUpTo) {
            insert_in_order(std::span(sorted_entries_), is_before);
        } else {
            sort_stably(std::span(sorted_entries_), is_before);
        }
        std::size_t kept = 0;
        for (const Entry& entry : sorted_entries_) {
            // The key stays as it was first written: 1e0, and not 1.
            const bool repeats = kept > 0 && sorted_entries_[kept - 1].first == entry.first;
            if (repeats) {
                sorted_entries_[kept - 1].second = entry.second;
            } else {
                sorted_entries_[kept++] = entry;
            }
        }
        sorted_entries_.resize(kept);
        entries = sorted_entries_;
    }
    const std::span<Value> values = arena_.make_array<Value>(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) values[i] = entries[i].second;
    return object_of(shape_of(entries), values.data());
}

Value Builder::set(std::span<const Value> items) {
    const auto is_before = [](const Value& left, const Value& right) {
        return compare(left, right) < 0;
    };
    if (std::ranges::adjacent_find(items, std::not_fn(is_before)) != items.end()) {
        sorted_items_.assign(items.begin(), items.end());
        if (items.size() <= kInsertedUpTo) {
            insert_in_order(std::span(sorted_items_), is_before);
        } else {
            std::sort(sorted_items_.begin(), sorted_items_.end(), is_before);
        }
        sorted_items_.erase(std::unique(sorted_items_.begin(), sorted_items_.end()),
                            sorted_items_.end());
        items = sorted_items_;
    }
    Value made = array(items);
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
