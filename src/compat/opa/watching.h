#pragma once

// What the commands ask of a Watcher: a trace, a profile, coverage, and that no run of it goes on
// for ever.
//
// Not thread-safe, but for Deadline, which cancels from a thread of its own.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/cancel.h"
#include "compat/opa/coverage.h"
#include "compat/opa/run.h"
#include "compat/opa/trace.h"

namespace merlon::compat::opa {

// Cancels its token when the time is over, or when the program is cancelled.
class Deadline {
  public:
    // Without a time the token is that of `outside`.
    Deadline(std::optional<std::int64_t> nanoseconds, const Outside& outside);
    ~Deadline();
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    const CancelToken* token() const { return thread_.joinable() ? &token_ : outside_.cancel; }
    // Whether it was the time that ended it.
    bool is_over() const { return is_over_; }

  private:
    const Outside& outside_;
    CancelToken token_;
    std::atomic<bool> is_over_ = false;
    bool is_done_ = false;
    std::mutex mutex_;
    std::condition_variable done_;
    std::thread thread_;
};

// --timeout as Go reads durations; nothing where it is not set or 0. An error has pflag's words.
Result<std::optional<std::int64_t>> timeout_of(const ParsedCommand& command);

// Tells several listeners.
class Listeners : public rego::watch::EventListener {
  public:
    void add(rego::watch::EventListener& listener) { listeners_.push_back(&listener); }
    void heard(const rego::watch::Event& event) override {
        for (rego::watch::EventListener* listener : listeners_) listener->heard(event);
    }
    bool is_empty() const { return listeners_.empty(); }

  private:
    std::vector<rego::watch::EventListener*> listeners_;
};

// A question that an evaluation has failed at, to be asked once more.
struct FailedQuestion {
    std::span<const rego::compiler::SourceModule> modules;
    std::span<const rego::compiler::SourceQuery> queries;
    std::uint32_t query = 0;
    const rego::compiler::CompileOptions& options;
    const std::optional<value::Value>& input;
    const value::Value& data;
    const CancelToken* cancel = nullptr;
    rego::World world = {};
    rego::BuiltinErrors builtin_errors = rego::BuiltinErrors::kUndefined;
    rego::compiler::TestEqualities tests = rego::compiler::TestEqualities::kAsWritten;
};
// The machine knows of two values that conflict; OPA lists them all, with their rules. The same
// error with that list, from a watched evaluation; other errors are as they were.
rego::EvaluationError with_conflicts(const rego::EvaluationError& error,
                                     const FailedQuestion& question);
// The same, and where the evaluation stood. The outside is not asked once more: what depends on it
// has no stack.
struct ExaminedError {
    rego::EvaluationError error;
    rego::watch::Stack stack = {};
};
ExaminedError examined(const rego::EvaluationError& error, const FailedQuestion& question);

// OPA compiles modules in the order of their names, which the numbers of names in traces show.
std::vector<rego::compiler::SourceModule> in_order_of_files(
    std::span<const rego::compiler::SourceModule> modules);

// Which runs --coverage-runs asks for. An error names what it does not know.
struct CoverageRuns {
    bool index_excluded = true;
    bool early_exit = true;
};
Result<CoverageRuns> coverage_runs_of(const ParsedCommand& command);

// What one command has covered, with the runs that say why something was not.
class CoverageRunner {
  public:
    explicit CoverageRunner(CoverageRuns runs) : runs_(runs) {}

    // Watches `run` as it is, then without the index and without early exits, and adds that.
    using Run =
        std::function<void(rego::watch::EventListener& listener, rego::watch::Indexing indexing,
                           rego::watch::EarlyExits early_exits)>;
    void add(const Run& run, rego::watch::EventListener* also = nullptr);
    void add(const CoverageRunner& other);
    Coverage report(std::span<const rego::compiler::SourceModule> modules) const;

  private:
    CoverageRuns runs_;
    CoverageRecorder covered_;
    CoverageRecorder without_index_;
    CoverageRecorder without_exit_;
};

}  // namespace merlon::compat::opa
