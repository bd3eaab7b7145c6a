#include "rego/plan_loader.h"

#include <algorithm>
#include <utility>

namespace merlon::rego {

using value::Value;

namespace {

constexpr std::size_t kMaxInstructions = 4'000'000;
constexpr std::int64_t kMaxRegisters = 1'000'000;

}  // namespace

Error PlanLoader::malformed(std::string_view what) { return Error{"plan: " + std::string(what)}; }

const Value* PlanLoader::member(const Value& object, std::string_view name) {
    const Value* found = object.find(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

Result<std::span<const Value>> PlanLoader::list(const Value& object, std::string_view name) {
    const Value* found = member(object, name);
    if (found == nullptr) return std::span<const Value>();
    if (!found->is_array()) return malformed(std::string(name) + " is no array");
    return found->items();
}

Result<std::string> PlanLoader::text(const Value& object, std::string_view name) {
    const Value* found = member(object, name);
    if (found == nullptr || !found->is_string()) {
        return malformed(std::string(name) + " is no string");
    }
    return std::string(found->as_string());
}

Result<std::int64_t> PlanLoader::integer(const Value& number) {
    if (!number.is_number()) return malformed("a number was expected");
    const auto whole = number.as_integer();
    if (!whole) return malformed("an integer was expected");
    return *whole;
}

Result<std::int64_t> PlanLoader::integer(const Value& object, std::string_view name) {
    const Value* found = member(object, name);
    if (found == nullptr) return malformed(std::string(name) + " is missing");
    return integer(*found);
}

Status PlanLoader::load(const Value& plan) {
    if (!plan.is_object()) return malformed("no object");
    MERLON_TRY(load_static(plan));
    const Value* functions = member(plan, "funcs");
    const std::span<const Value> sources =
        functions == nullptr ? std::span<const Value>() : MERLON_TRY(list(*functions, "funcs"));
    MERLON_TRY(declare_functions(sources));
    for (std::size_t i = 0; i < sources.size(); ++i) {
        MERLON_TRY(lower_function(sources[i], program_.functions[i]));
    }
    const Value* plans = member(plan, "plans");
    if (plans == nullptr) return malformed("no plans");
    for (const Value& source : MERLON_TRY(list(*plans, "plans"))) {
        Function& made = program_.plans.emplace_back();
        made.name = MERLON_TRY(text(source, "name"));
        made.parameters = {0, 1};
        made.registers = 2;
        MERLON_TRY(lower_function(source, made));
    }
    for (Instruction& instruction : program_.code) {
        instruction.target = labels_[instruction.target];
    }
    return {};
}

Status PlanLoader::load_static(const Value& plan) {
    const Value* fixed = member(plan, "static");
    if (fixed == nullptr) return {};
    for (const Value& string : MERLON_TRY(list(*fixed, "strings"))) {
        const std::string content = MERLON_TRY(text(string, "value"));
        strings_.push_back(constant(program_.builder_.key(content)));
        string_texts_.push_back(content);
    }
    for (const Value& file : MERLON_TRY(list(*fixed, "files"))) {
        program_.files.push_back(MERLON_TRY(text(file, "value")));
    }
    for (const Value& declared : MERLON_TRY(list(*fixed, "builtin_funcs"))) {
        BuiltinReference reference;
        reference.name = MERLON_TRY(text(declared, "name"));
        const auto extra = std::ranges::find(extras_, reference.name, &Builtin::name);
        reference.builtin = extra == extras_.end() ? find_builtin(reference.name) : &*extra;
        const Value* declaration = member(declared, "decl");
        reference.has_result = declaration == nullptr || member(*declaration, "result") != nullptr;
        builtin_numbers_.emplace(reference.name,
                                 static_cast<std::uint32_t>(program_.builtins.size()));
        program_.builtins.push_back(std::move(reference));
    }
    return {};
}

Status PlanLoader::declare_functions(std::span<const Value> functions) {
    for (const Value& source : functions) {
        Function& made = program_.functions.emplace_back();
        made.name = MERLON_TRY(text(source, "name"));
        const auto number = static_cast<std::uint32_t>(program_.functions.size() - 1);
        function_numbers_[made.name] = number;
        // "g0.data.a.p", where g0 says in which `with` it was planned.
        made.name.erase(0, made.name.find('.') + 1);
        function_ = &made;
        for (const Value& parameter : MERLON_TRY(list(source, "params"))) {
            made.parameters.push_back(MERLON_TRY(local(parameter)));
        }
        made.is_rule = made.parameters.size() == 2;
        std::string key;
        for (const Value& segment : MERLON_TRY(list(source, "path"))) {
            if (!segment.is_string()) return malformed("a path of no strings");
            Program::append_path_key(key, segment.as_string());
        }
        if (!key.empty()) program_.functions_by_path[key] = number;
    }
    return {};
}

Status PlanLoader::lower_function(const Value& source, Function& function) {
    function_ = &function;
    function.entry = static_cast<std::uint32_t>(program_.code.size());
    levels_.clear();
    from_data_.clear();
    open_iterators_ = 0;
    const std::span<const Value> blocks = MERLON_TRY(list(source, "blocks"));
    MERLON_TRY(lower_blocks(blocks));
    emit({.opcode = Opcode::kReturnUndefined}, new_label());
    return {};
}

// One after the other: what is undefined in one goes on with the next.
Status PlanLoader::lower_blocks(std::span<const Value> blocks) {
    for (const Value& block : blocks) {
        const Label end = new_label();
        MERLON_TRY(lower_block(block, end));
        bind(end);
    }
    return {};
}

Status PlanLoader::lower_block(const Value& block, Label undefined) {
    const std::uint16_t withs = levels_.empty() ? std::uint16_t{0} : levels_.back().withs;
    levels_.push_back({undefined, withs});
    MERLON_TRY(lower_statements(block));
    levels_.pop_back();
    return {};
}

Status PlanLoader::lower_statements(const Value& block) {
    if (++depth_ > kMaxPlanDepth) return malformed("blocks are nested too deeply");
    for (const Value& statement : MERLON_TRY(list(block, "stmts"))) {
        MERLON_TRY(lower_statement(statement));
    }
    --depth_;
    return {};
}

Status PlanLoader::lower_statement(const Value& wrapped) {
    static constexpr Row kRows[] = {
        {"ArrayAppendStmt", &PlanLoader::lower_append},
        {"AssignIntStmt", &PlanLoader::lower_assign_integer},
        {"AssignVarOnceStmt", &PlanLoader::lower_assign_once},
        {"AssignVarStmt", &PlanLoader::lower_assign},
        {"BlockStmt", &PlanLoader::lower_block_statement},
        {"BreakStmt", &PlanLoader::lower_break},
        {"CallDynamicStmt", &PlanLoader::lower_call_dynamic},
        {"CallStmt", &PlanLoader::lower_call},
        {"DotStmt", &PlanLoader::lower_dot},
        {"EqualStmt", &PlanLoader::lower_equal},
        {"IsArrayStmt", &PlanLoader::lower_is_array},
        {"IsDefinedStmt", &PlanLoader::lower_is_defined},
        {"IsObjectStmt", &PlanLoader::lower_is_object},
        {"IsSetStmt", &PlanLoader::lower_is_set},
        {"IsUndefinedStmt", &PlanLoader::lower_is_undefined},
        {"LenStmt", &PlanLoader::lower_length},
        {"MakeArrayStmt", &PlanLoader::lower_make_array},
        {"MakeNullStmt", &PlanLoader::lower_null},
        {"MakeNumberIntStmt", &PlanLoader::lower_assign_integer},
        {"MakeNumberRefStmt", &PlanLoader::lower_number},
        {"MakeObjectStmt", &PlanLoader::lower_make_object},
        {"MakeSetStmt", &PlanLoader::lower_make_set},
        {"NopStmt", &PlanLoader::lower_nothing},
        {"NotEqualStmt", &PlanLoader::lower_not_equal},
        {"NotStmt", &PlanLoader::lower_not},
        {"ObjectInsertOnceStmt", &PlanLoader::lower_insert_once},
        {"ObjectInsertStmt", &PlanLoader::lower_insert},
        {"ObjectMergeStmt", &PlanLoader::lower_merge},
        {"ResetLocalStmt", &PlanLoader::lower_reset},
        {"ResultSetAddStmt", &PlanLoader::lower_add_result},
        {"ReturnLocalStmt", &PlanLoader::lower_return},
        {"ScanStmt", &PlanLoader::lower_scan},
        {"SetAddStmt", &PlanLoader::lower_add},
        {"WithStmt", &PlanLoader::lower_with},
    };
    if (program_.code.size() > kMaxInstructions) return malformed("too many statements");
    const std::string type = MERLON_TRY(text(wrapped, "type"));
    const Value* statement = member(wrapped, "stmt");
    if (statement == nullptr || !statement->is_object()) return malformed("no statement");
    const auto place = [&](std::string_view name) {
        const Value* found = member(*statement, name);
        const auto number = found == nullptr || !found->is_number() ? std::optional<std::int64_t>()
                                                                    : found->as_integer();
        return static_cast<std::uint32_t>(
            std::clamp<std::int64_t>(number.value_or(0), 0, UINT32_MAX));
    };
    const Place outer = std::exchange(place_, {place("file"), place("row"), place("col")});
    const auto row = std::ranges::find(kRows, type, &Row::type);
    if (row == std::end(kRows)) return malformed("unknown statement " + type);
    MERLON_TRY((this->*row->lower)(*statement));
    place_ = outer;
    return {};
}

Result<std::uint32_t> PlanLoader::local(const Value& number) {
    const std::int64_t index = MERLON_TRY(integer(number));
    if (index < 0 || index > kMaxRegisters) return malformed("local out of range");
    const auto chosen = static_cast<std::uint32_t>(index);
    function_->registers = std::max(function_->registers, chosen + 1);
    return chosen;
}

Result<std::uint32_t> PlanLoader::local(const Value& statement, std::string_view name) {
    const Value* found = member(statement, name);
    if (found == nullptr) return malformed(std::string(name) + " is missing");
    return local(*found);
}

Result<std::uint32_t> PlanLoader::operand(const Value& source) {
    const Value* value = source.find("value");
    if (value == nullptr) return malformed("an operand without value");
    const std::string type = MERLON_TRY(text(source, "type"));
    if (type == "local") return local(*value);
    if (type == "string_index") return string_index(*value);
    if (type != "bool" || !value->is_boolean()) return malformed("an operand of no known type");
    std::optional<std::uint32_t>& kept = value->as_boolean() ? true_ : false_;
    if (!kept) kept = constant(program_.builder_.boolean(value->as_boolean()));
    return *kept;
}

Result<std::uint32_t> PlanLoader::operand(const Value& statement, std::string_view name) {
    const Value* found = member(statement, name);
    if (found == nullptr) return malformed(std::string(name) + " is missing");
    return operand(*found);
}

Result<std::uint32_t> PlanLoader::string_index(const Value& number) {
    const std::int64_t index = MERLON_TRY(integer(number));
    if (index < 0 || static_cast<std::size_t>(index) >= strings_.size()) {
        return malformed("string index out of range");
    }
    return strings_[static_cast<std::size_t>(index)];
}

std::uint32_t PlanLoader::constant(const Value& made) {
    program_.constants.push_back(made);
    return static_cast<std::uint32_t>(program_.constants.size() - 1) | kConstantBit;
}

std::uint32_t PlanLoader::add_list(std::span<const std::uint32_t> entries) {
    const auto begin = static_cast<std::uint32_t>(program_.lists.size());
    program_.lists.insert(program_.lists.end(), entries.begin(), entries.end());
    return begin;
}

}  // namespace merlon::rego
