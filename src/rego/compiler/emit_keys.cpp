#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "rego/compiler/emitter.h"

// Rules that are asked for one key.
//
// The idea: `valid[input.id]` asks for one element, and most bodies look for it quickly once they
// know it. For each set of steps that callers know, a rule gets a function whose arguments are
// those keys; they are matched with the keys of the head before the body, as arguments of functions
// are. What it gives is a part of the document, from which the reference goes on. The whole of it
// is evaluated where the first step is not known, and where the machine finds that to be quicker
// (machine_keys.cpp), which it may where nobody can tell.
//
// Standard: OPA's evaluator, which looks at the keys in this way (and so never meets a conflict, an
// error or a request that belongs to another key).

namespace merlon::rego::compiler {
namespace {

constexpr std::size_t kMostKeys = 16;

// The key at a place behind the rule's own; null where it has none there.
const Term* key_at(const syntax::Head& head, std::size_t place) {
    if (place < head.reference.size()) return head.reference[place];
    return place == head.reference.size() && is_multi_value(head) ? head.key : nullptr;
}

bool is_variable_or_scalar(const Term& term) {
    return term.kind == TermKind::kVariable || is_scalar(term);
}

// Takes what is known of the first step off.
std::string_view take_first(std::string_view& known) {
    std::size_t depth = 0;
    std::size_t size = 0;
    do {
        const char c = known[size++];
        depth += c == '[' ? 1 : 0;
        depth -= c == ']' ? 1 : 0;
    } while (depth > 0);
    const std::string_view first = known.substr(0, size);
    known.remove_prefix(size);
    return first;
}

// Of each element of an array that is known in part.
std::vector<std::string_view> elements_of(std::string_view known) {
    std::vector<std::string_view> elements;
    for (std::string_view rest = known.substr(1, known.size() - 2); !rest.empty();) {
        elements.push_back(take_first(rest));
    }
    return elements;
}

Operand arguments_of(std::string_view known) {
    return static_cast<Operand>(std::ranges::count(known, '.'));
}

}  // namespace

// Nothing where the whole document has to be asked for.
std::optional<Operand> Emitter::call_by_key(RuleNode& node, Terms steps) {
    const std::size_t longest = std::min(node.longest_key(), kMostKeys);
    if (steps.empty() || longest == 0) return std::nullopt;
    // References inside of steps stand before the whole in OPA, and have an order of their own.
    while (evaluate_inside(*steps[0])) continue;
    KnownKeys known;
    std::vector<const Term*> parts;
    add_known(*steps[0], known, parts);
    if (parts.empty()) return std::nullopt;
    for (const Term* step : steps.subspan(1)) {
        while (evaluate_inside(*step)) continue;
    }
    for (const Term* step : steps.first(std::min(steps.size(), longest)).subspan(1)) {
        add_known(*step, known, parts);
    }
    while (known.ends_with('?')) known.pop_back();
    std::vector<Operand> arguments{0, 1};
    for (const Term* part : parts) {
        arguments.push_back(term(*part));
        // The reference that goes on from there does not make it once more.
        if (!is_variable_or_scalar(*part)) evaluated_.emplace_back(part, arguments.back());
    }
    const Operand result = code_.new_register();
    const auto count = static_cast<std::uint16_t>(arguments.size());
    // Behind them the loop that the question stands in: how many more may come.
    const std::uint32_t loops = code_.open_iterators();
    arguments.push_back(loops > 0 ? loops - 1 : kNoIterator);
    code_.emit({.opcode = Opcode::kCallByKey,
                .count = count,
                .a = keyed_function_of(node, known),
                .b = code_.list(arguments),
                .c = result});
    return result;
}

// A part of an array is known, and none of a set or of an object: OPA unifies those when all of
// their elements or keys are known.
void Emitter::add_known(const Term& step, KnownKeys& known, std::vector<const Term*>& parts) const {
    if (!is_open(step)) {
        known += '.';
        parts.push_back(&step);
        return;
    }
    const std::size_t before = known.size();
    const std::size_t parts_before = parts.size();
    if (step.kind == TermKind::kArray) {
        known += '[';
        for (const Term* element : step.terms) add_known(*element, known, parts);
        known += ']';
    }
    if (parts.size() > parts_before) return;
    known.resize(before);
    known += '?';
}

std::uint32_t Emitter::keyed_function_of(RuleNode& node, const KnownKeys& known) {
    const auto found = keyed_.find({&node, known});
    if (found != keyed_.end()) return found->second;
    const std::uint32_t whole = function_of(node);
    Program& program = code_.program();
    const auto number = static_cast<std::uint32_t>(program.functions.size());
    Function& function = program.functions.emplace_back();
    function.name = program.functions[whole].name;
    function.whole = whole;
    for (std::uint32_t i = 0; i < 2 + arguments_of(known); ++i) function.parameters.push_back(i);
    function.is_asked_by_parts = known.starts_with('[');
    keyed_[{&node, known}] = number;
    pending_keyed_.emplace_back(&node, known);
    return number;
}

void Emitter::emit_keyed(RuleNode& node, const KnownKeys& known) {
    const std::uint32_t number = keyed_.at({&node, known});
    Program& program = code_.program();
    program.functions[number].entry = static_cast<std::uint32_t>(code_.size());
    const auto parameters = static_cast<std::uint32_t>(program.functions[number].parameters.size());
    code_.begin_function(parameters);
    is_in_function_ = true;
    asked_keys_ = known;
    asked_depth_ = node.path().size() + 1;
    has_matched_less_ = false;
    const std::vector<PlacedRule> rules = node.all_rules();
    file_ = rules[0].file;
    code_.set_place(file_, rules[0].rule->head->location);
    const Operand result = code_.new_register();
    emit_entries(node, result);
    // OPA asks again for what was not there.
    const Label nothing = code_.new_label();
    const Operand length = code_.new_register();
    code_.emit({.opcode = Opcode::kLength, .a = length, .b = result});
    code_.emit({.opcode = Opcode::kNotEqual, .a = length, .b = code_.integer(0)}, nothing);
    code_.emit({.opcode = Opcode::kReturn, .a = result});
    code_.bind(nothing);
    code_.emit({.opcode = Opcode::kReturnUndefined});
    asked_keys_.clear();
    is_in_function_ = false;
    Function& function = program.functions[number];
    function.may_be_whole = !has_matched_less_;
    code_.end_function(function);
}

// Matches the keys that were asked for with those of the head. What is no name or scalar in a
// reference has a name in OPA, which the end of the body makes equal to it: see check_keys.
void Emitter::take_keys(const syntax::Rule& rule) {
    Operand argument = 2;
    std::size_t place = asked_depth_;
    for (std::string_view rest = asked_keys_; !rest.empty(); ++place) {
        const std::string_view known = take_first(rest);
        const Term* const key = key_at(*rule.head, place);
        const bool is_named =
            key != nullptr && place < rule.head->reference.size() && !is_variable_or_scalar(*key);
        if (key != nullptr && !is_named) take_parts(argument, known, *key);
        argument += arguments_of(known);
    }
}

// The same with as much of the key as is known. A variable that the body binds is looked at there.
void Emitter::take_parts(Operand argument, std::string_view known, const Term& pattern) {
    if (known == "?") return;
    if (known == ".") return take_key(argument, pattern);
    if (!is_open(pattern)) return check_parts(argument, known, term(pattern));
    if (pattern.kind == TermKind::kVariable) {
        awaited_.push_back({pattern.text, argument, known});
        return;
    }
    const std::vector<std::string_view> elements = elements_of(known);
    if (pattern.kind != TermKind::kArray || pattern.terms.size() != elements.size()) {
        return code_.jump(code_.fail());
    }
    for (std::size_t i = 0; i < elements.size(); ++i) {
        take_parts(argument, elements[i], *pattern.terms[i]);
        argument += arguments_of(elements[i]);
    }
}

void Emitter::check_parts(Operand argument, std::string_view known, Operand value) {
    if (known == "?") return;
    if (known == ".") {
        code_.emit({.opcode = Opcode::kEqual, .a = argument, .b = value});
        return;
    }
    const std::vector<std::string_view> elements = elements_of(known);
    code_.emit({.opcode = Opcode::kIsArray, .a = value});
    const Operand length = code_.new_register();
    code_.emit({.opcode = Opcode::kLength, .a = length, .b = value});
    code_.emit({.opcode = Opcode::kEqual,
                .a = length,
                .b = code_.integer(static_cast<std::int64_t>(elements.size()))});
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (elements[i] == "?") continue;
        const Operand element = code_.new_register();
        code_.emit({.opcode = Opcode::kDot,
                    .a = element,
                    .b = value,
                    .c = code_.integer(static_cast<std::int64_t>(i))});
        check_parts(argument, elements[i], element);
        argument += arguments_of(elements[i]);
    }
}

// As OPA unifies: from left to right, and never with a set or an object whose elements or keys are
// not known yet, although the whole has them.
void Emitter::take_key(Operand operand, const Term& pattern) {
    if (!is_open(pattern) || pattern.kind == TermKind::kVariable) {
        return unify_operand(operand, pattern);
    }
    const bool is_array = pattern.kind == TermKind::kArray;
    bool is_matched = is_array || pattern.kind == TermKind::kObject;
    for (std::size_t i = 0; !is_array && is_matched && i < pattern.terms.size(); i += 2) {
        is_matched = !is_open(*pattern.terms[i]);
    }
    if (!is_matched) {
        has_matched_less_ = true;
        return code_.jump(code_.fail());
    }
    const std::size_t step = is_array ? 1 : 2;
    code_.emit({.opcode = is_array ? Opcode::kIsArray : Opcode::kIsObject, .a = operand});
    const Operand length = code_.new_register();
    code_.emit({.opcode = Opcode::kLength, .a = length, .b = operand});
    code_.emit({.opcode = Opcode::kEqual,
                .a = length,
                .b = code_.integer(static_cast<std::int64_t>(pattern.terms.size() / step))});
    for (std::size_t i = 0; i < pattern.terms.size(); i += step) {
        const Operand key =
            is_array ? code_.integer(static_cast<std::int64_t>(i)) : term(*pattern.terms[i]);
        const Operand element = code_.new_register();
        code_.emit({.opcode = Opcode::kDot, .a = element, .b = operand, .c = key});
        take_key(element, *pattern.terms[i + step - 1]);
    }
}

void Emitter::check_keys(const syntax::Rule& rule, std::span<const Operand> keys) {
    Operand argument = 2;
    std::size_t i = 0;
    for (std::string_view rest = asked_keys_; !rest.empty(); ++i) {
        const std::string_view known = take_first(rest);
        const bool is_named =
            i < keys.size() && !is_variable_or_scalar(*rule.head->reference[asked_depth_ + i]);
        if (is_named) check_parts(argument, known, keys[i]);
        argument += arguments_of(known);
    }
}

// Which of the functions there are is known at the end.
void Emitter::finish_keyed() {
    if (keyed_.empty()) return;
    Program& program = code_.program();
    for (const auto& [rule, number] : keyed_) {
        const auto& [node, known] = rule;
        std::vector<std::uint32_t> shorter;
        for (std::string_view rest = known; !rest.empty();) {
            const std::string_view step = take_first(rest);
            if (rest.empty()) {
                shorter.resize(arguments_of(known) - 1, kNoFunction);
            } else if (step == ".") {
                const auto found = keyed_.find({node, known.substr(0, known.size() - rest.size())});
                shorter.push_back(found == keyed_.end() ? kNoFunction : found->second);
            } else {
                shorter.resize(shorter.size() + arguments_of(step), kNoFunction);
            }
        }
        program.functions[number].shorter = code_.list(shorter);
    }
}

}  // namespace merlon::rego::compiler
