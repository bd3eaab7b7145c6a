#pragma once

// Value: the only tree in the program. Every reader builds it; policy languages, reports and
// configurations read it.
//
// The idea: 16 bytes each, immutable, owned by an arena and never counted. Small integers and
// strings of up to 12 bytes stand inside. Objects with the same keys share one Shape (sorted,
// interned keys), so a thousand alike objects store their keys once. Numbers are exact: what is not
// a 64-bit integer keeps its text. The order is Rego's: null < boolean < number < string < array <
// object < set (specs of OPA, "Comparison"), and `unknown` comes last.
//
// Equal values have one form as far as that is cheap: what differs in its first word (kind, size,
// depth, weight, the first bytes of a text) differs, unless both are numbers. So most comparisons
// for equality look at two words and at nothing else.
//
// Thread-safe to read. A Value is valid as long as the arena and interner it was built with.
// Cost: copying is 16 bytes; look-up in an object is a look over up to eight keys, or at an index.

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/assert.h"
#include "base/interner.h"
#include "base/result.h"

namespace merlon::value {

enum class Kind : std::uint8_t {
    kNull,
    kBoolean,
    kNumber,
    kString,
    kArray,
    kObject,
    kSet,
    kUnknown,  // known to exist, not what it is: partial evaluation
};

// "null", "boolean", …: the names of JSON Schema and Rego's type_name.
std::string_view name(Kind kind);

class Value;

// The keys of an object, ascending; shared by all objects of one builder that have the same keys.
struct Shape {
    std::uint32_t count;
    std::uint32_t index_mask;
    const Value* keys;
    // By hash: places in keys, plus one; 0 is free. Null: there are few keys, or too many with one
    // hash.
    const std::uint32_t* index;
};

struct ObjectData {
    const Shape* shape;
    const Value* values;
};

// Room for the text of any 64-bit integer.
using NumberRoom = std::array<char, 24>;

class Value {
  public:
    constexpr Value() : tag_(Tag::kNull), inline_length_(0), payload_{} {}

    Kind kind() const { return kKinds[static_cast<std::size_t>(tag_)]; }
    bool is_null() const { return tag_ == Tag::kNull; }
    bool is_boolean() const { return tag_ == Tag::kFalse || tag_ == Tag::kTrue; }
    bool is_number() const { return tag_ == Tag::kInteger || tag_ == Tag::kDecimal; }
    bool is_string() const { return tag_ == Tag::kInlineString || tag_ == Tag::kString; }
    bool is_array() const { return tag_ == Tag::kArray; }
    bool is_object() const { return tag_ == Tag::kObject; }
    bool is_set() const { return tag_ == Tag::kSet; }

    // Each accessor asserts its kind; ask first.
    bool as_boolean() const {
        MERLON_ASSERT(is_boolean());
        return tag_ == Tag::kTrue;
    }
    // Short strings stand inside the Value, so the view dies with it: not for temporaries.
    std::string_view as_string() const& {
        MERLON_ASSERT(is_string());
        if (tag_ == Tag::kInlineString) return {payload_, inline_length_};
        return {load<const char*>(), stored_size()};
    }
    std::string_view as_string() && = delete;
    // Whether it is a 64-bit integer and written as one: not "2.0".
    bool is_plain_integer() const { return tag_ == Tag::kInteger; }
    // The number as a 64-bit integer, where it is one ("2", "2.0", "2e0").
    std::optional<std::int64_t> as_integer() const;
    double as_double() const;
    // The number as it was written.
    std::string number_text() const;
    // The same without asking for memory: the value's own text, or one that is put into `room`.
    std::string_view number_text(NumberRoom& room) const;

    // Elements of an array, or of a set in ascending order.
    std::span<const Value> items() const {
        MERLON_ASSERT(is_array() || is_set());
        return {load<const Value*>(), stored_size()};
    }
    // Keys and values of an object, in the keys' ascending order.
    std::span<const Value> keys() const {
        MERLON_ASSERT(is_object());
        const Shape* shape = load<const ObjectData*>()->shape;
        return {shape->keys, shape->count};
    }
    std::span<const Value> values() const {
        MERLON_ASSERT(is_object());
        return {load<const ObjectData*>()->values, stored_size()};
    }
    // Elements, entries or bytes; 0 for what has none.
    std::size_t size() const {
        if (tag_ == Tag::kInlineString) return inline_length_;
        return tag_ >= Tag::kString && tag_ <= Tag::kSet ? stored_size() : 0;
    }

    // How deep arrays, objects and sets stand inside of each other; 0 for what is none of them.
    std::size_t depth() const { return depth_; }

    // The value at a string key, or null where it is absent or this is no object.
    const Value* find(std::string_view key) const;
    const Value* find(const Value& key) const {
        if (tag_ != Tag::kObject) return nullptr;
        const ObjectData& data = *load<const ObjectData*>();
        const std::size_t at = place_of(*data.shape, key);
        return at < data.shape->count ? data.values + at : nullptr;
    }

  private:
    friend class Builder;
    friend class Slot;
    friend bool operator==(const Value& left, const Value& right);
    friend bool is_equal_inside(const Value& left, const Value& right);
    friend int compare(const Value& left, const Value& right);
    friend std::uint64_t hash(const Value& value);

    enum class Tag : std::uint8_t {
        kNull,
        kFalse,
        kTrue,
        kInteger,
        kDecimal,
        kInlineString,
        kString,
        kArray,
        kObject,
        kSet,
        kUnknown,
        kNothing,    // of a Slot
        kReference,  // of a Slot
    };
    static constexpr Kind kKinds[] = {Kind::kNull,   Kind::kBoolean, Kind::kBoolean, Kind::kNumber,
                                      Kind::kNumber, Kind::kString,  Kind::kString,  Kind::kArray,
                                      Kind::kObject, Kind::kSet,     Kind::kUnknown, Kind::kUnknown,
                                      Kind::kUnknown};
    static constexpr std::size_t kInlineCapacity = 12;

    // Kind, size, depth and weight, the first bytes of an inline string; and what follows.
    std::uint64_t first_word() const {
        std::uint64_t word;
        std::memcpy(&word, static_cast<const void*>(this), 8);
        return word;
    }
    std::uint64_t second_word() const {
        std::uint64_t word;
        std::memcpy(&word, payload_ + 4, 8);
        return word;
    }
    // Its place among the keys, or their number.
    static std::size_t place_of(const Shape& shape, const Value& key);

    template <typename T>
    T load() const {
        std::uint64_t word;
        std::memcpy(&word, payload_ + 4, 8);
        return std::bit_cast<T>(word);
    }
    template <typename T>
    void store(std::uint32_t size, T content) {
        const auto word = std::bit_cast<std::uint64_t>(content);
        std::memcpy(payload_, &size, 4);
        std::memcpy(payload_ + 4, &word, 8);
    }
    std::uint32_t stored_size() const {
        std::uint32_t size;
        std::memcpy(&size, payload_, sizeof(size));
        return size;
    }

    alignas(8) Tag tag_;
    std::uint8_t inline_length_;  // of a container: its weight, see Builder
    std::uint16_t depth_ = 0;     // of a container: 1 more than the deepest it holds
    // An inline string, or a 32-bit size and then 8 bytes: integer or pointer.
    alignas(4) char payload_[kInlineCapacity];
};
static_assert(sizeof(Value) == 16);

// Rego's total order: negative, zero or positive. Numbers compare exactly, `1 == 1.0`.
int compare(const Value& left, const Value& right);

// Equality of two values that are alike from outside: behind the pointers of both.
bool is_equal_inside(const Value& left, const Value& right);
inline bool operator==(const Value& left, const Value& right) {
    const bool is_alike = left.first_word() == right.first_word();
    if (is_alike && left.second_word() == right.second_word()) return true;
    if (left.tag_ == Value::Tag::kDecimal || right.tag_ == Value::Tag::kDecimal) {
        return left.is_number() && right.is_number() && compare(left, right) == 0;
    }
    return is_alike && left.tag_ >= Value::Tag::kString && is_equal_inside(left, right);
}
// Equal values have equal hashes.
std::uint64_t hash(const Value& value);

// Whoever looks at a value of this depth still has room on the stack.
inline constexpr std::size_t kMaxValueDepth = 2'000;
// How many values one value may hold when each is counted as often as it can be reached: values are
// shared, and thirty arrays of the one before twice hold as many as a machine cannot look at.
inline constexpr std::uint64_t kMaxValueWeight = std::uint64_t{1} << 30;

// A value, nothing, or a number that its owner gives a meaning: what a machine has in a register.
class Slot {
  public:
    Slot() { value_.tag_ = Value::Tag::kNothing; }
    Slot(const Value& held) : value_(held) {}
    static Slot reference(std::uint32_t number) {
        Slot made;
        made.value_.tag_ = Value::Tag::kReference;
        made.value_.store(number, std::uint64_t{0});
        return made;
    }

    bool is_nothing() const { return value_.tag_ == Value::Tag::kNothing; }
    bool is_reference() const { return value_.tag_ == Value::Tag::kReference; }
    bool is_value() const { return value_.tag_ < Value::Tag::kNothing; }
    std::uint32_t number() const { return value_.stored_size(); }  // of a reference
    const Value& value() const { return value_; }                  // of a value

  private:
    Value value_;
};
static_assert(sizeof(Slot) == 16);

// Makes values in an arena. Not thread-safe.
//
// What would be deeper or heavier than a value may be is null instead, and refusal() says so from
// then on; weights are rounded down, to three digits of base 2.
class Builder {
  public:
    Builder(Arena& arena, Interner& interner);

    // What was refused; empty: nothing was.
    std::string_view refusal() const { return refusal_; }

    using Entry = std::pair<Value, Value>;

    Value null() const { return Value(); }
    Value unknown() const;
    Value boolean(bool truth) const {  // NOLINT: a value, not an option
        Value made;
        made.tag_ = truth ? Value::Tag::kTrue : Value::Tag::kFalse;
        return made;
    }
    Value integer(std::int64_t number) const {
        Value made;
        made.tag_ = Value::Tag::kInteger;
        made.store(0, number);
        return made;
    }
    // `text` in JSON's number syntax (RFC 8259, section 6); fails on anything else.
    Result<Value> number(std::string_view text);
    Value string(std::string_view text);
    // A string that is used as a key: one copy for each text.
    Value key(std::string_view text);
    Value array(std::span<const Value> items);
    // Sorts by key. Of equal keys the last one wins; a reader that minds looks before.
    Value object(std::span<const Entry> entries);
    // An object with the keys of another one, and as many values in the order of those.
    Value object_like(const Value& other, std::span<const Value> values);
    // Sorts and drops equal elements.
    Value set(std::span<const Value> items);

    Arena& arena() { return arena_; }
    Interner& interner() { return interner_; }

    // As if it were new, for when the arena has been reset; keeps its own memory.
    void reset();

  private:
    struct KnownShape {
        std::uint64_t digest = 0;
        const Shape* shape = nullptr;
    };

    const Shape* shape_of(std::span<const Entry> sorted);
    const Shape* make_shape(std::span<const Entry> sorted);
    const std::uint32_t* make_index(std::span<const Value> keys);
    void keep_shape(const KnownShape& known);
    Value object_of(const Shape* shape, const Value* values);
    // Notes in `made` what it holds; it becomes null where that is too much.
    void measure(Value& made, std::span<const Value> items, std::span<const Value> keys);

    std::string_view refusal_;
    Arena& arena_;
    Interner& interner_;
    // Open addressing by digest; a power of two.
    std::vector<KnownShape> shapes_;
    std::size_t shape_count_ = 0;
    std::vector<Entry> sorted_entries_;
    std::vector<Value> sorted_items_;
};

// Where a value stood in the text it was read from: bytes [begin, end).
struct Span {
    std::size_t begin = kNoOffset;
    std::size_t end = kNoOffset;
};

// Spans beside the tree: one for each element and each key, found by the element's address. Values
// that were copied out of their container have none.
class SpanTable {
  public:
    struct Entry {
        const Value* element;
        Span value;
        Span key;
    };

    void add(const Value* element, Span value, Span key);
    std::optional<Span> value_span(const Value* element) const;
    std::optional<Span> key_span(const Value* element) const;

  private:
    std::unordered_map<const Value*, std::pair<Span, Span>> spans_;
};

// What a reader returns: the tree and where its parts stood.
struct ValueDocument {
    const Value* root = nullptr;  // in the reader's arena
    SpanTable spans;
};

}  // namespace merlon::value
