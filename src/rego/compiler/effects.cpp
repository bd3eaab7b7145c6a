#include "rego/compiler/effects.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "rego/compiler/declarations.h"

namespace merlon::rego::compiler {

std::vector<bool> functions_with_effects(const Program& program) {
    // Functions by their numbers, and behind them the built-ins.
    const std::size_t functions = program.functions.size();
    std::vector<std::vector<std::size_t>> callers(functions + program.builtins.size());
    std::vector<std::pair<std::size_t, std::size_t>> parts;  // where the code of each begins
    for (std::size_t i = 0; i < functions; ++i) parts.emplace_back(program.functions[i].entry, i);
    for (const Function& plan : program.plans) parts.emplace_back(plan.entry, functions);
    std::ranges::sort(parts);
    const auto number_of = [&](std::uint32_t called) {
        return (called & kBuiltinBit) != 0 ? functions + (called & ~kBuiltinBit) : called;
    };
    auto part = parts.begin();
    std::size_t caller = functions;
    for (std::size_t at = 0; at < program.code.size(); ++at) {
        for (; part != parts.end() && part->first <= at; ++part) caller = part->second;
        const Instruction& instruction = program.code[at];
        if (instruction.opcode == Opcode::kPushReplacement) {
            // Whoever calls the one calls the other.
            const std::size_t target = number_of(instruction.a);
            if (instruction.count == kReplacedByFunction) {
                callers[instruction.b].push_back(target);
            } else if (instruction.count == kReplacedByBuiltin) {
                callers[functions + instruction.b].push_back(target);
            }
        } else if (caller == functions) {
            continue;  // a plan, which nobody calls
        } else if (instruction.opcode == Opcode::kCall ||
                   instruction.opcode == Opcode::kCallByKey) {
            callers[instruction.a].push_back(caller);
        } else if (instruction.opcode == Opcode::kCallBuiltin) {
            callers[functions + instruction.a].push_back(caller);
        }
    }

    std::vector<bool> has_effects(callers.size());
    std::vector<std::size_t> open;
    const auto mark = [&](std::size_t one) {
        if (has_effects[one]) return;
        has_effects[one] = true;
        open.push_back(one);
    };
    for (std::size_t i = 0; i < program.builtins.size(); ++i) {
        const std::string& name = program.builtins[i].name;
        const bool is_seen = name == "internal.print" || name == "trace" ||
                             reach_of(name) == Reach::kNetwork || reach_of(name) == Reach::kChance;
        if (is_seen) mark(functions + i);
    }
    while (!open.empty()) {
        const std::size_t one = open.back();
        open.pop_back();
        for (const std::size_t other : callers[one]) mark(other);
    }
    has_effects.resize(functions);
    return has_effects;
}

}  // namespace merlon::rego::compiler
