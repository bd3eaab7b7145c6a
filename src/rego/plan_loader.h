#pragma once

// Lowers OPA's plans to the machine's instructions: what plan.h's Program::load does.
//
// The idea: one function for each kind of statement, found in a table by its name. Blocks become
// jumps: where "undefined" leads is the label of the innermost level. A label is an index into
// labels_, resolved when everything is there.
//
// plan_loader.cpp has what is around statements, plan_statements.cpp the statements. Standard:
// openpolicyagent.org/schemas/ir/v1/plan.schema.json. Not thread-safe. Cost: linear in the plan,
// within its limits of depth, instructions and registers.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rego/plan.h"

namespace merlon::rego {

inline constexpr std::size_t kMaxPlanDepth = 200;

class PlanLoader {
  public:
    PlanLoader(Program& program, std::span<const Builtin> extras)
        : program_(program), extras_(extras) {}

    Status load(const value::Value& plan);

  private:
    using Label = std::uint32_t;

    // A way out of a block: where to, and how many `with` are in force there.
    struct Level {
        Label label;
        std::uint16_t withs;
    };
    using Lower = Status (PlanLoader::*)(const value::Value& statement);
    struct Row {
        std::string_view type;
        Lower lower;
    };

    static Error malformed(std::string_view what);
    // Members of an object. Null where it is absent or null.
    static const value::Value* member(const value::Value& object, std::string_view name);
    static Result<std::span<const value::Value>> list(const value::Value& object,
                                                      std::string_view name);
    static Result<std::string> text(const value::Value& object, std::string_view name);
    static Result<std::int64_t> integer(const value::Value& number);
    static Result<std::int64_t> integer(const value::Value& object, std::string_view name);

    Status load_static(const value::Value& plan);
    Status declare_functions(std::span<const value::Value> functions);
    Status lower_function(const value::Value& source, Function& function);
    Status lower_blocks(std::span<const value::Value> blocks);
    Status lower_block(const value::Value& block, Label undefined);
    Status lower_statements(const value::Value& block);
    Status lower_statement(const value::Value& wrapped);

    Status lower_assign(const value::Value& statement);
    Status lower_assign_once(const value::Value& statement);
    Status lower_assign_integer(const value::Value& statement);
    Status lower_number(const value::Value& statement);
    Status lower_null(const value::Value& statement);
    Status lower_dot(const value::Value& statement);
    Status lower_length(const value::Value& statement);
    Status lower_comparison(const value::Value& statement, Opcode opcode);
    Status lower_equal(const value::Value& statement) {
        return lower_comparison(statement, Opcode::kEqual);
    }
    Status lower_not_equal(const value::Value& statement) {
        return lower_comparison(statement, Opcode::kNotEqual);
    }
    Status lower_source(const value::Value& statement, Opcode opcode);
    Status lower_is_array(const value::Value& statement) {
        return lower_source(statement, Opcode::kIsArray);
    }
    Status lower_is_object(const value::Value& statement) {
        return lower_source(statement, Opcode::kIsObject);
    }
    Status lower_is_set(const value::Value& statement) {
        return lower_source(statement, Opcode::kIsSet);
    }
    Status lower_is_defined(const value::Value& statement) {
        return lower_register(statement, "source", Opcode::kIsDefined);
    }
    Status lower_is_undefined(const value::Value& statement) {
        return lower_register(statement, "source", Opcode::kIsUndefined);
    }
    Status lower_register(const value::Value& statement, std::string_view name, Opcode opcode);
    Status lower_reset(const value::Value& statement) {
        return lower_register(statement, "target", Opcode::kReset);
    }
    Status lower_make_array(const value::Value& statement) {
        return lower_register(statement, "target", Opcode::kMakeArray);
    }
    Status lower_make_object(const value::Value& statement) {
        return lower_register(statement, "target", Opcode::kMakeObject);
    }
    Status lower_make_set(const value::Value& statement) {
        return lower_register(statement, "target", Opcode::kMakeSet);
    }
    Status lower_return(const value::Value& statement) {
        return lower_register(statement, "source", Opcode::kReturn);
    }
    Status lower_add_result(const value::Value& statement) {
        return lower_register(statement, "value", Opcode::kAddResult);
    }
    Status lower_append(const value::Value& statement);
    Status lower_add(const value::Value& statement);
    Status lower_insertion(const value::Value& statement, Opcode opcode);
    Status lower_insert(const value::Value& statement) {
        return lower_insertion(statement, Opcode::kInsert);
    }
    Status lower_insert_once(const value::Value& statement) {
        return lower_insertion(statement, Opcode::kInsertOnce);
    }
    Status lower_merge(const value::Value& statement);
    Status lower_scan(const value::Value& statement);
    Status lower_not(const value::Value& statement);
    Status lower_with(const value::Value& statement);
    Status lower_block_statement(const value::Value& statement);
    Status lower_break(const value::Value& statement);
    Status lower_call(const value::Value& statement);
    Status lower_call_dynamic(const value::Value& statement);
    Status lower_nothing(const value::Value&) { return {}; }

    Result<std::uint32_t> local(const value::Value& number);
    Result<std::uint32_t> local(const value::Value& statement, std::string_view name);
    Result<std::uint32_t> operand(const value::Value& source);
    Result<std::uint32_t> operand(const value::Value& statement, std::string_view name);
    Result<std::uint32_t> string_index(const value::Value& number);
    std::uint32_t constant(const value::Value& made);
    std::uint32_t add_list(std::span<const std::uint32_t> entries);

    Label new_label() {
        labels_.push_back(0);
        return static_cast<Label>(labels_.size() - 1);
    }
    void bind(Label label) { labels_[label] = static_cast<std::uint32_t>(program_.code.size()); }
    void emit(Instruction instruction, Label target) {
        instruction.target = target;
        program_.code.push_back(instruction);
        program_.places.push_back(place_);
    }
    // To where "undefined" leads here.
    void emit(Instruction instruction) { emit(instruction, levels_.back().label); }
    void emit_leave(const Level& level);

    Program& program_;
    std::span<const Builtin> extras_;
    Place place_;
    std::vector<std::uint32_t> strings_;  // static strings as constants
    std::vector<std::string> string_texts_;
    std::unordered_map<std::string, std::uint32_t> function_numbers_;
    std::unordered_map<std::string, std::uint32_t> builtin_numbers_;
    std::unordered_map<std::int64_t, std::uint32_t> integer_constants_;
    std::optional<std::uint32_t> true_;
    std::optional<std::uint32_t> false_;
    std::vector<std::uint32_t> labels_;
    std::vector<Level> levels_;
    std::vector<bool> from_data_;  // registers that hold a part of the base documents
    Function* function_ = nullptr;
    std::uint32_t open_iterators_ = 0;
    std::size_t depth_ = 0;
};

}  // namespace merlon::rego
