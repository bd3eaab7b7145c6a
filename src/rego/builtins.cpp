#include "rego/builtins.h"

#include <algorithm>
#include <array>

#include "rego/number.h"
#include "rego/term.h"

namespace merlon::rego {
namespace {

using value::Value;

struct OperandClass {
    char letter;
    std::uint16_t kinds;  // a bit for each that fits
    std::array<std::string_view, 4> names;
};

constexpr std::uint16_t bits(std::initializer_list<value::Kind> kinds) {
    unsigned made = 0;
    for (const value::Kind kind : kinds) made |= 1U << static_cast<unsigned>(kind);
    return static_cast<std::uint16_t>(made);
}

using enum value::Kind;
constexpr OperandClass kOperandClasses[] = {
    {'s', bits({kString}), {"string"}},
    {'n', bits({kNumber}), {"number"}},
    {'i', bits({kNumber}), {"number"}},
    {'b', bits({kBoolean}), {"boolean"}},
    {'a', bits({kArray}), {"array"}},
    {'o', bits({kObject}), {"object"}},
    {'t', bits({kSet}), {"set"}},
    {'c', bits({kArray, kSet}), {"array", "set"}},
    {'d', bits({kArray, kSet}), {"set", "array"}},
    {'e', bits({kArray, kObject, kSet}), {"object", "set", "array"}},
    {'w', bits({kNumber, kSet}), {"number", "set"}},
    {'l', bits({kArray, kObject, kSet, kString}), {"array", "object", "set", "string"}},
    {'k', bits({kString, kArray}), {"string", "array"}},
    {'v', UINT16_MAX, {}},
};

std::span<const std::string_view> names_of(const OperandClass& one) {
    const auto end = std::ranges::find(one.names, std::string_view());
    return {one.names.begin(), end};
}

// The kinds that fit, by letter.
constexpr std::array<std::uint16_t, 128> make_fitting_kinds() {
    std::array<std::uint16_t, 128> kinds{};
    for (const OperandClass& one : kOperandClasses) {
        kinds[static_cast<std::size_t>(one.letter)] = one.kinds;
    }
    return kinds;
}
constexpr auto kFittingKinds = make_fitting_kinds();

std::string joined(std::span<const std::string_view> names) {
    std::string text;
    for (const std::string_view name : names) {
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

std::string kind_text(std::size_t operand, const Value& got,
                      std::span<const std::string_view> expected) {
    std::string text = "operand " + std::to_string(operand) + " must be ";
    text += expected.size() == 1 ? std::string(expected[0]) : "one of {" + joined(expected) + "}";
    return text + " but got " + std::string(kind_name(got));
}

}  // namespace

std::string_view code(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::kType:
            return "eval_type_error";
        case ErrorKind::kBuiltin:
            return "eval_builtin_error";
        case ErrorKind::kConflict:
            return "eval_conflict_error";
        case ErrorKind::kInternal:
            return "eval_internal_error";
        case ErrorKind::kMerge:
            return "eval_with_merge_error";
        case ErrorKind::kCancel:
            return "eval_cancel_error";
        case ErrorKind::kLimit:
            return "eval_limit_error";
    }
    return "eval_internal_error";
}

std::string_view kind_name(const Value& value) { return name(value.kind()); }

Outcome Context::wrong_kind(std::size_t operand, const Value& got,
                            std::initializer_list<std::string_view> expected) {
    return type_error(kind_text(operand, got, {expected.begin(), expected.size()}));
}

Outcome Context::wrong_element(std::size_t operand, const Value& composite, const Value& got,
                               std::initializer_list<std::string_view> expected) {
    const std::string kind(kind_name(composite));
    std::string text = "operand " + std::to_string(operand) + " must be " + kind + " of ";
    if (expected.size() == 1) {
        text += std::string(*expected.begin()) + "s";
    } else {
        text += "(any of) {" + joined({expected.begin(), expected.size()}) + "}";
    }
    return type_error(text + " but got " + kind + " containing " + std::string(kind_name(got)));
}

bool Context::spend(std::size_t steps) {
    constexpr std::uint64_t kStepsBetweenChecks = 1 << 12;
    if (steps > steps_left) {
        steps_left = 0;
        static_cast<void>(fail(ErrorKind::kLimit, "more work than an evaluation may take"));
        return false;
    }
    steps_left -= steps;
    steps_unchecked_ += steps;
    if (steps_unchecked_ < kStepsBetweenChecks) return true;
    steps_unchecked_ = 0;
    if (cancel != nullptr && cancel->cancelled()) {
        static_cast<void>(fail(ErrorKind::kCancel, "caller cancelled query execution"));
        return false;
    }
    if (builder.arena().bytes_used() > memory_bytes_limit) {
        static_cast<void>(
            fail(ErrorKind::kLimit,
                 "memory limit of " + std::to_string(memory_bytes_limit) + " bytes reached"));
        return false;
    }
    return true;
}

bool Context::can_write(const Value& value) {
    std::size_t bytes_left = kMaxTextBytes;
    if (is_written_within(value, bytes_left)) return spend((kMaxTextBytes - bytes_left) / 16);
    static_cast<void>(fail(ErrorKind::kLimit, "text is too large"));
    return false;
}

bool Context::is_text(std::size_t bytes) {
    if (bytes <= kMaxTextBytes) return true;
    static_cast<void>(fail(ErrorKind::kLimit, "text is too large"));
    return false;
}

Outcome Context::limited_string(std::string_view text) {
    if (!is_text(text.size())) return Outcome::error();
    return builder.string(text);
}

Outcome Context::take(Result<Value> result) {
    if (!result.ok()) return error(result.error().message);
    return result.value();
}

namespace {
// As many as a policy may reasonably have; beyond, the text of inputs is being compiled.
constexpr std::size_t kMaxExpressions = 1'000;
}  // namespace

const match::Regex* Context::regex(std::string_view pattern) {
    if (const auto found = expressions_.find(pattern); found != expressions_.end()) {
        return found->second.get();
    }
    auto compiled = match::Regex::compile(pattern);
    if (!compiled.ok()) {
        static_cast<void>(error(compiled.error().message));
        return nullptr;
    }
    if (expressions_.size() >= kMaxExpressions) expressions_.clear();
    auto kept = std::make_shared<const match::Regex>(std::move(compiled).value());
    return expressions_.emplace(pattern, std::move(kept)).first->second.get();
}

const GlobPattern* Context::known_glob(std::string_view key) const {
    const auto found = globs_.find(key);
    return found == globs_.end() ? nullptr : &found->second;
}

const GlobPattern* Context::keep_glob(std::string_view key, GlobPattern glob) {
    if (globs_.size() >= kMaxExpressions) globs_.clear();
    return &globs_.emplace(key, std::move(glob)).first->second;
}

const Zone* Context::zone(std::string_view name) {
    if (const auto found = zones_.find(name); found != zones_.end()) return &found->second;
    Zone zone;
    if (name != "Local") {
        auto loaded = Zone::load(name, world.zone_directory);
        if (!loaded.ok()) {
            static_cast<void>(error(loaded.error().message));
            return nullptr;
        }
        zone = std::move(loaded).value();
    }
    return &zones_.emplace(name, std::move(zone)).first->second;
}

void Context::reset() {
    // More than a policy has: of texts in inputs, which may never come again.
    constexpr std::size_t kKeptExpressions = 500;
    if (expressions_.size() > kKeptExpressions) expressions_.clear();
    if (globs_.size() > kKeptExpressions) globs_.clear();
    remembered.clear();
    steps_unchecked_ = 0;
    kind_ = ErrorKind::kBuiltin;
    text_.clear();
}

const Value* element_of(const Value& container, const Value& key) {
    if (container.is_object()) return container.find(key);
    if (container.is_array() && key.is_number()) {
        const auto place = key.as_integer();
        const bool is_there =
            place && *place >= 0 && static_cast<std::size_t>(*place) < container.size();
        return is_there ? &container.items()[static_cast<std::size_t>(*place)] : nullptr;
    }
    if (!container.is_set()) return nullptr;
    const auto items = container.items();
    constexpr std::size_t kSearchedFrom = 8;
    if (items.size() <= kSearchedFrom) {
        for (const Value& item : items) {
            if (item == key) return &item;
        }
        return nullptr;
    }
    const auto found = std::ranges::lower_bound(
        items, key, [](const Value& a, const Value& b) { return value::compare(a, b) < 0; });
    return found != items.end() && *found == key ? &*found : nullptr;
}

std::array<std::span<const Builtin>, 17> all_builtins() {
    return {basic_builtins(),   string_builtins(),  collection_builtins(), object_builtins(),
            pattern_builtins(), unit_builtins(),    encoding_builtins(),   network_builtins(),
            http_builtins(),    time_builtins(),    crypto_builtins(),     token_builtins(),
            aws_builtins(),     graphql_builtins(), language_builtins(),   schema_builtins(),
            x509_builtins()};
}

const Builtin* find_builtin(std::string_view name) {
    static const std::unordered_map<std::string_view, const Builtin*> kTable = [] {
        std::unordered_map<std::string_view, const Builtin*> table;
        for (const std::span<const Builtin> group : all_builtins()) {
            for (const Builtin& builtin : group) table.emplace(builtin.name, &builtin);
        }
        return table;
    }();
    const auto found = kTable.find(name);
    return found == kTable.end() ? nullptr : found->second;
}

Outcome call(const Builtin& builtin, Context& context, Operands operands) {
    if (operands.size() != builtin.operands.size()) {
        return context.fail(ErrorKind::kInternal, "wrong number of operands");
    }
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const char letter = builtin.operands[i];
        const unsigned fitting = kFittingKinds[static_cast<std::size_t>(letter)];
        if ((fitting >> static_cast<unsigned>(operands[i].kind()) & 1U) != 0) {
            if (letter != 'i' || written_integer(operands[i])) continue;
            return context.type_error("operand " + std::to_string(i + 1) +
                                      " must be integer number but got floating-point number");
        }
        const auto* const wanted =
            std::ranges::find(kOperandClasses, letter, &OperandClass::letter);
        return context.type_error(kind_text(i + 1, operands[i], names_of(*wanted)));
    }
    return builtin.function(context, operands);
}

}  // namespace merlon::rego
