#include "rego/compiler/keeping.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <vector>

namespace merlon::rego::compiler {
namespace {

bool is_seen_outside(std::string_view builtin) {
    constexpr std::string_view kNames[] = {"http.send", "internal.print", "net.lookup_ip_addr",
                                           "trace"};
    return std::ranges::find(kNames, builtin) != std::end(kNames);
}

// What calls what: functions by their numbers, and behind them the built-ins.
class Calls {
  public:
    explicit Calls(const Program& program)
        : program_(program), callers_(program.functions.size() + program.builtins.size()) {
        for (std::size_t i = 0; i < program.functions.size(); ++i) {
            parts_.push_back({.begin = program.functions[i].entry, .function = i});
        }
        for (const Function& plan : program.plans) parts_.push_back({.begin = plan.entry});
        std::ranges::sort(parts_, {}, &Part::begin);
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            Part& part = parts_[i];
            part.end = i + 1 < parts_.size() ? parts_[i + 1].begin : program.code.size();
            for (std::size_t at = part.begin; at < part.end; ++at) {
                read(program.code[at], part.function);
            }
        }
    }

    // Functions that may come to a built-in that is seen outside.
    std::vector<bool> seen_outside() const {
        std::vector<bool> seen(callers_.size());
        std::vector<std::size_t> open;
        const auto mark = [&](std::size_t one) {
            if (seen[one]) return;
            seen[one] = true;
            open.push_back(one);
        };
        for (std::size_t i = 0; i < program_.builtins.size(); ++i) {
            if (is_seen_outside(program_.builtins[i].name)) mark(program_.functions.size() + i);
        }
        if (!open.empty()) {
            // Whom they call is known only when they run.
            for (const std::size_t caller : dynamic_) mark(caller);
        }
        while (!open.empty()) {
            const std::size_t one = open.back();
            open.pop_back();
            for (const std::size_t caller : callers_[one]) mark(caller);
        }
        return seen;
    }

    // Functions that call functions with arguments in several places, or in a loop.
    std::vector<bool> calling_often() const {
        std::vector<bool> often(program_.functions.size());
        for (const Part& part : parts_) {
            if (part.function == kPlan) continue;
            std::size_t calls = 0;
            bool has_loop = false;
            for (std::size_t at = part.begin; at < part.end; ++at) {
                const Instruction& instruction = program_.code[at];
                has_loop = has_loop || instruction.opcode == Opcode::kScan;
                const bool calls_function = instruction.opcode == Opcode::kCall &&
                                            !program_.functions[instruction.a].is_rule;
                if (calls_function) calls += has_loop ? 2 : 1;
            }
            often[part.function] = calls > 1;
        }
        return often;
    }

  private:
    static constexpr std::size_t kPlan = SIZE_MAX;
    struct Part {
        std::size_t begin = 0;
        std::size_t end = 0;
        std::size_t function = kPlan;
    };

    void read(const Instruction& instruction, std::size_t caller) {
        if (instruction.opcode == Opcode::kPushReplacement) {
            // Whoever calls the one calls the other.
            const std::size_t target =
                (instruction.a & kBuiltinBit) != 0
                    ? program_.functions.size() + (instruction.a & ~kBuiltinBit)
                    : instruction.a;
            if (instruction.count == kReplacedByFunction) {
                callers_[instruction.b].push_back(target);
            } else if (instruction.count == kReplacedByBuiltin) {
                callers_[program_.functions.size() + instruction.b].push_back(target);
            }
            return;
        }
        if (caller == kPlan) return;
        if (instruction.opcode == Opcode::kCall || instruction.opcode == Opcode::kCallByKey) {
            callers_[instruction.a].push_back(caller);
        } else if (instruction.opcode == Opcode::kCallBuiltin) {
            callers_[program_.functions.size() + instruction.a].push_back(caller);
        } else if (instruction.opcode == Opcode::kCallDynamic) {
            dynamic_.push_back(caller);
        }
    }

    const Program& program_;
    std::vector<std::vector<std::size_t>> callers_;
    std::vector<std::size_t> dynamic_;
    std::vector<Part> parts_;  // of the code, in its order
};

}  // namespace

void decide_keeping(Program& program) {
    const Calls calls(program);
    const std::vector<bool> seen = calls.seen_outside();
    const std::vector<bool> often = calls.calling_often();
    for (std::size_t i = 0; i < program.functions.size(); ++i) {
        Function& function = program.functions[i];
        if (function.whole != kNoFunction) {
            // What is asked for by key is kept by key. The whole may be evaluated in its place
            // where nobody can tell.
            function.may_be_whole = function.may_be_whole && !seen[function.whole];
            continue;
        }
        if (function.is_rule || function.is_attempt) continue;
        if (seen[i]) {
            function.keeping = Keeping::kAlways;
        } else if (often[i]) {
            function.keeping = Keeping::kWhileItHelps;
        }
    }
}

}  // namespace merlon::rego::compiler
