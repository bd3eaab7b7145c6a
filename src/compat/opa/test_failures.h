#pragma once

// Why a test has failed: a second evaluation, which is watched, gives the trace and the expression
// that was false.
//
// Standard: OPA 1.22.2, `opa test --verbose` and `--var-values`. Not thread-safe. Cost: the slow
// evaluation of one test, bounded by the Watcher's steps.

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "compat/opa/failure_line.h"
#include "compat/opa/test_report.h"
#include "compat/opa/trace.h"
#include "rego/watch/watcher.h"

namespace merlon::compat::opa {

struct FailureWatch {
    rego::watch::Library& library;
    Explain explain = Explain::kOff;
    FailureLines lines = FailureLines::kHidden;
    Variables variables = Variables::kHidden;  // in both
    FailureLine::LineOf line_of;               // of the files of the policies
    rego::watch::WatchOptions options = {};    // its listener is not heard
};

// Fills in the trace and the failures of `result`, whose test is the query of that number.
void explain_failure(const FailureWatch& watch, std::size_t plan, const value::Value& data,
                     TestResult& result);

// The cases of a test are the keys of its value, and those that it came to without one, which have
// failed. They are written into `cases`; whether one of them has failed.
bool judge_cases(const value::Value& value, std::span<const std::vector<std::string>> reached,
                 std::map<std::string, TestCase>& cases);

// Lines of files, which are read when somebody asks and kept.
FailureLine::LineOf lines_of_files();

}  // namespace merlon::compat::opa
