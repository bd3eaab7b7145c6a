#include "compat/trivy/run.h"

#include <algorithm>

#include "base/thread_pool.h"
#include "compat/trivy/options.h"
#include "compat/trivy/report.h"
#include "compat/trivy/template.h"
#include "exchange/cyclonedx.h"
#include "exchange/spdx.h"
#include "scan/secrets_scan.h"

namespace merlon::compat::trivy {
namespace {

class Run {
  public:
    Run(const Options& options, const ParsedCommand& command, const scan::PeerOutside& outside)
        : options_(options), command_(command), outside_(outside) {}

    Result<int> run() {
        for (const std::string& warning : options_.warnings)
            outside_.write_error("WARN " + warning + '\n');
        std::optional<templates::Template> shape;
        if (options_.format == Format::kTemplate) {
            std::vector<std::string> notices;
            shape = MERLON_TRY(read_template(options_.template_text, outside_.variable, notices));
            for (const std::string& notice : notices) outside_.write_error("INFO " + notice + '\n');
        }
        std::optional<secrets::Program> rules;
        if (options_.finds_secrets) rules = MERLON_TRY(outside_.secret_rules());
        if (options_.finds_weaknesses || options_.finds_licenses) {
            result_ = MERLON_TRY(scan::examine_for_peer(options_.scan, command_, outside_));
            report_.results = gather(result_, options_);
            if (options_.finds_licenses)
                report_.licenses =
                    gather_licenses(report_.results, options_, outside_.clock->now());
        }
        if (rules) find_secrets(*rules);
        const std::string text = shape ? MERLON_TRY(rendered(*shape)) : printed();
        if (Status written = scan::write_peer_output(options_.output, text, outside_);
            !written.ok()) {
            return std::move(written).error();
        }
        return scan::finish_peer_run(result_, command_, outside_,
                                     finds_anything(report_) ? options_.exit_code : 0);
    }

  private:
    void find_secrets(const secrets::Program& rules) {
        scan::SecretsScan request;
        request.program = &rules;
        request.arguments = {options_.target};
        request.walk = scan::walk_of(options_.scan, options_.target);
        request.threads = available_cores();
        request.version = outside_.version;
        request.clock = outside_.clock;
        request.cancel = outside_.cancel;
        report_.secrets = scan::scan_secrets(request);
        if (!options_.severities.empty()) {
            std::erase_if(report_.secrets.findings, [&](const model::Finding& finding) {
                return std::ranges::find(options_.severities, model::name(finding.severity)) ==
                       options_.severities.end();
            });
        }
        // What could not be read for the one is told once for both.
        model::Report& whole = result_.examined.report;
        for (const model::Gap& gap : report_.secrets.coverage.gaps) {
            auto& gaps = whole.coverage.gaps;
            if (std::ranges::find(gaps, gap) == gaps.end()) gaps.push_back(gap);
        }
        model::sort(whole.coverage.gaps);
        whole.analysis.complete = whole.coverage.complete();
    }

    // The findings that the results show, as one report of ours.
    model::Report shown_report() const {
        const model::Report& whole = result_.examined.report;
        model::Report shown = report_.secrets;
        shown.analysis = whole.analysis;
        shown.coverage = whole.coverage;
        std::vector<bool> is_shown(whole.findings.size(), false);
        for (const TrivyResult& one : report_.results) {
            for (const Row& row : one.rows) is_shown[row.weakness] = true;
            for (const Row& row : one.suppressed) is_shown[row.weakness] = true;
        }
        for (std::size_t i = 0; i < whole.findings.size(); ++i)
            if (is_shown[i]) shown.findings.push_back(whole.findings[i]);
        std::erase_if(shown.rules, [&](const model::Rule& rule) {  // there are hundreds
            return std::ranges::find(shown.findings, rule.id, &model::Finding::rule_id) ==
                   shown.findings.end();
        });
        shown.rules.insert(shown.rules.end(), whole.rules.begin(), whole.rules.end());
        model::sort(shown.findings);
        return shown;
    }

    Result<std::string> rendered(const templates::Template& shape) const {
        return render_template(shape, write_json(report_, result_, options_, outside_),
                               outside_.clock->now());
    }

    std::string printed() const {
        if (options_.format == Format::kJson)
            return write_json(report_, result_, options_, outside_);
        if (options_.format == Format::kTable) return write_table(report_, result_, options_);
        if (options_.format == Format::kSarif) return scan::sarif_of(shown_report());
        return scan::text_of([&](TextSink& sink) { write_bom(sink); });
    }

    // With what the results show of the weaknesses, where they were asked for.
    void write_bom(TextSink& sink) const {
        std::vector<bool> is_shown(result_.examined.weaknesses.size(), false);
        for (const TrivyResult& one : report_.results)
            for (const Row& row : one.rows) is_shown[row.weakness] = true;
        const exchange::Bom bom =
            scan::bom_of(result_, options_.scan, outside_,
                         {.subject = {}, .id_prefix = "CVE-", .shows = [&](std::size_t weakness) {
                              return is_shown[weakness];
                          }});
        switch (options_.format) {
            case Format::kCycloneDx:
                return exchange::write_cyclonedx_json(bom, exchange::CycloneDxVersion::k1_7, sink);
            case Format::kSpdx:
                return exchange::write_spdx_tag_value(bom, sink);
            default:
                return exchange::write_spdx_json(bom, sink);
        }
    }

    const Options& options_;
    const ParsedCommand& command_;
    const scan::PeerOutside& outside_;
    scan::PeerResult result_;
    TrivyReport report_;
};

}  // namespace

int run(const std::vector<std::string>& words, const scan::PeerOutside& outside) {
    const scan::PeerCommand peer = peer_command();
    Result<ParsedCommand> parsed = scan::parse_peer_command(peer, words, outside.variable);
    if (!parsed.ok()) return scan::fail_peer_run(peer, outside, parsed.error());
    ParsedCommand& command = parsed.value();
    if (const auto code = scan::answer_peer_question(peer, command, outside)) return *code;
    const Result<Options> options = options_of(command);
    if (!options.ok()) return scan::fail_peer_run(peer, outside, options.error());
    const Result<int> code = Run(options.value(), command, outside).run();
    if (!code.ok()) return scan::fail_peer_run(peer, outside, code.error());
    return code.value();
}

}  // namespace merlon::compat::trivy
