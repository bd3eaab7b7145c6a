#include "cli/trend_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "base/joined.h"
#include "cli/configuration.h"
#include "cli/evidence_store.h"
#include "cli/moment.h"
#include "cli/outputs.h"
#include "evidence/filter.h"
#include "evidence/groups.h"
#include "evidence/history.h"
#include "evidence/seconds.h"
#include "evidence/trends.h"
#include "report/grid.h"
#include "text/json.h"

namespace merlon::cli {
namespace {

using evidence::ReportRow;
using evidence::TrendDay;

using evidence::kDayS;
using evidence::kSecondNs;
constexpr std::int64_t kMostDays = 36'500;

enum class Form : std::uint8_t { kTable, kJson, kCsv };

// Nothing, with a word on standard error, for a form that figures have not.
std::optional<Form> form_of(const ParsedCommand& command, const Environment& environment) {
    const std::string& format = command.text("format");
    if (format == "table") return Form::kTable;
    if (format == "json") return Form::kJson;
    if (format == "csv") return Form::kCsv;
    fail(environment, "--format " + format + ": figures are a table, json or csv");
    return std::nullopt;
}

struct Span {
    evidence::Filter filter;
    Timestamp from, to, now;
};

Result<Span> span_of(const ParsedCommand& command, const Environment& environment) {
    Span span;
    span.filter = MERLON_TRY(evidence::parse_filter(joined(command.arguments, " ")));
    span.now = environment.clock->now();
    span.from = MERLON_TRY(parse_past_moment(command.text("from"), "--from", span.now));
    span.to = command.is_set("to")
                  ? MERLON_TRY(parse_past_moment(command.text("to"), "--to", span.now))
                  : span.now;
    const std::int64_t from_s = span.from.nanoseconds / kSecondNs;
    const std::int64_t to_s = span.to.nanoseconds / kSecondNs;
    if (from_s - from_s % kDayS > to_s) return Error{"--from is after --to"};
    // Whole days.
    span.from = {(from_s - from_s % kDayS) * kSecondNs};
    span.to = {(to_s - to_s % kDayS) * kSecondNs};
    return span;
}

std::string_view severity_at(std::size_t index) {
    return model::name(static_cast<model::Severity>(index));
}

// The worst first.
template <typename Use>
void each_severity(const Use& use) {
    for (std::size_t i = evidence::kSeverities; i-- > 0;) use(i, severity_at(i));
}

std::int64_t sum_of(const evidence::BySeverity& all) {
    std::int64_t sum = 0;
    for (const std::int64_t one : all) sum += one;
    return sum;
}

// --- trend ---

std::string trend_as_json(const evidence::Trend& trend) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object();
    if (trend.known_since_s > 0)
        json.member("knownSince", format_rfc3339({trend.known_since_s * kSecondNs}));
    json.key("days").begin_array();
    for (const TrendDay& day : trend.days) {
        json.begin_object().member("day", format_date({day.day_s * kSecondNs}));
        json.key("open").integer(sum_of(day.open)).key("openBySeverity").begin_object();
        each_severity(
            [&](std::size_t i, std::string_view name) { json.key(name).integer(day.open[i]); });
        json.end_object().key("new").integer(day.fresh).key("reopened").integer(day.reopened);
        json.key("fixed").integer(day.fixed).key("decided").integer(day.decided).end_object();
    }
    json.end_array().end_object();
    return out + "\n";
}

std::vector<std::string> trend_head() {
    std::vector<std::string> head = {"day", "open"};
    each_severity([&](std::size_t, std::string_view name) { head.emplace_back(name); });
    for (const char* name : {"new", "reopened", "fixed", "decided"}) head.emplace_back(name);
    return head;
}

report::GridRow trend_row(const TrendDay& day) {
    report::GridRow row = {format_date({day.day_s * kSecondNs}), std::to_string(sum_of(day.open))};
    each_severity(
        [&](std::size_t i, std::string_view) { row.push_back(std::to_string(day.open[i])); });
    for (const std::int64_t count : {day.fresh, day.reopened, day.fixed, day.decided})
        row.push_back(std::to_string(count));
    return row;
}

// Names, days and numbers: nothing of it needs quotes.
std::string figures_as_csv(const report::GridRow& head, const std::vector<report::GridRow>& rows) {
    std::string out = joined(head, ",") + "\n";
    for (const report::GridRow& row : rows) out += joined(row, ",") + "\n";
    return out;
}

std::string figures_as_table(report::GridRow head, const std::vector<report::GridRow>& rows) {
    for (std::string& name : head)
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        });
    std::string out;
    if (!rows.empty()) report::draw_grid(report::GridStyle::kColumns, head, rows, out);
    return out;
}

Result<std::string> trend(const ParsedCommand& command, const Environment& environment, Form form) {
    const Span span = MERLON_TRY(span_of(command, environment));
    evidence::Store store = MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
    const evidence::Trend made = MERLON_TRY(
        evidence::trend_of(store.database(), {span.filter, span.from, span.to, span.now}));
    if (form == Form::kJson) return trend_as_json(made);
    std::vector<report::GridRow> rows;
    for (const TrendDay& day : made.days) rows.push_back(trend_row(day));
    if (form == Form::kCsv) return figures_as_csv(trend_head(), rows);
    std::string out = figures_as_table(trend_head(), rows);
    if (made.known_since_s > 0)
        out += fmt::format("history is known since {}\n",
                           format_rfc3339({made.known_since_s * kSecondNs}));
    return out;
}

// --- report ---

Result<evidence::ServiceLevels> service_levels(const ParsedCommand& command) {
    evidence::ServiceLevels levels = evidence::kDefaultServiceLevels;
    std::set<model::Severity> said;
    for (const std::string& text : command.list("sla")) {
        const std::size_t equals = text.find('=');
        const auto severity = model::parse_severity(text.substr(0, equals));
        std::int64_t days = -1;
        if (equals != std::string::npos) {
            const char* const end = text.data() + text.size();
            const auto read = std::from_chars(text.data() + equals + 1, end, days);
            if (read.ec != std::errc{} || read.ptr != end) days = -1;
        }
        if (!severity || days < 0 || days > kMostDays)
            return command.at_value(
                Error{"--sla " + text + ": write a severity and days, as high=30"}, "sla");
        if (!said.insert(*severity).second)
            return command.at_value(
                Error{"--sla " + text + ": there is another one of this severity"}, "sla");
        levels[static_cast<std::size_t>(*severity)] = days;
    }
    return levels;
}

constexpr std::string_view kNone = "null";  // in JSON; "-" in tables, nothing in CSV

// Of nothing there is no mean; what took an hour did not take no time.
std::string days_text(std::int64_t seconds, std::int64_t counted) {
    if (counted == 0) return std::string(kNone);
    const double days = static_cast<double>(seconds) / kDayS;
    return days < 0.1 ? fmt::format("{:.3f}", days) : fmt::format("{:.1f}", days);
}

std::string in_table(std::string text) { return text == kNone ? "-" : text; }

struct Figure {
    std::string_view name;  // in JSON; with blanks in a table's head
    std::string (*text)(const ReportRow& row);
};
constexpr Figure kFigures[] = {
    {"open", [](const ReportRow& row) { return std::to_string(row.open); }},
    {"unknown", [](const ReportRow& row) { return std::to_string(row.unknown); }},
    {"unowned", [](const ReportRow& row) { return std::to_string(row.unowned); }},
    {"accepted", [](const ReportRow& row) { return std::to_string(row.accepted); }},
    {"meanAgeDays", [](const ReportRow& row) { return days_text(row.age_mean_s, row.open); }},
    {"medianAgeDays", [](const ReportRow& row) { return days_text(row.age_median_s, row.open); }},
    {"oldestDays", [](const ReportRow& row) { return days_text(row.age_oldest_s, row.open); }},
    {"overdue", [](const ReportRow& row) { return std::to_string(row.overdue); }},
    {"dueWithinWeek", [](const ReportRow& row) { return std::to_string(row.due_soon); }},
    {"fixed", [](const ReportRow& row) { return std::to_string(row.fixed); }},
    {"decided", [](const ReportRow& row) { return std::to_string(row.decided); }},
    {"meanRepairDays",
     [](const ReportRow& row) { return days_text(row.repair_mean_s, row.fixed); }},
    {"medianRepairDays",
     [](const ReportRow& row) { return days_text(row.repair_median_s, row.fixed); }},
    {"fixedInTime", [](const ReportRow& row) { return std::to_string(row.fixed_in_time); }},
    {"fixedWithEnd", [](const ReportRow& row) { return std::to_string(row.fixed_with_end); }},
};

std::string report_as_json(const Span& span, const evidence::ServiceLevels& levels,
                           const evidence::FindingsReport& report,
                           const std::optional<evidence::GroupCount>& groups) {
    std::string out;
    text::JsonWriter json(out, "  ");
    json.begin_object().member("at", format_rfc3339(span.now));
    json.member("from", format_date(span.from)).member("to", format_date(span.to));
    if (groups) json.key("openGroups").integer(static_cast<std::int64_t>(groups->groups));
    const auto append = [&](const ReportRow& row) {
        for (const Figure& figure : kFigures) json.key(figure.name).raw(figure.text(row));
    };
    json.key("bySeverity").begin_object();
    each_severity([&](std::size_t i, std::string_view name) {
        json.key(name).begin_object().key("slaDays").integer(levels[i]);
        append(report.rows[i]);
        json.end_object();
    });
    json.end_object().key("all").begin_object();
    append(report.all);
    json.end_object().end_object();
    return out + "\n";
}

report::GridRow figures_row(std::string_view name, const std::string& days, const ReportRow& row) {
    report::GridRow cells = {std::string(name), days};
    for (const Figure& figure : kFigures) {
        std::string text = figure.text(row);
        cells.push_back(text == kNone ? std::string() : std::move(text));
    }
    return cells;
}

// For people: what is now, and what became of the rest.
std::string report_as_table(const Span& span, const evidence::ServiceLevels& levels,
                            const evidence::FindingsReport& report) {
    std::vector<report::GridRow> now, then;
    const auto add = [&](std::string_view name, const std::string& days, const ReportRow& row) {
        now.push_back({std::string(name), std::to_string(row.open), std::to_string(row.unknown),
                       std::to_string(row.unowned), std::to_string(row.accepted),
                       in_table(days_text(row.age_median_s, row.open)),
                       in_table(days_text(row.age_oldest_s, row.open)), days,
                       std::to_string(row.overdue), std::to_string(row.due_soon)});
        const std::string in_time =
            row.fixed_with_end == 0
                ? std::string("-")
                : fmt::format("{} of {}", row.fixed_in_time, row.fixed_with_end);
        then.push_back({std::string(name), std::to_string(row.fixed), std::to_string(row.decided),
                        in_table(days_text(row.repair_mean_s, row.fixed)),
                        in_table(days_text(row.repair_median_s, row.fixed)), in_time});
    };
    each_severity([&](std::size_t i, std::string_view name) {
        add(name, levels[i] == 0 ? "-" : std::to_string(levels[i]), report.rows[i]);
    });
    add("all", "", report.all);
    std::string out = fmt::format("Now, {}; ages in days\n\n", format_rfc3339(span.now));
    out += figures_as_table({"severity", "open", "unknown", "unowned", "accepted", "median age",
                             "oldest", "sla", "overdue", "due in 7"},
                            now);
    out += fmt::format("\nClosed from {} through {}; times in days\n\n", format_date(span.from),
                       format_date(span.to));
    out += figures_as_table({"severity", "fixed", "decided", "mean time", "median time", "in time"},
                            then);
    return out;
}

// How many different things the open findings say; nothing where there are too many to look.
Result<std::optional<evidence::GroupCount>> open_groups(const ParsedCommand& command,
                                                        evidence::Database& database,
                                                        Timestamp now) {
    evidence::PageRequest request;
    const std::string text = joined(command.arguments, " ");
    request.filter =
        MERLON_TRY(evidence::parse_filter(text.empty() ? "is:open" : text + " is:open"));
    request.now = now;
    return evidence::count_groups(database, std::move(request));
}

std::string groups_line(const std::optional<evidence::GroupCount>& groups) {
    if (!groups)
        return fmt::format("\nmore than {} are open: their groups were not counted\n",
                           evidence::kMaxGrouped);
    return fmt::format("\n{} open {} in {} {} ('merlon findings list --group')\n", groups->findings,
                       groups->findings == 1 ? "finding" : "findings", groups->groups,
                       groups->groups == 1 ? "group" : "groups");
}

Result<std::string> report(const ParsedCommand& command, const Environment& environment,
                           Form form) {
    const Span span = MERLON_TRY(span_of(command, environment));
    const evidence::ServiceLevels levels = MERLON_TRY(service_levels(command));
    evidence::Store store = MERLON_TRY(open_store(command, environment, evidence::Access::kRead));
    const evidence::FindingsReport made = MERLON_TRY(
        evidence::report_of(store.database(), {span.filter, span.from, span.to, span.now, levels}));
    const std::optional<evidence::GroupCount> groups =
        MERLON_TRY(open_groups(command, store.database(), span.now));
    if (form == Form::kJson) return report_as_json(span, levels, made, groups);
    if (form == Form::kTable) return report_as_table(span, levels, made) + groups_line(groups);
    report::GridRow head = {"severity", "slaDays"};
    for (const Figure& figure : kFigures) head.emplace_back(figure.name);
    std::vector<report::GridRow> rows;
    each_severity([&](std::size_t i, std::string_view name) {
        rows.push_back(figures_row(name, std::to_string(levels[i]), made.rows[i]));
    });
    rows.push_back(figures_row("all", "", made.all));
    return figures_as_csv(head, rows);
}

}  // namespace

int run_findings_trend(const ParsedCommand& command, const Environment& environment) {
    const std::optional<Form> form = form_of(command, environment);
    if (!form) return kIncomplete;
    const Result<std::string> out = trend(command, environment, *form);
    return out.ok() ? print(environment, out.value()) : fail(environment, out.error().to_string());
}

int run_findings_report(ParsedCommand& command, const Environment& environment) {
    const Result<Configuration> configuration = find_configuration(command, ".");
    if (!configuration.ok()) return fail(environment, configuration.error().to_string());
    // A format there is that of scans.
    for (const FlagSetting& setting : configuration.value().flags) {
        if (setting.flag != "sla") continue;
        const Status applied =
            command.apply_configuration(setting.flag, setting.values, setting.places);
        if (!applied.ok()) return fail(environment, applied.error().to_string());
    }
    const std::optional<Form> form = form_of(command, environment);
    if (!form) return kIncomplete;
    const Result<std::string> out = report(command, environment, *form);
    return out.ok() ? print(environment, out.value()) : fail(environment, out.error().to_string());
}

}  // namespace merlon::cli
