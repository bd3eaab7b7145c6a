#include "gate/simulation.h"

#include <algorithm>

namespace merlon::gate {

Result<Simulation> simulate(evidence::Database& database, const Policy& policy, Timestamp from,
                            std::string_view gate, const CancelToken* cancel) {
    Simulation simulation;
    for (VerdictEntry& entry : MERLON_TRY(verdicts_since(database, from))) {
        if (!gate.empty() && entry.gate != gate) continue;
        const FoundDocument input = MERLON_TRY(find_document(database, kInputKind, entry.input));
        const Verdict now = MERLON_TRY(judge(policy, input.bytes, cancel));
        ++simulation.verdicts;
        const auto broken = std::ranges::find_if(now.conditions, &Condition::is_of_broken_policy);
        if (broken != now.conditions.end() && simulation.broken++ == 0)
            simulation.broken_because = broken->reason;
        if (entry.outcome == name(now.outcome)) continue;
        ChangedVerdict changed{
            .before = std::move(entry), .outcome = std::string(name(now.outcome)), .because = {}};
        for (const Condition& condition : now.conditions) {
            const bool is_stopped = condition.status == ConditionStatus::kFail ||
                                    condition.status == ConditionStatus::kUnknown;
            if (is_stopped) changed.because.push_back(condition.id);
        }
        simulation.changed.push_back(std::move(changed));
    }
    return simulation;
}

}  // namespace merlon::gate
