#pragma once

// Decisions that one person proposes and another one approves.
//
// The idea: the store says which verdicts want two people. A decision of such a verdict that nobody
// else has approved becomes a proposal: a row with its event that stands for nothing, so that the
// finding stays open. Approving it makes the decision, with the second person in it; the proposal
// stays as it was written. Names are compared, and who ran the program stands beside them in the
// audit log: this is a word in the store, and what wants signatures is gate/decisions.h.
//
// Not thread-safe: the connection belongs to one thread. Cost: a few statements.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/decisions.h"

namespace merlon::evidence {

// The verdicts that want a second person, in the order of their numbers.
Result<std::vector<Verdict>> second_person_rule(Database& database);
// Within a transaction; with its event.
Status set_second_person_rule(Database& database, std::span<const Verdict> verdicts,
                              std::string_view actor, Timestamp now);
// As it stands in the store and in the event: "false_positive,accepted".
std::string second_person_text(std::span<const Verdict> verdicts);
inline constexpr std::string_view kSecondPersonEvent = "store.second_person";

enum class Answer : std::uint8_t { kApprove, kRefuse };

struct ProposalAnswer {
    std::int64_t proposal = 0;  // the number of its event
    Answer answer = Answer::kApprove;
    std::string person;  // the second one
    std::string reason;  // of a refusal
};

// Within a transaction. What came of it; of a refusal only the event. Fails where no such proposal
// waits, where its time is over, and where both people are one.
Result<DecisionOutcome> answer_proposal(Database& database, const ProposalAnswer& answer,
                                        std::string_view actor, Timestamp now);

struct WaitingProposal {
    std::int64_t event = 0;
    NewDecision decision;
};
// Those that wait, the oldest first.
Result<std::vector<WaitingProposal>> waiting_proposals(Database& database, Timestamp now);

}  // namespace merlon::evidence
