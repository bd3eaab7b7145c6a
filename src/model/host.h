#pragma once

// Hosts that remember: what a decision asked of the world, so that it can be replayed.
//
// The idea: RecordingHost passes each question on, if its kind is allowed, and writes down question
// and answer in order; the record stands in the decision. ReplayHost answers from such a record and
// from nothing else: a decision that now asks something else, or in another order, is told so,
// because it is no longer the same decision.
//
// Not thread-safe: one for each decision. Cost: a copy of each question and answer.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/engine.h"

namespace merlon::model {

struct HostAnswer {
    std::string kind;
    std::string question;
    bool granted = false;
    std::string answer;  // where not granted: the reason
    bool operator==(const HostAnswer&) const = default;
};
using HostRecord = std::vector<HostAnswer>;

class RecordingHost final : public Host {
  public:
    // `world` answers the kinds in `allowed`; every other one is refused, and that is recorded too.
    RecordingHost(Host& world, std::set<std::string, std::less<>> allowed)
        : world_(world), allowed_(std::move(allowed)) {}

    Result<std::string> ask(std::string_view kind, std::string_view question) override;
    bool touched() const override { return !record_.empty(); }
    const HostRecord& record() const { return record_; }

  private:
    Host& world_;
    std::set<std::string, std::less<>> allowed_;
    HostRecord record_;
};

class ReplayHost final : public Host {
  public:
    explicit ReplayHost(HostRecord record) : record_(std::move(record)) {}

    Result<std::string> ask(std::string_view kind, std::string_view question) override;
    bool touched() const override { return at_ > 0 || diverged_; }
    // Whether it asked for exactly what was recorded.
    bool faithful() const { return !diverged_ && at_ == record_.size(); }

  private:
    HostRecord record_;
    std::size_t at_ = 0;
    bool diverged_ = false;
};

}  // namespace merlon::model
