#include <algorithm>

#include "rego/compiler/emitter.h"
#include "rego/syntax/print.h"

// Rules that a value chooses.
//
// The idea: of a hundred rules `allow if { input.kind == "…"; … }` one can hold. Where enough rules
// of a document ask for the same part of the input (or the same argument) to be a constant, its
// value is looked up once, and only the rules that ask for that value or for none are evaluated, in
// their order. What a rule asks for is still asked inside of it. OPA's index leaves out the same
// rules, so an error in one of them is not met there either.

namespace merlon::rego::compiler {
namespace {

// As few are quicker asked one after the other.
constexpr std::size_t kChosenFrom = 4;
constexpr std::size_t kMostPlaces = 1'000'000;

bool is_path_from_input(const Term& term) {
    if (term.kind != TermKind::kReference || term.terms.size() < 2) return false;
    if (!syntax::is_variable(*term.terms[0], "input")) return false;
    return std::ranges::all_of(term.terms.subspan(1),
                               [](const Term* step) { return step->kind == TermKind::kString; });
}

bool is_comparison(const Expression& expression) {
    return !expression.is_negated && expression.with.empty() && expression.terms.size() == 3 &&
           (is_equality(expression) || is_call_of(expression, "equal"));
}

}  // namespace

std::vector<Emitter::Question> Emitter::questions_of(const syntax::Rule& rule) {
    std::vector<Question> found;
    if (rule.is_default || rule.otherwise != nullptr) return found;
    const auto arguments = rule.head->arguments;
    const auto ask_argument = [&](std::size_t place, const Term& answer) {
        found.push_back({"argument " + std::to_string(place), nullptr, place, &answer});
    };
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (is_scalar(*arguments[i])) ask_argument(i, *arguments[i]);
    }
    for (const Expression* one : rule.body) {
        if (!is_comparison(*one)) continue;
        for (std::size_t side = 1; side < 3; ++side) {
            const Term& asked = *one->terms[side];
            const Term& answer = *one->terms[3 - side];
            if (!is_scalar(answer)) continue;
            if (is_path_from_input(asked)) {
                found.push_back({syntax::to_text(asked), &asked, 0, &answer});
            } else if (asked.kind == TermKind::kVariable) {
                for (std::size_t i = 0; i < arguments.size(); ++i) {
                    const Term& argument = *arguments[i];
                    const bool is_it =
                        argument.kind == TermKind::kVariable && argument.text == asked.text;
                    if (is_it) ask_argument(i, answer);
                }
            }
        }
    }
    return found;
}

void Emitter::emit_alternatives(std::span<const PlacedRule> rules, const EmitRule& emit_one) {
    std::map<std::string, std::size_t> asked;
    for (const PlacedRule& placed : rules) {
        for (const Question& question : questions_of(*placed.rule)) ++asked[question.asked];
    }
    const auto most =
        std::ranges::max_element(asked, {}, [](const auto& entry) { return entry.second; });
    const std::size_t unasked =
        most == asked.end() ? 0 : rules.size() - std::min(rules.size(), most->second);
    // Rules that ask for no value stand in the list of each.
    const bool is_worth_it =
        most != asked.end() && most->second >= kChosenFrom && unasked * most->second <= kMostPlaces;
    if (is_worth_it) {
        for (const PlacedRule& placed : rules) {
            for (const Question& question : questions_of(*placed.rule)) {
                if (question.asked == most->first) return emit_choice(rules, question, emit_one);
            }
        }
    }
    for (const PlacedRule& placed : rules) {
        file_ = placed.file;
        if (!placed.rule->is_default) emit_one(placed);
    }
}

void Emitter::emit_choice(std::span<const PlacedRule> rules, const Question& question,
                          const EmitRule& emit_one) {
    // In the order of the rules: one that asks for no value is in every list from there on.
    Choice choice;
    std::vector<Label> starts;
    for (const PlacedRule& placed : rules) {
        starts.push_back(code_.new_label());
        if (placed.rule->is_default) continue;
        const auto questions = questions_of(*placed.rule);
        const auto found = std::ranges::find(questions, question.asked, &Question::asked);
        const auto answer = found == questions.end() ? std::nullopt : constant_of(*found->answer);
        if (answer) {
            choice.by_value.try_emplace(*answer, choice.otherwise)
                .first->second.push_back(starts.back());
            continue;
        }
        for (auto& [value, places] : choice.by_value) places.push_back(starts.back());
        choice.otherwise.push_back(starts.back());
    }
    const Operand asked = code_.new_register();
    if (question.path == nullptr) {
        const auto argument = static_cast<Operand>(2 + question.argument);
        code_.emit({.opcode = Opcode::kMove, .a = asked, .b = argument});
    } else {
        const Label undefined = code_.new_label();
        code_.emit({.opcode = Opcode::kReset, .a = asked});
        const Scope scope = enter(undefined);
        code_.emit({.opcode = Opcode::kMove, .a = asked, .b = reference(*question.path)});
        leave(scope);
        code_.bind(undefined);
    }
    const std::uint32_t iterator = code_.new_iterator();
    ++open_choices_;
    Program& program = code_.program();
    code_.emit({.opcode = Opcode::kChoose,
                .a = iterator,
                .b = asked,
                .c = static_cast<std::uint32_t>(program.choices.size())});
    program.choices.push_back(std::move(choice));
    const Label next = code_.new_label();
    const Label end = code_.new_label();
    code_.bind(next);
    code_.emit({.opcode = Opcode::kNextChoice, .a = iterator}, end);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (rules[i].rule->is_default) continue;
        file_ = rules[i].file;
        code_.bind(starts[i]);
        emit_one(rules[i]);
        code_.jump(next);
    }
    code_.bind(end);
    code_.close_iterators(iterator);
    --open_choices_;
}

}  // namespace merlon::rego::compiler
