#include "evidence/decision_check.h"

#include <fmt/core.h>

#include "evidence/second_person.h"
#include "evidence/seconds.h"
#include "text/json.h"

namespace merlon::evidence {
Result<DecisionChecker> DecisionChecker::begin(Database& database, const UseProblem& use) {
    DecisionChecker made(use);
    MERLON_TRY(database.each_row(
        "SELECT id, event, finding, scope, tool, rule, package, reason, author, approved_by, "
        "verdict, justification, made, expires, signature, weight, version, origin, until_fix, "
        "proposal, current FROM decision "
        "ORDER BY id",
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
    NewDecision& decision = decisions_[integer_of(row[1])];
    DecisionTarget& target = decision.targets.emplace_back();
    target.finding = integer_of(row[2]);
    std::string* const texts[] = {&target.scope,        &target.tool,     &target.rule,
                                  &target.package,      &decision.reason, &decision.author,
                                  &decision.approved_by};
    for (std::size_t i = 0; i < std::size(texts); ++i) *texts[i] = text_of(row[i + 3]);
    decision.verdict = static_cast<Verdict>(integer_of(row[10]));
    decision.justification = static_cast<Justification>(integer_of(row[11]));
    decision.made = at_second(integer_of(row[12]));
    decision.expires = at_second(integer_of(row[13]));
    decision.signature = bytes_of(row[14]);
    target.version = text_of(row[16]);
    decision.origin = text_of(row[17]);
    decision.ends = static_cast<DecisionEnd>(integer_of(row[18]));
    const bool is_proposal = integer_of(row[19]) > 0;
    decision.standing =
        is_proposal ? NewDecision::Standing::kProposes : NewDecision::Standing::kDecides;
    if (is_proposal && integer_of(row[20]) != 0)
        (*use_)(fmt::format("decision {} stands and was only proposed", integer_of(row[0])));
    if (integer_of(row[15]) != decision_weight(target))
        (*use_)(
            fmt::format("decision {} weighs more or less than what it names", integer_of(row[0])));
}

void DecisionChecker::take(const Event& event) {
    if (event.kind == kSecondPersonEvent) rule_event_ = event.body;
    const bool is_proposed = event.kind == "decision.proposed";
    if (event.kind != "decision" && !is_proposed) return;
    const auto found = decisions_.find(event.seq);
    const bool is_of_kind =
        found != decisions_.end() &&
        (found->second.standing == NewDecision::Standing::kProposes) == is_proposed;
    if (!is_of_kind || !event.body.starts_with(decision_event_start(found->second)))
        (*use_)(fmt::format("the decision of event {} is not as it was written", event.seq));
    if (found != decisions_.end()) decisions_.erase(found);
}

void DecisionChecker::finish() {
    for (const auto& [seq, decision] : decisions_)
        (*use_)(fmt::format("there is a decision whose event {} is no decision", seq));
    if (rule_event_ != rule_)
        (*use_)("what wants a second person is not as the last event about it says");
}

}  // namespace merlon::evidence
