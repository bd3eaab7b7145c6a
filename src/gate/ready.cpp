#include "gate/ready.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/nearest.h"

// clang-format off
#define MERLON_READY_CONDITION(NAME)                                              \
    __asm__(".pushsection .rodata\n"                                              \
            ".global merlon_gate_" #NAME "_begin\n"                               \
            ".global merlon_gate_" #NAME "_end\n"                                 \
            "merlon_gate_" #NAME "_begin:\n"                                      \
            ".incbin \"" MERLON_GATE_RULES "/" #NAME ".rego\"\n"                  \
            "merlon_gate_" #NAME "_end:\n"                                        \
            ".byte 0\n"                                                           \
            ".popsection\n");                                                     \
    extern "C" const char merlon_gate_##NAME##_begin[];                           \
    extern "C" const char merlon_gate_##NAME##_end[];
// clang-format on

MERLON_READY_CONDITION(approvals)
MERLON_READY_CONDITION(attestations)
MERLON_READY_CONDITION(common)
MERLON_READY_CONDITION(coverage)
MERLON_READY_CONDITION(environment)
MERLON_READY_CONDITION(licenses)
MERLON_READY_CONDITION(metrics)
MERLON_READY_CONDITION(sbom)
MERLON_READY_CONDITION(secrets)
MERLON_READY_CONDITION(severity)
MERLON_READY_CONDITION(suppressions)

namespace merlon::gate {
namespace {

constexpr std::string_view kCommon = "common";
constexpr std::string_view kFileEnding = ".rego";

std::string_view between(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

#define MERLON_READY_ROW(NAME) \
    ReadyCondition { #NAME, between(merlon_gate_##NAME##_begin, merlon_gate_##NAME##_end) }

constexpr std::array kGates = {
    ReadyGate{"pr",
              R"({"conditions": ["severity", "secrets", "coverage"], "severity": "high",
"only-new": true, "analyses": [], "licenses": "deny", "attestations": [], "metrics": [],
"exceptions-by": [], "strict-coverage": false, "time-to-live": "24h", "parameters": {}})"},
    ReadyGate{"release",
              R"({"conditions": ["severity", "secrets", "coverage", "licenses", "sbom",
"attestations"], "severity": "high", "only-new": false, "analyses": [], "licenses": "deny",
"attestations": [], "metrics": [], "exceptions-by": [], "strict-coverage": false,
"time-to-live": "168h",
"parameters": {}})"},
    ReadyGate{"deploy",
              R"({"conditions": ["severity", "secrets", "coverage", "sbom", "attestations",
"metrics", "approvals", "environment"], "severity": "critical", "only-new": false,
"analyses": [], "licenses": "deny", "attestations": [], "metrics": [], "exceptions-by": [],
"strict-coverage": false, "time-to-live": "1h", "parameters": {}})"},
};

}  // namespace

std::span<const ReadyGate> ready_gates() { return kGates; }

const ReadyGate* find_ready_gate(std::string_view name) {
    const auto* const found = std::ranges::find(kGates, name, &ReadyGate::name);
    return found == kGates.end() ? nullptr : &*found;
}

std::span<const ReadyCondition> ready_conditions() {
    static const std::array kConditions = {
        MERLON_READY_ROW(approvals), MERLON_READY_ROW(attestations), MERLON_READY_ROW(common),
        MERLON_READY_ROW(coverage),  MERLON_READY_ROW(environment),  MERLON_READY_ROW(licenses),
        MERLON_READY_ROW(metrics),   MERLON_READY_ROW(sbom),         MERLON_READY_ROW(secrets),
        MERLON_READY_ROW(severity),  MERLON_READY_ROW(suppressions),
    };
    return kConditions;
}

bool is_own_policy(std::string_view condition) { return condition.ends_with(kFileEnding); }

Result<std::vector<PolicyModule>> gather_modules(std::span<const std::string> conditions,
                                                 const ReadPolicyFile& read_file) {
    const auto ready = ready_conditions();
    std::vector<PolicyModule> modules;
    const auto* const common = std::ranges::find(ready, kCommon, &ReadyCondition::name).base();
    modules.push_back({.name = std::string(kCommon),
                       .text = std::string(common->text),
                       .role = PolicyModule::Role::kLibrary});
    std::vector<std::string_view> names;
    for (const ReadyCondition& one : ready)
        if (one.name != kCommon) names.push_back(one.name);
    for (const std::string& condition : conditions) {
        if (is_own_policy(condition)) {
            std::optional<std::string> text = MERLON_TRY(read_file(condition));
            if (!text) return Error{fmt::format("the policy {} is not there", condition)};
            modules.push_back({.name = condition, .text = std::move(*text)});
            continue;
        }
        const auto found = std::ranges::find(ready, condition, &ReadyCondition::name);
        if (found == ready.end() || condition == kCommon) {
            return Error{fmt::format("there is no ready condition '{}'{}", condition,
                                     suggestion(condition, names))};
        }
        modules.push_back({.name = condition, .text = std::string(found->text)});
    }
    return modules;
}

}  // namespace merlon::gate
