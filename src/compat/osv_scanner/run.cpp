#include "compat/osv_scanner/run.h"

#include <fmt/core.h>

#include <algorithm>

#include "compat/osv_scanner/options.h"
#include "compat/osv_scanner/report.h"
#include "exchange/cyclonedx.h"
#include "exchange/spdx.h"

namespace merlon::compat::osv_scanner {
namespace {

// With the weaknesses that the other formats show.
std::string bom_text(const std::vector<Row>& rows, const scan::PeerResult& result,
                     const Options& options, const scan::PeerOutside& outside) {
    std::vector<bool> is_shown(result.examined.weaknesses.size(), false);
    for (const Row& row : rows)
        for (const std::size_t weakness : row.weaknesses) is_shown[weakness] = true;
    const exchange::Bom bom =
        scan::bom_of(result, options.scan, outside,
                     {.subject = {}, .id_prefix = "", .shows = [&](std::size_t weakness) {
                          return is_shown[weakness];
                      }});
    return scan::text_of([&](TextSink& sink) {
        if (options.format == Format::kSpdx) return exchange::write_spdx_json(bom, sink);
        const auto version = options.format == Format::kCycloneDx1_4
                                 ? exchange::CycloneDxVersion::k1_4
                                 : exchange::CycloneDxVersion::k1_5;
        exchange::write_cyclonedx_json(bom, version, sink);
    });
}

std::string printed(const std::vector<Row>& rows, const scan::PeerResult& result,
                    const Options& options, const scan::PeerOutside& outside) {
    switch (options.format) {
        case Format::kJson:
            return write_json(rows, result, options);
        case Format::kSarif:
            return scan::sarif_of(result.examined.report);
        case Format::kGithub:
            return write_annotations(rows, result);
        case Format::kCycloneDx1_4:
        case Format::kCycloneDx1_5:
        case Format::kSpdx:
            return bom_text(rows, result, options, outside);
        case Format::kTable:
        case Format::kMarkdown:
            break;
    }
    return write_table(rows, result, options);
}

// What was scanned, as OSV-Scanner tells it.
std::string told(const std::vector<Row>& rows, const scan::PeerResult& result) {
    std::string text;
    for (std::size_t i = 0; i < result.files.size(); ++i) {
        const auto count = std::ranges::count(rows, i, &Row::source);
        if (count == 0) continue;
        text += fmt::format("Scanned {} file and found {} package{}\n", result.files[i].absolute,
                            count, count == 1 ? "" : "s");
    }
    return text;
}

Result<int> scan_and_print(const Options& options, const ParsedCommand& command,
                           const scan::PeerOutside& outside) {
    const scan::PeerResult result =
        MERLON_TRY(scan::examine_for_peer(options.scan, command, outside));
    const std::vector<Row> rows = gather(result);
    outside.write_error(told(rows, result));
    if (rows.empty() && !options.allows_no_packages) {
        outside.write_error("No package sources found, --help for usage information.\n");
        return scan::finish_peer_run(result, command, outside, kNoPackages);
    }
    if (Status written = scan::write_peer_output(options.output,
                                                 printed(rows, result, options, outside), outside);
        !written.ok()) {
        return std::move(written).error();
    }
    const bool is_vulnerable =
        std::ranges::any_of(rows, [](const Row& row) { return !row.weaknesses.empty(); });
    return scan::finish_peer_run(result, command, outside, is_vulnerable ? kVulnerable : 0);
}

}  // namespace

int run(const std::vector<std::string>& words, const scan::PeerOutside& outside) {
    const scan::PeerCommand peer = peer_command();
    const Result<ParsedCommand> parsed = parse(words, outside.variable);
    if (!parsed.ok()) return scan::fail_peer_run(peer, outside, parsed.error(), kFailed);
    const ParsedCommand& command = parsed.value();
    if (const auto code = scan::answer_peer_question(peer, command, outside)) return *code;
    if (Status served = scan::check_served(peer, command); !served.ok())
        return scan::fail_peer_run(peer, outside, served.error());
    const Result<Options> options = options_of(command);
    if (!options.ok()) return scan::fail_peer_run(peer, outside, options.error(), kFailed);
    const Result<int> code = scan_and_print(options.value(), command, outside);
    if (!code.ok()) return scan::fail_peer_run(peer, outside, code.error(), kFailed);
    return code.value();
}

}  // namespace merlon::compat::osv_scanner
