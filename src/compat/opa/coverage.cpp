#include "compat/opa/coverage.h"

#include <algorithm>

#include "rego/go_format.h"
#include "rego/syntax/walk.h"

namespace merlon::compat::opa {
namespace {

using rego::syntax::Location;

CoverRange range_of(const Location& location) {
    CoverRange range{location.row, location.column, location.row, location.column};
    std::string_view last = location.text;
    for (std::size_t line = last.find('\n'); line != last.npos; line = last.find('\n')) {
        ++range.end_row;
        range.end_column = 1;
        last.remove_prefix(line + 1);
    }
    range.end_column += static_cast<std::uint32_t>(std::ranges::count_if(
        last, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    return range;
}

// All that can be covered: heads, and expressions but for declarations.
struct Gatherer {
    std::set<CoverRange>& ranges;

    static bool enter(rego::syntax::Term& /*term*/) { return true; }
    static bool enter(rego::syntax::With& /*with*/) { return true; }
    bool enter(rego::syntax::Expression& expression) {
        const bool is_declaration = expression.kind == rego::syntax::ExpressionKind::kSome;
        if (!is_declaration && expression.location != nullptr) {
            ranges.insert(range_of(*expression.location));
        }
        return true;
    }
    void rule(rego::syntax::Rule& rule) {
        for (rego::syntax::Rule* part = &rule; part != nullptr; part = part->otherwise) {
            if (part->head->location != nullptr) ranges.insert(range_of(*part->head->location));
        }
        rego::syntax::walk(rule, *this);
    }
};

void add_rows(const CoverRange& range, std::set<std::uint32_t>& rows) {
    for (std::uint32_t row = range.row; row <= range.end_row; ++row) rows.insert(row);
}
std::set<std::uint32_t> rows_of(const std::set<CoverRange>& ranges) {
    std::set<std::uint32_t> rows;
    for (const CoverRange& range : ranges) add_rows(range, rows);
    return rows;
}
std::set<std::uint32_t> rows_of(const std::map<CoverRange, std::vector<std::string_view>>& ranges) {
    std::set<std::uint32_t> rows;
    for (const auto& [range, kinds] : ranges) add_rows(range, rows);
    return rows;
}

bool is_covered(const CoverRange& range, const std::set<CoverRange>& covered) {
    return std::ranges::any_of(covered,
                               [&range](const CoverRange& other) { return other.contains(range); });
}

double percent_of(std::size_t covered, std::size_t not_covered) {
    const std::size_t all = covered + not_covered;
    return all == 0 ? 0.0 : 100.0 * static_cast<double>(covered) / static_cast<double>(all);
}

void write_percent(text::JsonWriter& json, double percent) {
    json.key("coverage").raw(rego::go_float_text(percent, 'f', -1));
}

void write_range(text::JsonWriter& json, const CoverRange& range,
                 std::span<const std::string_view> kinds) {
    json.begin_object();
    for (const auto& [place, row, column] : {std::tuple("start", range.row, range.column),
                                             std::tuple("end", range.end_row, range.end_column)}) {
        json.key(place).begin_object().key("row").integer(row);
        if (column != 0) json.key("col").integer(column);
        json.end_object();
    }
    if (!kinds.empty()) {
        json.key("kinds").begin_array();
        for (const std::string_view kind : kinds) json.string(kind);
        json.end_array();
    }
    json.end_object();
}

}  // namespace

bool CoverRange::contains(const CoverRange& other) const {
    return std::pair(row, column) <= std::pair(other.row, other.column) &&
           std::pair(end_row, end_column) >= std::pair(other.end_row, other.end_column);
}

void CoverageRecorder::heard(const rego::watch::Event& event) {
    if (event.file == UINT32_MAX) return;
    const Location* location = nullptr;
    if (event.operation == rego::watch::Operation::kExit && event.rule != nullptr) {
        location = event.rule->source->head->location;
    } else if (event.operation == rego::watch::Operation::kEval) {
        location = event.step->source->location;
    }
    if (location != nullptr && location->row != 0 && !location->is_synthetic) {
        ranges_[event.file].insert(range_of(*location));
    }
}

void CoverageRecorder::add(const CoverageRecorder& other) {
    for (const auto& [file, ranges] : other.ranges_) {
        ranges_[file].insert(ranges.begin(), ranges.end());
    }
}

Coverage::Coverage(std::span<const rego::compiler::SourceModule> modules,
                   const CoveredRanges& covered, std::span<const OtherRun> others) {
    static const std::set<CoverRange> kNothing;
    const auto of_file = [](const CoveredRanges& ranges, std::uint32_t file) -> const auto& {
        const auto found = ranges.find(file);
        return found == ranges.end() ? kNothing : found->second;
    };
    for (std::uint32_t i = 0; i < modules.size(); ++i) {
        FileCoverage& file = files_[modules[i].file];
        file.covered = of_file(covered, i);
        std::set<CoverRange> all;
        Gatherer gatherer{all};
        for (rego::syntax::Rule* rule : modules[i].module->rules) gatherer.rule(*rule);
        for (const CoverRange& range : all) {
            if (is_covered(range, file.covered)) continue;
            std::vector<std::string_view>& kinds = file.not_covered[range];
            for (const OtherRun& other : others) {
                if (is_covered(range, of_file(*other.ranges, i))) kinds.push_back(other.kind);
            }
        }
        file.covered_lines = rows_of(file.covered).size();
        file.not_covered_lines = rows_of(file.not_covered).size();
    }
}

double Coverage::percent() const {
    std::size_t covered = 0;
    std::size_t not_covered = 0;
    for (const auto& [name, file] : files_) {
        covered += file.covered_lines;
        not_covered += file.not_covered_lines;
    }
    return percent_of(covered, not_covered);
}

void Coverage::write(text::JsonWriter& json) const {
    std::size_t covered = 0;
    std::size_t not_covered = 0;
    json.begin_object().key("files").begin_object();
    for (const auto& [name, file] : files_) {
        json.key(name).begin_object();
        if (!file.covered.empty()) {
            json.key("covered").begin_array();
            for (const CoverRange& range : file.covered) write_range(json, range, {});
            json.end_array();
        }
        if (!file.not_covered.empty()) {
            json.key("not_covered").begin_array();
            for (const auto& [range, kinds] : file.not_covered) write_range(json, range, kinds);
            json.end_array();
        }
        if (file.covered_lines > 0) {
            json.key("covered_lines").integer(static_cast<std::int64_t>(file.covered_lines));
        }
        if (file.not_covered_lines > 0) {
            json.key("not_covered_lines")
                .integer(static_cast<std::int64_t>(file.not_covered_lines));
        }
        const double percent = percent_of(file.covered_lines, file.not_covered_lines);
        if (percent != 0) write_percent(json, percent);
        json.end_object();
        covered += file.covered_lines;
        not_covered += file.not_covered_lines;
    }
    json.end_object();
    json.key("covered_lines").integer(static_cast<std::int64_t>(covered));
    json.key("not_covered_lines").integer(static_cast<std::int64_t>(not_covered));
    write_percent(json, percent_of(covered, not_covered));
    json.end_object();
}

std::string Coverage::missing_lines() const {
    std::string out = files_.empty() ? "" : "\nLines not covered:";
    for (const auto& [name, file] : files_) {
        const std::set<std::uint32_t> rows = rows_of(file.not_covered);
        for (auto at = rows.begin(); at != rows.end();) {
            const std::uint32_t first = *at;
            std::uint32_t last = first;
            while (++at != rows.end() && *at == last + 1) last = *at;
            out += "\n\t" + name + ":" + std::to_string(first);
            if (last != first) out += "-" + std::to_string(last);
        }
    }
    return out;
}

}  // namespace merlon::compat::opa
