#include "evidence/occurrence.h"

#include <algorithm>
#include <tuple>

#include "base/large_pages.h"
#include "base/thread_pool.h"
#include "evidence/database.h"
#include "report/finding_json.h"

namespace merlon::evidence {
namespace {

constexpr std::size_t kMadeAtOnce = 128;  // by one thread

// Calls use(begin, end) for parts of what is below `count`.
template <typename Use>
void side_by_side(std::size_t count, const Use& use) {
    const std::size_t parts = (count + kMadeAtOnce - 1) / kMadeAtOnce;
    ThreadPool(parts < 2 ? 1 : available_cores()).for_each(parts, [&](std::size_t part, unsigned) {
        use(part * kMadeAtOnce, std::min((part + 1) * kMadeAtOnce, count));
    });
}

// `text` is room for its body, used again so that it grows once.
void make_occurrence(const model::Finding& finding, std::string& text, Occurrence& made) {
    made.finding = &finding;
    text.clear();
    report::append_finding_json(finding, text);
    made.body = text;
    made.print = print_of(made.body);
    const auto* file = std::get_if<model::FileLocation>(&finding.location);
    if (file == nullptr) {
        made.path = storable(model::to_string(finding.location));
        return;
    }
    made.path = storable(model::joined_path(*file));
    made.line = file->region.start_line;
    made.position = file->region.start_column;
}

}  // namespace

std::vector<Occurrence> occurrences_of(const model::Report& report, std::size_t& repeats) {
    std::vector<Occurrence> all;
    all.reserve(report.findings.size());
    ask_for_large_pages(all.data(), report.findings.size() * sizeof(Occurrence));
    all.resize(report.findings.size());
    side_by_side(all.size(), [&](std::size_t begin, std::size_t end) {
        std::string text;
        for (std::size_t i = begin; i < end; ++i) make_occurrence(report.findings[i], text, all[i]);
    });
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

void sign(std::vector<Occurrence>& occurrences) {
    side_by_side(occurrences.size(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            Occurrence& one = occurrences[i];
            if (one.signatures.empty()) one.signatures = signatures_of(*one.finding);
        }
    });
}

std::int64_t risk_of(const model::Finding& finding) {
    return least_risk(static_cast<std::int64_t>(finding.severity)) +
           static_cast<std::int64_t>(finding.confidence);
}

}  // namespace merlon::evidence
