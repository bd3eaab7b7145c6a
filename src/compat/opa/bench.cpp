#include <algorithm>

#include "compat/opa/commands.h"
#include "compat/opa/compile_flags.h"
#include "compat/opa/measuring.h"
#include "compat/opa/question.h"
#include "compat/opa/table.h"
#include "compat/opa/watching.h"
#include "rego/go_format.h"
#include "rego/machine.h"
#include "text/json.h"

namespace merlon::compat::opa {
namespace {

std::string histogram_name(std::string_view figure) {
    return "histogram_timer_rego_query_eval_ns_" + std::string(figure);
}

std::string pretty_text(const Measured& measured, bool has_metrics) {
    std::vector<TableRow> rows{{"samples", std::to_string(measured.evaluations)},
                               {"ns/op", benchmark_number(measured.per_evaluation())}};
    if (has_metrics) {
        for (const auto& [name, number] : figures_of(measured.times)) {
            rows.push_back({histogram_name(name), benchmark_number(number)});
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
    std::vector<std::pair<std::string, double>> figures;
    if (has_metrics) {
        for (const auto& [name, number] : figures_of(measured.times)) {
            figures.emplace_back(histogram_name(name), number);
        }
    }
    return gobench_line("BenchmarkOPAEval", measured, figures) + "\n";
}

}  // namespace

int run_bench(const ParsedCommand& command, const Outside& outside) {
    const auto refuse = [&outside](const std::vector<ShownError>& errors) {
        outside.write_error(to_string(errors) + "\n");
        return 1;
    };
    if (const std::string_view wrong = Question::contradiction(command); !wrong.empty()) {
        return wrongly_asked(command, outside, wrong);
    }
    Question question(command, outside);
    CompileFlags flags;
    if (!flags.read(command, question.loader())) return refuse(flags.errors());
    if (!question.read_input() || !question.load_policies() || !question.read_query()) {
        return refuse(question.errors());
    }
    const rego::compiler::SourceQuery queries[] = {
        question.source(rego::compiler::QueryResult::kBindingsAndValues)};
    const auto compiled = rego::compiler::compile(
        question.loader().modules(), queries,
        flags.options(rego::compiler::Prints::kDropped, outside, question.loader()));
    if (compiled.program == nullptr) {
        std::vector<ShownError> errors;
        for (const auto& error : compiled.errors) errors.push_back(shown(error));
        return refuse(errors);
    }
    const std::int64_t rounds = command.integer("count").value_or(1);
    if (rounds <= 0) return 0;
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
    const bool has_metrics = command.text("metrics") != "false";
    for (std::int64_t round = 0; round < rounds; ++round) {
        const Measured measured = measure(outside, [&] { machine.run(0, question.input(), data); });
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
