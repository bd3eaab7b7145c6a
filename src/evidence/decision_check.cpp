#include "evidence/decision_check.h"

#include <fmt/core.h>

#include <tuple>
#include <utility>
#include <vector>

#include "evidence/decision_rows.h"
#include "evidence/second_person.h"
#include "evidence/seconds.h"
#include "text/json.h"

namespace merlon::evidence {
namespace {

bool is_same_but_for_targets(const NewDecision& left, const NewDecision& right) {
    const auto parts = [](const NewDecision& one) {
        return std::tie(one.verdict, one.justification, one.reason, one.author, one.approved_by,
                        one.made, one.expires, one.signature, one.origin, one.ends, one.standing);
    };
    return parts(left) == parts(right);
}

}  // namespace

Result<DecisionChecker> DecisionChecker::begin(Database& database, const UseProblem& use) {
    DecisionChecker made(use);
    MERLON_TRY(database.each_row(
        fmt::format("SELECT {}, d.weight, d.proposal, d.current FROM decision d ORDER BY d.id",
                    kDecisionColumns),
        {}, [&](Cells row) { made.add(row); }));
    MERLON_TRY(database.each_row("SELECT value FROM meta WHERE name = 'second_person'", {},
                                 [&](Cells row) {
                                     text::JsonWriter(made.rule_)
                                         .begin_object()
                                         .member("verdicts", text_of(row[0]))
                                         .end_object();
                                 }));
    return made;
}

void DecisionChecker::add(Cells row) {
    DecisionRow read = read_decision(row);
    if (integer_of(row[kDecisionCells]) != decision_weight(read.target))
        (*use_)(fmt::format("decision {} weighs more or less than what it names", read.id));
    const std::int64_t proposal = integer_of(row[kDecisionCells + 1]);
    const bool is_proposal = proposal > 0;
    if (is_proposal) proposals_[read.event].insert(proposal);
    if (is_proposal && integer_of(row[kDecisionCells + 2]) != 0)
        (*use_)(fmt::format("decision {} stands and was only proposed", read.id));
    const auto [place, is_first] = decisions_.try_emplace(read.event);
    NewDecision& decision = place->second;
    NewDecision said{
        .verdict = read.verdict,
        .justification = read.justification,
        .reason = std::move(read.reason),
        .author = std::move(read.author),
        .approved_by = std::move(read.approved_by),
        .made = at_second(read.made_s),
        .expires = at_second(read.expires_s),
        .signature = std::move(read.signature),
        .origin = std::move(read.origin),
        .ends = read.ends,
        .standing =
            is_proposal ? NewDecision::Standing::kProposes : NewDecision::Standing::kDecides,
    };
    // An event decides about all its targets alike: each row of it has to say the same.
    if (is_first)
        decision = std::move(said);
    else if (!is_same_but_for_targets(decision, said))
        (*use_)(fmt::format("decision {} is not as event {} says", read.id, read.event));
    decision.targets.push_back(std::move(read.target));
}

void DecisionChecker::take(const Event& event) {
    if (event.kind == event_kind::kSecondPerson) rule_event_ = event.body;
    if (event.kind == event_kind::kDecision || event.kind == event_kind::kDecisionRefused)
        take_answer(event);
    const bool is_proposed = event.kind == event_kind::kDecisionProposed;
    if (event.kind != event_kind::kDecision && !is_proposed) return;
    const auto found = decisions_.find(event.seq);
    const bool is_of_kind =
        found != decisions_.end() &&
        (found->second.standing == NewDecision::Standing::kProposes) == is_proposed;
    if (!is_of_kind || !event.body.starts_with(decision_event_start(found->second)))
        (*use_)(fmt::format("the decision of event {} is not as it was written", event.seq));
    if (found != decisions_.end()) decisions_.erase(found);
}

// An approval is a decision that names the proposal.
void DecisionChecker::take_answer(const Event& event) {
    if (!event.body.contains("\"proposal\":")) return;
    Arena arena;
    Interner interner;
    const auto read = text::read_json(event.body, arena, interner);
    if (!read.ok() || !read.value().root->is_object()) return;
    const value::Value* const named = read.value().root->find("proposal");
    const auto proposal = named == nullptr ? std::nullopt : named->as_integer();
    if (proposal)
        answers_[*proposal] =
            event.kind == event_kind::kDecision ? kProposalApproved : kProposalRefused;
}

void DecisionChecker::finish() {
    for (const auto& [seq, states] : proposals_) {
        const auto answer = answers_.find(seq);
        const std::int64_t told = answer == answers_.end() ? kProposalWaits : answer->second;
        if (states != std::set{told})
            (*use_)(
                fmt::format("the proposal of event {} waits or is answered against the log", seq));
    }
    for (const auto& [seq, decision] : decisions_)
        (*use_)(fmt::format("there is a decision whose event {} is no decision", seq));
    if (rule_event_ != rule_)
        (*use_)("what wants a second person is not as the last event about it says");
}

}  // namespace merlon::evidence
