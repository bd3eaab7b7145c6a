// What OPA says below a conflict: the values that differ, and the rules that gave them.
//
// The idea: an evaluation ends at its first conflict, which knows of two values. Once there is one,
// the rules are evaluated again, to no other end than to gather what each of them gives.

#include <algorithm>
#include <tuple>

#include "rego/term.h"
#include "rego/watch/watcher.h"

namespace merlon::rego::watch {
namespace {

using value::Value;

constexpr std::size_t kMostConflicts = 10;

}  // namespace

// The first value, and those that differ from it; false where nothing more is wanted of the rule.
bool Watcher::Conflicts::add(const RuleSteps& rule, const Value& value) {
    if (!values.empty() && values[0].second == value) return true;
    if (values.size() == kMostConflicts) {
        has_more = true;
        return false;
    }
    values.emplace_back(&rule, value);
    return values.size() == 1;
}

// `flow` ended the rule; where it was a conflict of its own, the error lists what conflicts.
Watcher::Flow Watcher::with_conflicts(Flow flow, const RuleSteps& rule,
                                      const Candidates& candidates, const GatherRule& gather) {
    const syntax::Location* const place = rule.source->location;
    const bool is_own = error_ && error_->kind == ErrorKind::kConflict && place != nullptr &&
                        conflict_place_ == place;
    if (!is_own || is_partial()) return flow;
    EvaluationError error = std::move(*error_);
    Stack stack = std::move(stack_);
    error_.reset();
    conflict_place_ = nullptr;
    const bool has_strict_error = strict_error_.has_value();
    Conflicts found;
    for (const auto& chain : candidates.chains) {
        for (const RuleSteps* one : chain) {
            const std::size_t before = found.produced;
            gather(*one, found);
            if (error_ || found.produced > before) break;
        }
        if (error_ || found.has_more) break;
    }
    // Errors of built-ins were told before, or would not have come.
    if (!has_strict_error) strict_error_.reset();
    // What depends on chance may not conflict again.
    if (found.values.size() > 1) {
        const auto& files = library_.prepared().files;
        std::ranges::stable_sort(found.values, {}, [&files](const auto& one) {
            const syntax::Location& at = *one.first->source->location;
            return std::tuple(std::string_view(files[one.first->file]), at.row, at.column);
        });
        error.message += ':';
        for (const auto& [from, value] : found.values) {
            error.message += "\n  " + frame_text(term_text(value)) + " at " + files[from->file] +
                             ":" + std::to_string(from->source->location->row);
        }
        if (found.has_more) error.message += "\n  ...";
    }
    error_ = std::move(error);
    stack_ = std::move(stack);
    return flow;
}

void Watcher::gather_value(Frame& inside, const RuleSteps& rule, Conflicts& found) {
    static constexpr Exit kEnough{Exit::Kind::kError, nullptr};
    expression(inside, [&](Frame& solution) -> Flow {
        tell(solution, Operation::kExit, rule);
        ++found.produced;
        const Value* const value = maker_.plugged_value(rule.value, solution.bindings);
        if (value != nullptr && !found.add(rule, *value)) return &kEnough;
        tell(solution, Operation::kRedo, rule);
        return nullptr;
    });
}

Watcher::Flow Watcher::conflict(const Frame& frame, const RuleSteps& rule, std::string message) {
    conflict_place_ = rule.source->location;
    return fail(frame, ErrorKind::kConflict, std::move(message), rule.source->location);
}

}  // namespace merlon::rego::watch
