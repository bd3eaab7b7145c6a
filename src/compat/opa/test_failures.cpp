#include "compat/opa/test_failures.h"

#include <algorithm>
#include <map>
#include <memory>

#include "base/file.h"
#include "compat/opa/watching.h"
#include "rego/term.h"

namespace merlon::compat::opa {
namespace {

using value::Value;

constexpr std::uint64_t kMaxSourceBytes = std::uint64_t{64} << 20;

// Cases become known while a test runs; what has failed until the next one is the case's.
class CaseFailures : public rego::Listener {
  public:
    CaseFailures(FailureLine& line, TestResult& result) : line_(line), result_(result) {}
    void printed(std::string_view /*line*/) override {}
    void reached_case(const Value& path) override {
        finish();
        names_.clear();
        for (const Value& name : path.items()) {
            names_.push_back(name.is_string() ? std::string(name.as_string())
                                              : rego::json_text(name));
        }
    }
    // The last case ends.
    void finish() {
        TestCase* one = nullptr;
        std::map<std::string, TestCase>* cases = &result_.cases;
        for (const std::string& name : names_) {
            one = &(*cases)[name];
            cases = &one->cases;
        }
        if (one != nullptr) one->failure = line_.text();
    }

  private:
    FailureLine& line_;
    TestResult& result_;
    std::vector<std::string> names_;
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

}  // namespace

bool judge_cases(const Value& value, std::span<const std::vector<std::string>> reached,
                 Cases& cases) {
    bool has_failed = take_cases(value, cases);
    for (const std::vector<std::string>& path : reached) {
        if (add_reached(cases, path)) has_failed = true;
    }
    return has_failed;
}

void explain_failure(const FailureWatch& watch, std::size_t plan, const Value& data,
                     TestResult& result) {
    TraceRecorder trace(watch.explain, watch.variables);
    FailureLine line(watch.line_of, watch.variables);
    CaseFailures cases(line, result);
    Listeners listeners;
    if (watch.explain != Explain::kOff) listeners.add(trace);
    if (watch.lines == FailureLines::kShown) listeners.add(line);
    if (listeners.is_empty()) return;
    rego::watch::WatchOptions options = watch.options;
    options.world.listener = &cases;
    if (watch.explain == Explain::kDebug) {
        options.unifications = rego::watch::Unifications::kTold;
    }
    rego::watch::Watcher watcher(watch.library, listeners, options);
    EventText text(watcher);
    trace.attach(&text);
    line.attach(&text);
    const auto error = watcher.run(plan, std::nullopt, data);
    if (watch.explain != Explain::kOff) result.trace = trace.finish("  ");
    if (error) result.trace += "  " + error->to_string() + "\n";
    if (result.cases.empty()) {
        result.failure = line.text();
    } else {
        cases.finish();
    }
}

FailureLine::LineOf lines_of_files() {
    const auto files = std::make_shared<std::map<std::string, std::string>>();
    return [files](const std::string& file, std::uint32_t row) {
        const auto [at, is_new] = files->try_emplace(file);
        if (is_new) at->second = read_text_file(file, kMaxSourceBytes).value_or("");
        std::string_view rest = at->second;
        for (std::uint32_t i = 1; i < row && !rest.empty(); ++i) {
            rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
        }
        return std::string(rest.substr(0, rest.find('\n')));
    };
}

}  // namespace merlon::compat::opa
