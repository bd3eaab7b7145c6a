#include "rego/machine.h"

#include <algorithm>
#include <array>
#include <utility>

namespace merlon::rego {

using value::Kind;
using value::Value;

namespace {

constexpr std::uint64_t kInstructionsBetweenChecks = 1 << 14;
// Up to here a look over all keys is faster than an index.
constexpr std::size_t kIndexedFrom = 8;
// Of a container that grows: key, value and index, with what vectors keep in reserve.
constexpr std::size_t kElementBytes = 96;
constexpr std::size_t kMaxFreezing = 500;

// Equality that looks at what is cheap first: alike objects differ in a name more often than in
// the lists that they hold.
bool is_same(const Value& left, const Value& right) {
    if (left.depth() == 0 || left.kind() != right.kind()) return left == right;
    if (left.depth() != right.depth() || left.size() != right.size()) return false;
    const bool is_object = left.is_object();
    if (is_object && left.keys().data() != right.keys().data() &&
        !std::ranges::equal(left.keys(), right.keys())) {
        return false;
    }
    const auto ours = is_object ? left.values() : left.items();
    const auto theirs = is_object ? right.values() : right.items();
    if (ours.data() == theirs.data()) return true;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (ours[i].depth() != theirs[i].depth()) return false;
        if (ours[i].depth() == 0 && ours[i] != theirs[i]) return false;
    }
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (ours[i].depth() > 0 && !is_same(ours[i], theirs[i])) return false;
    }
    return true;
}

bool is_collection(const Value& value) {
    return value.is_array() || value.is_object() || value.is_set();
}

}  // namespace

std::string EvaluationError::to_string() const {
    std::string text;
    if (!file.empty()) text = file + ":" + std::to_string(row) + ": ";
    return text + std::string(code(kind)) + ": " + message;
}

Machine::Machine(const Program& program, MachineOptions options)
    : program_(program), options_(std::move(options)) {}

Evaluation Machine::run(std::uint32_t plan, const std::optional<Value>& input, const Value& data) {
    MERLON_ASSERT(plan < program_.plans.size());
    arena_.reset();
    interner_.emplace();
    builder_.emplace(arena_, *interner_);
    context_.emplace(*builder_, options_.world, options_.cancel);
    context_->memory_bytes_limit = options_.limits.memory_bytes;
    context_->steps_left = options_.limits.instructions;
    evaluation_ = {};
    frames_.clear();
    withs_.clear();
    undo_.clear();
    iterators_.clear();
    registers_.clear();
    kept_.assign(program_.functions.size(), Kept{});
    shadowed_.assign(program_.functions.size(), 0);
    replacements_.clear();
    replacement_scope_ = 0;
    growing_used_ = 0;
    grown_elements_ = 0;
    for (const auto& container : growing_) container->most = 0;
    freezing_ = 0;
    epoch_ = last_epoch_ = 1;
    instructions_left_ = options_.limits.instructions;

    const Function& function = program_.plans[plan];
    frames_.push_back({.function = &function});
    base_ = 0;
    registers_.resize(function.registers);
    iterators_.resize(function.iterators);
    if (input) at(0) = {*input, kIsValue};
    at(1) = {data, kIsValue};
    program_counter_ = function.entry;
    running_ = true;
    while (running_) step_all();
    return std::move(evaluation_);
}

void Machine::fail(ErrorKind kind, std::string message) {
    if (!running_) return;  // the first error is the one that counts
    running_ = false;
    EvaluationError& error = evaluation_.error.emplace();
    error.kind = kind;
    error.message = std::move(message);
    const Place& place = program_.places[std::max(program_counter_, 1U) - 1];
    if (place.file < program_.files.size()) error.file = program_.files[place.file];
    error.row = place.row;
    error.column = place.column;
    evaluation_.results.clear();
}

bool Machine::check_limits() {
    if (options_.cancel != nullptr && options_.cancel->cancelled()) {
        fail(ErrorKind::kCancel, "caller cancelled query execution");
        return false;
    }
    if (!check_memory()) return false;
    if (instructions_left_ == 0) {
        fail(ErrorKind::kLimit,
             "instruction limit of " + std::to_string(options_.limits.instructions) + " reached");
        return false;
    }
    return true;
}

// Cheap: what a single instruction can make large is looked at behind each of them.
bool Machine::check_memory() {
    if (!builder_->refusal().empty()) {
        fail(ErrorKind::kLimit, std::string(builder_->refusal()));
        return false;
    }
    const std::size_t bytes =
        arena_.bytes_used() + growing_.size() * sizeof(Growing) + grown_elements_ * kElementBytes +
        registers_.size() * sizeof(Register) + iterators_.size() * sizeof(Iterator);
    if (bytes <= options_.limits.memory_bytes) return true;
    fail(ErrorKind::kLimit,
         "memory limit of " + std::to_string(options_.limits.memory_bytes) + " bytes reached");
    return false;
}

// Runs until the next look at the limits, or the end.
void Machine::step_all() {
    if (!check_limits()) return;
    const std::uint64_t turn = std::min(instructions_left_, kInstructionsBetweenChecks);
    instructions_left_ -= turn;
    for (std::uint64_t left = turn; left > 0 && running_; --left) {
        const Instruction& instruction = program_.code[program_counter_++];
        bool goes_on = true;
        switch (instruction.opcode) {
            case Opcode::kMove:
                at(instruction.a) = read(instruction.b);
                break;
            case Opcode::kMoveOnce:
                goes_on = move_once(instruction);
                break;
            case Opcode::kReset:
                at(instruction.a) = {};
                break;
            case Opcode::kDot:
                goes_on = dot(instruction);
                break;
            case Opcode::kLength: {
                Value held;
                const Value* source = look(instruction.b, held);
                goes_on = source != nullptr;
                if (!goes_on) break;
                const auto size = static_cast<std::int64_t>(source->size());
                at(instruction.a) = {builder_->integer(size), kIsValue};
                break;
            }
            case Opcode::kEqual:
                goes_on = holds_equal(instruction);
                break;
            case Opcode::kNotEqual:
                goes_on = read(instruction.a).growing != kUndefined &&
                          read(instruction.b).growing != kUndefined && !holds_equal(instruction);
                break;
            case Opcode::kIsArray:
                goes_on = kind_of(read(instruction.a)) == Kind::kArray;
                break;
            case Opcode::kIsObject:
                goes_on = kind_of(read(instruction.a)) == Kind::kObject;
                break;
            case Opcode::kIsSet:
                goes_on = kind_of(read(instruction.a)) == Kind::kSet;
                break;
            case Opcode::kIsDefined:
                goes_on = at(instruction.a).growing != kUndefined;
                break;
            case Opcode::kIsUndefined:
                goes_on = at(instruction.a).growing == kUndefined;
                break;
            case Opcode::kMakeArray:
                make_growing(at(instruction.a), Kind::kArray);
                break;
            case Opcode::kMakeObject:
                make_growing(at(instruction.a), Kind::kObject);
                break;
            case Opcode::kMakeSet:
                make_growing(at(instruction.a), Kind::kSet);
                break;
            case Opcode::kAppend:
                goes_on = append(instruction);
                break;
            case Opcode::kInsert:
            case Opcode::kInsertOnce:
                goes_on = insert(instruction);
                break;
            case Opcode::kAdd:
                goes_on = add(instruction);
                break;
            case Opcode::kGather:
                goes_on = gather(instruction);
                break;
            case Opcode::kMerge:
                goes_on = merge(instruction);
                break;
            case Opcode::kScan:
                goes_on = scan(instruction);
                break;
            case Opcode::kNext:
                goes_on = next(instruction);
                break;
            case Opcode::kCall:
                if (!withs_.empty()) {
                    if (const Replacement* other = find_replacement(instruction.a)) {
                        // The documents come first; a replacement gets its own.
                        goes_on =
                            call_replacement(*other,
                                             {program_.lists.data() + instruction.b + 2,
                                              static_cast<std::size_t>(instruction.count - 2)},
                                             instruction);
                        break;
                    }
                    if (shadowed_[instruction.a] > 0) {
                        goes_on = read_shadowed(program_.functions[instruction.a], instruction);
                        break;
                    }
                }
                step_call(instruction.a, instruction);
                break;
            case Opcode::kCallBuiltin:
                goes_on = step_builtin(instruction);
                break;
            case Opcode::kCallDynamic:
                goes_on = step_dynamic(instruction);
                break;
            case Opcode::kPushWith:
                goes_on = push_with(instruction);
                break;
            case Opcode::kPushShadow: {
                With& opened = open_with(With::Kind::kShadow);
                opened.place = instruction.b;
                opened.size = instruction.c;
                for (std::uint32_t i = 0; i < instruction.c; ++i) {
                    ++shadowed_[program_.lists[instruction.b + i]];
                }
                break;
            }
            case Opcode::kPushReplacement: {
                Value held;
                Replacement made;
                made.target = instruction.a;
                made.kind = instruction.count;
                if (instruction.count == kReplacedByValue) {
                    const Value* value = look(instruction.b, held);
                    goes_on = value != nullptr;
                    if (!goes_on) break;
                    made.value = *value;
                } else {
                    made.number = instruction.b;
                }
                open_with(With::Kind::kReplacement);
                replacements_.push_back(made);
                break;
            }
            case Opcode::kPopWith:
                pop_withs(instruction.count);
                break;
            case Opcode::kJump:
                goes_on = false;
                break;
            case Opcode::kReturn:
                finish_call(at(instruction.a));
                break;
            case Opcode::kReturnUndefined:
                finish_call({});
                break;
            case Opcode::kAddResult: {
                Value held;
                if (const Value* result = look(instruction.a, held)) {
                    evaluation_.results.push_back(*result);
                }
                break;
            }
        }
        if (!goes_on && running_) program_counter_ = instruction.target;
    }
}

Machine::Register Machine::read(std::uint32_t operand) const {
    if ((operand & kConstantBit) != 0)
        return {program_.constants[operand & ~kConstantBit], kIsValue};
    return registers_[base_ + operand];
}

const Value* Machine::look(std::uint32_t operand, Value& held) {
    if ((operand & kConstantBit) != 0) return &program_.constants[operand & ~kConstantBit];
    const Register& source = registers_[base_ + operand];
    if (source.growing == kUndefined) return nullptr;
    if (source.growing == kIsValue) return &source.value;
    held = freeze(source);
    return &held;
}

Kind Machine::kind_of(const Register& held) const {
    if (held.growing == kUndefined) return Kind::kNull;
    if (held.growing == kIsValue) return held.value.kind();
    return growing_[held.growing - kFirstGrowing]->kind;
}

Value Machine::freeze(const Register& held) {
    if (held.growing == kIsValue) return held.value;
    Growing& container = growing(held.growing);
    if (container.is_frozen) return container.frozen;
    // What grows may hold what grows, and that is not counted until it is a value.
    if (++freezing_ > kMaxFreezing || !context_->spend(container.keys.size())) {
        --freezing_;
        fail(ErrorKind::kLimit,
             "containers stand too deep inside of each other, or grow too often");
        return {};
    }
    Value made;
    switch (container.kind) {
        case Kind::kArray:
            made = builder_->array(container.keys);
            break;
        case Kind::kSet:
            made = builder_->set(container.keys);
            break;
        default: {
            std::vector<value::Builder::Entry> entries;
            entries.reserve(container.keys.size());
            for (std::size_t i = 0; i < container.keys.size(); ++i) {
                entries.emplace_back(container.keys[i], freeze(container.values[i]));
            }
            made = builder_->object(entries);
            break;
        }
    }
    --freezing_;
    container.frozen = made;
    container.is_frozen = !container.has_growing_values;
    check_memory();
    return made;
}

void Machine::make_growing(Register& target, Kind kind) {
    if (growing_used_ == growing_.size()) growing_.push_back(std::make_unique<Growing>());
    Growing& made = *growing_[growing_used_++];
    made.kind = kind;
    made.keys.clear();
    made.values.clear();
    made.index.clear();
    made.has_growing_values = false;
    made.is_frozen = false;
    target.growing = static_cast<std::uint32_t>(growing_used_ - 1 + kFirstGrowing);
}

Machine::Growing* Machine::grow(Register& target, Kind kind) {
    if (kind_of(target) != kind || target.growing == kUndefined) return nullptr;
    if (target.growing == kIsValue) {
        const Value finished = target.value;
        make_growing(target, kind);
        Growing& made = growing(target.growing);
        if (kind == Kind::kArray) {
            made.keys.assign(finished.items().begin(), finished.items().end());
        } else {
            const auto keys = kind == Kind::kObject ? finished.keys() : finished.items();
            for (std::size_t i = 0; i < keys.size(); ++i) {
                add_key(made, keys[i]);
                if (kind == Kind::kObject) made.values.push_back({finished.values()[i], kIsValue});
            }
        }
    }
    Growing& container = growing(target.growing);
    container.is_frozen = false;
    count_elements(container);
    return &container;
}

std::optional<std::size_t> Machine::find(const Growing& container, const Value& key) {
    if (container.index.empty()) {
        for (std::size_t i = 0; i < container.keys.size(); ++i) {
            if (is_same(container.keys[i], key)) return i;
        }
        return std::nullopt;
    }
    const std::size_t mask = container.index.size() - 1;
    for (std::size_t at = value::hash(key) & mask; container.index[at] != 0; at = (at + 1) & mask) {
        const std::size_t place = container.index[at] - 1;
        if (is_same(container.keys[place], key)) return place;
    }
    return std::nullopt;
}

void Machine::count_elements(Growing& container) {
    if (container.keys.size() <= container.most) return;
    grown_elements_ += container.keys.size() - container.most;
    container.most = container.keys.size();
}

void Machine::add_key(Growing& container, const Value& key) {
    container.keys.push_back(key);
    const auto put = [&container](std::size_t place) {
        const std::size_t mask = container.index.size() - 1;
        std::size_t at = value::hash(container.keys[place]) & mask;
        while (container.index[at] != 0) at = (at + 1) & mask;
        container.index[at] = static_cast<std::uint32_t>(place + 1);
    };
    const std::size_t count = container.keys.size();
    if (count <= kIndexedFrom) return;
    if (count * 2 > container.index.size()) {
        container.index.assign(std::max<std::size_t>(64, container.index.size() * 4), 0);
        for (std::size_t i = 0; i < count; ++i) put(i);
    } else {
        put(count - 1);
    }
}

bool Machine::move_once(const Instruction& instruction) {
    const Register source = read(instruction.b);
    Register& target = at(instruction.a);
    if (target.growing != kUndefined && source.growing != kUndefined &&
        freeze(target) != freeze(source)) {
        const Function& function = *frames_.back().function;
        fail(ErrorKind::kConflict, function.is_rule
                                       ? "rule " + function.name + " produced conflicting values"
                                       : "function " + function.name +
                                             " produced conflicting values for the same inputs");
        return true;
    }
    target = source;
    return true;
}

bool Machine::insert(const Instruction& instruction) {
    Value held;
    const Value* key = look(instruction.b, held);
    const Register value = read(instruction.c);
    if (key == nullptr || value.growing == kUndefined) return false;
    const Value key_value = *key;
    Growing* object = grow(at(instruction.a), Kind::kObject);
    if (object == nullptr) {
        fail(ErrorKind::kInternal, "insertion into what is no object");
        return true;
    }
    // What grows in an object may grow on there. One that holds others which grow is taken as it is
    // now, and so is an array: references never make a circle.
    const bool stays = value.growing >= kFirstGrowing && kind_of(value) != Kind::kArray &&
                       &growing(value.growing) != object &&
                       !growing(value.growing).has_growing_values;
    const Register kept = stays ? value : Register{freeze(value), kIsValue};
    if (stays) object->has_growing_values = true;
    if (const auto place = find(*object, key_value)) {
        if (instruction.opcode == Opcode::kInsertOnce &&
            freeze(object->values[*place]) != freeze(kept)) {
            fail(ErrorKind::kConflict, "object keys must be unique");
            return true;
        }
        object->values[*place] = kept;
        return true;
    }
    add_key(*object, key_value);
    object->values.push_back(kept);
    count_elements(*object);
    return true;
}

bool Machine::add(const Instruction& instruction) {
    Value held;
    const Value* element = look(instruction.b, held);
    if (element == nullptr) return false;
    const Value added = *element;
    Growing* set = grow(at(instruction.a), Kind::kSet);
    if (set == nullptr) {
        fail(ErrorKind::kInternal, "addition to what is no set");
        return true;
    }
    if (!find(*set, added)) {
        add_key(*set, added);
        count_elements(*set);
    }
    return true;
}

bool Machine::gather(const Instruction& instruction) {
    Value held_key;
    Value held;
    const Value* key_found = look(instruction.b, held_key);
    const Value* element = look(instruction.c, held);
    if (key_found == nullptr || element == nullptr) return false;
    const Value key = *key_found;
    const Value added = *element;
    Growing* object = grow(at(instruction.a), Kind::kObject);
    if (object == nullptr) {
        fail(ErrorKind::kInternal, "gathering into what is no object");
        return true;
    }
    std::optional<std::size_t> place = find(*object, key);
    if (!place) {
        Register group;
        make_growing(group, instruction.count == 0 ? Kind::kArray : Kind::kSet);
        place = object->keys.size();
        add_key(*object, key);
        object->values.push_back(group);
        object->has_growing_values = true;
        count_elements(*object);
    }
    Growing& group = growing(object->values[*place].growing);
    group.is_frozen = false;
    if (instruction.count == 0) {
        group.keys.push_back(added);
    } else if (!find(group, added)) {
        add_key(group, added);
    }
    count_elements(group);
    return true;
}

bool Machine::append(const Instruction& instruction) {
    Value held;
    const Value* element = look(instruction.b, held);
    if (element == nullptr) return false;
    const Value added = *element;
    Growing* array = grow(at(instruction.a), Kind::kArray);
    if (array == nullptr) {
        fail(ErrorKind::kInternal, "append to what is no array");
        return true;
    }
    array->keys.push_back(added);
    count_elements(*array);
    return true;
}

bool Machine::dot(const Instruction& instruction) {
    const Register source = read(instruction.b);
    Value held_key;
    const Value* key = look(instruction.c, held_key);
    if (source.growing == kUndefined || key == nullptr) return false;
    if (source.growing >= kFirstGrowing && kind_of(source) != Kind::kArray) {
        const Growing& container = growing(source.growing);
        const auto place = find(container, *key);
        if (!place) return false;
        at(instruction.a) = container.kind == Kind::kObject
                                ? container.values[*place]
                                : Register{container.keys[*place], kIsValue};
        return true;
    }
    // What is finished is looked at where it is: this is what evaluations do most.
    Value frozen;
    const Value* container = &source.value;
    if (source.growing != kIsValue) {
        frozen = freeze(source);
        container = &frozen;
    }
    const bool is_name = container->is_object() && key->is_string();
    const Value* found = is_name ? container->find(key->as_string()) : element_of(*container, *key);
    if (found == nullptr && instruction.count != 0 && container->is_object() && key->is_number()) {
        found = container->find(key->number_text());
    }
    if (found == nullptr) return false;
    at(instruction.a) = {*found, kIsValue};
    return true;
}

bool Machine::holds_equal(const Instruction& instruction) {
    Value held_left;
    Value held_right;
    const Value* left = look(instruction.a, held_left);
    const Value* right = look(instruction.b, held_right);
    return left != nullptr && right != nullptr && *left == *right;
}

Value Machine::merged(const Value& left, const Value& right) {
    // What is no object is not merged: the left one, the base document, holds.
    if (!left.is_object() || !right.is_object()) return left;
    std::vector<value::Builder::Entry> entries;
    entries.reserve(left.size() + right.size());
    for (std::size_t i = 0; i < right.size(); ++i) {
        if (left.find(right.keys()[i]) == nullptr) {
            entries.emplace_back(right.keys()[i], right.values()[i]);
        }
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
        const Value* under = right.find(left.keys()[i]);
        const Value& over = left.values()[i];
        entries.emplace_back(left.keys()[i], under == nullptr ? over : merged(over, *under));
    }
    return builder_->object(entries);
}

bool Machine::merge(const Instruction& instruction) {
    Value held_left;
    Value held_right;
    const Value* left = look(instruction.b, held_left);
    const Value* right = look(instruction.c, held_right);
    if (left == nullptr || right == nullptr) return false;
    const Value made = merged(*left, *right);
    at(instruction.a) = {made, kIsValue};
    check_memory();
    return true;
}

bool Machine::scan(const Instruction& instruction) {
    Value held;
    const Value* source = look(instruction.b, held);
    if (source == nullptr || !is_collection(*source)) return false;
    iterators_[frames_.back().iterators + instruction.a] = {*source, 0};
    return true;
}

bool Machine::next(const Instruction& instruction) {
    Iterator& iterator = iterators_[frames_.back().iterators + instruction.a];
    const Value& container = iterator.container;
    if (iterator.next >= container.size()) return false;
    const std::size_t place = iterator.next++;
    Value key;
    Value element;
    if (container.is_object()) {
        key = container.keys()[place];
        element = container.values()[place];
    } else {
        element = container.items()[place];
        key = container.is_set() ? element : builder_->integer(static_cast<std::int64_t>(place));
    }
    at(instruction.b) = {key, kIsValue};
    at(instruction.c) = {element, kIsValue};
    return true;
}

void Machine::step_call(std::uint32_t number, const Instruction& instruction) {
    call_function(
        number,
        {program_.lists.data() + instruction.b, program_.functions[number].parameters.size()},
        instruction);
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
        at(instruction.c) = {replacement.value, kIsValue};
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
    for (std::uint32_t i = 0; i < function.path_size && found.growing != kUndefined; ++i) {
        const Value container = freeze(found);
        const Value* below =
            container.find(program_.constants[program_.lists[function.path + i] & ~kConstantBit]);
        found = below == nullptr ? Register{} : Register{*below, kIsValue};
    }
    at(instruction.c) = found;
    return found.growing != kUndefined;
}

void Machine::call_function(std::uint32_t number, std::span<const std::uint32_t> arguments,
                            const Instruction& instruction) {
    const Function& function = program_.functions[number];
    if (function.is_rule && kept_[number].epoch == epoch_) {
        const Register& result = kept_[number].result;
        at(instruction.c) = result;
        if (result.growing == kUndefined) program_counter_ = instruction.target;
        return;
    }
    if (frames_.size() >= options_.limits.call_depth) {
        fail(ErrorKind::kLimit,
             "call depth limit of " + std::to_string(options_.limits.call_depth) + " reached");
        return;
    }
    Frame frame{.function = &function,
                .return_to = program_counter_,
                .registers = static_cast<std::uint32_t>(registers_.size()),
                .iterators = static_cast<std::uint32_t>(iterators_.size()),
                .result = instruction.c,
                .undefined_to = instruction.opcode == Opcode::kCallDynamic ? program_counter_
                                                                           : instruction.target,
                .withs = withs_.size(),
                .growing = growing_used_};
    registers_.resize(registers_.size() + function.registers);
    iterators_.resize(iterators_.size() + function.iterators);
    if (!check_memory()) return;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        Value held;
        const Value* argument = look(arguments[i], held);
        if (argument == nullptr) continue;
        registers_[frame.registers + function.parameters[i]] = {*argument, kIsValue};
    }
    frames_.push_back(frame);
    base_ = frame.registers;
    program_counter_ = function.entry;
}

void Machine::finish_call(const Register& returned) {
    const Frame frame = frames_.back();
    Register result;
    if (returned.growing != kUndefined) result = {freeze(returned), kIsValue};
    if (withs_.size() > frame.withs) pop_withs(withs_.size() - frame.withs);
    if (frames_.size() == 1) {
        running_ = false;
        return;
    }
    if (frame.function->is_rule) {
        const auto number = static_cast<std::uint32_t>(frame.function - program_.functions.data());
        if (!withs_.empty()) undo_.emplace_back(number, kept_[number]);
        kept_[number] = {epoch_, result};
    }
    // Whatever grew in the call is frozen or forgotten: arguments and results are finished values.
    growing_used_ = frame.growing;
    frames_.pop_back();
    registers_.resize(frame.registers);
    iterators_.resize(frame.iterators);
    base_ = frames_.back().registers;
    at(frame.result) = result;
    program_counter_ = result.growing == kUndefined ? frame.undefined_to : frame.return_to;
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
    step_call(found->second, instruction);
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
    const Outcome outcome = call(*reference.builtin, *context_, operands_);
    if (!check_memory()) return true;
    if (outcome.ok()) {
        if (reference.has_result) at(instruction.c) = {outcome.value(), kIsValue};
        return true;
    }
    if (outcome.state() == Outcome::State::kError) {
        const ErrorKind kind = context_->error_kind();
        const bool is_lenient = kind == ErrorKind::kType || kind == ErrorKind::kBuiltin;
        if (!is_lenient || options_.builtin_errors == BuiltinErrors::kStrict) {
            fail(kind, reference.name + ": " + context_->error_text());
            return true;
        }
    }
    return false;
}

Value Machine::upserted(const Value* base, std::span<const std::uint32_t> path, const Value& put) {
    const Value& key = program_.constants[path[0] & ~kConstantBit];
    std::vector<value::Builder::Entry> entries;
    if (base != nullptr && base->is_object()) {
        for (std::size_t i = 0; i < base->size(); ++i) {
            entries.emplace_back(base->keys()[i], base->values()[i]);
        }
    }
    const Value* below = base == nullptr ? nullptr : base->find(key);
    entries.emplace_back(key, path.size() == 1 ? put : upserted(below, path.subspan(1), put));
    return builder_->object(entries);
}

bool Machine::push_with(const Instruction& instruction) {
    Value held;
    const Value* put = look(instruction.b, held);
    // A whole document may be replaced by nothing: that is how one that was absent comes back.
    if (put == nullptr && instruction.count > 0) return false;
    Register replacement;
    if (put != nullptr) replacement = {*put, kIsValue};
    if (instruction.count > 0) {
        Value held_base;
        const Value* before = look(instruction.a, held_base);
        const std::span<const std::uint32_t> path(program_.lists.data() + instruction.c,
                                                  instruction.count);
        replacement.value = upserted(before, path, replacement.value);
        if (!check_memory()) return true;
    }
    With& opened = open_with(With::Kind::kDocument);
    opened.place = base_ + instruction.a;
    opened.before = at(instruction.a);
    at(instruction.a) = replacement;
    return true;
}

// What rules gave before is put aside until it closes.
Machine::With& Machine::open_with(With::Kind kind) {
    With& opened = withs_.emplace_back();
    opened.kind = kind;
    opened.epoch = std::exchange(epoch_, ++last_epoch_);
    opened.undo = undo_.size();
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
        withs_.pop_back();
    }
}

}  // namespace merlon::rego
