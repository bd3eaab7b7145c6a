#pragma once

// Programs for Rego's machine, and the loader that makes them from OPA's plans (its intermediate
// representation; the schema is openpolicyagent.org/schemas/ir/v1/plan.schema.json).
//
// The idea: a plan is a tree of blocks in which "undefined" leaves the innermost one. It is lowered
// once to flat instructions of one size: registers in a window for each call, constants as ready
// Values, functions and built-ins by number, and a jump for each way out of a block. So the machine
// knows neither blocks nor names. The instruction set is not the plan's: our own compiler emits the
// same instructions and may add others.
//
// Thread-safe once loaded: a Program is read by any number of machines.
// Cost: linear in the plan; every index, depth and count of it is checked here, so that the machine
// need not.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "base/result.h"
#include "rego/builtins.h"
#include "value/value.h"

namespace merlon::rego {

// Operands name a register, or a constant where this bit is set.
inline constexpr std::uint32_t kConstantBit = 0x8000'0000;

// kWalk: `count` has this bit where the path is one of the base documents (see stored_element).
inline constexpr std::uint16_t kBaseBit = 0x8000;
inline constexpr std::uint16_t kMostSteps = kBaseBit - 1;

// `target` is where the machine goes on when the instruction is undefined or does not hold.
enum class Opcode : std::uint16_t {
    kMove,         // a <- operand b, which may be undefined
    kMoveOnce,     // the same; a conflict where a is defined and differs
    kReset,        // a is undefined
    kDot,          // a <- operand b [operand c]; count 1: of the base documents
    kWalk,         // a <- operand b, at each of lists[c] (`count` constants) in turn; of the base
                   // documents where kBaseBit is set
    kLength,       // a <- size of operand b
    kEqual,        // operand a == operand b
    kNotEqual,     // operand a != operand b
    kCompare,      // operand a before, before or equal to, … operand b; count says which (Order)
    kIsIn,         // operand a is an element of operand b, or a value of that object
    kIsArray,      // operand a
    kIsObject,     // operand a
    kIsSet,        // operand a
    kIsDefined,    // register a
    kIsUndefined,  // register a
    kMakeArray,    // a <- []
    kMakeObject,   // a <- {}
    kMakeSet,      // a <- set()
    kArrayOf,      // a <- the operands of lists[b], `count` of them
    kSetOf,        // the same
    kObjectOf,     // a <- an object of constant c's keys and these values
    kAppend,       // array a, operand b
    kInsert,       // object a, key operand b, value operand c
    kInsertOnce,   // the same; a conflict where the key has another value
    kAdd,          // set a, operand b
    kPut,          // object a gets, at the keys of lists[b], the last of these `count` operands
    kPutElement,   // the same; a set at the keys gets it
    kGather,       // object a, key operand b: its array (count 0), set (1) or object (2, of a pair)
                   // gets operand c
    kMerge,        // a <- objects b and c; undefined where either is none
    kScan,         // iterator a over operand b; to target where it is no collection
    kNext,         // iterator a; key register b, value register c; to target at the end
    kChoose,       // iterator a over the places that choices[c] has for operand b, defined or not
    kNextChoice,   // to the next place of iterator a; to target at the end
    kCall,         // function a, operands from lists[b], `count` of them, result register c
    kCallByKey,    // the same, of a function that evaluates a rule for these keys alone
    kCallBuiltin,  // built-in a, the same
    kCallDynamic,  // path from lists[a] (count, operands), arguments from lists[b], result c
    kPushWith,     // register a is operand b from here, or has it at the path lists[c]
    kPushShadow,   // functions of lists[b] (c of them) give what stands in the data at their paths
    kPushReplacement,  // calls of a are calls of b, or its value; count says which
    kPopWith,          // `count` of the last three, the last one first
    kJump,             // to target
    kReturn,           // register a
    kReturnUndefined,
    kAddResult,  // register a is one result of the plan
};

// kPushReplacement: `a` is a built-in where this bit is set; `count` is one of these.
inline constexpr std::uint32_t kBuiltinBit = 0x8000'0000;
inline constexpr std::uint16_t kReplacedByFunction = 0;
inline constexpr std::uint16_t kReplacedByBuiltin = 1;
inline constexpr std::uint16_t kReplacedByValue = 2;

// kCompare: what `count` says.
enum class Order : std::uint16_t { kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

struct Instruction {
    Opcode opcode = Opcode::kReturnUndefined;
    std::uint16_t count = 0;
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::uint32_t c = 0;
    std::uint32_t target = 0;
};

struct Place {
    std::uint32_t file = 0;
    std::uint32_t row = 0;
    std::uint32_t column = 0;
};

inline constexpr std::uint32_t kNoFunction = UINT32_MAX;
inline constexpr std::uint32_t kNoIterator = UINT32_MAX;
// Whether what a function gives is kept for its next call with equal arguments.
enum class Keeping : std::uint8_t {
    kNever,
    kAlways,        // who calls it twice could tell
    kWhileItHelps,  // it may save time
};

struct Function {
    std::string name;
    std::vector<std::uint32_t> parameters;
    std::uint32_t registers = 0;
    std::uint32_t iterators = 0;
    std::uint32_t entry = 0;
    // Rules have the two documents as their only arguments: their results are kept.
    bool is_rule = false;
    // An attempt at something that can also be had without it: where a rule or a built-in fails
    // inside, it is undefined, and the caller goes another way.
    bool is_attempt = false;
    // Of a function that evaluates a rule for some keys alone, which are its arguments behind the
    // documents: the function of the whole rule; whether nobody could tell if that were called in
    // its place; and in lists the functions for the first key, the first two, … (kNoFunction: there
    // is none).
    std::uint32_t whole = kNoFunction;
    bool may_be_whole = false;
    bool is_asked_by_parts = false;  // of its first key: what it gives is not kept, as in OPA
    std::uint32_t shorter = 0;
    Keeping keeping = Keeping::kNever;  // of what is no rule
    // Its place in the data, as operands in lists; of functions that may be shadowed.
    std::uint32_t path = 0;
    std::uint32_t path_size = 0;
};

// Where rules stand in the code, by the value that each of them asks for; in their order.
struct Choice {
    struct Hash {
        std::size_t operator()(const value::Value& value) const { return value::hash(value); }
    };
    std::unordered_map<value::Value, std::vector<std::uint32_t>, Hash> by_value;
    std::vector<std::uint32_t> otherwise;  // those that ask for none
};

struct BuiltinReference {
    std::string name;
    const Builtin* builtin = nullptr;  // null: calling it is an error
    bool has_result = true;
};

class Program {
  public:
    // Fails on what is no plan: wrong types, indexes out of range, too deep, too large.
    // `extras`: built-ins beside OPA's.
    static Result<std::unique_ptr<const Program>> load(const value::Value& plan,
                                                       std::span<const Builtin> extras = {});
    // An empty one, to be filled by the compiler.
    static std::unique_ptr<Program> make() { return std::unique_ptr<Program>(new Program()); }
    value::Builder& values() { return builder_; }

    // The number of the plan of that name ("eval", "test/p").
    std::optional<std::uint32_t> find_plan(std::string_view name) const;

    std::vector<Instruction> code;
    std::vector<Place> places;         // of each instruction
    std::vector<std::uint32_t> lists;  // operands of calls, paths
    std::vector<value::Value> constants;
    std::vector<Function> functions;
    std::vector<Function> plans;
    std::vector<BuiltinReference> builtins;
    std::vector<Choice> choices;
    std::vector<std::string> files;
    // Functions by their place below data, for calls that know it only when they run.
    std::unordered_map<std::string, std::uint32_t> functions_by_path;

    // A path as a key of functions_by_path.
    static void append_path_key(std::string& key, std::string_view segment);

  private:
    friend class PlanLoader;
    Program() : builder_(arena_, interner_) {}

    Arena arena_;
    Interner interner_;
    value::Builder builder_;
};

}  // namespace merlon::rego
