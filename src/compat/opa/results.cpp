#include "compat/opa/results.h"

#include <algorithm>
#include <vector>

#include "rego/term.h"
#include "text/json.h"
#include "text/utf8.h"

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

std::string json(rego::syntax::Body query, std::span<const Row> rows) {
    if (rows.empty()) return "{}\n";
    std::string text;
    text::JsonWriter writer(text, "  ", text::JsonEscapes::kGo);
    writer.begin_object().key("result").begin_array();
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
    writer.end_array().end_object();
    return text + "\n";
}

std::string line(const std::vector<std::size_t>& widths, std::string_view left,
                 std::string_view middle, std::string_view right) {
    std::string text(left);
    for (std::size_t i = 0; i < widths.size(); ++i) {
        if (i > 0) text += middle;
        for (std::size_t j = 0; j < widths[i] + 2; ++j) text += "─";
    }
    text += right;
    return text + "\n";
}

std::string spaces(std::size_t count) { return std::string(count, ' '); }

// A row of names is centred, others begin on the left.
enum class Place : std::uint8_t { kLeft, kCentre };
std::string cells(const std::vector<std::string>& texts, const std::vector<std::size_t>& widths,
                  Place place) {
    std::string text = "│";
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::size_t free = widths[i] - text::count_code_points(texts[i]);
        const std::size_t before = place == Place::kCentre ? free / 2 : 0;
        text += " " + spaces(before) + texts[i] + spaces(free - before) + " │";
    }
    return text + "\n";
}

// Expressions that are more than true, then variables.
std::string table(rego::syntax::Body query, std::span<const Row> rows) {
    std::vector<std::string> names;
    std::vector<std::size_t> expressions;
    for (std::size_t i = 0; i < query.size(); ++i) {
        if (rows[0].values[i].is_boolean()) continue;
        expressions.push_back(i);
        names.emplace_back(query[i]->location->text);
    }
    for (const Value& name : rows[0].bindings.keys()) names.emplace_back(name.as_string());
    std::vector<std::vector<std::string>> lines;
    std::vector<std::size_t> widths;
    for (const std::string& name : names) widths.push_back(text::count_code_points(name));
    for (const Row& row : rows) {
        std::vector<std::string>& texts = lines.emplace_back();
        for (const std::size_t i : expressions) texts.push_back(rego::json_text(row.values[i]));
        for (const Value& bound : row.bindings.values()) texts.push_back(rego::json_text(bound));
        for (std::size_t i = 0; i < texts.size(); ++i) {
            widths[i] = std::max(widths[i], text::count_code_points(texts[i]));
        }
    }
    std::string text = line(widths, "┌", "┬", "┐") + cells(names, widths, Place::kCentre) +
                       line(widths, "├", "┼", "┤");
    for (const std::vector<std::string>& texts : lines) text += cells(texts, widths, Place::kLeft);
    return text + line(widths, "└", "┴", "┘");
}

std::string pretty(rego::syntax::Body query, std::span<const Row> rows) {
    if (rows.empty()) return "undefined\n";
    const bool is_single = rows.size() == 1 && rows[0].bindings.size() == 0;
    const bool is_plain =
        query.size() == 1 ||
        std::ranges::all_of(rows[0].values, [](const Value& value) { return value.is_boolean(); });
    return is_single && is_plain ? indented(rows[0].values[0]) : table(query, rows);
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

}  // namespace

std::string results_text(std::string_view format, rego::syntax::Body query,
                         std::span<const Value> results, value::Builder& values) {
    std::vector<Value> converted;
    std::vector<Row> rows;
    converted.reserve(results.size());
    for (const Value& result : results) {
        converted.push_back(rego::to_json(result, values));
        const std::span<const Value> parts = converted.back().items();
        rows.push_back({parts[0], parts[1].items()});
    }
    std::string text;
    if (format == "pretty") return pretty(query, rows);
    if (format == "raw") return raw(rows);
    if (format == "discard") return "{\n  \"result\": \"discarded\"\n}\n";
    if (format == "json") return json(query, rows);
    for (const Row& row : rows) {
        text += indented(format == "bindings" ? row.bindings : values.array(row.values));
    }
    return text;
}

}  // namespace merlon::compat::opa
