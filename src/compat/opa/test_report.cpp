#include "compat/opa/test_report.h"

#include <array>
#include <cstdio>

#include "compat/opa/shown_error.h"
#include "rego/encodings.h"
#include "rego/go_format.h"
#include "text/json.h"

namespace merlon::compat::opa {
namespace {

using Cases = std::map<std::string, TestCase>;

constexpr std::string_view kLine =
    "--------------------------------------------------------------------------------";

std::string_view outcome(const TestResult& result) {
    if (result.has_passed()) return "PASS";
    if (result.has_failed) return "FAIL";
    return result.test->is_skipped ? "SKIPPED" : "ERROR";
}

// "data.p.test_x: FAIL (1.5ms)"
std::string headline(const TestResult& result) {
    std::string text = result.test->package + "." + result.test->name + ": ";
    text += outcome(result);
    if (result.test->is_skipped) return text;
    return text + " (" + duration_text(result.duration_nanoseconds) + ")";
}

// "data.p.test_x" as "BenchmarkDataPTestX".
std::string go_bench_name(std::string_view path) {
    std::string name = "Benchmark";
    bool begins = true;
    for (const char c : path) {
        const bool is_between = c == '.' || c == '_';
        const bool is_small = c >= 'a' && c <= 'z';
        if (!is_between) name += begins && is_small ? static_cast<char>(c - 'a' + 'A') : c;
        begins = is_between;
    }
    return name;
}

// The evaluation alone is what was measured, so both figures are the same.
std::string bench_line(const TestResult& result, BenchNames names) {
    const std::string path = result.test->package + "." + result.test->name;
    const std::pair<std::string, double> figures[] = {
        {"timer_rego_query_eval_ns/op", result.measured->per_evaluation()}};
    return gobench_line(names == BenchNames::kGo ? go_bench_name(path) : path, *result.measured,
                        figures);
}

void append_cases(std::string& out, const Cases& cases, Verbosity verbosity, std::size_t indent) {
    for (const auto& [name, one] : cases) {
        if (one.has_failed || verbosity == Verbosity::kAll) {
            out += std::string(indent, ' ') + name + (one.has_failed ? ": FAIL\n" : ": PASS\n");
        }
        append_cases(out, one.cases, verbosity, indent + 2);
    }
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

void append_indented(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += "  ";
        out += text.substr(0, end);
        out += '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

struct Counts {
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t skipped = 0;
    std::size_t errors = 0;

    std::size_t total() const { return passed + failed + skipped + errors; }
    // Of cases those are counted that have none themselves.
    void add(const Cases& cases) {
        for (const auto& [name, one] : cases) {
            if (one.cases.empty()) ++(one.has_failed ? failed : passed);
            add(one.cases);
        }
    }
    void add(const TestResult& result) {
        if (result.test->is_skipped) {
            ++skipped;
        } else if (result.has_error()) {
            ++errors;
        } else if (!result.cases.empty()) {
            add(result.cases);
        } else {
            ++(result.has_failed ? failed : passed);
        }
    }
};

void append_failed_cases(std::string& out, const Cases& cases, FailureLines failures,
                         std::vector<std::string>& names) {
    for (const auto& [name, one] : cases) {
        names.push_back(name);
        if (one.has_failed && one.cases.empty()) {
            for (std::size_t i = 0; i < names.size(); ++i) {
                out += std::string(2 + 2 * i, ' ') + names[i] + ": FAIL\n";
            }
            const std::string margin(2 + 2 * names.size(), ' ');
            if (failures == FailureLines::kShown) {
                out += margin + "\n";
                if (!one.failure.empty()) {
                    std::string text = one.failure;
                    text.pop_back();  // the end of its last line, which has a margin of its own
                    out += indent_lines(text, margin.size()) + margin + "\n";
                }
            }
        }
        append_failed_cases(out, one.cases, failures, names);
        names.pop_back();
    }
}

void append_failures(std::string& out, std::span<const TestResult> results, Verbosity verbosity,
                     FailureLines failures) {
    for (const std::string_view line : {kLine, std::string_view("FAILURES"), kLine}) {
        out += line;
        out += '\n';
    }
    for (const TestResult& result : results) {
        if (!result.has_failed || result.error) continue;
        out += headline(result) + "\n";
        if (verbosity == Verbosity::kAll) out += "\n" + result.trace;
        if (!result.cases.empty()) {
            out += "\n";
            std::vector<std::string> names;
            append_failed_cases(out, result.cases, failures, names);
        } else if (failures == FailureLines::kShown) {
            out += "\n" + result.failure;
        }
        out += "\n";
    }
}

void write_cases(text::JsonWriter& json, const Cases& cases) {
    if (cases.empty()) return;
    json.key("sub_results").begin_object();
    for (const auto& [name, one] : cases) {
        json.key(name).begin_object();
        if (!name.empty()) json.member("name", name);
        if (one.has_failed) json.key("fail").boolean(true);
        write_cases(json, one.cases);
        json.end_object();
    }
    json.end_object();
}

void write_place(text::JsonWriter& json, std::string_view file, std::uint32_t row,
                 std::uint32_t column) {
    json.key("location").begin_object().member("file", file);
    json.key("row").integer(row).key("col").integer(column).end_object();
}

}  // namespace

std::string duration_text(std::int64_t nanoseconds) {
    if (nanoseconds == 0) return "0s";
    struct Unit {
        std::int64_t size;
        const char* name;
    };
    constexpr std::array<Unit, 3> kUnits = {
        {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "\xC2\xB5s"}}};
    for (const Unit& unit : kUnits) {
        if (nanoseconds < unit.size) continue;
        std::int64_t whole = nanoseconds / unit.size;
        std::string text;
        if (unit.size == kUnits[0].size && whole >= 60) {
            if (whole >= 3'600) text = std::to_string(whole / 3'600) + "h";
            text += std::to_string(whole / 60 % 60) + "m";
            whole %= 60;
        }
        text += std::to_string(whole);
        std::string fraction = std::to_string(nanoseconds % unit.size + unit.size).substr(1);
        while (fraction.ends_with('0')) fraction.pop_back();
        if (!fraction.empty()) text += "." + fraction;
        return text + unit.name;
    }
    return std::to_string(nanoseconds) + "ns";
}

std::string indent_lines(std::string_view text, std::size_t spaces) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += std::string(spaces, ' ');
        out += text.substr(0, end);
        if (end < text.size()) out += '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string one_line(const TestResult& result) {
    std::string out = headline(result) + "\n";
    append_cases(out, result.cases, Verbosity::kAll, 0);
    return out;
}

std::string pretty_report(std::span<const TestResult> results, Verbosity verbosity,
                          FailureLines failures, BenchNames names) {
    std::string out;
    Counts counts;
    std::string last_file;
    for (const TestResult& result : results) {
        counts.add(result);
        if (result.measured && result.has_passed()) {
            out += bench_line(result, names) + "\n";
            continue;
        }
        if (verbosity == Verbosity::kFailures && result.has_passed()) continue;
        if (!last_file.empty() && last_file != result.test->file) out += "\n";
        last_file = result.test->file;
        out += last_file + ":" + std::to_string(result.test->location->row) + ":\n";
        out += headline(result) + "\n";
        append_cases(out, result.cases, verbosity, 2);
        if (!result.output.empty()) {
            out += "\n";
            append_indented(out, trimmed(result.output));
            out += "\n";
        }
        if (result.error) out += "  " + result.error->to_string() + "\n";
        if (!result.wrong.empty()) out += "  " + to_string(result.wrong) + "\n";
        if (!result.stack.empty()) out += "  Traceback:\n";
        for (const rego::watch::StackFrame& frame : result.stack) {
            out += "    " + frame.to_string() + "\n";
        }
    }
    const bool is_dirty = !out.empty();
    if (counts.failed > 0 && (verbosity == Verbosity::kAll || failures == FailureLines::kShown)) {
        append_failures(out, results, verbosity, failures);
    }
    if (is_dirty) {
        out += kLine;
        out += '\n';
    }
    for (const auto& [name, count] :
         {std::pair("PASS", counts.passed), std::pair("FAIL", counts.failed),
          std::pair("SKIPPED", counts.skipped), std::pair("ERROR", counts.errors)}) {
        if (count == 0) continue;
        out += std::string(name) + ": " + std::to_string(count) + "/" +
               std::to_string(counts.total()) + "\n";
    }
    return out;
}

std::string json_report(std::span<const TestResult> results) {
    if (results.empty()) return "[]\n";
    std::string out;
    text::JsonWriter json(out, "  ", text::JsonEscapes::kGo);
    json.begin_array();
    for (const TestResult& result : results) {
        json.begin_object();
        write_place(json, result.test->file, result.test->location->row,
                    result.test->location->column);
        json.member("package", result.test->package).member("name", result.test->name);
        if (result.has_failed) json.key("fail").boolean(true);
        if (result.error) {
            json.key("error").begin_object();
            json.member("code", rego::code(result.error->kind));
            json.member("message", result.error->message);
            write_place(json, result.error->file, result.error->row, result.error->column);
            write_stack(json, result.stack);
            json.end_object();
        }
        if (!result.wrong.empty()) {
            json.key("error").begin_array();
            for (const ShownError& error : result.wrong) {
                json.begin_object().member("code", error.code).member("message", error.message);
                write_place(json, error.file, error.row, error.column);
                if (!error.details_json.empty()) json.key("details").raw(error.details_json);
                json.end_object();
            }
            json.end_array();
        }
        if (result.test->is_skipped) json.key("skip").boolean(true);
        json.key("duration").integer(result.duration_nanoseconds);
        if (result.measured) {
            json.key("benchmark_result").begin_object();
            json.key("N").integer(result.measured->evaluations);
            json.key("T").integer(result.measured->nanoseconds).key("Bytes").integer(0);
            json.key("Extra").begin_object().key("timer_rego_query_eval_ns/op");
            json.raw(rego::go_float_text(result.measured->per_evaluation(), 'f', -1));
            json.end_object().end_object();
        }
        if (!result.output.empty()) {
            json.member("output",
                        rego::go_base64_encode(result.output, rego::Base64Form::kStandard));
        }
        write_cases(json, result.cases);
        json.end_object();
    }
    json.end_array();
    return out + "\n";
}

}  // namespace merlon::compat::opa
