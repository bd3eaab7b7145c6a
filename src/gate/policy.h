#pragma once

// A gate's policy: modules of Rego, each of which says which conditions hold.
//
// The idea: a module has a rule `conditions`, a set of objects {id, title, status, reason,
// evidence, fix, approvers}; evidence is texts, or objects {text, document, key}; status is "pass",
// "fail" or "unknown". A policy sees the input and nothing else: no clock, no network, no chance,
// so what it says can be said again. Whatever goes wrong while it is asked is a condition that is
// unknown, and unknown is not green: an error, a limit, a module that says nothing, an object that
// is no condition.
//
// Thread-safe to ask once compiled. Ownership: the policy owns its texts. Cost: compiling takes
// milliseconds; asking is bounded by kMaxInstructions.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "value/value.h"

namespace merlon::gate {

struct PolicyModule {
    std::string name;  // "severity", or the path of a file
    std::string text;
    enum class Role : std::uint8_t { kConditions, kLibrary } role = Role::kConditions;
    bool operator==(const PolicyModule&) const = default;
};

enum class ConditionStatus : std::uint8_t {
    kPass,
    kExcepted,  // fails, and people have let that pass until a day
    kFail,
    kUnknown,
};
// "pass", "excepted", "fail", "unknown".
std::string_view name(ConditionStatus status);

struct Evidence {
    std::string text;
    std::string document;  // digest of what it was read from; empty: of the input itself
    // By what the same is known again in another verdict; empty: it explains, and is not what
    // stands against the condition.
    std::string key = {};
    auto operator<=>(const Evidence&) const = default;
};

struct Condition {
    std::string id;
    std::string title;
    ConditionStatus status = ConditionStatus::kUnknown;
    std::string reason;
    std::vector<Evidence> evidence;
    std::string fix;                     // the smallest thing that would make it pass
    std::vector<std::string> approvers;  // groups and people who may let it pass
    bool is_of_broken_policy = false;    // it stands for a policy that did not answer
};

class Policy {
  public:
    static constexpr std::uint64_t kMaxInstructions = 50'000'000;

    // Fails with the errors of the modules, or with one that has no rule `conditions`.
    static Result<Policy> compile(std::vector<PolicyModule> modules);
    // What document() gave.
    static Result<Policy> read(std::string_view document);

    Policy(Policy&&) noexcept;
    Policy& operator=(Policy&&) noexcept;
    ~Policy();

    // The modules as one text, by whose digest a verdict names its policy.
    const std::string& document() const { return document_; }
    const std::string& digest() const { return digest_; }  // "sha256:…"

    // By id; at least one. Once `cancel` (which may be null) is set, what is left is not asked.
    std::vector<Condition> conditions(const value::Value& input,
                                      const CancelToken* cancel = nullptr) const;

  private:
    struct Compiled;
    Policy();
    std::vector<PolicyModule> modules_;
    std::string document_;
    std::string digest_;
    std::unique_ptr<Compiled> compiled_;
};

}  // namespace merlon::gate
