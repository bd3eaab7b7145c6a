#include "compat/opa/measuring.h"

#include <algorithm>
#include <cmath>

#include "rego/go_format.h"

namespace merlon::compat::opa {
namespace {

// As Go measures: so many evaluations as take a second.
constexpr std::int64_t kMeasuredNanoseconds = 1'000'000'000;
constexpr std::size_t kMostKept = 1'000'000;

}  // namespace

Measured measure(const Outside& outside, const std::function<void()>& evaluate) {
    Measured measured;
    const auto begin = outside.clock->monotonic();
    while (measured.nanoseconds < kMeasuredNanoseconds &&
           (outside.cancel == nullptr || !outside.cancel->cancelled())) {
        const auto before = outside.clock->monotonic();
        evaluate();
        const auto after = outside.clock->monotonic();
        if (measured.times.size() < kMostKept) {
            measured.times.push_back((after - before).count());
        }
        measured.nanoseconds = (after - begin).count();
        ++measured.evaluations;
    }
    return measured;
}

std::vector<std::pair<std::string, double>> figures_of(std::vector<std::int64_t> times) {
    std::ranges::sort(times);
    const auto size = static_cast<double>(times.size());
    double sum = 0;
    for (const std::int64_t time : times) sum += static_cast<double>(time);
    const double mean = sum / size;
    double squares = 0;
    for (const std::int64_t time : times) {
        squares += (static_cast<double>(time) - mean) * (static_cast<double>(time) - mean);
    }
    const auto percentile = [&times, size](double share) {
        const double place = share * (size + 1);
        if (place < 1) return static_cast<double>(times.front());
        if (place >= size) return static_cast<double>(times.back());
        const auto below = static_cast<std::size_t>(place);
        const auto lower = static_cast<double>(times[below - 1]);
        const auto upper = static_cast<double>(times[below]);
        return lower + (place - static_cast<double>(below)) * (upper - lower);
    };
    return {{"75%", percentile(0.75)},
            {"90%", percentile(0.9)},
            {"95%", percentile(0.95)},
            {"99%", percentile(0.99)},
            {"99.9%", percentile(0.999)},
            {"99.99%", percentile(0.9999)},
            {"count", size},
            {"max", static_cast<double>(times.back())},
            {"mean", mean},
            {"median", percentile(0.5)},
            {"min", static_cast<double>(times.front())},
            {"stddev", std::sqrt(squares / size)}};
}

std::string benchmark_number(double number) {
    const int digits = number >= 999.95 || number == 0 ? 0
                       : number >= 99.995              ? 1
                       : number >= 9.9995              ? 2
                       : number >= 0.99995             ? 3
                                                       : 4;
    return rego::go_float_text(number, 'f', digits);
}

std::string gobench_line(std::string_view name, const Measured& measured,
                         std::span<const std::pair<std::string, double>> figures) {
    const auto cell = [](const std::string& number, std::string_view unit) {
        return "\t" + std::string(number.size() < 10 ? 10 - number.size() : 0, ' ') + number + " " +
               std::string(unit);
    };
    const std::string count = std::to_string(measured.evaluations);
    std::string text(name);
    text += "\t" + std::string(count.size() < 8 ? 8 - count.size() : 0, ' ') + count;
    text += cell(benchmark_number(measured.per_evaluation()), "ns/op");
    for (const auto& [figure, number] : figures) text += cell(benchmark_number(number), figure);
    return text;
}

}  // namespace merlon::compat::opa
