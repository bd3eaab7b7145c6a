#include "scan/changes_scan.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/memory_budget.h"
#include "base/thread_pool.h"
#include "connect/files/excludes.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

constexpr std::string_view kUnmergedDetail =
    "its merge is not finished, so nothing of it is staged yet; resolve it and add the file";

// Removes the findings, and what stands beside them, that `is_known` says to be known.
template <typename IsKnown>
void drop_known(FileFindings& result, IsKnown is_known) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < result.findings.size(); ++i) {
        if (is_known(i)) continue;
        if (kept != i) {
            result.findings[kept] = std::move(result.findings[i]);
            result.contexts[kept] = std::move(result.contexts[i]);
            result.contents[kept] = std::move(result.contents[i]);
        }
        ++kept;
    }
    result.findings.resize(kept);
    result.contexts.resize(kept);
    result.contents.resize(kept);
}

class ChangesScan {
  public:
    ChangesScan(const SecretsScan& request, const Changes& changes)
        : request_(request), changes_(changes), options_(options_of(request)) {
        const connect::Excludes excludes(request.walk.excludes);
        for (const ChangedFile& file : changes.files) {
            if (!excludes.leaves_out_file(file.after.path)) files_.push_back(&file);
        }
    }

    model::Report run() {
        model::Report report = start_report(request_);
        const std::size_t files = files_.size();
        const std::size_t count = files + changes_.messages.size();
        report.coverage.files_seen = changes_.files.size();
        report.coverage.files_skipped = changes_.files.size() - files;
        report.coverage.gaps = changes_.gaps;
        if (request_.progress != nullptr) request_.progress->stage("scanning", count);
        const auto threads = std::clamp<std::size_t>(count, 1, request_.threads);
        ThreadPool pool(static_cast<unsigned>(threads));
        std::vector<secrets::Program::Scratch> scratches(pool.size());
        for (secrets::Program::Scratch& scratch : scratches) scratch.stop_on(*request_.cancel);
        FindingRoom room(request_.max_finding_bytes);
        std::vector<FileFindings> results = units(count, room);
        pool.for_each(count, [&](std::size_t index, unsigned worker) {
            if (request_.cancel->cancelled()) return;
            FileFindings& result = results[index];
            if (index < files) {
                scan_file(*files_[index], scratches[worker], result);
            } else {
                scan_message(changes_.messages[index - files], scratches[worker], result);
            }
            room.settle(result);
            if (request_.progress != nullptr) request_.progress->add(1, 0);
        });
        if (request_.progress != nullptr) request_.progress->finish();
        finish_report(request_, results, report);
        return report;
    }

  private:
    void scan_bytes(std::string_view bytes, const std::string& path,
                    secrets::Program::Scratch& scratch, FileFindings& result) const {
        const model::Origin origin = {{model::OriginStep::Kind::kFile, path, {}}};
        connect::documents_of(bytes, origin, request_.read, *request_.cancel, result.coverage,
                              [&](const model::Document& document) {
                                  scan_document(options_, document, scratch, result);
                              });
    }

    // Scans one version of a file; false, and a gap, where it cannot be read.
    bool scan_version(const ChangedFile::Version& version, secrets::Program::Scratch& scratch,
                      FileFindings& result) {
        const auto refuse = [&](git::ObjectFailure failure, std::string detail) {
            result.coverage.gaps.push_back(gap_of(failure, version.path, std::move(detail)));
            return false;
        };
        const git::ObjectResult<std::uint64_t> size = changes_.objects->size(version.id);
        if (!size.ok()) return refuse(size.failure, size.error().to_string());
        if (size.value() > request_.read.limits.max_file_bytes) {
            return refuse(git::ObjectFailure::kTooLarge,
                          "larger than the limit for one file (--max-file-size)");
        }
        const model::Origin origin = {{model::OriginStep::Kind::kFile, version.path, {}}};
        const std::uint64_t window_bytes = request_.read.limits.window_bytes;
        if (size.value() > window_bytes) {
            const auto stream = changes_.objects->open_stream(version.id);
            if (!stream.ok()) return refuse(stream.failure, stream.error().to_string());
            if (stream.value() != nullptr) {
                const MemoryBudget::Token token = budget_.admit(window_bytes);
                const Status read = connect::large_documents_of(
                    *stream.value(), origin, request_.read, *request_.cancel, result.coverage,
                    [&](const model::Document& document) {
                        scan_document(options_, document, scratch, result);
                    });
                if (!read.ok()) {
                    return refuse(git::ObjectFailure::kCorrupt, read.error().to_string());
                }
                return true;
            }
        }
        const MemoryBudget::Token token = budget_.admit(size.value());
        const git::ObjectResult<git::Object> object = changes_.objects->read(version.id);
        if (!object.ok()) return refuse(object.failure, object.error().to_string());
        scan_bytes(object.value().bytes(), version.path, scratch, result);
        return true;
    }

    void scan_file(const ChangedFile& file, secrets::Program::Scratch& scratch,
                   FileFindings& result) {
        if (!scan_version(file.after, scratch, result)) return;
        leave_out_known(file, scratch, result);
        note_commit(file.commit, result);
    }

    // What stands in every old version too. One that cannot be read hides nothing.
    void leave_out_known(const ChangedFile& file, secrets::Program::Scratch& scratch,
                         FileFindings& result) {
        for (const ChangedFile::Version& version : file.before) {
            if (result.findings.empty()) return;
            FileFindings before;
            if (!scan_version(version, scratch, before)) continue;
            std::set<std::pair<std::string_view, std::string_view>> known;
            for (std::size_t i = 0; i < before.findings.size(); ++i) {
                known.emplace(before.findings[i].rule_id, before.contents[i]);
            }
            drop_known(result, [&](std::size_t i) {
                return known.contains({result.findings[i].rule_id, result.contents[i]});
            });
        }
    }

    void scan_message(const ChangedMessage& message, secrets::Program::Scratch& scratch,
                      FileFindings& result) const {
        scan_bytes(message.text, message.name, scratch, result);
        result.coverage.files_read = 0;  // it is none
        note_commit(message.commit, result);
    }

    static void note_commit(const std::string& commit, FileFindings& result) {
        if (commit.empty()) return;
        for (model::Finding& finding : result.findings) {
            finding.properties[kCommitProperty] = commit;
        }
    }

    const SecretsScan& request_;
    const Changes& changes_;
    std::vector<const ChangedFile*> files_;  // that no pattern leaves out
    FindingOptions options_;
    MemoryBudget budget_;
};

}  // namespace

Changes changes_of(const git::OpenChanges& open) {
    Changes changes;
    changes.objects = open.objects;
    for (const git::FileChange& change : open.changes) {
        const auto is_blob = [](const git::FileVersion& version) {
            return version.exists() && version.mode != git::FileMode::kSubmodule;
        };
        if (!is_blob(change.after)) continue;
        ChangedFile file{.after = {change.path, change.after.id}, .before = {}, .commit = {}};
        if (is_blob(change.before)) file.before = {{change.path_before(), change.before.id}};
        changes.files.push_back(std::move(file));
    }
    for (const git::DiffProblem& problem : open.problems) {
        const git::ObjectFailure failure = problem.failure == git::ObjectFailure::kNone
                                               ? git::ObjectFailure::kCorrupt
                                               : problem.failure;
        changes.gaps.push_back(gap_of(failure, problem.path, problem.message));
    }
    for (const std::string& path : open.unmerged) {
        changes.gaps.push_back({model::GapCause::kReadError, path, std::string(kUnmergedDetail)});
    }
    return changes;
}

model::Gap gap_of(git::ObjectFailure failure, std::string path, std::string detail) {
    model::GapCause cause = model::GapCause::kReadError;
    switch (failure) {
        case git::ObjectFailure::kMissing:
        case git::ObjectFailure::kPromised:
            cause = model::GapCause::kMissingObject;
            break;
        case git::ObjectFailure::kCorrupt:
            cause = model::GapCause::kCorruptObject;
            break;
        case git::ObjectFailure::kTooLarge:
            cause = model::GapCause::kTooLarge;
            break;
        case git::ObjectFailure::kNone:
        case git::ObjectFailure::kReadError:
            break;
    }
    return {cause, std::move(path), std::move(detail)};
}

model::Report scan_changes(const SecretsScan& request, const Changes& changes) {
    return ChangesScan(request, changes).run();
}

}  // namespace merlon::scan
