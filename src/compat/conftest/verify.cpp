// The commands that look at policies alone: verify and fmt.

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/ascii.h"
#include "base/file.h"
#include "compat/conftest/commands.h"
#include "compat/conftest/config_builtins.h"
#include "compat/conftest/engine.h"
#include "compat/conftest/parsers.h"
#include "compat/opa/load.h"
#include "compat/opa/policy_host.h"
#include "compat/opa/test_failures.h"
#include "compat/opa/test_report.h"
#include "compat/opa/watching.h"
#include "rego/compiler/test_rules.h"
#include "rego/syntax/format.h"

namespace merlon::compat::conftest {
namespace {

using rego::compiler::TestRule;
using value::Value;

constexpr std::uint64_t kMaxPolicyBytes = std::uint64_t{64} << 20;

// A test's value is true, or an object of cases that all are.
bool is_true(const Value& value) {
    if (value.is_object()) return std::ranges::all_of(value.values(), is_true);
    return value.is_boolean() && value.as_boolean();
}

// What a test prints, as reports have it: without the places.
class TestOutput : public PrintedLines {
  public:
    void printed_at(std::string_view line, const rego::CallPlace& /*place*/) override {
        text.append(line) += '\n';
    }
    std::string text;
};

class Tests {
  public:
    Tests(const ParsedCommand& command, Policies& policies)
        : command_(command), policies_(policies) {}

    Status prepare() {
        prepared_ = rego::compiler::prepare_tests(policies_.modules(), policies_.arena(),
                                                  policies_.interner());
        const std::vector<std::string> patterns = list_of(command_, "namespace");
        std::vector<std::string> wanted = policies_.namespaces();
        if (!patterns.empty()) wanted = MERLON_TRY(matching_namespaces(wanted, patterns));
        for (const TestRule& test : prepared_.tests) {
            std::string_view package = test.package;
            if (package.starts_with("data.")) package.remove_prefix(5);
            if (std::ranges::find(wanted, package) == wanted.end()) continue;
            const auto query =
                rego::syntax::parse_query(test.path, policies_.arena(), policies_.interner(), {});
            if (!query.errors.empty()) return Error{query.errors[0].message};
            queries_.push_back(
                {test.path, query.body, rego::compiler::QueryResult::kBindingsAndValues});
            tests_.push_back(&test);
        }
        auto compiled =
            rego::compiler::compile(prepared_.modules, queries_, policies_.compile_options());
        if (compiled.program != nullptr) {
            program_ = std::move(compiled.program);
            return {};
        }
        std::vector<opa::ShownError> errors;
        for (const auto& error : compiled.errors) errors.push_back(opa::shown(error));
        return Error{"run test: " + opa::to_string(errors)};
    }

    Result<std::vector<opa::TestResult>> run() {
        std::vector<opa::TestResult> results;
        for (std::size_t i = 0; i < tests_.size(); ++i) {
            seen_.push_back(std::make_unique<opa::SeenWorld>(policies_.outside()));
            results.push_back(run_one(*tests_[i], static_cast<std::uint32_t>(i)));
            if (results.back().error) {
                return Error{"run test: " + in_conftests_words(*results.back().error).to_string()};
            }
        }
        return results;
    }

    // Why tests have failed, for a report.
    void explain_failures(std::span<opa::TestResult> results, opa::Explain explain) {
        const auto variables =
            command_.is_set("var-values") ? opa::Variables::kShown : opa::Variables::kHidden;
        const auto library = watched();
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (!results[i].has_failed) continue;
            // conftest finds the expression among the events that are left, which notes have none
            // of; those of cases it finds while they run.
            const bool is_hidden = explain == opa::Explain::kNotes && results[i].cases.empty();
            const auto lines = is_hidden ? opa::FailureLines::kHidden : opa::FailureLines::kShown;
            opa::explain_failure({.library = *library,
                                  .explain = explain,
                                  .lines = lines,
                                  .variables = variables,
                                  .line_of = opa::lines_of_files(),
                                  .options = watch_options(i)},
                                 i, policies_.data(), results[i]);
        }
    }

    // Each test's trace, in their order.
    std::vector<std::string> traces() {
        const auto library = watched();
        std::vector<std::string> traces(tests_.size());
        for (std::size_t i = 0; i < tests_.size(); ++i) {
            if (tests_[i]->is_skipped) continue;
            opa::TraceRecorder recorder(opa::Explain::kDebug, opa::Variables::kHidden);
            rego::watch::WatchOptions options = watch_options(i);
            options.unifications = rego::watch::Unifications::kTold;
            rego::watch::Watcher watcher(*library, recorder, options);
            opa::EventText text(watcher);
            recorder.attach(&text);
            const auto error = watcher.run(i, std::nullopt, policies_.data());
            traces[i] = recorder.finish({}, opa::Places::kHidden);
            if (error) traces[i] += error->to_string() + "\n";
        }
        return traces;
    }

  private:
    std::unique_ptr<rego::watch::Library> watched() const {
        return std::make_unique<rego::watch::Library>(rego::compiler::prepare(
            opa::in_order_of_files(prepared_.modules), queries_, policies_.compile_options()));
    }
    // The test is told what it was told when it ran.
    rego::watch::WatchOptions watch_options(std::size_t test) {
        rego::watch::WatchOptions options;
        options.cancel = policies_.outside().cancel;
        options.world = policies_.world(*seen_[test], nullptr);
        return options;
    }

    opa::TestResult run_one(const TestRule& test, std::uint32_t plan) {
        opa::TestResult result{.test = &test};
        if (test.is_skipped) return result;
        TestOutput printed;
        rego::MachineOptions options;
        options.cancel = policies_.outside().cancel;
        options.world = policies_.world(*seen_[plan], &printed);
        if (command_.is_set("show-builtin-errors")) {
            options.builtin_errors = rego::BuiltinErrors::kStrict;
        }
        const auto begin = policies_.outside().clock->monotonic();
        rego::Machine machine(*program_, options);
        const rego::Evaluation& evaluation = machine.run(plan, std::nullopt, policies_.data());
        result.duration_nanoseconds = (policies_.outside().clock->monotonic() - begin).count();
        result.error = evaluation.error;
        result.output = std::move(printed.text);
        // A result is [bindings, [value]]. A case that was come to and has no value has failed.
        const Value* const value =
            evaluation.results.empty() ? nullptr : evaluation.results[0].items()[1].items().data();
        result.has_failed = !result.error && (value == nullptr || !is_true(*value));
        for (const std::vector<std::string>& path : printed.cases) {
            const Value* at = value;
            for (const std::string& name : path) at = at == nullptr ? nullptr : at->find(name);
            if (at == nullptr && !result.error) result.has_failed = true;
        }
        if (test.has_cases && value != nullptr) {
            opa::judge_cases(*value, printed.cases, result.cases);
        }
        return result;
    }

    const ParsedCommand& command_;
    Policies& policies_;
    rego::compiler::TestModules prepared_;
    std::vector<const TestRule*> tests_;
    std::vector<std::unique_ptr<opa::SeenWorld>> seen_;  // by each of the tests that have run
    std::vector<rego::compiler::SourceQuery> queries_;
    std::unique_ptr<const rego::Program> program_;
};

std::vector<CheckResult> check_results(std::span<const opa::TestResult> tests) {
    std::vector<CheckResult> results;
    for (const opa::TestResult& test : tests) {
        CheckResult result{.file = test.test->file};
        const RuleResult said{.message = test.test->package + "." + test.test->name};
        if (test.has_failed) {
            result.failures.push_back(said);
        } else if (test.test->is_skipped) {
            result.skipped.push_back(said);
        } else {
            result.successes = 1;
        }
        results.push_back(std::move(result));
    }
    return results;
}

// The events of --report; kOff: there is none. Of "full" OPA's filters leave nothing out.
opa::Explain reported(const ParsedCommand& command) {
    const std::string& named = command.text("report");
    if (named == "full") return opa::Explain::kDebug;
    if (named == "notes") return opa::Explain::kNotes;
    const bool is_asked = named == "fails" || command.is_set("var-values");
    return is_asked ? opa::Explain::kFails : opa::Explain::kOff;
}

// All policies of files and folders.
Result<std::vector<std::string>> policy_files(const std::vector<std::string>& arguments) {
    std::vector<std::string> files;
    for (const std::string& named : arguments) {
        constexpr std::string_view kDuring = "get rego files: 1 error occurred during loading: ";
        const auto path = opa::clean_path(named);
        if (!path.ok()) return Error{std::string(kDuring) + path.error().message};
        const std::string& argument = path.value();
        std::error_code code;
        if (!std::filesystem::exists(argument, code)) {
            return Error{std::string(kDuring) + "stat " + argument + ": no such file or directory"};
        }
        if (!std::filesystem::is_directory(argument, code)) {
            files.push_back(argument);
            continue;
        }
        std::vector<std::string> found;
        for (auto at = std::filesystem::recursive_directory_iterator(argument, code);
             !code && at != std::filesystem::recursive_directory_iterator(); at.increment(code)) {
            if (at->path().extension() == ".rego") {
                found.push_back(at->path().lexically_normal().string());
            }
        }
        std::ranges::sort(found);
        files.insert(files.end(), found.begin(), found.end());
    }
    std::erase_if(files, [](const std::string& file) { return !file.ends_with(".rego"); });
    return files;
}

}  // namespace

int run_verify(const ParsedCommand& command, const Outside& outside) {
    opa::PolicyHost host(
        outside, opa::FileAccess::kAllowed,
        opa::narrowed_hosts(list_of(command, "allow-net"), command.text("capabilities")));
    Policies policies(outside, host);
    if (command.is_set("capabilities")) {
        const Status restricted = policies.restrict_to(command.text("capabilities"));
        if (!restricted.ok())
            return fail(outside, "running verification: " + restricted.error().message);
    }
    const Status loaded = policies.load(policy_paths(command));
    if (!loaded.ok()) return fail(outside, "running verification: load: " + loaded.error().message);
    Tests tests(command, policies);
    const Status prepared = tests.prepare();
    if (!prepared.ok()) return fail(outside, "running verification: " + prepared.error().message);
    auto run = tests.run();
    if (!run.ok()) return fail(outside, "running verification: " + run.error().message);
    std::vector<CheckResult> results = check_results(run.value());
    const int code = totals(results).failures > 0 ? 1 : 0;
    if (command.is_set("quiet") && code == 0) return 0;
    const opa::Explain explain = reported(command);
    if (explain != opa::Explain::kOff) {
        if (command.text("output") != "stdout") {
            return fail(outside, "report flag is supported with stdout only");
        }
        tests.explain_failures(run.value(), explain);
        return print(
            outside,
            opa::pretty_report(run.value(), opa::Verbosity::kAll, opa::FailureLines::kShown), code);
    }
    if (command.is_set("trace")) {
        const std::vector<std::string> traces = tests.traces();
        for (std::size_t i = 0; i < results.size(); ++i) {
            const opa::TestResult& test = run.value()[i];
            results[i].traced.push_back({test.test->name, test.has_passed(), traces[i]});
        }
    }
    OutputOptions options = output_options(command);
    options.skipped = Skipped::kCounted;
    return print_results(command, outside, results, options, code);
}

int run_fmt(const ParsedCommand& command, const Outside& outside) {
    const std::string& named = command.text("rego-version");
    rego::syntax::FormatOptions options;
    if (equal_without_case(named, "v0")) {
        options.version = rego::syntax::RegoVersion::kV0;
    } else if (!equal_without_case(named, "v1")) {
        return fail(outside, "failed to parse rego-version flag: invalid Rego version: " + named);
    }
    const auto files = policy_files(command.arguments);
    if (!files.ok()) return fail(outside, files.error().message);
    if (files.value().empty()) {
        std::string list;
        for (const std::string& path : command.arguments) list += (list.empty() ? "" : " ") + path;
        return fail(outside, "no policies found in [" + list + "]");
    }
    // All are read before one is written: what is wrong leaves all as they are.
    std::vector<std::pair<std::string, std::string>> changes;
    for (const std::string& file : files.value()) {
        const auto text = read_text_file(file, kMaxPolicyBytes);
        if (!text.ok()) return fail(outside, "get rego files: " + text.error().to_string());
        auto formatted = rego::syntax::format_source(text.value(), options);
        if (!formatted.errors.empty()) {
            std::vector<opa::ShownError> errors;
            for (const auto& error : formatted.errors) errors.push_back(opa::shown(error, file));
            return fail(outside, "get rego files: " + opa::to_string(errors, " during loading"));
        }
        if (formatted.text != text.value()) changes.emplace_back(file, std::move(formatted.text));
    }
    if (command.is_set("check")) return changes.empty() ? 0 : fail(outside, "files not formatted");
    for (const auto& [file, text] : changes) {
        const Status written = write_file_atomically(file, text);
        if (!written.ok())
            return fail(outside, "write formatted contents: " + written.error().message);
    }
    return 0;
}

}  // namespace merlon::compat::conftest
