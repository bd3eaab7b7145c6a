#include <algorithm>
#include <memory>

#include "compat/opa/commands.h"
#include "compat/opa/compile_flags.h"
#include "compat/opa/load_failure.h"
#include "compat/opa/measuring.h"
#include "compat/opa/partial.h"
#include "compat/opa/policy_host.h"
#include "compat/opa/question.h"
#include "compat/opa/results.h"
#include "compat/opa/seen_world.h"
#include "compat/opa/watching.h"
#include "rego/machine.h"
#include "rego/term.h"

namespace merlon::compat::opa {
namespace {

using value::Value;

// print(…) goes to standard error.
class PrintsToError : public rego::Listener {
  public:
    explicit PrintsToError(const Outside& outside) : outside_(outside) {}
    void printed(std::string_view line) override { outside_.write_error(std::string(line) + "\n"); }
    void reached_case(const Value& /*path*/) override {}

  private:
    const Outside& outside_;
};

ShownError plain(const Error& error) { return {.message = error.to_string()}; }

std::int64_t since(const Outside& outside, std::chrono::nanoseconds begin) {
    return (outside.clock->monotonic() - begin).count();
}

int fail(const ParsedCommand& command, const Outside& outside,
         const std::vector<ShownError>& errors) {
    const std::string& format = command.text("format");
    if (format == "json") return print(outside, errors_json(errors), kFailed);
    if (format == "discard") return print(outside, sorted_json(errors_json(errors)), kFailed);
    outside.write_error(to_string(errors) + "\n");
    return kFailed;
}

bool wants_optimization(const ParsedCommand& command) {
    return command.integer("optimize").value_or(0) > 0;
}

// Whether an annotation makes a document one that will be asked for.
bool has_entrypoint(std::span<const rego::compiler::SourceModule> modules) {
    return std::ranges::any_of(modules, [](const rego::compiler::SourceModule& source) {
        return std::ranges::any_of(source.module->annotations,
                                   [](const auto* one) { return one->is_entrypoint; });
    });
}

// Why an argument of --unknowns is no document; empty: they are.
std::string illegal_unknown(const ParsedCommand& command) {
    Arena arena;
    Interner interner;
    for (const std::string& text : command.list("unknowns")) {
        const auto term = rego::syntax::parse_term(text, arena, interner);
        if (!term.ok()) return term.error().message;
        const bool is_document = rego::syntax::is_root_document(*term.value()) ||
                                 term.value()->kind == rego::syntax::TermKind::kReference;
        if (!is_document) {
            return "illegal argument with --unknowns, specify string with one or more --unknowns";
        }
    }
    return {};
}

// What flags contradict each other, as OPA looks at the command line alone; empty: none do.
std::string contradiction(const ParsedCommand& command) {
    const std::string_view wrong = Question::contradiction(command);
    if (!wrong.empty()) return std::string(wrong);
    const auto is_said = [&command](std::string_view flag) {
        return command.is_set(flag) && command.source(flag) == ValueSource::kFlag;
    };
    if (is_said("fail") && is_said("fail-defined")) {
        return "specify --fail or --fail-defined but not both";
    }
    const std::string format = is_said("format") ? command.text("format") : "json";
    if (is_said("partial") && format != "pretty" && format != "json" && format != "source") {
        return "invalid output format for partial evaluation";
    }
    if (!is_said("partial") && format == "source") return "invalid output format for evaluation";
    if (is_said("unknowns")) {
        if (const std::string illegal = illegal_unknown(command); !illegal.empty()) return illegal;
    }
    if (wants_optimization(command) && !command.list("data").empty() &&
        !command.list("bundle").empty()) {
        return "specify either --data or --bundle flag with optimization level greater than 0";
    }
    const auto runs = coverage_runs_of(command);
    return runs.ok() ? std::string() : runs.error().message;
}

// One question from its flags to its answer.
class Evaluation {
  public:
    Evaluation(const ParsedCommand& command, const Outside& outside)
        : command_(command), outside_(outside), question_(command, outside), prints_(outside) {}

    int run();

  private:
    int fail(const std::vector<ShownError>& errors) {
        return opa::fail(command_, outside_, errors);
    }
    // Where nothing was asked yet.
    int refuse(std::string_view text) {
        outside_.write_error(std::string(text) + "\n");
        return kFailed;
    }
    // Where nothing was evaluated. What was asked for beside an answer stands beside the errors.
    int fail_before(const std::vector<ShownError>& errors) {
        Extras extras;
        std::ranges::sort(metrics_);
        if (wants_metrics()) extras.metrics = metrics_;
        if (wants_coverage()) extras.coverage = CoverageRunner(CoverageRuns{}).report({});
        if (command_.text("format") == "pretty") {
            fail(errors);
            return print(outside_, tables_text(extras), kFailed);
        }
        if (!has_json() || (!extras.metrics && !extras.coverage)) return fail(errors);
        extras.errors = errors;
        value::Builder values(question_.arena(), question_.interner());
        return print(outside_, results_text(command_.text("format"), {}, {}, values, extras),
                     kFailed);
    }
    int run_plan();
    int run_partially();
    std::string with_extras(const std::string& text);
    int run_query();
    void time(std::string_view name, std::chrono::nanoseconds begin) {
        metrics_.emplace_back("timer_rego_" + std::string(name) + "_ns", since(outside_, begin));
    }
    bool wants_profile() const {
        return command_.is_set("profile") || !command_.list("profile-sort").empty() ||
               command_.source("profile-limit") == ValueSource::kFlag;
    }
    bool wants_instruments() const { return command_.is_set("instrument"); }
    bool wants_metrics() const {
        return wants_profile() || wants_instruments() || command_.is_set("metrics");
    }
    void add_instruments(const rego::watch::Instruments& instruments, Extras& extras);
    bool wants_coverage() const {
        return command_.is_set("coverage") ||
               command_.source("coverage-runs") == ValueSource::kFlag;
    }
    bool has_json() const {
        return command_.text("format") == "json" || command_.text("format") == "discard";
    }
    rego::MachineOptions machine_options();
    int watch(std::span<const rego::compiler::SourceQuery> queries, Extras& extras);
    int fail_evaluated(const rego::EvaluationError& error,
                       std::span<const rego::compiler::SourceQuery> queries);
    ShownError detailed(const rego::EvaluationError& error,
                        std::span<const rego::compiler::SourceQuery> queries);
    int answer(std::span<const Value> results, const Extras& extras);
    void aggregate(std::vector<Metrics> metrics, std::vector<std::vector<LineProfile>> profiles,
                   Extras& extras) const;

    const ParsedCommand& command_;
    const Outside& outside_;
    Question question_;
    CompileFlags flags_;
    PrintsToError prints_;
    std::optional<TraceRecorder> trace_;
    std::optional<SeenWorld> seen_;  // by the machine, from machine_options() on
    Metrics metrics_;
};

rego::MachineOptions Evaluation::machine_options() {
    rego::MachineOptions options;
    if (command_.is_set("strict-builtin-errors")) {
        options.builtin_errors = rego::BuiltinErrors::kStrict;
    }
    options.cancel = outside_.cancel;
    seen_.emplace(outside_);
    options.world = seen_->next_run(outside_);
    options.world.listener = &prints_;
    return options;
}

int Evaluation::answer(std::span<const Value> results, const Extras& extras) {
    // Beside results errors stand in JSON alone; else they stand in their place.
    if (!extras.errors.empty() && command_.text("format") != "json") {
        outside_.write_error(to_string(extras.errors) + "\n");
        return 0;
    }
    const Value* const beyond =
        command_.text("format") == "discard" ? number_beyond_discard(results) : nullptr;
    if (beyond != nullptr) {
        return refuse("json: cannot unmarshal number " + rego::json_text(*beyond) +
                      " into Go value of type float64");
    }
    value::Builder values(question_.arena(), question_.interner());
    const std::string text =
        results_text(command_.text("format"), question_.body(), results, values, extras);
    const bool is_defined = !results.empty();
    const bool is_refused =
        (command_.is_set("fail") && !is_defined) || (command_.is_set("fail-defined") && is_defined);
    return print(outside_, text, is_refused ? 1 : 0);
}

// A query of one of the entry points of a bundle's plan: "data.a.b" is the plan a/b.
int Evaluation::run_plan() {
    std::string name;
    const rego::syntax::Body body = question_.body();
    const bool is_reference = body.size() == 1 &&
                              body[0]->kind == rego::syntax::ExpressionKind::kTerm &&
                              body[0]->terms[0]->kind == rego::syntax::TermKind::kReference;
    if (is_reference) {
        for (const rego::syntax::Term* part : body[0]->terms[0]->terms.subspan(1)) {
            name += (name.empty() ? "" : "/") + std::string(part->text);
        }
    }
    for (const rego::bundle::Plan& one : question_.loader().plans()) {
        const auto program = rego::Program::load(one.plan);
        if (!program.ok()) {
            return fail({{.message = one.file + ": " + program.error().to_string()}});
        }
        const auto plan = program.value()->find_plan(name);
        if (!plan) continue;
        rego::Machine machine(*program.value(), machine_options());
        const rego::Evaluation evaluation =
            machine.run(*plan, question_.input(), question_.loader().data());
        if (evaluation.error) return fail({shown(*evaluation.error)});
        // A plan's result is {"result": value}.
        value::Builder values(question_.arena(), question_.interner());
        std::vector<Value> results;
        for (const Value& result : evaluation.results) {
            const Value* const found = result.find("result");
            const Value expressions[] = {found == nullptr ? Value() : *found};
            const Value pair[] = {values.object({}), values.array(expressions)};
            results.push_back(values.array(pair));
        }
        return answer(results, {});
    }
    return fail({{.message = "no plan of the bundles has the entry point '" + name + "'"}});
}

void Evaluation::aggregate(std::vector<Metrics> metrics,
                           std::vector<std::vector<LineProfile>> profiles, Extras& extras) const {
    if (metrics.size() == 1) {
        if (wants_metrics()) extras.metrics = metrics[0];
        extras.profile = std::move(profiles[0]);
        return;
    }
    if (wants_metrics()) {
        for (const auto& [name, time] : metrics[0]) {
            if (!name.starts_with("timer_")) continue;
            std::vector<std::int64_t> times;
            for (const Metrics& one : metrics) {
                const auto found = std::ranges::find(one, name, &Metrics::value_type::first);
                if (found != one.end()) times.push_back(found->second);
            }
            extras.all_metrics.emplace_back(name, statistics_of(times));
        }
    }
    for (std::size_t i = 0; i < profiles[0].size(); ++i) {
        std::vector<std::int64_t> times;
        for (const auto& one : profiles) {
            if (i < one.size()) times.push_back(one[i].nanoseconds);
        }
        extras.all_profiles.emplace_back(profiles[0][i], statistics_of(times));
    }
}

// What has not happened has no counter.
void Evaluation::add_instruments(const rego::watch::Instruments& instruments, Extras& extras) {
    const auto count = [this](std::string_view name, std::uint64_t number) {
        if (number == 0) return;
        metrics_.emplace_back("counter_eval_op_" + std::string(name),
                              static_cast<std::int64_t>(number));
    };
    count("virtual_cache_hit", instruments.cache_hits);
    count("virtual_cache_miss", instruments.cache_misses);
    extras.histograms.clear();
    const auto add_times = [&](std::string_view name, const std::vector<std::int64_t>& times) {
        if (times.empty()) return;
        std::int64_t sum = 0;
        for (const std::int64_t time : times) sum += time;
        metrics_.emplace_back("timer_eval_op_" + std::string(name) + "_ns", sum);
        extras.histograms["histogram_eval_op_" + std::string(name)] = figures_of(times);
    };
    add_times("builtin_call", instruments.builtin_nanoseconds);
    add_times("rule_index", instruments.index_nanoseconds);
}

// The trace, the profile and the coverage: a second, slow evaluation, which is watched.
int Evaluation::watch(std::span<const rego::compiler::SourceQuery> queries, Extras& extras) {
    const Explain explain = explain_of(command_.text("explain"));
    const bool wants_errors = command_.is_set("show-builtin-errors");
    const bool is_watched = explain != Explain::kOff || wants_coverage() || wants_profile() ||
                            wants_errors || wants_instruments();
    if (!is_watched) return 0;
    const auto modules = in_order_of_files(question_.loader().modules());
    auto prepared = rego::compiler::prepare(
        modules, queries,
        flags_.options(rego::compiler::Prints::kKept, outside_, question_.loader()));
    const std::vector<std::string> files = prepared.files;
    rego::watch::Library library(std::move(prepared));
    // What the events of the answer's trace are kept in, which stay until it is printed.
    trace_.emplace(explain, command_.is_set("var-values") ? Variables::kShown : Variables::kHidden,
                   has_json() ? TraceForm::kJson : TraceForm::kLines);
    TraceRecorder& trace = *trace_;
    Profiler profiler(*outside_.clock, files);
    Listeners listeners;
    if (explain != Explain::kOff) listeners.add(trace);
    if (wants_profile()) listeners.add(profiler);

    std::optional<rego::EvaluationError> error;
    std::vector<rego::EvaluationError> passed_over;
    std::vector<rego::watch::Stack> stacks;
    rego::watch::Instruments instruments(*outside_.clock);
    const auto run = [&](rego::watch::EventListener& listener, rego::watch::Indexing indexing,
                         rego::watch::EarlyExits early_exits) {
        if (error) return;  // why something is not covered is asked of what has an answer
        rego::watch::WatchOptions options;
        options.cancel = outside_.cancel;
        options.world = seen_->next_run(outside_);
        if (command_.is_set("strict-builtin-errors")) {
            options.builtin_errors = rego::BuiltinErrors::kStrict;
        }
        options.indexing =
            command_.is_set("disable-indexing") ? rego::watch::Indexing::kOff : indexing;
        options.early_exits = command_.is_set("disable-early-exit")
                                  ? rego::watch::EarlyExits::kNotTaken
                                  : early_exits;
        if (explain == Explain::kDebug) options.unifications = rego::watch::Unifications::kTold;
        if (wants_instruments()) options.instruments = &instruments;
        passed_over.clear();
        stacks.clear();
        if (wants_errors) {
            options.passed_over = &passed_over;
            options.passed_over_stacks = &stacks;
        }
        rego::watch::Watcher watcher(library, listener, options);
        EventText text(watcher);
        trace.attach(&text);
        const auto found = watcher.run(0, question_.input(), question_.loader().data());
        if (!error) error = found;
    };
    if (wants_coverage()) {
        const auto runs = coverage_runs_of(command_);
        if (!runs.ok()) return fail({plain(runs.error())});
        CoverageRunner coverage(runs.value());
        coverage.add(run, &listeners);
        extras.coverage = coverage.report(modules);
    } else {
        run(listeners, rego::watch::Indexing::kOn, rego::watch::EarlyExits::kTaken);
    }
    // What limits it is never silent; other errors are the machine's to tell.
    if (error && (error->kind == rego::ErrorKind::kLimit)) return fail({shown(*error)});
    if (trace.is_full()) {
        return fail(
            {{.message = "merlon: the trace is longer than 1 GiB; ask with --explain=notes or "
                         "--explain=fails, or of a smaller part"}});
    }
    extras.errors.clear();
    for (std::size_t i = 0; i < passed_over.size(); ++i) {
        extras.errors.push_back(shown(passed_over[i], question_.body()));
        extras.errors.back().stack = std::move(stacks[i]);
    }
    if (wants_instruments()) add_instruments(instruments, extras);
    if (explain != Explain::kOff && has_json()) {
        extras.events = trace.json();
    } else if (explain != Explain::kOff) {
        extras.trace = trace.finish();
    }
    if (wants_profile()) {
        const auto most = command_.integer("profile-limit").value_or(10);
        extras.profile = profiler.report(values_of(command_, "profile-sort"),
                                         static_cast<std::size_t>(std::max<std::int64_t>(most, 0)));
    }
    return 0;
}

ShownError Evaluation::detailed(const rego::EvaluationError& error,
                                std::span<const rego::compiler::SourceQuery> queries) {
    const rego::MachineOptions asked = machine_options();
    ExaminedError found = examined(error, {.modules = question_.loader().modules(),
                                           .queries = queries,
                                           .options = flags_.options(rego::compiler::Prints::kKept,
                                                                     outside_, question_.loader()),
                                           .input = question_.input(),
                                           .data = question_.loader().data(),
                                           .cancel = outside_.cancel,
                                           .world = seen_->next_run(outside_),
                                           .builtin_errors = asked.builtin_errors});
    ShownError made = shown(found.error, question_.body());
    made.stack = std::move(found.stack);
    return made;
}

// What was asked for beside the answer stands beside an error as well, but where a limit ended the
// evaluation: watching it takes longer still.
int Evaluation::fail_evaluated(const rego::EvaluationError& error,
                               std::span<const rego::compiler::SourceQuery> queries) {
    const bool is_limit =
        error.kind == rego::ErrorKind::kLimit || error.kind == rego::ErrorKind::kCancel;
    if (is_limit) return fail({detailed(error, queries)});
    Extras extras;
    // Before the error is looked at, which forgets what the outside has answered.
    if (const int code = watch(queries, extras); code != 0) return code;
    extras.errors.insert(extras.errors.begin(), detailed(error, queries));
    std::ranges::sort(metrics_);
    if (wants_metrics()) extras.metrics = metrics_;
    const std::string& format = command_.text("format");
    if (format == "json" || format == "discard") {
        value::Builder values(question_.arena(), question_.interner());
        return print(outside_, results_text(format, question_.body(), {}, values, extras), kFailed);
    }
    fail(extras.errors);
    return format == "pretty" ? print(outside_, extras.trace + tables_text(extras), kFailed)
                              : kFailed;
}

int Evaluation::run_query() {
    const rego::compiler::SourceQuery queries[] = {
        question_.source(rego::compiler::QueryResult::kBindingsAndValues)};
    const auto count =
        static_cast<std::size_t>(std::max<std::int64_t>(command_.integer("count").value_or(1), 1));
    Extras extras;
    std::vector<Metrics> metrics;
    std::vector<std::vector<LineProfile>> profiles;
    const Metrics loading = metrics_;
    std::unique_ptr<const rego::Program> program;
    std::unique_ptr<rego::Machine> machine;
    const rego::Evaluation* evaluation = nullptr;
    for (std::size_t round = 0; round < count; ++round) {
        metrics_ = loading;
        auto begin = outside_.clock->monotonic();
        auto options = flags_.options(rego::compiler::Prints::kKept, outside_, question_.loader());
        auto compiled = rego::compiler::compile(question_.loader().modules(), queries, options);
        std::vector<ShownError> errors;
        for (const rego::compiler::CompileError& error : compiled.errors) {
            errors.push_back(opa::shown(error));
        }
        time(question_.loader().modules().empty() ? "query_compile" : "module_compile", begin);
        // Of policies that no bundle can be made of.
        const bool is_unmade =
            !errors.empty() && wants_optimization(command_) && !errors[0].file.empty();
        if (is_unmade) return refuse(to_string(errors));
        if (!errors.empty()) return fail_before(errors);
        machine.reset();
        program = std::move(compiled.program);
        begin = outside_.clock->monotonic();
        machine = std::make_unique<rego::Machine>(*program, machine_options());
        evaluation = &machine->run(0, question_.input(), question_.loader().data());
        time("query_eval", begin);
        // OPA shows a policy that goes on for ever as cancelled; here a limit has a name.
        if (evaluation->error) return fail_evaluated(*evaluation->error, queries);
        if (const int code = watch(queries, extras); code != 0) return code;
        std::ranges::sort(metrics_);
        metrics.push_back(metrics_);
        profiles.push_back(std::move(extras.profile));
        extras.profile.clear();
    }
    aggregate(std::move(metrics), std::move(profiles), extras);
    return answer(evaluation->results, extras);
}

// The text of what is left, and the metrics and the coverage beside it: a partial evaluation covers
// nothing, as in OPA.
std::string Evaluation::with_extras(const std::string& text) {
    Extras extras;
    std::ranges::sort(metrics_);
    if (wants_metrics()) extras.metrics = metrics_;
    if (wants_coverage()) extras.coverage = CoverageRunner(CoverageRuns{}).report({});
    const std::string_view format = command_.text("format");
    if (format == "pretty") return text + tables_text(extras);
    return format == "source" ? text : with_members(text, extras);
}

int Evaluation::run_partially() {
    const auto begin = outside_.clock->monotonic();
    const PartialAnswer answer =
        answer_partially(command_, question_, flags_, machine_options().world, outside_);
    time("partial_eval", begin);
    if (!answer.errors.empty()) return fail(answer.errors);
    const std::string_view format = command_.text("format");
    // Formats of results, which only a variable can ask for: there are none.
    if (format == "raw" || format == "values" || format == "bindings") return 0;
    // OPA takes what is left for no result: --fail always fails, and --fail-defined never.
    return print(outside_, with_extras(answer.text), command_.is_set("fail") ? 1 : 0);
}

int Evaluation::run() {
    if (!flags_.read(command_, question_.loader())) {
        if (!flags_.wrong_flag().empty()) {
            return wrongly_asked(command_, outside_, flags_.wrong_flag());
        }
        // What has a code is about the policies, which OPA reads later.
        return flags_.errors()[0].code.empty() ? refuse(to_string(flags_.errors(), flags_.during()))
                                               : fail(flags_.errors());
    }
    const std::string& format = command_.text("format");
    if (format == "source" && !command_.is_set("partial")) {
        return wrongly_asked(command_, outside_, "invalid output format for evaluation");
    }
    const bool is_watched = explain_of(command_.text("explain")) != Explain::kOff ||
                            wants_profile() || wants_instruments();
    if (command_.is_set("partial") && is_watched) {
        return refuse(
            "merlon: eval --partial with --explain, --profile or --instrument is not served: of a "
            "partial evaluation it is told what is left");
    }
    // What is asked is looked at before what it is asked of; neither is an answer in any format.
    if (command_.is_set("show-builtin-errors") && command_.is_set("strict-builtin-errors")) {
        return refuse(
            "cannot use --show-builtin-errors with --strict-builtin-errors, "
            "--strict-builtin-errors will return the first built-in error encountered "
            "immediately");
    }
    if (!question_.read_input()) return refuse(question_.errors()[0].message);
    auto begin = outside_.clock->monotonic();
    const bool has_policies = !command_.list("data").empty() || !command_.list("bundle").empty();
    const bool is_optimized = wants_optimization(command_) && has_policies;
    const bool is_loaded = question_.load_policies();
    // Files and bundles are read in one go.
    if (!command_.list("data").empty()) {
        time("load_files", begin);
    } else if (!command_.list("bundle").empty()) {
        time("load_bundles", begin);
    }
    if (!is_loaded) {
        // A bundle that cannot be made has no answer in any format.
        return is_optimized ? refuse("load error: " + load_failure(question_.errors()).to_string())
                            : fail_before(question_.errors());
    }
    // Optimised or not, the answer is the same: the policies are compiled as they are.
    if (is_optimized && command_.list("entrypoint").empty() &&
        !has_entrypoint(question_.loader().modules())) {
        return refuse("bundle optimizations require at least one entrypoint");
    }
    begin = outside_.clock->monotonic();
    const bool is_read = question_.read_query();
    time("query_parse", begin);
    if (!is_read) return fail_before(question_.errors());
    if (command_.is_set("partial")) return run_partially();
    if (command_.text("target") == "plan") return run_plan();
    return run_query();
}

}  // namespace

int run_eval(const ParsedCommand& command, const Outside& outside) {
    if (const std::string wrong = contradiction(command); !wrong.empty()) {
        return wrongly_asked(command, outside, wrong);
    }
    const auto timeout = timeout_of(command);
    if (!timeout.ok()) return wrongly_asked(command, outside, timeout.error().message);
    const OutsideUntil until(timeout.value(), outside, allowed_hosts(command));
    return Evaluation(command, until.outside()).run();
}

}  // namespace merlon::compat::opa
