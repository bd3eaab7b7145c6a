#pragma once

// Writes instructions of the machine: labels, registers, constants, and the way out of what is
// undefined.
//
// The idea: code goes straight on as long as things are defined. What is undefined jumps to the
// current `fail` label, which is the next round of the innermost loop that is open, or the end of
// the body. So a body that iterates needs no nesting here: opening a loop moves the label.
//
// Not thread-safe. Cost: a few stores for each instruction.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "rego/plan.h"
#include "rego/syntax/tree.h"

namespace merlon::rego::compiler {

using Operand = std::uint32_t;  // a register, or a constant with kConstantBit

class CodeWriter {
  public:
    using Label = std::uint32_t;

    explicit CodeWriter(Program& program) : program_(program) {}

    Program& program() { return program_; }
    value::Builder& values() { return program_.values(); }

    // What is written from now on belongs to a function whose first registers are taken.
    void begin_function(std::uint32_t taken_registers);
    // How many registers and iterators it needs.
    void end_function(Function& function) const;

    Label new_label();
    void bind(Label label);
    Label fail() const { return fail_; }
    void set_fail(Label label) { fail_ = label; }

    void emit(Instruction instruction) { emit(instruction, fail_); }
    void emit(Instruction instruction, Label target);
    void jump(Label target) { emit({.opcode = Opcode::kJump}, target); }
    std::size_t size() const { return program_.code.size(); }
    // Puts labels' places into the code. Everything has been written then.
    void finish();

    Operand new_register();
    // The registers from `first` on may be used again.
    std::uint32_t next_register() const { return next_register_; }
    void release_registers(std::uint32_t first) { next_register_ = first; }

    Operand constant(const value::Value& value);  // of this program's arena
    Operand string(std::string_view text);
    Operand boolean(bool truth);  // NOLINT: a value, not an option
    Operand integer(std::int64_t number);
    std::uint32_t list(std::span<const std::uint32_t> entries);

    // A loop over a collection: its keys and elements. Undefined where it is none.
    struct Round {
        Operand key;
        Operand element;
    };
    Round scan(Operand source) { return scan(source, fail_); }
    // At the end of the collection it goes on at `end`.
    Round scan(Operand source, Label end);
    std::uint32_t new_iterator();
    std::uint32_t open_iterators() const { return open_iterators_; }
    void close_iterators(std::uint32_t left_open) { open_iterators_ = left_open; }

    void set_place(std::uint32_t file, const syntax::Location* location);
    Place place() const { return place_; }
    void set_place(const Place& place) { place_ = place; }

  private:
    Program& program_;
    std::vector<std::uint32_t> labels_;
    Label fail_ = 0;
    std::uint32_t next_register_ = 0;
    std::uint32_t most_registers_ = 0;
    std::uint32_t open_iterators_ = 0;
    std::uint32_t most_iterators_ = 0;
    Place place_;
    std::unordered_map<std::string, Operand> known_;  // by kind and text
};

}  // namespace merlon::rego::compiler
