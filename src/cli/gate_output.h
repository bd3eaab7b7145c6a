#pragma once

// What `merlon gate …` prints.
//
// Thread-safe: no state.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gate/record.h"
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

// A policy held against verdicts of the past.
struct Simulation {
    struct Changed {
        gate::VerdictEntry before;
        std::string outcome;               // now
        std::vector<std::string> because;  // conditions that do not pass
    };
    std::int64_t days = 0;
    std::size_t verdicts = 0;
    std::vector<Changed> changed;

    void add(gate::VerdictEntry before, const gate::Verdict& now);
};
std::string simulation_as_text(const Simulation& simulation);
std::string simulation_as_json(const Simulation& simulation);

}  // namespace merlon::cli
