#include "compat/opa/profile.h"

#include <algorithm>
#include <array>

#include "compat/opa/table.h"
#include "compat/opa/test_report.h"

namespace merlon::compat::opa {
namespace {

using rego::watch::Operation;

struct Order {
    std::string_view name;
    // Negative: the first comes before the second.
    int (*compare)(const LineProfile& first, const LineProfile& second);
};

int sign(std::int64_t difference) { return difference < 0 ? -1 : difference > 0 ? 1 : 0; }

constexpr std::array<Order, 6> kOrders = {{
    {"total_time_ns",
     [](const LineProfile& first, const LineProfile& second) {
         return sign(second.nanoseconds - first.nanoseconds);
     }},
    {"num_eval",
     [](const LineProfile& first, const LineProfile& second) {
         return sign(second.evaluations - first.evaluations);
     }},
    {"num_redo", [](const LineProfile& first,
                    const LineProfile& second) { return sign(second.redos - first.redos); }},
    {"num_gen_expr",
     [](const LineProfile& first, const LineProfile& second) {
         return sign(second.expressions - first.expressions);
     }},
    {"file", [](const LineProfile& first,
                const LineProfile& second) { return second.file.compare(first.file); }},
    {"line",
     [](const LineProfile& first, const LineProfile& second) {
         return sign(std::int64_t{second.row} - std::int64_t{first.row});
     }},
}};
constexpr std::array<std::string_view, 5> kDefaultOrder = {"total_time_ns", "num_eval", "num_redo",
                                                           "file", "line"};

}  // namespace

void Profiler::heard(const rego::watch::Event& event) {
    const bool is_evaluation = event.operation == Operation::kEval;
    const bool is_redo =
        event.operation == Operation::kRedo && event.rule == nullptr && event.block == nullptr;
    if (!is_evaluation && !is_redo) return;
    stop();
    const std::uint32_t row = event.location == nullptr ? 0 : event.location->row;
    Line& line = lines_[{event.file, row}];
    LineProfile& profile = line.profile;
    if (profile.evaluations + profile.redos == 0 && event.location != nullptr) {
        profile.file = event.file < files_.size() ? files_[event.file] : "";
        profile.row = row;
        profile.column = event.location->column;
        profile.text = event.location->text;
    }
    ++(is_evaluation ? profile.evaluations : profile.redos);
    line.indexes.insert(event.step->place);
    current_ = &line;
    since_ = clock_.monotonic();
}

void Profiler::stop() {
    if (current_ == nullptr) return;
    current_->profile.nanoseconds += (clock_.monotonic() - since_).count();
    current_ = nullptr;
}

std::vector<LineProfile> Profiler::report(std::span<const std::string> order, std::size_t most) {
    stop();
    std::vector<std::string_view> words(order.begin(), order.end());
    for (const std::string_view word : kDefaultOrder) {
        if (std::ranges::find(words, word) == words.end()) words.push_back(word);
    }
    std::vector<LineProfile> lines;
    for (const auto& [place, line] : lines_) {
        lines.push_back(line.profile);
        lines.back().expressions = static_cast<std::int64_t>(line.indexes.size());
    }
    std::ranges::stable_sort(lines, [&words](const LineProfile& first, const LineProfile& second) {
        for (const std::string_view word : words) {
            const auto* const row = std::ranges::find(kOrders, word, &Order::name);
            if (row == kOrders.end()) continue;
            const int found = row->compare(first, second);
            if (found != 0) return found < 0;
        }
        return false;
    });
    if (most > 0 && lines.size() > most) lines.resize(most);
    return lines;
}

void write_counts(text::JsonWriter& json, const LineProfile& line) {
    json.key("num_eval").integer(line.evaluations);
    json.key("num_redo").integer(line.redos);
    json.key("num_gen_expr").integer(line.expressions);
    json.key("location").begin_object().member("file", line.file);
    json.key("row").integer(line.row).key("col").integer(line.column).end_object();
}

std::vector<std::string> count_cells(const LineProfile& line) {
    return {std::to_string(line.evaluations), std::to_string(line.redos),
            std::to_string(line.expressions),
            line.file.empty() ? line.text : line.file + ":" + std::to_string(line.row)};
}

void write_profile(text::JsonWriter& json, std::span<const LineProfile> lines) {
    json.begin_array();
    for (const LineProfile& line : lines) {
        json.begin_object().key("total_time_ns").integer(line.nanoseconds);
        write_counts(json, line);
        json.end_object();
    }
    json.end_array();
}

std::string profile_table(std::span<const LineProfile> lines) {
    if (lines.empty()) return {};
    std::vector<TableRow> rows;
    for (const LineProfile& line : lines) {
        TableRow& row = rows.emplace_back(TableRow{duration_text(line.nanoseconds)});
        const TableRow counts = count_cells(line);
        row.insert(row.end(), counts.begin(), counts.end());
    }
    return draw_table({"Time", "Num Eval", "Num Redo", "Num Gen Expr", "Location"}, rows);
}

}  // namespace merlon::compat::opa
