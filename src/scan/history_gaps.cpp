#include "scan/history_gaps.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "connect/git/commit.h"
#include "connect/git/shallow_advice.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

constexpr std::size_t kMaxNamedObjects = 1000;  // missing or damaged ones, each a gap
constexpr std::size_t kMaxNamedCommits = 10;    // of a shallow clone

model::GapCause cause_of(git::ObjectFailure failure) {
    switch (failure) {
        case git::ObjectFailure::kMissing:
        case git::ObjectFailure::kPromised:
            return model::GapCause::kMissingObject;
        case git::ObjectFailure::kTooLarge:
            return model::GapCause::kTooLarge;
        case git::ObjectFailure::kReadError:
            return model::GapCause::kReadError;
        default:
            return model::GapCause::kCorruptObject;
    }
}

void add_gap(model::Report& report, model::GapCause cause, std::string path, std::string detail) {
    report.coverage.gaps.push_back({cause, std::move(path), std::move(detail)});
}

// What bulk reading could not read, by id, with the path of a blob that has one.
std::map<git::ObjectId, model::Gap> damaged_objects(const HistoryGaps& of) {
    std::map<git::ObjectId, model::Gap> gaps;
    std::map<std::uint32_t, std::string> path_of_blob;
    for (const git::BulkReport* report : {&of.messages.bulk, &of.blobs.bulk}) {
        for (const git::BulkProblem& problem : report->problems) {
            path_of_blob.emplace(problem.number, std::string());
        }
    }
    if (path_of_blob.empty()) return gaps;
    for (const HistoryStep& step : of.walk.steps()) {
        for (const HistoryChange& change : step.changes) {
            const auto blob = path_of_blob.find(change.after);
            if (blob == path_of_blob.end() || !blob->second.empty()) continue;
            blob->second = of.walk.paths()[change.path];
        }
    }
    for (const git::BulkReport* report : {&of.messages.bulk, &of.blobs.bulk}) {
        for (const git::BulkProblem& problem : report->problems) {
            const auto id = of.catalog.id_of(problem.number);
            if (!id.ok()) continue;
            const std::string& path = path_of_blob[problem.number];
            gaps[id.value()] = {cause_of(problem.failure), path.empty() ? id.value().hex() : path,
                                problem.message};
        }
    }
    return gaps;
}

void add_shallow_gap(const HistoryGaps& of, model::Report& report) {
    const std::vector<git::ObjectId>& cut = of.walk.history().shallow_met();
    if (cut.empty()) return;
    // What is cut off before the commits that a range leaves out is not missed.
    std::set<git::ObjectId> meant;
    for (const HistoryStep& step : of.walk.steps()) {
        if (step.commit != kNoNumber) meant.insert(of.walk.history().id(step.commit));
    }
    std::vector<std::string> missing;
    bool is_cut = false;
    for (const git::ObjectId& id : cut) {
        if (!meant.contains(id)) continue;
        is_cut = true;
        const auto object = of.repository.objects().read_original(id);
        if (!object.ok()) continue;
        const auto commit = git::parse_commit(object.value().bytes(), of.repository.algorithm());
        if (!commit.ok()) continue;
        for (const git::ObjectId& parent : commit.value().parents) {
            if (!of.repository.objects().contains(parent)) missing.push_back(parent.hex());
        }
    }
    if (!is_cut) return;
    std::ranges::sort(missing);
    const auto repeated = std::ranges::unique(missing);
    missing.erase(repeated.begin(), repeated.end());
    std::string names;
    for (std::size_t i = 0; i < std::min(missing.size(), kMaxNamedCommits); ++i) {
        names += (i == 0 ? "" : ", ") + missing[i];
    }
    if (missing.size() > kMaxNamedCommits) {
        names += fmt::format(" and {} more", missing.size() - kMaxNamedCommits);
    }
    add_gap(report, model::GapCause::kShallowHistory, "(history)",
            fmt::format("this clone is shallow: it has not the commits {} and what stands "
                        "before them; {}",
                        names, git::shallow_advice(of.checkout_advice)));
}

}  // namespace

void HistoryGaps::add_to(model::Report& report) const {
    for (const model::Gap& gap : repository.gaps()) report.coverage.gaps.push_back(gap);
    for (const model::Gap& gap : walk.gaps()) report.coverage.gaps.push_back(gap);
    add_shallow_gap(*this, report);
    std::map<git::ObjectId, model::Gap> objects = damaged_objects(*this);
    std::size_t only_unreachable = 0;
    for (const auto& [id, lost] : walk.lost()) {
        if (!lost.needed) {
            ++only_unreachable;
            continue;
        }
        std::string detail = lost.message;
        if (lost.failure == git::ObjectFailure::kPromised) {
            detail +=
                "; fetch it with 'git fetch --refetch --no-filter', or check out without "
                "a filter";
        }
        objects[id] = {cause_of(lost.failure), lost.path.empty() ? id.hex() : lost.path,
                       std::move(detail)};
    }
    std::size_t named = 0;
    for (auto& [id, gap] : objects) {
        if (++named > kMaxNamedObjects) break;
        if (gap.detail.find(id.hex()) == std::string::npos) gap.detail += " (" + id.hex() + ")";
        report.coverage.gaps.push_back(std::move(gap));
    }
    if (objects.size() > kMaxNamedObjects) {
        add_gap(report, model::GapCause::kMissingObject, "(objects)",
                fmt::format("and {} more that are missing or damaged",
                            objects.size() - kMaxNamedObjects));
    }
    if (walk.absent_of_reflogs() > 0) {
        report.notices.push_back(
            fmt::format("{} of the reflogs' entries lead to commits that "
                        "are not in the repository",
                        walk.absent_of_reflogs()));
    }
    if (only_unreachable > 0) {
        report.notices.push_back(
            fmt::format("{} object{} of commits that nothing leads to {} pruned", only_unreachable,
                        only_unreachable == 1 ? "" : "s", only_unreachable == 1 ? "was" : "were"));
    }
}

}  // namespace merlon::scan
