#pragma once

// Rego's machine: it runs a Program over an input and the data.
//
// The idea: registers in one stack, a window for each call; an undefined result is a jump; values
// are immutable, and what grows (comprehensions, partial rules) is a growing container that a
// register refers to until somebody looks at the whole of it. Rules are evaluated once: their
// results are kept until a `with` opens, and those from before are back when it closes. All values
// that an evaluation makes live in one arena, which the next evaluation reuses, as it does all
// other memory: a machine that has met its largest input asks for none.
//
// machine.cpp has the loop over instructions and what most of them are; machine_calls.cpp calls and
// `with`; machine_keys.cpp rules that are asked for some keys; machine_containers.cpp what grows.
//
// Not thread-safe: one machine belongs to one thread; the Program is shared.
// Cost: a few nanoseconds an instruction; memory within Limits.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/interner.h"
#include "rego/builtins.h"
#include "rego/kept_calls.h"
#include "rego/keyed_answers.h"
#include "rego/plan.h"
#include "value/value.h"

namespace merlon::rego {

enum class BuiltinErrors : std::uint8_t {
    kUndefined,  // a built-in's error makes the expression undefined
    kStrict,     // and the first is, in the end, what the evaluation has given
};

struct MachineLimits {
    std::uint64_t instructions = 100'000'000;
    std::size_t memory_bytes = std::size_t{1} << 30;
    std::size_t call_depth = 10'000;
};

struct MachineOptions {
    BuiltinErrors builtin_errors = BuiltinErrors::kUndefined;
    MachineLimits limits;
    World world;
    const CancelToken* cancel = nullptr;  // may be null
};

struct EvaluationError {
    ErrorKind kind = ErrorKind::kInternal;
    std::string message;
    std::string file;
    std::uint32_t row = 0;
    std::uint32_t column = 0;

    // "file:row: eval_type_error: message", as OPA writes it.
    std::string to_string() const;
};

struct Evaluation {
    std::vector<value::Value> results;  // live until the machine's next run
    std::optional<EvaluationError> error;
};

class Machine {
  public:
    Machine(const Program& program, MachineOptions options);

    // Runs a plan of the program. `input` may be undefined. The answer is the machine's: it is what
    // the last run gave.
    const Evaluation& run(std::uint32_t plan, const std::optional<value::Value>& input,
                          const value::Value& data);

  private:
    // A value, nothing, or a reference to growing_[number].
    using Register = value::Slot;

    // A container that grows. Objects may hold objects and sets that still grow themselves.
    struct Growing {
        value::Kind kind = value::Kind::kArray;
        std::vector<value::Value> keys;  // an array's items, a set's elements, an object's keys
        std::vector<Register> values;    // an object's
        // By hash: the hash's lower half above a place in keys, plus one; a power of two.
        std::vector<std::uint64_t> index;
        std::vector<std::uint64_t> index_before;  // while it is made larger
        std::size_t most = 0;   // elements it has had in this run and keeps memory for
        std::uint64_t run = 0;  // which run that was
        bool has_growing_values = false;
        bool is_whole = false;   // a rule has given it, and not what leads to its entries
        bool is_frozen = false;  // `frozen` is what it is now
        value::Value frozen;
    };
    struct Iterator {
        const value::Value* keys = nullptr;  // null: places are the keys
        const value::Value* elements = nullptr;
        const std::uint32_t* places = nullptr;  // of a choice
        std::uint32_t next = 0;
        std::uint32_t size = 0;
    };
    struct Kept {
        std::uint64_t epoch = 0;
        Register result;
    };
    // How often keeping what a function gives has helped in this run.
    struct Trial {
        std::uint64_t run = 0;
        std::uint32_t asked = 0;
        std::uint32_t found = 0;
    };
    static constexpr std::size_t kMostHelpfulCalls = 1'024;
    struct Frame {
        const Function* function = nullptr;
        std::uint32_t return_to = 0;
        std::uint32_t registers = 0;
        std::uint32_t iterators = 0;
        std::uint32_t result = 0;  // in the caller's window
        std::uint32_t undefined_to = 0;
        std::size_t withs = 0;
        std::size_t growing = 0;  // in use before the call
        // Where functions' results are kept: which of them this is.
        KeptCalls* keeper = nullptr;
        std::uint64_t call = 0;
    };
    // The documents are the first two registers of each window.
    static constexpr std::uint32_t kDataRegister = 1;
    // What a `with` changed, to be put back.
    struct With {
        enum class Kind : std::uint8_t { kDocument, kShadow, kReplacement, kScope };
        Kind kind = Kind::kDocument;
        std::uint32_t place = 0;  // in registers_; of a shadow its list
        std::uint32_t size = 0;   // of a shadow's list; of a document its register in the window
        Register before;
        Register put;           // of a document
        std::size_t scope = 0;  // where replacements were looked for
        std::uint64_t epoch = 0;
        std::size_t undo = 0;
        std::size_t answers = 0;
    };
    // A rule that runs for some keys: the depth of its frame.
    struct Ask {
        std::size_t depth = 0;
        std::uint32_t function = 0;
        value::Value key;
        std::uint64_t begun = 0;  // the instructions spent before it
    };
    // What was spent on keys of a rule, and when all of them are tried, for how long at least.
    struct AskedRule {
        std::uint64_t epoch = 0;
        std::uint64_t spent = 0;
        std::uint64_t try_at = 0;
        std::uint64_t tried_for = 0;
    };
    enum class AfterTry : std::uint8_t { kLater, kNeverAgain };
    struct Replacement {
        std::uint32_t target = 0;
        std::uint16_t kind = 0;
        std::uint32_t number = 0;
        value::Value value;
    };

    void step_all();
    bool step_slowly(const Instruction& instruction);
    void start(const Function& function);
    void reserve(std::size_t registers, std::size_t iterators);
    bool step_builtin(const Instruction& instruction);
    bool call_builtin(std::uint32_t number, std::span<const std::uint32_t> operands,
                      const Instruction& instruction);
    bool step_call(const Instruction& instruction);
    void call_function(std::uint32_t number, std::span<const std::uint32_t> arguments,
                       const Instruction& instruction);
    bool call_by_key(const Instruction& instruction);
    bool give_kept(const Register& result, const Instruction& instruction);
    void try_until(std::uint64_t spent);
    void finish_asking(const Register& result);
    void forget_asks_above(std::size_t depth);
    void give_up_try(AfterTry after);
    std::uint64_t expected_cost(const Frame& probe) const;
    // Since the run began.
    std::uint64_t instructions_spent() const {
        return options_.limits.instructions - instructions_left_ - turn_left_;
    }
    // True where the call's result is known. Otherwise where its result is to be kept, if it is.
    bool find_kept(std::uint32_t number, std::span<const std::uint32_t> arguments,
                   const Instruction& instruction, KeptCalls*& keeper, std::uint64_t& call);
    bool read_shadowed(const Function& function, const Instruction& instruction);
    const Replacement* find_replacement(std::uint32_t target) const;
    bool call_replacement(const Replacement& replacement, std::span<const std::uint32_t> arguments,
                          const Instruction& instruction);
    With& open_with(With::Kind kind);
    bool step_dynamic(const Instruction& instruction);
    void finish_call(const Register& result);
    bool push_with(const Instruction& instruction);
    void pop_withs(std::size_t count);
    bool move_once(const Instruction& instruction);
    bool insert(const Instruction& instruction);
    bool add(const Instruction& instruction);
    bool append(const Instruction& instruction);
    bool put(const Instruction& instruction);
    Growing* lead_through(Growing& object, const value::Value& key);
    void put_value(Growing& object, const value::Value& key, const value::Value& value);
    void put_element(Growing& object, const value::Value& key, const value::Value& element);
    void put_conflict() { fail(ErrorKind::kConflict, "object keys must be unique"); }
    bool gather(const Instruction& instruction);
    void gather_entry(Growing& group, const value::Value& pair);
    bool dot(const Instruction& instruction);
    const value::Value* base_element(const value::Value& container, const value::Value& step) const;
    bool merge(const Instruction& instruction);
    bool scan(const Instruction& instruction);
    bool walk(const Instruction& instruction);
    bool choose(const Instruction& instruction);
    bool holds_order(const Instruction& instruction);
    bool holds_element(const Instruction& instruction);
    bool length(const Instruction& instruction);
    bool collect(const Instruction& instruction);
    bool push_replacement(const Instruction& instruction);
    bool shadow(const Instruction& instruction);
    bool holds_equal(const Instruction& instruction);
    bool check_limits();
    bool check_memory();

    Register& at(std::uint32_t local) { return registers_[base_ + local]; }
    Register read(std::uint32_t operand) const {
        if ((operand & kConstantBit) != 0) return program_.constants[operand & ~kConstantBit];
        return registers_[base_ + operand];
    }
    // The operand as a value; null where it is undefined.
    const value::Value* look(std::uint32_t operand, value::Value& held) {
        if ((operand & kConstantBit) != 0) return &program_.constants[operand & ~kConstantBit];
        const Register& source = registers_[base_ + operand];
        if (source.is_value()) return &source.value();
        if (source.is_nothing()) return nullptr;
        held = freeze(source);
        return &held;
    }
    value::Value freeze(const Register& held) {
        return held.is_value() ? held.value() : freeze_growing(held);
    }
    value::Value freeze_growing(const Register& held);
    value::Value set_of(const std::vector<value::Value>& elements);
    bool sort_in_parts(std::vector<value::Value>& elements, std::vector<value::Value>& spare);
    value::Kind kind_of(const Register& held) const;
    Growing& growing(const Register& reference) { return *growing_[reference.number()]; }
    void make_growing(Register& target, value::Kind kind);
    // The container that the register refers to; a copy of a finished one. Null for another kind.
    Growing* grow(Register& target, value::Kind kind);
    static std::optional<std::size_t> find(const Growing& container, const value::Value& key);
    static void add_key(Growing& container, const value::Value& key);
    void count_elements(Growing& container);
    value::Value upserted(const value::Value* base, std::span<const std::uint32_t> path,
                          const value::Value& put);
    value::Value merged(const value::Value& left, const value::Value& right);
    void fail(ErrorKind kind, std::string message);
    void note_error(ErrorKind kind, std::string message);
    bool give_up_attempt(ErrorKind kind);
    CallPlace place() const;  // of the instruction that runs

    const Program& program_;
    MachineOptions options_;
    Arena arena_;
    Interner interner_;
    value::Builder builder_;
    Context context_;

    // Stacks of which a part is in use, so that a call writes what it uses and nothing else.
    std::vector<Register> registers_;
    std::size_t registers_used_ = 0;
    std::vector<Iterator> iterators_;
    std::size_t iterators_used_ = 0;
    std::vector<Frame> frames_;
    std::vector<With> withs_;
    std::vector<Replacement> replacements_;
    std::size_t replacement_scope_ = 0;    // those before it are not in force
    std::vector<std::uint32_t> shadowed_;  // by function: how many `with` shadow it
    std::vector<Kept> kept_;               // by function
    std::vector<std::pair<std::uint32_t, Kept>> undo_;
    KeyedAnswers answers_;
    std::vector<Ask> asks_;
    std::vector<AskedRule> asked_;   // by function
    std::size_t tried_depth_ = 0;    // of the frame of a rule that is tried; 0: none is
    std::uint64_t tried_until_ = 0;  // so many instructions are spent
    KeptCalls seen_calls_{KeptCalls::Hashing::kWhole, SIZE_MAX};
    KeptCalls helpful_calls_{KeptCalls::Hashing::kShallow, kMostHelpfulCalls};
    std::vector<Trial> trials_;  // by function
    std::vector<std::unique_ptr<Growing>> growing_;
    std::size_t growing_used_ = 0;
    std::size_t grown_elements_ = 0;  // that memory is kept for
    std::size_t freezing_ = 0;        // containers that are being frozen now
    std::vector<value::Value> operands_;
    std::vector<value::Value> sorted_;  // of a large set, and what it was before the last step
    std::vector<value::Value> half_sorted_;
    std::vector<value::Builder::Entry> entries_;  // a stack, of objects that are being frozen
    // Epochs are counted on from run to run, so that what the last one kept is out of date.
    std::uint64_t epoch_ = 0;
    std::uint64_t last_epoch_ = 0;
    std::uint64_t run_ = 0;
    std::uint32_t base_ = 0;
    std::uint32_t program_counter_ = 0;
    bool running_ = false;
    bool is_turn_over_ = false;  // the loop has to look at what has changed
    std::uint64_t instructions_left_ = 0;
    std::uint64_t turn_left_ = 0;  // of those that the loop has taken
    Evaluation evaluation_;
};

}  // namespace merlon::rego
