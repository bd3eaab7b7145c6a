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

}  // namespace

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
