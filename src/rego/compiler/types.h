#pragma once

// What is known of a value before anything is evaluated: the types of Rego.
//
// The idea: a tree of immutable nodes in the arena of who asks. A null pointer is a type that is
// not known (OPA writes "???"), which is not the same as `any`. Objects and arrays have parts that
// are known by key or place and a type for all the others. Types grow where rules stand upon rules,
// so what would hold more than kMaxTypeWeight nodes, or stand deeper than
// kMaxTypeDepth, is `any`.
//
// Standard: OPA's v1/types (1.22.2). Thread-safe: nodes are constants; a Types belongs to one
// thread. Cost: linear in the smaller type.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "value/value.h"

namespace merlon::rego::compiler {

// In the order that types have.
enum class TypeKind : std::uint8_t {
    kNull,
    kBoolean,
    kNumber,
    kString,
    kArray,
    kObject,
    kSet,
    kAny,
    kFunction,
    kRecursive,  // another type that has this one inside: of a JSON Schema
};

struct Type;

struct Property {
    value::Value key;
    const Type* type = nullptr;
};

struct Type {
    TypeKind kind = TypeKind::kAny;
    bool has_others = false;  // of an object: it may have other keys
    std::uint32_t depth = 1;
    std::uint32_t weight = 1;                   // nodes
    std::span<const Type* const> parts = {};    // an array's first items, one of which `any` is,
                                                // ascending (none: everything); operands
    std::span<const Property> properties = {};  // of an object, by key
    const Type* key = nullptr;                  // of an object's other keys
    const Type* value = nullptr;  // of the other items, other values, a set's elements; a result;
                                  // what a recursive type is
    bool is_variadic = false;     // a function that takes any operands more
    std::span<const std::string_view> names = {};  // of operands and result; may be empty
    std::string_view name = {};                    // of a recursive type
};

inline constexpr std::uint32_t kMaxTypeWeight = 100'000;
inline constexpr std::uint32_t kMaxTypeDepth = 500;

extern const Type kNullType, kBooleanType, kNumberType, kStringType, kAnyType;

// Behind a recursive type what it is.
const Type* bare(const Type* type);
inline bool is_kind(const Type* type, TypeKind kind) {
    return type != nullptr && type->kind == kind;
}
// Everything there is.
inline bool is_everything(const Type* type) {
    return is_kind(type, TypeKind::kAny) && type->parts.empty();
}

// Negative, zero or positive.
int compare(const Type* left, const Type* right);
// Whether some part of it is not known.
bool is_unknown(const Type* type);
// Whether each value of `part` is one of `whole`, as far as comparing says.
bool contains(const Type& whole, const Type* part);
// Whether a value may have both types.
bool unify(const Type* left, const Type* right);
// A collection without any element.
bool is_empty_collection(const Type* type);

// "array<number, string>[any]".
std::string to_text(const Type* type);
// "key: type", for a type that is text already.
std::string property_text(const Property& property, std::string_view type);

// Of a function: whether it takes any others behind those that it names.
enum class MoreOperands : std::uint8_t { kNone, kAny };

class Types {
  public:
    Types(Arena& arena, Interner& interner) : values_(arena, interner), arena_(arena) {}

    const Type* array(std::span<const Type* const> items, const Type* others);
    struct Others {
        const Type* key;
        const Type* value;
    };
    const Type* object(std::vector<Property> properties, std::optional<Others> others);
    const Type* set(const Type* elements);
    const Type* function(std::span<const Type* const> operands, const Type* result);
    Type* recursive(std::string_view name);  // `value` is set once it is known
    // The members, put into their order.
    const Type* any_of(std::vector<const Type*> members);

    // What has one of the types; null for a function and something else.
    const Type* either(const Type* left, const Type* right);
    // What two rules for one document make of it.
    const Type* merge(const Type* left, const Type* right);
    // The object with another entry somewhere below.
    const Type* with_entry(const Type& object, std::span<const Type* const> path,
                           const Type* value);

    const Type* type_of(const value::Value& value);
    const Type* keys_of(const Type* type);
    const Type* values_of(const Type* type);
    // What stands at a key or a place; null where nothing does.
    const Type* select(const Type* type, const value::Value& key);

    // Reads what to_text() writes, with names of functions' operands: "x: string; any<null, …>".
    const Type* read(std::string_view text);
    const Type* read_function(std::string_view operands, std::string_view result,
                              MoreOperands more = MoreOperands::kNone);

    value::Builder& values() { return values_; }

  private:
    const Type* with_member(const Type& any, const Type* member);
    const Type* function_of_both(const Type& left, const Type& right);
    const Type* kept(Type type);

    value::Builder values_;
    Arena& arena_;
};

}  // namespace merlon::rego::compiler
