#include "scan/secrets_scan.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/thread_pool.h"
#include "connect/git/tracked_paths.h"
#include "model/fingerprint.h"
#include "scan/secret_mask.h"
#include "text/text_input.h"

namespace merlon::scan {
namespace {

constexpr std::string_view kPack = "secrets";
constexpr std::string_view kStandardInput = "(stdin)";
constexpr std::size_t kScannedWhenStopped = std::size_t{4} << 20;

void add_secrets(const FileFindings& result, SecretMask& mask) {
    for (std::size_t i = 0; i < result.contents.size(); ++i) {
        const auto* at = std::get_if<model::FileLocation>(&result.findings[i].location);
        if (at != nullptr && result.contents[i] == content_of_path(at->path)) continue;
        mask.add(mask.print_of(result.contents[i]));
    }
}

// Leaves of what the units gave what the run keeps, and says how many there are besides.
void keep_first(std::vector<FileFindings>& results, std::uint64_t most_bytes,
                model::Coverage& coverage) {
    std::uint64_t bytes = 0;
    std::size_t left_out = 0;
    for (FileFindings& result : results) {
        keep_within(result, most_bytes - std::min(bytes, most_bytes));
        left_out += result.counted - result.reaches.size();
        bytes += result.bytes;
    }
    if (left_out == 0) return;
    coverage.gaps.push_back(
        {model::GapCause::kLimitReached, std::string(kRunPath),
         fmt::format(
             "more findings than one run keeps in memory; {} more {} counted and not shown: "
             "scan fewer paths at once, leave out what is generated (--exclude), or use "
             "narrower rules (--rules)",
             left_out, left_out == 1 ? "is" : "are")});
}

// Joins what the files gave, in walk order.
void merge(std::vector<FileFindings>& results, model::Report& report) {
    std::size_t left_out = 0;
    std::size_t findings = 0;
    for (const FileFindings& result : results) findings += result.findings.size();
    for (FileFindings& result : results) {
        add_fingerprints(result);
        if (result.findings.empty()) {
            // Most files.
        } else if (result.findings.size() == findings) {
            // A hundred thousand findings of one file are handed on as they are.
            report.findings = std::move(result.findings);
        } else {
            report.findings.reserve(findings);
            std::ranges::move(result.findings, std::back_inserter(report.findings));
            result.findings = {};
        }
        result.contents = {};
        result.reaches = {};
        report.coverage.merge(result.coverage);
        left_out += result.left_out;
    }
    if (left_out > 0) report.notices.push_back(left_out_notice(left_out));
    model::sort(report.findings);
    // Windows of a huge file overlap; what stands in both is one finding.
    const auto same = [](const model::Finding& a, const model::Finding& b) {
        return a.rule_id == b.rule_id && a.location == b.location && a.match == b.match;
    };
    report.findings.erase(std::unique(report.findings.begin(), report.findings.end(), same),
                          report.findings.end());
    model::sort(report.coverage.gaps);
}

}  // namespace

FindingOptions options_of(const SecretsScan& request) {
    return {request.program,         request.key,
            request.doubtful,        request.show_secrets,
            request.inline_comments, request.read.limits.max_findings_per_file,
            request.clock,           request.cancel};
}

std::vector<model::Rule> rules_of(const secrets::Config& config, std::string_view pack) {
    std::vector<model::Rule> rules;
    for (const secrets::Rule& rule : config.rules) {
        model::Rule shown;
        shown.id = rule.id;
        shown.engine = "secrets";
        shown.pack = pack;
        shown.name = rule.extras.title.empty() ? rule.id : rule.extras.title;
        shown.description = description_of(rule);
        shown.fix = rule.extras.fix;
        shown.help_url = rule.extras.url;
        shown.severity = rule.extras.severity;
        shown.confidence = rule.extras.confidence;
        shown.tags = rule.tags;
        shown.cwe = "CWE-798";
        rules.push_back(std::move(shown));
    }
    return rules;
}

std::vector<model::Finding> find_secrets(const SecretsScan& request,
                                         const model::Document& document) {
    secrets::Program::Scratch scratch;
    FileFindings result;
    scan_document(options_of(request), document, scratch, result);
    return std::move(result.findings);
}

model::Report start_report(const SecretsScan& request) {
    model::Report report;
    report.analysis.version = request.version;
    report.analysis.engine = "secrets";
    report.analysis.program_digest = request.program->digest();
    report.analysis.scope = request.arguments;
    report.analysis.signature_versions = {std::string(model::kContextAlgorithm),
                                          std::string(model::kLineHashAlgorithm)};
    if (request.key)
        report.analysis.signature_versions.push_back(model::secret_key_name(*request.key));
    report.rules = rules_of(request.program->config(), kPack);
    return report;
}

std::vector<FileFindings> units(std::size_t count, FindingRoom& room) {
    std::vector<FileFindings> results(count);
    for (std::size_t unit = 0; unit < count; ++unit) {
        results[unit].room = &room;
        results[unit].unit = unit;
    }
    return results;
}

void finish_report(const SecretsScan& request, std::vector<FileFindings>& results,
                   model::Report& report) {
    keep_first(results, request.max_finding_bytes, report.coverage);
    SecretMask mask({});
    if (request.show_secrets == ShowSecrets::kMasked) {
        for (const FileFindings& result : results) add_secrets(result, mask);
    }
    merge(results, report);
    if (request.cancel->cancelled()) {
        report.coverage.gaps.push_back({model::GapCause::kCancelled, std::string(kRunPath),
                                        "stopped before all files were read"});
    }
    apply(request.suppressions, request.clock->now(), report.findings, report.notices);
    accept_gaps(request.suppressions, request.clock->now(), report.coverage, report.notices);
    tell_completeness(report);
    mask.apply(report);
}

namespace {

// Standard input is held already, so that reading it is no part of the memory that windows save.
void scan_standard_input(const SecretsScan& request, FindingOptions options,
                         secrets::Program::Scratch& scratch, FileFindings& result) {
    // Who stops a pipe wants to know what has come out of it: a little takes no time.
    static const CancelToken never;
    const std::string_view bytes = *request.standard_input;
    options.cancel = bytes.size() <= kScannedWhenStopped ? &never : request.cancel;
    scratch.stop_on(*options.cancel);
    const auto scan = [&](const model::Document& document) {
        scan_document(options, document, scratch, result);
    };
    const model::Origin origin = {
        {model::OriginStep::Kind::kStandardInput, std::string(kStandardInput), {}}};
    if (bytes.size() <= request.read.limits.window_bytes) {
        connect::documents_of(bytes, origin, request.read, *options.cancel, result.coverage, scan);
        return;
    }
    text::TextInput input(bytes);
    // Memory can be read.
    (void)connect::large_documents_of(input, origin, request.read, *options.cancel, result.coverage,
                                      scan);
}

}  // namespace

model::Report scan_secrets(const SecretsScan& request) {
    model::Report report = start_report(request);
    const CancelToken& cancel = *request.cancel;
    connect::git::TrackedPaths tracked;
    connect::WalkOptions walk = request.walk;
    walk.is_tracked = [&](const std::string& root, std::string_view path, text::EntryKind kind) {
        return tracked.holds(root, path, kind);
    };
    connect::WalkResult walked = connect::walk(request.arguments, walk, cancel);
    report.coverage.files_seen = walked.files.size() + walked.skipped;
    report.coverage.files_skipped = walked.skipped;
    report.coverage.gaps = std::move(walked.gaps);
    if (request.progress != nullptr) request.progress->stage("scanning", walked.files.size());

    const FindingOptions options = options_of(request);
    ThreadPool pool(request.threads);
    std::vector<secrets::Program::Scratch> scratches(pool.size());
    for (secrets::Program::Scratch& scratch : scratches) scratch.stop_on(cancel);
    FindingRoom room(request.max_finding_bytes);
    const std::size_t files = walked.files.size();
    std::vector<FileFindings> results = units(files + (request.standard_input ? 1 : 0), room);
    MemoryBudget budget;
    pool.for_each(files, [&](std::size_t index, unsigned worker) {
        if (cancel.cancelled()) return;
        FileFindings& result = results[index];
        connect::read_documents(walked.files[index], request.read, budget, cancel, result.coverage,
                                [&](const model::Document& document) {
                                    scan_document(options, document, scratches[worker], result);
                                });
        room.settle(result);
        if (request.progress != nullptr) request.progress->add(1, walked.files[index].size);
    });
    if (request.standard_input) {
        ++report.coverage.files_seen;
        scan_standard_input(request, options, scratches.front(), results.back());
    }
    if (request.progress != nullptr) request.progress->finish();

    finish_report(request, results, report);
    return report;
}

void tell_completeness(model::Report& report) {
    report.analysis.complete = report.coverage.complete();
    for (const model::Gap& gap : report.coverage.gaps) {
        const std::string cause(model::name(gap.cause));
        auto& because = report.analysis.incomplete_because;
        if (std::find(because.begin(), because.end(), cause) == because.end()) {
            because.push_back(cause);
        }
    }
}

int exit_code(const model::Report& report, model::Severity fail_on) {
    if (!report.analysis.complete) return 2;
    const bool fails = std::any_of(
        report.findings.begin(), report.findings.end(), [fail_on](const model::Finding& finding) {
            return finding.suppressed_by.empty() && finding.severity >= fail_on;
        });
    return fails ? 1 : 0;
}

}  // namespace merlon::scan
