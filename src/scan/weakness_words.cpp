#include "scan/weakness_words.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "exchange/cvss.h"

namespace merlon::scan {

std::string id_like(const sca::Match& match, std::string_view prefix) {
    const auto found = std::ranges::find_if(
        match.ids, [&](const std::string& id) { return id.starts_with(prefix); });
    return found == match.ids.end() ? match.ids.front() : *found;
}

std::string advisory_url(std::string_view id) {
    if (id.starts_with("CVE-")) return "https://nvd.nist.gov/vuln/detail/" + std::string(id);
    if (id.starts_with("GHSA-")) return "https://github.com/advisories/" + std::string(id);
    return "https://osv.dev/vulnerability/" + std::string(id);
}

std::vector<CvssVector> cvss_vectors(const exchange::OsvRecord& record) {
    static constexpr std::array<std::string_view, 4> kVersions{"2.0", "3.0", "3.1", "4.0"};
    std::vector<CvssVector> vectors;
    for (const exchange::OsvSeverity& severity : record.severities) {
        const auto scores = exchange::score_cvss(severity.score);
        if (!scores.ok()) continue;  // a word of a distribution's
        const auto version = static_cast<std::size_t>(scores.value().version);
        vectors.push_back(
            {std::string(kVersions[version]), severity.score, scores.value().base_tenths});
    }
    return vectors;
}

std::string tenths_text(unsigned tenths) { return fmt::format("{}.{}", tenths / 10, tenths % 10); }

}  // namespace merlon::scan
