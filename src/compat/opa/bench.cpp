#include <algorithm>
#include <cmath>

#include "compat/opa/commands.h"
#include "compat/opa/compile_flags.h"
#include "compat/opa/question.h"
#include "compat/opa/table.h"
#include "compat/opa/watching.h"
#include "rego/go_format.h"
#include "rego/machine.h"
#include "text/json.h"

namespace merlon::compat::opa {
namespace {

// As Go measures: so many evaluations as take a second.
constexpr std::int64_t kMeasuredNanoseconds = 1'000'000'000;
constexpr std::size_t kMostKept = 1'000'000;

struct Measured {
    std::int64_t evaluations = 0;
    std::int64_t nanoseconds = 0;
    std::vector<std::int64_t> times;  // of the first of them

    double per_evaluation() const {
        return static_cast<double>(nanoseconds) / static_cast<double>(evaluations);
    }
};

// The figures of OPA's histogram, in the order of their names.
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

std::string histogram_name(std::string_view figure) {
    return "histogram_timer_rego_query_eval_ns_" + std::string(figure);
}

// testing.BenchmarkResult: three digits and a half at most.
std::string number_text(double number) {
    const int digits = number >= 999.95 || number == 0 ? 0
                       : number >= 99.995              ? 1
                       : number >= 9.9995              ? 2
                       : number >= 0.99995             ? 3
                                                       : 4;
    return rego::go_float_text(number, 'f', digits);
}

std::string pretty_text(const Measured& measured, bool has_metrics) {
    std::vector<TableRow> rows{{"samples", std::to_string(measured.evaluations)},
                               {"ns/op", number_text(measured.per_evaluation())}};
    if (has_metrics) {
        for (const auto& [name, number] : figures_of(measured.times)) {
            rows.push_back({histogram_name(name), number_text(number)});
        }
    }
    // Numbers end on the right.
    std::size_t widest = 0;
    for (const TableRow& row : rows) widest = std::max(widest, row[1].size());
    for (TableRow& row : rows) row[1] = std::string(widest - row[1].size(), ' ') + row[1];
    return draw_table({}, rows);
}

std::string json_text(const Measured& measured, bool has_metrics) {
    std::string out;
    text::JsonWriter json(out, "  ", text::JsonEscapes::kGo);
    json.begin_object().key("N").integer(measured.evaluations);
    json.key("T").integer(measured.nanoseconds).key("Bytes").integer(0);
    json.key("Extra").begin_object();
    if (has_metrics) {
        for (const auto& [name, number] : figures_of(measured.times)) {
            json.key(histogram_name(name)).raw(rego::go_float_text(number, 'f', -1));
        }
    }
    json.end_object().end_object();
    return out + "\n";
}

std::string gobench_text(const Measured& measured, bool has_metrics) {
    const auto cell = [](const std::string& number, std::string_view unit) {
        return "\t" + std::string(number.size() < 10 ? 10 - number.size() : 0, ' ') + number + " " +
               std::string(unit);
    };
    std::string count = std::to_string(measured.evaluations);
    std::string text =
        "BenchmarkOPAEval\t" + std::string(count.size() < 8 ? 8 - count.size() : 0, ' ') + count;
    text += cell(number_text(measured.per_evaluation()), "ns/op");
    if (has_metrics) {
        for (const auto& [name, number] : figures_of(measured.times)) {
            text += cell(number_text(number), histogram_name(name));
        }
    }
    return text + "\n";
}

}  // namespace

int run_bench(const ParsedCommand& command, const Outside& outside) {
    const auto refuse = [&outside](const std::vector<ShownError>& errors) {
        outside.write_error(to_string(errors) + "\n");
        return 1;
    };
    if (command.arguments.empty() && !command.is_set("stdin")) {
        outside.write_error("error: specify query argument or --stdin\n");
        return kFailed;
    }
    Question question(command, outside);
    if (!question.load_policies() || !question.read_input() || !question.read_query()) {
        return refuse(question.errors());
    }
    const rego::compiler::SourceQuery queries[] = {
        question.source(rego::compiler::QueryResult::kBindingsAndValues)};
    CompileFlags flags;
    if (!flags.read(command, question.loader())) return refuse(flags.errors());
    const auto compiled = rego::compiler::compile(question.loader().modules(), queries,
                                                  flags.options(rego::compiler::Prints::kDropped));
    if (compiled.program == nullptr) {
        std::vector<ShownError> errors;
        for (const auto& error : compiled.errors) errors.push_back(shown(error));
        return refuse(errors);
    }
    rego::MachineOptions options;
    options.cancel = outside.cancel;
    options.world = world_of(outside);
    rego::Machine machine(*compiled.program, options);
    const value::Value data = question.loader().data();
    const rego::Evaluation& first = machine.run(0, question.input(), data);
    if (first.error) return refuse({shown(*first.error)});
    if (first.results.empty() && command.text("fail") != "false") {
        return refuse({{.message = "undefined result"}});
    }
    const std::int64_t rounds = std::max<std::int64_t>(command.integer("count").value_or(1), 1);
    const bool has_metrics = command.text("metrics") != "false";
    for (std::int64_t round = 0; round < rounds; ++round) {
        Measured measured;
        const auto begin = outside.clock->monotonic();
        while (measured.nanoseconds < kMeasuredNanoseconds &&
               (outside.cancel == nullptr || !outside.cancel->cancelled())) {
            const auto before = outside.clock->monotonic();
            machine.run(0, question.input(), data);
            const auto after = outside.clock->monotonic();
            if (measured.times.size() < kMostKept) {
                measured.times.push_back((after - before).count());
            }
            measured.nanoseconds = (after - begin).count();
            ++measured.evaluations;
        }
        if (measured.evaluations == 0) return kFailed;
        const std::string& format = command.text("format");
        const std::string text = format == "json"      ? json_text(measured, has_metrics)
                                 : format == "gobench" ? gobench_text(measured, has_metrics)
                                                       : pretty_text(measured, has_metrics);
        if (const int code = print(outside, text, 0); code != 0) return code;
    }
    return 0;
}

}  // namespace merlon::compat::opa
