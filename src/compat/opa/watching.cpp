#include "compat/opa/watching.h"

#include <algorithm>
#include <chrono>

#include "match/go_quote.h"
#include "rego/go_time.h"

namespace merlon::compat::opa {
namespace {

constexpr auto kLook = std::chrono::milliseconds(5);

}  // namespace

Deadline::Deadline(std::optional<std::int64_t> nanoseconds, const Outside& outside)
    : outside_(outside) {
    if (!nanoseconds) return;
    const auto end = outside.clock->monotonic() + std::chrono::nanoseconds(*nanoseconds);
    thread_ = std::thread([this, end] {
        std::unique_lock lock(mutex_);
        while (!is_done_) {
            const bool is_cancelled = outside_.cancel != nullptr && outside_.cancel->cancelled();
            is_over_ = outside_.clock->monotonic() >= end;
            if (is_cancelled || is_over_) {
                token_.cancel();
                return;
            }
            done_.wait_for(lock, kLook);
        }
    });
}

Deadline::~Deadline() {
    if (!thread_.joinable()) return;
    {
        const std::scoped_lock lock(mutex_);
        is_done_ = true;
    }
    done_.notify_one();
    thread_.join();
}

Result<std::optional<std::int64_t>> timeout_of(const ParsedCommand& command) {
    if (!command.is_set("timeout")) return std::optional<std::int64_t>();
    const std::string& text = command.text("timeout");
    std::string shown;
    match::append_go_quoted(shown, text);
    const auto refuse = [&shown](const std::string& reason) {
        return Error{"invalid argument " + shown + " for \"--timeout\" flag: " + reason};
    };
    const auto nanoseconds = rego::parse_duration(text);
    if (!nanoseconds.ok()) return refuse(nanoseconds.error().message);
    // Policies know days, weeks and years; flags do not.
    if (const std::size_t unit = text.find_first_of("dwy"); unit != std::string::npos) {
        return refuse("time: unknown unit \"" + std::string(1, text[unit]) + "\" in duration " +
                      shown);
    }
    if (nanoseconds.value() <= 0) return std::optional<std::int64_t>();
    return std::optional(nanoseconds.value());
}

rego::EvaluationError with_conflicts(const rego::EvaluationError& error,
                                     const FailedQuestion& question) {
    return error.kind == rego::ErrorKind::kConflict ? examined(error, question).error : error;
}

ExaminedError examined(const rego::EvaluationError& error, const FailedQuestion& question) {
    if (error.kind == rego::ErrorKind::kCancel || error.kind == rego::ErrorKind::kLimit) {
        return {error};
    }
    class Nobody : public rego::watch::EventListener {
        void heard(const rego::watch::Event& /*event*/) override {}
    };
    rego::watch::Library library(rego::compiler::prepare(
        in_order_of_files(question.modules), question.queries, question.options, question.tests));
    rego::watch::WatchOptions options;
    options.cancel = question.cancel;
    options.world = question.world;
    options.world.listener = nullptr;
    options.world.host = nullptr;
    options.builtin_errors = question.builtin_errors;
    Nobody nobody;
    rego::watch::Watcher watcher(library, nobody, options);
    const auto found = watcher.run(question.query, question.input, question.data);
    if (!found || found->kind != error.kind) return {error};
    // Of several conflicts the machine may come to another one first: it has all of a function's
    // answers before it goes on with one. OPA's order is that of the watched evaluation.
    const bool is_same = found->file == error.file && found->row == error.row &&
                         found->message.starts_with(error.message);
    if (!is_same && error.kind != rego::ErrorKind::kConflict) return {error};
    return {*found, watcher.stack()};
}

std::vector<rego::compiler::SourceModule> in_order_of_files(
    std::span<const rego::compiler::SourceModule> modules) {
    std::vector<rego::compiler::SourceModule> sorted(modules.begin(), modules.end());
    // Names without the slash that they begin with.
    std::ranges::stable_sort(sorted, {}, [](const rego::compiler::SourceModule& module) {
        const std::string_view name = module.file;
        return name.starts_with('/') ? name.substr(1) : name;
    });
    return sorted;
}

Result<CoverageRuns> coverage_runs_of(const ParsedCommand& command) {
    if (command.source("coverage-runs") == ValueSource::kDefault) return CoverageRuns{};
    CoverageRuns runs{.index_excluded = false, .early_exit = false};
    for (const std::string& list : command.list("coverage-runs")) {
        std::string_view rest = list;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view word = rest.substr(0, comma);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
            if (word == "index_excluded") {
                runs.index_excluded = true;
            } else if (word == "early_exit") {
                runs.early_exit = true;
            } else {
                return Error{"invalid --coverage-runs value \"" + std::string(word) +
                             "\" (expected \"index_excluded\" or \"early_exit\")"};
            }
        }
    }
    return runs;
}

void CoverageRunner::add(const Run& run, rego::watch::EventListener* also) {
    using rego::watch::EarlyExits;
    using rego::watch::Indexing;
    Listeners listeners;
    listeners.add(covered_);
    if (also != nullptr) listeners.add(*also);
    run(listeners, Indexing::kOn, EarlyExits::kTaken);
    if (runs_.index_excluded) run(without_index_, Indexing::kOff, EarlyExits::kTaken);
    if (runs_.early_exit) run(without_exit_, Indexing::kOn, EarlyExits::kNotTaken);
}

void CoverageRunner::add(const CoverageRunner& other) {
    covered_.add(other.covered_);
    without_index_.add(other.without_index_);
    without_exit_.add(other.without_exit_);
}

Coverage CoverageRunner::report(std::span<const rego::compiler::SourceModule> modules) const {
    const OtherRun others[] = {{"index_excluded", &without_index_.ranges()},
                               {"early_exit", &without_exit_.ranges()}};
    return Coverage(modules, covered_.ranges(), others);
}

}  // namespace merlon::compat::opa
