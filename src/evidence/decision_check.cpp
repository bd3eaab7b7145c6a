#include "evidence/decision_check.h"

#include <fmt/core.h>

#include "evidence/decision_rows.h"
#include "evidence/seconds.h"

namespace merlon::evidence {

Result<DecisionChecker> DecisionChecker::begin(Database& database, const UseProblem& use) {
    DecisionChecker made(use);
    MERLON_TRY(database.each_row(
        fmt::format("SELECT {}, d.weight FROM decision d ORDER BY d.id", kDecisionColumns), {},
        [&](Cells row) { made.add(row); }));
    return made;
}

void DecisionChecker::add(Cells row) {
    DecisionRow read = read_decision(row);
    if (integer_of(row[kDecisionCells]) != decision_weight(read.target))
        (*use_)(fmt::format("decision {} weighs more or less than what it names", read.id));
    NewDecision& decision = decisions_[read.event];
    decision.targets.push_back(std::move(read.target));
    decision.verdict = read.verdict;
    decision.justification = read.justification;
    decision.reason = std::move(read.reason);
    decision.author = std::move(read.author);
    decision.approved_by = std::move(read.approved_by);
    decision.made = at_second(read.made_s);
    decision.expires = at_second(read.expires_s);
    decision.signature = std::move(read.signature);
    decision.origin = std::move(read.origin);
}

void DecisionChecker::take(const Event& event) {
    if (event.kind != "decision") return;
    const auto found = decisions_.find(event.seq);
    if (found == decisions_.end() || !event.body.starts_with(decision_event_start(found->second)))
        (*use_)(fmt::format("the decision of event {} is not as it was written", event.seq));
    if (found != decisions_.end()) decisions_.erase(found);
}

void DecisionChecker::finish() {
    for (const auto& [seq, decision] : decisions_)
        (*use_)(fmt::format("there is a decision whose event {} is no decision", seq));
}

}  // namespace merlon::evidence
