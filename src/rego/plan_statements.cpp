#include <algorithm>

#include "rego/plan_loader.h"

namespace merlon::rego {

using value::Value;

Status PlanLoader::lower_assign(const Value& statement) {
    const std::uint32_t target = MERLON_TRY(local(statement, "target"));
    emit({.opcode = Opcode::kMove, .a = target, .b = MERLON_TRY(operand(statement, "source"))});
    return {};
}

Status PlanLoader::lower_assign_once(const Value& statement) {
    const std::uint32_t target = MERLON_TRY(local(statement, "target"));
    emit({.opcode = Opcode::kMoveOnce, .a = target, .b = MERLON_TRY(operand(statement, "source"))});
    return {};
}

Status PlanLoader::lower_assign_integer(const Value& statement) {
    const std::int64_t number = MERLON_TRY(integer(statement, "value"));
    const auto [at, added] = integer_constants_.try_emplace(number, 0);
    if (added) at->second = constant(program_.builder_.integer(number));
    emit({.opcode = Opcode::kMove, .a = MERLON_TRY(local(statement, "target")), .b = at->second});
    return {};
}

Status PlanLoader::lower_number(const Value& statement) {
    const Value* index = member(statement, "Index");
    if (index == nullptr) index = member(statement, "index");
    if (index == nullptr) return malformed("a number without index");
    const std::int64_t number = MERLON_TRY(integer(*index));
    if (number < 0 || static_cast<std::size_t>(number) >= string_texts_.size()) {
        return malformed("string index out of range");
    }
    const Value made =
        MERLON_TRY(program_.builder_.number(string_texts_[static_cast<std::size_t>(number)]));
    emit({.opcode = Opcode::kMove,
          .a = MERLON_TRY(local(statement, "target")),
          .b = constant(made)});
    return {};
}

Status PlanLoader::lower_null(const Value& statement) {
    emit({.opcode = Opcode::kMove,
          .a = MERLON_TRY(local(statement, "target")),
          .b = constant(program_.builder_.null())});
    return {};
}

Status PlanLoader::lower_dot(const Value& statement) {
    const std::uint32_t target = MERLON_TRY(local(statement, "target"));
    const std::uint32_t source = MERLON_TRY(operand(statement, "source"));
    // OPA keeps base documents by paths of strings: there, data[2] is data["2"].
    if (from_data_.size() <= std::max(target, source & ~kConstantBit)) {
        from_data_.resize(std::max(target, source & ~kConstantBit) + 1);
    }
    const bool is_base = (source & kConstantBit) == 0 && (source == 1 || from_data_[source]);
    from_data_[target] = is_base;
    emit({.opcode = Opcode::kDot,
          .count = static_cast<std::uint16_t>(is_base ? 1 : 0),
          .a = target,
          .b = source,
          .c = MERLON_TRY(operand(statement, "key"))});
    return {};
}

Status PlanLoader::lower_length(const Value& statement) {
    const std::uint32_t target = MERLON_TRY(local(statement, "target"));
    emit({.opcode = Opcode::kLength, .a = target, .b = MERLON_TRY(operand(statement, "source"))});
    return {};
}

Status PlanLoader::lower_comparison(const Value& statement, Opcode opcode) {
    const std::uint32_t left = MERLON_TRY(operand(statement, "a"));
    emit({.opcode = opcode, .a = left, .b = MERLON_TRY(operand(statement, "b"))});
    return {};
}

Status PlanLoader::lower_source(const Value& statement, Opcode opcode) {
    emit({.opcode = opcode, .a = MERLON_TRY(operand(statement, "source"))});
    return {};
}

Status PlanLoader::lower_register(const Value& statement, std::string_view name, Opcode opcode) {
    emit({.opcode = opcode, .a = MERLON_TRY(local(statement, name))});
    return {};
}

Status PlanLoader::lower_append(const Value& statement) {
    const std::uint32_t array = MERLON_TRY(local(statement, "array"));
    emit({.opcode = Opcode::kAppend, .a = array, .b = MERLON_TRY(operand(statement, "value"))});
    return {};
}

Status PlanLoader::lower_add(const Value& statement) {
    const std::uint32_t set = MERLON_TRY(local(statement, "set"));
    emit({.opcode = Opcode::kAdd, .a = set, .b = MERLON_TRY(operand(statement, "value"))});
    return {};
}

Status PlanLoader::lower_insertion(const Value& statement, Opcode opcode) {
    const std::uint32_t object = MERLON_TRY(local(statement, "object"));
    const std::uint32_t key = MERLON_TRY(operand(statement, "key"));
    emit({.opcode = opcode, .a = object, .b = key, .c = MERLON_TRY(operand(statement, "value"))});
    return {};
}

Status PlanLoader::lower_merge(const Value& statement) {
    const std::uint32_t target = MERLON_TRY(local(statement, "target"));
    const std::uint32_t left = MERLON_TRY(local(statement, "a"));
    emit(
        {.opcode = Opcode::kMerge, .a = target, .b = left, .c = MERLON_TRY(local(statement, "b"))});
    return {};
}

// A scan has two levels: leaving the inner one goes on with the next element, leaving the outer one
// goes on behind the scan.
Status PlanLoader::lower_scan(const Value& statement) {
    const std::uint32_t iterator = open_iterators_++;
    function_->iterators = std::max(function_->iterators, open_iterators_);
    const Label next = new_label();
    const Label end = new_label();
    const std::uint32_t source = MERLON_TRY(local(statement, "source"));
    emit({.opcode = Opcode::kScan, .a = iterator, .b = source}, end);
    bind(next);
    const std::uint32_t key = MERLON_TRY(local(statement, "key"));
    emit({.opcode = Opcode::kNext,
          .a = iterator,
          .b = key,
          .c = MERLON_TRY(local(statement, "value"))},
         end);
    const Value* block = member(statement, "block");
    if (block == nullptr) return malformed("a scan without block");
    levels_.push_back({end, levels_.back().withs});
    MERLON_TRY(lower_block(*block, next));
    levels_.pop_back();
    emit({.opcode = Opcode::kJump}, next);
    bind(end);
    --open_iterators_;
    return {};
}

Status PlanLoader::lower_not(const Value& statement) {
    const Value* block = member(statement, "block");
    if (block == nullptr) return malformed("a negation without block");
    const Label holds = new_label();
    MERLON_TRY(lower_block(*block, holds));
    emit({.opcode = Opcode::kJump});
    bind(holds);
    return {};
}

Status PlanLoader::lower_with(const Value& statement) {
    const std::uint32_t replaced = MERLON_TRY(local(statement, "local"));
    const std::uint32_t value = MERLON_TRY(operand(statement, "value"));
    std::vector<std::uint32_t> path;
    for (const Value& segment : MERLON_TRY(list(statement, "path"))) {
        path.push_back(MERLON_TRY(string_index(segment)));
    }
    const Value* block = member(statement, "block");
    if (block == nullptr) return malformed("a `with` without block");
    if (path.size() > kMaxPlanDepth) return malformed("a path is too long");
    emit({.opcode = Opcode::kPushWith,
          .count = static_cast<std::uint16_t>(path.size()),
          .a = replaced,
          .b = value,
          .c = add_list(path)});
    const Label undefined = new_label();
    const Label end = new_label();
    levels_.push_back({undefined, static_cast<std::uint16_t>(levels_.back().withs + 1)});
    MERLON_TRY(lower_statements(*block));
    levels_.pop_back();
    emit({.opcode = Opcode::kPopWith, .count = 1}, end);
    emit({.opcode = Opcode::kJump}, end);
    bind(undefined);
    emit({.opcode = Opcode::kPopWith, .count = 1}, end);
    emit({.opcode = Opcode::kJump});
    bind(end);
    return {};
}

Status PlanLoader::lower_block_statement(const Value& statement) {
    return lower_blocks(MERLON_TRY(list(statement, "blocks")));
}

void PlanLoader::emit_leave(const Level& level) {
    const int surplus = levels_.back().withs - level.withs;
    if (surplus > 0) {
        emit({.opcode = Opcode::kPopWith, .count = static_cast<std::uint16_t>(surplus)});
    }
    emit({.opcode = Opcode::kJump}, level.label);
}

Status PlanLoader::lower_break(const Value& statement) {
    const std::int64_t index = MERLON_TRY(integer(statement, "index"));
    if (index < 0 || static_cast<std::size_t>(index) >= levels_.size()) {
        return malformed("a break leaves more blocks than there are");
    }
    emit_leave(levels_[levels_.size() - 1 - static_cast<std::size_t>(index)]);
    return {};
}

Status PlanLoader::lower_call(const Value& statement) {
    const std::string name = MERLON_TRY(text(statement, "func"));
    std::vector<std::uint32_t> operands;
    for (const Value& argument : MERLON_TRY(list(statement, "args"))) {
        operands.push_back(MERLON_TRY(operand(argument)));
    }
    if (operands.size() > UINT16_MAX) return malformed("too many arguments");
    Instruction instruction{.opcode = Opcode::kCall,
                            .count = static_cast<std::uint16_t>(operands.size()),
                            .a = 0,
                            .b = add_list(operands),
                            .c = MERLON_TRY(local(statement, "result"))};
    if (const auto function = function_numbers_.find(name); function != function_numbers_.end()) {
        instruction.a = function->second;
        if (program_.functions[instruction.a].parameters.size() != operands.size()) {
            return malformed("wrong number of arguments for " + name);
        }
    } else if (const auto builtin = builtin_numbers_.find(name);
               builtin != builtin_numbers_.end()) {
        instruction.opcode = Opcode::kCallBuiltin;
        instruction.a = builtin->second;
    } else {
        return malformed("unknown function " + name);
    }
    emit(instruction);
    return {};
}

// Where no function has the path, the block ends; where one has it and is undefined, four blocks
// do, because documents below data are not asked then.
Status PlanLoader::lower_call_dynamic(const Value& statement) {
    constexpr std::size_t kLevelsOfUndefined = 3;
    std::vector<std::uint32_t> path;
    for (const Value& segment : MERLON_TRY(list(statement, "path"))) {
        path.push_back(MERLON_TRY(operand(segment)));
    }
    std::vector<std::uint32_t> arguments;
    for (const Value& argument : MERLON_TRY(list(statement, "args"))) {
        arguments.push_back(MERLON_TRY(local(argument)));
    }
    if (path.size() > kMaxPlanDepth || arguments.size() != 2) {
        return malformed("a dynamic call of this form is not known");
    }
    if (levels_.size() <= kLevelsOfUndefined) return malformed("a dynamic call outside blocks");
    const std::uint32_t result = MERLON_TRY(local(statement, "result"));
    emit({.opcode = Opcode::kCallDynamic,
          .count = static_cast<std::uint16_t>(path.size()),
          .a = add_list(path),
          .b = add_list(arguments),
          .c = result});
    const Label defined = new_label();
    emit({.opcode = Opcode::kIsUndefined, .a = result}, defined);
    emit_leave(levels_[levels_.size() - 1 - kLevelsOfUndefined]);
    bind(defined);
    return {};
}

}  // namespace merlon::rego
