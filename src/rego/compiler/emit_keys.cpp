#include <algorithm>
#include <bit>
#include <climits>

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

constexpr std::size_t kMostKeys = CHAR_BIT * sizeof(std::uint16_t);

// The key at a place behind the rule's own; null where it has none there.
const Term* key_at(const syntax::Head& head, std::size_t place) {
    if (place < head.reference.size()) return head.reference[place];
    return place == head.reference.size() && is_multi_value(head) ? head.key : nullptr;
}

bool is_variable_or_scalar(const Term& term) {
    return term.kind == TermKind::kVariable || is_scalar(term);
}

}  // namespace

// Nothing where the whole document has to be asked for.
std::optional<Operand> Emitter::call_by_key(RuleNode& node, Terms steps) {
    const std::size_t longest = std::min(node.longest_key(), kMostKeys);
    if (steps.empty() || longest == 0) return std::nullopt;
    // References inside of steps stand before the whole in OPA, and have an order of their own.
    while (evaluate_inside(*steps[0])) continue;
    if (is_open(*steps[0])) return std::nullopt;
    for (const Term* step : steps.subspan(1)) {
        while (evaluate_inside(*step)) continue;
    }
    std::vector<Operand> arguments{0, 1};
    KnownKeys known = 0;
    for (std::size_t i = 0; i < std::min(steps.size(), longest); ++i) {
        if (is_open(*steps[i])) continue;
        arguments.push_back(term(*steps[i]));
        known = static_cast<KnownKeys>(known | 1U << i);
        // The reference that goes on from there does not make it once more.
        if (!is_variable_or_scalar(*steps[i])) {
            evaluated_.emplace_back(steps[i], arguments.back());
        }
    }
    const Operand result = code_.new_register();
    code_.emit({.opcode = Opcode::kCallByKey,
                .count = static_cast<std::uint16_t>(arguments.size()),
                .a = keyed_function_of(node, known),
                .b = code_.list(arguments),
                .c = result});
    return result;
}

std::uint32_t Emitter::keyed_function_of(RuleNode& node, KnownKeys known) {
    const auto found = keyed_.find({&node, known});
    if (found != keyed_.end()) return found->second;
    const std::uint32_t whole = function_of(node);
    Program& program = code_.program();
    const auto number = static_cast<std::uint32_t>(program.functions.size());
    Function& function = program.functions.emplace_back();
    function.name = program.functions[whole].name;
    function.whole = whole;
    for (std::size_t i = 0; i < 2 + static_cast<std::size_t>(std::popcount(known)); ++i) {
        function.parameters.push_back(static_cast<std::uint32_t>(i));
    }
    keyed_[{&node, known}] = number;
    pending_keyed_.emplace_back(&node, known);
    return number;
}

void Emitter::emit_keyed(RuleNode& node, KnownKeys known) {
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
    asked_keys_ = 0;
    is_in_function_ = false;
    Function& function = program.functions[number];
    function.may_be_whole = !has_matched_less_;
    code_.end_function(function);
}

// Matches the keys that were asked for with those of the head. What is no name or scalar in a
// reference has a name in OPA, which the end of the body makes equal to it: see check_keys.
void Emitter::take_keys(const syntax::Rule& rule) {
    Operand argument = 2;
    for (std::size_t i = 0; asked_keys_ >> i != 0; ++i) {
        if ((asked_keys_ >> i & 1U) == 0) continue;
        const std::size_t place = asked_depth_ + i;
        const Term* const key = key_at(*rule.head, place);
        const bool is_named =
            key != nullptr && place < rule.head->reference.size() && !is_variable_or_scalar(*key);
        if (key != nullptr && !is_named) take_key(argument, *key);
        ++argument;
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
    for (std::size_t i = 0; asked_keys_ >> i != 0; ++i) {
        if ((asked_keys_ >> i & 1U) == 0) continue;
        const bool is_named =
            i < keys.size() && !is_variable_or_scalar(*rule.head->reference[asked_depth_ + i]);
        if (is_named) code_.emit({.opcode = Opcode::kEqual, .a = argument, .b = keys[i]});
        ++argument;
    }
}

// Which of the functions there are is known at the end.
void Emitter::finish_keyed() {
    if (keyed_.empty()) return;
    Program& program = code_.program();
    for (const auto& [rule, number] : keyed_) {
        const auto [node, known] = rule;
        std::vector<std::uint32_t> shorter;
        KnownKeys part = 0;
        for (std::size_t i = 0; known >> i != 0; ++i) {
            if ((known >> i & 1U) == 0) continue;
            part = static_cast<KnownKeys>(part | 1U << i);
            if (part == known) break;
            const auto found = keyed_.find({node, part});
            shorter.push_back(found == keyed_.end() ? kNoFunction : found->second);
        }
        program.functions[number].shorter = code_.list(shorter);
    }
}

}  // namespace merlon::rego::compiler
