#include "rego/compiler/code_writer.h"

#include <algorithm>

#include "rego/term.h"

namespace merlon::rego::compiler {

void CodeWriter::begin_function(std::uint32_t taken_registers) {
    next_register_ = most_registers_ = taken_registers;
    open_iterators_ = most_iterators_ = 0;
}

void CodeWriter::end_function(Function& function) const {
    function.registers = most_registers_;
    function.iterators = most_iterators_;
}

CodeWriter::Label CodeWriter::new_label() {
    labels_.push_back(0);
    return static_cast<Label>(labels_.size() - 1);
}

void CodeWriter::bind(Label label) {
    labels_[label] = static_cast<std::uint32_t>(program_.code.size());
}

void CodeWriter::emit(Instruction instruction, Label target) {
    instruction.target = target;
    program_.code.push_back(instruction);
    program_.places.push_back(place_);
}

void CodeWriter::finish() {
    for (Instruction& instruction : program_.code) {
        instruction.target = labels_[instruction.target];
    }
    const auto place_all = [this](std::vector<std::uint32_t>& places) {
        for (std::uint32_t& place : places) place = labels_[place];
    };
    for (Choice& choice : program_.choices) {
        for (auto& [value, places] : choice.by_value) place_all(places);
        place_all(choice.otherwise);
    }
}

Operand CodeWriter::new_register() {
    most_registers_ = std::max(most_registers_, next_register_ + 1);
    return next_register_++;
}

Operand CodeWriter::constant(const value::Value& value) {
    // Equal numbers may be written in different ways, so it is the text that counts.
    const auto [at, added] = known_.try_emplace(term_text(value), 0);
    if (added) {
        at->second = static_cast<Operand>(program_.constants.size()) | kConstantBit;
        program_.constants.push_back(value);
    }
    return at->second;
}

Operand CodeWriter::string(std::string_view text) { return constant(values().key(text)); }
Operand CodeWriter::boolean(bool truth) { return constant(values().boolean(truth)); }
Operand CodeWriter::integer(std::int64_t number) { return constant(values().integer(number)); }

std::uint32_t CodeWriter::list(std::span<const std::uint32_t> entries) {
    const auto begin = static_cast<std::uint32_t>(program_.lists.size());
    program_.lists.insert(program_.lists.end(), entries.begin(), entries.end());
    return begin;
}

std::uint32_t CodeWriter::new_iterator() {
    most_iterators_ = std::max(most_iterators_, open_iterators_ + 1);
    return open_iterators_++;
}

CodeWriter::Round CodeWriter::scan(Operand source, Label end) {
    const std::uint32_t iterator = new_iterator();
    const Round round{new_register(), new_register()};
    emit({.opcode = Opcode::kScan, .a = iterator, .b = source});
    const Label next = new_label();
    bind(next);
    emit({.opcode = Opcode::kNext, .a = iterator, .b = round.key, .c = round.element}, end);
    fail_ = next;
    return round;
}

void CodeWriter::set_place(std::uint32_t file, const syntax::Location* location) {
    place_.file = file;
    if (location == nullptr) return;
    place_.row = location->row;
    place_.column = location->column;
}

}  // namespace merlon::rego::compiler
