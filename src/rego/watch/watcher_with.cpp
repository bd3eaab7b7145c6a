#include "rego/watch/gathering.h"
#include "rego/watch/saving.h"
#include "rego/watch/scope.h"

namespace merlon::rego::watch {

using value::Value;

// The document with `value` at `path`; what stands in the way and is no object is replaced.
Value Watcher::put(const std::optional<Value>& document, std::span<const Value> path,
                   const Value& value) {
    if (path.empty()) return value;
    std::vector<value::Builder::Entry> entries;
    std::optional<Value> below;
    if (document && document->is_object()) {
        for (std::size_t i = 0; i < document->size(); ++i) {
            if (document->keys()[i] == path[0]) {
                below = document->values()[i];
            } else {
                entries.emplace_back(document->keys()[i], document->values()[i]);
            }
        }
    }
    entries.emplace_back(path[0], put(below, path.subspan(1), value));
    return values_.object(entries);
}

bool Watcher::read_withs(Frame& frame, Scope& scope) {
    scope.input = frame.input;
    scope.data = frame.data;
    for (const WithNode& with : frame.step().with) {
        const Node* const value = maker_.plug(with.value, frame.bindings);
        if (with.target == Target::kFunction) {
            scope.replacements.push_back({with.function->name, with.replacement, value});
            if (with.function->rules == nullptr) continue;
            Path target;
            for (const syntax::Term* part : with.function->rules->path()) {
                target.push_back(part->constant);
            }
            scope.targets.push_back(std::move(target));
            continue;
        }
        Path path;
        for (const Node* part : with.path) {
            const Value* const step = maker_.plugged_value(part, frame.bindings);
            if (step == nullptr) return false;
            path.push_back(*step);
        }
        if (value->kind != NodeKind::kValue) return false;
        if (with.target == Target::kInput) {
            scope.input = put(scope.input, path, value->value);
        } else {
            scope.data = put(scope.data, path, value->value);
            scope.targets.push_back(std::move(path));
        }
    }
    return true;
}

void Watcher::open(Frame& frame, Scope& scope) {
    scope.input_before = frame.input;
    scope.data_before = frame.data;
    frame.input = scope.input;
    frame.data = scope.data;
    caches_.emplace_back();
    if (frame.gathering == nullptr) frame.gathering = std::make_shared<Gathering>();
    frame.gathering->scopes.emplace_back();
    targets_.push_back(scope.targets);
    replacements_.back().push_back(scope.replacements);
    if (is_partial()) saving_->inlining.push(scope.kept, Inlining::Origin::kWith);
}

void Watcher::close(Frame& frame, Scope& scope) {
    frame.input = scope.input_before;
    frame.data = scope.data_before;
    caches_.pop_back();
    frame.gathering->scopes.pop_back();
    targets_.pop_back();
    replacements_.back().pop_back();
    if (is_partial()) saving_->inlining.pop();
}

// What comes behind the expression sees the documents as they were.
Watcher::Flow Watcher::with(Frame& frame, Solution solution) {
    Scope scope;
    if (is_partial() && with_keeps(frame, scope.kept)) {
        return save_step(frame, [&]() -> Flow { return next(frame, solution); });
    }
    if (!read_withs(frame, scope)) return nullptr;
    open(frame, scope);
    const Flow flow = step(
        frame,
        [&](Frame& found) -> Flow {
            close(found, scope);
            const Flow rest = next(found, solution);
            open(found, scope);
            return rest;
        },
        After::kReturn);
    close(frame, scope);
    return flow;
}

const Watcher::Replacement* Watcher::replacement(std::string_view name) const {
    const auto& scopes = replacements_.back();
    for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
        for (auto one = scope->rbegin(); one != scope->rend(); ++one) {
            if (one->name == name) return &*one;
        }
    }
    return nullptr;
}

}  // namespace merlon::rego::watch
