#include "evidence/occurrence.h"

#include <algorithm>
#include <tuple>

#include "evidence/database.h"
#include "report/finding_json.h"

namespace merlon::evidence {
namespace {

Occurrence occurrence_of(const model::Finding& finding) {
    Occurrence made;
    made.finding = &finding;
    report::append_finding_json(finding, made.body);
    made.print = print_of(made.body);
    const auto* file = std::get_if<model::FileLocation>(&finding.location);
    if (file == nullptr) {
        made.path = storable(model::to_string(finding.location));
        return made;
    }
    made.path = storable(model::joined_path(*file));
    made.line = file->region.start_line;
    made.position = file->region.start_column;
    return made;
}

}  // namespace

std::vector<Occurrence> occurrences_of(const model::Report& report, std::size_t& repeats) {
    std::vector<Occurrence> all;
    all.reserve(report.findings.size());
    for (const model::Finding& finding : report.findings) all.push_back(occurrence_of(finding));
    const auto order = [](const Occurrence& one) {
        return std::tie(one.path, one.line, one.position, one.print);
    };
    // Mostly they are: a report has its findings in the order of their places.
    if (!std::ranges::is_sorted(all, {}, order)) std::ranges::sort(all, {}, order);
    const auto [first, last] = std::ranges::unique(all, {}, &Occurrence::print);
    repeats = static_cast<std::size_t>(last - first);
    all.erase(first, last);
    return all;
}

void sign(Occurrence& occurrence) {
    if (occurrence.signatures.empty()) occurrence.signatures = signatures_of(*occurrence.finding);
}

std::int64_t risk_of(const model::Finding& finding) {
    return (static_cast<std::int64_t>(finding.severity) + 1) * 100 +
           static_cast<std::int64_t>(finding.confidence);
}

}  // namespace merlon::evidence
