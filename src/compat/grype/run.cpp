#include "compat/grype/run.h"

#include <fmt/core.h>

#include <algorithm>

#include "compat/grype/options.h"
#include "compat/grype/report.h"
#include "compat/grype/template.h"
#include "exchange/cyclonedx.h"

namespace merlon::compat::grype {
namespace {

constexpr int kAboveSeverity = 2;

// With what counts of the weaknesses.
std::string bom_text(Format format, const Rows& rows, const scan::PeerResult& result,
                     const Options& options, const scan::PeerOutside& outside) {
    std::vector<bool> is_shown(result.examined.weaknesses.size(), false);
    for (const Row& row : rows.matches) is_shown[row.weakness] = true;
    const exchange::Bom bom =
        scan::bom_of(result, options.scan, outside,
                     {.subject = {},
                      .id_prefix = options.names_cves ? "CVE-" : "",
                      .shows = [&](std::size_t weakness) { return is_shown[weakness]; }});
    const auto write = format == Format::kCycloneDx ? exchange::write_cyclonedx_json
                                                    : exchange::write_cyclonedx_xml;
    return scan::text_of(
        [&](TextSink& sink) { write(bom, exchange::CycloneDxVersion::k1_6, sink); });
}

Result<std::string> printed(const Output& output, const templates::Template* shape,
                            const Rows& rows, const scan::PeerResult& result,
                            const Options& options, const scan::PeerOutside& outside) {
    switch (output.format) {
        case Format::kJson:
            return write_json(rows, result, options, outside);
        case Format::kSarif:
            return scan::sarif_of(result.examined.report);
        case Format::kCycloneDx:
        case Format::kCycloneDxXml:
            return bom_text(output.format, rows, result, options, outside);
        case Format::kTemplate:
            return render_template(*shape, write_json(rows, result, options, outside),
                                   outside.clock->now());
        case Format::kTable:
            break;
    }
    return write_table(rows, result, options);
}

Result<int> scan_and_print(const Options& options, const ParsedCommand& command,
                           const scan::PeerOutside& outside) {
    std::optional<templates::Template> shape;
    if (!options.template_path.empty()) shape = MERLON_TRY(read_template(options.template_path));
    const scan::PeerResult result =
        MERLON_TRY(scan::examine_for_peer(options.scan, command, outside));
    const Rows rows = gather(result);
    for (const Output& output : options.outputs) {
        const std::string text =
            MERLON_TRY(printed(output, shape ? &*shape : nullptr, rows, result, options, outside));
        if (Status written = scan::write_peer_output(output.path, text, outside); !written.ok())
            return std::move(written).error();
    }
    const bool fails =
        !options.fail_on.empty() && std::ranges::any_of(rows.matches, [&](const Row& row) {
            const sca::Match& match = result.examined.weaknesses[row.weakness].match;
            return rank_of(scan::severity_word(match)) >= rank_of(options.fail_on);
        });
    if (fails) {
        outside.write_error(
            "ERROR discovered vulnerabilities at or above the severity threshold\n");
    }
    return scan::finish_peer_run(result, command, outside, fails ? kAboveSeverity : 0);
}

}  // namespace

int run(const std::vector<std::string>& words, const scan::PeerOutside& outside) {
    const scan::PeerCommand peer = peer_command();
    Result<ParsedCommand> parsed = parse(words, outside.variable);
    if (!parsed.ok()) return scan::fail_peer_run(peer, outside, parsed.error());
    ParsedCommand& command = parsed.value();
    if (const auto code = scan::answer_peer_question(peer, command, outside)) return *code;
    const Result<Options> options = options_of(command);
    if (!options.ok()) return scan::fail_peer_run(peer, outside, options.error());
    const Result<int> code = scan_and_print(options.value(), command, outside);
    if (!code.ok()) return scan::fail_peer_run(peer, outside, code.error());
    return code.value();
}

}  // namespace merlon::compat::grype
