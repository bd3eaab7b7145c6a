#include <algorithm>
#include <charconv>

#include "base/thread_pool.h"
#include "compat/opa/commands.h"
#include "compat/opa/load.h"
#include "compat/opa/test_report.h"
#include "compat/opa/trivy_builtins.h"
#include "match/regex.h"
#include "rego/compiler/test_rules.h"
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

using Cases = std::map<std::string, TestCase>;

// The cases that a test's value has; whether one of them is not true.
bool take_cases(const Value& value, Cases& cases) {
    bool has_failed = false;
    if (!value.is_object()) return has_failed;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const Value& key = value.keys()[i];
        const Value& under = value.values()[i];
        const std::string name =
            key.is_string() ? std::string(key.as_string()) : rego::json_text(key);
        TestCase& one = cases[name];
        one.has_failed = under.is_object() ? take_cases(under, one.cases)
                                           : !under.is_boolean() || !under.as_boolean();
        has_failed = has_failed || one.has_failed;
    }
    return has_failed;
}

// A case that was reached and has no value has failed, and so has what it stands in.
bool add_reached(Cases& cases, std::span<const std::string> path) {
    if (path.empty()) return true;
    const auto [at, is_new] = cases.try_emplace(path[0]);
    TestCase& one = at->second;
    if (is_new) one.has_failed = true;
    if (path.size() == 1) return one.has_failed;
    const bool has_failed = add_reached(one.cases, path.subspan(1));
    one.has_failed = one.has_failed || has_failed;
    return has_failed;
}

struct TestRun {
    const rego::Program& program;
    const Outside& outside;
    Value data;

    TestResult run(const TestRule& test, std::uint32_t plan) const {
        TestResult result{.test = &test};
        if (test.is_skipped) return result;
        Recorder recorder;
        rego::MachineOptions options;
        options.cancel = outside.cancel;
        options.world = world_of(outside);
        options.world.listener = &recorder;
        const auto begin = outside.clock->monotonic();
        rego::Machine machine(program, options);
        const rego::Evaluation evaluation = machine.run(plan, std::nullopt, data);
        result.duration_nanoseconds = (outside.clock->monotonic() - begin).count();
        result.output = std::move(recorder.output_);
        result.error = evaluation.error;
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
        result.has_failed = take_cases(value, result.cases);
        for (const auto& path : recorder.reached_) {
            if (add_reached(result.cases, path)) result.has_failed = true;
        }
        return result;
    }
};

int refuse(const Outside& outside, std::string_view text) {
    outside.write_error(std::string(text) + "\n");
    return kNotRun;
}

}  // namespace

int run_test(const ParsedCommand& command, const Outside& outside) {
    if (command.arguments.empty()) return refuse(outside, "error: specify at least one file");
    Arena arena;
    Interner interner;
    Loader loader(arena, interner, version_of(command));
    load_arguments(command, outside, loader);
    if (!loader.errors().empty()) {
        return refuse(outside, to_string(loader.errors(), " during loading"));
    }

    std::optional<match::Regex> wanted;
    if (command.is_set("run")) {
        auto compiled = match::Regex::compile(command.text("run"));
        if (!compiled.ok()) return refuse(outside, compiled.error().message);
        wanted.emplace(std::move(compiled).value());
    }
    const auto prepared = rego::compiler::prepare_tests(loader.modules(), arena, interner);
    std::vector<TestRule> tests;
    std::vector<rego::compiler::SourceQuery> queries;
    for (const TestRule& test : prepared.tests) {
        if (wanted && !wanted->is_match(test.path)) continue;
        const auto query = rego::syntax::parse_query(test.path, arena, interner, {});
        if (!query.errors.empty()) return refuse(outside, query.errors[0].message);
        queries.push_back({test.path, query.body, rego::compiler::QueryResult::kBindingsAndValues});
        tests.push_back(test);
    }
    rego::compiler::CompileOptions options;
    options.prints = rego::compiler::Prints::kKept;
    if (command.is_set("trivy")) {
        options.builtins = rego::compiler::KnownBuiltins(trivy_builtins());
    }
    const auto compiled = rego::compiler::compile(prepared.modules, queries, options);
    if (compiled.program == nullptr) {
        std::vector<ShownError> errors;
        for (const auto& error : compiled.errors) errors.push_back(shown(error));
        return refuse(outside, to_string(errors));
    }

    const TestRun run{*compiled.program, outside, loader.data()};
    const std::int64_t asked = command.integer("parallel").value_or(0);
    const unsigned threads =
        asked > 0 ? static_cast<unsigned>(std::min<std::int64_t>(asked, 256)) : available_cores();
    const std::int64_t rounds = std::max<std::int64_t>(command.integer("count").value_or(1), 1);
    for (std::int64_t round = 0; round < rounds; ++round) {
        std::vector<TestResult> results(tests.size());
        ThreadPool(threads).for_each(tests.size(), [&](std::size_t i, unsigned /*worker*/) {
            results[i] = run.run(tests[i], static_cast<std::uint32_t>(i));
        });
        const bool is_json = command.text("format") == "json";
        const auto verbosity = command.is_set("verbose") ? Verbosity::kAll : Verbosity::kFailures;
        const int code =
            print(outside, is_json ? json_report(results) : pretty_report(results, verbosity), 0);
        if (code != 0) return code;
        if (results.empty() && command.is_set("fail-on-empty")) {
            return refuse(outside, "no tests were run");
        }
        const bool allows_skipped = command.is_set("exit-zero-on-skipped");
        const bool is_good = std::ranges::all_of(results, [&](const TestResult& result) {
            return result.has_passed() || (result.test->is_skipped && allows_skipped);
        });
        if (!is_good) return kTestsFailed;
    }
    return 0;
}

}  // namespace merlon::compat::opa
