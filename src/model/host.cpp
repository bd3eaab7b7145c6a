#include "model/host.h"

namespace merlon::model {

Result<std::string> RecordingHost::ask(std::string_view kind, std::string_view question) {
    DeniedHost denied;
    Host& host = allowed_.contains(kind) ? world_ : denied;
    Result<std::string> answer = host.ask(kind, question);
    record_.push_back({std::string(kind), std::string(question), answer.ok(),
                       answer.ok() ? answer.value() : answer.error().message});
    return answer;
}

Result<std::string> ReplayHost::ask(std::string_view kind, std::string_view question) {
    if (at_ == record_.size() || record_[at_].kind != kind || record_[at_].question != question) {
        diverged_ = true;
        return Error{"the decision asks '" + std::string(kind) + "' for '" + std::string(question) +
                     "', which stands not at this place of its record"};
    }
    const HostAnswer& recorded = record_[at_++];
    if (!recorded.granted) return Error{recorded.answer};
    return recorded.answer;
}

}  // namespace merlon::model
