#include "rego/machine.h"

#include <algorithm>
#include <array>
#include <utility>

#include "rego/documents.h"

namespace merlon::rego {

using value::Kind;
using value::Value;

namespace {

constexpr std::uint64_t kInstructionsBetweenChecks = 1 << 14;

// Of a container that grows: key, value and index, with what vectors keep in reserve.
constexpr std::size_t kElementBytes = 96;

// Copied from a block of them: GCC stores them one half after the other.
void clear(std::span<value::Slot> registers) {
    static const std::array<value::Slot, 64> kNothing;
    while (!registers.empty()) {
        const std::size_t count = std::min(registers.size(), kNothing.size());
        std::copy_n(kNothing.begin(), count, registers.begin());
        registers = registers.subspan(count);
    }
}

bool is_ordered(const Value& left, const Value& right, Order order) {
    const int found = value::compare(left, right);
    switch (order) {
        case Order::kLess:
            return found < 0;
        case Order::kLessOrEqual:
            return found <= 0;
        case Order::kGreater:
            return found > 0;
        case Order::kGreaterOrEqual:
            return found >= 0;
    }
    return false;
}

bool is_element(const Value& element, const Value& container) {
    if (container.is_set()) return element_of(container, element) != nullptr;
    if (!container.is_array() && !container.is_object()) return false;
    const auto elements = container.is_array() ? container.items() : container.values();
    return std::ranges::find(elements, element) != elements.end();
}

// Whether this very array is the value or stands in it.
bool holds_array(const Value& value, const Value& array) {
    if (value.is_array() && value.items().data() == array.items().data()) return true;
    if (value.depth() <= array.depth()) return false;
    const auto elements = value.is_object() ? value.values() : value.items();
    return std::ranges::any_of(elements,
                               [&array](const Value& one) { return holds_array(one, array); });
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
    : program_(program),
      options_(std::move(options)),
      builder_(arena_, interner_),
      context_(builder_, options_.world, options_.cancel),
      shadowed_(program.functions.size()),
      kept_(program.functions.size()),
      asked_(program.functions.size()),
      trials_(program.functions.size()) {}

const Evaluation& Machine::run(std::uint32_t plan, const std::optional<Value>& input,
                               const Value& data) {
    MERLON_ASSERT(plan < program_.plans.size());
    arena_.reset();
    interner_.reset();
    builder_.reset();
    context_.reset();
    context_.memory_bytes_limit = options_.limits.memory_bytes;
    context_.steps_left = options_.limits.instructions;
    context_.asked_place = [this] { return place(); };
    evaluation_.results.clear();
    evaluation_.error.reset();
    // What a run that failed left open.
    if (!withs_.empty()) std::ranges::fill(shadowed_, 0);
    withs_.clear();
    undo_.clear();
    answers_.clear();
    asks_.clear();
    tried_depth_ = 0;
    is_turn_over_ = false;
    turn_left_ = 0;
    seen_calls_.clear();
    helpful_calls_.clear();
    replacements_.clear();
    replacement_scope_ = 0;
    frames_.clear();
    registers_used_ = 0;
    iterators_used_ = 0;
    growing_used_ = 0;
    grown_elements_ = 0;
    freezing_ = 0;
    entries_.clear();
    epoch_ = ++last_epoch_;
    ++run_;
    instructions_left_ = options_.limits.instructions;

    running_ = true;
    start(program_.plans[plan]);
    if (input) at(0) = *input;
    at(1) = data;
    while (running_) step_all();
    if (evaluation_.error) evaluation_.results.clear();
    return evaluation_;
}

void Machine::reserve(std::size_t registers, std::size_t iterators) {
    if (registers_used_ + registers > registers_.size()) {
        registers_.resize(std::max(registers_used_ + registers, registers_.size() * 2));
    }
    if (iterators_used_ + iterators > iterators_.size()) {
        iterators_.resize(std::max(iterators_used_ + iterators, iterators_.size() * 2));
    }
}

// Opens a frame's window, in which nothing is defined, and goes on at the function's entry.
void Machine::start(const Function& function) {
    Frame& frame = frames_.emplace_back();
    frame.function = &function;
    frame.registers = static_cast<std::uint32_t>(registers_used_);
    frame.iterators = static_cast<std::uint32_t>(iterators_used_);
    frame.withs = withs_.size();
    frame.growing = growing_used_;
    reserve(function.registers, function.iterators);
    clear(std::span(registers_).subspan(registers_used_, function.registers));
    registers_used_ += function.registers;
    iterators_used_ += function.iterators;
    base_ = frame.registers;
    program_counter_ = function.entry;
}

// The innermost attempt that the error stands in ends without a result; false where there is none.
bool Machine::give_up_attempt(ErrorKind kind) {
    if (kind != ErrorKind::kConflict && kind != ErrorKind::kType && kind != ErrorKind::kBuiltin) {
        return false;
    }
    std::size_t depth = frames_.size();
    while (depth > 0 && !frames_[depth - 1].function->is_attempt && depth != tried_depth_) --depth;
    if (depth == 0) return false;
    if (depth == tried_depth_) {
        give_up_try(AfterTry::kNeverAgain);
        return true;
    }
    const std::size_t withs = depth < frames_.size() ? frames_[depth].withs : withs_.size();
    if (withs_.size() > withs) pop_withs(withs_.size() - withs);
    forget_asks_above(depth);
    frames_.resize(depth);
    finish_call({});
    return true;
}

void Machine::fail(ErrorKind kind, std::string message) {
    if (!running_) return;  // the first error is the one that counts
    if (give_up_attempt(kind)) return;
    running_ = false;
    is_turn_over_ = true;
    note_error(kind, std::move(message));
}

// The first one is what the run has given, also where it goes on.
void Machine::note_error(ErrorKind kind, std::string message) {
    if (evaluation_.error) return;
    EvaluationError& error = evaluation_.error.emplace();
    error.kind = kind;
    error.message = std::move(message);
    const CallPlace at = place();
    error.file = at.file;
    error.row = at.row;
    error.column = at.column;
}

CallPlace Machine::place() const {
    const Place& found = program_.places[std::max(program_counter_, 1U) - 1];
    const bool has_file = found.file < program_.files.size();
    return {has_file ? std::string_view(program_.files[found.file]) : std::string_view(), found.row,
            found.column};
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
    if (!builder_.refusal().empty()) {
        fail(ErrorKind::kLimit, std::string(builder_.refusal()));
        return false;
    }
    const std::size_t bytes = arena_.bytes_used() + growing_.size() * sizeof(Growing) +
                              grown_elements_ * kElementBytes + registers_used_ * sizeof(Register) +
                              iterators_used_ * sizeof(Iterator) + seen_calls_.bytes() +
                              answers_.bytes();
    if (bytes <= options_.limits.memory_bytes) return true;
    fail(ErrorKind::kLimit,
         "memory limit of " + std::to_string(options_.limits.memory_bytes) + " bytes reached");
    return false;
}

// Runs until the next look at the limits, or the end. What evaluations do most is done here, with
// the window and the place in the code at hand; the rest is in step_slowly and what it calls.
void Machine::step_all() {
    if (!check_limits()) return;
    std::uint64_t turn = std::min(instructions_left_, kInstructionsBetweenChecks);
    if (tried_depth_ != 0) {
        const std::uint64_t spent = instructions_spent();
        if (spent >= tried_until_) return give_up_try(AfterTry::kLater);
        turn = std::min(turn, tried_until_ - spent);
    }
    instructions_left_ -= turn;
    const Instruction* const code = program_.code.data();
    const Value* const constants = program_.constants.data();
    Register* window = registers_.data() + base_;
    Iterator* iterators = iterators_.data() + frames_.back().iterators;
    std::uint32_t place = program_counter_;
    // Null: no finished value. A reference to what grows is none.
    const auto finished = [&](std::uint32_t operand) -> const Value* {
        if ((operand & kConstantBit) != 0) return constants + (operand & ~kConstantBit);
        const Register& source = window[operand];
        return source.is_value() ? &source.value() : nullptr;
    };
    for (std::uint64_t left = turn; left > 0; --left) {
        const Instruction& instruction = code[place++];
        switch (instruction.opcode) {
            case Opcode::kMove:
                window[instruction.a] = (instruction.b & kConstantBit) != 0
                                            ? Register(constants[instruction.b & ~kConstantBit])
                                            : window[instruction.b];
                continue;
            case Opcode::kReset:
                window[instruction.a] = {};
                continue;
            case Opcode::kDot: {
                const Value* const source = finished(instruction.b);
                const Value* const key = finished(instruction.c);
                if (source == nullptr || key == nullptr) break;
                if (instruction.count != 0 && (key->is_number() || source->is_array())) break;
                const Value* const found = element_of(*source, *key);
                if (found == nullptr) {
                    place = instruction.target;
                } else {
                    // A set has what was asked for, as it was asked for: numbers have several
                    // forms.
                    window[instruction.a] = source->is_set() ? *key : *found;
                }
                continue;
            }
            case Opcode::kWalk: {
                const Value* found = finished(instruction.b);
                if (found == nullptr) break;
                const std::uint32_t* step = program_.lists.data() + instruction.c;
                const std::size_t count = instruction.count & kMostSteps;
                const Value* before = found;
                for (std::size_t i = 0; i < count && found != nullptr; ++i) {
                    const Value& key = constants[step[i] & ~kConstantBit];
                    before = found;
                    found = found->is_object() ? found->find(key) : element_of(*found, key);
                }
                if (found == nullptr && before->is_array() && count != instruction.count) break;
                if (found == nullptr) {
                    place = instruction.target;
                } else {
                    window[instruction.a] = *found;
                }
                continue;
            }
            case Opcode::kEqual:
            case Opcode::kNotEqual: {
                const Value* const first = finished(instruction.a);
                const Value* const second = finished(instruction.b);
                if (first == nullptr || second == nullptr) break;
                const bool wants_equal = instruction.opcode == Opcode::kEqual;
                if ((*first == *second) != wants_equal) place = instruction.target;
                continue;
            }
            case Opcode::kCompare: {
                const Value* const first = finished(instruction.a);
                const Value* const second = finished(instruction.b);
                if (first == nullptr || second == nullptr) break;
                if (!is_ordered(*first, *second, static_cast<Order>(instruction.count))) {
                    place = instruction.target;
                }
                continue;
            }
            case Opcode::kIsIn: {
                const Value* const element = finished(instruction.a);
                const Value* const container = finished(instruction.b);
                if (element == nullptr || container == nullptr) break;
                if (!is_element(*element, *container)) place = instruction.target;
                continue;
            }
            case Opcode::kIsDefined:
                if (window[instruction.a].is_nothing()) place = instruction.target;
                continue;
            case Opcode::kIsUndefined:
                if (!window[instruction.a].is_nothing()) place = instruction.target;
                continue;
            case Opcode::kNext: {
                Iterator& iterator = iterators[instruction.a];
                if (iterator.next == iterator.size) {
                    place = instruction.target;
                    continue;
                }
                const std::uint32_t at = iterator.next++;
                window[instruction.b] =
                    iterator.keys != nullptr ? iterator.keys[at] : builder_.integer(at);
                window[instruction.c] = iterator.elements[at];
                continue;
            }
            case Opcode::kNextChoice: {
                Iterator& iterator = iterators[instruction.a];
                place = iterator.next == iterator.size ? instruction.target
                                                       : iterator.places[iterator.next++];
                continue;
            }
            case Opcode::kJump:
                place = instruction.target;
                continue;
            default:
                break;
        }
        program_counter_ = place;
        turn_left_ = left - 1;
        const bool goes_on = step_slowly(instruction);
        place = goes_on ? program_counter_ : instruction.target;
        if (is_turn_over_) {
            is_turn_over_ = false;
            if (!running_) return;
            instructions_left_ += std::exchange(turn_left_, 0);
            break;
        }
        // Calls move the window, and may move all of them.
        window = registers_.data() + base_;
        iterators = iterators_.data() + frames_.back().iterators;
    }
    turn_left_ = 0;
    program_counter_ = place;
}

// False where the instruction is undefined or does not hold.
bool Machine::step_slowly(const Instruction& instruction) {
    switch (instruction.opcode) {
        case Opcode::kMoveOnce:
            return move_once(instruction);
        case Opcode::kDot:
            return dot(instruction);
        case Opcode::kWalk:
            return walk(instruction);
        case Opcode::kLength:
            return length(instruction);
        case Opcode::kEqual:
            return holds_equal(instruction);
        case Opcode::kNotEqual:
            return !read(instruction.a).is_nothing() && !read(instruction.b).is_nothing() &&
                   !holds_equal(instruction);
        case Opcode::kCompare:
            return holds_order(instruction);
        case Opcode::kIsIn:
            return holds_element(instruction);
        case Opcode::kIsArray:
            return kind_of(read(instruction.a)) == Kind::kArray;
        case Opcode::kIsObject:
            return kind_of(read(instruction.a)) == Kind::kObject;
        case Opcode::kIsSet:
            return kind_of(read(instruction.a)) == Kind::kSet;
        case Opcode::kMakeArray:
            make_growing(at(instruction.a), Kind::kArray);
            return true;
        case Opcode::kMakeObject:
            make_growing(at(instruction.a), Kind::kObject);
            return true;
        case Opcode::kMakeSet:
            make_growing(at(instruction.a), Kind::kSet);
            return true;
        case Opcode::kArrayOf:
        case Opcode::kSetOf:
        case Opcode::kObjectOf:
            return collect(instruction);
        case Opcode::kAppend:
            return append(instruction);
        case Opcode::kInsert:
        case Opcode::kInsertOnce:
            return insert(instruction);
        case Opcode::kAdd:
            return add(instruction);
        case Opcode::kPut:
        case Opcode::kPutElement:
            return put(instruction);
        case Opcode::kGather:
            return gather(instruction);
        case Opcode::kMerge:
            return merge(instruction);
        case Opcode::kScan:
            return scan(instruction);
        case Opcode::kChoose:
            return choose(instruction);
        case Opcode::kCall:
            return step_call(instruction);
        case Opcode::kCallByKey:
            return call_by_key(instruction);
        case Opcode::kCallBuiltin:
            return step_builtin(instruction);
        case Opcode::kCallDynamic:
            return step_dynamic(instruction);
        case Opcode::kPushWith:
            return push_with(instruction);
        case Opcode::kPushShadow:
            return shadow(instruction);
        case Opcode::kPushReplacement:
            return push_replacement(instruction);
        case Opcode::kPopWith:
            pop_withs(instruction.count);
            return true;
        case Opcode::kReturn:
            finish_call(at(instruction.a));
            return true;
        case Opcode::kReturnUndefined:
            finish_call({});
            return true;
        case Opcode::kAddResult: {
            Value held;
            if (const Value* result = look(instruction.a, held)) {
                evaluation_.results.push_back(*result);
            }
            return true;
        }
        default:
            break;
    }
    fail(ErrorKind::kInternal, "an instruction that is none");
    return true;
}

Kind Machine::kind_of(const Register& held) const {
    if (held.is_nothing()) return Kind::kNull;
    return held.is_value() ? held.value().kind() : growing_[held.number()]->kind;
}

bool Machine::length(const Instruction& instruction) {
    Value held;
    const Value* const source = look(instruction.b, held);
    if (source == nullptr) return false;
    at(instruction.a) = builder_.integer(static_cast<std::int64_t>(source->size()));
    return true;
}

// Of equal values the first one stays: numbers may be written in several ways.
bool Machine::move_once(const Instruction& instruction) {
    const Register source = read(instruction.b);
    Register& target = at(instruction.a);
    if (target.is_nothing() || source.is_nothing()) {
        target = source;
        return true;
    }
    if (freeze(target) == freeze(source)) return true;
    const Function& function = *frames_.back().function;
    fail(ErrorKind::kConflict,
         function.is_rule
             ? "rule " + function.name + " produced conflicting values"
             : "function " + function.name + " produced conflicting values for the same inputs");
    return true;
}

bool Machine::dot(const Instruction& instruction) {
    const Register source = read(instruction.b);
    Value held_key;
    const Value* key = look(instruction.c, held_key);
    if (source.is_nothing() || key == nullptr) return false;
    if (source.is_reference() && kind_of(source) != Kind::kArray) {
        const Growing& container = growing(source);
        const auto place = find(container, *key);
        if (!place) return false;
        at(instruction.a) =
            container.kind == Kind::kObject ? container.values[*place] : Register(*key);
        return true;
    }
    const Value container = freeze(source);
    const Value* const found =
        instruction.count != 0 ? base_element(container, *key) : element_of(container, *key);
    if (found == nullptr) return false;
    at(instruction.a) = container.is_set() ? *key : *found;
    return true;
}

// An array's place may be a text only in the base documents, and not in what a `with` has put
// there.
const Value* Machine::base_element(const Value& container, const Value& step) const {
    const Value* const found = stored_element(container, step);
    if (found == nullptr || !container.is_array() || step.is_plain_integer()) return found;
    const bool is_put = std::ranges::any_of(withs_, [&container](const With& with) {
        return with.kind == With::Kind::kDocument && with.size == kDataRegister &&
               with.put.is_value() && holds_array(with.put.value(), container);
    });
    return is_put ? element_of(container, step) : found;
}

// The first step may lead into what grows.
bool Machine::walk(const Instruction& instruction) {
    Value held;
    const Value* found = look(instruction.b, held);
    const std::uint32_t* const steps = program_.lists.data() + instruction.c;
    const std::size_t count = instruction.count & kMostSteps;
    for (std::size_t i = 0; i < count && found != nullptr; ++i) {
        const Value& step = program_.constants[steps[i] & ~kConstantBit];
        found = count != instruction.count ? base_element(*found, step) : element_of(*found, step);
    }
    if (found == nullptr) return false;
    at(instruction.a) = *found;
    return true;
}

bool Machine::holds_order(const Instruction& instruction) {
    Value held_left;
    Value held_right;
    const Value* const left = look(instruction.a, held_left);
    const Value* const right = look(instruction.b, held_right);
    return left != nullptr && right != nullptr &&
           is_ordered(*left, *right, static_cast<Order>(instruction.count));
}

bool Machine::holds_element(const Instruction& instruction) {
    Value held_element;
    Value held;
    const Value* const element = look(instruction.a, held_element);
    const Value* const container = look(instruction.b, held);
    return element != nullptr && container != nullptr && is_element(*element, *container);
}

bool Machine::choose(const Instruction& instruction) {
    const Choice& choice = program_.choices[instruction.c];
    Value held;
    const Value* const asked = look(instruction.b, held);
    const auto found = asked == nullptr ? choice.by_value.end() : choice.by_value.find(*asked);
    const std::vector<std::uint32_t>& places =
        found == choice.by_value.end() ? choice.otherwise : found->second;
    Iterator& iterator = iterators_[frames_.back().iterators + instruction.a];
    iterator.places = places.data();
    iterator.next = 0;
    iterator.size = static_cast<std::uint32_t>(places.size());
    return true;
}

bool Machine::holds_equal(const Instruction& instruction) {
    Value held_left;
    Value held_right;
    const Value* left = look(instruction.a, held_left);
    const Value* right = look(instruction.b, held_right);
    return left != nullptr && right != nullptr && *left == *right;
}

bool Machine::scan(const Instruction& instruction) {
    Value held;
    const Value* source = look(instruction.b, held);
    if (source == nullptr || !is_collection(*source)) return false;
    Iterator& iterator = iterators_[frames_.back().iterators + instruction.a];
    const auto elements = source->is_object() ? source->values() : source->items();
    iterator.keys = source->is_object() ? source->keys().data()
                    : source->is_set()  ? elements.data()
                                        : nullptr;
    iterator.elements = elements.data();
    iterator.next = 0;
    iterator.size = static_cast<std::uint32_t>(elements.size());
    return true;
}

}  // namespace merlon::rego
