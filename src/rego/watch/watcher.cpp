#include "rego/watch/watcher.h"

#include <cstdlib>

#include "rego/watch/saving.h"
#include "rego/watch/scope.h"

namespace merlon::rego::watch {

using value::Value;

namespace {

const char* stack_place() { return static_cast<const char*>(__builtin_frame_address(0)); }

}  // namespace

bool Watcher::PathOrder::operator()(const Path& left, const Path& right) const {
    const std::size_t common = std::min(left.size(), right.size());
    for (std::size_t i = 0; i < common; ++i) {
        const int order = value::compare(left[i], right[i]);
        if (order != 0) return order < 0;
    }
    return left.size() < right.size();
}

Watcher::~Watcher() = default;

Watcher::Watcher(Library& library, EventListener& listener, WatchOptions options)
    : library_(library), listener_(listener), options_(std::move(options)) {}

std::optional<EvaluationError> Watcher::run(std::size_t query, const std::optional<Value>& input,
                                            const Value& data) {
    Bindings bindings;
    saving_.reset();
    search(library_.query(query), input, data, bindings, [](Frame&) {});
    return error_;
}

void Watcher::search(const Block& block, const std::optional<Value>& input, const Value& data,
                     Bindings& bindings, FunctionView<void(Frame&)> found_one) {
    context_ = std::make_unique<Context>(values_, options_.world, options_.cancel);
    context_->memory_bytes_limit = options_.limits.memory_bytes;
    context_->steps_left = options_.limits.steps * 20;
    data_ = data;
    caches_.assign(1, {});
    targets_.clear();
    replacements_.assign(1, {});
    next_id_ = 0;
    steps_left_ = options_.limits.steps;
    stack_begin_ = stack_place();
    results_ = 0;
    error_.reset();
    stack_.clear();
    strict_error_.reset();
    strict_stack_.clear();

    Frame frame;
    frame.block = &block;
    frame.id = next_id_++;
    frame.bindings = &bindings;
    frame.input = input;
    // A query without expressions is one that was not prepared.
    if (block.steps.empty() && check(frame) != nullptr) return;
    tell(frame, Operation::kEnter, block);
    const Flow flow = expression(frame, [&](Frame& found) -> Flow {
        tell(found, Operation::kExit, block);
        ++results_;
        found_one(found);
        tell(found, Operation::kRedo, block);
        return nullptr;
    });
    static_cast<void>(flow);
    // What limits it is never silent.
    const bool is_limited = error_ && error_->kind == ErrorKind::kLimit;
    if (!strict_error_ || is_limited) return;
    error_ = std::move(strict_error_);
    stack_ = std::move(strict_stack_);
}

const Value* Watcher::known_result(std::span<const Value> path) const {
    if (caches_.empty()) return nullptr;
    const auto found = caches_.back().find(Path(path.begin(), path.end()));
    return found == caches_.back().end() || !found->second ? nullptr : &*found->second;
}

std::optional<Value>* Watcher::cached(const Path& path) {
    const auto found = caches_.back().find(path);
    return found == caches_.back().end() ? nullptr : &found->second;
}

void Watcher::keep(const Path& path, std::optional<Value> result) {
    caches_.back().insert_or_assign(path, std::move(result));
}

Watcher::Flow Watcher::fail(const Frame& frame, ErrorKind kind, std::string message,
                            const syntax::Location* place) {
    static constexpr Exit kStopped{Exit::Kind::kError, nullptr};
    if (!error_) error_ = error_at(frame, kind, std::move(message), place);
    return &kStopped;
}

EvaluationError Watcher::error_at(const Frame& frame, ErrorKind kind, std::string message,
                                  const syntax::Location* place) const {
    EvaluationError error;
    error.kind = kind;
    error.message = std::move(message);
    const auto& files = library_.prepared().files;
    if (frame.file < files.size()) error.file = files[frame.file];
    const syntax::Location* const location = place != nullptr ? place : frame.last_location;
    if (location != nullptr) {
        error.row = location->row;
        error.column = location->column;
    }
    return error;
}

Watcher::Flow Watcher::check(const Frame& frame) {
    if (options_.cancel != nullptr && options_.cancel->cancelled()) {
        return fail(frame, ErrorKind::kCancel, "caller cancelled query execution");
    }
    const std::ptrdiff_t used = stack_begin_ - stack_place();
    const bool is_too_deep =
        std::abs(used) > static_cast<std::ptrdiff_t>(options_.limits.stack_bytes);
    if (steps_left_ == 0 || is_too_deep) {
        return fail(frame, ErrorKind::kLimit,
                    steps_left_ == 0 ? "too many steps to show" : "calls are too deep to show");
    }
    --steps_left_;
    if (arena_.bytes_used() > options_.limits.memory_bytes || !values_.refusal().empty()) {
        return fail(
            frame, ErrorKind::kLimit,
            "memory limit of " + std::to_string(options_.limits.memory_bytes) + " bytes reached");
    }
    return nullptr;
}

// An event without a place has that of the one before.
void Watcher::tell(Frame& frame, Event event) {
    if (event.location == nullptr) {
        event.location = frame.last_location;
    } else {
        frame.last_location = event.location;
    }
    event.query = frame.id;
    event.parent = frame.parent;
    event.file = frame.file;
    event.bindings = frame.bindings;
    event.input = &frame.input;
    if (frame.finds_one && event.operation == Operation::kExit) event.message = "early";
    listener_.heard(event);
}

void Watcher::tell(Frame& frame, Operation operation, const Block& block) {
    tell(frame, {.operation = operation,
                 .location = block.steps.empty() ? nullptr : block.steps[0].source->location,
                 .block = &block});
}

void Watcher::tell(Frame& frame, Operation operation, const RuleSteps& rule) {
    tell(frame, {.operation = operation, .location = rule.source->location, .rule = &rule});
}

Watcher::Frame Watcher::closure(const Frame& frame, const Block& block) {
    Frame made = frame;
    made.block = &block;
    made.index = 0;
    made.id = next_id_++;
    made.parent = frame.id;
    made.outer = &frame;
    made.finds_one = false;
    made.is_defined = false;
    return made;
}

Watcher::Frame Watcher::child(const Frame& frame, const Block& block, Bindings& bindings,
                              std::uint32_t file) {
    Frame made = closure(frame, block);
    made.bindings = &bindings;
    bindings.set_id(made.id);
    made.file = file;
    return made;
}

Watcher::Flow Watcher::expression(Frame& frame, Solution solution) {
    if (frame.index >= frame.block->steps.size()) {
        const Flow flow = solution(frame);
        if (flow != nullptr && flow->kind != Exit::Kind::kError) {
            return make_exit(frame.finds_one ? Exit::Kind::kEarly : Exit::Kind::kDeferred, flow);
        }
        if (flow != nullptr) return flow;
        return frame.finds_one && !is_partial() ? early(nullptr) : nullptr;
    }
    if (const Flow stopped = check(frame)) return stopped;
    tell(frame, Operation::kEval, frame.step());
    const Flow flow =
        frame.step().with.empty() ? step(frame, solution, After::kNext) : with(frame, solution);
    // The innermost expression, whose own variables are known no longer.
    const bool is_error = flow != nullptr && flow->kind == Exit::Kind::kError && error_;
    if (is_error && stack_.empty()) stack_ = stack_of(frame);
    return flow;
}

Watcher::Flow Watcher::next(Frame& frame, Solution solution) {
    ++frame.index;
    const Flow flow = expression(frame, solution);
    --frame.index;
    return flow;
}

Watcher::Flow Watcher::go_on(Frame& frame, Solution solution, After after) {
    return after == After::kNext ? next(frame, solution) : solution(frame);
}

Watcher::Flow Watcher::step(Frame& frame, Solution solution, After after) {
    const Step& step = frame.step();
    if (step.is_negated && is_unknown(step, frame.bindings)) {
        return unknown_negation(frame, *step.complement, Negation::kWord, solution, after);
    }
    if (step.kind == StepKind::kNot && !step.is_negated && is_unknown(*step.left, frame.bindings)) {
        return unknown_negation(frame, *step.left, Negation::kBody, solution, after);
    }
    if (step.is_negated) {
        return negation(frame, [&](Frame& found) -> Flow { return go_on(found, solution, after); });
    }
    bool is_defined = false;
    const Flow flow = positive(frame, [&]() -> Flow {
        is_defined = true;
        const Flow rest = go_on(frame, solution, after);
        tell(frame, Operation::kRedo, step);
        return rest;
    });
    if (flow != nullptr) return flow;
    if (!is_defined) tell(frame, Operation::kFail, step);
    return nullptr;
}

Watcher::Flow Watcher::positive(Frame& frame, Then then) {
    const Step& step = frame.step();
    switch (step.kind) {
        case StepKind::kEquality:
            return unify(frame, {step.terms[0], frame.bindings}, {step.terms[1], frame.bindings},
                         then);
        case StepKind::kCall:
            if (step.callee == nullptr) return nullptr;
            return call(frame, *step.callee, step.terms, then);
        case StepKind::kTerm: {
            const std::string name =
                "$_term_" + std::to_string(frame.id) + "_" + std::to_string(frame.index);
            const Node* const value = maker_.variable(arena_.copy(std::string_view(name)));
            return unify(frame, {step.terms[0], frame.bindings}, {value, frame.bindings},
                         [&]() -> Flow {
                             if (is_kept({value, frame.bindings})) {
                                 return save_term(frame, {value, frame.bindings}, then);
                             }
                             const Value* const found = maker_.plugged_value(value, frame.bindings);
                             const bool is_false =
                                 found != nullptr && found->is_boolean() && !found->as_boolean();
                             return is_false ? nullptr : then();
                         });
        }
        case StepKind::kEvery:
            if (is_unknown(*step.terms[2], frame.bindings) ||
                is_unknown(*step.left, frame.bindings)) {
                return unknown_every(frame, then);
            }
            return every(frame, then);
        case StepKind::kNot:
            return negated_block(frame, then);
        case StepKind::kAnd: {
            if (is_unknown(*step.left, frame.bindings) || is_unknown(*step.right, frame.bindings)) {
                return save_plugged(frame, then);
            }
            for (const Block* const side : {step.left, step.right}) {
                bool holds = false;
                if (const Flow flow = operand_holds(frame, *side, holds)) return flow;
                if (!holds) return nullptr;
            }
            return then();
        }
        case StepKind::kOr: {
            if (is_unknown(*step.left, frame.bindings) || is_unknown(*step.right, frame.bindings)) {
                return save_plugged(frame, then);
            }
            for (const Block* const side : {step.left, step.right}) {
                bool holds = false;
                if (const Flow flow = operand_holds(frame, *side, holds)) return flow;
                if (holds) return then();
            }
            return nullptr;
        }
    }
    return nullptr;
}

Watcher::Flow Watcher::negation(Frame& frame, Solution solution) {
    const Block& block = *frame.step().complement;
    Frame inside = closure(frame, block);
    tell(inside, Operation::kEnter, block);
    const Flow flow = expression(inside, [&](Frame& /*found*/) -> Flow {
        tell(inside, Operation::kExit, block);
        tell(inside, Operation::kRedo, block);
        inside.is_defined = true;
        return nullptr;
    });
    if (flow != nullptr) return flow;
    if (!inside.is_defined) return solution(frame);
    tell(frame, Operation::kFail, frame.step());
    return nullptr;
}

Watcher::Flow Watcher::negated_block(Frame& frame, Then then) {
    const Block& block = *frame.step().left;
    Frame inside = closure(frame, block);
    tell(inside, Operation::kEnter, block);
    const Flow flow = expression(inside, [&](Frame& /*found*/) -> Flow {
        tell(inside, Operation::kExit, block);
        tell(inside, Operation::kRedo, block);
        inside.is_defined = true;
        return nullptr;
    });
    if (flow != nullptr) return flow;
    return inside.is_defined ? nullptr : then();
}

// One success is enough, and nothing that is bound inside is seen outside.
Watcher::Flow Watcher::operand_holds(Frame& frame, const Block& block, bool& holds) {
    Frame inside = closure(frame, block);
    inside.finds_one = true;
    tell(inside, Operation::kEnter, block);
    const Flow flow = suppressed(expression(inside, [&](Frame& /*found*/) -> Flow {
        tell(inside, Operation::kExit, block);
        tell(inside, Operation::kRedo, block);
        holds = true;
        return nullptr;
    }));
    return flow;
}

Watcher::Flow Watcher::every(Frame& frame, Then then) {
    const Step& step = frame.step();
    const Node* const domain = maker_.plug(step.terms[2], frame.bindings);
    if (!is_collection(*domain)) {
        tell(frame, Operation::kFail, step);
        return nullptr;
    }
    Frame outer = closure(frame, *step.generator);
    bool all_hold = true;
    tell(outer, Operation::kEnter, step);
    const Flow flow = expression(outer, [&](Frame& found) -> Flow {
        if (!all_hold) return nullptr;
        Frame inside = closure(found, *step.left);
        inside.finds_one = true;
        tell(inside, Operation::kEnter, *step.left);
        bool is_done = false;
        const Flow held = expression(inside, [&](Frame& /*one*/) -> Flow {
            tell(inside, Operation::kExit, *step.left);
            tell(inside, Operation::kRedo, *step.left);
            is_done = true;
            return nullptr;
        });
        if (!is_done) all_hold = false;
        tell(found, Operation::kRedo, step);
        return suppressed(held);
    });
    if (flow != nullptr) return flow;
    if (!all_hold) {
        tell(outer, Operation::kFail, step);
        return nullptr;
    }
    const Flow rest = then();
    tell(outer, Operation::kExit, step);
    return rest;
}

}  // namespace merlon::rego::watch
