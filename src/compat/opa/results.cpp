#include "compat/opa/results.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "compat/opa/table.h"
#include "compat/opa/test_report.h"
#include "compat/opa/trace_json.h"
#include "rego/go_format.h"
#include "rego/term.h"
#include "text/json.h"

namespace merlon::compat::opa {
namespace {

using value::Value;

struct Row {
    Value bindings;
    std::span<const Value> values;
};

std::string indented(const Value& value) {
    std::string text;
    text::JsonWriter(text, "  ", text::JsonEscapes::kGo).value(value);
    return text + "\n";
}

void write_results(text::JsonWriter& writer, rego::syntax::Body query, std::span<const Row> rows) {
    writer.key("result").begin_array();
    for (const Row& row : rows) {
        writer.begin_object().key("expressions").begin_array();
        for (std::size_t i = 0; i < query.size(); ++i) {
            const rego::syntax::Location& place = *query[i]->location;
            writer.begin_object().key("value").value(row.values[i]);
            writer.member("text", place.text);
            writer.key("location").begin_object();
            writer.key("row").integer(place.row).key("col").integer(place.column).end_object();
            writer.end_object();
        }
        writer.end_array();
        if (row.bindings.size() > 0) writer.key("bindings").value(row.bindings);
        writer.end_object();
    }
    writer.end_array();
}

void write_statistics(text::JsonWriter& json, const Statistics& statistics) {
    json.begin_object();
    json.key("90%").raw(rego::go_float_text(statistics.percentile_90, 'f', -1));
    json.key("99%").raw(rego::go_float_text(statistics.percentile_99, 'f', -1));
    json.key("max").integer(statistics.most);
    json.key("mean").raw(rego::go_float_text(statistics.mean, 'f', -1));
    json.key("min").integer(statistics.least).end_object();
}

// Metrics and histograms in the order of their names.
void write_metrics(text::JsonWriter& json, const Extras& extras) {
    json.key("metrics").begin_object();
    auto histogram = extras.histograms.begin();
    const auto write_histograms = [&](std::string_view before) {
        for (; histogram != extras.histograms.end(); ++histogram) {
            if (!before.empty() && histogram->first > before) return;
            json.key(histogram->first).begin_object();
            for (const auto& [figure, number] : histogram->second) {
                json.key(figure).raw(rego::go_float_text(number, 'f', -1));
            }
            json.end_object();
        }
    };
    for (const auto& [name, nanoseconds] : *extras.metrics) {
        write_histograms(name);
        json.key(name).integer(nanoseconds);
    }
    write_histograms({});
    json.end_object();
}

// In the order of OPA's fields.
void write_extras(text::JsonWriter& json, const Extras& extras) {
    if (extras.metrics) write_metrics(json, extras);
    if (!extras.all_metrics.empty()) {
        json.key("aggregated_metrics").begin_object();
        for (const auto& [name, statistics] : extras.all_metrics) {
            write_statistics(json.key(name), statistics);
        }
        json.end_object();
    }
    if (!extras.events.empty()) {
        json.key("explanation").begin_array();
        for (const std::string_view event : extras.events) json.raw(deeper(event, 2));
        json.end_array();
    }
    if (!extras.profile.empty()) write_profile(json.key("profile"), extras.profile);
    if (!extras.all_profiles.empty()) {
        json.key("aggregated_profile").begin_array();
        for (const auto& [line, statistics] : extras.all_profiles) {
            json.begin_object().key("total_time_ns_stats");
            write_statistics(json, statistics);
            write_counts(json, line);
            json.end_object();
        }
        json.end_array();
    }
    if (extras.coverage) extras.coverage->write(json.key("coverage"));
}

std::string json(rego::syntax::Body query, std::span<const Row> rows, const Extras& extras) {
    std::string text;
    text::JsonWriter writer(text, "  ", text::JsonEscapes::kGo);
    writer.begin_object();
    if (!extras.errors.empty()) write_errors(writer, extras.errors);
    if (!rows.empty()) write_results(writer, query, rows);
    write_extras(writer, extras);
    writer.end_object();
    return text + "\n";
}

// As json, with all keys in their order and the word "discarded" for the results.
std::string discarded(rego::syntax::Body query, std::span<const Row> rows, const Extras& extras,
                      value::Builder& values) {
    const auto document =
        text::read_json(json(query, rows, extras), values.arena(), values.interner());
    if (!document.ok()) return json(query, rows, extras);
    std::vector<value::Builder::Entry> entries;
    const Value& all = *document.value().root;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool is_result = all.keys()[i].as_string() == "result";
        entries.emplace_back(all.keys()[i],
                             is_result ? values.string("discarded") : all.values()[i]);
    }
    return indented(values.object(entries));
}

// Nothing that a float64 holds.
const Value* infinite_number(const Value& value) {
    if (value.is_number()) return std::isinf(value.as_double()) ? &value : nullptr;
    const bool has_items = value.is_array() || value.is_set();
    if (!has_items && !value.is_object()) return nullptr;
    for (const Value& part : has_items ? value.items() : value.values()) {
        if (const Value* const found = infinite_number(part)) return found;
    }
    return nullptr;
}

std::string cell_text(const Value& value, std::size_t max_bytes) {
    std::string text = rego::json_text(value);
    if (max_bytes > 0 && text.size() > max_bytes) text = text.substr(0, max_bytes) + "...";
    return text;
}

// Expressions that are more than true, or where there are no variables, then variables.
std::string table(rego::syntax::Body query, std::span<const Row> rows, std::size_t max_cell) {
    TableRow names;
    std::vector<std::size_t> expressions;
    for (std::size_t i = 0; i < query.size(); ++i) {
        if (rows[0].values[i].is_boolean() && rows[0].bindings.size() > 0) continue;
        expressions.push_back(i);
        names.emplace_back(query[i]->location->text);
    }
    for (const Value& name : rows[0].bindings.keys()) names.emplace_back(name.as_string());
    std::vector<TableRow> lines;
    for (const Row& row : rows) {
        TableRow& texts = lines.emplace_back();
        for (const std::size_t i : expressions) texts.push_back(cell_text(row.values[i], max_cell));
        for (const Value& bound : row.bindings.values()) {
            texts.push_back(cell_text(bound, max_cell));
        }
    }
    return draw_table(names, lines);
}

std::string pretty(rego::syntax::Body query, std::span<const Row> rows, std::size_t max_cell) {
    if (rows.empty()) return "undefined\n";
    const bool is_single = rows.size() == 1 && rows[0].bindings.size() == 0;
    const bool is_plain =
        query.size() == 1 ||
        std::ranges::all_of(rows[0].values, [](const Value& value) { return value.is_boolean(); });
    return is_single && is_plain ? indented(rows[0].values[0]) : table(query, rows, max_cell);
}

std::string statistics_text(const Statistics& statistics, std::size_t which) {
    const double values[] = {static_cast<double>(statistics.least),
                             static_cast<double>(statistics.most), statistics.mean,
                             statistics.percentile_90, statistics.percentile_99};
    return rego::go_float_text(values[which], 'g', -1);
}

// Strings as they are, everything else as JSON.
std::string raw(std::span<const Row> rows) {
    std::string text;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.values.size(); ++i) {
            if (i > 0) text += ' ';
            const Value& value = row.values[i];
            text += value.is_string() ? std::string(value.as_string()) : rego::json_text(value);
        }
        text += '\n';
    }
    return text;
}

// `some x` is no expression with a value: results have none for it.
std::vector<rego::syntax::Expression*> without_declarations(rego::syntax::Body query) {
    std::vector<rego::syntax::Expression*> kept;
    for (rego::syntax::Expression* one : query) {
        const bool is_declaration = one->kind == rego::syntax::ExpressionKind::kSome &&
                                    one->terms[0]->kind != rego::syntax::TermKind::kCall;
        if (!is_declaration) kept.push_back(one);
    }
    return kept;
}

}  // namespace

std::string with_members(const std::string& json_text, const Extras& extras) {
    constexpr std::string_view kEnd = "\n}\n";
    const std::string more = json({}, {}, extras);
    if (!json_text.ends_with(kEnd) || !more.ends_with(kEnd)) return json_text;
    return json_text.substr(0, json_text.size() - kEnd.size()) + "," + more.substr(1);
}

std::string tables_text(const Extras& extras) {
    std::string text;
    if (extras.metrics && !extras.metrics->empty()) {
        std::vector<TableRow> rows;
        for (const auto& [name, time] : *extras.metrics) {
            rows.push_back({name, std::to_string(time)});
        }
        for (const auto& [name, figures] : extras.histograms) {
            for (const auto& [figure, number] : figures) {
                rows.push_back({name + "_" + figure, rego::go_float_text(number, 'f', -1)});
            }
        }
        std::ranges::sort(rows);
        text += draw_table({"Metric", "Value"}, rows);
    }
    text += profile_table(extras.profile);
    if (!extras.all_metrics.empty()) {
        std::vector<TableRow> rows;
        for (const auto& [name, statistics] : extras.all_metrics) {
            TableRow& row = rows.emplace_back(TableRow{name});
            for (std::size_t i = 0; i < 5; ++i) row.push_back(statistics_text(statistics, i));
        }
        text += draw_table({"Metric", "Min", "Max", "Mean", "90%", "99%"}, rows);
    }
    if (!extras.all_profiles.empty()) {
        std::vector<TableRow> rows;
        for (const auto& [line, statistics] : extras.all_profiles) {
            TableRow& row = rows.emplace_back();
            for (const double value :
                 {static_cast<double>(statistics.least), static_cast<double>(statistics.most),
                  statistics.mean, statistics.percentile_90, statistics.percentile_99}) {
                row.push_back(duration_text(static_cast<std::int64_t>(value)));
            }
            const TableRow counts = count_cells(line);
            row.insert(row.end(), counts.begin(), counts.end());
        }
        text += draw_table({"Min", "Max", "Mean", "90%", "99%", "Num Eval", "Num Redo",
                            "Num Gen Expr", "Location"},
                           rows);
    }
    if (extras.coverage) {
        const std::vector<TableRow> rows{
            {"Overall Coverage", rego::go_float_text(extras.coverage->percent(), 'f', 2)}};
        text += draw_table({}, rows);
    }
    return text;
}

std::string sorted_json(const std::string& json) {
    Arena arena;
    Interner interner;
    const auto document = text::read_json(json, arena, interner);
    return document.ok() ? indented(*document.value().root) : json;
}

// As OPA's metrics library: between two values in proportion.
Statistics statistics_of(std::vector<std::int64_t> values) {
    Statistics made;
    if (values.empty()) return made;
    std::ranges::sort(values);
    made.least = values.front();
    made.most = values.back();
    for (const std::int64_t value : values) made.mean += static_cast<double>(value);
    made.mean /= static_cast<double>(values.size());
    const auto percentile = [&values](double share) {
        const double place = share * static_cast<double>(values.size() + 1);
        if (place < 1) return static_cast<double>(values.front());
        if (place >= static_cast<double>(values.size())) return static_cast<double>(values.back());
        const auto below = static_cast<std::size_t>(place);
        const auto lower = static_cast<double>(values[below - 1]);
        const auto upper = static_cast<double>(values[below]);
        return lower + (place - static_cast<double>(below)) * (upper - lower);
    };
    made.percentile_90 = percentile(0.9);
    made.percentile_99 = percentile(0.99);
    return made;
}

std::string results_text(std::string_view format, rego::syntax::Body whole,
                         std::span<const Value> results, value::Builder& values,
                         const Extras& extras) {
    std::vector<rego::syntax::Expression*> expressions = without_declarations(whole);
    const rego::syntax::Body query = expressions;
    std::vector<Value> converted;
    std::vector<Row> rows;
    converted.reserve(results.size());
    for (const Value& result : results) {
        converted.push_back(rego::to_json(result, values));
        const std::span<const Value> parts = converted.back().items();
        rows.push_back({parts[0], parts[1].items()});
    }
    std::string text;
    if (format == "pretty") {
        return extras.trace + pretty(query, rows, extras.max_cell) + tables_text(extras);
    }
    if (format == "raw") return raw(rows);
    if (format == "discard") return discarded(query, rows, extras, values);
    if (format == "json") return json(query, rows, extras);
    for (const Row& row : rows) {
        text += indented(format == "bindings" ? row.bindings : values.array(row.values));
    }
    return text;
}

const Value* number_beyond_discard(std::span<const Value> results) {
    for (const Value& result : results) {
        for (const std::size_t part : {1, 0}) {  // expressions, then bindings
            if (const Value* const found = infinite_number(result.items()[part])) return found;
        }
    }
    return nullptr;
}

}  // namespace merlon::compat::opa
