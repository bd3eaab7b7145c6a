#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <memory>
#include <span>

#include "base/thread_pool.h"
#include "compat/opa/commands.h"
#include "compat/opa/compile_flags.h"
#include "compat/opa/load.h"
#include "compat/opa/load_failure.h"
#include "compat/opa/policy_host.h"
#include "compat/opa/seen_world.h"
#include "compat/opa/test_failures.h"
#include "compat/opa/test_report.h"
#include "compat/opa/trivy_builtins.h"
#include "compat/opa/watching.h"
#include "match/go_quote.h"
#include "match/regex.h"
#include "rego/compiler/test_rules.h"
#include "rego/go_format.h"
#include "rego/machine.h"
#include "rego/term.h"
#include "value/value.h"

namespace merlon::compat::opa {
namespace {

using rego::compiler::TestRule;
using value::Value;

// As OPA's: the tests could not be run; some have failed.
constexpr int kNotRun = 1;
constexpr int kTestsFailed = 2;
constexpr std::int64_t kDefaultTimeout = 5'000'000'000;

// What one test prints, and the cases that it comes to.
class Recorder : public rego::Listener {
  public:
    void printed(std::string_view line) override {
        output_ += line;
        output_ += '\n';
    }
    void reached_case(const Value& path) override {
        std::vector<std::string> names;
        for (const Value& name : path.items()) {
            names.push_back(name.is_string() ? std::string(name.as_string())
                                             : rego::json_text(name));
        }
        reached_.push_back(std::move(names));
    }

    std::string output_;
    std::vector<std::vector<std::string>> reached_;
};

// What is asked for of each test.
struct TestWishes {
    Explain explain = Explain::kOff;  // of tests that have failed
    FailureLines failures = FailureLines::kHidden;
    bool has_coverage = false;
    CoverageRuns coverage_runs;
    std::int64_t timeout_nanoseconds = kDefaultTimeout;
    std::vector<std::string> allowed_hosts = {};
};

struct TestRun {
    const rego::Program& program;
    rego::watch::Library* library = nullptr;  // null: nothing is watched
    const Outside& outside;
    Value data;
    const TestWishes& wishes;
    FailureLine::LineOf line_of;

    TestResult run(const TestRule& test, std::uint32_t plan) const {
        TestResult result{.test = &test};
        if (test.is_skipped) return result;
        Recorder recorder;
        const OutsideUntil until(wishes.timeout_nanoseconds, outside, wishes.allowed_hosts);
        rego::MachineOptions options;
        options.cancel = until.outside().cancel;
        result.world = std::make_shared<SeenWorld>(until.outside());
        options.world = result.world->next_run(until.outside());
        options.world.listener = &recorder;
        const auto begin = outside.clock->monotonic();
        rego::Machine machine(program, options);
        const rego::Evaluation evaluation = machine.run(plan, std::nullopt, data);
        result.duration_nanoseconds = (outside.clock->monotonic() - begin).count();
        result.output = std::move(recorder.output_);
        result.error = evaluation.error;
        if (result.error && until.is_over()) result.error->message = "context deadline exceeded";
        if (evaluation.error) return result;
        if (evaluation.results.empty()) {
            result.has_failed = true;
            return result;
        }
        // A result is [bindings, [value]].
        const Value& value = evaluation.results[0].items()[1].items()[0];
        if (!test.has_cases) {
            result.has_failed = !value.is_boolean() || !value.as_boolean();
            return result;
        }
        result.has_failed = judge_cases(value, recorder.reached_, result.cases);
        return result;
    }

    rego::watch::WatchOptions watch_options(const TestResult& result) const {
        rego::watch::WatchOptions options;
        options.cancel = outside.cancel;
        options.world = result.world->next_run(outside);
        return options;
    }

    // Why it has failed.
    void explain(TestResult& result, std::size_t plan, FailureLines lines) const {
        const bool is_shown = lines == FailureLines::kShown;
        explain_failure({.library = *library,
                         .explain = wishes.explain,
                         .lines = lines,
                         .variables = is_shown ? Variables::kShown : Variables::kHidden,
                         .line_of = line_of,
                         .options = watch_options(result)},
                        plan, data, result);
    }

    // How long it takes, of a test that has passed.
    void measure(TestResult& result, std::uint32_t plan) const {
        rego::MachineOptions options;
        options.cancel = outside.cancel;
        options.world = world_of(outside);
        rego::Machine machine(program, options);
        Measured measured = opa::measure(outside, [&] { machine.run(plan, std::nullopt, data); });
        if (measured.evaluations > 0) result.measured = std::move(measured);
    }

    void cover(CoverageRunner& coverage, const TestResult& result, std::size_t plan) const {
        coverage.add([&](rego::watch::EventListener& listener, rego::watch::Indexing indexing,
                         rego::watch::EarlyExits early_exits) {
            rego::watch::WatchOptions options = watch_options(result);
            options.indexing = indexing;
            options.early_exits = early_exits;
            rego::watch::Watcher(*library, listener, options).run(plan, std::nullopt, data);
        });
    }
};

int refuse(const Outside& outside, std::string_view text) {
    outside.write_error(std::string(text) + "\n");
    return kNotRun;
}

// As OPA's tester names the bundle that is wrong; that roots overlap is no single one's fault.
std::string failure_text(const std::vector<ShownError>& errors, const ParsedCommand& command) {
    const std::string failure = load_failure(errors).to_string();
    const auto path = std::ranges::find_if(
        command.arguments,
        [&failure](const std::string& argument) { return failure.contains(argument); });
    const bool is_of_one = command.is_set("bundle") && path != command.arguments.end() &&
                           errors[0].message.starts_with("loading error: ");
    return (is_of_one ? "unable to load bundle " + *path + ": " : "") + failure;
}

// --threshold, in percent; nothing where it is no number.
std::optional<double> threshold_of(const ParsedCommand& command) {
    const std::string& text = command.text("threshold");
    double threshold = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), threshold);
    const bool is_number = failed == std::errc{} && end == text.data() + text.size();
    return is_number ? std::optional(threshold) : std::nullopt;
}

Verbosity verbosity_of(const ParsedCommand& command) {
    return command.is_set("verbose") || command.is_set("explain") ? Verbosity::kAll
                                                                  : Verbosity::kFailures;
}

Result<TestWishes> wishes_of(const ParsedCommand& command, double threshold) {
    TestWishes wishes;
    wishes.has_coverage = command.is_set("coverage") || threshold > 0 ||
                          command.source("coverage-runs") == ValueSource::kFlag;
    wishes.coverage_runs = MERLON_TRY(coverage_runs_of(command));
    const auto timeout = MERLON_TRY(timeout_of(command));
    if (timeout) wishes.timeout_nanoseconds = *timeout;
    wishes.allowed_hosts = allowed_hosts(command);
    if (command.is_set("var-values")) wishes.failures = FailureLines::kShown;
    if (verbosity_of(command) == Verbosity::kAll) {
        wishes.explain = command.is_set("explain") ? explain_of(command.text("explain"))
                                                   : Explain::kFailsAndNotes;
    }
    return wishes;
}

// What --coverage prints in place of the results.
int report_coverage(const ParsedCommand& command, const Outside& outside,
                    std::span<const TestResult> results, const Coverage& coverage) {
    std::vector<TestResult> failures;
    for (const TestResult& result : results) {
        if (result.error) return refuse(outside, result.error->to_string());
        if (!result.wrong.empty()) return refuse(outside, to_string(result.wrong));
        if (result.has_failed) failures.push_back(result);
    }
    if (!failures.empty()) {
        const int code = print(
            outside, pretty_report(failures, verbosity_of(command), FailureLines::kHidden), 0);
        return code != 0 ? code : refuse(outside, one_line(failures[0]));
    }
    const double threshold = threshold_of(command).value_or(0);
    if (coverage.percent() >= threshold) {
        std::string text;
        text::JsonWriter json(text, "  ", text::JsonEscapes::kGo);
        coverage.write(json);
        return print(outside, text + "\n", 0);
    }
    const auto number = [](double percent) { return rego::go_float_text(percent, 'f', 2); };
    refuse(outside, "Code coverage threshold not met: got " + number(coverage.percent()) +
                        " instead of " + number(threshold) +
                        (command.is_set("verbose") ? coverage.missing_lines() : ""));
    return kTestsFailed;
}

// Of a round that was reported; 0: the next one may come.
int code_of(const ParsedCommand& command, const Outside& outside,
            std::span<const TestResult> results) {
    if (results.empty() && command.is_set("fail-on-empty")) {
        return refuse(outside, "no tests were run");
    }
    const bool allows_skipped = command.is_set("exit-zero-on-skipped");
    const bool is_good = std::ranges::all_of(results, [&](const TestResult& result) {
        return result.has_passed() || (result.test->is_skipped && allows_skipped);
    });
    return is_good ? 0 : kTestsFailed;
}

}  // namespace

int run_test(const ParsedCommand& command, const Outside& outside) {
    if (command.arguments.empty()) {
        return wrongly_asked(command, outside, "specify at least one file");
    }
    const auto threshold = threshold_of(command);
    if (!threshold) {
        std::string shown;
        match::append_go_quoted(shown, command.text("threshold"));
        return wrongly_asked(command, outside,
                             "invalid argument " + shown +
                                 " for \"--threshold\" flag: strconv.ParseFloat: parsing " + shown +
                                 ": invalid syntax");
    }
    const auto asked_wishes = wishes_of(command, *threshold);
    if (!asked_wishes.ok()) return wrongly_asked(command, outside, asked_wishes.error().message);
    if (!(*threshold >= 0 && *threshold <= 100)) {
        return refuse(outside, "Code coverage threshold must be between 0 and 100");
    }
    const TestWishes& wishes = asked_wishes.value();
    if (command.text("format") == "gobench" && !command.is_set("bench")) {
        return refuse(outside,
                      "cannot use output format gobench without running benchmarks (--bench)");
    }
    if (command.is_set("bench") && wishes.has_coverage) {
        return refuse(outside, "coverage reporting is not supported when benchmarking tests");
    }
    Arena arena;
    Interner interner;
    Loader loader(arena, interner, version_of(command));
    CompileFlags flags;
    if (!flags.read(command, loader)) {
        return flags.wrong_flag().empty()
                   ? refuse(outside, to_string(flags.errors(), flags.during()))
                   : wrongly_asked(command, outside, flags.wrong_flag());
    }
    load_arguments(command, outside, loader);
    if (!loader.errors().empty()) return refuse(outside, failure_text(loader.errors(), command));

    std::optional<match::Regex> wanted;
    if (command.is_set("run")) {
        auto compiled = match::Regex::compile(command.text("run"));
        if (!compiled.ok()) return refuse(outside, compiled.error().message);
        wanted.emplace(std::move(compiled).value());
    }
    const auto prepared = rego::compiler::prepare_tests(loader.modules(), arena, interner);
    std::vector<TestRule> tests;
    std::vector<rego::compiler::SourceQuery> queries;
    std::vector<std::size_t> functions;
    for (const TestRule& test : prepared.tests) {
        if (wanted && !wanted->is_match(test.path)) continue;
        const auto query = rego::syntax::parse_query(test.path, arena, interner, {});
        if (!query.errors.empty()) return refuse(outside, query.errors[0].message);
        queries.push_back({test.path, query.body, rego::compiler::QueryResult::kBindingsAndValues});
        tests.push_back(test);
        if (test.is_function) functions.push_back(queries.size() - 1);
    }
    rego::compiler::CompileOptions options = flags.options(
        command.is_set("bench") ? rego::compiler::Prints::kDropped : rego::compiler::Prints::kKept,
        outside, loader);
    if (command.is_set("trivy")) {
        options.builtins = rego::compiler::KnownBuiltins(trivy_builtins());
    }
    // What is wrong with one query alone is no other's matter.
    std::map<std::size_t, std::vector<ShownError>> wrong;
    for (const std::size_t i : functions) {
        const auto alone =
            rego::compiler::compile(prepared.modules, std::span(&queries[i], 1), options);
        for (const auto& error : alone.errors) wrong[i].push_back(shown(error));
        queries[i].body = rego::syntax::parse_query("true", arena, interner, {}).body;
    }
    options.max_errors = static_cast<std::size_t>(
        std::max<std::int64_t>(0, command.integer("max-errors").value_or(10)));
    const auto compiled = rego::compiler::compile(prepared.modules, queries, options);
    if (compiled.program == nullptr) {
        std::vector<ShownError> errors;
        for (const auto& error : compiled.errors) errors.push_back(shown(error));
        return refuse(outside, to_string(errors));
    }

    std::optional<rego::watch::Library> library;
    const bool is_watched = wishes.has_coverage || wishes.explain != Explain::kOff ||
                            wishes.failures == FailureLines::kShown;
    const auto equalities = wishes.failures == FailureLines::kShown
                                ? rego::compiler::TestEqualities::kNamed
                                : rego::compiler::TestEqualities::kAsWritten;
    if (is_watched) {
        library.emplace(rego::compiler::prepare(in_order_of_files(prepared.modules), queries,
                                                options, equalities));
    }
    const TestRun run{
        *compiled.program, library ? &*library : nullptr, outside, loader.data(), wishes,
        lines_of_files()};
    const std::int64_t asked = command.integer("parallel").value_or(0);
    const unsigned threads =
        asked > 0 ? static_cast<unsigned>(std::min<std::int64_t>(asked, 256)) : available_cores();
    const std::int64_t rounds = command.integer("count").value_or(1);
    for (std::int64_t round = 0; round < rounds; ++round) {
        std::vector<TestResult> results(tests.size());
        ThreadPool(threads).for_each(tests.size(), [&](std::size_t i, unsigned /*worker*/) {
            if (const auto found = wrong.find(i); found != wrong.end() && !tests[i].is_skipped) {
                results[i] = {.test = &tests[i], .wrong = found->second};
                return;
            }
            results[i] = run.run(tests[i], static_cast<std::uint32_t>(i));
        });
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (!results[i].error) continue;
            ExaminedError found =
                examined(*results[i].error, {.modules = prepared.modules,
                                             .queries = queries,
                                             .query = static_cast<std::uint32_t>(i),
                                             .options = options,
                                             .input = std::nullopt,
                                             .data = loader.data(),
                                             .cancel = outside.cancel,
                                             .world = results[i].world->next_run(outside),
                                             .tests = equalities});
            results[i].error = std::move(found.error);
            results[i].stack = std::move(found.stack);
        }
        if (wishes.has_coverage) {
            CoverageRunner coverage(wishes.coverage_runs);
            for (std::size_t i = 0; i < tests.size(); ++i) {
                // What is wrong was never run.
                if (!tests[i].is_skipped && results[i].wrong.empty())
                    run.cover(coverage, results[i], i);
                if (results[i].has_failed) run.explain(results[i], i, FailureLines::kHidden);
            }
            const int code = report_coverage(command, outside, results,
                                             coverage.report(in_order_of_files(loader.modules())));
            if (code != 0) return code;
            if (const int told = code_of(command, outside, results); told != 0) return told;
            continue;
        }
        for (std::size_t i = 0; i < results.size() && command.is_set("bench"); ++i) {
            if (results[i].has_passed()) run.measure(results[i], static_cast<std::uint32_t>(i));
        }
        const bool is_json = command.text("format") == "json";
        for (std::size_t i = 0; i < results.size() && is_watched && !is_json; ++i) {
            if (results[i].has_failed) run.explain(results[i], i, wishes.failures);
        }
        if (command.text("sort") == "duration") {
            if (is_json) {
                std::ranges::stable_sort(results, std::greater(),
                                         &TestResult::duration_nanoseconds);
            } else {
                outside.write_error("warning: --sort is only supported with JSON format\n");
            }
        }
        const int code =
            print(outside,
                  is_json ? json_report(results)
                          : pretty_report(results, verbosity_of(command), wishes.failures,
                                          command.text("format") == "gobench" ? BenchNames::kGo
                                                                              : BenchNames::kPaths),
                  0);
        if (code != 0) return code;
        if (const int told = code_of(command, outside, results); told != 0) return told;
    }
    return 0;
}

}  // namespace merlon::compat::opa
