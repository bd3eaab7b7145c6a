#include "rego/plan.h"

#include <algorithm>

namespace merlon::rego {
namespace {

using value::Value;

constexpr std::size_t kMaxDepth = 200;
constexpr std::size_t kMaxInstructions = 4'000'000;
constexpr std::int64_t kMaxRegisters = 1'000'000;

Error malformed(std::string_view what) { return Error{"plan: " + std::string(what)}; }

// A member of an object; null where it is absent or null.
const Value* member(const Value& object, std::string_view name) {
    const Value* found = object.find(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

Result<std::span<const Value>> list(const Value& object, std::string_view name) {
    const Value* found = member(object, name);
    if (found == nullptr) return std::span<const Value>();
    if (!found->is_array()) return malformed(std::string(name) + " is no array");
    return found->items();
}

Result<std::string> text(const Value& object, std::string_view name) {
    const Value* found = member(object, name);
    if (found == nullptr || !found->is_string()) {
        return malformed(std::string(name) + " is no string");
    }
    return std::string(found->as_string());
}

Result<std::int64_t> integer(const Value& number) {
    if (!number.is_number()) return malformed("a number was expected");
    const auto whole = number.as_integer();
    if (!whole) return malformed("an integer was expected");
    return *whole;
}

Result<std::int64_t> integer(const Value& object, std::string_view name) {
    const Value* found = member(object, name);
    if (found == nullptr) return malformed(std::string(name) + " is missing");
    return integer(*found);
}

}  // namespace

// Lowers one plan. A label is an index into labels_, resolved when everything is there.
class PlanLoader {
  public:
    PlanLoader(Program& program, std::span<const Builtin> extras)
        : program_(program), extras_(extras) {}

    Status load(const Value& plan);

  private:
    using Label = std::uint32_t;

    // A way out of a block: where to, and how many `with` are in force there.
    struct Level {
        Label label;
        std::uint16_t withs;
    };
    using Lower = Status (PlanLoader::*)(const Value& statement);
    struct Row {
        std::string_view type;
        Lower lower;
    };

    Status load_static(const Value& plan);
    Status declare_functions(std::span<const Value> functions);
    Status lower_function(const Value& source, Function& function);
    Status lower_blocks(std::span<const Value> blocks);
    Status lower_block(const Value& block, Label undefined);
    Status lower_statements(const Value& block);
    Status lower_statement(const Value& wrapped);

    Status lower_assign(const Value& statement);
    Status lower_assign_once(const Value& statement);
    Status lower_assign_integer(const Value& statement);
    Status lower_number(const Value& statement);
    Status lower_null(const Value& statement);
    Status lower_dot(const Value& statement);
    Status lower_length(const Value& statement);
    Status lower_comparison(const Value& statement, Opcode opcode);
    Status lower_equal(const Value& statement) {
        return lower_comparison(statement, Opcode::kEqual);
    }
    Status lower_not_equal(const Value& statement) {
        return lower_comparison(statement, Opcode::kNotEqual);
    }
    Status lower_source(const Value& statement, Opcode opcode);
    Status lower_is_array(const Value& statement) {
        return lower_source(statement, Opcode::kIsArray);
    }
    Status lower_is_object(const Value& statement) {
        return lower_source(statement, Opcode::kIsObject);
    }
    Status lower_is_set(const Value& statement) { return lower_source(statement, Opcode::kIsSet); }
    Status lower_is_defined(const Value& statement) {
        return lower_register(statement, "source", Opcode::kIsDefined);
    }
    Status lower_is_undefined(const Value& statement) {
        return lower_register(statement, "source", Opcode::kIsUndefined);
    }
    Status lower_register(const Value& statement, std::string_view name, Opcode opcode);
    Status lower_reset(const Value& statement) {
        return lower_register(statement, "target", Opcode::kReset);
    }
    Status lower_make_array(const Value& statement) {
        return lower_register(statement, "target", Opcode::kMakeArray);
    }
    Status lower_make_object(const Value& statement) {
        return lower_register(statement, "target", Opcode::kMakeObject);
    }
    Status lower_make_set(const Value& statement) {
        return lower_register(statement, "target", Opcode::kMakeSet);
    }
    Status lower_return(const Value& statement) {
        return lower_register(statement, "source", Opcode::kReturn);
    }
    Status lower_add_result(const Value& statement) {
        return lower_register(statement, "value", Opcode::kAddResult);
    }
    Status lower_append(const Value& statement);
    Status lower_add(const Value& statement);
    Status lower_insertion(const Value& statement, Opcode opcode);
    Status lower_insert(const Value& statement) {
        return lower_insertion(statement, Opcode::kInsert);
    }
    Status lower_insert_once(const Value& statement) {
        return lower_insertion(statement, Opcode::kInsertOnce);
    }
    Status lower_merge(const Value& statement);
    Status lower_scan(const Value& statement);
    Status lower_not(const Value& statement);
    Status lower_with(const Value& statement);
    Status lower_block_statement(const Value& statement);
    Status lower_break(const Value& statement);
    Status lower_call(const Value& statement);
    Status lower_call_dynamic(const Value& statement);
    Status lower_nothing(const Value&) { return {}; }

    Result<std::uint32_t> local(const Value& number);
    Result<std::uint32_t> local(const Value& statement, std::string_view name);
    Result<std::uint32_t> operand(const Value& source);
    Result<std::uint32_t> operand(const Value& statement, std::string_view name);
    Result<std::uint32_t> string_index(const Value& number);
    std::uint32_t constant(const Value& made);
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
    if (++depth_ > kMaxDepth) return malformed("blocks are nested too deeply");
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
    if (path.size() > kMaxDepth) return malformed("a path is too long");
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
    if (path.size() > kMaxDepth || arguments.size() != 2) {
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

Result<std::unique_ptr<const Program>> Program::load(const Value& plan,
                                                     std::span<const Builtin> extras) {
    std::unique_ptr<Program> program(new Program());
    MERLON_TRY(PlanLoader(*program, extras).load(plan));
    return std::unique_ptr<const Program>(std::move(program));
}

std::optional<std::uint32_t> Program::find_plan(std::string_view name) const {
    const auto found = std::ranges::find(plans, name, &Function::name);
    if (found == plans.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - plans.begin());
}

void Program::append_path_key(std::string& key, std::string_view segment) {
    key += std::to_string(segment.size());
    key += ':';
    key += segment;
}

}  // namespace merlon::rego
