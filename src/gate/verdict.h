#pragma once

// The verdict of a gate: what a policy says to an input, and what may be kept of it.
//
// The idea: judge() is a function of two texts, the policy and the input, so a verdict is replayed
// by calling it again: the statement has to be the same to the byte. The statement is an in-toto
// statement with SLSA's verification summary as predicate, and its digest is the verdict's id. It
// binds the subject's digest, the environment, the policy, the input and the time until which it
// holds; whoever relies on it later compares these with what is in front of him.
//
// Standard: in-toto Attestation Framework, Statement v1; SLSA 1.0, Verification Summary. Fields
// that those do not have begin with merlon_, as SLSA asks of extensions.
//
// Thread-safe: no state. Cost: the policy's.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gate/policy.h"

namespace merlon::gate {

enum class Outcome : std::uint8_t {
    kPass,
    kFail,
    kUnknown,  // nothing failed, but something is not known
};
// "pass", "fail", "unknown".
std::string_view name(Outcome outcome);

struct Verdict {
    Outcome outcome = Outcome::kUnknown;
    bool has_unknown = false;  // also where something fails
    std::vector<Condition> conditions;
    std::string gate, environment, subject_name, subject_digest;
    std::string time, expires;  // RFC 3339
    std::string policy_digest, input_digest;
    std::string statement;  // JSON, one line
    std::string id;         // "sha256:…" of the statement
};

// Fails where `input` is no input of a gate, and once `cancel` (which may be null) is set.
Result<Verdict> judge(const Policy& policy, std::string_view input,
                      const CancelToken* cancel = nullptr);

}  // namespace merlon::gate
