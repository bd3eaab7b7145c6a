#include "rego/machine.h"

#include <algorithm>
#include <utility>

namespace merlon::rego {

using value::Kind;
using value::Value;

namespace {

// A mask: memory is looked at in every so manieth depth of calls.
constexpr std::size_t kFramesBetweenChecks = 63;

// After so many calls one in four must have been known for others to be kept.
constexpr std::uint32_t kTrialCalls = 32;
constexpr std::uint32_t kHelpfulShare = 4;

}  // namespace

bool Machine::step_call(const Instruction& instruction) {
    const std::uint32_t number = instruction.a;
    if (!withs_.empty()) {
        if (const Replacement* other = find_replacement(number)) {
            // The documents come first; a replacement gets its own.
            return call_replacement(*other,
                                    {program_.lists.data() + instruction.b + 2,
                                     static_cast<std::size_t>(instruction.count - 2)},
                                    instruction);
        }
        if (shadowed_[number] > 0) {
            return read_shadowed(program_.functions[number], instruction);
        }
    }
    call_function(number, {program_.lists.data() + instruction.b, instruction.count}, instruction);
    return true;
}

const Machine::Replacement* Machine::find_replacement(std::uint32_t target) const {
    for (std::size_t i = replacements_.size(); i > replacement_scope_; --i) {
        if (replacements_[i - 1].target == target) return &replacements_[i - 1];
    }
    return nullptr;
}

// Inside of a function that stands for another one, functions are themselves again.
bool Machine::call_replacement(const Replacement& replacement,
                               std::span<const std::uint32_t> arguments,
                               const Instruction& instruction) {
    if (replacement.kind == kReplacedByValue) {
        at(instruction.c) = replacement.value;
        return true;
    }
    if (replacement.kind == kReplacedByBuiltin) {
        return call_builtin(replacement.number, arguments, instruction);
    }
    const Function& function = program_.functions[replacement.number];
    if (function.parameters.size() != arguments.size() + 2) {
        fail(ErrorKind::kInternal, "a function is replaced by one of other arguments");
        return true;
    }
    std::vector<std::uint32_t> all{0, 1};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const std::size_t depth = frames_.size();
    call_function(replacement.number, all, instruction);
    if (running_ && frames_.size() > depth) {
        With& scope = open_with(With::Kind::kScope);
        scope.scope = std::exchange(replacement_scope_, replacements_.size());
    }
    return true;
}

bool Machine::read_shadowed(const Function& function, const Instruction& instruction) {
    Register found = at(1);
    for (std::uint32_t i = 0; i < function.path_size && !found.is_nothing(); ++i) {
        const Value container = freeze(found);
        const Value* below =
            container.find(program_.constants[program_.lists[function.path + i] & ~kConstantBit]);
        found = below == nullptr ? Register() : Register(*below);
    }
    at(instruction.c) = found;
    return !found.is_nothing();
}

void Machine::call_function(std::uint32_t number, std::span<const std::uint32_t> arguments,
                            const Instruction& instruction) {
    const Function& function = program_.functions[number];
    if (function.is_rule && kept_[number].epoch == epoch_) {
        const Register& result = kept_[number].result;
        at(instruction.c) = result;
        if (result.is_nothing()) program_counter_ = instruction.target;
        return;
    }
    KeptCalls* keeper = nullptr;
    std::uint64_t call = 0;
    if (function.keeping != Keeping::kNever &&
        find_kept(number, arguments, instruction, keeper, call)) {
        return;
    }
    if (frames_.size() >= options_.limits.call_depth) {
        fail(ErrorKind::kLimit,
             "call depth limit of " + std::to_string(options_.limits.call_depth) + " reached");
        return;
    }
    const std::uint32_t return_to = program_counter_;
    const std::uint32_t caller = base_;
    start(function);
    Frame& frame = frames_.back();
    frame.return_to = return_to;
    frame.result = instruction.c;
    frame.keeper = keeper;
    frame.call = call;
    frame.undefined_to =
        instruction.opcode == Opcode::kCallDynamic ? return_to : instruction.target;
    if ((frames_.size() & kFramesBetweenChecks) == 0 && !check_memory()) return;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::uint32_t operand = arguments[i];
        Register& parameter = registers_[frame.registers + function.parameters[i]];
        if ((operand & kConstantBit) != 0) {
            parameter = program_.constants[operand & ~kConstantBit];
            continue;
        }
        const Register& given = registers_[caller + operand];
        parameter = given.is_reference() ? Register(freeze(given)) : given;
    }
}

bool Machine::find_kept(std::uint32_t number, std::span<const std::uint32_t> arguments,
                        const Instruction& instruction, KeptCalls*& keeper, std::uint64_t& call) {
    keeper = &seen_calls_;
    Trial& trial = trials_[number];
    if (program_.functions[number].keeping == Keeping::kWhileItHelps) {
        keeper = &helpful_calls_;
        if (trial.run != run_) trial = {.run = run_};
        if (trial.asked >= kTrialCalls && trial.found < trial.asked / kHelpfulShare) {
            keeper = nullptr;
            return false;
        }
    }
    operands_.clear();
    for (const std::uint32_t place : arguments.subspan(2)) {
        Value held;
        const Value* const argument = look(place, held);
        if (argument == nullptr) {
            keeper = nullptr;
            return false;
        }
        operands_.push_back(*argument);
    }
    const KeptCalls::Call found = keeper->ask(number, epoch_, operands_);
    ++trial.asked;
    call = found.number;
    if (!found.is_known) return false;
    ++trial.found;
    at(instruction.c) = found.result;
    if (found.result.is_nothing()) program_counter_ = instruction.target;
    return true;
}

void Machine::finish_call(const Register& returned) {
    const Frame frame = frames_.back();
    Register result;
    if (!returned.is_nothing()) result = freeze(returned);
    if (withs_.size() > frame.withs) pop_withs(withs_.size() - frame.withs);
    if (frames_.size() == 1) {
        running_ = false;
        is_turn_over_ = true;
        return;
    }
    if (!asks_.empty() || tried_depth_ != 0) finish_asking(result);
    if (frame.function->is_rule) {
        const auto number = static_cast<std::uint32_t>(frame.function - program_.functions.data());
        if (!withs_.empty()) undo_.emplace_back(number, kept_[number]);
        kept_[number] = {epoch_, result};
    }
    // What is undefined is asked for again where that can be told, as in OPA.
    if (frame.keeper != nullptr && (frame.keeper == &helpful_calls_ || !result.is_nothing())) {
        frame.keeper->keep(frame.call, result);
    }
    // Whatever grew in the call is frozen or forgotten: arguments and results are finished values.
    growing_used_ = frame.growing;
    frames_.pop_back();
    registers_used_ = frame.registers;
    iterators_used_ = frame.iterators;
    base_ = frames_.back().registers;
    at(frame.result) = result;
    program_counter_ = result.is_nothing() ? frame.undefined_to : frame.return_to;
}

bool Machine::step_dynamic(const Instruction& instruction) {
    std::string key;
    for (std::size_t i = 0; i < instruction.count; ++i) {
        Value held;
        const Value* segment = look(program_.lists[instruction.a + i], held);
        if (segment == nullptr || !segment->is_string()) return false;
        Program::append_path_key(key, segment->as_string());
    }
    const auto found = program_.functions_by_path.find(key);
    if (found == program_.functions_by_path.end()) return false;
    if (program_.functions[found->second].parameters.size() != 2) return false;
    const std::uint32_t after = program_counter_;
    call_function(found->second, {program_.lists.data() + instruction.b, 2}, instruction);
    // A kept result that is undefined is told from "no such function" by the next instruction.
    if (running_ && kept_[found->second].epoch == epoch_ &&
        program_counter_ == instruction.target) {
        program_counter_ = after;
    }
    return true;
}

bool Machine::step_builtin(const Instruction& instruction) {
    const std::span<const std::uint32_t> operands(program_.lists.data() + instruction.b,
                                                  instruction.count);
    if (!replacements_.empty()) {
        if (const Replacement* other = find_replacement(instruction.a | kBuiltinBit)) {
            return call_replacement(*other, operands, instruction);
        }
    }
    return call_builtin(instruction.a, operands, instruction);
}

bool Machine::call_builtin(std::uint32_t number, std::span<const std::uint32_t> operands,
                           const Instruction& instruction) {
    const BuiltinReference& reference = program_.builtins[number];
    if (reference.builtin == nullptr) {
        fail(ErrorKind::kInternal, "unsupported built-in: " + reference.name);
        return true;
    }
    operands_.clear();
    for (const std::uint32_t place : operands) {
        Value held;
        const Value* operand = look(place, held);
        if (operand == nullptr) return false;
        operands_.push_back(*operand);
    }
    const Outcome outcome = call(*reference.builtin, context_, operands_);
    if (!check_memory()) return true;
    if (outcome.ok()) {
        if (reference.has_result) at(instruction.c) = outcome.value();
        return true;
    }
    if (outcome.state() == Outcome::State::kError) {
        const ErrorKind kind = context_.error_kind();
        const bool is_lenient = kind == ErrorKind::kType || kind == ErrorKind::kBuiltin;
        if (!is_lenient) {
            fail(kind, reference.name + ": " + context_.error_text());
            return true;
        }
        if (options_.builtin_errors == BuiltinErrors::kStrict) {
            if (give_up_attempt(kind)) return true;
            note_error(kind, reference.name + ": " + context_.error_text());
        }
    }
    return false;
}

bool Machine::push_with(const Instruction& instruction) {
    Value held;
    const Value* put = look(instruction.b, held);
    // A whole document may be replaced by nothing: that is how one that was absent comes back.
    if (put == nullptr && instruction.count > 0) return false;
    Register replacement;
    if (put != nullptr) replacement = *put;
    if (instruction.count > 0) {
        Value held_base;
        const Value* before = look(instruction.a, held_base);
        const std::span<const std::uint32_t> path(program_.lists.data() + instruction.c,
                                                  instruction.count);
        replacement = upserted(before, path, replacement.value());
        if (!check_memory()) return true;
    }
    With& opened = open_with(With::Kind::kDocument);
    opened.place = base_ + instruction.a;
    opened.size = instruction.a;
    if (put != nullptr) opened.put = *put;
    opened.before = at(instruction.a);
    at(instruction.a) = replacement;
    return true;
}

bool Machine::shadow(const Instruction& instruction) {
    With& opened = open_with(With::Kind::kShadow);
    opened.place = instruction.b;
    opened.size = instruction.c;
    for (std::uint32_t i = 0; i < instruction.c; ++i) {
        ++shadowed_[program_.lists[instruction.b + i]];
    }
    return true;
}

bool Machine::push_replacement(const Instruction& instruction) {
    Value held;
    Replacement made;
    made.target = instruction.a;
    made.kind = instruction.count;
    if (instruction.count == kReplacedByValue) {
        const Value* const value = look(instruction.b, held);
        if (value == nullptr) return false;
        made.value = *value;
    } else {
        made.number = instruction.b;
    }
    open_with(With::Kind::kReplacement);
    replacements_.push_back(made);
    return true;
}

// What rules gave before is put aside until it closes.
Machine::With& Machine::open_with(With::Kind kind) {
    With& opened = withs_.emplace_back();
    opened.kind = kind;
    opened.epoch = std::exchange(epoch_, ++last_epoch_);
    opened.undo = undo_.size();
    opened.answers = answers_.size();
    return opened;
}

void Machine::pop_withs(std::size_t count) {
    for (; count > 0; --count) {
        const With& with = withs_.back();
        switch (with.kind) {
            case With::Kind::kDocument:
                registers_[with.place] = with.before;
                break;
            case With::Kind::kShadow:
                for (std::uint32_t i = 0; i < with.size; ++i) {
                    --shadowed_[program_.lists[with.place + i]];
                }
                break;
            case With::Kind::kReplacement:
                replacements_.pop_back();
                break;
            case With::Kind::kScope:
                replacement_scope_ = with.scope;
                break;
        }
        epoch_ = with.epoch;
        while (undo_.size() > with.undo) {
            kept_[undo_.back().first] = undo_.back().second;
            undo_.pop_back();
        }
        if (answers_.size() > with.answers) answers_.shrink(with.answers);
        withs_.pop_back();
    }
}

}  // namespace merlon::rego
