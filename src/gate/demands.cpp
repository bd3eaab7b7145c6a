#include "gate/demands.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/arena.h"
#include "base/interner.h"
#include "gate/ready.h"
#include "rego/syntax/parser.h"
#include "rego/syntax/walk.h"

namespace merlon::gate {
namespace {

namespace syntax = rego::syntax;

constexpr std::array<Demand, 8> kDemands{{
    {"approvals", "approvals"},
    {"registered-requester", "approvals"},
    {"approval-age", "approvals"},
    {"branches", "environment"},
    {"wait", "environment"},
    {"windows", "environment"},
    {"freezes", "environment"},
    {"exclusive", "environment"},
}};

using Path = std::vector<std::string_view>;

// Gathers what a module reads of `input`; an empty path: all of it.
class InputUse {
  public:
    void read(const syntax::Module& module) {
        for (syntax::Import* const import : module.imports) syntax::walk(*import->path, *this);
        for (syntax::Rule* const rule : module.rules) {
            // Heads' own references are not visited.
            for (syntax::Rule* part = rule; part != nullptr; part = part->otherwise)
                for (syntax::Term* const term : part->head->reference) syntax::walk(*term, *this);
            syntax::walk(*rule, *this);
        }
    }

    bool reads(const Path& wanted) const {
        return std::ranges::any_of(paths_, [&](const Path& path) {
            const std::size_t common = std::min(path.size(), wanted.size());
            return std::equal(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(common),
                              wanted.begin());
        });
    }

    // For the visitor.
    bool enter(syntax::Term& term) {
        if (syntax::is_variable(term, "input")) paths_.emplace_back();
        if (term.kind != syntax::TermKind::kReference || term.terms.empty() ||
            !syntax::is_variable(*term.terms[0], "input"))
            return true;
        Path path;
        for (const syntax::Term* const step : term.terms.subspan(1)) {
            if (step->kind != syntax::TermKind::kString) break;
            path.push_back(step->text);
        }
        paths_.push_back(std::move(path));
        for (syntax::Term* const step : term.terms.subspan(1)) syntax::walk(*step, *this);
        return false;
    }
    bool enter(syntax::Expression& /*expression*/) { return true; }
    bool enter(syntax::With& with) {
        syntax::walk(*with.value, *this);  // what it puts in the place of something reads nothing
        return false;
    }

  private:
    std::vector<Path> paths_;
};

bool looks_at(const InputUse& use, const Demand& demand) {
    if (use.reads({"environment", "settings", demand.setting})) return true;
    if (demand.setting == "registered-requester") return use.reads({"requester_registered"});
    return demand.condition == "approvals" && use.reads({"decisions"});
}

}  // namespace

std::vector<Demand> unlooked_demands(const value::Value& environment,
                                     std::span<const std::string> conditions) {
    std::vector<Demand> all;
    for (const Demand& demand : kDemands) {
        const value::Value* const asked = environment.find(demand.setting);
        // `exclusive: false` asks for nothing.
        const bool is_off = asked != nullptr && asked->is_boolean() && !asked->as_boolean();
        if (asked != nullptr && !is_off &&
            std::ranges::find(conditions, demand.condition) == conditions.end())
            all.push_back(demand);
    }
    return all;
}

Status check_demands(std::span<const Demand> demands, std::string_view environment,
                     std::span<const PolicyModule> modules) {
    if (demands.empty()) return {};
    Arena arena;
    Interner interner;
    InputUse use;
    bool has_own = false;
    for (const PolicyModule& module : modules) {
        if (!is_own_policy(module.name)) continue;
        has_own = true;
        // One that cannot be parsed is told of where it is compiled.
        const auto parsed = syntax::parse_module(module.text, arena, interner);
        if (parsed.module != nullptr) use.read(*parsed.module);
    }
    for (const Demand& demand : demands) {
        if (looks_at(use, demand)) continue;
        return Error{fmt::format(
            "environment '{}' has '{}', and none of the gate's conditions looks at it{}: add '{}' "
            "to "
            "its conditions, or say 'unlooked: allowed' in the environment where this is meant",
            environment, demand.setting,
            has_own
                ? fmt::format(" (no policy of your own reads input.environment.settings[\"{}\"])",
                              demand.setting)
                : "",
            demand.condition)};
    }
    return {};
}

}  // namespace merlon::gate
