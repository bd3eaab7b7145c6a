#include "scan/history_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "model/fingerprint.h"
#include "scan/secrets_scan.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

constexpr std::string_view kPack = "secrets";

}  // namespace

model::Report start_history_report(const HistoryScan& request, const git::Repository& repository,
                                   const std::vector<std::string>& revisions,
                                   const std::vector<std::string>& notices) {
    model::Report report;
    report.analysis.version = request.version;
    report.analysis.engine = "secrets";
    report.analysis.program_digest = request.findings.program->digest();
    report.analysis.scope = {request.repository};
    std::ranges::copy(revisions, std::back_inserter(report.analysis.scope));
    report.notices = notices;
    report.analysis.signature_versions = {std::string(model::kContextAlgorithm),
                                          std::string(model::kLineHashAlgorithm)};
    if (request.findings.key)
        report.analysis.signature_versions.push_back(model::secret_key_name(*request.findings.key));
    if (const auto head = repository.references().find("HEAD")) {
        report.analysis.commit = head->id.hex();
    }
    report.analysis.ref = repository.references().head_branch();
    report.rules = rules_of(request.findings.program->config(), kPack);
    return report;
}

void add_objects(const ObjectsOfHistory& history, model::Coverage& coverage) {
    const auto& [catalog, walk, messages, blobs, is_ranged] = history;
    model::ObjectCounts counts;
    for (std::uint32_t number = 0; number < catalog.count(); ++number) {
        if (!catalog.is_first_copy(number)) continue;
        ++counts.present;
    }
    const auto of = [](const Examined& examined, git::ObjectType type) {
        const auto kind = static_cast<std::size_t>(type);
        return examined.bulk.objects[kind] + examined.known[kind];
    };
    counts.commits = of(messages, git::ObjectType::kCommit);
    counts.tags = of(messages, git::ObjectType::kTag);
    counts.blobs = of(blobs, git::ObjectType::kBlob);
    counts.trees = walk.trees_read();
    for (const Examined* examined : {&messages, &blobs}) {
        for (const std::uint64_t bytes : examined->bulk.bytes) counts.bytes += bytes;
        counts.bytes += examined->known_bytes;
    }
    counts.left_out = blobs.not_wanted;
    counts.submodule_links = walk.submodule_links();
    const std::uint64_t told =
        counts.commits + counts.tags + counts.blobs + counts.trees + counts.left_out;
    if (is_ranged) counts.outside_range = counts.present - std::min(counts.present, told);
    coverage.objects = counts;
    coverage.merge(blobs.coverage);
    coverage.merge(messages.coverage);
    coverage.files_seen = coverage.files_read = 0;
    coverage.bytes_read = counts.bytes;
}

void finish_history_report(const HistoryScan& request, const git::Repository& repository,
                           std::size_t left_out, model::Report& report) {
    if (request.cancel->cancelled()) {
        report.coverage.gaps.push_back({model::GapCause::kCancelled, std::string(kRunPath),
                                        "stopped before the whole history was read"});
    }
    if (left_out > 0) report.notices.push_back(left_out_notice(left_out));
    const auto replaced = std::ranges::count_if(
        repository.references().all(),
        [](const git::Reference& one) { return one.name.starts_with("refs/replace/"); });
    if (replaced > 0) {
        report.notices.push_back(fmt::format(
            "{} of refs/replace {} not followed: objects are scanned as they are, "
            "where git log shows others",
            replaced == 1 ? std::string("1 reference") : fmt::format("{} references", replaced),
            replaced == 1 ? "is" : "are"));
    }
    model::sort(report.coverage.gaps);
    const Timestamp now = request.findings.clock->now();
    apply(request.suppressions, now, report.findings, report.notices);
    accept_gaps(request.suppressions, now, report.coverage, report.notices);
    tell_completeness(report);
}

}  // namespace merlon::scan
