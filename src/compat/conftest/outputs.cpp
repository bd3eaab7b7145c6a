#include "compat/conftest/outputs.h"

#include <algorithm>
#include <filesystem>

#include "rego/go_format.h"
#include "rego/term.h"
#include "text/json.h"

namespace merlon::compat::conftest {
namespace {

constexpr std::string_view kRed = "31";
constexpr std::string_view kGreen = "32";
constexpr std::string_view kYellow = "33";
constexpr std::string_view kBlue = "34";
constexpr std::string_view kCyan = "36";

std::string colored(std::string_view text, std::string_view color, const OutputOptions& options) {
    if (options.colors == Colors::kNone) return std::string(text);
    return "\x1B[" + std::string(color) + "m" + std::string(text) + "\x1B[0m";
}

// "- file - namespace -", as lines of stdout and TAP begin.
std::string indicators(const CheckResult& result) {
    std::string text = result.file == "-" ? "-" : "- " + result.file;
    text += ' ';
    return text + (result.name_space == "-" ? "-" : "- " + result.name_space + " -");
}

std::string plural(std::string_view word, std::size_t count) {
    return std::string(word) + (count == 1 ? "" : "s");
}

void write_results(text::JsonWriter& json, std::string_view name,
                   std::span<const RuleResult> results) {
    if (results.empty()) return;
    json.key(name).begin_array();
    for (const RuleResult& result : results) {
        json.begin_object().member("msg", result.message);
        if (result.place) {
            json.key("loc").begin_object();
            if (!result.place->file.empty()) json.member("file", result.place->file);
            if (!result.place->line.empty()) json.key("line").raw(result.place->line);
            json.end_object();
        }
        if (!result.query.empty()) {
            json.key("metadata").begin_object();
            bool is_written = false;
            for (const auto& [key, value] : result.metadata) {
                if (!is_written && key > "query") {
                    json.member("query", result.query);
                    is_written = true;
                }
                if (key != "query") json.key(key).value(value);
            }
            if (!is_written) json.member("query", result.query);
            json.end_object();
        }
        json.end_object();
    }
    json.end_array();
}

// Of a workflow command's property.
std::string github_escaped(std::string_view text) {
    std::string made;
    for (const char c : text) {
        switch (c) {
            case '%':
                made += "%25";
                break;
            case '\r':
                made += "%0D";
                break;
            case '\n':
                made += "%0A";
                break;
            case ':':
                made += "%3A";
                break;
            case ',':
                made += "%2C";
                break;
            default:
                made += c;
        }
    }
    return made;
}

std::string relative_to(const std::string& path, const std::string& folder) {
    const std::filesystem::path file(path);
    if (!file.is_absolute() || folder.empty()) return path;
    return file.lexically_relative(folder).string();
}

// conftest takes a message for a format, so that "100%" has a verb missing.
std::string as_go_format(const std::string& message) {
    return rego::go_sprintf(message, {}).value_or(message);
}

void append_github(std::string& out, std::string_view level, const ResultPlace& place,
                   std::string_view message) {
    out += "::" + std::string(level) + " file=" + github_escaped(place.file) +
           ",line=" + place.line + "::" + std::string(message) + "\n";
}

// At the place that the rule says, and at the file too where that is another one.
void append_github(std::string& out, std::string_view level, const CheckResult& result,
                   const RuleResult& one, const std::string& message,
                   const OutputOptions& options) {
    const ResultPlace file{result.file, "1"};
    if (!one.place) return append_github(out, level, file, message);
    if (one.place->file == file.file) return append_github(out, level, *one.place, message);
    const ResultPlace other{relative_to(one.place->file, options.folder), one.place->line};
    append_github(out, level, other, message);
    append_github(out, level, file,
                  "(ORIGINATING FROM " + other.file + " L" + other.line + ") " + message);
}

}  // namespace

std::string Totals::to_string() const {
    return std::to_string(tests()) + " " + plural("test", tests()) + ", " +
           std::to_string(successes) + " passed, " + std::to_string(warnings) + " " +
           plural("warning", warnings) + ", " + std::to_string(failures) + " " +
           plural("failure", failures) + ", " + std::to_string(exceptions) + " " +
           plural("exception", exceptions);
}

Totals totals(std::span<const CheckResult> results) {
    Totals sum;
    for (const CheckResult& result : results) {
        const Totals one = result.totals();
        sum.successes += one.successes;
        sum.failures += one.failures;
        sum.warnings += one.warnings;
        sum.exceptions += one.exceptions;
        sum.skipped += one.skipped;
    }
    return sum;
}

std::string trace_text(std::span<const CheckResult> results, const OutputOptions& options) {
    std::string out;
    for (const CheckResult& result : results) {
        for (const TracedQuery& one : result.traced) {
            out += colored("file: " + result.file + " | query: " + one.query,
                           one.has_passed ? kGreen : kRed, options) +
                   "\n";
            std::string_view rest = one.trace;
            while (!rest.empty()) {
                const std::size_t end = std::min(rest.find('\n'), rest.size());
                if (end > 0) {
                    out += colored("TRAC ", kBlue, options) + "  " +
                           std::string(rest.substr(0, end)) + "\n";
                }
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
        }
    }
    return out;
}

std::string standard_text(std::span<const CheckResult> results, const OutputOptions& options) {
    std::string out;
    for (const CheckResult& result : results) {
        for (const std::string& print : result.prints) {
            out += colored("PRNT ", kBlue, options) + "  " + print + "\n";
        }
    }
    for (const CheckResult& result : results) {
        const auto append = [&](std::string_view word, std::string_view color,
                                std::span<const RuleResult> found) {
            for (const RuleResult& one : found) {
                out += colored(word, color, options) + " " + indicators(result) + " " +
                       one.message + "\n";
            }
        };
        append("WARN", kYellow, result.warnings);
        append("FAIL", kRed, result.failures);
        if (options.exceptions == Exceptions::kShown) append("EXCP", kCyan, result.exceptions);
    }
    const Totals sum = totals(results);
    std::string line = sum.to_string();
    if (options.skipped == Skipped::kCounted) {
        line += ", " + std::to_string(sum.skipped) + " skipped";
    }
    const std::string_view color = sum.failures > 0     ? kRed
                                   : sum.warnings > 0   ? kYellow
                                   : sum.exceptions > 0 ? kCyan
                                                        : kGreen;
    return out + "\n" + colored(line, color, options) + "\n";
}

std::string json_text(std::span<const CheckResult> results) {
    if (results.empty()) return "null\n";
    std::string out;
    text::JsonWriter json(out, "\t", text::JsonEscapes::kGo);
    json.begin_array();
    for (const CheckResult& result : results) {
        json.begin_object().member("filename", result.file == "-" ? "" : result.file);
        json.member("namespace", result.name_space);
        json.key("successes").integer(static_cast<std::int64_t>(result.successes));
        write_results(json, "skipped", result.skipped);
        write_results(json, "warnings", result.warnings);
        write_results(json, "failures", result.failures);
        write_results(json, "exceptions", result.exceptions);
        json.end_object();
    }
    json.end_array();
    return out + "\n";
}

std::string tap_text(std::span<const CheckResult> results) {
    const std::size_t count = totals(results).tests();
    if (count == 0) return {};
    std::string out = "1.." + std::to_string(count) + "\n";
    std::size_t number = 1;
    for (const CheckResult& result : results) {
        const auto append = [&](std::string_view header, std::string_view status,
                                std::span<const RuleResult> found) {
            if (!header.empty() && !found.empty()) out += "# " + std::string(header) + "\n";
            for (const RuleResult& one : found) {
                out += std::string(status) + " " + std::to_string(number++) + " " +
                       indicators(result) + " " + one.message + "\n";
            }
        };
        append("", "not ok", result.failures);
        append("warnings", "not ok", result.warnings);
        append("exceptions", "ok", result.exceptions);
        append("skip", "ok", result.skipped);
        append("successes", "ok",
               std::vector<RuleResult>(result.successes, RuleResult{.message = "SUCCESS"}));
    }
    return out;
}

std::string github_text(std::span<const CheckResult> results, const OutputOptions& options) {
    std::string out;
    for (const CheckResult& result : results) {
        const Totals counts = result.totals();
        const bool has_only_passed = counts.tests() == counts.successes;
        if (has_only_passed && options.github_passed == PassedFiles::kHidden) continue;
        std::string file;
        rego::append_go_quoted(file, result.file);
        std::string name_space;
        rego::append_go_quoted(name_space, result.name_space);
        out += "::group::Testing " + file + " against " + std::to_string(counts.tests()) +
               " policies in namespace " + name_space + "\n";
        const auto append = [&](std::string_view level, std::span<const RuleResult> found,
                                const std::string& prefix) {
            for (const RuleResult& one : found) {
                const std::string message =
                    prefix.empty() ? as_go_format(one.message) : prefix + one.message;
                append_github(out, level, result, one, message, options);
            }
        };
        append("error", result.failures, "");
        append("warning", result.warnings, "");
        append("notice", result.exceptions, "");
        append("notice", result.skipped, "Test was skipped: ");
        append_github(out, "notice", {result.file, "1"},
                      "Number of successful checks: " + std::to_string(result.successes));
        out += "::endgroup::\n";
    }
    return out + totals(results).to_string() + "\n";
}

std::string azure_text(std::span<const CheckResult> results) {
    std::string out;
    for (const CheckResult& result : results) {
        out += "##[section]Testing '" + result.file + "' against " +
               std::to_string(result.totals().tests()) + " policies in namespace '" +
               result.name_space + "'\n##[group]See conftest results\n";
        const auto append = [&](std::string_view type, std::span<const RuleResult> found) {
            for (const RuleResult& one : found) {
                out += "##vso[task.logissue type=" + std::string(type) + "] file=" + result.file +
                       " --> " + one.message + "\n";
            }
        };
        append("error", result.failures);
        append("warning", result.warnings);
        append("warning", result.exceptions);
        for (const RuleResult& one : result.skipped) {
            out += "skipped file=" + result.file + " " + one.message + "\n";
        }
        if (result.successes > 0) {
            out += "success file=" + result.file + " " + std::to_string(result.successes) + "\n";
        }
        out += "##[endgroup]\n";
    }
    return out + totals(results).to_string() + "\n";
}

std::string output_text(std::string_view format, std::span<const CheckResult> results,
                        const OutputOptions& options) {
    if (format == "stdout") return standard_text(results, options);
    if (format == "json") return json_text(results);
    if (format == "tap") return tap_text(results);
    if (format == "table") return table_text(results);
    if (format == "junit") return junit_text(results, options);
    if (format == "github") return github_text(results, options);
    if (format == "azuredevops") return azure_text(results);
    if (format == "sarif") return sarif_text(results);
    return standard_text(results, {});
}

}  // namespace merlon::compat::conftest
