#include "exchange/foreign_report.h"

#include <algorithm>
#include <array>

#include "exchange/report_read.h"
#include "exchange/sarif_read.h"

namespace merlon::exchange {
namespace {

// Tools write what a file is near its beginning, if not in the first line.
constexpr std::size_t kMarkBytes = std::size_t{64} << 10;

Result<std::vector<ReadReport>> read_own(std::string_view bytes) {
    std::vector<ReadReport> reports;
    reports.push_back({.report = MERLON_TRY(read_report(bytes))});
    return reports;
}

// In the order in which they are asked: a mark of the ones in front is not found in others.
constexpr std::array kFormats{
    ForeignFormat{"merlon-report", "Merlon's JSON report", looks_like_report, read_own},
    ForeignFormat{"sarif", "SARIF 2.1.0", looks_like_sarif, read_sarif},
};

}  // namespace

std::span<const ForeignFormat> foreign_formats() { return kFormats; }

Result<ForeignReport> read_foreign_report(std::string_view bytes) {
    const std::string_view first = bytes.substr(0, kMarkBytes);
    const auto* const format = std::ranges::find_if(
        kFormats, [&](const ForeignFormat& known) { return known.looks_like(first); });
    if (format == kFormats.end()) {
        std::string known;
        for (const ForeignFormat& one : kFormats)
            known += (known.empty() ? "" : ", ") + std::string(one.title);
        return Error{"not a report that is known; there are " + known};
    }
    Result<std::vector<ReadReport>> reports = format->read(bytes);
    if (!reports.ok())
        return std::move(reports).error().within("reading " + std::string(format->title));
    return ForeignReport{format->name, std::move(reports).value()};
}

}  // namespace merlon::exchange
