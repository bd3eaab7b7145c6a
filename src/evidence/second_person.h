#pragma once

// Decisions that one person proposes and another one approves.
//
// The idea: the store says which verdicts want two people. A decision of such a verdict that nobody
// else has approved becomes a proposal: a row with its event that stands for nothing, so that the
// finding stays open. Approving it makes the decision, with the second person in it; the proposal
// stays as it was written. Names are compared, and who ran the program stands beside them in the
// audit log. Where the store wants signatures an approval is one over the proposal's statement,
// by the person's registered key (gate/decisions.h), and goes into the decision's event; whose key
// it is the caller has checked.
//
// Not thread-safe: the connection belongs to one thread. Cost: a few statements.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/decisions.h"

namespace merlon::evidence {

struct SecondPersonRule {
    std::vector<Verdict> verdicts;  // that want a second person, in the order of their numbers
    // By what an approval shows whose it is.
    enum class Proof : std::uint8_t { kName, kSignature } proof = Proof::kName;
};
Result<SecondPersonRule> second_person_rule(Database& database);
// Within a transaction; with its event.
Status set_second_person_rule(Database& database, SecondPersonRule rule, std::string_view actor,
                              Timestamp now);
// As it stands in the store and in the event: "false_positive,accepted", "accepted,signed".
std::string second_person_text(const SecondPersonRule& rule);

enum class Answer : std::uint8_t { kApprove, kRefuse };

struct ProposalAnswer {
    std::int64_t proposal = 0;  // the number of its event
    Answer answer = Answer::kApprove;
    std::string person;  // the second one
    std::string reason;  // of a refusal
    // The signed approval, as gate/decisions.h writes it; empty: a name is all there is.
    std::string approval = {};
};

// Within a transaction. What came of it; of a refusal only the event. Fails where no such proposal
// waits, where its time is over, where both people are one, where somebody has decided about the
// same since, and where a signature is wanted and there is none.
Result<DecisionOutcome> answer_proposal(Database& database, const ProposalAnswer& answer,
                                        std::string_view actor, Timestamp now);

struct WaitingProposal {
    std::int64_t event = 0;
    NewDecision decision;
};
// Those that wait, the oldest first.
Result<std::vector<WaitingProposal>> waiting_proposals(Database& database, Timestamp now);

}  // namespace merlon::evidence
