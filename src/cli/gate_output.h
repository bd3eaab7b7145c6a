#pragma once

// What `merlon gate …` prints.
//
// Thread-safe: no state.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gate/simulation.h"
#include "gate/verdict.h"

namespace merlon::cli {

enum class VerdictPlace : std::uint8_t { kStored, kNowhere };

std::string verdict_as_text(const gate::Verdict& verdict, VerdictPlace place);
std::string verdict_as_json(const gate::Verdict& verdict);

// The verdict with all that it was made from.
std::string explanation_as_json(const gate::Verdict& verdict, std::string_view input);
// What stood before the policy, in numbers.
std::string explanation_as_text(std::string_view input);

struct StatementParts {
    std::string input_digest, policy_digest;
};
// Fails for what is no verdict of ours.
Result<StatementParts> parts_of_statement(std::string_view statement);

std::string simulation_as_text(const gate::Simulation& simulation, std::int64_t days);
std::string simulation_as_json(const gate::Simulation& simulation, std::int64_t days);

}  // namespace merlon::cli
