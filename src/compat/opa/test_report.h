#pragma once

// What `opa test` prints: a line for each test and the counts, or JSON.
//
// Thread-safe: no state. Cost: linear in the results.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compat/opa/measuring.h"
#include "compat/opa/shown_error.h"
#include "rego/compiler/test_rules.h"
#include "rego/machine.h"
#include "rego/watch/stack.h"

namespace merlon::compat::opa {

class SeenWorld;

// The cases of a test by name; a case may have cases itself.
struct TestCase {
    bool has_failed = false;
    std::map<std::string, TestCase> cases = {};
    std::string failure = {};  // with --var-values
};

struct TestResult {
    const rego::compiler::TestRule* test = nullptr;
    bool has_failed = false;
    std::optional<rego::EvaluationError> error = {};
    rego::watch::Stack stack = {};       // where it stood then
    std::vector<ShownError> wrong = {};  // why it cannot be asked for
    std::int64_t duration_nanoseconds = 0;
    std::string output = {};  // of print
    std::map<std::string, TestCase> cases = {};
    std::string trace = {};                 // of a test that has failed, with --verbose
    std::string failure = {};               // the expression that has failed, with --var-values
    std::optional<Measured> measured = {};  // with --bench
    std::shared_ptr<SeenWorld> world = {};  // null: it was skipped

    bool has_passed() const { return !has_failed && !has_error() && !test->is_skipped; }
    bool has_error() const { return error || !wrong.empty(); }
};

enum class Verbosity : std::uint8_t { kFailures, kAll };

// What lines of --bench are called: data.p.test_x, or BenchmarkDataPTestX as Go's tools read it.
enum class BenchNames : std::uint8_t { kPaths, kGo };

enum class FailureLines : std::uint8_t { kHidden, kShown };

std::string pretty_report(std::span<const TestResult> results, Verbosity verbosity,
                          FailureLines failures, BenchNames names = BenchNames::kPaths);
// "data.p.test_x: FAIL (1.5ms)", and its cases below.
std::string one_line(const TestResult& result);
std::string json_report(std::span<const TestResult> results);
// Each line begins with so many spaces, empty ones as well.
std::string indent_lines(std::string_view text, std::size_t spaces);

// time.Duration.String(): "1.5ms".
std::string duration_text(std::int64_t nanoseconds);

}  // namespace merlon::compat::opa
