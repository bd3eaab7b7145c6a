#include "gate/demands.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

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

// Gathers what conditions read of `input`, themselves or in rules that they name; an empty path:
// all of it. Rules are told apart by their names alone, in whatever package they are: what is
// called like one that is named counts, so nothing that is read is missed.
class InputUse {
  public:
    void read(const syntax::Module& module) {
        for (syntax::Import* const import : module.imports) {
            begin(import->alias.empty() ? import->path->terms.back()->text : import->alias);
            syntax::walk(*import->path, *this);
        }
        for (syntax::Rule* const rule : module.rules) {
            const syntax::Head& head = *rule->head;
            begin(head.reference.empty() ? head.name : head.reference[0]->text);
            rules_.insert(part().name);
            // Heads' own references are not visited.
            for (syntax::Rule* part = rule; part != nullptr; part = part->otherwise)
                for (syntax::Term* const term : part->head->reference) syntax::walk(*term, *this);
            syntax::walk(*rule, *this);
        }
    }

    // Leaves out what no condition comes to.
    void take_conditions() {
        std::set<std::string_view> named{"conditions"};
        bool is_everything = false;
        for (bool has_grown = true; has_grown;) {
            has_grown = false;
            for (Part& part : parts_) {
                if (part.is_taken || !(is_everything || named.contains(part.name))) continue;
                part.is_taken = has_grown = true;
                named.insert(part.names.begin(), part.names.end());
                is_everything =
                    is_everything || !std::ranges::all_of(part.of_data, [&](const Path& path) {
                        return names_rule(path);
                    });
                paths_.insert(paths_.end(), part.paths.begin(), part.paths.end());
            }
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
        if (term.kind == syntax::TermKind::kVariable) take_variable(term);
        if (term.kind != syntax::TermKind::kReference || term.terms.empty()) return true;
        const bool is_input = syntax::is_variable(*term.terms[0], "input");
        const bool is_data = syntax::is_variable(*term.terms[0], "data");
        if (!is_input && !is_data) syntax::walk(*term.terms[0], *this);
        const auto steps = term.terms.subspan(1);
        Path path;
        for (const syntax::Term* const step : steps) {
            if (step->kind != syntax::TermKind::kString) break;
            path.push_back(step->text);
        }
        if (is_input) {
            part().paths.push_back(std::move(path));
        } else {
            part().names.insert(path.begin(), path.end());
            if (is_data) part().of_data.push_back(std::move(path));
        }
        for (syntax::Term* const step : steps) syntax::walk(*step, *this);
        return false;
    }
    bool enter(syntax::Expression& /*expression*/) { return true; }
    bool enter(syntax::With& with) {
        syntax::walk(*with.value, *this);  // what it puts in the place of something reads nothing
        return false;
    }

  private:
    // A rule, or what is imported under a name.
    struct Part {
        std::string_view name;
        std::set<std::string_view> names = {};
        std::vector<Path> paths = {};  // from `input`
        std::vector<Path> of_data =
            {};  // from `data`, up to the first step that is not written out
        bool is_taken = false;
    };

    // A package, or what is only known later, is all that is in it.
    bool names_rule(const Path& of_data) const {
        return std::ranges::any_of(of_data,
                                   [&](std::string_view step) { return rules_.contains(step); });
    }

    void begin(std::string_view name) { parts_.push_back({.name = name}); }
    Part& part() { return parts_.back(); }

    void take_variable(const syntax::Term& term) {
        if (term.text == "input") part().paths.emplace_back();
        if (term.text == "data") part().of_data.emplace_back();
        part().names.insert(term.text);
    }

    std::vector<Part> parts_;
    std::set<std::string_view> rules_;
    std::vector<Path> paths_;  // of those that are taken
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
    use.take_conditions();
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
