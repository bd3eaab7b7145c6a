#pragma once

// Whether decisions are what their events in the audit log say.
//
// The idea: an event holds the whole of a decision, so rows and event are compared as texts. The
// log is handed in event by event, because others read it in the same pass.
//
// Not thread-safe. Cost: memory for all decisions.

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "evidence/database.h"
#include "evidence/decisions.h"
#include "evidence/event_log.h"

namespace merlon::evidence {

class DecisionChecker {
  public:
    using UseProblem = std::function<void(std::string_view problem)>;

    // Reads the decisions; `use` has to live as long as the checker.
    static Result<DecisionChecker> begin(Database& database, const UseProblem& use);
    void take(const Event& event);
    void finish();

  private:
    explicit DecisionChecker(const UseProblem& use) : use_(&use) {}
    void add(Cells row);
    void take_answer(const Event& event);

    const UseProblem* use_;
    std::map<std::int64_t, NewDecision> decisions_;  // by the number of their event
    // What became of proposals, by the number of their event: as the rows and as the log tells.
    std::map<std::int64_t, std::set<std::int64_t>> proposals_;
    std::map<std::int64_t, std::int64_t> answers_;
    std::string rule_, rule_event_;  // what wants a second person, as the event has it
};

}  // namespace merlon::evidence
