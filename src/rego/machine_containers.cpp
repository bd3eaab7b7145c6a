#include "rego/machine.h"

#include <algorithm>
#include <string>
#include <utility>

#include "rego/documents.h"

namespace merlon::rego {

using value::Kind;
using value::Value;

namespace {

// Up to here a look over all keys is faster than an index.
constexpr std::size_t kIndexedFrom = 8;
constexpr std::size_t kFirstIndex = 64;
constexpr std::size_t kMaxFreezing = 500;
constexpr std::size_t kSortedAtOnce = std::size_t{1} << 14;

std::uint64_t index_hash(const Value& key) { return value::hash(key) & UINT32_MAX; }

}  // namespace

Value Machine::freeze_growing(const Register& held) {
    if (held.is_nothing()) return {};
    Growing& container = growing(held);
    if (container.is_frozen) return container.frozen;
    // What grows may hold what grows, and that is not counted until it is a value.
    if (++freezing_ > kMaxFreezing || !context_.spend(container.keys.size())) {
        --freezing_;
        fail(ErrorKind::kLimit,
             "containers stand too deep inside of each other, or grow too often");
        return {};
    }
    Value made;
    switch (container.kind) {
        case Kind::kArray:
            made = builder_.array(container.keys);
            break;
        case Kind::kSet:
            made = set_of(container.keys);
            break;
        default: {
            const std::size_t first = entries_.size();
            for (std::size_t i = 0; i < container.keys.size(); ++i) {
                const Value element = freeze(container.values[i]);
                entries_.emplace_back(container.keys[i], element);
            }
            made = builder_.object(std::span(entries_).subspan(first));
            entries_.resize(first);
            break;
        }
    }
    --freezing_;
    container.frozen = made;
    container.is_frozen = !container.has_growing_values;
    check_memory();
    return made;
}

// Sorting millions takes seconds: it is done in parts, and may be cancelled between them.
Value Machine::set_of(const std::vector<Value>& elements) {
    if (elements.size() <= kSortedAtOnce) return builder_.set(elements);
    sorted_.assign(elements.begin(), elements.end());
    if (sort_in_parts(sorted_, half_sorted_)) return builder_.set(sorted_);
    fail(ErrorKind::kCancel, "caller cancelled query execution");
    return {};
}

// False where it was cancelled.
bool Machine::sort_in_parts(std::vector<Value>& elements, std::vector<Value>& spare) {
    const auto is_before = [](const Value& left, const Value& right) {
        return value::compare(left, right) < 0;
    };
    const auto is_cancelled = [this] {
        return options_.cancel != nullptr && options_.cancel->cancelled();
    };
    const std::size_t count = elements.size();
    for (std::size_t begin = 0; begin < count; begin += kSortedAtOnce) {
        const auto part = std::span(elements).subspan(begin);
        std::ranges::sort(part.first(std::min(part.size(), kSortedAtOnce)), is_before);
        if (is_cancelled()) return false;
    }
    spare.resize(count);
    for (std::size_t run = kSortedAtOnce; run < count; run *= 2) {
        for (std::size_t begin = 0; begin < count; begin += run * 2) {
            const std::size_t middle = std::min(begin + run, count);
            const std::size_t end = std::min(middle + run, count);
            std::size_t left = begin;
            std::size_t right = middle;
            for (std::size_t to = begin; to < end; ++to) {
                if ((to & (kSortedAtOnce - 1)) == 0 && is_cancelled()) return false;
                const bool takes_right =
                    left == middle || (right < end && is_before(elements[right], elements[left]));
                spare[to] = elements[takes_right ? right++ : left++];
            }
        }
        std::swap(elements, spare);
    }
    return true;
}

void Machine::make_growing(Register& target, Kind kind) {
    if (growing_used_ == growing_.size()) growing_.push_back(std::make_unique<Growing>());
    Growing& made = *growing_[growing_used_++];
    made.kind = kind;
    made.keys.clear();
    made.values.clear();
    made.index.clear();
    made.has_growing_values = false;
    made.is_whole = false;
    made.is_frozen = false;
    if (made.run != run_) made.most = 0;
    made.run = run_;
    target = Register::reference(static_cast<std::uint32_t>(growing_used_ - 1));
}

Machine::Growing* Machine::grow(Register& target, Kind kind) {
    if (kind_of(target) != kind || target.is_nothing()) return nullptr;
    if (target.is_value()) {
        const Value finished = target.value();
        make_growing(target, kind);
        Growing& made = growing(target);
        if (kind == Kind::kArray) {
            made.keys.assign(finished.items().begin(), finished.items().end());
        } else {
            const auto keys = kind == Kind::kObject ? finished.keys() : finished.items();
            for (std::size_t i = 0; i < keys.size(); ++i) {
                add_key(made, keys[i]);
                if (kind == Kind::kObject) made.values.emplace_back(finished.values()[i]);
            }
        }
    }
    Growing& container = growing(target);
    container.is_frozen = false;
    count_elements(container);
    return &container;
}

std::optional<std::size_t> Machine::find(const Growing& container, const Value& key) {
    if (container.index.empty()) {
        for (std::size_t i = 0; i < container.keys.size(); ++i) {
            if (container.keys[i] == key) return i;
        }
        return std::nullopt;
    }
    const std::size_t mask = container.index.size() - 1;
    const std::uint64_t hash = index_hash(key);
    for (std::size_t at = hash & mask; container.index[at] != 0; at = (at + 1) & mask) {
        const std::uint64_t entry = container.index[at];
        if (entry >> 32 != hash) continue;
        const std::size_t place = (entry & UINT32_MAX) - 1;
        if (container.keys[place] == key) return place;
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
    const auto put = [](std::vector<std::uint64_t>& index, std::uint64_t entry) {
        const std::size_t mask = index.size() - 1;
        std::size_t at = (entry >> 32) & mask;
        while (index[at] != 0) at = (at + 1) & mask;
        index[at] = entry;
    };
    const auto entry_of = [&container](std::size_t place) {
        return index_hash(container.keys[place]) << 32 | (place + 1);
    };
    const std::size_t count = container.keys.size();
    if (count <= kIndexedFrom) return;
    std::vector<std::uint64_t>& index = container.index;
    if (index.empty()) {
        index.resize(kFirstIndex);
        for (std::size_t i = 0; i < count; ++i) put(index, entry_of(i));
        return;
    }
    if (count * 2 > index.size()) {
        // Entries know their hashes: keys are not looked at again.
        std::vector<std::uint64_t>& before = container.index_before;
        before.assign(index.begin(), index.end());
        index.assign(before.size() * 2, 0);
        for (const std::uint64_t entry : before) {
            if (entry != 0) put(index, entry);
        }
    }
    put(index, entry_of(count - 1));
}

bool Machine::insert(const Instruction& instruction) {
    Value held;
    const Value* key = look(instruction.b, held);
    const Register value = read(instruction.c);
    if (key == nullptr || value.is_nothing()) return false;
    const Value key_value = *key;
    Growing* object = grow(at(instruction.a), Kind::kObject);
    if (object == nullptr) {
        // Of two rules of a plan that write one document, one as an object and one as a set.
        const bool is_set =
            !at(instruction.a).is_nothing() && kind_of(at(instruction.a)) == Kind::kSet;
        if (is_set) {
            put_conflict();
        } else {
            fail(ErrorKind::kInternal, "insertion into what is no object");
        }
        return true;
    }
    // What grows in an object may grow on there. One that holds others which grow is taken as it is
    // now, and so is an array: references never make a circle.
    const bool stays = value.is_reference() && kind_of(value) != Kind::kArray &&
                       &growing(value) != object && !growing(value).has_growing_values;
    const Register kept = stays ? value : Register(freeze(value));
    if (stays) object->has_growing_values = true;
    if (const auto place = find(*object, key_value)) {
        if (instruction.opcode == Opcode::kInsert) {
            object->values[*place] = kept;
        } else if (freeze(object->values[*place]) != freeze(kept)) {
            fail(ErrorKind::kConflict, "object keys must be unique");
        }
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
        const bool is_object =
            !at(instruction.a).is_nothing() && kind_of(at(instruction.a)) == Kind::kObject;
        if (is_object) {
            put_conflict();
        } else {
            fail(ErrorKind::kInternal, "addition to what is no set");
        }
        return true;
    }
    if (!find(*set, added)) {
        add_key(*set, added);
        count_elements(*set);
    }
    return true;
}

// What a rule gives at a path of several keys. Objects that only lead there may get more entries;
// what a rule has given at a shorter path may not, even where the entry would be the same.
bool Machine::put(const Instruction& instruction) {
    const auto operands = std::span(program_.lists).subspan(instruction.b, instruction.count);
    operands_.clear();
    for (const std::uint32_t operand : operands) {
        Value held;
        const Value* const found = look(operand, held);
        if (found == nullptr) return false;
        operands_.push_back(*found);
    }
    Growing* object = grow(at(instruction.a), Kind::kObject);
    if (object == nullptr) {
        fail(ErrorKind::kInternal, "insertion into what is no object");
        return true;
    }
    const Value put = operands_.back();
    const std::span<const Value> keys = std::span(operands_).first(operands_.size() - 1);
    for (const Value& key : keys.first(keys.size() - 1)) {
        object = lead_through(*object, key);
        if (object == nullptr) return true;
    }
    if (instruction.opcode == Opcode::kPut) {
        put_value(*object, keys.back(), put);
    } else {
        put_element(*object, keys.back(), put);
    }
    return true;
}

// The object below this key, made where there is none; null after a conflict.
Machine::Growing* Machine::lead_through(Growing& object, const Value& key) {
    if (const auto place = find(object, key)) {
        const Register below = object.values[*place];
        const bool leads_on =
            below.is_reference() && kind_of(below) == Kind::kObject && !growing(below).is_whole;
        if (!leads_on) {
            put_conflict();
            return nullptr;
        }
        growing(below).is_frozen = false;
        return &growing(below);
    }
    Register below;
    make_growing(below, Kind::kObject);
    add_key(object, key);
    object.values.push_back(below);
    object.has_growing_values = true;
    count_elements(object);
    return &growing(below);
}

void Machine::put_value(Growing& object, const Value& key, const Value& value) {
    const auto place = find(object, key);
    if (!place) {
        add_key(object, key);
        object.values.emplace_back(value);
        count_elements(object);
        return;
    }
    const Register held = object.values[*place];
    if (freeze(held) != value) return put_conflict();
    if (held.is_reference()) growing(held).is_whole = true;
}

void Machine::put_element(Growing& object, const Value& key, const Value& element) {
    auto place = find(object, key);
    if (!place) {
        Register made;
        make_growing(made, Kind::kSet);
        place = object.keys.size();
        add_key(object, key);
        object.values.push_back(made);
        count_elements(object);
    }
    Growing* const set = grow(object.values[*place], Kind::kSet);
    if (set == nullptr) return put_conflict();
    object.has_growing_values = true;
    if (find(*set, element)) return;
    add_key(*set, element);
    count_elements(*set);
}

constexpr Kind kGroups[] = {Kind::kArray, Kind::kSet, Kind::kObject};

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
        make_growing(group, kGroups[instruction.count]);
        place = object->keys.size();
        add_key(*object, key);
        object->values.push_back(group);
        object->has_growing_values = true;
        count_elements(*object);
    }
    Growing& group = growing(object->values[*place]);
    group.is_frozen = false;
    if (instruction.count == 0) {
        group.keys.push_back(added);
    } else if (instruction.count == 2) {
        gather_entry(group, added);
    } else if (!find(group, added)) {
        add_key(group, added);
    }
    count_elements(group);
    return true;
}

void Machine::gather_entry(Growing& group, const Value& pair) {
    const Value& key = pair.items()[0];
    const Value& value = pair.items()[1];
    const auto place = find(group, key);
    if (!place) {
        add_key(group, key);
        group.values.emplace_back(value);
    } else if (freeze(group.values[*place]) != value) {
        fail(ErrorKind::kConflict, "object keys must be unique");
    }
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

// Of operands that are all there: what the compiler knows the size of need not grow.
bool Machine::collect(const Instruction& instruction) {
    operands_.clear();
    for (std::size_t i = 0; i < instruction.count; ++i) {
        Value held;
        const Value* const part = look(program_.lists[instruction.b + i], held);
        if (part == nullptr) return false;
        operands_.push_back(*part);
    }
    Value made;
    if (instruction.opcode == Opcode::kArrayOf) {
        made = builder_.array(operands_);
    } else if (instruction.opcode == Opcode::kSetOf) {
        made = builder_.set(operands_);
    } else {
        made = builder_.object_like(program_.constants[instruction.c & ~kConstantBit], operands_);
    }
    at(instruction.a) = made;
    check_memory();
    return true;
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
    return builder_.object(entries);
}

bool Machine::merge(const Instruction& instruction) {
    Value held_left;
    Value held_right;
    const Value* left = look(instruction.b, held_left);
    const Value* right = look(instruction.c, held_right);
    if (left == nullptr || right == nullptr) return false;
    Value base = *left;
    // All of `data` is shown without what the engine keeps there for itself.
    if (const std::string system = "system";
        instruction.count == 1 && base.is_object() && base.find(system) != nullptr) {
        base = without(base, std::span(&system, 1), builder_);
    }
    const Value made = merged(base, *right);
    at(instruction.a) = made;
    check_memory();
    return true;
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
    return builder_.object(entries);
}

}  // namespace merlon::rego
