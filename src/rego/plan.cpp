#include "rego/plan.h"

#include <algorithm>

#include "rego/plan_loader.h"

namespace merlon::rego {

Result<std::unique_ptr<const Program>> Program::load(const value::Value& plan,
                                                     std::span<const Builtin> extras) {
    std::unique_ptr<Program> program(new Program());
    MERLON_TRY(PlanLoader(*program, extras).load(plan));
    return std::unique_ptr<const Program>(std::move(program));
}

std::optional<std::uint32_t> Program::find_plan(std::string_view name) const {
    const auto found = std::ranges::find(plans, name, &Function::name);
    if (found == plans.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - plans.begin());
}

void Program::append_path_key(std::string& key, std::string_view segment) {
    key += std::to_string(segment.size());
    key += ':';
    key += segment;
}

}  // namespace merlon::rego
