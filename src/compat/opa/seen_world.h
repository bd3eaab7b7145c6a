#pragma once

// The outside as one evaluation saw it, for the runs that watch the same evaluation: its trace,
// profile, coverage, and the list of what conflicts.
//
// The idea: a policy that posts to a server has to do so once, however often we go through it. The
// first run asks; what it was answered is kept, and the runs after it are told the same in the
// same order. Their clock and their random numbers are those of the first run, too. Only what was
// never asked before is asked.
//
// Thread-safe as a Host is: one question after the other. Cost: the answers' memory, as long as
// the evaluation is looked at.

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "compat/opa/run.h"
#include "model/engine.h"
#include "rego/builtins.h"

namespace merlon::compat::opa {

class SeenWorld {
  public:
    explicit SeenWorld(const Outside& outside);
    SeenWorld(const SeenWorld&) = delete;
    SeenWorld& operator=(const SeenWorld&) = delete;

    // For the next run of the evaluation, which may ask `outside`. It is used before the next one
    // is asked for, and no longer than this object and `outside`.
    rego::World next_run(const Outside& outside);
    // What comes now is another evaluation.
    void forget() { answers_.forget(); }

  private:
    class Answers final : public model::Host {
      public:
        void begin_run(model::Host* host);
        void forget();
        Result<std::string> ask(std::string_view kind, std::string_view question) override;
        bool touched() const override { return host_ != nullptr && host_->touched(); }

      private:
        struct Asked {
            std::vector<Result<std::string>> answers;
            std::size_t told = 0;  // in this run
        };
        model::Host* host_ = nullptr;
        std::size_t runs_ = 0;
        std::map<std::pair<std::string, std::string>, Asked> asked_;
        std::mutex lock_;
    };

    rego::World world_;
    Answers answers_;
};

}  // namespace merlon::compat::opa
