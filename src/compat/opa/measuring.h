#pragma once

// How long an evaluation takes, as Go's benchmarks measure and write it: so many of them as take a
// second.
//
// Standard: testing.BenchmarkResult, and the Go benchmark data format (proposal 14313). Not
// thread-safe. Cost: a second.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compat/opa/run.h"

namespace merlon::compat::opa {

struct Measured {
    std::int64_t evaluations = 0;  // 0: it was cancelled before the first
    std::int64_t nanoseconds = 0;
    std::vector<std::int64_t> times = {};  // of the first of them

    double per_evaluation() const {
        return static_cast<double>(nanoseconds) / static_cast<double>(evaluations);
    }
};

Measured measure(const Outside& outside, const std::function<void()>& evaluate);

// The figures of OPA's histogram, in the order of their names. There is at least one time.
std::vector<std::pair<std::string, double>> figures_of(std::vector<std::int64_t> times);
// Three digits and a half at most.
std::string benchmark_number(double number);
// "NAME  count  ns/op  figures", without the end of the line.
std::string gobench_line(std::string_view name, const Measured& measured,
                         std::span<const std::pair<std::string, double>> figures);

}  // namespace merlon::compat::opa
